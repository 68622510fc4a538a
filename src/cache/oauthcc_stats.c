
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_stats.h"
#include "cache/oauthcc_lock.h"
#include "cache/oauthcc_blocks.h"
#include "cache/oauthcc_entry.h"
#include "cache/oauthcc_slot.h"
#include "core/oauthcc_histogram.h"


oauthcc_stats_t *
oauthcc_stats_get(oauthcc_cache_t *cache, ngx_str_t *name)
{
    size_t            len;
    uint32_t          hash[2];
    oauthcc_zone_t   *shared;
    oauthcc_stats_t  *stats;

    shared = cache->shared;

    hash[0] = ngx_crc32_long(name->data, name->len);
    hash[1] = ngx_murmur_hash2(name->data, name->len);

    len = ngx_min(name->len, OAUTHCC_ZONE_NAME);

    oauthcc_lock_take(cache);

    for (stats = shared->stats; stats; stats = stats->next) {

        if (stats->hash[0] == hash[0]
            && stats->hash[1] == hash[1]
            && stats->len == name->len
            && ngx_memcmp(stats->name, name->data, len) == 0)
        {
            goto done;
        }
    }

    stats = oauthcc_entry_alloc(cache, sizeof(oauthcc_stats_t), NULL);

    if (stats) {
        stats->hash[0] = hash[0];
        stats->hash[1] = hash[1];
        stats->len = name->len;
        ngx_memcpy(stats->name, name->data, len);

        oauthcc_blocks_keep(shared, stats, OAUTHCC_BLOCKS_STATS);

        stats->next = shared->stats;
        shared->stats = stats;
    }

done:

    oauthcc_lock_release(cache);

    return stats;
}


void
oauthcc_stats_add(oauthcc_cache_t *cache, oauthcc_stats_t *stats,
    oauthcc_version_t *version, oauthcc_counts_t *counts)
{
    uint64_t               *requests;
    ngx_uint_t              i;
    oauthcc_slot_counts_t  *slot;

    requests = &counts->requests[OAUTHCC_CACHE_STATUS_HIT];

    for (i = 0; i < OAUTHCC_ZONE_REQUESTS; i++) {
        if (requests[i]) {
            oauthcc_zone_add(&stats->requests[i], requests[i]);
        }
    }

    if (counts->replays) {
        oauthcc_zone_add(&stats->replays, counts->replays);
    }

    if (counts->refusals) {
        oauthcc_zone_add(&stats->refusals, counts->refusals);
    }

    for (i = 0; i < OAUTHCC_NONCE_CHALLENGES; i++) {
        if (counts->challenges[i]) {
            oauthcc_zone_add(&stats->challenges[i], counts->challenges[i]);
        }
    }

    if (version == NULL) {
        return;
    }

    slot = oauthcc_slot_counts(cache->shared, version);

    if (requests[0]) {
        oauthcc_zone_add(&slot->hits, requests[0]);
    }

    if (counts->replays) {
        oauthcc_zone_add(&slot->replays, counts->replays);
    }
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

    if (result == OAUTHCC_RESULT_SUCCESS) {
        oauthcc_zone_set(&stats->last_success, (uint32_t) ngx_time());
        oauthcc_zone_set(&stats->failed_in_row, 0);

    } else {
        oauthcc_zone_set(&stats->last_failure, (uint32_t) ngx_time());
        oauthcc_zone_add(&stats->failed_in_row, 1);
    }
}
