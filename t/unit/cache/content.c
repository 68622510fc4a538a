
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


/* Workers that have read the files of a provider at different times. */


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_cache.h"
#include "cache/oauthcc_content.h"
#include "oauthcc_unit.h"


#define OAUTHCC_UNIT_ZONE  (256 * 1024)


typedef struct {
    oauthcc_cache_t         cache;
    oauthcc_stats_t         stats;
    u_char                  client[OAUTHCC_DIGEST_LEN];
    uint64_t                known;   /* serial of a token */
    uint64_t                waited;
    oauthcc_cache_result_t  result;
} oauthcc_unit_content_t;


static ngx_int_t oauthcc_unit_content_init(oauthcc_unit_t *unit,
    oauthcc_unit_content_t *test);
static void oauthcc_unit_content_wrong(oauthcc_unit_t *unit,
    oauthcc_unit_content_t *test);
static void oauthcc_unit_content_old(oauthcc_unit_t *unit,
    oauthcc_unit_content_t *test);
static void oauthcc_unit_content_token(oauthcc_unit_t *unit,
    oauthcc_unit_content_t *test);
static void oauthcc_unit_content_success(oauthcc_unit_t *unit,
    oauthcc_unit_content_t *test);
static void oauthcc_unit_content_set(oauthcc_unit_content_t *test,
    oauthcc_content_t *content, ngx_uint_t n);
static oauthcc_cache_state_e oauthcc_unit_content_ask(
    oauthcc_unit_content_t *test, ngx_uint_t content, ngx_uint_t n);
static void oauthcc_unit_content_publish(oauthcc_unit_content_t *test,
    ngx_uint_t content, ngx_uint_t n, uint64_t lease);
static void oauthcc_unit_content_fail(oauthcc_unit_content_t *test,
    ngx_uint_t content, ngx_uint_t n, uint64_t lease);


static void (*oauthcc_unit_content_cases[])(oauthcc_unit_t *unit,
    oauthcc_unit_content_t *test) =
{
    oauthcc_unit_content_wrong,
    oauthcc_unit_content_old,
    oauthcc_unit_content_token,
    oauthcc_unit_content_success,
    NULL
};


ngx_int_t
oauthcc_unit_content(oauthcc_unit_t *unit)
{
    ngx_uint_t              i;
    ngx_msec_t              now;
    oauthcc_unit_content_t  test;

    now = ngx_current_msec;

    for (i = 0; oauthcc_unit_content_cases[i]; i++) {

        if (oauthcc_unit_content_init(unit, &test) != NGX_OK) {
            return NGX_ERROR;
        }

        oauthcc_unit_content_cases[i](unit, &test);
    }

    oauthcc_unit_clock_set(now);

    return NGX_OK;
}


static ngx_int_t
oauthcc_unit_content_init(oauthcc_unit_t *unit, oauthcc_unit_content_t *test)
{
    ngx_memzero(test, sizeof(oauthcc_unit_content_t));

    test->client[0] = 1;

    /* where 32 bits of the clock are over */

    oauthcc_unit_clock_set((ngx_msec_t) 0xffffffff - 2000);

    return oauthcc_unit_zone(unit, NULL, OAUTHCC_UNIT_ZONE, &test->cache);
}


/* However many workers read it, a wrong secret is one login. */

static void
oauthcc_unit_content_wrong(oauthcc_unit_t *unit, oauthcc_unit_content_t *test)
{
    uint64_t           lease;
    oauthcc_content_t  content;

    oauthcc_unit_number(unit, oauthcc_unit_content_ask(test, 1, 1),
                        OAUTHCC_CACHE_LEAD, "the first content is tried");
    oauthcc_unit_content_fail(test, 1, 1, test->result.lease);

    oauthcc_unit_number(unit, oauthcc_unit_content_ask(test, 1, 2),
                        OAUTHCC_CACHE_BACKOFF, "its failure is everybody's");

    oauthcc_unit_number(unit, oauthcc_unit_content_ask(test, 2, 1),
                        OAUTHCC_CACHE_LEAD, "another content is tried");
    lease = test->result.lease;

    oauthcc_unit_number(unit, oauthcc_unit_content_ask(test, 2, 2),
                        OAUTHCC_CACHE_WAIT, "once");
    oauthcc_unit_ok(unit, test->result.place, "other entries wait for that");

    oauthcc_unit_content_fail(test, 2, 1, lease);

    oauthcc_unit_content_set(test, &content, 2);
    content.read_at += 500;
    oauthcc_content_forgive(&test->cache, test->client, &content);

    oauthcc_unit_number(unit, oauthcc_unit_content_ask(test, 2, 1),
                        OAUTHCC_CACHE_BACKOFF,
                        "a worker that reads the same has the same backoff");
    oauthcc_unit_number(unit, oauthcc_unit_content_ask(test, 2, 3),
                        OAUTHCC_CACHE_BACKOFF, "for all entries");
    oauthcc_unit_number(unit, oauthcc_unit_content_ask(test, 1, 1),
                        OAUTHCC_CACHE_BACKOFF, "and who has older ones, too");

    oauthcc_unit_content_set(test, &content, 3);
    oauthcc_content_forgive(&test->cache, test->client, &content);

    oauthcc_unit_number(unit, oauthcc_unit_content_ask(test, 3, 1),
                        OAUTHCC_CACHE_LEAD, "the next content ends it");
}


/* A worker of before the reload fails: that is its own affair. */

static void
oauthcc_unit_content_old(oauthcc_unit_t *unit, oauthcc_unit_content_t *test)
{
    uint64_t  lease;

    (void) oauthcc_unit_content_ask(test, 1, 1);
    oauthcc_unit_content_publish(test, 1, 1, test->result.lease);

    (void) oauthcc_unit_content_ask(test, 2, 2);
    oauthcc_unit_content_publish(test, 2, 2, test->result.lease);

    oauthcc_unit_number(unit, oauthcc_unit_content_ask(test, 1, 3),
                        OAUTHCC_CACHE_LEAD, "an old worker may log in");
    lease = test->result.lease;

    oauthcc_unit_number(unit, oauthcc_unit_content_ask(test, 2, 3),
                        OAUTHCC_CACHE_WAIT, "new ones wait for that");

    oauthcc_unit_content_fail(test, 1, 3, lease);

    test->waited = lease;

    oauthcc_unit_number(unit, oauthcc_unit_content_ask(test, 1, 3),
                        OAUTHCC_CACHE_FAILED, "it fails for old ones");
    oauthcc_unit_number(unit, oauthcc_unit_content_ask(test, 2, 3),
                        OAUTHCC_CACHE_LEAD, "a new one logs in itself");

    test->waited = 0;

    oauthcc_unit_number(unit, oauthcc_unit_content_ask(test, 2, 4),
                        OAUTHCC_CACHE_LEAD, "for other entries, too");
    oauthcc_unit_number(unit, oauthcc_unit_content_ask(test, 1, 5),
                        OAUTHCC_CACHE_BACKOFF, "an old one does not");

    ngx_current_msec += 1100;

    oauthcc_unit_number(unit, oauthcc_unit_content_ask(test, 1, 6),
                        OAUTHCC_CACHE_LEAD, "for a while");
}


static void
oauthcc_unit_content_token(oauthcc_unit_t *unit, oauthcc_unit_content_t *test)
{
    uint64_t  lease;

    (void) oauthcc_unit_content_ask(test, 1, 1);
    oauthcc_unit_content_publish(test, 1, 1, test->result.lease);

    (void) oauthcc_unit_content_ask(test, 1, 1);
    oauthcc_unit_ok(unit, test->result.lease == 0, "a token is used");

    oauthcc_unit_number(unit, oauthcc_unit_content_ask(test, 2, 1),
                        OAUTHCC_CACHE_HIT, "with other files too");
    lease = test->result.lease;
    oauthcc_unit_ok(unit, lease != 0, "until there is one of theirs");

    (void) oauthcc_unit_content_ask(test, 2, 1);
    oauthcc_unit_ok(unit, test->result.lease == 0, "by one login");

    oauthcc_unit_content_publish(test, 2, 1, lease);

    (void) oauthcc_unit_content_ask(test, 1, 1);
    oauthcc_unit_ok(unit, test->result.lease == 0,
                    "who has older ones renews nothing");

    (void) oauthcc_unit_content_ask(test, 2, 1);
    oauthcc_unit_ok(unit, test->result.lease == 0, "nor do the others");
}


static void
oauthcc_unit_content_success(oauthcc_unit_t *unit,
    oauthcc_unit_content_t *test)
{
    uint64_t  lease;

    (void) oauthcc_unit_content_ask(test, 1, 1);
    lease = test->result.lease;

    (void) oauthcc_unit_content_ask(test, 2, 2);
    oauthcc_unit_number(unit, test->result.state, OAUTHCC_CACHE_WAIT,
                        "one tries a new content");

    (void) oauthcc_unit_content_ask(test, 2, 1);
    oauthcc_unit_content_publish(test, 1, 1, lease);

    (void) oauthcc_unit_content_ask(test, 2, 2);
    oauthcc_unit_number(unit, test->result.state, OAUTHCC_CACHE_LEAD,
                        "when there is a place");
    oauthcc_unit_content_fail(test, 2, 2, test->result.lease);

    ngx_current_msec += 100;

    oauthcc_unit_content_publish(test, 1, 3, lease);

    oauthcc_unit_number(unit, oauthcc_unit_content_ask(test, 2, 4),
                        OAUTHCC_CACHE_BACKOFF,
                        "that old files are good ends no backoff");

    oauthcc_unit_content_publish(test, 2, 5, lease);

    oauthcc_unit_number(unit, oauthcc_unit_content_ask(test, 2, 4),
                        OAUTHCC_CACHE_LEAD, "that the new ones are does");
}


static void
oauthcc_unit_content_set(oauthcc_unit_content_t *test,
    oauthcc_content_t *content, ngx_uint_t n)
{
    content->digest = n;
    content->read_at = (oauthcc_time_t) 0xffffffff - 4000 + 1000 * n;
}


static oauthcc_cache_state_e
oauthcc_unit_content_ask(oauthcc_unit_content_t *test, ngx_uint_t content,
    ngx_uint_t n)
{
    u_char                 digest[OAUTHCC_DIGEST_LEN];
    oauthcc_cache_query_t  query;

    ngx_memzero(&query, sizeof(oauthcc_cache_query_t));
    ngx_memzero(digest, OAUTHCC_DIGEST_LEN);

    ngx_memcpy(digest, &n, sizeof(ngx_uint_t));

    query.lease = 60000;
    query.max_logins = 10;
    query.waited = test->waited;
    query.origin.client = test->client;
    query.origin.stats = &test->stats;

    oauthcc_unit_content_set(test, &query.content, content);

    oauthcc_cache_acquire(&test->cache, digest, &query, &test->result);

    if (test->result.credential) {
        ngx_free(test->result.credential);
    }

    return test->result.state;
}


static void
oauthcc_unit_content_publish(oauthcc_unit_content_t *test, ngx_uint_t content,
    ngx_uint_t n, uint64_t lease)
{
    u_char            digest[OAUTHCC_DIGEST_LEN];
    oauthcc_issued_t  login;
    oauthcc_origin_t  origin;

    ngx_memzero(&login, sizeof(oauthcc_issued_t));
    ngx_memzero(&origin, sizeof(oauthcc_origin_t));
    ngx_memzero(digest, OAUTHCC_DIGEST_LEN);

    ngx_memcpy(digest, &n, sizeof(ngx_uint_t));

    origin.client = test->client;
    origin.stats = &test->stats;

    login.packed.data = (u_char *) "token";
    login.packed.len = 5;
    login.packed.token = 5;
    login.expires = oauthcc_clock_msec() + 3600000;
    login.usable = login.expires;
    login.refresh = login.expires;

    oauthcc_unit_content_set(test, &login.content, content);

    (void) oauthcc_cache_publish(&test->cache, digest, lease, &origin,
                                 &login);
}


static void
oauthcc_unit_content_fail(oauthcc_unit_content_t *test, ngx_uint_t content,
    ngx_uint_t n, uint64_t lease)
{
    u_char                  digest[OAUTHCC_DIGEST_LEN];
    oauthcc_cache_failed_t  failed;

    ngx_memzero(&failed, sizeof(oauthcc_cache_failed_t));
    ngx_memzero(digest, OAUTHCC_DIGEST_LEN);

    ngx_memcpy(digest, &n, sizeof(ngx_uint_t));

    failed.min = 1000;
    failed.max = 60000;

    oauthcc_unit_content_set(test, &failed.content, content);

    (void) oauthcc_cache_fail(&test->cache, digest, lease, &failed);
}
