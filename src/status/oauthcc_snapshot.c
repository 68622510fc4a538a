
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_clock.h"
#include "status/oauthcc_snapshot.h"
#include "cache/oauthcc_lock.h"
#include "core/oauthcc_version.h"
#include "token/oauthcc_token_types.h"
#include "cache/oauthcc_lease.h"
#include "core/oauthcc_lifetime.h"
#include "core/oauthcc_provider_values.h"
#include "cache/oauthcc_entry.h"
#include "cache/oauthcc_waiter_count.h"
#include "status/oauthcc_snapshot_entry.h"


/* entries that are copied before others may have the lock, and for texts */
#define OAUTHCC_SNAPSHOT_SLICE  16
#define OAUTHCC_SNAPSHOT_TEXT   65536

/* of those that were copied last, so many are tried to go on from */
#define OAUTHCC_SNAPSHOT_TRIES  100

/* entries in use that are looked at for the end that comes first */
#define OAUTHCC_SNAPSHOT_ENDS   1000


#define oauthcc_snapshot_load(n)  __atomic_load_n(&(n), __ATOMIC_RELAXED)

#define oauthcc_snapshot_requests(stats, status)                              \
    oauthcc_snapshot_load((stats)->requests[OAUTHCC_CACHE_STATUS_ ## status])


/* where an entry was when it was copied, to go on from there */

typedef struct {
    u_char          digest[OAUTHCC_DIGEST_LEN];
    oauthcc_time_t  used;
} oauthcc_snapshot_place_t;


/* where that of a provider comes from */

typedef struct {
    oauthcc_provider_t     *provider;

    /* what entries have where no request says otherwise */
    ngx_str_t               scope;
    ngx_str_t               audience;
    ngx_str_t               resource;
} oauthcc_snapshot_source_t;


static ngx_int_t oauthcc_snapshot_source(ngx_pool_t *pool,
    oauthcc_provider_t *provider, oauthcc_snapshot_source_t *source,
    oauthcc_snapshot_provider_t *report);
static void oauthcc_snapshot_share(oauthcc_cache_t *cache,
    oauthcc_snapshot_source_t *source, uint64_t limit,
    oauthcc_snapshot_t *report);
static oauthcc_client_node_t *oauthcc_snapshot_client(oauthcc_cache_t *cache,
    oauthcc_snapshot_source_t *source);
static void oauthcc_snapshot_provider(oauthcc_cache_t *cache,
    oauthcc_snapshot_source_t *source, oauthcc_snapshot_provider_t *report);
static ngx_int_t oauthcc_snapshot_entries(ngx_pool_t *pool,
    oauthcc_cache_t *cache, oauthcc_snapshot_source_t *source,
    oauthcc_snapshot_provider_t *report, oauthcc_snapshot_place_t *places,
    oauthcc_snapshot_entry_text_t *text);
static ngx_queue_t *oauthcc_snapshot_next(oauthcc_cache_t *cache,
    oauthcc_client_node_t *client, oauthcc_snapshot_place_t *places,
    ngx_uint_t n);
static void oauthcc_snapshot_stats(oauthcc_stats_t *stats,
    oauthcc_snapshot_provider_t *report);
static ngx_msec_t oauthcc_snapshot_expiry(oauthcc_client_node_t *client);


ngx_int_t
oauthcc_snapshot_take(ngx_pool_t *pool, ngx_http_oauthcc_main_conf_t *omcf,
    ngx_uint_t limit, oauthcc_snapshot_t *report)
{
    ngx_uint_t                     i, n;
    oauthcc_zone_t                *shared;
    oauthcc_cache_t               *cache;
    oauthcc_provider_t           **provider;
    oauthcc_snapshot_entry_t      *entries;
    oauthcc_snapshot_place_t      *places;
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

    places = ngx_palloc(pool, (limit + 1) * sizeof(oauthcc_snapshot_place_t));

    if (rp == NULL || source == NULL || entries == NULL || places == NULL) {
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

    oauthcc_lock_read(cache);

    report->size = cache->size;
    report->free = (uint64_t) shared->nfree * OAUTHCC_ZONE_PART;
    report->used = report->size - report->free;
    report->entries = shared->nentries;
    report->bypasses = oauthcc_snapshot_load(shared->bypasses);

    oauthcc_snapshot_share(cache, source, limit, report);

    oauthcc_lock_release(cache);

    ngx_memzero(&text, sizeof(oauthcc_snapshot_entry_text_t));

    for (i = 0; i < n; i++) {
        rp[i].entries = entries;
        entries += rp[i].nentries;

        oauthcc_snapshot_provider(cache, &source[i], &rp[i]);

        if (oauthcc_snapshot_entries(pool, cache, &source[i], &rp[i], places,
                                     &text)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
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
    report->per_request = provider->document.per_request;
    report->endpoint = provider->endpoint.url->url;

    p = ngx_strlchr(report->endpoint.data,
                    report->endpoint.data + report->endpoint.len, '?');
    if (p) {
        report->endpoint.len = p - report->endpoint.data;
    }

    report->unreadable = oauthcc_provider_values_tell(provider, pool, NULL);

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
oauthcc_snapshot_share(oauthcc_cache_t *cache,
    oauthcc_snapshot_source_t *source, uint64_t limit,
    oauthcc_snapshot_t *report)
{
    uint64_t                      n, share, given;
    ngx_uint_t                    i;
    oauthcc_client_node_t        *client;
    oauthcc_snapshot_provider_t  *rp;

    rp = report->providers;

    for (i = 0; i < report->nproviders; i++) {
        client = oauthcc_snapshot_client(cache, &source[i]);

        rp[i].all = client ? client->nsiblings : 0;
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


static oauthcc_client_node_t *
oauthcc_snapshot_client(oauthcc_cache_t *cache,
    oauthcc_snapshot_source_t *source)
{
    return oauthcc_lease_lookup(cache,
                                source->provider->runtime.local->digest);
}


static void
oauthcc_snapshot_provider(oauthcc_cache_t *cache,
    oauthcc_snapshot_source_t *source, oauthcc_snapshot_provider_t *report)
{
    ngx_uint_t              fresh;
    oauthcc_stats_t        *stats;
    oauthcc_client_node_t  *client;

    stats = source->provider->runtime.stats;

    oauthcc_snapshot_stats(stats, report);

    report->waiters = oauthcc_waiter_count_get(cache, &stats->waiters);
    report->expiry = OAUTHCC_NEVER;

    oauthcc_lock_read(cache);

    client = oauthcc_snapshot_client(cache, source);

    if (client) {
        report->in_flight = oauthcc_lease_count(client, &fresh);
        report->expiry = oauthcc_snapshot_expiry(client);
    }

    oauthcc_lock_release(cache);
}


/*
 * As many of the most recently used ones as there is room for, but for those
 * that go meanwhile.
 */

static ngx_int_t
oauthcc_snapshot_entries(ngx_pool_t *pool, oauthcc_cache_t *cache,
    oauthcc_snapshot_source_t *source, oauthcc_snapshot_provider_t *report,
    oauthcc_snapshot_place_t *places, oauthcc_snapshot_entry_text_t *text)
{
    ngx_uint_t                 n, slice;
    ngx_queue_t               *q;
    oauthcc_entry_t           *entry;
    oauthcc_client_node_t     *client;
    oauthcc_snapshot_entry_t  *re;

    n = 0;

    do {
        if (text->end - text->pos < OAUTHCC_SNAPSHOT_ENTRY_TEXT) {
            text->pos = ngx_palloc(pool, OAUTHCC_SNAPSHOT_TEXT);

            if (text->pos == NULL) {
                return NGX_ERROR;
            }

            text->end = text->pos + OAUTHCC_SNAPSHOT_TEXT;
        }

        slice = n + OAUTHCC_SNAPSHOT_SLICE;
        slice = ngx_min(slice, report->nentries);

        oauthcc_lock_read(cache);

        client = oauthcc_snapshot_client(cache, source);
        q = client ? oauthcc_snapshot_next(cache, client, places, n) : NULL;

        while (n < slice && q && q != ngx_queue_sentinel(&client->siblings)
               && text->end - text->pos >= OAUTHCC_SNAPSHOT_ENTRY_TEXT)
        {
            entry = ngx_queue_data(q, oauthcc_entry_t, sibling);
            re = &report->entries[n];

            ngx_memcpy(places[n].digest, entry->node.digest,
                       OAUTHCC_DIGEST_LEN);
            places[n].used = entry->used;
            n++;

            re->scope = source->scope;
            re->audience = source->audience;
            re->resource = source->resource;

            oauthcc_snapshot_entry(cache, entry, re, text);

            q = ngx_queue_next(q);
        }

        oauthcc_lock_release(cache);

        if (q == NULL || q == ngx_queue_sentinel(&client->siblings)) {
            report->nentries = n;
        }

    } while (n < report->nentries);

    return NGX_OK;
}


/*
 * The one behind the n that were copied: behind the last that is where it was
 * then, as those in use go to the front.
 */

static ngx_queue_t *
oauthcc_snapshot_next(oauthcc_cache_t *cache, oauthcc_client_node_t *client,
    oauthcc_snapshot_place_t *places, ngx_uint_t n)
{
    ngx_uint_t                 tries;
    oauthcc_entry_t           *entry;
    oauthcc_snapshot_place_t  *place;

    if (n == 0) {
        return ngx_queue_head(&client->siblings);
    }

    for (tries = 0; n && tries < OAUTHCC_SNAPSHOT_TRIES; tries++) {
        place = &places[--n];
        entry = oauthcc_entry_lookup(cache, place->digest);

        if (entry && entry->client == client && entry->used == place->used) {
            return ngx_queue_next(&entry->sibling);
        }
    }

    return NULL;
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
    report->refusals = oauthcc_snapshot_load(stats->refusals);
    report->evictions = oauthcc_snapshot_load(stats->evictions);
    report->last_success = oauthcc_snapshot_load(stats->last_success);
    report->last_failure = oauthcc_snapshot_load(stats->last_failure);
    report->failed_in_row = oauthcc_snapshot_load(stats->failed_in_row);

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
            && oauthcc_lifetime_reached(oauthcc_clock_msec(),
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
