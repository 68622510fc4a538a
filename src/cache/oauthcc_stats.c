
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
    oauthcc_stats_t  *tally;

    shared = cache->shared;
    hash = ngx_crc32_short(name->data, name->len);

    ngx_shmtx_lock(&cache->shpool->mutex);

    tally = (oauthcc_stats_t *)
                ngx_str_rbtree_lookup(&shared->tallies, name, hash);

    if (tally) {
        goto done;
    }

    tally = oauthcc_entry_alloc(cache, sizeof(oauthcc_stats_t)
                                + name->len, 1, NULL);
    if (tally == NULL) {
        goto done;
    }

    ngx_memzero(tally, sizeof(oauthcc_stats_t));

    tally->sn.node.key = hash;
    tally->sn.str.len = name->len;
    tally->sn.str.data = (u_char *) &tally[1];
    ngx_memcpy(tally->sn.str.data, name->data, name->len);

    ngx_rbtree_insert(&shared->tallies, &tally->sn.node);

done:

    ngx_shmtx_unlock(&cache->shpool->mutex);

    return tally;
}


void
oauthcc_stats_add(oauthcc_cache_t *cache, oauthcc_stats_t *tally,
    u_char *digest, uint64_t *requests,
    uint64_t replays)
{
    ngx_uint_t        i;
    oauthcc_entry_t  *entry;

    for (i = 0; i < OAUTHCC_CACHE_STATUSES; i++) {
        if (requests[i]) {
            oauthcc_zone_add(&tally->requests[i], requests[i]);
        }
    }

    if (replays) {
        oauthcc_zone_add(&tally->replays, replays);
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
oauthcc_stats_login(oauthcc_stats_t *tally, oauthcc_result_e result,
    ngx_msec_t duration)
{
    ngx_uint_t  bucket;

    bucket = oauthcc_histogram_bucket(duration);

    oauthcc_zone_add(&tally->logins[result], 1);
    oauthcc_zone_add(&tally->durations.buckets[bucket], 1);
    oauthcc_zone_add(&tally->durations.sum, duration);
}
