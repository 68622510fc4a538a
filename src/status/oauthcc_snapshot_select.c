
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "status/oauthcc_snapshot_select.h"
#include "cache/oauthcc_entry.h"
#include "cache/oauthcc_entry_text.h"
#include "cache/oauthcc_index.h"
#include "cache/oauthcc_lock.h"
#include "core/oauthcc_text.h"
#include "token/oauthcc_token_types.h"


/* entries that are copied, or looked at, before others may have the lock */
#define OAUTHCC_SNAPSHOT_SELECT_COPIES  16
#define OAUTHCC_SNAPSHOT_SELECT_LOOKS   32

/* memory for texts, at once */
#define OAUTHCC_SNAPSHOT_SELECT_TEXT    65536


/* an entry to be listed */

typedef struct {
    u_char          digest[OAUTHCC_DIGEST_LEN];
    oauthcc_time_t  used;
    uint64_t        changed;  /* its version: of those used at once */
    ngx_uint_t      failing;
} oauthcc_snapshot_chosen_t;


/* those of a provider: while they are chosen a heap, the last choice first */

typedef struct {
    oauthcc_snapshot_chosen_t  *chosen;
    ngx_uint_t                  n;
    ngx_uint_t                  size;
} oauthcc_snapshot_heap_t;


typedef struct {
    oauthcc_cache_t            *cache;
    oauthcc_snapshot_filter_t  *filter;
    oauthcc_snapshot_source_t  *source;
    oauthcc_snapshot_t         *report;
    ngx_uint_t                 *sorted;  /* providers, by their digests */
    oauthcc_snapshot_heap_t    *heaps;   /* NULL: they are counted */
} oauthcc_snapshot_select_t;


static ngx_int_t oauthcc_snapshot_select_sort(ngx_pool_t *pool,
    oauthcc_snapshot_select_t *select);
static void oauthcc_snapshot_select_walk(oauthcc_snapshot_select_t *select);
static void oauthcc_snapshot_select_look(void *data, void *node);
static ngx_uint_t oauthcc_snapshot_select_provider(
    oauthcc_snapshot_select_t *select, u_char *digest);
static ngx_uint_t oauthcc_snapshot_select_match(
    oauthcc_snapshot_select_t *select, ngx_uint_t i, oauthcc_entry_t *entry);
static ngx_uint_t oauthcc_snapshot_select_in(ngx_str_t *text,
    ngx_str_t *part);
static void oauthcc_snapshot_select_share(oauthcc_snapshot_t *report,
    uint64_t limit);
static ngx_int_t oauthcc_snapshot_select_heaps(ngx_pool_t *pool,
    oauthcc_snapshot_select_t *select);
static void oauthcc_snapshot_select_choose(oauthcc_snapshot_heap_t *heap,
    oauthcc_entry_t *entry, ngx_uint_t failing);
static ngx_uint_t oauthcc_snapshot_select_after(oauthcc_snapshot_chosen_t *a,
    oauthcc_snapshot_chosen_t *b);
static void oauthcc_snapshot_select_sink(oauthcc_snapshot_chosen_t *chosen,
    ngx_uint_t n, ngx_uint_t i);
static void oauthcc_snapshot_select_order(oauthcc_snapshot_heap_t *heap);
static ngx_int_t oauthcc_snapshot_select_copy(ngx_pool_t *pool,
    oauthcc_snapshot_select_t *select, ngx_uint_t i,
    oauthcc_snapshot_entry_text_t *text);


/* In two passes: how many there are says how many of each are listed. */

ngx_int_t
oauthcc_snapshot_select(ngx_pool_t *pool, oauthcc_cache_t *cache,
    oauthcc_snapshot_filter_t *filter, oauthcc_snapshot_source_t *source,
    oauthcc_snapshot_t *report)
{
    ngx_uint_t                     i;
    oauthcc_snapshot_select_t      select;
    oauthcc_snapshot_entry_text_t  text;

    ngx_memzero(&select, sizeof(oauthcc_snapshot_select_t));

    select.cache = cache;
    select.filter = filter;
    select.source = source;
    select.report = report;

    if (oauthcc_snapshot_select_sort(pool, &select) != NGX_OK) {
        return NGX_ERROR;
    }

    oauthcc_snapshot_select_walk(&select);

    for (i = 0; i < report->nproviders; i++) {
        report->matching += report->providers[i].matching;
    }

    oauthcc_snapshot_select_share(report, filter->limit);

    if (oauthcc_snapshot_select_heaps(pool, &select) != NGX_OK) {
        return NGX_ERROR;
    }

    oauthcc_snapshot_select_walk(&select);

    ngx_memzero(&text, sizeof(oauthcc_snapshot_entry_text_t));

    for (i = 0; i < report->nproviders; i++) {
        oauthcc_snapshot_select_order(&select.heaps[i]);

        if (oauthcc_snapshot_select_copy(pool, &select, i, &text) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* Who an entry belongs to is found by the digest of its client node. */

static ngx_int_t
oauthcc_snapshot_select_sort(ngx_pool_t *pool,
    oauthcc_snapshot_select_t *select)
{
    u_char                     *digest;
    ngx_str_t                  *name;
    ngx_uint_t                  i, k;
    oauthcc_snapshot_source_t  *source;

    source = select->source;

    select->sorted = ngx_palloc(pool, (select->report->nproviders + 1)
                                      * sizeof(ngx_uint_t));
    if (select->sorted == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < select->report->nproviders; i++) {
        digest = source[i].provider->runtime.local->digest;

        for (k = i;
             k && ngx_memcmp(digest,
                             source[select->sorted[k - 1]].provider
                                                  ->runtime.local->digest,
                             OAUTHCC_DIGEST_LEN)
                  < 0;
             k--)
        {
            select->sorted[k] = select->sorted[k - 1];
        }

        select->sorted[k] = i;

        name = &select->filter->provider;

        select->report->providers[i].hidden = name->data
               && !oauthcc_text_eq(name, &source[i].provider->name);
    }

    return NGX_OK;
}


static void
oauthcc_snapshot_select_walk(oauthcc_snapshot_select_t *select)
{
    ngx_uint_t  more, bucket;

    bucket = 0;

    do {
        oauthcc_lock_read(select->cache);

        more = oauthcc_index_walk(select->cache->shared, OAUTHCC_ZONE_ENTRY,
                                  &bucket, OAUTHCC_SNAPSHOT_SELECT_LOOKS,
                                  oauthcc_snapshot_select_look, select);

        oauthcc_lock_release(select->cache);

    } while (more);
}


static void
oauthcc_snapshot_select_look(void *data, void *node)
{
    ngx_uint_t                    i, match;
    oauthcc_entry_t              *entry;
    oauthcc_snapshot_state_e      state;
    oauthcc_snapshot_select_t    *select;
    oauthcc_snapshot_provider_t  *rp;

    select = data;
    entry = node;

    i = oauthcc_snapshot_select_provider(select, entry->client->node.digest);

    if (i == select->report->nproviders) {
        return;
    }

    rp = &select->report->providers[i];

    state = oauthcc_snapshot_entry_state(entry);

    match = !rp->hidden
            && (select->filter->states & oauthcc_snapshot_bit(state))
            && oauthcc_snapshot_select_match(select, i, entry);

    if (select->heaps == NULL) {
        select->report->states[state]++;
        rp->states[state]++;
        rp->matching += match;

    } else if (match) {
        oauthcc_snapshot_select_choose(&select->heaps[i], entry,
                                       (OAUTHCC_SNAPSHOT_ERROR
                                        & oauthcc_snapshot_bit(state)) != 0);
    }
}


static ngx_uint_t
oauthcc_snapshot_select_provider(oauthcc_snapshot_select_t *select,
    u_char *digest)
{
    ngx_int_t   rc;
    ngx_uint_t  i, from, to;

    from = 0;
    to = select->report->nproviders;

    while (from < to) {
        i = (from + to) / 2;

        rc = ngx_memcmp(digest,
                        select->source[select->sorted[i]].provider
                                              ->runtime.local->digest,
                        OAUTHCC_DIGEST_LEN);
        if (rc == 0) {
            return select->sorted[i];
        }

        if (rc < 0) {
            to = i;

        } else {
            from = i + 1;
        }
    }

    return select->report->nproviders;
}


/* Whether the scope, a request's or the provider's, has the text in it. */

static ngx_uint_t
oauthcc_snapshot_select_match(oauthcc_snapshot_select_t *select, ngx_uint_t i,
    oauthcc_entry_t *entry)
{
    u_char      label[OAUTHCC_ENTRY_TEXT_LABEL];
    ngx_str_t   scope, audience, resource;
    ngx_str_t  *part;

    part = &select->filter->scope;

    if (part->len == 0) {
        return 1;
    }

    oauthcc_entry_text_label(select->cache, entry, label, &scope, &audience,
                             &resource);

    return oauthcc_snapshot_select_in(scope.data ? &scope
                                                 : &select->source[i].scope,
                                      part);
}


static ngx_uint_t
oauthcc_snapshot_select_in(ngx_str_t *text, ngx_str_t *part)
{
    size_t  i;

    for (i = 0; i + part->len <= text->len; i++) {

        if (ngx_strncasecmp(text->data + i, part->data, part->len) == 0) {
            return 1;
        }
    }

    return 0;
}


/* How many entries of each provider are listed: as many as of the others. */

static void
oauthcc_snapshot_select_share(oauthcc_snapshot_t *report, uint64_t limit)
{
    uint64_t                      n, share, given;
    ngx_uint_t                    i;
    oauthcc_snapshot_provider_t  *rp;

    rp = report->providers;

    do {
        n = 0;
        given = 0;

        for (i = 0; i < report->nproviders; i++) {
            n += (rp[i].nentries < rp[i].matching);
        }

        if (n == 0) {
            return;
        }

        share = ngx_max(limit / n, 1);

        for (i = 0; i < report->nproviders; i++) {
            n = ngx_min(share, rp[i].matching - rp[i].nentries);
            n = ngx_min(n, limit);

            rp[i].nentries += n;
            limit -= n;
            given += n;
        }

    } while (given);
}


static ngx_int_t
oauthcc_snapshot_select_heaps(ngx_pool_t *pool,
    oauthcc_snapshot_select_t *select)
{
    ngx_uint_t                    i, n;
    oauthcc_snapshot_entry_t     *entries;
    oauthcc_snapshot_chosen_t    *chosen;
    oauthcc_snapshot_provider_t  *rp;

    n = 0;
    rp = select->report->providers;

    for (i = 0; i < select->report->nproviders; i++) {
        n += rp[i].nentries;
    }

    select->heaps = ngx_pcalloc(pool, (select->report->nproviders + 1)
                                      * sizeof(oauthcc_snapshot_heap_t));
    chosen = ngx_palloc(pool, (n + 1) * sizeof(oauthcc_snapshot_chosen_t));
    entries = ngx_palloc(pool, (n + 1) * sizeof(oauthcc_snapshot_entry_t));

    if (select->heaps == NULL || chosen == NULL || entries == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < select->report->nproviders; i++) {
        select->heaps[i].chosen = chosen;
        select->heaps[i].size = rp[i].nentries;
        chosen += rp[i].nentries;

        rp[i].entries = entries;
        entries += rp[i].nentries;
    }

    return NGX_OK;
}


static void
oauthcc_snapshot_select_choose(oauthcc_snapshot_heap_t *heap,
    oauthcc_entry_t *entry, ngx_uint_t failing)
{
    ngx_uint_t                 i;
    oauthcc_snapshot_chosen_t  one, *chosen;

    ngx_memcpy(one.digest, entry->node.digest, OAUTHCC_DIGEST_LEN);
    one.used = entry->used;
    one.changed = entry->version->generation;
    one.failing = failing;

    chosen = heap->chosen;

    if (heap->n < heap->size) {

        for (i = heap->n++;
             i && oauthcc_snapshot_select_after(&one, &chosen[(i - 1) / 2]);
             i = (i - 1) / 2)
        {
            chosen[i] = chosen[(i - 1) / 2];
        }

        chosen[i] = one;

    } else if (heap->n && oauthcc_snapshot_select_after(&chosen[0], &one)) {
        chosen[0] = one;
        oauthcc_snapshot_select_sink(chosen, heap->n, 0);
    }
}


/* Whether the first one is listed after the other one. */

static ngx_uint_t
oauthcc_snapshot_select_after(oauthcc_snapshot_chosen_t *a,
    oauthcc_snapshot_chosen_t *b)
{
    if (a->failing != b->failing) {
        return a->failing < b->failing;
    }

    if (a->used != b->used) {
        return a->used < b->used;
    }

    return a->changed < b->changed;
}


static void
oauthcc_snapshot_select_sink(oauthcc_snapshot_chosen_t *chosen, ngx_uint_t n,
    ngx_uint_t i)
{
    ngx_uint_t                 child;
    oauthcc_snapshot_chosen_t  one;

    one = chosen[i];

    for ( ;; ) {
        child = 2 * i + 1;

        if (child + 1 < n
            && oauthcc_snapshot_select_after(&chosen[child + 1],
                                             &chosen[child]))
        {
            child++;
        }

        if (child >= n || !oauthcc_snapshot_select_after(&chosen[child], &one))
        {
            break;
        }

        chosen[i] = chosen[child];
        i = child;
    }

    chosen[i] = one;
}


/* Makes the heap a list: each time the last choice goes to its end. */

static void
oauthcc_snapshot_select_order(oauthcc_snapshot_heap_t *heap)
{
    ngx_uint_t                 n;
    oauthcc_snapshot_chosen_t  one;

    for (n = heap->n; n > 1; n--) {
        one = heap->chosen[0];
        heap->chosen[0] = heap->chosen[n - 1];
        heap->chosen[n - 1] = one;

        oauthcc_snapshot_select_sink(heap->chosen, n - 1, 0);
    }
}


/* All that were chosen, but for those that have gone meanwhile. */

static ngx_int_t
oauthcc_snapshot_select_copy(ngx_pool_t *pool,
    oauthcc_snapshot_select_t *select, ngx_uint_t i,
    oauthcc_snapshot_entry_text_t *text)
{
    ngx_uint_t                    k, n, end;
    oauthcc_entry_t              *entry;
    oauthcc_snapshot_heap_t      *heap;
    oauthcc_snapshot_entry_t     *re;
    oauthcc_snapshot_source_t    *source;
    oauthcc_snapshot_provider_t  *rp;

    heap = &select->heaps[i];
    source = &select->source[i];
    rp = &select->report->providers[i];

    n = 0;

    for (k = 0; k < heap->n; /* void */ ) {

        if (text->end - text->pos < OAUTHCC_SNAPSHOT_ENTRY_TEXT) {
            text->pos = ngx_palloc(pool, OAUTHCC_SNAPSHOT_SELECT_TEXT);

            if (text->pos == NULL) {
                return NGX_ERROR;
            }

            text->end = text->pos + OAUTHCC_SNAPSHOT_SELECT_TEXT;
        }

        end = ngx_min(k + OAUTHCC_SNAPSHOT_SELECT_COPIES, heap->n);

        oauthcc_lock_read(select->cache);

        for ( /* void */ ;
             k < end && text->end - text->pos >= OAUTHCC_SNAPSHOT_ENTRY_TEXT;
             k++)
        {
            entry = oauthcc_entry_lookup(select->cache,
                                         heap->chosen[k].digest);
            if (entry == NULL) {
                continue;
            }

            re = &rp->entries[n++];

            re->scope = source->scope;
            re->audience = source->audience;
            re->resource = source->resource;

            oauthcc_snapshot_entry(select->cache, entry, re, text);
        }

        oauthcc_lock_release(select->cache);
    }

    rp->nentries = n;

    return NGX_OK;
}
