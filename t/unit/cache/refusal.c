
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


/*
 * What refused tokens force, simulated: a day of requests, whose clock is set
 * here, in a zone without workers.  A login gives a token at once.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_blocks.h"
#include "cache/oauthcc_cache.h"
#include "cache/oauthcc_entry.h"
#include "cache/oauthcc_invalidate.h"
#include "cache/oauthcc_refusal.h"
#include "oauthcc_unit.h"


#define OAUTHCC_UNIT_ZONE      (256 * 1024)
#define OAUTHCC_UNIT_INTERVAL  10000
#define OAUTHCC_UNIT_STEP      250
#define OAUTHCC_UNIT_DAY       (24 * 3600 * 1000)

/* at first, and then in an hour */
#define OAUTHCC_UNIT_FIRST     10
#define OAUTHCC_UNIT_HOURLY    6


typedef struct {
    oauthcc_cache_t   cache;
    oauthcc_stats_t   stats;
    u_char            client[OAUTHCC_DIGEST_LEN];
    u_char            digest[OAUTHCC_DIGEST_LEN];
    uint64_t          serial;   /* the worker's copy, and when */
    ngx_uint_t        watched;  /* to tell that it is taken */
    ngx_msec_t        note;
    uint64_t          revoked;  /* this and all before */
    ngx_uint_t        logins;
    ngx_uint_t        sent;
    ngx_uint_t        random;
} oauthcc_unit_zone_t;


/* when good requests come, beside wrong passwords that come at each step */

typedef struct {
    char       *name;
    ngx_msec_t  every;      /* 0: never */
    ngx_uint_t  random;     /* so often as a mean */
    ngx_uint_t  apart;      /* in another location */
    ngx_msec_t  pause;      /* after ten minutes, 0: none */
    ngx_uint_t  locations;  /* with wrong passwords */
} oauthcc_unit_day_t;


static ngx_int_t oauthcc_unit_refusal_init(oauthcc_unit_t *unit,
    oauthcc_unit_zone_t *zone);
static void oauthcc_unit_refusal_day(oauthcc_unit_t *unit,
    oauthcc_unit_zone_t *zone, oauthcc_unit_day_t *day);
static void oauthcc_unit_refusal_revoked(oauthcc_unit_t *unit,
    oauthcc_unit_zone_t *zone, ngx_uint_t apart);
static void oauthcc_unit_refusal_room(oauthcc_unit_t *unit,
    oauthcc_unit_zone_t *zone);
static ngx_uint_t oauthcc_unit_refusal_ask(oauthcc_unit_zone_t *zone,
    uint32_t location, ngx_uint_t good);
static oauthcc_entry_t *oauthcc_unit_refusal_copy(oauthcc_unit_zone_t *zone);
static void oauthcc_unit_refusal_login(oauthcc_unit_zone_t *zone,
    uint64_t lease);


static oauthcc_unit_day_t  oauthcc_unit_days[] = {
    { "a day of wrong passwords", 0, 0, 0, 0, 1 },
    { "beside good requests", 250, 0, 0, 0, 1 },
    { "beside those of another location", 250, 0, 1, 0, 1 },
    { "beside one each 11 seconds", 11000, 0, 0, 0, 1 },
    { "beside one each 12 seconds", 12000, 0, 1, 0, 1 },
    { "beside one each 30 seconds", 30000, 0, 0, 0, 1 },
    { "beside one a minute", 60000, 0, 0, 0, 1 },
    { "beside one each 5 minutes", 300000, 0, 1, 0, 1 },
    { "beside one each 20 minutes", 1200000, 0, 0, 0, 1 },
    { "beside one in 4 seconds at random", 4000, 1, 0, 0, 1 },
    { "beside one in 20 seconds at random", 20000, 1, 0, 0, 1 },
    { "beside one in 2 minutes at random", 120000, 1, 1, 0, 1 },
    { "beside good requests with pauses", 1000, 0, 0, 60000, 1 },
    { "beside good requests with long pauses", 1000, 0, 0, 600000, 1 },
    { "in two locations", 250, 0, 1, 0, 2 },
    { "in all that have a record", 250, 0, 1, 0, 14 },
    { "in more than have a record", 250, 0, 1, 0, 30 },
    { NULL, 0, 0, 0, 0, 0 }
};


ngx_int_t
oauthcc_unit_refusal(oauthcc_unit_t *unit)
{
    ngx_msec_t           now;
    oauthcc_unit_day_t  *day;
    oauthcc_unit_zone_t  zone;

    now = ngx_current_msec;

    for (day = oauthcc_unit_days; day->name; day++) {

        if (oauthcc_unit_refusal_init(unit, &zone) != NGX_OK) {
            return NGX_ERROR;
        }

        oauthcc_unit_refusal_day(unit, &zone, day);
    }

    if (oauthcc_unit_refusal_init(unit, &zone) != NGX_OK) {
        return NGX_ERROR;
    }

    oauthcc_unit_refusal_revoked(unit, &zone, 1);

    if (oauthcc_unit_refusal_init(unit, &zone) != NGX_OK) {
        return NGX_ERROR;
    }

    oauthcc_unit_refusal_revoked(unit, &zone, 0);

    if (oauthcc_unit_refusal_init(unit, &zone) != NGX_OK) {
        return NGX_ERROR;
    }

    oauthcc_unit_refusal_room(unit, &zone);

    oauthcc_unit_clock_set(now);

    return NGX_OK;
}


static ngx_int_t
oauthcc_unit_refusal_init(oauthcc_unit_t *unit, oauthcc_unit_zone_t *zone)
{
    ngx_memzero(zone, sizeof(oauthcc_unit_zone_t));

    if (oauthcc_unit_zone(unit, NULL, OAUTHCC_UNIT_ZONE, &zone->cache)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    /* half of it is before 32 bits of the clock are over, half behind */

    oauthcc_unit_clock_set((ngx_msec_t) 0xffffffff - OAUTHCC_UNIT_DAY / 2);

    zone->client[0] = 1;
    zone->digest[0] = 2;
    zone->random = 1;

    return oauthcc_unit_refusal_ask(zone, 1, 1) ? NGX_OK : NGX_ERROR;
}


static void
oauthcc_unit_refusal_day(oauthcc_unit_t *unit, oauthcc_unit_zone_t *zone,
    oauthcc_unit_day_t *day)
{
    ngx_msec_t  time, wait, within;
    ngx_uint_t  bad, max, most, hour, good;

    most = 0;
    hour = 0;
    wait = 0;
    bad = 0;

    max = OAUTHCC_UNIT_FIRST + 24 * OAUTHCC_UNIT_HOURLY;

    for (time = 0; time < OAUTHCC_UNIT_DAY; time += OAUTHCC_UNIT_STEP)
    {
        ngx_current_msec += OAUTHCC_UNIT_STEP;

        if (time % 3600000 == 0) {
            most = ngx_max(most, zone->logins - hour);
            hour = zone->logins;
        }

        (void) oauthcc_unit_refusal_ask(zone,
                                    100 + zone->sent++ % day->locations, 0);

        within = time % (600000 + day->pause);

        if (day->every == 0 || (day->pause && within > 600000)) {
            continue;
        }

        wait += OAUTHCC_UNIT_STEP;

        if (day->random) {
            zone->random = (zone->random * 1103515245 + 12345) & 0x7fffffff;
            good = (zone->random >> 8) % (day->every
                                          / OAUTHCC_UNIT_STEP) == 0;

        } else {
            good = (wait >= day->every);
        }

        if (good) {
            wait = 0;
            bad += !oauthcc_unit_refusal_ask(zone, day->apart ? 1
                                                                       : 100,
                                             1);
        }
    }

    /* the first is not forced */

    if (!oauthcc_unit_ok(unit, zone->logins - 1 <= max,
                         "%s: %ui logins are forced, at most %ui",
                         day->name, zone->logins - 1, max))
    {
        oauthcc_unit_diag("in an hour: %ui", most);
    }

    oauthcc_unit_number(unit, bad, 0, "and the others are taken");
}


/* After ten minutes, and once more: how long it takes, and what it costs. */

static void
oauthcc_unit_refusal_revoked(oauthcc_unit_t *unit, oauthcc_unit_zone_t *zone,
    ngx_uint_t apart)
{
    ngx_msec_t  since, longest, limit;
    ngx_uint_t  n, before, logins;

    longest = 0;
    logins = 0;

    for (n = 0; n < 3; n++) {
        since = ngx_current_msec;

        while (ngx_current_msec - since < 605000) {
            ngx_current_msec += OAUTHCC_UNIT_STEP;
            (void) oauthcc_unit_refusal_ask(zone, 100, 0);
            (void) oauthcc_unit_refusal_ask(zone, apart ? 1 : 100, 1);
        }

        zone->revoked = zone->serial;
        since = ngx_current_msec;
        before = zone->logins;

        do {
            ngx_current_msec += OAUTHCC_UNIT_STEP;
            (void) oauthcc_unit_refusal_ask(zone, 100, 0);

        } while (!oauthcc_unit_refusal_ask(zone, apart ? 1 : 100, 1)
                 && ngx_current_msec - since < 3600000);

        longest = ngx_max(longest, ngx_current_msec - since);
        logins += zone->logins - before;
    }

    /* the other location may have forced one just before that */

    limit = (apart ? OAUTHCC_UNIT_INTERVAL
                   : OAUTHCC_UNIT_INTERVAL * 9 / 8)
            + 2 * OAUTHCC_UNIT_STEP;

    oauthcc_unit_ok(unit, longest <= limit,
                    "revoked: it takes %M ms, at most %M", longest, limit);
    oauthcc_unit_number(unit, logins, 3, "and a login each time");
}


/* Records are given back, and where there is no room for them it goes on. */

static void
oauthcc_unit_refusal_room(oauthcc_unit_t *unit, oauthcc_unit_zone_t *zone)
{
    ngx_uint_t        i, free, logins;
    oauthcc_zone_t   *shared;
    oauthcc_entry_t  *entry;

    shared = zone->cache.shared;
    entry = oauthcc_unit_refusal_copy(zone);
    free = shared->nfree;

    for (i = 1; i <= 1000; i++) {
        (void) oauthcc_unit_refusal_ask(zone, i, 0);
    }

    oauthcc_unit_number(unit, entry->history.refusals->n, 15,
                        "of many locations few have a record");

    ngx_current_msec += 3600000;
    (void) oauthcc_unit_refusal_ask(zone, 1, 1);

    oauthcc_unit_ok(unit, entry->history.refusals == NULL,
                    "which is gone when it is of no use");
    oauthcc_unit_number(unit, zone->watched, 0,
                        "and nothing is told any more");

    (void) oauthcc_unit_refusal_ask(zone, 1, 0);
    oauthcc_entry_drop(&zone->cache, entry);
    (void) oauthcc_unit_refusal_ask(zone, 1, 1);

    oauthcc_unit_number(unit, shared->nfree, free,
                        "it goes with its entry");

    while (oauthcc_blocks_take_part(shared)) { /* void */ }

    logins = zone->logins;

    ngx_current_msec += OAUTHCC_UNIT_INTERVAL;
    zone->revoked = zone->serial;

    oauthcc_unit_number(unit, oauthcc_unit_refusal_ask(zone, 1, 1),
                        1, "without room for one it goes on");
    oauthcc_unit_number(unit, zone->logins - logins, 1, "by a login");

    for (i = 0; i < 100; i++) {
        (void) oauthcc_unit_refusal_ask(zone, 1 + i % 3, 0);
    }

    oauthcc_unit_number(unit, zone->logins - logins, 1,
                        "and no more than one in an interval");
}


/*
 * A request, which is sent once more if its token was refused and another one
 * can be had.  Returns 1 if it was taken.
 */

static ngx_uint_t
oauthcc_unit_refusal_ask(oauthcc_unit_zone_t *zone, uint32_t location,
    ngx_uint_t good)
{
    uint64_t                first;
    ngx_msec_t              wait;
    ngx_uint_t              i, healed;
    oauthcc_entry_t        *entry;
    oauthcc_cache_query_t   query;
    oauthcc_cache_result_t  result;

    first = 0;

    for (i = 0; i < 2; i++) {
        entry = oauthcc_unit_refusal_copy(zone);

        if (entry == NULL) {
            return 0;
        }

        if (good && zone->serial > zone->revoked) {
            healed = (first && first != zone->serial);

            if (zone->watched
                && (healed
                    || (ngx_msec_int_t) (ngx_current_msec - zone->note) >= 0))
            {
                wait = oauthcc_invalidate_taken(&zone->cache, zone->digest,
                                                zone->serial, healed);
                zone->watched = (wait != 0);
                zone->note = ngx_current_msec + wait;
            }

            return 1;
        }

        first = zone->serial;

        ngx_memzero(&query, sizeof(oauthcc_cache_query_t));

        query.refused = zone->serial;
        query.lease = 1000;
        query.max_logins = 1;

        oauthcc_invalidate_refuse(&zone->cache, zone->digest, &query,
                                  location, OAUTHCC_UNIT_INTERVAL, &result);

        if (result.lease) {
            oauthcc_unit_refusal_login(zone, result.lease);
        }

        if (result.state == OAUTHCC_CACHE_BACKOFF) {
            return 0;
        }
    }

    return 0;
}


/* What a worker has; at first there is a login. */

static oauthcc_entry_t *
oauthcc_unit_refusal_copy(oauthcc_unit_zone_t *zone)
{
    oauthcc_entry_t        *entry;
    oauthcc_cache_query_t   query;
    oauthcc_cache_result_t  result;

    entry = oauthcc_entry_lookup(&zone->cache, zone->digest);

    if (entry == NULL) {
        ngx_memzero(&query, sizeof(oauthcc_cache_query_t));

        query.lease = 1000;
        query.max_logins = 1;
        query.origin.client = zone->client;
        query.origin.stats = &zone->stats;

        oauthcc_cache_acquire(&zone->cache, zone->digest, &query, &result);

        oauthcc_unit_refusal_login(zone, result.lease);

        entry = oauthcc_entry_lookup(&zone->cache, zone->digest);

        if (entry == NULL) {
            return NULL;
        }
    }

    if (entry->serial != zone->serial) {
        zone->serial = entry->serial;
        zone->watched = (entry->history.refusals != NULL);
        zone->note = ngx_current_msec;
    }

    return entry;
}


static void
oauthcc_unit_refusal_login(oauthcc_unit_zone_t *zone, uint64_t lease)
{
    oauthcc_issued_t  login;

    ngx_memzero(&login, sizeof(oauthcc_issued_t));

    login.packed.data = (u_char *) "token";
    login.packed.len = sizeof("token") - 1;
    login.packed.token = login.packed.len;
    login.usable = oauthcc_clock_msec() + 2 * OAUTHCC_UNIT_DAY;
    login.expires = login.usable;
    login.refresh = login.usable;

    (void) oauthcc_cache_publish(&zone->cache, zone->digest, lease, NULL,
                                 &login);
    zone->logins++;
}
