
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "status/oauthcc_snapshot_take.h"
#include "cache/oauthcc_lease.h"
#include "cache/oauthcc_cache.h"
#include "core/oauthcc_lifetime.h"
#include "cache/oauthcc_entry.h"
#include "cache/oauthcc_waiter_count.h"
#include "status/oauthcc_snapshot_entry.h"


/* for texts of the zone at first, in bytes, and how often it may grow */
#define NGX_HTTP_OAUTHCC_SURVEY_TEXT   16384
#define NGX_HTTP_OAUTHCC_SURVEY_TRIES  4

/* entries in use that are looked at for the end that comes first */
#define NGX_HTTP_OAUTHCC_SURVEY_ENDS   1000


#define ngx_http_oauthcc_survey_load(n)                                       \
    __atomic_load_n(&(n), __ATOMIC_RELAXED)


/* what entries have where no request says otherwise */

typedef struct {
    ngx_str_t                           scope;
    ngx_str_t                           audience;
    ngx_str_t                           resource;
} ngx_http_oauthcc_survey_usual_t;


static ngx_int_t ngx_http_oauthcc_survey_usual(ngx_pool_t *pool,
    ngx_http_oauthcc_provider_t *provider,
    ngx_http_oauthcc_survey_usual_t *usual);
static void ngx_http_oauthcc_survey_zone(ngx_http_oauthcc_cache_t *cache,
    ngx_http_oauthcc_report_t *report);
static void ngx_http_oauthcc_survey_share(
    ngx_http_oauthcc_main_conf_t *omcf, ngx_uint_t limit,
    ngx_http_oauthcc_report_t *report);
static void ngx_http_oauthcc_survey_waiters(ngx_http_oauthcc_cache_t *cache,
    ngx_http_oauthcc_main_conf_t *omcf, ngx_http_oauthcc_report_t *report);
static void ngx_http_oauthcc_survey_provider(
    ngx_http_oauthcc_provider_t *provider,
    ngx_http_oauthcc_report_provider_t *report,
    ngx_http_oauthcc_survey_usual_t *usual,
    ngx_http_oauthcc_profile_text_t *text);
static void ngx_http_oauthcc_survey_tally(ngx_http_oauthcc_tally_t *tally,
    ngx_http_oauthcc_report_provider_t *report);
static ngx_uint_t ngx_http_oauthcc_survey_own(
    ngx_http_oauthcc_account_t *account);
static ngx_msec_t ngx_http_oauthcc_survey_expiry(
    ngx_http_oauthcc_account_t *account);
static ngx_http_oauthcc_account_t *ngx_http_oauthcc_survey_account(
    ngx_http_oauthcc_provider_t *provider);


ngx_int_t
ngx_http_oauthcc_survey_take(ngx_pool_t *pool,
    ngx_http_oauthcc_main_conf_t *omcf, ngx_uint_t limit,
    ngx_http_oauthcc_report_t *report)
{
    size_t                                size;
    u_char                               *p;
    ngx_uint_t                            i, n, tries;
    ngx_http_oauthcc_zone_t              *shared;
    ngx_http_oauthcc_cache_t             *cache;
    ngx_http_oauthcc_provider_t         **provider;
    ngx_http_oauthcc_report_entry_t      *entries;
    ngx_http_oauthcc_profile_text_t       text;
    ngx_http_oauthcc_survey_usual_t      *usual;
    ngx_http_oauthcc_report_provider_t   *rp;

    ngx_memzero(report, sizeof(ngx_http_oauthcc_report_t));

    ngx_str_set(&report->version, NGX_HTTP_OAUTHCC_VERSION);
    report->time = ngx_time();
    report->limit = limit;

    cache = omcf->cache;

    if (cache == NULL) {
        return NGX_OK;
    }

    n = omcf->providers.nelts;
    provider = omcf->providers.elts;

    rp = ngx_pcalloc(pool, n * sizeof(ngx_http_oauthcc_report_provider_t));
    if (rp == NULL) {
        return NGX_ERROR;
    }

    usual = ngx_palloc(pool, n * sizeof(ngx_http_oauthcc_survey_usual_t));
    if (usual == NULL) {
        return NGX_ERROR;
    }

    report->providers = rp;
    report->nproviders = n;

    for (i = 0; i < n; i++) {
        rp[i].name = provider[i]->name;

        rp[i].endpoint = provider[i]->endpoint.url;
        p = ngx_strlchr(rp[i].endpoint.data,
                        rp[i].endpoint.data + rp[i].endpoint.len, '?');
        if (p) {
            rp[i].endpoint.len = p - rp[i].endpoint.data;
        }

        if (ngx_http_oauthcc_survey_usual(pool, provider[i], &usual[i])
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    /* more may come until the lock is ours: then they are not listed */

    shared = cache->shared;
    limit = ngx_min(limit, shared->nentries);

    entries = ngx_palloc(pool, (limit + 1)
                               * sizeof(ngx_http_oauthcc_report_entry_t));
    if (entries == NULL) {
        return NGX_ERROR;
    }

    size = NGX_HTTP_OAUTHCC_SURVEY_TEXT;

    for (tries = 0; tries < NGX_HTTP_OAUTHCC_SURVEY_TRIES; tries++) {

        text.pos = ngx_palloc(pool, size);
        if (text.pos == NULL) {
            return NGX_ERROR;
        }

        text.end = text.pos + size;
        text.needed = 0;

        ngx_shmtx_lock(&cache->shpool->mutex);

        ngx_http_oauthcc_survey_zone(cache, report);
        ngx_http_oauthcc_survey_share(omcf, limit, report);
        ngx_http_oauthcc_survey_waiters(cache, omcf, report);

        rp[0].entries = entries;

        for (i = 0; i < n; i++) {

            if (i) {
                rp[i].entries = rp[i - 1].entries + rp[i - 1].nentries;
            }

            ngx_http_oauthcc_survey_provider(provider[i], &rp[i], &usual[i],
                                             &text);
        }

        ngx_shmtx_unlock(&cache->shpool->mutex);

        if (text.needed <= size) {
            break;
        }

        size = text.needed + text.needed / 4;
    }

    return NGX_OK;
}


/* Of several resources it is all of them, with spaces in between. */

static ngx_int_t
ngx_http_oauthcc_survey_usual(ngx_pool_t *pool,
    ngx_http_oauthcc_provider_t *provider,
    ngx_http_oauthcc_survey_usual_t *usual)
{
    u_char      *p;
    ngx_str_t   *resource, *text;
    ngx_uint_t   i;

    usual->scope = provider->scope;
    usual->audience = provider->audience.text;

    text = &usual->resource;
    text->len = 0;

    resource = provider->resources.elts;

    for (i = 0; i < provider->resources.nelts; i++) {
        text->len += resource[i].len + (i != 0);
    }

    p = ngx_pnalloc(pool, text->len + 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    text->data = p;

    for (i = 0; i < provider->resources.nelts; i++) {

        if (i) {
            *p++ = ' ';
        }

        p = ngx_cpymem(p, resource[i].data, resource[i].len);
    }

    return NGX_OK;
}


static void
ngx_http_oauthcc_survey_zone(ngx_http_oauthcc_cache_t *cache,
    ngx_http_oauthcc_report_t *report)
{
    ngx_http_oauthcc_zone_t  *shared;

    shared = cache->shared;

    report->size = cache->size;
    report->free = cache->shpool->pfree * ngx_pagesize;
    report->used = report->size - report->free;

    report->entries = shared->nentries;
    report->bypasses = __atomic_load_n(&shared->bypasses, __ATOMIC_RELAXED);
}


/* How many entries of each provider are listed: as many as of the others. */

static void
ngx_http_oauthcc_survey_share(ngx_http_oauthcc_main_conf_t *omcf,
    ngx_uint_t limit, ngx_http_oauthcc_report_t *report)
{
    ngx_uint_t                           i, n, share, given;
    ngx_http_oauthcc_account_t          *account;
    ngx_http_oauthcc_provider_t        **provider;
    ngx_http_oauthcc_report_provider_t  *rp;

    provider = omcf->providers.elts;
    rp = report->providers;

    for (i = 0; i < report->nproviders; i++) {
        account = ngx_http_oauthcc_survey_account(provider[i]);

        rp[i].all = account ? account->nsiblings : 0;
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
ngx_http_oauthcc_survey_waiters(ngx_http_oauthcc_cache_t *cache,
    ngx_http_oauthcc_main_conf_t *omcf, ngx_http_oauthcc_report_t *report)
{
    uint64_t                            waiters;
    ngx_uint_t                          i, k;
    ngx_queue_t                        *q, *next;
    ngx_http_oauthcc_zone_t            *shared;
    ngx_http_oauthcc_entry_t           *entry;
    ngx_http_oauthcc_account_t         *account;
    ngx_http_oauthcc_presence_t        *presence;
    ngx_http_oauthcc_provider_t       **provider;

    shared = cache->shared;
    provider = omcf->providers.elts;

    for (i = 0; i < report->nproviders; i++) {
        report->providers[i].waiters = 0;

        account = ngx_http_oauthcc_survey_account(provider[i]);

        if (account == NULL) {
            continue;
        }

        q = ngx_queue_head(&account->siblings);

        for (k = 0; k < report->providers[i].nentries; k++) {
            entry = ngx_queue_data(q, ngx_http_oauthcc_entry_t, sibling);
            entry->history->waiters = 0;
            q = ngx_queue_next(q);
        }
    }

    for (q = ngx_queue_head(&shared->presences);
         q != ngx_queue_sentinel(&shared->presences);
         q = next)
    {
        next = ngx_queue_next(q);
        presence = ngx_queue_data(q, ngx_http_oauthcc_presence_t, queue);

        if (!ngx_http_oauthcc_account_alive(presence->worker)) {
            ngx_http_oauthcc_presence_drop(cache, presence);
            continue;
        }

        waiters = __atomic_load_n(&presence->waiters, __ATOMIC_RELAXED);

        for (i = 0; i < report->nproviders; i++) {
            if (provider[i]->tally == presence->tally) {
                report->providers[i].waiters += waiters;
            }
        }

        entry = ngx_http_oauthcc_entry_lookup(cache, presence->digest);

        if (entry) {
            entry->history->waiters += waiters;
        }
    }
}


static void
ngx_http_oauthcc_survey_provider(ngx_http_oauthcc_provider_t *provider,
    ngx_http_oauthcc_report_provider_t *report,
    ngx_http_oauthcc_survey_usual_t *usual,
    ngx_http_oauthcc_profile_text_t *text)
{
    ngx_uint_t                        i;
    ngx_queue_t                      *q;
    ngx_http_oauthcc_account_t       *account;
    ngx_http_oauthcc_report_entry_t  *re;

    ngx_http_oauthcc_survey_tally(provider->tally, report);

    report->in_flight = 0;
    report->expiry = NGX_HTTP_OAUTHCC_REPORT_NEVER;

    account = ngx_http_oauthcc_survey_account(provider);

    if (account == NULL) {
        return;
    }

    report->in_flight = ngx_http_oauthcc_account_logins(account)
                        + ngx_http_oauthcc_survey_own(account);
    report->expiry = ngx_http_oauthcc_survey_expiry(account);

    q = ngx_queue_head(&account->siblings);

    for (i = 0; i < report->nentries; i++) {
        re = &report->entries[i];

        re->scope = usual->scope;
        re->audience = usual->audience;
        re->resource = usual->resource;

        ngx_http_oauthcc_profile_entry(ngx_queue_data(q,
                                      ngx_http_oauthcc_entry_t, sibling),
                                      re, text);
        q = ngx_queue_next(q);
    }
}


static void
ngx_http_oauthcc_survey_tally(ngx_http_oauthcc_tally_t *tally,
    ngx_http_oauthcc_report_provider_t *report)
{
    ngx_uint_t  i;

    report->hits = ngx_http_oauthcc_survey_load(
                       tally->requests[NGX_HTTP_OAUTHCC_STATUS_HIT]);
    report->misses = ngx_http_oauthcc_survey_load(
                         tally->requests[NGX_HTTP_OAUTHCC_STATUS_MISS]);
    report->waits = ngx_http_oauthcc_survey_load(
                        tally->requests[NGX_HTTP_OAUTHCC_STATUS_WAIT]);
    report->refreshes = ngx_http_oauthcc_survey_load(
                            tally->requests[NGX_HTTP_OAUTHCC_STATUS_REFRESH]);
    report->errors = ngx_http_oauthcc_survey_load(
                         tally->requests[NGX_HTTP_OAUTHCC_STATUS_ERROR]);

    report->replays = ngx_http_oauthcc_survey_load(tally->replays);
    report->evictions = ngx_http_oauthcc_survey_load(tally->evictions);

    for (i = 0; i < NGX_HTTP_OAUTHCC_REPORT_RESULTS; i++) {
        report->logins[i] = ngx_http_oauthcc_survey_load(tally->logins[i]);
    }

    for (i = 0; i < NGX_HTTP_OAUTHCC_REPORT_BUCKETS; i++) {
        report->durations.buckets[i] =
            ngx_http_oauthcc_survey_load(tally->durations.buckets[i]);
    }

    report->durations.sum =
        ngx_http_oauthcc_survey_load(tally->durations.sum);
}


static ngx_uint_t
ngx_http_oauthcc_survey_own(ngx_http_oauthcc_account_t *account)
{
    ngx_uint_t               n;
    ngx_queue_t             *q;
    ngx_http_oauthcc_own_t  *own;

    n = 0;

    for (q = ngx_queue_head(&account->own);
         q != ngx_queue_sentinel(&account->own);
         q = ngx_queue_next(q))
    {
        own = ngx_queue_data(q, ngx_http_oauthcc_own_t, queue);

        if (ngx_http_oauthcc_account_held(own->leader, own->deadline)) {
            n++;
        }
    }

    return n;
}


/* Which token that is in use ends first: nobody waits for those of others. */

static ngx_msec_t
ngx_http_oauthcc_survey_expiry(ngx_http_oauthcc_account_t *account)
{
    ngx_msec_t                 left, first;
    ngx_uint_t                 n;
    ngx_queue_t               *q;
    ngx_http_oauthcc_entry_t  *entry;

    n = 0;
    first = NGX_HTTP_OAUTHCC_REPORT_NEVER;

    for (q = ngx_queue_head(&account->siblings);
         q != ngx_queue_sentinel(&account->siblings)
         && n < NGX_HTTP_OAUTHCC_SURVEY_ENDS;
         q = ngx_queue_next(q))
    {
        entry = ngx_queue_data(q, ngx_http_oauthcc_entry_t, sibling);
        n++;

        /* the last one that was used counts, however long ago that was */

        if (n > 1
            && ngx_http_oauthcc_clock_reached(ngx_current_msec,
                                    entry->used + NGX_HTTP_OAUTHCC_ENTRY_IDLE))
        {
            break;
        }

        if (entry->packed.data) {
            left = ngx_http_oauthcc_profile_left(entry->expires);
            first = ngx_min(first, left);
        }
    }

    return first;
}


static ngx_http_oauthcc_account_t *
ngx_http_oauthcc_survey_account(ngx_http_oauthcc_provider_t *provider)
{
    return ngx_http_oauthcc_account_lookup(provider->cache,
                                           provider->copy.digest);
}
