
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_clock.h"
#include "core/oauthcc_text.h"
#include "store/oauthcc_store_ask.h"
#include "store/oauthcc_store_lease.h"
#include "store/oauthcc_store_put.h"
#include "store/oauthcc_store_seal.h"
#include "store/oauthcc_store_shared.h"
#include "store/oauthcc_store_value.h"


static ngx_int_t oauthcc_store_put_send(oauthcc_store_put_t *put);
static ngx_int_t oauthcc_store_put_text(oauthcc_store_put_t *put,
    ngx_str_t *text);
static void oauthcc_store_put_replied(void *data,
    oauthcc_store_reply_t *reply);
static void oauthcc_store_put_end(oauthcc_store_put_t *put,
    oauthcc_store_put_e result);
static void oauthcc_store_put_event(ngx_event_t *ev);


uint64_t
oauthcc_store_version(void)
{
    uint64_t  version;

    do {
        if (oauthcc_store_seal_random(&version, sizeof(uint64_t)) != NGX_OK) {

            /* it has to be another one than others', no more */

            version = ((uint64_t) ngx_random() << 32) ^ ngx_random()
                      ^ ((uint64_t) ngx_pid << 20) ^ ngx_current_msec;
        }
    } while (version == 0);

    return version;
}


void
oauthcc_store_put(oauthcc_store_t *store, oauthcc_store_put_t *put)
{
    put->store = store;
    put->command = NULL;

    ngx_memzero(&put->event, sizeof(ngx_event_t));

    put->event.handler = oauthcc_store_put_event;
    put->event.data = put;
    put->event.log = ngx_cycle->log;

    if (put->lease->store == NULL) {
        oauthcc_store_put_end(put, OAUTHCC_STORE_PUT_DOWN);
        return;
    }

    put->key = put->lease->key;

    if (oauthcc_store_put_send(put) == NGX_OK) {
        oauthcc_store_lease_end(put->lease);
        return;
    }

    /* others need not wait for what will not come */

    oauthcc_store_release(put->lease, 0);
    oauthcc_store_put_end(put, OAUTHCC_STORE_PUT_DOWN);
}


void
oauthcc_store_put_cancel(oauthcc_store_put_t *put)
{
    if (put->command) {
        put->command->handler = oauthcc_store_worker_ignore;
        put->command = NULL;
    }

    if (put->event.posted) {
        ngx_delete_posted_event(&put->event);
    }
}


static ngx_int_t
oauthcc_store_put_send(oauthcc_store_put_t *put)
{
    u_char                  have[2 * sizeof(uint64_t)];
    u_char                  entry[2 * OAUTHCC_STORE_NAME];
    ngx_str_t               args[6];
    oauthcc_store_lease_t  *lease;

    lease = put->lease;

    if (oauthcc_store_put_text(put, &args[2]) != NGX_OK) {
        return NGX_ERROR;
    }

    args[0].data = lease->owner;
    args[0].len = lease->owner_len;

    args[1].data = have;
    args[1].len = lease->have ? ngx_sprintf(have, "%016xL", lease->have) - have
                              : 0;

    args[3].data = entry;
    args[3].len = ngx_hex_dump(entry, put->key.entry, OAUTHCC_STORE_NAME)
                  - entry;

    args[4] = put->store->channel;

    args[5].data = (u_char *) (put->offer ? "1" : "0");
    args[5].len = 1;

    put->sent = oauthcc_clock_msec();

    put->command = oauthcc_store_worker_run(put->store,
                                            OAUTHCC_STORE_SCRIPT_PUT,
                                            &put->key, args, 6,
                                            oauthcc_store_put_replied, put);

    return put->command ? NGX_OK : NGX_ERROR;
}


/* Points in time become the store's, by the one that came with the lease. */

static ngx_int_t
oauthcc_store_put_text(oauthcc_store_put_t *put, ngx_str_t *text)
{
    ngx_int_t                     rc;
    oauthcc_store_lease_t        *lease;
    oauthcc_store_script_keys_t   keys;
    oauthcc_store_value_times_t   times;

    lease = put->lease;

    times.epoch[0] = lease->epoch[0];
    times.epoch[1] = lease->epoch[1];
    times.made = lease->now
                 + (ngx_msec_int_t) (put->value.requested - lease->given);
    times.ends = lease->now
                 + (ngx_msec_int_t) (put->value.expires - lease->given);

    if (oauthcc_store_script_keys(put->store, put->key.account,
                                  put->key.entry, &keys)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    rc = oauthcc_store_value_write(put->pool, put->store, &keys.token,
                                   &put->value, &times, text);
    ngx_free(keys.memory);

    return rc;
}


static void
oauthcc_store_put_replied(void *data, oauthcc_store_reply_t *reply)
{
    oauthcc_store_put_t *put = data;

    ngx_str_t            word;
    oauthcc_store_put_e  result;

    put->command = NULL;
    result = OAUTHCC_STORE_PUT_DOWN;

    if (reply == NULL || !oauthcc_store_reply_text(reply, 0, &word)) {
        ngx_str_null(&word);
    }

    if (oauthcc_text_is(&word, "DONE")) {
        result = OAUTHCC_STORE_PUT_DONE;

    } else if (oauthcc_text_is(&word, "PURGED")) {
        result = OAUTHCC_STORE_PUT_PURGED;

    } else if (oauthcc_text_is(&word, "LATE")) {
        result = OAUTHCC_STORE_PUT_LATE;

    } else if (oauthcc_text_is(&word, "HIT")
               && oauthcc_store_ask_value(put->store, put->pool, &put->key,
                                          reply, put->sent, &put->value)
                  == NGX_OK)
    {
        result = OAUTHCC_STORE_PUT_NEWER;
    }

    oauthcc_store_put_end(put, result);
}


static void
oauthcc_store_put_end(oauthcc_store_put_t *put, oauthcc_store_put_e result)
{
    oauthcc_store_shared_count(put->store->shared->puts[result]);

    put->result = result;

    ngx_post_event(&put->event, &ngx_posted_events);
}


static void
oauthcc_store_put_event(ngx_event_t *ev)
{
    oauthcc_store_put_t *put = ev->data;

    put->handler(put);
}


ngx_int_t
oauthcc_store_purge(oauthcc_store_t *store, u_char *account, u_char *entry)
{
    u_char               gateway[2 * sizeof(uint64_t)];
    u_char               names[2][2 * OAUTHCC_STORE_NAME];
    ngx_str_t            args[4];
    oauthcc_store_key_t  key;

    ngx_memcpy(key.account, account, OAUTHCC_STORE_NAME);
    ngx_memcpy(key.entry, entry ? entry : account, OAUTHCC_STORE_NAME);

    args[0].data = gateway;
    args[0].len = oauthcc_store_worker_gateway(gateway, store) - gateway;

    if (entry) {
        args[1].data = names[0];
        args[1].len = ngx_hex_dump(names[0], entry, OAUTHCC_STORE_NAME)
                      - names[0];

    } else {
        ngx_str_set(&args[1], "*");
    }

    args[2].data = names[1];
    args[2].len = ngx_hex_dump(names[1], account, OAUTHCC_STORE_NAME)
                  - names[1];

    args[3] = store->channel;

    return oauthcc_store_worker_run(store, OAUTHCC_STORE_SCRIPT_PURGE, &key,
                                    args, 4, oauthcc_store_worker_ignore, NULL)
           ? NGX_OK : NGX_DECLINED;
}
