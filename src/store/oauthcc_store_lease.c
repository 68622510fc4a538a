
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_clock.h"
#include "core/oauthcc_text.h"
#include "store/oauthcc_store_failure.h"
#include "store/oauthcc_store_lease.h"


/* what stands for a lease that is given although nobody wants it */

typedef struct {
    oauthcc_store_t      *store;
    oauthcc_store_key_t   key;
    uint64_t              number;
} oauthcc_store_lease_orphan_t;


static void oauthcc_store_lease_renew(ngx_event_t *ev);
static ngx_int_t oauthcc_store_lease_failure(oauthcc_store_lease_t *lease,
    oauthcc_store_fail_e own, oauthcc_store_failure_t *failure,
    ngx_msec_t wait, ngx_str_t *text);
static void oauthcc_store_lease_give(oauthcc_store_t *store,
    oauthcc_store_key_t *key, ngx_str_t *owner, ngx_uint_t answered);
static void oauthcc_store_lease_unwanted(void *data,
    oauthcc_store_reply_t *reply);


size_t
oauthcc_store_lease_owner(oauthcc_store_t *store, uint64_t number,
    u_char *owner)
{
    return ngx_sprintf(oauthcc_store_worker_gateway(owner, store), ".%uL",
                       number)
           - owner;
}


void
oauthcc_store_lease_begin(oauthcc_store_lease_t *lease, oauthcc_store_t *store,
    int64_t now, uint32_t *epoch, ngx_uint_t count)
{
    lease->store = store;
    lease->now = now;
    lease->given = oauthcc_clock_msec();
    lease->epoch[0] = epoch[0];
    lease->epoch[1] = epoch[1];
    lease->count = count;

    ngx_memzero(&lease->renew, sizeof(ngx_event_t));

    lease->renew.handler = oauthcc_store_lease_renew;
    lease->renew.data = lease;
    lease->renew.log = ngx_cycle->log;

    ngx_add_timer(&lease->renew, OAUTHCC_STORE_SCRIPT_RENEW);

    oauthcc_store_connection_hold(&store->worker->commands, 1);
}


static void
oauthcc_store_lease_renew(ngx_event_t *ev)
{
    oauthcc_store_lease_t *lease = ev->data;

    u_char     life[NGX_INT64_LEN];
    ngx_str_t  args[2];

    args[0].data = lease->owner;
    args[0].len = lease->owner_len;

    args[1].data = life;
    args[1].len = ngx_sprintf(life, "%d", OAUTHCC_STORE_SCRIPT_LEASE) - life;

    /* one that was lost is settled by its end */

    (void) oauthcc_store_worker_run(lease->store,
                                    OAUTHCC_STORE_SCRIPT_RENEW_LEASE,
                                    &lease->key, args, 2,
                                    oauthcc_store_worker_ignore, NULL);

    ngx_add_timer(ev, OAUTHCC_STORE_SCRIPT_RENEW);
}


/* The connection is let go last: what was sent keeps it. */

void
oauthcc_store_lease_end(oauthcc_store_lease_t *lease)
{
    oauthcc_store_t  *store;

    store = lease->store;
    lease->store = NULL;

    if (lease->renew.timer_set) {
        ngx_del_timer(&lease->renew);
    }

    if (store->worker) {
        oauthcc_store_connection_hold(&store->worker->commands, -1);
    }
}


void
oauthcc_store_fail(oauthcc_store_lease_t *lease, oauthcc_store_fail_e own,
    oauthcc_store_failure_t *failure, ngx_msec_t wait)
{
    u_char     number[NGX_INT64_LEN], entry[2 * OAUTHCC_STORE_NAME];
    u_char     kind[NGX_INT64_LEN + 1 + OAUTHCC_STORE_ERROR];
    u_char     text[OAUTHCC_STORE_FAILURE_TEXT];
    ngx_str_t  args[8];

    static ngx_str_t  whose[] = {
        ngx_string("p"), ngx_string("e"), ngx_string("g")
    };

    if (lease->store == NULL) {
        return;
    }

    args[0].data = lease->owner;
    args[0].len = lease->owner_len;

    args[1].data = number;
    args[1].len = ngx_sprintf(number, "%M", wait) - number;

    args[2] = whose[own];

    args[3].data = kind;
    args[3].len = ngx_sprintf(kind, "%ui %s", failure->status, failure->error)
                  - kind;

    args[4].data = text;

    args[5].data = entry;
    args[5].len = ngx_hex_dump(entry, lease->key.entry, OAUTHCC_STORE_NAME)
                  - entry;

    args[6] = lease->store->channel;

    args[7].data = (u_char *) (failure->status ? "1" : "0");
    args[7].len = 1;

    if (oauthcc_store_lease_failure(lease, own, failure, wait, &args[4])
        != NGX_OK)
    {
        oauthcc_store_release(lease, 0);
        return;
    }

    (void) oauthcc_store_worker_run(lease->store, OAUTHCC_STORE_SCRIPT_FAIL,
                                    &lease->key, args, 8,
                                    oauthcc_store_worker_ignore, NULL);

    oauthcc_store_lease_end(lease);
}


/* The text of it, for the name that it is stored under. */

static ngx_int_t
oauthcc_store_lease_failure(oauthcc_store_lease_t *lease,
    oauthcc_store_fail_e own, oauthcc_store_failure_t *failure,
    ngx_msec_t wait, ngx_str_t *text)
{
    int64_t                       until;
    ngx_int_t                     rc;
    oauthcc_store_script_keys_t   keys;

    if (oauthcc_store_script_keys(lease->store, lease->key.account,
                                  lease->key.entry, &keys)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    until = lease->now
            + (ngx_msec_int_t) (oauthcc_clock_msec() - lease->given)
            + (int64_t) wait;

    rc = oauthcc_store_failure_write(lease->store,
                                     own == OAUTHCC_STORE_FAIL_ENTRY
                                     ? &keys.lease : &keys.account,
                                     failure, until, text);
    ngx_free(keys.memory);

    return rc;
}


void
oauthcc_store_release(oauthcc_store_lease_t *lease, ngx_uint_t answered)
{
    ngx_str_t  owner;

    if (lease->store == NULL) {
        return;
    }

    owner.data = lease->owner;
    owner.len = lease->owner_len;

    oauthcc_store_lease_give(lease->store, &lease->key, &owner, answered);

    oauthcc_store_lease_end(lease);
}


static void
oauthcc_store_lease_give(oauthcc_store_t *store, oauthcc_store_key_t *key,
    ngx_str_t *owner, ngx_uint_t answered)
{
    u_char     entry[2 * OAUTHCC_STORE_NAME];
    ngx_str_t  args[4];

    args[0] = *owner;

    args[1].data = entry;
    args[1].len = ngx_hex_dump(entry, key->entry, OAUTHCC_STORE_NAME) - entry;

    args[2] = store->channel;

    args[3].data = (u_char *) (answered ? "1" : "0");
    args[3].len = 1;

    (void) oauthcc_store_worker_run(store, OAUTHCC_STORE_SCRIPT_RELEASE, key,
                                    args, 4, oauthcc_store_worker_ignore,
                                    NULL);
}


void
oauthcc_store_lease_orphan(oauthcc_store_t *store, oauthcc_store_key_t *key,
    uint64_t number, oauthcc_store_command_t *command)
{
    oauthcc_store_lease_orphan_t  *orphan;

    orphan = ngx_alloc(sizeof(oauthcc_store_lease_orphan_t), ngx_cycle->log);

    if (orphan == NULL) {

        /* a lease that is given ends by itself */

        command->handler = oauthcc_store_worker_ignore;
        return;
    }

    orphan->store = store;
    orphan->key = *key;
    orphan->number = number;

    command->handler = oauthcc_store_lease_unwanted;
    command->data = orphan;
}


static void
oauthcc_store_lease_unwanted(void *data, oauthcc_store_reply_t *reply)
{
    oauthcc_store_lease_orphan_t *orphan = data;

    u_char     owner[OAUTHCC_STORE_OWNER];
    ngx_str_t  word;

    if (reply
        && oauthcc_store_reply_text(reply, 0, &word)
        && oauthcc_text_is(&word, "LEAD"))
    {
        word.data = owner;
        word.len = oauthcc_store_lease_owner(orphan->store, orphan->number,
                                             owner);

        oauthcc_store_lease_give(orphan->store, &orphan->key, &word, 0);
    }

    ngx_free(orphan);
}
