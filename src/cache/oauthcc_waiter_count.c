
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
    oauthcc_waiter_count_t  *gauge;

    gauge = *counted;

    if (waiters == 0) {

        if (gauge == NULL) {
            return;
        }

        ngx_shmtx_lock(&cache->shpool->mutex);
        oauthcc_waiter_count_drop(cache, gauge);
        ngx_shmtx_unlock(&cache->shpool->mutex);

        *counted = NULL;
        return;
    }

    if (gauge == NULL) {

        /* nobody's request fails for want of it */

        gauge = oauthcc_waiter_count_create(cache, stats, digest);
        if (gauge == NULL) {
            return;
        }

        *counted = gauge;
    }

    __atomic_store_n(&gauge->waiters, (uint64_t) waiters,
                     __ATOMIC_RELAXED);
}


void
oauthcc_waiter_count_drop(oauthcc_cache_t *cache,
    oauthcc_waiter_count_t *gauge)
{
    ngx_queue_remove(&gauge->queue);
    ngx_slab_free_locked(cache->shpool, gauge);
}


static oauthcc_waiter_count_t *
oauthcc_waiter_count_create(oauthcc_cache_t *cache, void *stats,
    u_char *digest)
{
    oauthcc_zone_t          *shared;
    oauthcc_waiter_count_t  *gauge;

    shared = cache->shared;

    ngx_shmtx_lock(&cache->shpool->mutex);

    gauge = oauthcc_entry_alloc(cache, sizeof(oauthcc_waiter_count_t),
                                0, NULL);
    if (gauge) {
        gauge->worker = ngx_pid;
        gauge->waiters = 0;
        gauge->stats = stats;
        ngx_memcpy(gauge->digest, digest, OAUTHCC_DIGEST_LEN);

        ngx_queue_insert_tail(&shared->gauges, &gauge->queue);
    }

    ngx_shmtx_unlock(&cache->shpool->mutex);

    return gauge;
}
