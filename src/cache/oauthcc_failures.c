
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_failures.h"
#include "cache/oauthcc_blocks.h"
#include "cache/oauthcc_entry.h"
#include "cache/oauthcc_lock.h"


/* records that are copied before others may have the lock */
#define OAUTHCC_FAILURES_SLICE  16

/* a process does not reorder what it has done before its death */

#define oauthcc_failures_ordered()  __atomic_signal_fence(__ATOMIC_SEQ_CST)


/*
 * A record that a worker leaves half written when it is killed has no number,
 * and the next failure takes its place: the zone need not be reset for it.
 */

void
oauthcc_failures_add(oauthcc_cache_t *cache, oauthcc_stats_t *stats,
    u_char *digest, oauthcc_cache_failed_t *failed)
{
    size_t                  n;
    u_char                 *p;
    uint32_t                number;
    oauthcc_entry_t        *entry;
    oauthcc_zone_ring_t    *ring;
    oauthcc_zone_failed_t  *record;

    ring = &cache->shared->failed;

    oauthcc_lock_read(cache);

    entry = oauthcc_entry_lookup(cache, digest);

    number = ring->n + 1;
    record = &ring->records[number % ring->size];

    record->number = 0;
    oauthcc_failures_ordered();

    record->entry = entry ? entry->history.id : 0;
    record->stats = (uint32_t) oauthcc_blocks_number(cache->shared, stats);
    record->time = (uint32_t) ngx_time();
    record->took = (uint32_t) ngx_min(failed->took, NGX_MAX_UINT32_VALUE);
    record->status = (uint16_t) failed->status;
    record->result = (u_char) failed->result;

    p = ngx_cpymem(record->text, failed->failure.text, failed->failure.len);

    if (failed->detail.len) {
        n = record->text + OAUTHCC_ZONE_FAILED_TEXT - p;
        n = ngx_min(failed->detail.len, n - (sizeof(": ") - 1));

        p = ngx_cpymem(p, ": ", sizeof(": ") - 1);
        p = ngx_cpymem(p, failed->detail.data, n);
    }

    record->len = (u_char) (p - record->text);

    oauthcc_failures_ordered();
    record->number = number;
    oauthcc_failures_ordered();
    ring->n = number;

    oauthcc_lock_release(cache);
}


ngx_uint_t
oauthcc_failures_read(oauthcc_cache_t *cache, oauthcc_zone_failed_t *to,
    ngx_uint_t n)
{
    uint32_t                number, left;
    ngx_uint_t              i, copied, first;
    oauthcc_zone_ring_t    *ring;
    oauthcc_zone_failed_t  *record;

    ring = &cache->shared->failed;

    copied = 0;
    first = 1;
    number = 0;
    left = 0;

    do {
        oauthcc_lock_read(cache);

        if (first) {
            first = 0;
            number = ring->n;
            left = ngx_min(n, ring->size);
        }

        for (i = 0; left && i < OAUTHCC_FAILURES_SLICE; i++) {
            record = &ring->records[number % ring->size];

            /* another failure may have taken its place meanwhile */

            if (record->number == number && number) {
                to[copied++] = *record;
            }

            number--;
            left--;
        }

        oauthcc_lock_release(cache);

    } while (left);

    return copied;
}


oauthcc_stats_t *
oauthcc_failures_stats(oauthcc_cache_t *cache, oauthcc_zone_failed_t *record)
{
    return (oauthcc_stats_t *) oauthcc_blocks_at(cache->shared, record->stats);
}
