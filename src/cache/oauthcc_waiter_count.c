
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_waiter_count.h"
#include "cache/oauthcc_lock.h"
#include "cache/oauthcc_slot.h"


/* A count holds the number of workers started so far, and that of waiters. */

#define oauthcc_waiter_count_workers(count)  ((uint32_t) ((count) >> 32))

#define oauthcc_waiter_count_started(shared)                                  \
    ((uint32_t) __atomic_load_n(&(shared)->workers, __ATOMIC_RELAXED))


static void oauthcc_waiter_count_change(uint64_t *count, uint32_t workers,
    uint32_t from, uint32_t to);


void
oauthcc_waiter_count_start(oauthcc_cache_t *cache)
{
    /*
     * Taking the lock also repairs it: a worker that was killed while it
     * released the lock has not woken the one that sleeps for it.
     */

    oauthcc_lock_take(cache);
    oauthcc_zone_add(&cache->shared->workers, 1);
    oauthcc_lock_release(cache);
}


void
oauthcc_waiter_count_update(oauthcc_cache_t *cache, oauthcc_stats_t *stats,
    oauthcc_version_t *version, ngx_uint_t waiters,
    oauthcc_waiter_count_t *counted)
{
    uint32_t                workers, from;
    oauthcc_slot_counts_t  *slot;

    workers = oauthcc_waiter_count_started(cache->shared);
    from = (counted->workers == workers) ? counted->waiters : 0;

    oauthcc_waiter_count_change(&stats->waiters, workers, from, waiters);

    if (counted->version && counted->version != version) {
        slot = oauthcc_slot_counts(cache->shared, counted->version);
        oauthcc_waiter_count_change(&slot->waiters, workers, from, 0);
        from = 0;
    }

    if (version) {
        slot = oauthcc_slot_counts(cache->shared, version);
        oauthcc_waiter_count_change(&slot->waiters, workers, from, waiters);
    }

    counted->version = version;
    counted->workers = workers;
    counted->waiters = waiters;
}


uint32_t
oauthcc_waiter_count_get(oauthcc_cache_t *cache, uint64_t *count)
{
    uint64_t  now;

    now = __atomic_load_n(count, __ATOMIC_RELAXED);

    return oauthcc_waiter_count_workers(now)
           == oauthcc_waiter_count_started(cache->shared)
           ? (uint32_t) now : 0;
}


static void
oauthcc_waiter_count_change(uint64_t *count, uint32_t workers, uint32_t from,
    uint32_t to)
{
    int32_t   later;
    uint32_t  n;
    uint64_t  now;

    if (from == to) {
        return;
    }

    now = __atomic_load_n(count, __ATOMIC_RELAXED);

    do {
        later = (int32_t) (oauthcc_waiter_count_workers(now) - workers);

        if (later > 0) {

            /*
             * a worker was started since: every worker adds its waiters again
             */

            return;
        }

        n = (later == 0) ? (uint32_t) now : 0;
        n += to - from;

    } while (!__atomic_compare_exchange_n(count, &now,
                                          (uint64_t) workers << 32 | n, 0,
                                          __ATOMIC_RELAXED,
                                          __ATOMIC_RELAXED));
}
