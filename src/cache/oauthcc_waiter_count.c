
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_waiter_count.h"
#include "cache/oauthcc_entry.h"


static oauthcc_waiter_count_t *oauthcc_waiter_count_create(
    oauthcc_cache_t *cache, void *stats, u_char *digest);


void
oauthcc_waiter_count_update(oauthcc_cache_t *cache, void *stats,
    u_char *digest, ngx_uint_t waiters, void **counted)
{
    oauthcc_waiter_count_t  *presence;

    presence = *counted;

    if (waiters == 0) {

        if (presence == NULL) {
            return;
        }

        ngx_shmtx_lock(&cache->shpool->mutex);
        oauthcc_waiter_count_drop(cache, presence);
        ngx_shmtx_unlock(&cache->shpool->mutex);

        *counted = NULL;
        return;
    }

    if (presence == NULL) {

        /* nobody's request fails for want of it */

        presence = oauthcc_waiter_count_create(cache, stats, digest);
        if (presence == NULL) {
            return;
        }

        *counted = presence;
    }

    __atomic_store_n(&presence->waiters, (uint64_t) waiters,
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
oauthcc_waiter_count_create(oauthcc_cache_t *cache, void *stats,
    u_char *digest)
{
    oauthcc_zone_t          *shared;
    oauthcc_waiter_count_t  *presence;

    shared = cache->shared;

    ngx_shmtx_lock(&cache->shpool->mutex);

    presence = oauthcc_entry_alloc(cache, sizeof(oauthcc_waiter_count_t),
                                   0, NULL);
    if (presence) {
        presence->worker = ngx_pid;
        presence->waiters = 0;
        presence->tally = stats;
        ngx_memcpy(presence->digest, digest, OAUTHCC_DIGEST_LEN);

        ngx_queue_insert_tail(&shared->presences, &presence->queue);
    }

    ngx_shmtx_unlock(&cache->shpool->mutex);

    return presence;
}
