
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_login_slot.h"
#include "cache/oauthcc_lease.h"
#include "cache/oauthcc_entry.h"


static uint64_t ngx_http_oauthcc_own_take(ngx_http_oauthcc_cache_t *cache,
    ngx_http_oauthcc_entry_t *entry, ngx_msec_t lease, ngx_uint_t max,
    ngx_uint_t *full);
static ngx_uint_t ngx_http_oauthcc_own_give(ngx_http_oauthcc_cache_t *cache,
    u_char *account_digest, uint64_t lease);
static void ngx_http_oauthcc_own_drop(ngx_http_oauthcc_cache_t *cache,
    ngx_http_oauthcc_account_t *account, ngx_http_oauthcc_own_t *own);


void
ngx_http_oauthcc_own_ask(ngx_http_oauthcc_cache_t *cache, u_char *digest,
    ngx_http_oauthcc_cache_query_t *query,
    ngx_http_oauthcc_cache_result_t *result)
{
    ngx_uint_t                 full, max;
    ngx_http_oauthcc_entry_t  *entry;

    ngx_memzero(result, sizeof(ngx_http_oauthcc_cache_result_t));

    result->state = NGX_HTTP_OAUTHCC_CACHE_FULL;

    ngx_shmtx_lock(&cache->shpool->mutex);

    entry = ngx_http_oauthcc_entry_lookup(cache, digest);

    if (entry == NULL) {
        entry = ngx_http_oauthcc_entry_create(cache, digest, &query->origin);
    }

    if (entry == NULL) {
        goto done;
    }

    ngx_http_oauthcc_entry_use(cache, entry);

    result->word = &entry->slot->word;
    result->generation = entry->slot->word.generation;

    if (ngx_http_oauthcc_cache_waits(entry)) {
        result->state = NGX_HTTP_OAUTHCC_CACHE_BACKOFF;
        result->retry_after = ngx_http_oauthcc_cache_waits(entry);
        ngx_http_oauthcc_cache_reason(entry, &result->failure);
        goto done;
    }

    full = 0;
    max = entry->account->failures ? 1 : query->max_logins;

    result->lease = ngx_http_oauthcc_own_take(cache, entry, query->lease, max,
                                              &full);

    if (result->lease) {
        result->state = NGX_HTTP_OAUTHCC_CACHE_LEAD;

    } else if (!full) {
        result->state = NGX_HTTP_OAUTHCC_CACHE_WAIT;
    }

done:

    ngx_shmtx_unlock(&cache->shpool->mutex);
}


void
ngx_http_oauthcc_own_end(ngx_http_oauthcc_cache_t *cache,
    u_char *digest, u_char *account, uint64_t lease, ngx_uint_t done,
    ngx_http_oauthcc_cache_failed_t *failed)
{
    ngx_http_oauthcc_entry_t  *entry;

    ngx_shmtx_lock(&cache->shpool->mutex);

    entry = ngx_http_oauthcc_entry_lookup(cache, digest);

    if (ngx_http_oauthcc_own_give(cache, account, lease) && entry) {

        if (failed) {
            ngx_http_oauthcc_cache_failed(cache, entry, lease, failed);

        } else if (done) {
            entry->history->nlogins++;
            entry->history->failures = 0;
            entry->account->failures = 0;
        }
    }

    ngx_shmtx_unlock(&cache->shpool->mutex);
}


/*
 * The lease; 0 if the account has "max" of them that are alive, or if there
 * is no room: then *full is set.
 */

static uint64_t
ngx_http_oauthcc_own_take(ngx_http_oauthcc_cache_t *cache,
    ngx_http_oauthcc_entry_t *entry, ngx_msec_t lease, ngx_uint_t max,
    ngx_uint_t *full)
{
    ngx_uint_t                   n;
    ngx_queue_t                 *q, *next;
    ngx_http_oauthcc_own_t      *own;
    ngx_http_oauthcc_zone_t     *shared;
    ngx_http_oauthcc_account_t  *account;

    shared = cache->shared;
    account = entry->account;

    n = 0;

    for (q = ngx_queue_head(&account->own);
         q != ngx_queue_sentinel(&account->own);
         q = next)
    {
        next = ngx_queue_next(q);
        own = ngx_queue_data(q, ngx_http_oauthcc_own_t, queue);

        if (ngx_http_oauthcc_account_held(own->leader, own->deadline)) {
            n++;

        } else {
            ngx_http_oauthcc_own_drop(cache, account, own);
        }
    }

    if (n >= max) {
        return 0;
    }

    own = ngx_http_oauthcc_entry_alloc(cache, sizeof(ngx_http_oauthcc_own_t),
                                       1, entry);
    if (own == NULL) {
        *full = 1;
        return 0;
    }

    own->leader = ngx_pid;
    own->deadline = ngx_current_msec + lease;
    own->lease = ++shared->generation;

    ngx_queue_insert_tail(&account->own, &own->queue);

    account->entries++;

    return own->lease;
}


static ngx_uint_t
ngx_http_oauthcc_own_give(ngx_http_oauthcc_cache_t *cache,
    u_char *account_digest, uint64_t lease)
{
    ngx_queue_t                 *q;
    ngx_http_oauthcc_own_t      *own;
    ngx_http_oauthcc_account_t  *account;

    account = ngx_http_oauthcc_account_lookup(cache, account_digest);

    if (account == NULL) {
        return 0;
    }

    for (q = ngx_queue_head(&account->own);
         q != ngx_queue_sentinel(&account->own);
         q = ngx_queue_next(q))
    {
        own = ngx_queue_data(q, ngx_http_oauthcc_own_t, queue);

        if (own->lease == lease) {
            ngx_http_oauthcc_own_drop(cache, account, own);
            return 1;
        }
    }

    return 0;
}


/* The account may go with it. */

static void
ngx_http_oauthcc_own_drop(ngx_http_oauthcc_cache_t *cache,
    ngx_http_oauthcc_account_t *account, ngx_http_oauthcc_own_t *own)
{
    ngx_queue_remove(&own->queue);
    ngx_slab_free_locked(cache->shpool, own);

    ngx_http_oauthcc_entry_leave(cache, account);
}
