
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_invalidate.h"
#include "cache/oauthcc_lease.h"
#include "core/oauthcc_lifetime.h"
#include "cache/oauthcc_entry.h"


/* refused tokens never keep a login away for longer than this */
#define NGX_HTTP_OAUTHCC_FORCE_MAX_INTERVAL  600000

/* an entry is refreshed by hand at most once in this time, in milliseconds */
#define NGX_HTTP_OAUTHCC_FORCE_EARLY         1000

/* so many are dropped before others may have the lock */
#define NGX_HTTP_OAUTHCC_FORCE_DROPS         100


static void ngx_http_oauthcc_force_order(ngx_http_oauthcc_cache_t *cache,
    ngx_http_oauthcc_entry_t *entry, ngx_http_oauthcc_force_order_t *order);


void
ngx_http_oauthcc_force_refuse(ngx_http_oauthcc_cache_t *cache,
    u_char *digest, ngx_http_oauthcc_cache_query_t *query,
    ngx_msec_t interval, ngx_http_oauthcc_cache_result_t *result)
{
    ngx_http_oauthcc_entry_t    *entry;
    ngx_http_oauthcc_history_t  *history;

    ngx_memzero(result, sizeof(ngx_http_oauthcc_cache_result_t));

    result->state = NGX_HTTP_OAUTHCC_CACHE_HIT;

    ngx_shmtx_lock(&cache->shpool->mutex);

    entry = ngx_http_oauthcc_entry_lookup(cache, digest);

    if (entry == NULL || entry->serial != query->refused) {
        goto done;
    }

    if (ngx_http_oauthcc_account_leased(entry)) {
        result->state = NGX_HTTP_OAUTHCC_CACHE_WAIT;
        result->waited = entry->lease;
        goto done;
    }

    history = entry->history;

    interval = ngx_max(history->interval, interval);

    if (history->unproven) {

        /* the new one is no better: once for each such token */

        history->unproven = 0;
        interval = ngx_min(interval * 2, NGX_HTTP_OAUTHCC_FORCE_MAX_INTERVAL);
    }

    history->interval = ngx_min(interval, NGX_MAX_UINT32_VALUE);

    /* of a forced login whose worker has died nothing came: it is repeated */

    if (ngx_http_oauthcc_cache_waits(entry)
        || (history->forced
            && history->ended >= history->forced
            && !ngx_http_oauthcc_clock_reached(ngx_current_msec,
                                               history->forced_at
                                               + history->interval)))
    {
        result->state = NGX_HTTP_OAUTHCC_CACHE_BACKOFF;
        goto done;
    }

    ngx_http_oauthcc_cache_lead(cache, entry, query, result);

done:

    ngx_shmtx_unlock(&cache->shpool->mutex);
}


void
ngx_http_oauthcc_force_prove(ngx_http_oauthcc_cache_t *cache, u_char *digest,
    uint64_t serial)
{
    ngx_http_oauthcc_entry_t  *entry;

    ngx_shmtx_lock(&cache->shpool->mutex);

    entry = ngx_http_oauthcc_entry_lookup(cache, digest);

    if (entry && entry->serial == serial) {
        entry->history->unproven = 0;
        entry->history->interval = 0;
    }

    ngx_shmtx_unlock(&cache->shpool->mutex);
}


void
ngx_http_oauthcc_force_refresh(ngx_http_oauthcc_cache_t *cache,
    u_char *account_digest, uint64_t *id,
    ngx_http_oauthcc_force_order_t *order)
{
    ngx_queue_t                 *q;
    ngx_http_oauthcc_zone_t     *shared;
    ngx_http_oauthcc_entry_t    *entry;
    ngx_http_oauthcc_account_t  *account;

    ngx_memzero(order, sizeof(ngx_http_oauthcc_force_order_t));

    shared = cache->shared;

    ngx_shmtx_lock(&cache->shpool->mutex);

    account = ngx_http_oauthcc_account_lookup(cache, account_digest);

    if (account == NULL) {
        goto done;
    }

    for (q = ngx_queue_head(&account->siblings);
         q != ngx_queue_sentinel(&account->siblings)
         && order->found < NGX_HTTP_OAUTHCC_FORCE_ORDERS;
         q = ngx_queue_next(q))
    {
        entry = ngx_queue_data(q, ngx_http_oauthcc_entry_t, sibling);

        if (id == NULL || entry->history->id == *id) {
            ngx_http_oauthcc_force_order(cache, entry, order);
        }
    }

done:

    ngx_shmtx_unlock(&cache->shpool->mutex);

    if (order->wanted) {
        ngx_http_oauthcc_zone_add(&shared->wishes, 1);
    }
}


void
ngx_http_oauthcc_force_grant(ngx_http_oauthcc_cache_t *cache, u_char *digest,
    ngx_http_oauthcc_cache_query_t *query,
    ngx_http_oauthcc_cache_result_t *result)
{
    ngx_http_oauthcc_entry_t  *entry;

    ngx_memzero(result, sizeof(ngx_http_oauthcc_cache_result_t));

    ngx_shmtx_lock(&cache->shpool->mutex);

    entry = ngx_http_oauthcc_entry_lookup(cache, digest);

    if (entry && entry->history->wanted) {
        entry->history->wanted = 0;

        if (!ngx_http_oauthcc_account_leased(entry)) {
            (void) ngx_http_oauthcc_cache_take(cache, entry, query, result);
        }
    }

    ngx_shmtx_unlock(&cache->shpool->mutex);
}


ngx_uint_t
ngx_http_oauthcc_force_purge(ngx_http_oauthcc_cache_t *cache,
    u_char *account_digest, uint64_t *id)
{
    ngx_uint_t                   n, dropped;
    ngx_queue_t                 *q, *next;
    ngx_http_oauthcc_entry_t    *entry;
    ngx_http_oauthcc_account_t  *account;

    dropped = 0;

    do {
        n = 0;

        ngx_shmtx_lock(&cache->shpool->mutex);

        account = ngx_http_oauthcc_account_lookup(cache, account_digest);

        if (account == NULL) {
            ngx_shmtx_unlock(&cache->shpool->mutex);
            break;
        }

        /* those of its own logins may keep it: what they know is old */

        if (id == NULL) {
            account->failures = 0;
        }

        /* it may go with its last entry */

        account->entries++;

        for (q = ngx_queue_head(&account->siblings);
             q != ngx_queue_sentinel(&account->siblings)
             && n < NGX_HTTP_OAUTHCC_FORCE_DROPS;
             q = next)
        {
            next = ngx_queue_next(q);
            entry = ngx_queue_data(q, ngx_http_oauthcc_entry_t, sibling);

            if (id == NULL || entry->history->id == *id) {
                ngx_http_oauthcc_entry_drop(cache, entry);
                n++;
            }
        }

        ngx_http_oauthcc_entry_leave(cache, account);

        ngx_shmtx_unlock(&cache->shpool->mutex);

        dropped += n;

    } while (n == NGX_HTTP_OAUTHCC_FORCE_DROPS);

    return dropped;
}


static void
ngx_http_oauthcc_force_order(ngx_http_oauthcc_cache_t *cache,
    ngx_http_oauthcc_entry_t *entry, ngx_http_oauthcc_force_order_t *order)
{
    ngx_http_oauthcc_history_t  *history;

    history = entry->history;

    order->found++;

    if (ngx_http_oauthcc_account_leased(entry)) {
        order->running++;
        return;
    }

    if (history->was_refreshed
        && !ngx_http_oauthcc_clock_reached(ngx_current_msec,
                                           history->refreshed
                                           + NGX_HTTP_OAUTHCC_FORCE_EARLY))
    {
        order->early++;
        return;
    }

    history->was_refreshed = 1;
    history->refreshed = ngx_current_msec;
    history->wanted = 1;
    entry->refresh = ngx_current_msec;

    ngx_http_oauthcc_entry_changed(cache, entry);

    order->wanted++;
}
