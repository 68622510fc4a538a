
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_lock.h"
#include "cache/oauthcc_blocks.h"
#include "cache/oauthcc_slot.h"
#include "core/oauthcc_notify.h"


/*
 * memory that 16 blocks need: besides themselves their bytes of "used", the
 * links of their parts, and 4 + 1 buckets
 */

#define OAUTHCC_LOCK_16                                                       \
    (16 * (OAUTHCC_ZONE_BLOCK + 1 + OAUTHCC_ZONE_PARTS * sizeof(uint32_t))    \
     + 5 * sizeof(uint32_t))

/*
 * a fence of the compiler is enough: a killed process loses no store that it
 * has executed
 */

#define oauthcc_lock_ordered()  __atomic_signal_fence(__ATOMIC_SEQ_CST)


#define oauthcc_lock_aligned(type, field)                                     \
    (offsetof(type, field) % sizeof(uint64_t) == 0)

/*
 * whatever is stored in a block has to fit into one, and numbers of 64 bits
 * that are changed without the lock have to be aligned
 */

typedef u_char  oauthcc_lock_fits_t[
    (sizeof(oauthcc_entry_t) <= OAUTHCC_ZONE_BLOCK
     && sizeof(oauthcc_client_node_t) <= OAUTHCC_ZONE_BLOCK
     && sizeof(oauthcc_stats_t) <= OAUTHCC_ZONE_BLOCK
     && sizeof(oauthcc_slots_t) <= OAUTHCC_ZONE_BLOCK
     && OAUTHCC_ZONE_BLOCK % sizeof(uint64_t) == 0
     && sizeof(oauthcc_zone_failed_t) % sizeof(uint64_t) == 0
     && oauthcc_lock_aligned(oauthcc_slots_t, versions)
     && oauthcc_lock_aligned(oauthcc_slots_t, counts)
     && oauthcc_lock_aligned(oauthcc_stats_t, requests)
     && oauthcc_lock_aligned(oauthcc_stats_t, basic_content)
     && oauthcc_lock_aligned(oauthcc_zone_t, generation)
     && oauthcc_lock_aligned(oauthcc_zone_t, clock)
     && oauthcc_lock_aligned(oauthcc_zone_t, reset)) ? 1 : -1];


static void oauthcc_lock_enter(oauthcc_cache_t *cache);
static void oauthcc_lock_reset(oauthcc_zone_t *shared);


ngx_int_t
oauthcc_lock_init(oauthcc_cache_t *cache, ngx_shm_zone_t *shm_zone)
{
    size_t            size;
    u_char           *p;
    ngx_uint_t        n, kind;
    ngx_slab_pool_t  *shpool;
    oauthcc_zone_t   *shared;

    shpool = (ngx_slab_pool_t *) shm_zone->shm.addr;

    cache->shpool = shpool;
    cache->name = shm_zone->shm.name;
    cache->size = shm_zone->shm.size;

    if (shpool->data) {
        cache->shared = shpool->data;
        return NGX_OK;
    }

    /* all memory at once: nothing is ever returned to the slab allocator */

    size = shpool->pfree * ngx_pagesize;

    p = ngx_slab_calloc(shpool, size);

    if (p == NULL) {
        return NGX_ERROR;
    }

    shared = (oauthcc_zone_t *) p;

    shared->since = ngx_time();

    /* of a small zone a sixteenth */

    n = size / 16 / sizeof(oauthcc_zone_failed_t);

    shared->failed.size = ngx_min(n, OAUTHCC_ZONE_FAILED);
    shared->failed.records = (oauthcc_zone_failed_t *)
                             (p + ngx_align(sizeof(oauthcc_zone_t),
                                            sizeof(uint64_t)));

    /* with reserve for alignment */

    size -= sizeof(oauthcc_zone_t) + 8 * sizeof(uint64_t)
            + shared->failed.size * sizeof(oauthcc_zone_failed_t);

    shared->nblocks = (uint64_t) 16 * size / OAUTHCC_LOCK_16;

    /* there are fewer entries, and fewer client nodes, than blocks */

    shared->nbuckets[OAUTHCC_ZONE_ENTRY] = 1 + shared->nblocks / 4;
    shared->nbuckets[OAUTHCC_ZONE_CLIENT] = 1 + shared->nblocks / 16;

    shared->blocks = (u_char *)
                     &shared->failed.records[shared->failed.size];

    p = shared->blocks + shared->nblocks * OAUTHCC_ZONE_BLOCK;

    shared->links = (uint32_t *) p;
    p += shared->nblocks * OAUTHCC_ZONE_PARTS * sizeof(uint32_t);

    for (kind = 0; kind < OAUTHCC_ZONE_KINDS; kind++) {
        shared->buckets[kind] = (uint32_t *) p;
        p += shared->nbuckets[kind] * sizeof(uint32_t);
    }

    shared->used = p;

    oauthcc_lock_reset(shared);

    shpool->data = shared;
    cache->shared = shared;

    return NGX_OK;
}


void
oauthcc_lock_take(oauthcc_cache_t *cache)
{
    oauthcc_lock_enter(cache);

    cache->shared->busy = ngx_pid;
    oauthcc_lock_ordered();
}


void
oauthcc_lock_read(oauthcc_cache_t *cache)
{
    oauthcc_lock_enter(cache);

    oauthcc_lock_ordered();
    cache->shared->busy = 0;
}


void
oauthcc_lock_release(oauthcc_cache_t *cache)
{
    oauthcc_lock_ordered();
    cache->shared->busy = 0;

    ngx_shmtx_unlock(&cache->shpool->mutex);
}


static void
oauthcc_lock_enter(oauthcc_cache_t *cache)
{
    ngx_shmtx_lock(&cache->shpool->mutex);

    if (cache->shared->busy == 0) {
        return;
    }

    ngx_log_error(NGX_LOG_ALERT, ngx_cycle->log, 0,
                  "process %P died while it changed oauthcc zone \"%V\": "
                  "the zone is emptied, there will be new logins",
                  (ngx_pid_t) cache->shared->busy, &cache->name);

    oauthcc_lock_reset(cache->shared);
    oauthcc_notify(ngx_cycle->log);
}


/*
 * Waiters ask again, since their versions change.  If the process dies here,
 * the next one begins the reset anew.
 */

static void
oauthcc_lock_reset(oauthcc_zone_t *shared)
{
    ngx_uint_t        n, kind;
    oauthcc_stats_t  *stats;

    __atomic_store_n(&shared->reset, oauthcc_zone_next(shared),
                     __ATOMIC_RELAXED);

    oauthcc_blocks_reset(shared);

    ngx_memzero(shared->links, shared->nblocks * OAUTHCC_ZONE_PARTS
                               * sizeof(uint32_t));

    for (kind = 0; kind < OAUTHCC_ZONE_KINDS; kind++) {
        ngx_memzero(shared->buckets[kind],
                    shared->nbuckets[kind] * sizeof(uint32_t));
    }

    ngx_rbtree_init(&shared->idle, &shared->sentinel,
                    ngx_rbtree_insert_timer_value);
    shared->nentries = 0;

    oauthcc_slot_reset(shared);

    shared->stats = NULL;
    n = 0;

    while ((stats = oauthcc_blocks_kept(shared, OAUTHCC_BLOCKS_STATS, &n))) {
        stats->next = shared->stats;
        shared->stats = stats;
    }
}
