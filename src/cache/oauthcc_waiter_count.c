
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_waiter_count.h"
#include "cache/oauthcc_entry.h"


static ngx_http_oauthcc_presence_t *ngx_http_oauthcc_presence_create(
    ngx_http_oauthcc_copy_t *copy);


void
ngx_http_oauthcc_presence_update(ngx_http_oauthcc_copy_t *copy)
{
    ngx_http_oauthcc_cache_t     *cache;
    ngx_http_oauthcc_presence_t  *presence;

    cache = copy->provider->cache;
    presence = copy->presence;

    if (copy->nwaiters == 0) {

        if (presence == NULL) {
            return;
        }

        ngx_shmtx_lock(&cache->shpool->mutex);
        ngx_http_oauthcc_presence_drop(cache, presence);
        ngx_shmtx_unlock(&cache->shpool->mutex);

        copy->presence = NULL;
        return;
    }

    if (presence == NULL) {

        /* nobody's request fails for want of it */

        presence = ngx_http_oauthcc_presence_create(copy);
        if (presence == NULL) {
            return;
        }

        copy->presence = presence;
    }

    __atomic_store_n(&presence->waiters, (uint64_t) copy->nwaiters,
                     __ATOMIC_RELAXED);
}


void
ngx_http_oauthcc_presence_drop(ngx_http_oauthcc_cache_t *cache,
    ngx_http_oauthcc_presence_t *presence)
{
    ngx_queue_remove(&presence->queue);
    ngx_slab_free_locked(cache->shpool, presence);
}


static ngx_http_oauthcc_presence_t *
ngx_http_oauthcc_presence_create(ngx_http_oauthcc_copy_t *copy)
{
    ngx_http_oauthcc_zone_t      *shared;
    ngx_http_oauthcc_cache_t     *cache;
    ngx_http_oauthcc_presence_t  *presence;

    cache = copy->provider->cache;
    shared = cache->shared;

    ngx_shmtx_lock(&cache->shpool->mutex);

    presence = ngx_http_oauthcc_entry_alloc(cache,
                                          sizeof(ngx_http_oauthcc_presence_t),
                                          0, NULL);
    if (presence) {
        presence->worker = ngx_pid;
        presence->waiters = 0;
        presence->tally = copy->provider->tally;
        ngx_memcpy(presence->digest, copy->digest,
                   NGX_HTTP_OAUTHCC_DIGEST_LEN);

        ngx_queue_insert_tail(&shared->presences, &presence->queue);
    }

    ngx_shmtx_unlock(&cache->shpool->mutex);

    return presence;
}
