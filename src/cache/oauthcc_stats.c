
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_stats.h"
#include "cache/oauthcc_entry.h"
#include "core/oauthcc_histogram.h"


oauthcc_stats_t *
oauthcc_stats_get(oauthcc_cache_t *cache, ngx_str_t *name)
{
    uint32_t          hash;
    oauthcc_zone_t   *shared;
    oauthcc_stats_t  *stats;

    shared = cache->shared;
    hash = ngx_crc32_short(name->data, name->len);

    ngx_shmtx_lock(&cache->shpool->mutex);

    stats = (oauthcc_stats_t *)
                ngx_str_rbtree_lookup(&shared->all_stats, name, hash);

    if (stats) {
        goto done;
    }

    stats = oauthcc_entry_alloc(cache, sizeof(oauthcc_stats_t)
                                + name->len, 1, NULL);
    if (stats == NULL) {
        goto done;
    }

    ngx_memzero(stats, sizeof(oauthcc_stats_t));

    stats->sn.node.key = hash;
    stats->sn.str.len = name->len;
    stats->sn.str.data = (u_char *) &stats[1];
    ngx_memcpy(stats->sn.str.data, name->data, name->len);

    ngx_rbtree_insert(&shared->all_stats, &stats->sn.node);

done:

    ngx_shmtx_unlock(&cache->shpool->mutex);

    return stats;
}


void
oauthcc_stats_add(oauthcc_cache_t *cache, oauthcc_stats_t *stats,
    u_char *digest, uint64_t *requests,
    uint64_t replays)
{
    ngx_uint_t        i;
    oauthcc_entry_t  *entry;

    for (i = 0; i < OAUTHCC_CACHE_STATUSES; i++) {
        if (requests[i]) {
            oauthcc_zone_add(&stats->requests[i], requests[i]);
        }
    }

    if (replays) {
        oauthcc_zone_add(&stats->replays, replays);
    }

    if (requests[OAUTHCC_CACHE_STATUS_HIT] == 0
        && replays == 0)
    {
        return;
    }

    ngx_shmtx_lock(&cache->shpool->mutex);

    entry = oauthcc_entry_lookup(cache, digest);

    if (entry) {
        entry->history->hits += requests[OAUTHCC_CACHE_STATUS_HIT];
        entry->history->replays += replays;
    }

    ngx_shmtx_unlock(&cache->shpool->mutex);
}


void
oauthcc_stats_login(oauthcc_stats_t *stats, oauthcc_result_e result,
    ngx_msec_t duration)
{
    ngx_uint_t  bucket;

    bucket = oauthcc_histogram_bucket(duration);

    oauthcc_zone_add(&stats->logins[result], 1);
    oauthcc_zone_add(&stats->durations.buckets[bucket], 1);
    oauthcc_zone_add(&stats->durations.sum, duration);
}
