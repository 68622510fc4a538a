
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


/*
 * Entries in a zone in plain memory, whose clock is set here: how many there
 * is room for, which of them make room, and that nothing is lost.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_backoff.h"
#include "cache/oauthcc_blocks.h"
#include "cache/oauthcc_cache.h"
#include "cache/oauthcc_entry.h"
#include "cache/oauthcc_invalidate.h"
#include "cache/oauthcc_lock.h"
#include "cache/oauthcc_stats.h"
#include "oauthcc_unit.h"


#define OAUTHCC_UNIT_CLIENTS  8
#define OAUTHCC_UNIT_TOKEN    8192

/* how long a token lives, in milliseconds */
#define OAUTHCC_UNIT_LIFE     3600000


typedef struct {
    oauthcc_unit_t   *unit;
    oauthcc_cache_t   cache;
    oauthcc_zone_t   *shared;
    oauthcc_stats_t  *stats;
    u_char           *token;
    uint32_t          random;
} oauthcc_unit_entry_t;


static ngx_int_t oauthcc_unit_entry_start(oauthcc_unit_entry_t *zone,
    size_t size);
static void oauthcc_unit_entry_capacity(oauthcc_unit_entry_t *zone,
    ngx_uint_t n, size_t len);
static void oauthcc_unit_entry_large(oauthcc_unit_entry_t *zone);
static void oauthcc_unit_entry_new(oauthcc_unit_entry_t *zone);
static void oauthcc_unit_entry_order(oauthcc_unit_entry_t *zone);
static void oauthcc_unit_entry_random(oauthcc_unit_entry_t *zone);
static void oauthcc_unit_entry_months(oauthcc_unit_entry_t *zone);
static void oauthcc_unit_entry_days(ngx_uint_t n);
static void oauthcc_unit_entry_digest(u_char *digest, uint32_t n);
static oauthcc_cache_state_e oauthcc_unit_entry_ask(
    oauthcc_unit_entry_t *zone, ngx_uint_t i, size_t len);
static ngx_int_t oauthcc_unit_entry_login(oauthcc_unit_entry_t *zone,
    ngx_uint_t i, size_t len, ngx_msec_t life, uint64_t lease);
static ngx_uint_t oauthcc_unit_entry_there(oauthcc_unit_entry_t *zone,
    ngx_uint_t i);
static ngx_uint_t oauthcc_unit_entry_fill(oauthcc_unit_entry_t *zone,
    ngx_uint_t max, size_t len);


ngx_int_t
oauthcc_unit_entry(oauthcc_unit_t *unit)
{
    ngx_msec_t            now;
    oauthcc_unit_entry_t  zone;

    ngx_memzero(&zone, sizeof(oauthcc_unit_entry_t));

    now = ngx_current_msec;
    zone.unit = unit;

    zone.token = ngx_palloc(unit->pool, OAUTHCC_UNIT_TOKEN);
    if (zone.token == NULL) {
        return NGX_ERROR;
    }

    /* not far from where 32 bits of the clock are over */

    oauthcc_unit_clock_set((ngx_msec_t) 0xffffffff - 20000);

    if (oauthcc_unit_entry_start(&zone, 4 * 1024 * 1024) != NGX_OK) {
        return NGX_ERROR;
    }

    oauthcc_unit_entry_capacity(&zone, 6800, 180);
    oauthcc_unit_entry_large(&zone);

    if (oauthcc_unit_entry_start(&zone, 1024 * 1024) != NGX_OK) {
        return NGX_ERROR;
    }

    oauthcc_unit_entry_capacity(&zone, 700, 1000);
    oauthcc_unit_entry_new(&zone);

    if (oauthcc_unit_entry_start(&zone, 64 * 1024) != NGX_OK) {
        return NGX_ERROR;
    }

    oauthcc_unit_entry_order(&zone);

    if (oauthcc_unit_entry_start(&zone, 64 * 1024) != NGX_OK) {
        return NGX_ERROR;
    }

    oauthcc_unit_entry_random(&zone);

    if (oauthcc_unit_entry_start(&zone, 64 * 1024) != NGX_OK) {
        return NGX_ERROR;
    }

    oauthcc_unit_entry_months(&zone);

    oauthcc_unit_clock_set(now);

    return NGX_OK;
}


static ngx_int_t
oauthcc_unit_entry_start(oauthcc_unit_entry_t *zone, size_t size)
{
    ngx_str_t  name = ngx_string("unit");

    if (oauthcc_unit_zone(zone->unit, NULL, size, &zone->cache) != NGX_OK) {
        return NGX_ERROR;
    }

    zone->shared = zone->cache.shared;
    zone->stats = oauthcc_stats_get(&zone->cache, &name);
    zone->random = 1;

    return zone->stats ? NGX_OK : NGX_ERROR;
}


/* As many tokens as README says there is room for. */

static void
oauthcc_unit_entry_capacity(oauthcc_unit_entry_t *zone, ngx_uint_t n,
    size_t len)
{
    ngx_uint_t  i, there;

    for (i = 0; i < n; i++) {
        (void) oauthcc_unit_entry_ask(zone, i, len);

        /* no more than a provider may have in a second */

        if (i % 1000 == 999) {
            ngx_current_msec += 1000;
        }
    }

    there = 0;

    for (i = 0; i < n; i++) {
        there += oauthcc_unit_entry_there(zone, i);
    }

    oauthcc_unit_number(zone->unit, there, n, "there is room for all tokens");
    oauthcc_unit_number(zone->unit, zone->stats->evictions, 0,
                        "without an eviction");
}


/* All are idle, in any order, and a large one comes. */

static void
oauthcc_unit_entry_large(oauthcc_unit_entry_t *zone)
{
    ngx_uint_t             i, n, before;
    uint64_t               lease;
    oauthcc_entry_t       *entry;
    u_char                 digest[OAUTHCC_DIGEST_LEN];

    n = 6800 + oauthcc_unit_entry_fill(zone, 10000, 180);

    for (i = 0; i < 5 * n; i++) {
        zone->random = zone->random * 1103515245 + 12345;

        oauthcc_unit_entry_digest(digest, (zone->random >> 8) % n);
        entry = oauthcc_entry_lookup(&zone->cache, digest);

        ngx_current_msec += (i % 4 == 0);
        oauthcc_entry_use(&zone->cache, entry);
    }

    ngx_current_msec += OAUTHCC_ENTRY_IDLE;

    for (i = 0; i < 3; i++) {
        before = zone->stats->evictions;

        (void) oauthcc_unit_entry_ask(zone, n + i, 0);

        oauthcc_unit_entry_digest(digest, n + i);
        lease = oauthcc_entry_lookup(&zone->cache, digest)->lease.number;

        oauthcc_unit_number(zone->unit,
                            oauthcc_unit_entry_login(zone, n + i, 6000,
                                                     OAUTHCC_UNIT_LIFE, lease),
                            NGX_OK, "a large token is stored");

        /* 58 parts and an entry, of which each that is evicted has 5 */

        oauthcc_unit_ok(zone->unit, zone->stats->evictions - before <= 13,
                        "which evicts %uL of %ui",
                        zone->stats->evictions - before, n);
    }
}


/* A new entry never fails while something is idle. */

static void
oauthcc_unit_entry_new(oauthcc_unit_entry_t *zone)
{
    ngx_uint_t  i, n, full, evictions;

    n = 700 + oauthcc_unit_entry_fill(zone, 10000, 1000);

    oauthcc_unit_number(zone->unit, oauthcc_unit_entry_ask(zone, n + 1, 1000),
                        OAUTHCC_CACHE_FULL, "a zone in use has no room");

    ngx_current_msec += 20000;
    full = 0;

    for (i = 0; i < 15; i++) {
        evictions = zone->stats->evictions;

        full += (oauthcc_unit_entry_ask(zone, n + 10 + i, 1000)
                 == OAUTHCC_CACHE_FULL);
        full += (zone->stats->evictions - evictions > 2);

        ngx_current_msec += 1000;
    }

    oauthcc_unit_number(zone->unit, full, 0,
                        "one that is idle has, and no more go than have to");
}


/*
 * Entries without a token go first, then those that have been idle for the
 * longest time, be it that they ended or that nobody used them.  Those that
 * log in do not.
 */

static void
oauthcc_unit_entry_order(oauthcc_unit_entry_t *zone)
{
    uint64_t                lease;
    ngx_uint_t              i, n, there;
    u_char                  digest[OAUTHCC_DIGEST_LEN];
    oauthcc_cache_failed_t  failed;

    /* 0 logs in, 1 has failed, 2 ends soon, 3 is used, the others are not */

    (void) oauthcc_unit_entry_ask(zone, 0, 0);

    (void) oauthcc_unit_entry_ask(zone, 1, 0);
    oauthcc_unit_entry_digest(digest, 1);
    lease = oauthcc_entry_lookup(&zone->cache, digest)->lease.number;

    ngx_memzero(&failed, sizeof(oauthcc_cache_failed_t));
    failed.min = 1000;
    failed.max = 1000;
    failed.entry_only = 1;
    failed.failure.status = NGX_HTTP_BAD_GATEWAY;

    oauthcc_unit_number(zone->unit,
                        oauthcc_cache_fail(&zone->cache, digest, lease,
                                           &failed),
                        NGX_OK, "a login fails");

    (void) oauthcc_unit_entry_ask(zone, 2, 0);
    oauthcc_unit_entry_digest(digest, 2);
    lease = oauthcc_entry_lookup(&zone->cache, digest)->lease.number;

    oauthcc_unit_number(zone->unit,
                        oauthcc_unit_entry_login(zone, 2, 500, 3000, lease),
                        NGX_OK, "a token is to end soon");

    n = 3 + oauthcc_unit_entry_fill(zone, 1000, 500);

    oauthcc_unit_ok(zone->unit, n > 20, "there is room for %ui", n);
    oauthcc_unit_number(zone->unit, oauthcc_unit_entry_there(zone, 1), 0,
                        "what has failed goes first");
    oauthcc_unit_number(zone->unit, oauthcc_unit_entry_there(zone, 2), 1,
                        "and no token that is good");

    ngx_current_msec += 4000;

    (void) oauthcc_unit_entry_ask(zone, 5000, 500);
    oauthcc_unit_number(zone->unit, oauthcc_unit_entry_there(zone, 2), 0,
                        "then what has ended");

    ngx_current_msec += 2000;
    (void) oauthcc_unit_entry_ask(zone, 3, 500);
    ngx_current_msec += 5000;

    /* the last ones are idle when that time is over */

    for (i = 0; i < 5; i++) {
        (void) oauthcc_unit_entry_ask(zone, 6000 + i, 500);
    }

    there = 0;

    for (i = 3; i < n; i++) {
        there += oauthcc_unit_entry_there(zone, i);
    }

    oauthcc_unit_ok(zone->unit, there + 7 >= n - 3 && there + 4 <= n - 3,
                    "then those that nobody uses: %ui of %ui are left", there,
                    n - 3);
    oauthcc_unit_number(zone->unit, oauthcc_unit_entry_there(zone, 3), 1,
                        "but not one that was used");
    oauthcc_unit_number(zone->unit, oauthcc_unit_entry_there(zone, 0), 1,
                        "nor one that logs in");
}


/* All there is, at random: what is got is what was put, and nothing leaks. */

static void
oauthcc_unit_entry_random(oauthcc_unit_entry_t *zone)
{
    size_t                  len;
    ngx_uint_t              i, k, n, kept, bad;
    u_char                  digest[OAUTHCC_DIGEST_LEN];
    u_char                  client[OAUTHCC_DIGEST_LEN];
    oauthcc_cache_query_t   query;
    oauthcc_cache_result_t  result;
    oauthcc_cache_failed_t  failed;

    static u_char  detail[300];

    bad = 0;

    for (n = 0; n < 3; n++) {

        for (i = 0; i < 20000; i++) {
            zone->random = zone->random * 1103515245 + 12345;
            k = (zone->random >> 8) % 60;
            len = (zone->random >> 16) % 1500;

            oauthcc_unit_entry_digest(digest, k);

            switch (zone->random % 7) {

            case 0:
                oauthcc_unit_entry_digest(client,
                                          100000 + k % OAUTHCC_UNIT_CLIENTS);

                ngx_memzero(&query, sizeof(oauthcc_cache_query_t));
                query.lease = 1000;
                query.max_logins = 3;
                query.origin.client = client;
                query.origin.stats = zone->stats;

                query.per_request = 1;
                query.turn.first = 1;

                oauthcc_cache_acquire(&zone->cache, digest, &query, &result);

                if (result.lease && i % 3) {
                    (void) oauthcc_cache_finish(&zone->cache, digest, client,
                                                result.lease,
                                                &query.content, NULL);
                }

                break;

            case 1:
                oauthcc_lock_take(&zone->cache);

                if (oauthcc_entry_lookup(&zone->cache, digest)) {
                    oauthcc_entry_drop(&zone->cache,
                                       oauthcc_entry_lookup(&zone->cache,
                                                            digest));
                }

                oauthcc_lock_release(&zone->cache);
                break;

            case 2:
                ngx_memzero(&query, sizeof(oauthcc_cache_query_t));

                if (oauthcc_unit_entry_there(zone, k)) {
                    query.refused = oauthcc_entry_lookup(&zone->cache, digest)
                                    ->serial;
                    query.lease = 1000;
                    query.max_logins = 3;

                    oauthcc_invalidate_refuse(&zone->cache, digest, &query,
                                              i % 9, 1000, &result);
                }

                break;

            case 3:
                ngx_memzero(&failed, sizeof(oauthcc_cache_failed_t));
                failed.min = 10;
                failed.max = 10;
                failed.entry_only = 1;
                failed.failure.len = len % OAUTHCC_ERROR_LEN;
                failed.detail.data = detail;
                failed.detail.len = len % sizeof(detail);

                if (oauthcc_entry_lookup(&zone->cache, digest)) {
                    (void) oauthcc_cache_fail(&zone->cache, digest,
                            oauthcc_entry_lookup(&zone->cache,
                                                 digest)->lease.number,
                            &failed);
                }

                break;

            default:
                (void) oauthcc_unit_entry_ask(zone, k, len);
            }

            if (i % 5 == 0) {
                ngx_current_msec += 400;
            }

            bad += (oauthcc_entry_lookup(&zone->cache, digest)
                    && !oauthcc_unit_entry_there(zone, k)
                    && oauthcc_backoff_usable(
                           oauthcc_entry_lookup(&zone->cache, digest)));
        }

        /* leases end, and all goes; versions stay where they are */

        ngx_current_msec += 10 * OAUTHCC_UNIT_LIFE;

        for (k = 0; k < OAUTHCC_UNIT_CLIENTS; k++) {
            oauthcc_unit_entry_digest(client, 100000 + k);
            oauthcc_unit_entry_digest(digest, k);

            ngx_memzero(&query, sizeof(oauthcc_cache_query_t));
            query.lease = 1000;
            query.max_logins = 3;
            query.origin.client = client;
            query.origin.stats = zone->stats;

            query.per_request = 1;
            query.turn.first = 1;

            oauthcc_cache_acquire(&zone->cache, digest, &query, &result);
            (void) oauthcc_cache_finish(&zone->cache, digest, client,
                                        result.lease,
                                                &query.content, NULL);

            (void) oauthcc_invalidate_purge(&zone->cache, client, NULL);
        }

        oauthcc_unit_number(zone->unit, zone->shared->nentries, 0,
                            "all is gone");

        /* but for versions, and what is counted */

        kept = 0;
        k = 0;

        while (oauthcc_blocks_kept(zone->shared, OAUTHCC_BLOCKS_SLOTS, &k)) {
            kept++;
        }

        oauthcc_unit_number(zone->unit,
                            zone->shared->nfree
                            + (kept + 1) * OAUTHCC_ZONE_PARTS,
                            zone->shared->nblocks * OAUTHCC_ZONE_PARTS,
                            "and nothing is lost");
        oauthcc_unit_ok(zone->unit, kept <= 60 / OAUTHCC_ZONE_SLOTS + 1,
                        "versions take no more than they have to");
    }

    oauthcc_unit_number(zone->unit, bad, 0, "what is got was put");
}


/* What no cryptographic hash would be, but as even. */

/*
 * Nobody asks for months, which 32 bits of milliseconds cannot tell from the
 * time to come.
 */

static void
oauthcc_unit_entry_months(oauthcc_unit_entry_t *zone)
{
    ngx_uint_t        i, k, n;
    u_char            digest[OAUTHCC_DIGEST_LEN];
    oauthcc_entry_t  *entry;

    static ngx_uint_t  days[] = { 20, 26, 40, 51, 75, 100, 365 };

    n = oauthcc_unit_entry_fill(zone, 1000, 500);

    for (i = 0; i < sizeof(days) / sizeof(days[0]); i++) {

        oauthcc_unit_entry_days(days[i]);

        k = (i % 2) ? 10000 * (i + 1) : 3;
        oauthcc_unit_entry_digest(digest, k);

        entry = oauthcc_entry_lookup(&zone->cache, digest);

        if (entry) {
            oauthcc_unit_ok(zone->unit, !oauthcc_backoff_usable(entry)
                            && !oauthcc_backoff_alive(entry),
                            "after %ui days a token has expired", days[i]);
        }

        oauthcc_unit_number(zone->unit, oauthcc_unit_entry_ask(zone, k, 500),
                            OAUTHCC_CACHE_LEAD, "and there is a login");
        oauthcc_unit_number(zone->unit, oauthcc_unit_entry_ask(zone, k, 500),
                            OAUTHCC_CACHE_HIT, "whose token is used");
    }

    oauthcc_unit_number(zone->unit, oauthcc_unit_entry_there(zone, 3), 1,
                        "those that are used are not evicted");
    oauthcc_unit_ok(zone->unit, zone->shared->nentries <= n,
                    "but others are: %ui of %ui", zone->shared->nentries, n);
}


static void
oauthcc_unit_entry_days(ngx_uint_t n)
{
    while (n--) {
        oauthcc_unit_clock_set(oauthcc_clock_msec() + 24 * 3600 * 1000);
    }
}


static void
oauthcc_unit_entry_digest(u_char *digest, uint32_t n)
{
    ngx_uint_t  i;

    for (i = 0; i < OAUTHCC_DIGEST_LEN; i++) {
        n = n * 1664525 + 1013904223;
        digest[i] = (u_char) (n >> 24);
    }
}


/* A request, which logs in at once, for a token of this length, if it may. */

static oauthcc_cache_state_e
oauthcc_unit_entry_ask(oauthcc_unit_entry_t *zone, ngx_uint_t i, size_t len)
{
    u_char                  scope[NGX_INT_T_LEN + 1];
    u_char                  digest[OAUTHCC_DIGEST_LEN];
    u_char                  client[OAUTHCC_DIGEST_LEN];
    oauthcc_pair_t          pair;
    oauthcc_cache_query_t   query;
    oauthcc_cache_result_t  result;

    oauthcc_unit_entry_digest(digest, i);
    oauthcc_unit_entry_digest(client, 100000 + i % OAUTHCC_UNIT_CLIENTS);

    ngx_str_set(&pair.name, "scope");
    pair.value.data = scope;
    pair.value.len = ngx_sprintf(scope, "s%ui", i) - scope;

    ngx_memzero(&query, sizeof(oauthcc_cache_query_t));

    query.lease = 60000;
    query.max_logins = 10000;
    query.origin.client = client;
    query.origin.stats = zone->stats;
    query.origin.parameters = &pair;
    query.origin.nparameters = 1;

    oauthcc_cache_acquire(&zone->cache, digest, &query, &result);

    if (result.credential) {
        oauthcc_credential_release(result.credential);
    }

    if (result.lease && len
        && oauthcc_unit_entry_login(zone, i, len, OAUTHCC_UNIT_LIFE,
                                    result.lease)
           != NGX_OK)
    {
        oauthcc_cache_release(&zone->cache, digest, result.lease);
        return OAUTHCC_CACHE_FULL;
    }

    return result.state;
}


static ngx_int_t
oauthcc_unit_entry_login(oauthcc_unit_entry_t *zone, ngx_uint_t i, size_t len,
    ngx_msec_t life, uint64_t lease)
{
    ngx_uint_t        k;
    u_char            digest[OAUTHCC_DIGEST_LEN];
    oauthcc_issued_t  login;

    ngx_memzero(&login, sizeof(oauthcc_issued_t));

    for (k = 0; k < len; k++) {
        zone->token[k] = (u_char) (i * 31 + k * 7 + k / 100);
    }

    login.packed.data = zone->token;
    login.packed.len = len;
    login.packed.token = len;
    login.expires = oauthcc_clock_msec() + life;
    login.usable = login.expires;
    login.refresh = login.expires;

    oauthcc_unit_entry_digest(digest, i);

    return oauthcc_cache_publish(&zone->cache, digest, lease, NULL, &login);
}


/* Whether it has the token that it was given. */

static ngx_uint_t
oauthcc_unit_entry_there(oauthcc_unit_entry_t *zone, ngx_uint_t i)
{
    u_char            digest[OAUTHCC_DIGEST_LEN];
    ngx_uint_t        k;
    oauthcc_entry_t  *entry;

    oauthcc_unit_entry_digest(digest, i);
    entry = oauthcc_entry_lookup(&zone->cache, digest);

    if (entry == NULL) {
        return 0;
    }

    if (entry->packed.data == NULL) {
        return entry->lease.number != 0;
    }

    oauthcc_entry_read(&zone->cache, entry, zone->token);

    for (k = 0; k < entry->packed.len; k++) {
        if (zone->token[k] != (u_char) (i * 31 + k * 7 + k / 100)) {
            return 0;
        }
    }

    return 1;
}


/* Others, behind those that there are, until no room is left. */

static ngx_uint_t
oauthcc_unit_entry_fill(oauthcc_unit_entry_t *zone, ngx_uint_t max, size_t len)
{
    ngx_uint_t  i, first;

    first = zone->shared->nentries;

    for (i = 0; i < max; i++) {

        if (oauthcc_unit_entry_ask(zone, first + i, len)
            == OAUTHCC_CACHE_FULL)
        {
            break;
        }
    }

    return i;
}
