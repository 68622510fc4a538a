
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_notify.h"
#include "core/oauthcc_text.h"
#include "store/oauthcc_store_payload.h"
#include "store/oauthcc_store_shared.h"
#include "store/oauthcc_store_watch.h"


static void oauthcc_store_watch_change(oauthcc_store_t *store,
    oauthcc_store_news_t *news);
static ngx_int_t oauthcc_store_watch_word(ngx_str_t *text, size_t len,
    u_char **word);
static ngx_int_t oauthcc_store_watch_name(ngx_str_t *text, u_char *name);


#define oauthcc_store_watch_seen(shared, key)                                 \
    __atomic_load_n(&(shared)->changes[(key)->entry[0]], __ATOMIC_ACQUIRE)


void
oauthcc_store_watch(oauthcc_store_t *store, oauthcc_store_key_t *key,
    oauthcc_store_watch_t *watch)
{
    watch->store = store;
    watch->key = *key;
    watch->seen = oauthcc_store_watch_seen(store->shared, key);

    ngx_queue_insert_tail(&store->worker->watches, &watch->queue);

    oauthcc_store_connection_hold(&store->worker->commands, 1);
}


void
oauthcc_store_unwatch(oauthcc_store_watch_t *watch)
{
    oauthcc_store_t  *store;

    store = watch->store;

    if (store == NULL) {
        return;
    }

    watch->store = NULL;

    ngx_queue_remove(&watch->queue);

    oauthcc_store_connection_hold(&store->worker->commands, -1);
}


/* A handler may take away any watch: it begins again after each. */

void
oauthcc_store_notified(oauthcc_store_t *store)
{
    uint32_t                seen;
    ngx_queue_t            *q, *watches;
    oauthcc_store_watch_t  *watch;

    if (store->worker == NULL) {
        return;
    }

    watches = &store->worker->watches;
    q = ngx_queue_head(watches);

    while (q != ngx_queue_sentinel(watches)) {

        watch = ngx_queue_data(q, oauthcc_store_watch_t, queue);
        seen = oauthcc_store_watch_seen(store->shared, &watch->key);

        if (watch->seen == seen) {
            q = ngx_queue_next(q);
            continue;
        }

        watch->seen = seen;
        watch->handler(watch);

        q = ngx_queue_head(watches);
    }
}


void
oauthcc_store_listen(oauthcc_store_t *store, oauthcc_store_news_pt handler)
{
    store->news = handler;
}


void
oauthcc_store_watch_ready(oauthcc_store_connection_t *conn)
{
    oauthcc_store_t       *store;
    oauthcc_store_news_t   news;

    store = conn->store;

    __atomic_store_n(&store->shared->subscribed, 1, __ATOMIC_RELAXED);

    ngx_memzero(&news, sizeof(oauthcc_store_news_t));

    news.type = OAUTHCC_STORE_NEWS_LOST;
    news.all = 1;

    oauthcc_store_watch_change(store, &news);
}


void
oauthcc_store_watch_lost(oauthcc_store_connection_t *conn)
{
    if (!ngx_exiting) {
        __atomic_store_n(&conn->store->shared->subscribed, 0,
                         __ATOMIC_RELAXED);
    }
}


void
oauthcc_store_watch_message(oauthcc_store_connection_t *conn,
    oauthcc_store_reply_t *reply)
{
    ngx_str_t              text;
    oauthcc_store_t       *store;
    oauthcc_store_news_t   news;

    store = conn->store;

    if (oauthcc_store_reply_text(reply, 2, &text)
        && oauthcc_store_watch_read(&text, store->shared->gateway, &news)
           == NGX_OK)
    {
        oauthcc_store_watch_change(store, &news);
    }
}


static void
oauthcc_store_watch_change(oauthcc_store_t *store, oauthcc_store_news_t *news)
{
    ngx_uint_t  i;

    for (i = 0; i < OAUTHCC_STORE_SHARED_CHANGES; i++) {
        if (news->all || i == news->entry[0]) {
            (void) __atomic_add_fetch(&store->shared->changes[i], 1,
                                      __ATOMIC_RELEASE);
        }
    }

    oauthcc_notify(ngx_cycle->log);

    if (store->news) {
        store->news(store, news);
    }
}


ngx_int_t
oauthcc_store_watch_read(ngx_str_t *text, uint64_t gateway,
    oauthcc_store_news_t *news)
{
    u_char     *word;
    uint64_t    from;
    ngx_int_t   rc;
    ngx_str_t   rest;

    ngx_memzero(news, sizeof(oauthcc_store_news_t));

    rest = *text;

    if (oauthcc_store_watch_word(&rest, 1, &word) != NGX_OK) {
        return NGX_DECLINED;
    }

    switch (*word) {

    case 't':
        news->type = OAUTHCC_STORE_NEWS_TOKEN;
        break;

    case 'f':
        news->type = OAUTHCC_STORE_NEWS_FAILED;
        break;

    case 'r':
        news->type = OAUTHCC_STORE_NEWS_RELEASED;
        break;

    case 'p':
        news->type = OAUTHCC_STORE_NEWS_PURGED;
        break;

    default:
        return NGX_DECLINED;
    }

    if (oauthcc_store_watch_word(&rest, 16, &word) != NGX_OK
        || oauthcc_store_payload_digits(word, 16, &from) != NGX_OK)
    {
        return NGX_DECLINED;
    }

    news->own = (from == gateway);

    rc = NGX_OK;

    if (news->type == OAUTHCC_STORE_NEWS_PURGED) {
        rc = oauthcc_store_watch_name(&rest, news->account);

        if (rc == NGX_OK && oauthcc_text_is(&rest, "*")) {
            news->all = 1;
            return NGX_OK;
        }
    }

    if (rc == NGX_OK) {
        rc = oauthcc_store_watch_name(&rest, news->entry);
    }

    if (rc == NGX_OK && news->type == OAUTHCC_STORE_NEWS_TOKEN) {
        rc = oauthcc_store_watch_word(&rest, 16, &word);

        if (rc == NGX_OK) {
            rc = oauthcc_store_payload_digits(word, 16, &news->version);
        }
    }

    return rc == NGX_OK && rest.len == 0 ? NGX_OK : NGX_DECLINED;
}


/* A word of this length, and the space behind it if there is more. */

static ngx_int_t
oauthcc_store_watch_word(ngx_str_t *text, size_t len, u_char **word)
{
    if (text->len < len || (text->len > len && text->data[len] != ' ')) {
        return NGX_ERROR;
    }

    *word = text->data;

    if (text->len > len) {
        len++;
    }

    text->data += len;
    text->len -= len;

    return NGX_OK;
}


static ngx_int_t
oauthcc_store_watch_name(ngx_str_t *text, u_char *name)
{
    u_char      *word;
    uint64_t     half;
    ngx_uint_t   i, j;

    if (oauthcc_store_watch_word(text, 2 * OAUTHCC_STORE_NAME, &word)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (i = 0; i < OAUTHCC_STORE_NAME; i += sizeof(uint64_t)) {

        if (oauthcc_store_payload_digits(word + 2 * i, 2 * sizeof(uint64_t),
                                         &half)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        for (j = sizeof(uint64_t); j; j--) {
            name[i + j - 1] = (u_char) half;
            half >>= 8;
        }
    }

    return NGX_OK;
}
