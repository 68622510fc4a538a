
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_waiter_count.h"
#include "cache/oauthcc_entry.h"


static oauthcc_waiter_count_t *oauthcc_waiter_count_create(
    oauthcc_local_t *local);


void
oauthcc_waiter_count_update(oauthcc_local_t *local)
{
    oauthcc_cache_t         *cache;
    oauthcc_waiter_count_t  *presence;

    cache = local->provider->cache;
    presence = local->presence;

    if (local->nwaiters == 0) {

        if (presence == NULL) {
            return;
        }

        ngx_shmtx_lock(&cache->shpool->mutex);
        oauthcc_waiter_count_drop(cache, presence);
        ngx_shmtx_unlock(&cache->shpool->mutex);

        local->presence = NULL;
        return;
    }

    if (presence == NULL) {

        /* nobody's request fails for want of it */

        presence = oauthcc_waiter_count_create(local);
        if (presence == NULL) {
            return;
        }

        local->presence = presence;
    }

    __atomic_store_n(&presence->waiters, (uint64_t) local->nwaiters,
                     __ATOMIC_RELAXED);
}


void
oauthcc_waiter_count_drop(oauthcc_cache_t *cache,
    oauthcc_waiter_count_t *presence)
{
    ngx_queue_remove(&presence->queue);
    ngx_slab_free_locked(cache->shpool, presence);
}


static oauthcc_waiter_count_t *
oauthcc_waiter_count_create(oauthcc_local_t *local)
{
    oauthcc_zone_t          *shared;
    oauthcc_cache_t         *cache;
    oauthcc_waiter_count_t  *presence;

    cache = local->provider->cache;
    shared = cache->shared;

    ngx_shmtx_lock(&cache->shpool->mutex);

    presence = oauthcc_entry_alloc(cache, sizeof(oauthcc_waiter_count_t),
                                   0, NULL);
    if (presence) {
        presence->worker = ngx_pid;
        presence->waiters = 0;
        presence->tally = local->provider->tally;
        ngx_memcpy(presence->digest, local->digest, OAUTHCC_DIGEST_LEN);

        ngx_queue_insert_tail(&shared->presences, &presence->queue);
    }

    ngx_shmtx_unlock(&cache->shpool->mutex);

    return presence;
}
