
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


/*
 * Entries whose tokens other gateways have too, in a zone on plain memory: the
 * version behind a token, a refresh that is put off, the backoff of others,
 * messages, and forced logins of others.  The clock is set here.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_cache.h"
#include "cache/oauthcc_fleet.h"
#include "cache/oauthcc_invalidate.h"
#include "core/oauthcc_clock.h"
#include "oauthcc_unit.h"


#define OAUTHCC_UNIT_ZONE      (256 * 1024)
#define OAUTHCC_UNIT_LIFE      100000
#define OAUTHCC_UNIT_BEFORE    8000
#define OAUTHCC_UNIT_INTERVAL  10000


typedef struct {
    oauthcc_cache_t         cache;
    oauthcc_stats_t         stats;
    u_char                  client[OAUTHCC_DIGEST_LEN];
    u_char                  digest[OAUTHCC_DIGEST_LEN];
    oauthcc_cache_query_t   query;
    oauthcc_cache_result_t  result;
    oauthcc_issued_t        login;
} oauthcc_unit_fleet_t;


static void oauthcc_unit_fleet_version(oauthcc_unit_t *unit,
    oauthcc_unit_fleet_t *test);
static void oauthcc_unit_fleet_postpone(oauthcc_unit_t *unit,
    oauthcc_unit_fleet_t *test);
static void oauthcc_unit_fleet_defer(oauthcc_unit_t *unit,
    oauthcc_unit_fleet_t *test);
static void oauthcc_unit_fleet_news(oauthcc_unit_t *unit,
    oauthcc_unit_fleet_t *test);
static void oauthcc_unit_fleet_defer_entry(oauthcc_unit_t *unit,
    oauthcc_unit_fleet_t *test);
static void oauthcc_unit_fleet_unstored(oauthcc_unit_t *unit,
    oauthcc_unit_fleet_t *test);
static void oauthcc_unit_fleet_forced(oauthcc_unit_t *unit,
    oauthcc_unit_fleet_t *test);
static uint64_t oauthcc_unit_fleet_ask(oauthcc_unit_fleet_t *test);
static uint64_t oauthcc_unit_fleet_refuse(oauthcc_unit_fleet_t *test);
static ngx_int_t oauthcc_unit_fleet_put(oauthcc_unit_fleet_t *test,
    uint64_t lease, uint64_t version);


static void (*oauthcc_unit_fleet_cases[])(oauthcc_unit_t *unit,
    oauthcc_unit_fleet_t *test) =
{
    oauthcc_unit_fleet_version,
    oauthcc_unit_fleet_postpone,
    oauthcc_unit_fleet_defer,
    oauthcc_unit_fleet_news,
    oauthcc_unit_fleet_defer_entry,
    oauthcc_unit_fleet_unstored,
    oauthcc_unit_fleet_forced,
    NULL
};


ngx_int_t
oauthcc_unit_fleet(oauthcc_unit_t *unit)
{
    ngx_uint_t            i;
    ngx_msec_t            now;
    oauthcc_unit_fleet_t  test;

    now = ngx_current_msec;

    for (i = 0; oauthcc_unit_fleet_cases[i]; i++) {

        ngx_memzero(&test, sizeof(oauthcc_unit_fleet_t));

        if (oauthcc_unit_zone(unit, NULL, OAUTHCC_UNIT_ZONE, &test.cache)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        test.client[0] = 1;
        test.digest[0] = 2;
        test.digest[OAUTHCC_FLEET_NAME] = 3;

        test.query.lease = 10000;
        test.query.max_logins = 10;
        test.query.turn.first = 1;
        test.query.origin.client = test.client;
        test.query.origin.stats = &test.stats;

        oauthcc_unit_fleet_cases[i](unit, &test);
    }

    ngx_current_msec = now;

    return NGX_OK;
}


static void
oauthcc_unit_fleet_version(oauthcc_unit_t *unit, oauthcc_unit_fleet_t *test)
{
    ngx_str_t               token, name, value;
    uint64_t                lease;
    oauthcc_credential_t   *credential;
    oauthcc_fleet_entry_t   known;

    lease = oauthcc_unit_fleet_ask(test);

    oauthcc_unit_number(unit, oauthcc_fleet_look(&test->cache, test->digest,
                                                 lease, &known),
                        NGX_OK, "an entry whose login begins");
    oauthcc_unit_ok(unit, known.tag.version == 0 && !known.good
                          && !known.forced,
                    "has nothing");
    oauthcc_unit_number(unit, oauthcc_fleet_look(&test->cache, test->digest,
                                                 lease + 1, &known),
                        NGX_DECLINED, "of another lease nothing is known");

    (void) oauthcc_unit_fleet_put(test, lease, 4711);
    (void) oauthcc_unit_fleet_ask(test);

    credential = test->result.credential;
    ngx_str_set(&token, "token");
    ngx_str_set(&name, "scope");

    if (oauthcc_unit_ok(unit, credential != NULL, "then it has a token")) {
        oauthcc_unit_string(unit, &credential->access_token, &token,
                            "which does not show its version");
        oauthcc_unit_number(unit, credential->members.len, 0,
                            "nor is it a member of the response");
        oauthcc_unit_number(unit, oauthcc_credential_member(credential, &name,
                                                            &value),
                            0, "nor is any found");
        oauthcc_credential_release(credential);
    }

    /* a refresh */

    ngx_current_msec += OAUTHCC_UNIT_LIFE / 2;
    lease = oauthcc_unit_fleet_ask(test);

    (void) oauthcc_fleet_look(&test->cache, test->digest, lease, &known);

    oauthcc_unit_ok(unit, known.tag.version == 4711
                    && known.tag.requested == 4711000 && known.good,
                    "a refresh knows the version");

    (void) oauthcc_unit_fleet_put(test, lease, 0);
    ngx_current_msec += OAUTHCC_UNIT_LIFE / 2;
    lease = oauthcc_unit_fleet_ask(test);

    (void) oauthcc_fleet_look(&test->cache, test->digest, lease, &known);

    oauthcc_unit_number(unit, known.tag.version, 0,
                        "a token without a version takes its place");

    /* what was thrown away meanwhile */

    (void) oauthcc_unit_fleet_put(test, lease, 1);

    oauthcc_fleet_discard(&test->cache, test->digest, test->login.serial - 1);
    oauthcc_unit_ok(unit, oauthcc_unit_fleet_ask(test) == 0,
                    "another token is not discarded");

    oauthcc_fleet_discard(&test->cache, test->digest, test->login.serial);
    oauthcc_unit_ok(unit, oauthcc_unit_fleet_ask(test) != 0,
                    "but this one is");
}


static void
oauthcc_unit_fleet_postpone(oauthcc_unit_t *unit, oauthcc_unit_fleet_t *test)
{
    uint64_t    lease;
    ngx_msec_t  begun;

    begun = ngx_current_msec;

    (void) oauthcc_unit_fleet_put(test, oauthcc_unit_fleet_ask(test), 1);

    /* due when 8 of its 100 seconds are left, now 50 are */

    ngx_current_msec = begun + OAUTHCC_UNIT_LIFE / 2;
    lease = oauthcc_unit_fleet_ask(test);

    oauthcc_unit_number(unit,
                        oauthcc_fleet_postpone(&test->cache, test->digest,
                                               lease, OAUTHCC_UNIT_BEFORE),
                        NGX_OK, "a refresh is put off");
    oauthcc_unit_number(unit, oauthcc_unit_fleet_ask(test), 0,
                        "nobody logs in now");

    ngx_current_msec = begun + OAUTHCC_UNIT_LIFE
                       - OAUTHCC_UNIT_BEFORE * 3 / 8 - 2;
    oauthcc_unit_number(unit, oauthcc_unit_fleet_ask(test), 0,
                        "nor until three eighths of the time are left");

    ngx_current_msec = begun + OAUTHCC_UNIT_LIFE - OAUTHCC_UNIT_BEFORE / 4 + 1;
    lease = oauthcc_unit_fleet_ask(test);
    oauthcc_unit_ok(unit, lease != 0, "but when a quarter is");

    oauthcc_unit_number(unit,
                        oauthcc_fleet_postpone(&test->cache, test->digest,
                                               lease, OAUTHCC_UNIT_BEFORE),
                        NGX_DECLINED, "which is not put off once more");
    oauthcc_unit_number(unit, oauthcc_fleet_extend(&test->cache, test->digest,
                                                   lease, 60000),
                        NGX_OK, "and takes its time");

    ngx_current_msec += 30000;
    oauthcc_unit_number(unit, oauthcc_unit_fleet_ask(test), 0,
                        "nobody else logs in meanwhile");

    ngx_current_msec += 30000;
    oauthcc_unit_ok(unit, oauthcc_unit_fleet_ask(test) > lease,
                    "but when its time is over");
    oauthcc_unit_number(unit, oauthcc_fleet_extend(&test->cache, test->digest,
                                                   lease, 60000),
                        NGX_DECLINED, "which cannot be made longer then");
}


static void
oauthcc_unit_fleet_defer(oauthcc_unit_t *unit, oauthcc_unit_fleet_t *test)
{
    uint64_t                lease;
    oauthcc_cache_failed_t  failed;

    ngx_memzero(&failed, sizeof(oauthcc_cache_failed_t));

    failed.failure.status = 502;
    failed.failure.len = sizeof("server_error") - 1;
    ngx_memcpy(failed.failure.text, "server_error", failed.failure.len);
    failed.wait = 5000;

    lease = oauthcc_unit_fleet_ask(test);

    oauthcc_fleet_defer(&test->cache, test->digest, lease + 1, &failed, 3);
    oauthcc_unit_number(unit, oauthcc_unit_fleet_ask(test), 0,
                        "a lease that is not ours is not ended");

    oauthcc_fleet_defer(&test->cache, test->digest, lease, &failed, 3);

    test->query.waited = lease;
    (void) oauthcc_unit_fleet_ask(test);

    oauthcc_unit_ok(unit, test->result.state == OAUTHCC_CACHE_FAILED
                          || test->result.state == OAUTHCC_CACHE_BACKOFF,
                    "who waits learns of the failure of another gateway");
    oauthcc_unit_ok(unit, test->result.failure.len == failed.failure.len
                          && ngx_memcmp(test->result.failure.text,
                                        failed.failure.text,
                                        failed.failure.len)
                             == 0,
                    "and its error");

    test->query.waited = 0;
    ngx_current_msec += 4999;
    oauthcc_unit_number(unit, oauthcc_unit_fleet_ask(test), 0,
                        "nobody logs in during its backoff");

    ngx_current_msec += 1;
    oauthcc_unit_ok(unit, oauthcc_unit_fleet_ask(test) != 0, "but then");
}


static void
oauthcc_unit_fleet_news(oauthcc_unit_t *unit, oauthcc_unit_fleet_t *test)
{
    u_char                  name[OAUTHCC_FLEET_NAME];
    uint64_t                lease;
    oauthcc_fleet_entry_t   known;

    lease = oauthcc_unit_fleet_ask(test);

    oauthcc_unit_number(unit, oauthcc_fleet_news(&test->cache, test->digest,
                                                 1),
                        0, "a login is on its way: it will learn");

    (void) oauthcc_unit_fleet_put(test, lease, 1);

    oauthcc_unit_number(unit, oauthcc_fleet_news(&test->cache, test->digest,
                                                 1),
                        0, "a token that is there");

    ngx_memcpy(name, test->digest, OAUTHCC_FLEET_NAME);
    name[OAUTHCC_FLEET_NAME - 1]++;

    oauthcc_unit_number(unit, oauthcc_fleet_news(&test->cache, name, 2), 0,
                        "a token of another entry");
    oauthcc_unit_number(unit, oauthcc_fleet_news(&test->cache, test->digest,
                                                 2),
                        1, "another token");

    oauthcc_invalidate_grant(&test->cache, test->digest, &test->query,
                             &test->result);
    oauthcc_unit_ok(unit, test->result.lease != 0, "is asked for");

    (void) oauthcc_fleet_look(&test->cache, test->digest, test->result.lease,
                              &known);
    oauthcc_unit_ok(unit, known.news && !known.ordered
                          && known.tag.version == 1,
                    "by who knows why");

    oauthcc_cache_release(&test->cache, test->digest, test->result.lease);

    /* messages were lost */

    oauthcc_unit_number(unit, oauthcc_fleet_doubt(&test->cache, test->client),
                        1, "when messages were lost it is asked for, too");

    ngx_current_msec += 60000;
    oauthcc_unit_number(unit, oauthcc_fleet_doubt(&test->cache, test->client),
                        0, "but not if nobody has used it for a minute");

    oauthcc_unit_number(unit, oauthcc_fleet_purge(&test->cache, name), 0,
                        "a purge of another entry");
    oauthcc_unit_number(unit, oauthcc_fleet_purge(&test->cache, test->digest),
                        1, "and of this one");
    oauthcc_unit_number(unit, oauthcc_fleet_purge(&test->cache, test->digest),
                        0, "once");
}


/* Of several gateways all together force no more logins than one does. */

/* Of its parameters: another entry of the provider is not held up. */

static void
oauthcc_unit_fleet_defer_entry(oauthcc_unit_t *unit,
    oauthcc_unit_fleet_t *test)
{
    uint64_t                lease;
    oauthcc_cache_failed_t  failed;

    ngx_memzero(&failed, sizeof(oauthcc_cache_failed_t));

    failed.failure.status = 502;
    failed.wait = 5000;
    failed.entry_only = 1;

    lease = oauthcc_unit_fleet_ask(test);

    oauthcc_fleet_defer(&test->cache, test->digest, lease, &failed, 3);

    oauthcc_unit_number(unit, oauthcc_unit_fleet_ask(test), 0,
                        "nobody logs in with parameters that fail elsewhere");

    test->digest[0]++;
    oauthcc_unit_ok(unit, oauthcc_unit_fleet_ask(test) != 0,
                    "but with others");
    test->digest[0]--;

    ngx_current_msec += 5000;
    oauthcc_unit_ok(unit, oauthcc_unit_fleet_ask(test) != 0,
                    "and with these after the backoff");
}


/* A token of this gateway that the store has not. */

static void
oauthcc_unit_fleet_unstored(oauthcc_unit_t *unit, oauthcc_unit_fleet_t *test)
{
    uint64_t                lease;
    ngx_str_t               got, token;
    oauthcc_fleet_entry_t   known;
    oauthcc_fleet_token_t   copy;

    lease = oauthcc_unit_fleet_ask(test);
    (void) oauthcc_unit_fleet_put(test, lease, 7);

    oauthcc_unit_number(unit, oauthcc_fleet_back(&test->cache, test->client),
                        1, "a token that is not in the store is put there");

    oauthcc_invalidate_grant(&test->cache, test->digest, &test->query,
                             &test->result);
    lease = test->result.lease;

    (void) oauthcc_fleet_look(&test->cache, test->digest, lease, &known);
    oauthcc_unit_ok(unit, known.unstored && known.news && known.good,
                    "as is known then");

    oauthcc_unit_number(unit, oauthcc_fleet_token(&test->cache, test->digest,
                                                  lease + 1, unit->pool,
                                                  &copy),
                        NGX_DECLINED, "of another lease there is no token");

    if (oauthcc_unit_ok(unit, oauthcc_fleet_token(&test->cache, test->digest,
                                                  lease, unit->pool, &copy)
                              == NGX_OK,
                        "it is read"))
    {
        ngx_str_set(&token, "token");

        got.data = copy.packed.data;
        got.len = copy.packed.len;

        oauthcc_unit_string(unit, &got, &token, "without its version");
        oauthcc_unit_ok(unit, copy.expires == test->login.expires
                              && copy.serial == test->login.serial,
                        "with what belongs to it");
    }

    oauthcc_cache_release(&test->cache, test->digest, lease);

    oauthcc_fleet_stored(&test->cache, test->digest, copy.serial + 1);
    oauthcc_unit_number(unit, oauthcc_fleet_back(&test->cache, test->client),
                        1, "another token was stored: this one is not");

    oauthcc_fleet_stored(&test->cache, test->digest, copy.serial);
    oauthcc_unit_number(unit, oauthcc_fleet_back(&test->cache, test->client),
                        0, "it was stored: no more");

    test->login.imported = 1;
    (void) oauthcc_unit_fleet_put(test, 0, 8);
    oauthcc_unit_number(unit, oauthcc_fleet_back(&test->cache, test->client),
                        0, "nor is one that came from there");
}


static void
oauthcc_unit_fleet_forced(oauthcc_unit_t *unit, oauthcc_unit_fleet_t *test)
{
    uint64_t               lease;
    oauthcc_fleet_entry_t  known;

    (void) oauthcc_unit_fleet_put(test, oauthcc_unit_fleet_ask(test), 1);

    lease = oauthcc_unit_fleet_refuse(test);
    (void) oauthcc_fleet_look(&test->cache, test->digest, lease, &known);

    oauthcc_unit_ok(unit, known.forced && !known.good
                          && known.tag.version == 1,
                    "a refused token forces a login");

    test->login.imported = 1;
    (void) oauthcc_unit_fleet_put(test, lease, 2);

    lease = oauthcc_unit_fleet_refuse(test);
    oauthcc_unit_ok(unit, lease != 0,
                    "which was none: another may be forced at once");

    test->login.imported = 1;
    test->login.forced = 1;
    test->login.age = 1000;
    (void) oauthcc_unit_fleet_put(test, lease, 3);

    oauthcc_unit_number(unit, oauthcc_unit_fleet_refuse(test), 0,
                        "another gateway was forced to: none for a while");

    ngx_current_msec += OAUTHCC_UNIT_INTERVAL - 1000;
    lease = oauthcc_unit_fleet_refuse(test);

    oauthcc_unit_number(unit, lease, 0,
                        "a location whose forced login was in vain waits");

    ngx_current_msec += 4 * OAUTHCC_UNIT_INTERVAL;
    oauthcc_unit_ok(unit, oauthcc_unit_fleet_refuse(test) != 0,
                    "and then may again");
}


/* The lease, or 0. */

static uint64_t
oauthcc_unit_fleet_ask(oauthcc_unit_fleet_t *test)
{
    test->query.turn.since = ngx_current_msec;

    oauthcc_cache_acquire(&test->cache, test->digest, &test->query,
                          &test->result);

    return test->result.lease;
}


static uint64_t
oauthcc_unit_fleet_refuse(oauthcc_unit_fleet_t *test)
{
    test->query.refused = test->login.serial;

    oauthcc_invalidate_refuse(&test->cache, test->digest, &test->query, 1,
                              OAUTHCC_UNIT_INTERVAL, &test->result);

    test->query.refused = 0;

    return test->result.lease;
}


/* A token, which is due for refresh after a quarter of its life. */

static ngx_int_t
oauthcc_unit_fleet_put(oauthcc_unit_fleet_t *test, uint64_t lease,
    uint64_t version)
{
    ngx_int_t          rc;
    oauthcc_issued_t  *login;

    static u_char  token[] = "token";

    login = &test->login;

    ngx_memzero(&login->packed, sizeof(oauthcc_packed_t));

    login->packed.data = token;
    login->packed.len = sizeof(token) - 1;
    login->packed.token = login->packed.len;
    login->expires = oauthcc_clock_msec() + OAUTHCC_UNIT_LIFE;
    login->usable = login->expires;
    login->refresh = oauthcc_clock_msec() + OAUTHCC_UNIT_LIFE / 4;
    login->tag.version = version;
    login->tag.requested = 1000 * version;

    rc = oauthcc_cache_publish(&test->cache, test->digest, lease,
                               &test->query.origin, login);

    login->imported = 0;
    login->forced = 0;
    login->age = 0;

    return rc;
}
