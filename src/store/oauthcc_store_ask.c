
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_clock.h"
#include "core/oauthcc_text.h"
#include "store/oauthcc_store_ask.h"
#include "store/oauthcc_store_failure.h"
#include "store/oauthcc_store_lease.h"
#include "store/oauthcc_store_payload.h"
#include "store/oauthcc_store_shared.h"
#include "store/oauthcc_store_value.h"


/* no token is used for longer: points are compared by a signed difference */
#define OAUTHCC_STORE_ASK_LIFE  (24 * 24 * 3600 * 1000u)

/* nor is there a backoff or a lease that lasts longer */
#define OAUTHCC_STORE_ASK_PERIOD  (24 * 3600 * 1000)

/* so long after a backoff the first login of all is on its way, at most */
#define OAUTHCC_STORE_ASK_TRIED  (60 * 1000)

/* who waits asks again after this time to twice as long, milliseconds */
#define OAUTHCC_STORE_ASK_POLL  250

/* the last time of the store whose milliseconds have 13 digits */
#define OAUTHCC_STORE_ASK_NOW   9999999999999


static void oauthcc_store_ask_send(oauthcc_store_ask_t *ask);
static ngx_msec_t oauthcc_store_ask_left(oauthcc_store_ask_t *ask);
static void oauthcc_store_ask_replied(void *data,
    oauthcc_store_reply_t *reply);
static void oauthcc_store_ask_hit(oauthcc_store_ask_t *ask,
    oauthcc_store_reply_t *reply);
static void oauthcc_store_ask_lead(oauthcc_store_ask_t *ask,
    oauthcc_store_reply_t *reply);
static void oauthcc_store_ask_failed(oauthcc_store_ask_t *ask,
    oauthcc_store_reply_t *reply);
static void oauthcc_store_ask_late(oauthcc_store_ask_t *ask,
    oauthcc_store_reply_t *reply);
static void oauthcc_store_ask_broken(oauthcc_store_ask_t *ask);
static ngx_msec_t oauthcc_store_ask_period(int64_t period);
static void oauthcc_store_ask_end(oauthcc_store_ask_t *ask,
    oauthcc_store_result_e result, oauthcc_store_asks_e counted);
static void oauthcc_store_ask_leave(oauthcc_store_ask_t *ask);
static void oauthcc_store_ask_event(ngx_event_t *ev);


oauthcc_time_t
oauthcc_store_deadline(oauthcc_store_t *store)
{
    return oauthcc_clock_msec() + store->timeout;
}


ngx_msec_t
oauthcc_store_poll(ngx_msec_t wait)
{
    ngx_msec_t  poll;

    poll = OAUTHCC_STORE_ASK_POLL
           + ngx_random() % (OAUTHCC_STORE_ASK_POLL + 1);

    return ngx_min(poll, wait + 1);
}


void
oauthcc_store_ask(oauthcc_store_t *store, oauthcc_store_ask_t *ask)
{
    ask->store = store;
    ask->command = NULL;
    ask->waiting = 0;
    ask->ended = 0;
    ask->again = 0;
    ask->broken = 0;

    ngx_memzero(&ask->timer, sizeof(ngx_event_t));

    ask->timer.handler = oauthcc_store_ask_event;
    ask->timer.data = ask;
    ask->timer.log = ngx_cycle->log;

    if (oauthcc_store_worker_up(store)) {
        oauthcc_store_ask_send(ask);
        return;
    }

    if (store->worker == NULL || store->worker->commands.down
        || oauthcc_store_ask_left(ask) == 0)
    {
        oauthcc_store_ask_end(ask, OAUTHCC_STORE_DOWN,
                              OAUTHCC_STORE_ASK_DOWN);
        return;
    }

    ask->waiting = 1;
    ngx_queue_insert_tail(&store->worker->asks, &ask->queue);

    oauthcc_store_connection_hold(&store->worker->commands, 1);

    ngx_add_timer(&ask->timer, oauthcc_store_ask_left(ask));
}


void
oauthcc_store_cancel(oauthcc_store_ask_t *ask)
{
    if (ask->store == NULL) {
        return;
    }

    /* a lease that it was given, and not told of yet */

    if (ask->ended && ask->result == OAUTHCC_STORE_LEAD) {
        oauthcc_store_release(ask->lease, 0);
    }

    oauthcc_store_ask_leave(ask);

    if (ask->timer.posted) {
        ngx_delete_posted_event(&ask->timer);
    }

    ask->store = NULL;
}


void
oauthcc_store_ask_resume(oauthcc_store_t *store)
{
    ngx_queue_t          *q, asks;
    oauthcc_store_ask_t  *ask;

    ngx_queue_init(&asks);

    if (ngx_queue_empty(&store->worker->asks)) {
        return;
    }

    ngx_queue_add(&asks, &store->worker->asks);
    ngx_queue_init(&store->worker->asks);

    /* a worker that quits does not close it in between */

    oauthcc_store_connection_hold(&store->worker->commands, 1);

    while (!ngx_queue_empty(&asks)) {

        q = ngx_queue_head(&asks);
        ask = ngx_queue_data(q, oauthcc_store_ask_t, queue);

        oauthcc_store_ask_leave(ask);
        oauthcc_store_ask_send(ask);
    }

    oauthcc_store_connection_hold(&store->worker->commands, -1);
}


static void
oauthcc_store_ask_send(oauthcc_store_ask_t *ask)
{
    u_char            owner[OAUTHCC_STORE_OWNER], have[2 * sizeof(uint64_t)];
    u_char            late[NGX_INT64_LEN], life[NGX_INT64_LEN];
    u_char            entry[2 * OAUTHCC_STORE_NAME];
    u_char            succeeded[NGX_INT64_LEN];
    int64_t           offset;
    ngx_str_t         args[8];
    ngx_msec_t        left;
    oauthcc_store_t  *store;

    store = ask->store;
    left = oauthcc_store_ask_left(ask);

    if (left == 0 || !oauthcc_store_worker_up(store)) {
        oauthcc_store_ask_end(ask, OAUTHCC_STORE_DOWN,
                              OAUTHCC_STORE_ASK_DOWN);
        return;
    }

    offset = store->worker->commands.exchange.offset;

    args[0].data = owner;
    args[0].len = oauthcc_store_lease_owner(store, ask->number, owner);

    args[1].data = have;
    args[1].len = ask->have ? ngx_sprintf(have, "%016xL", ask->have) - have
                            : 0;

    args[2].data = late;
    args[2].len = ngx_sprintf(late, "%L", (int64_t) oauthcc_clock_msec()
                              + offset + (int64_t) left)
                  - late;

    args[3].data = life;
    args[3].len = ngx_sprintf(life, "%d", OAUTHCC_STORE_SCRIPT_LEASE) - life;

    args[4].data = entry;
    args[4].len = ngx_hex_dump(entry, ask->key.entry, OAUTHCC_STORE_NAME)
                  - entry;

    args[5].data = (u_char *) (ask->leave ? "1" : "0");
    args[5].len = 1;

    args[6].data = succeeded;
    args[6].len = ngx_sprintf(succeeded, "%L", ask->succeeded
                              ? (int64_t) ask->succeeded + offset : 0)
                  - succeeded;

    args[7].data = (u_char *) (ask->only ? "1" : "0");
    args[7].len = 1;

    ask->sent = oauthcc_clock_msec();
    ask->began = oauthcc_store_worker_usec();

    ask->command = oauthcc_store_worker_run(store, OAUTHCC_STORE_SCRIPT_ASK,
                                            &ask->key, args, 8,
                                            oauthcc_store_ask_replied, ask);

    if (ask->command == NULL) {
        oauthcc_store_ask_end(ask, OAUTHCC_STORE_DOWN,
                              OAUTHCC_STORE_ASK_DOWN);
        return;
    }

    ngx_add_timer(&ask->timer, left);
}


/* Milliseconds, 0: none. */

static ngx_msec_t
oauthcc_store_ask_left(oauthcc_store_ask_t *ask)
{
    ngx_msec_int_t  left;

    left = (ngx_msec_int_t) (ask->deadline - oauthcc_clock_msec());

    return left > 0 ? ngx_min((ngx_msec_t) left, ask->store->timeout) : 0;
}


static void
oauthcc_store_ask_replied(void *data, oauthcc_store_reply_t *reply)
{
    oauthcc_store_ask_t *ask = data;

    int64_t                  period;
    ngx_str_t                word;
    oauthcc_store_shared_t  *shared;

    ask->command = NULL;

    if (reply == NULL || !oauthcc_store_reply_text(reply, 0, &word)) {
        oauthcc_store_ask_end(ask, OAUTHCC_STORE_DOWN,
                              OAUTHCC_STORE_ASK_DOWN);
        return;
    }

    shared = ask->store->shared;

    oauthcc_store_shared_count(shared->replies);
    oauthcc_store_shared_add(shared->reply_time,
                             oauthcc_store_worker_usec() - ask->began);

    if (oauthcc_text_is(&word, "HIT")) {
        oauthcc_store_ask_hit(ask, reply);

    } else if (oauthcc_text_is(&word, "LEAD")) {
        oauthcc_store_ask_lead(ask, reply);

    } else if (oauthcc_text_is(&word, "WAIT")
               && oauthcc_store_reply_number(reply, 2, &period))
    {
        ask->wait = oauthcc_store_ask_period(period);
        oauthcc_store_ask_end(ask, OAUTHCC_STORE_WAIT,
                              OAUTHCC_STORE_ASK_WAIT);

    } else if (oauthcc_text_is(&word, "FAIL")) {
        oauthcc_store_ask_failed(ask, reply);

    } else if (oauthcc_text_is(&word, "LEAVE") && ask->leave) {
        oauthcc_store_ask_end(ask, OAUTHCC_STORE_LEAVE,
                              OAUTHCC_STORE_ASK_LEAVE);

    } else if (oauthcc_text_is(&word, "LATE")) {
        oauthcc_store_ask_late(ask, reply);

    } else {
        oauthcc_store_ask_end(ask, OAUTHCC_STORE_DOWN,
                              OAUTHCC_STORE_ASK_DOWN);
    }
}


static void
oauthcc_store_ask_hit(oauthcc_store_ask_t *ask, oauthcc_store_reply_t *reply)
{
    ngx_int_t  rc;

    rc = oauthcc_store_ask_value(ask->store, ask->pool, &ask->key, reply,
                                 ask->sent, &ask->value);

    if (rc == NGX_OK) {
        oauthcc_store_ask_end(ask, OAUTHCC_STORE_HIT, OAUTHCC_STORE_ASK_HIT);
        return;
    }

    if (rc == NGX_DECLINED) {
        oauthcc_store_ask_broken(ask);
        return;
    }

    oauthcc_store_ask_end(ask, OAUTHCC_STORE_DOWN, OAUTHCC_STORE_ASK_DOWN);
}


ngx_int_t
oauthcc_store_ask_value(oauthcc_store_t *store, ngx_pool_t *pool,
    oauthcc_store_key_t *key, oauthcc_store_reply_t *reply,
    oauthcc_time_t sent, oauthcc_store_value_t *value)
{
    int64_t                       now, life, left;
    ngx_int_t                     rc;
    ngx_str_t                     text;
    oauthcc_store_script_keys_t   keys;
    oauthcc_store_value_times_t   times;

    if (!oauthcc_store_reply_number(reply, 1, &now)
        || now < 0 || now > OAUTHCC_STORE_ASK_NOW
        || !oauthcc_store_reply_text(reply, 2, &text)
        || oauthcc_store_script_keys(store, key->account, key->entry, &keys)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    rc = oauthcc_store_value_read(pool, store, &keys.token, &text, value,
                                  &times);

    ngx_free(keys.memory);

    if (rc != NGX_OK) {
        return rc;
    }

    /* if the clock of the store was set back it is not used for longer */

    life = ngx_min(times.ends - times.made, OAUTHCC_STORE_ASK_LIFE);
    left = ngx_min(times.ends - now, life);
    left = ngx_max(left, 0);

    value->life = (ngx_msec_t) life;
    value->age = (ngx_msec_t) (life - left);
    value->expires = sent + (oauthcc_time_t) left;

    return NGX_OK;
}


static void
oauthcc_store_ask_lead(oauthcc_store_ask_t *ask, oauthcc_store_reply_t *reply)
{
    int64_t                 now, count;
    uint32_t                epoch[2];
    uint64_t                epochs;
    ngx_str_t               text;
    oauthcc_store_lease_t  *lease;

    if (!oauthcc_store_reply_number(reply, 1, &now)
        || now < 0 || now > OAUTHCC_STORE_ASK_NOW
        || !oauthcc_store_reply_text(reply, 2, &text) || text.len != 16
        || oauthcc_store_payload_digits(text.data, text.len, &epochs)
           != NGX_OK
        || !oauthcc_store_reply_number(reply, 3, &count))
    {
        oauthcc_store_ask_end(ask, OAUTHCC_STORE_DOWN,
                              OAUTHCC_STORE_ASK_DOWN);
        return;
    }

    epoch[0] = (uint32_t) (epochs >> 32);
    epoch[1] = (uint32_t) epochs;

    lease = ask->lease;

    lease->key = ask->key;
    lease->have = ask->have;
    lease->owner_len = oauthcc_store_lease_owner(ask->store, ask->number,
                                                 lease->owner);

    oauthcc_store_lease_begin(lease, ask->store, now, epoch,
                              oauthcc_store_ask_period(count));

    oauthcc_store_ask_end(ask, OAUTHCC_STORE_LEAD, OAUTHCC_STORE_ASK_LEAD);
}


static void
oauthcc_store_ask_failed(oauthcc_store_ask_t *ask,
    oauthcc_store_reply_t *reply)
{
    int64_t                       now, left, until, most;
    ngx_int_t                     rc;
    ngx_str_t                     text, whose;
    ngx_uint_t                    own;
    oauthcc_store_script_keys_t   keys;

    if (!oauthcc_store_reply_number(reply, 1, &now)
        || now < 0 || now > OAUTHCC_STORE_ASK_NOW
        || !oauthcc_store_reply_number(reply, 2, &left)
        || !oauthcc_store_reply_text(reply, 3, &text)
        || !oauthcc_store_reply_text(reply, 4, &whose)
        || oauthcc_store_script_keys(ask->store, ask->key.account,
                                     ask->key.entry, &keys)
           != NGX_OK)
    {
        oauthcc_store_ask_end(ask, OAUTHCC_STORE_DOWN,
                              OAUTHCC_STORE_ASK_DOWN);
        return;
    }

    own = oauthcc_text_is(&whose, "e");
    until = 0;

    rc = oauthcc_store_failure_read(ask->store,
                                    own ? &keys.lease : &keys.account,
                                    &text, &ask->failure, &until);
    ngx_free(keys.memory);

    ask->failure.own = own;

    /* after a backoff one gateway tries, while others wait a little more */

    most = (until > now) ? until - now
           : (until > now - OAUTHCC_STORE_ASK_TRIED)
             ? OAUTHCC_STORE_SCRIPT_LEASE : 0;

    if (rc != NGX_OK) {
        oauthcc_store_ask_broken(ask);
        return;
    }

    if (most == 0) {

        /* it was long ago: the one that tries is waited for, as for others */

        left = ngx_min(left, OAUTHCC_STORE_SCRIPT_LEASE);

        ask->wait = oauthcc_store_ask_period(left);
        oauthcc_store_ask_end(ask, OAUTHCC_STORE_WAIT,
                              OAUTHCC_STORE_ASK_WAIT);
        return;
    }

    ask->wait = oauthcc_store_ask_period(ngx_min(left, most));

    oauthcc_store_ask_end(ask, OAUTHCC_STORE_FAIL, OAUTHCC_STORE_ASK_FAIL);
}


/* Our idea of the store's clock may be wrong: it is asked once more. */

static void
oauthcc_store_ask_late(oauthcc_store_ask_t *ask, oauthcc_store_reply_t *reply)
{
    int64_t           now;
    oauthcc_store_t  *store;

    store = ask->store;

    oauthcc_store_shared_count(store->shared->asks[OAUTHCC_STORE_ASK_LATE]);

    if (ask->again || !oauthcc_store_reply_number(reply, 1, &now)
        || now < 0 || now > OAUTHCC_STORE_ASK_NOW)
    {
        oauthcc_store_ask_end(ask, OAUTHCC_STORE_DOWN,
                              OAUTHCC_STORE_ASK_DOWN);
        return;
    }

    store->worker->commands.exchange.offset =
                                       now - (int64_t) oauthcc_clock_msec();
    ask->again = 1;

    if (ask->timer.timer_set) {
        ngx_del_timer(&ask->timer);
    }

    oauthcc_store_ask_send(ask);
}


/* A gateway with a wrong key must not disturb the others. */

static void
oauthcc_store_ask_broken(oauthcc_store_ask_t *ask)
{
    ask->broken = 1;

    if (oauthcc_store_shared_tell_broken(ask->store->shared)) {
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                      "oauthcc_store: what another gateway has stored cannot "
                      "be opened with any \"key\" of this gateway, which logs "
                      "in for itself");
    }

    oauthcc_store_ask_end(ask, OAUTHCC_STORE_DOWN, OAUTHCC_STORE_ASK_BROKEN);
}


static ngx_msec_t
oauthcc_store_ask_period(int64_t period)
{
    return period < 0 ? 0
           : (ngx_msec_t) ngx_min(period, OAUTHCC_STORE_ASK_PERIOD);
}


static void
oauthcc_store_ask_end(oauthcc_store_ask_t *ask, oauthcc_store_result_e result,
    oauthcc_store_asks_e counted)
{
    oauthcc_store_shared_count(ask->store->shared->asks[counted]);

    oauthcc_store_ask_leave(ask);

    ask->result = result;
    ask->ended = 1;

    ngx_post_event(&ask->timer, &ngx_posted_events);
}


/* It is no longer in a queue, nor the data of a command. */

static void
oauthcc_store_ask_leave(oauthcc_store_ask_t *ask)
{
    if (ask->timer.timer_set) {
        ngx_del_timer(&ask->timer);
    }

    if (ask->command) {
        oauthcc_store_lease_orphan(ask->store, &ask->key, ask->number,
                                   ask->command);
        ask->command = NULL;
    }

    if (ask->waiting) {
        ask->waiting = 0;
        ngx_queue_remove(&ask->queue);

        oauthcc_store_connection_hold(&ask->store->worker->commands, -1);
    }
}


/* Posted, or the deadline. */

static void
oauthcc_store_ask_event(ngx_event_t *ev)
{
    oauthcc_store_ask_t *ask = ev->data;

    if (!ask->ended) {
        oauthcc_store_ask_end(ask, OAUTHCC_STORE_DOWN,
                              OAUTHCC_STORE_ASK_DOWN);
        return;
    }

    ask->store = NULL;

    ask->handler(ask);
}
