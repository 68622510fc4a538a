
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
#include "dpop/oauthcc_proof.h"
#include "token/oauthcc_token_types.h"
#include "cache/oauthcc_lease.h"
#include "core/oauthcc_lifetime.h"
#include "core/oauthcc_provider_values.h"
#include "cache/oauthcc_entry.h"
#include "cache/oauthcc_waiter_count.h"
#include "cache/oauthcc_failures.h"
#include "status/oauthcc_snapshot_select.h"


/* entries in use that are looked at for the end that comes first */
#define OAUTHCC_SNAPSHOT_ENDS   1000


#define oauthcc_snapshot_load(n)  __atomic_load_n(&(n), __ATOMIC_RELAXED)

#define oauthcc_snapshot_requests(stats, status)                              \
    oauthcc_snapshot_load((stats)->requests[OAUTHCC_CACHE_STATUS_ ## status   \
                                            - OAUTHCC_CACHE_STATUS_HIT])


static ngx_int_t oauthcc_snapshot_source(ngx_pool_t *pool,
    oauthcc_provider_t *provider, oauthcc_snapshot_source_t *source,
    oauthcc_snapshot_provider_t *report);
static oauthcc_client_node_t *oauthcc_snapshot_client(oauthcc_cache_t *cache,
    oauthcc_snapshot_source_t *source);
static void oauthcc_snapshot_provider(oauthcc_cache_t *cache,
    oauthcc_snapshot_source_t *source, oauthcc_snapshot_provider_t *report);
static ngx_int_t oauthcc_snapshot_failures(ngx_pool_t *pool,
    oauthcc_cache_t *cache, oauthcc_snapshot_source_t *source,
    oauthcc_snapshot_t *report);
static void oauthcc_snapshot_stats(oauthcc_stats_t *stats,
    oauthcc_snapshot_provider_t *report);
static ngx_msec_t oauthcc_snapshot_expiry(oauthcc_client_node_t *client);


ngx_int_t
oauthcc_snapshot_take(ngx_pool_t *pool, ngx_http_oauthcc_main_conf_t *omcf,
    oauthcc_snapshot_filter_t *filter, oauthcc_snapshot_t *report)
{
    ngx_uint_t                     i, n;
    oauthcc_zone_t                *shared;
    oauthcc_cache_t               *cache;
    oauthcc_provider_t           **provider;
    oauthcc_snapshot_source_t     *source;
    oauthcc_snapshot_provider_t   *rp;

    ngx_memzero(report, sizeof(oauthcc_snapshot_t));

    ngx_str_set(&report->version, OAUTHCC_VERSION);
    report->time = ngx_time();
    report->limit = filter ? filter->limit : 0;

    cache = omcf->cache;

    if (cache == NULL) {
        return NGX_OK;
    }

    oauthcc_snapshot_store_take(omcf, &report->store);

    n = omcf->providers.nelts;
    provider = omcf->providers.elts;

    shared = cache->shared;

    rp = ngx_pcalloc(pool, n * sizeof(oauthcc_snapshot_provider_t));
    source = ngx_palloc(pool, n * sizeof(oauthcc_snapshot_source_t));

    if (rp == NULL || source == NULL) {
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
    report->since = shared->since;

    oauthcc_lock_release(cache);

    for (i = 0; i < n; i++) {
        oauthcc_snapshot_provider(cache, &source[i], &rp[i]);
    }

    if (filter == NULL) {
        return NGX_OK;
    }

    for (i = 0; i < n; i++) {

        /* what cannot be told is left out */

        if (rp[i].dpop) {
            (void) oauthcc_proof_describe(provider[i], pool, &rp[i].dpop_alg,
                                          &rp[i].dpop_thumbprint);
        }
    }

    if (oauthcc_snapshot_select(pool, cache, filter, source, report)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return oauthcc_snapshot_failures(pool, cache, source, report);
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
    report->dpop = provider->dpop.on;

    if (provider->document.login_json) {
        ngx_str_set(&report->auth_method, "login_json");

    } else {
        report->auth_method = provider->client.method_name;
        report->client_id = provider->client.id.text;
    }
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
        report->all = client->nsiblings;
        report->backoff = oauthcc_lease_backoff(client, 0, 0);
        report->in_flight = oauthcc_lease_count(client, &fresh);
        report->expiry = oauthcc_snapshot_expiry(client);
    }

    oauthcc_lock_release(cache);
}


/* Those of the providers that are shown. */

static ngx_int_t
oauthcc_snapshot_failures(ngx_pool_t *pool, oauthcc_cache_t *cache,
    oauthcc_snapshot_source_t *source, oauthcc_snapshot_t *report)
{
    u_char                      *p;
    ngx_uint_t                   i, k, n;
    oauthcc_stats_t             *stats;
    oauthcc_zone_failed_t       *records, *record;
    oauthcc_snapshot_failure_t  *failure;

    records = ngx_palloc(pool, OAUTHCC_ZONE_FAILED
                               * sizeof(oauthcc_zone_failed_t));
    report->failures = ngx_pcalloc(pool, OAUTHCC_ZONE_FAILED
                                         * sizeof(oauthcc_snapshot_failure_t));
    p = ngx_pnalloc(pool, OAUTHCC_ZONE_FAILED * 2 * sizeof(uint64_t));

    if (records == NULL || report->failures == NULL || p == NULL) {
        return NGX_ERROR;
    }

    n = oauthcc_failures_read(cache, records, OAUTHCC_ZONE_FAILED);

    for (k = 0; k < n; k++) {
        record = &records[k];
        stats = oauthcc_failures_stats(cache, record);

        for (i = 0; i < report->nproviders; i++) {
            if (source[i].provider->runtime.stats == stats) {
                break;
            }
        }

        if (i == report->nproviders || report->providers[i].hidden) {
            continue;
        }

        failure = &report->failures[report->nfailures++];

        failure->provider = i;
        failure->time = record->time;
        failure->took = record->took;
        failure->status = record->status;
        failure->result = ngx_min(record->result, OAUTHCC_RESULTS - 1);
        failure->error.data = record->text;
        failure->error.len = ngx_min(record->len, OAUTHCC_ZONE_FAILED_TEXT);

        failure->cut = (failure->error.len == OAUTHCC_ZONE_FAILED_TEXT);

        if (record->entry) {
            failure->entry.data = p;
            p = ngx_sprintf(p, "%016xL", record->entry);
            failure->entry.len = p - failure->entry.data;
        }
    }

    return NGX_OK;
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

    for (i = 0; i < OAUTHCC_NONCE_CHALLENGES; i++) {
        report->challenges[i] = oauthcc_snapshot_load(stats->challenges[i]);
    }

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
    oauthcc_entry_t  *entry;

    n = 0;
    first = OAUTHCC_NEVER;

    for (entry = oauthcc_entry_next(client, NULL);
         entry && n < OAUTHCC_SNAPSHOT_ENDS;
         entry = oauthcc_entry_next(client, entry))
    {
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
