
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_stats.h"
#include "cache/oauthcc_entry.h"
#include "core/oauthcc_histogram.h"


ngx_http_oauthcc_tally_t *
ngx_http_oauthcc_tally_get(ngx_http_oauthcc_cache_t *cache, ngx_str_t *name)
{
    uint32_t                   hash;
    ngx_http_oauthcc_zone_t   *shared;
    ngx_http_oauthcc_tally_t  *tally;

    shared = cache->shared;
    hash = ngx_crc32_short(name->data, name->len);

    ngx_shmtx_lock(&cache->shpool->mutex);

    tally = (ngx_http_oauthcc_tally_t *)
                ngx_str_rbtree_lookup(&shared->tallies, name, hash);

    if (tally) {
        goto done;
    }

    tally = ngx_http_oauthcc_entry_alloc(cache,
                                         sizeof(ngx_http_oauthcc_tally_t)
                                         + name->len, 1, NULL);
    if (tally == NULL) {
        goto done;
    }

    ngx_memzero(tally, sizeof(ngx_http_oauthcc_tally_t));

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
ngx_http_oauthcc_tally_add(ngx_http_oauthcc_cache_t *cache,
    ngx_http_oauthcc_tally_t *tally, u_char *digest,
    ngx_http_oauthcc_counts_t *counts)
{
    ngx_uint_t                 i;
    ngx_http_oauthcc_entry_t  *entry;

    for (i = 0; i < NGX_HTTP_OAUTHCC_STATUSES; i++) {
        if (counts->requests[i]) {
            ngx_http_oauthcc_zone_add(&tally->requests[i],
                                      counts->requests[i]);
        }
    }

    if (counts->replays) {
        ngx_http_oauthcc_zone_add(&tally->replays, counts->replays);
    }

    if (counts->requests[NGX_HTTP_OAUTHCC_STATUS_HIT] == 0
        && counts->replays == 0)
    {
        return;
    }

    ngx_shmtx_lock(&cache->shpool->mutex);

    entry = ngx_http_oauthcc_entry_lookup(cache, digest);

    if (entry) {
        entry->history->hits += counts->requests[NGX_HTTP_OAUTHCC_STATUS_HIT];
        entry->history->replays += counts->replays;
    }

    ngx_shmtx_unlock(&cache->shpool->mutex);
}


void
ngx_http_oauthcc_tally_login(ngx_http_oauthcc_tally_t *tally,
    ngx_http_oauthcc_report_result_e result, ngx_msec_t duration)
{
    ngx_uint_t  bucket;

    bucket = ngx_http_oauthcc_report_bucket(duration);

    ngx_http_oauthcc_zone_add(&tally->logins[result], 1);
    ngx_http_oauthcc_zone_add(&tally->durations.buckets[bucket], 1);
    ngx_http_oauthcc_zone_add(&tally->durations.sum, duration);
}
