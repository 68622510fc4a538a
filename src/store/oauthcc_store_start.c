
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "store/oauthcc_store_ask.h"
#include "store/oauthcc_store_shared.h"
#include "store/oauthcc_store_start.h"
#include "store/oauthcc_store_watch.h"


static void oauthcc_store_start_ready(oauthcc_store_connection_t *conn);
static void oauthcc_store_start_resume(oauthcc_store_connection_t *conn);


ngx_str_t  oauthcc_store_ask_names[] = {
    ngx_string("hit"),
    ngx_string("wait"),
    ngx_string("lead"),
    ngx_string("fail"),
    ngx_string("leave"),
    ngx_string("down"),
    ngx_string("broken"),
    ngx_string("late")
};

ngx_str_t  oauthcc_store_put_names[] = {
    ngx_string("done"),
    ngx_string("newer"),
    ngx_string("purged"),
    ngx_string("late"),
    ngx_string("down")
};


ngx_int_t
oauthcc_store_start(ngx_cycle_t *cycle, oauthcc_store_t *store)
{
    oauthcc_store_worker_t  *worker;

    worker = ngx_pcalloc(cycle->pool, sizeof(oauthcc_store_worker_t));
    if (worker == NULL) {
        return NGX_ERROR;
    }

    store->worker = worker;

    ngx_queue_init(&worker->asks);
    ngx_queue_init(&worker->watches);

    oauthcc_store_shared_note(store->shared, OAUTHCC_STORE_SHARED_DOWN);

    worker->commands.ready = oauthcc_store_start_ready;
    worker->commands.lost = oauthcc_store_start_resume;

    oauthcc_store_connection_open(&worker->commands, store);

    if (ngx_worker == 0) {
        worker->messages.ready = oauthcc_store_watch_ready;
        worker->messages.lost = oauthcc_store_watch_lost;
        worker->messages.message = oauthcc_store_watch_message;

        oauthcc_store_connection_open(&worker->messages, store);
    }

    return NGX_OK;
}


void
oauthcc_store_stop(oauthcc_store_t *store)
{
    if (store->worker == NULL) {
        return;
    }

    oauthcc_store_connection_close(&store->worker->commands);

    if (store->worker->messages.store) {
        oauthcc_store_connection_close(&store->worker->messages);
    }

    oauthcc_store_shared_note(store->shared, OAUTHCC_STORE_SHARED_NONE);
}


static void
oauthcc_store_start_ready(oauthcc_store_connection_t *conn)
{
    oauthcc_store_t       *store;
    oauthcc_store_news_t   news;

    store = conn->store;

    store->worker->backs++;

    oauthcc_store_ask_resume(store);

    if (store->news) {
        ngx_memzero(&news, sizeof(oauthcc_store_news_t));

        news.type = OAUTHCC_STORE_NEWS_BACK;

        store->news(store, &news);
    }
}


ngx_uint_t
oauthcc_store_backs(oauthcc_store_t *store)
{
    return store->worker ? store->worker->backs : 0;
}


/* Asks that wait are sent, or answered with DOWN. */

static void
oauthcc_store_start_resume(oauthcc_store_connection_t *conn)
{
    oauthcc_store_ask_resume(conn->store);
}


void
oauthcc_store_state(oauthcc_store_t *store, oauthcc_store_state_t *state)
{
    oauthcc_store_shared_sum(store->shared, state);
}
