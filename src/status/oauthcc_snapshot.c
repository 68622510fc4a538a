
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "status/oauthcc_snapshot.h"
#include "core/oauthcc_version.h"
#include "token/oauthcc_token_types.h"
#include "cache/oauthcc_lease.h"
#include "cache/oauthcc_cache.h"
#include "core/oauthcc_lifetime.h"
#include "core/oauthcc_provider_values.h"
#include "cache/oauthcc_entry.h"
#include "cache/oauthcc_waiter_count.h"
#include "status/oauthcc_snapshot_entry.h"


/* for texts of the zone at first, in bytes, and how often it may grow */
#define OAUTHCC_SNAPSHOT_TEXT   16384
#define OAUTHCC_SNAPSHOT_TRIES  4

/* entries in use that are looked at for the end that comes first */
#define OAUTHCC_SNAPSHOT_ENDS   1000


#define oauthcc_snapshot_load(n)  __atomic_load_n(&(n), __ATOMIC_RELAXED)

#define oauthcc_snapshot_requests(stats, status)                              \
    oauthcc_snapshot_load((stats)->requests[OAUTHCC_CACHE_STATUS_ ## status])


/* where that of a provider comes from */

typedef struct {
    oauthcc_provider_t     *provider;
    oauthcc_client_node_t  *client;  /* or NULL */

    /* what entries have where no request says otherwise */
    ngx_str_t               scope;
    ngx_str_t               audience;
    ngx_str_t               resource;
} oauthcc_snapshot_source_t;


static ngx_int_t oauthcc_snapshot_source(ngx_pool_t *pool,
    oauthcc_provider_t *provider, oauthcc_snapshot_source_t *source,
    oauthcc_snapshot_provider_t *report);
static void oauthcc_snapshot_share(oauthcc_snapshot_source_t *source,
    uint64_t limit, oauthcc_snapshot_t *report);
static void oauthcc_snapshot_waiters(oauthcc_cache_t *cache,
    oauthcc_snapshot_source_t *source, oauthcc_snapshot_t *report);
static void oauthcc_snapshot_provider(oauthcc_snapshot_source_t *source,
    oauthcc_snapshot_provider_t *report, oauthcc_snapshot_entry_text_t *text);
static void oauthcc_snapshot_stats(oauthcc_stats_t *stats,
    oauthcc_snapshot_provider_t *report);
static ngx_msec_t oauthcc_snapshot_expiry(oauthcc_client_node_t *client);


ngx_int_t
oauthcc_snapshot_take(ngx_pool_t *pool, ngx_http_oauthcc_main_conf_t *omcf,
    ngx_uint_t limit, oauthcc_snapshot_t *report)
{
    size_t                         size;
    ngx_uint_t                     i, n, tries;
    oauthcc_zone_t                *shared;
    oauthcc_cache_t               *cache;
    oauthcc_provider_t           **provider;
    oauthcc_snapshot_entry_t      *entries, *next;
    oauthcc_snapshot_source_t     *source;
    oauthcc_snapshot_provider_t   *rp;
    oauthcc_snapshot_entry_text_t  text;

    ngx_memzero(report, sizeof(oauthcc_snapshot_t));

    ngx_str_set(&report->version, OAUTHCC_VERSION);
    report->time = ngx_time();
    report->limit = limit;

    cache = omcf->cache;

    if (cache == NULL) {
        return NGX_OK;
    }

    n = omcf->providers.nelts;
    provider = omcf->providers.elts;

    /* more may come until the lock is ours: then they are not listed */

    shared = cache->shared;
    limit = ngx_min(limit, shared->nentries);

    rp = ngx_pcalloc(pool, n * sizeof(oauthcc_snapshot_provider_t));
    source = ngx_palloc(pool, n * sizeof(oauthcc_snapshot_source_t));
    entries = ngx_palloc(pool, (limit + 1) * sizeof(oauthcc_snapshot_entry_t));

    if (rp == NULL || source == NULL || entries == NULL) {
        return NGX_ERROR;
    }

    report->providers = rp;
    report->nproviders = n;

    for (i = 0; i < n; i++) {

        if (oauthcc_snapshot_source(pool, provider[i], &source[i], &rp[i])
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    size = OAUTHCC_SNAPSHOT_TEXT;

    for (tries = 0; tries < OAUTHCC_SNAPSHOT_TRIES; tries++) {

        text.pos = ngx_palloc(pool, size);
        if (text.pos == NULL) {
            return NGX_ERROR;
        }

        text.end = text.pos + size;
        text.needed = 0;

        ngx_shmtx_lock(&cache->shpool->mutex);

        report->size = cache->size;
        report->free = cache->shpool->pfree * ngx_pagesize;
        report->used = report->size - report->free;
        report->entries = shared->nentries;
        report->bypasses = oauthcc_snapshot_load(shared->bypasses);

        oauthcc_snapshot_share(source, limit, report);
        oauthcc_snapshot_waiters(cache, source, report);

        next = entries;

        for (i = 0; i < n; i++) {
            rp[i].entries = next;
            next += rp[i].nentries;

            oauthcc_snapshot_provider(&source[i], &rp[i], &text);
        }

        ngx_shmtx_unlock(&cache->shpool->mutex);

        if (text.needed <= size) {
            break;
        }

        size = text.needed + text.needed / 4;
    }

    return NGX_OK;
}


/*
 * What the configuration says of a provider.  Of several resources it is all
 * of them, with spaces in between.
 */

static ngx_int_t
oauthcc_snapshot_source(ngx_pool_t *pool, oauthcc_provider_t *provider,
    oauthcc_snapshot_source_t *source, oauthcc_snapshot_provider_t *report)
{
    u_char     *p;
    size_t      len;
    ngx_str_t  *resource;
    ngx_uint_t  i;

    report->name = provider->name;
    report->endpoint = provider->endpoint.url->url;

    p = ngx_strlchr(report->endpoint.data,
                    report->endpoint.data + report->endpoint.len, '?');
    if (p) {
        report->endpoint.len = p - report->endpoint.data;
    }

    report->stale_files = oauthcc_provider_values_tell(provider, pool, NULL);

    source->provider = provider;
    source->scope = provider->grant.scope.text;
    source->audience = provider->grant.audience.text;

    len = 0;
    resource = provider->grant.resources.elts;

    for (i = 0; i < provider->grant.resources.nelts; i++) {
        len += resource[i].len + 1;
    }

    p = ngx_pnalloc(pool, len + 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    source->resource.data = p;

    for (i = 0; i < provider->grant.resources.nelts; i++) {

        if (i) {
            *p++ = ' ';
        }

        p = ngx_cpymem(p, resource[i].data, resource[i].len);
    }

    source->resource.len = p - source->resource.data;

    return NGX_OK;
}


/* How many entries of each provider are listed: as many as of the others. */

static void
oauthcc_snapshot_share(oauthcc_snapshot_source_t *source, uint64_t limit,
    oauthcc_snapshot_t *report)
{
    uint64_t                      n, share, given;
    ngx_uint_t                    i;
    oauthcc_provider_t           *provider;
    oauthcc_snapshot_provider_t  *rp;

    rp = report->providers;

    for (i = 0; i < report->nproviders; i++) {
        provider = source[i].provider;
        source[i].client = oauthcc_lease_lookup(provider->runtime.cache,
                                              provider->runtime.local->digest);

        rp[i].all = source[i].client ? source[i].client->nsiblings : 0;
        rp[i].nentries = 0;
    }

    do {
        n = 0;
        given = 0;

        for (i = 0; i < report->nproviders; i++) {
            n += (rp[i].nentries < rp[i].all);
        }

        if (n == 0) {
            return;
        }

        share = ngx_max(limit / n, 1);

        for (i = 0; i < report->nproviders; i++) {
            n = ngx_min(share, rp[i].all - rp[i].nentries);
            n = ngx_min(n, limit);

            rp[i].nentries += n;
            limit -= n;
            given += n;
        }

    } while (given);
}


/* Those of each provider, and, in the zone, those of each listed entry. */

static void
oauthcc_snapshot_waiters(oauthcc_cache_t *cache,
    oauthcc_snapshot_source_t *source, oauthcc_snapshot_t *report)
{
    uint64_t                 waiters;
    ngx_uint_t               i, k;
    ngx_queue_t             *q, *next;
    oauthcc_zone_t          *shared;
    oauthcc_entry_t         *entry;
    oauthcc_waiter_count_t  *gauge;

    shared = cache->shared;

    for (i = 0; i < report->nproviders; i++) {
        report->providers[i].waiters = 0;

        if (source[i].client == NULL) {
            continue;
        }

        q = ngx_queue_head(&source[i].client->siblings);

        for (k = 0; k < report->providers[i].nentries; k++) {
            entry = ngx_queue_data(q, oauthcc_entry_t, sibling);
            entry->history->waiters = 0;
            q = ngx_queue_next(q);
        }
    }

    for (q = ngx_queue_head(&shared->gauges);
         q != ngx_queue_sentinel(&shared->gauges);
         q = next)
    {
        next = ngx_queue_next(q);
        gauge = ngx_queue_data(q, oauthcc_waiter_count_t, queue);

        if (!oauthcc_lease_alive(gauge->worker)) {
            oauthcc_waiter_count_drop(cache, gauge);
            continue;
        }

        waiters = oauthcc_snapshot_load(gauge->waiters);

        for (i = 0; i < report->nproviders; i++) {
            if (source[i].provider->runtime.stats == gauge->stats) {
                report->providers[i].waiters += waiters;
            }
        }

        entry = oauthcc_entry_lookup(cache, gauge->digest);

        if (entry) {
            entry->history->waiters += waiters;
        }
    }
}


static void
oauthcc_snapshot_provider(oauthcc_snapshot_source_t *source,
    oauthcc_snapshot_provider_t *report, oauthcc_snapshot_entry_text_t *text)
{
    ngx_uint_t                 i, fresh;
    ngx_queue_t               *q;
    oauthcc_entry_t           *entry;
    oauthcc_client_node_t     *client;
    oauthcc_snapshot_entry_t  *re;

    oauthcc_snapshot_stats(source->provider->runtime.stats, report);

    report->in_flight = 0;
    report->expiry = OAUTHCC_NEVER;

    client = source->client;

    if (client == NULL) {
        return;
    }

    report->in_flight = oauthcc_lease_count(client, &fresh);
    report->expiry = oauthcc_snapshot_expiry(client);

    q = ngx_queue_head(&client->siblings);

    for (i = 0; i < report->nentries; i++) {
        entry = ngx_queue_data(q, oauthcc_entry_t, sibling);
        re = &report->entries[i];

        re->scope = source->scope;
        re->audience = source->audience;
        re->resource = source->resource;

        oauthcc_snapshot_entry(entry, re, text);

        q = ngx_queue_next(q);
    }
}


static void
oauthcc_snapshot_stats(oauthcc_stats_t *stats,
    oauthcc_snapshot_provider_t *report)
{
    ngx_uint_t  i;

    report->hits = oauthcc_snapshot_requests(stats, HIT);
    report->misses = oauthcc_snapshot_requests(stats, MISS);
    report->waits = oauthcc_snapshot_requests(stats, WAIT);
    report->refreshes = oauthcc_snapshot_requests(stats, REFRESH);
    report->errors = oauthcc_snapshot_requests(stats, ERROR);

    report->replays = oauthcc_snapshot_load(stats->replays);
    report->evictions = oauthcc_snapshot_load(stats->evictions);

    for (i = 0; i < OAUTHCC_RESULTS; i++) {
        report->logins[i] = oauthcc_snapshot_load(stats->logins[i]);
    }

    for (i = 0; i < OAUTHCC_HISTOGRAM_BUCKETS; i++) {
        report->durations.buckets[i] =
                            oauthcc_snapshot_load(stats->durations.buckets[i]);
    }

    report->durations.sum = oauthcc_snapshot_load(stats->durations.sum);
}


/* Which token that is in use ends first: nobody waits for those of others. */

static ngx_msec_t
oauthcc_snapshot_expiry(oauthcc_client_node_t *client)
{
    ngx_msec_t        left, first;
    ngx_uint_t        n;
    ngx_queue_t      *q;
    oauthcc_entry_t  *entry;

    n = 0;
    first = OAUTHCC_NEVER;

    for (q = ngx_queue_head(&client->siblings);
         q != ngx_queue_sentinel(&client->siblings)
         && n < OAUTHCC_SNAPSHOT_ENDS;
         q = ngx_queue_next(q))
    {
        entry = ngx_queue_data(q, oauthcc_entry_t, sibling);
        n++;

        /* the last one that was used counts, however long ago that was */

        if (n > 1
            && oauthcc_lifetime_reached(ngx_current_msec,
                                        entry->used + OAUTHCC_ENTRY_IDLE))
        {
            break;
        }

        if (entry->packed.data) {
            left = oauthcc_snapshot_entry_left(entry->expires);
            first = ngx_min(first, left);
        }
    }

    return first;
}
