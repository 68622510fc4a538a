
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


/*
 * Leases of a zone on plain memory: who gets them, and in which order; what
 * becomes of those of the dead.  The clock and the worker are set here.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <sys/wait.h>
#include "cache/oauthcc_cache.h"
#include "cache/oauthcc_lease.h"
#include "cache/oauthcc_place.h"
#include "oauthcc_unit.h"


#define OAUTHCC_UNIT_ZONE      (256 * 1024)
#define OAUTHCC_UNIT_LEASE     10000


typedef struct {
    oauthcc_cache_t         cache;
    oauthcc_stats_t         stats;
    u_char                  client[OAUTHCC_DIGEST_LEN];
    ngx_pid_t               a;      /* two workers that live */
    ngx_pid_t               b;
    ngx_pid_t               dead;   /* and one that does not */
    ngx_uint_t              max;
    ngx_uint_t              per_request;
    oauthcc_content_t       content;
    oauthcc_cache_result_t  result;
} oauthcc_unit_lease_t;


static ngx_int_t oauthcc_unit_lease_init(oauthcc_unit_t *unit,
    oauthcc_unit_lease_t *lease);
static void oauthcc_unit_lease_single(oauthcc_unit_t *unit,
    oauthcc_unit_lease_t *lease);
static void oauthcc_unit_lease_takeover(oauthcc_unit_t *unit,
    oauthcc_unit_lease_t *lease);
static void oauthcc_unit_lease_own(oauthcc_unit_t *unit,
    oauthcc_unit_lease_t *lease);
static void oauthcc_unit_lease_places(oauthcc_unit_t *unit,
    oauthcc_unit_lease_t *lease);
static void oauthcc_unit_lease_order(oauthcc_unit_t *unit,
    oauthcc_unit_lease_t *lease);
static void oauthcc_unit_lease_kept(oauthcc_unit_t *unit,
    oauthcc_unit_lease_t *lease);
static void oauthcc_unit_lease_starve(oauthcc_unit_t *unit,
    oauthcc_unit_lease_t *lease);
static void oauthcc_unit_lease_rate(oauthcc_unit_t *unit,
    oauthcc_unit_lease_t *lease);
static uint64_t oauthcc_unit_lease_ask(oauthcc_unit_lease_t *lease,
    ngx_pid_t worker, ngx_uint_t n, ngx_uint_t first, oauthcc_time_t since);
static void oauthcc_unit_lease_publish(oauthcc_unit_lease_t *lease,
    ngx_uint_t n, uint64_t number, ngx_msec_t life);
static void oauthcc_unit_lease_fail(oauthcc_unit_lease_t *lease, ngx_uint_t n,
    uint64_t number);


static void (*oauthcc_unit_lease_cases[])(oauthcc_unit_t *unit,
    oauthcc_unit_lease_t *lease) =
{
    oauthcc_unit_lease_single,
    oauthcc_unit_lease_takeover,
    oauthcc_unit_lease_own,
    oauthcc_unit_lease_places,
    oauthcc_unit_lease_order,
    oauthcc_unit_lease_kept,
    oauthcc_unit_lease_starve,
    oauthcc_unit_lease_rate,
    NULL
};


ngx_int_t
oauthcc_unit_lease(oauthcc_unit_t *unit)
{
    ngx_pid_t             pid;
    ngx_uint_t            i;
    ngx_msec_t            now;
    oauthcc_unit_lease_t  lease;

    now = ngx_current_msec;
    pid = ngx_pid;

    for (i = 0; oauthcc_unit_lease_cases[i]; i++) {

        if (oauthcc_unit_lease_init(unit, &lease) != NGX_OK) {
            return NGX_ERROR;
        }

        oauthcc_unit_lease_cases[i](unit, &lease);
    }

    ngx_pid = pid;
    oauthcc_unit_clock_set(now);

    return NGX_OK;
}


static ngx_int_t
oauthcc_unit_lease_init(oauthcc_unit_t *unit, oauthcc_unit_lease_t *lease)
{
    ngx_pid_t  pid;

    ngx_memzero(lease, sizeof(oauthcc_unit_lease_t));

    if (oauthcc_unit_zone(unit, NULL, OAUTHCC_UNIT_ZONE, &lease->cache)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    pid = fork();

    if (pid == -1) {
        return NGX_ERROR;
    }

    if (pid == 0) {
        _exit(0);
    }

    (void) waitpid(pid, NULL, 0);

    lease->a = ngx_getpid();
    lease->b = ngx_parent;
    lease->dead = pid;
    lease->max = 1;
    lease->client[0] = 1;

    /* where 32 bits of the clock are over */

    oauthcc_unit_clock_set((ngx_msec_t) 0xffffffff - 2000);

    return NGX_OK;
}


static void
oauthcc_unit_lease_single(oauthcc_unit_t *unit, oauthcc_unit_lease_t *lease)
{
    uint64_t  number;

    number = oauthcc_unit_lease_ask(lease, lease->a, 1, 0, 0);

    oauthcc_unit_ok(unit, number != 0, "the first to ask gets the lease");
    oauthcc_unit_number(unit, oauthcc_unit_lease_ask(lease, lease->b, 1, 0, 0),
                        0, "and nobody else");
    oauthcc_unit_ok(unit, lease->result.state == OAUTHCC_CACHE_WAIT
                          && lease->result.waited == number
                          && lease->result.leader == lease->a
                          && !lease->result.place,
                    "who is told for which login to wait");

    oauthcc_unit_lease_publish(lease, 1, number, 3600000);

    (void) oauthcc_unit_lease_ask(lease, lease->b, 1, 0, 0);
    oauthcc_unit_number(unit, lease->result.state, OAUTHCC_CACHE_HIT,
                        "it ends with a token");

    number = oauthcc_unit_lease_ask(lease, lease->a, 2, 0, 0);
    ngx_current_msec += OAUTHCC_UNIT_LEASE;

    oauthcc_unit_ok(unit, oauthcc_unit_lease_ask(lease, lease->b, 2, 0, 0)
                          > number,
                    "or when its time is over");

    oauthcc_unit_lease_fail(lease, 2, number);

    oauthcc_unit_number(unit, oauthcc_unit_lease_ask(lease, lease->a, 2, 0, 0),
                        0, "and who was late ends nobody else's");
}


static void
oauthcc_unit_lease_takeover(oauthcc_unit_t *unit, oauthcc_unit_lease_t *lease)
{
    uint64_t  number;

    number = oauthcc_unit_lease_ask(lease, lease->dead, 1, 0, 0);

    oauthcc_unit_ok(unit, oauthcc_unit_lease_ask(lease, lease->a, 1, 0, 0)
                          > number,
                    "the lease of who is dead is taken over");

    (void) oauthcc_unit_lease_ask(lease, lease->dead, 2, 1, 0);

    ngx_current_msec += 300;

    oauthcc_unit_number(unit, oauthcc_unit_lease_ask(lease, lease->b, 3, 1,
                                                     oauthcc_clock_msec()),
                        0, "there is no place");

    number = oauthcc_unit_lease_ask(lease, lease->b, 1, 0, 0);
    oauthcc_unit_number(unit, number, 0, "for nobody");

    oauthcc_unit_lease_publish(lease, 1, lease->result.waited, 3600000);

    oauthcc_unit_ok(unit, oauthcc_unit_lease_ask(lease, lease->b, 3, 1,
                                                 oauthcc_clock_msec())
                          != 0,
                    "and nobody waits for who is dead");
}


static void
oauthcc_unit_lease_own(oauthcc_unit_t *unit, oauthcc_unit_lease_t *lease)
{
    uint64_t                one, two;
    ngx_uint_t              free, fresh;
    oauthcc_client_node_t  *client;

    lease->per_request = 1;
    lease->max = 2;

    one = oauthcc_unit_lease_ask(lease, lease->a, 1, 0, 0);
    free = lease->cache.shpool->pfree;
    two = oauthcc_unit_lease_ask(lease, lease->dead, 1, 0, 0);

    client = oauthcc_lease_lookup(&lease->cache, lease->client);

    oauthcc_unit_ok(unit, one && two && one != two,
                    "requests of one entry have leases of their own");
    oauthcc_unit_number(unit, oauthcc_lease_count(client, &fresh), 2,
                        "which are counted as all");

    two = oauthcc_unit_lease_ask(lease, lease->b, 1, 0, 0);

    oauthcc_unit_ok(unit, two != 0, "one of who is dead is given back");
    oauthcc_unit_number(unit, oauthcc_unit_lease_ask(lease, lease->b, 1, 0, 0),
                        0, "there are max_logins");
    oauthcc_unit_ok(unit, lease->result.place, "the next waits for a place");

    oauthcc_unit_number(unit, oauthcc_cache_finish(&lease->cache,
                                                   lease->client,
                                                   lease->client, one,
                                                   &lease->content, NULL),
                        1, "who ends learns that somebody waits");

    (void) oauthcc_cache_finish(&lease->cache, lease->client, lease->client,
                                two, &lease->content, NULL);

    oauthcc_unit_number(unit, oauthcc_lease_count(client, &fresh), 0,
                        "all end");
    oauthcc_unit_ok(unit, lease->cache.shpool->pfree >= free,
                    "and what they took is free");
}


static void
oauthcc_unit_lease_places(oauthcc_unit_t *unit, oauthcc_unit_lease_t *lease)
{
    uint64_t        number, places;
    oauthcc_time_t  since;

    since = oauthcc_clock_msec();

    number = oauthcc_unit_lease_ask(lease, lease->a, 1, 0, 0);
    places = oauthcc_lease_places(&lease->cache, lease->client);

    (void) oauthcc_unit_lease_ask(lease, lease->a, 2, 1, since + 10);
    (void) oauthcc_unit_lease_ask(lease, lease->b, 3, 1, since + 5);
    (void) oauthcc_unit_lease_ask(lease, lease->a, 2, 1, since + 10);

    oauthcc_unit_lease_publish(lease, 1, number, 3600000);

    oauthcc_unit_ok(unit, oauthcc_lease_places(&lease->cache, lease->client)
                          != places,
                    "a place that is free is told without the lock");

    oauthcc_unit_number(unit, oauthcc_unit_lease_ask(lease, lease->a, 2, 1,
                                                     since + 10),
                        0, "it is for who came first, in whichever worker");
    oauthcc_unit_number(unit, oauthcc_unit_lease_ask(lease, lease->a, 4, 0,
                                                     since + 20),
                        0, "and for nobody who comes now");

    number = oauthcc_unit_lease_ask(lease, lease->b, 3, 1, since + 5);
    oauthcc_unit_ok(unit, number != 0, "who takes it");

    oauthcc_unit_lease_publish(lease, 3, number, 3600000);
    number = oauthcc_unit_lease_ask(lease, lease->a, 2, 1, since + 10);
    oauthcc_unit_ok(unit, number != 0, "then it is the next one's turn");

    /* one that waits, and does not ask any more */

    (void) oauthcc_unit_lease_ask(lease, lease->b, 5, 1, since + 30);
    oauthcc_unit_lease_publish(lease, 2, number, 3600000);

    oauthcc_unit_number(unit, oauthcc_unit_lease_ask(lease, lease->a, 6, 1,
                                                     since + 40),
                        0, "one that waits is waited for");

    ngx_current_msec += 1000;

    number = oauthcc_unit_lease_ask(lease, lease->a, 6, 1, since + 40);
    oauthcc_unit_ok(unit, number != 0, "but for no longer than a second");

    /* one that says that it leaves */

    (void) oauthcc_unit_lease_ask(lease, lease->b, 5, 1, since + 30);
    oauthcc_unit_lease_publish(lease, 6, number, 3600000);
    (void) oauthcc_unit_lease_ask(lease, lease->a, 7, 1, since + 50);

    places = oauthcc_lease_places(&lease->cache, lease->client);
    ngx_pid = lease->b;
    oauthcc_place_leave(&lease->cache, lease->client, OAUTHCC_TURN_NEW,
                        &lease->result.notify);

    oauthcc_unit_ok(unit, lease->result.notify
                          && oauthcc_lease_places(&lease->cache, lease->client)
                             != places,
                    "who leaves lets those ask again that it was before");
    oauthcc_unit_ok(unit, oauthcc_unit_lease_ask(lease, lease->a, 7, 1,
                                                 since + 50)
                          != 0,
                    "and they get the place");
}


static void
oauthcc_unit_lease_order(oauthcc_unit_t *unit, oauthcc_unit_lease_t *lease)
{
    uint64_t  number;

    /* an entry whose token has ended, and one whose login has failed */

    number = oauthcc_unit_lease_ask(lease, lease->a, 1, 0, 0);
    oauthcc_unit_lease_publish(lease, 1, number, 100);
    number = oauthcc_unit_lease_ask(lease, lease->a, 2, 0, 0);
    oauthcc_unit_lease_fail(lease, 2, number);

    ngx_current_msec += 5000;

    number = oauthcc_unit_lease_ask(lease, lease->a, 3, 0, 0);

    (void) oauthcc_unit_lease_ask(lease, lease->a, 2, 1, 1);
    oauthcc_unit_number(unit, lease->result.class, OAUTHCC_TURN_RETRY,
                        "who has failed is last");
    (void) oauthcc_unit_lease_ask(lease, lease->b, 4, 1, 2);
    oauthcc_unit_number(unit, lease->result.class, OAUTHCC_TURN_NEW,
                        "then who is new");
    (void) oauthcc_unit_lease_ask(lease, lease->a, 1, 1, 3);
    oauthcc_unit_number(unit, lease->result.class, OAUTHCC_TURN_RENEW,
                        "who has had a token is first");

    oauthcc_unit_lease_publish(lease, 3, number, 3600000);

    oauthcc_unit_ok(unit, !oauthcc_unit_lease_ask(lease, lease->a, 2, 1, 1)
                          && !oauthcc_unit_lease_ask(lease, lease->b, 4, 1, 2),
                    "the others wait for that one");

    number = oauthcc_unit_lease_ask(lease, lease->a, 1, 1, 3);
    oauthcc_unit_ok(unit, number != 0, "the renewal begins");
    oauthcc_unit_number(unit, lease->result.notify, 0,
                        "and nobody has to be told");

    oauthcc_unit_lease_publish(lease, 1, number, 3600000);

    oauthcc_unit_number(unit, oauthcc_unit_lease_ask(lease, lease->a, 2, 1, 1),
                        0, "not yet the retry");
    number = oauthcc_unit_lease_ask(lease, lease->b, 4, 1, 2);
    oauthcc_unit_ok(unit, number != 0, "the new one");

    oauthcc_unit_lease_publish(lease, 4, number, 3600000);
    oauthcc_unit_ok(unit, oauthcc_unit_lease_ask(lease, lease->a, 2, 1, 1)
                          != 0,
                    "then the retry");
}


static void
oauthcc_unit_lease_kept(oauthcc_unit_t *unit, oauthcc_unit_lease_t *lease)
{
    uint64_t    number;
    ngx_uint_t  i, n;

    lease->max = 8;

    for (i = 1; i <= 8; i++) {
        number = oauthcc_unit_lease_ask(lease, lease->a, i, 0, 0);
        oauthcc_unit_lease_publish(lease, i, number, 100);
    }

    ngx_current_msec += 5000;
    n = 0;

    for (i = 1; i <= 8; i++) {
        n += (oauthcc_unit_lease_ask(lease, lease->a, i, 0, 0) != 0);
    }

    oauthcc_unit_number(unit, n, 6, "renewals take six of eight places");

    (void) oauthcc_unit_lease_ask(lease, lease->a, 7, 1, 1);

    for (i = 101; i <= 104; i++) {
        n += (oauthcc_unit_lease_ask(lease, lease->b, i, 1, 2) != 0);
    }

    oauthcc_unit_number(unit, n, 8, "new ones the others, and no more");
}


static void
oauthcc_unit_lease_starve(oauthcc_unit_t *unit, oauthcc_unit_lease_t *lease)
{
    uint64_t    number, given;
    ngx_uint_t  i, fresh, retry;

    number = oauthcc_unit_lease_ask(lease, lease->a, 1, 0, 0);
    oauthcc_unit_lease_publish(lease, 1, number, 100);
    number = oauthcc_unit_lease_ask(lease, lease->a, 2, 0, 0);
    oauthcc_unit_lease_fail(lease, 2, number);

    ngx_current_msec += 5000;

    number = oauthcc_unit_lease_ask(lease, lease->a, 1, 0, 0);
    given = 1;
    fresh = 0;
    retry = 0;

    for (i = 1; i <= 40; i++) {
        (void) oauthcc_unit_lease_ask(lease, lease->b, 100 + fresh, 1, 2);
        (void) oauthcc_unit_lease_ask(lease, lease->b, 2, 1, 3);

        oauthcc_unit_lease_publish(lease, given, number, 0);

        /* one that is always there asks first, and again */

        given = 1;
        number = oauthcc_unit_lease_ask(lease, lease->a, given, 1, 1);

        if (number == 0) {
            given = 100 + fresh;
            number = oauthcc_unit_lease_ask(lease, lease->b, given, 1, 2);
            fresh += (number != 0);
        }

        if (number == 0) {
            given = 2;
            number = oauthcc_unit_lease_ask(lease, lease->b, given, 1, 3);

            if (number == 0) {
                break;
            }

            retry += i;
        }

        if (retry) {
            break;
        }
    }

    oauthcc_unit_ok(unit, retry >= 10 && retry <= 20,
                    "a retry that is passed often is made, after %ui", retry);
    oauthcc_unit_ok(unit, fresh >= retry / 5 && fresh <= retry / 3,
                    "and new ones, one in four: %ui", fresh);
}


static void
oauthcc_unit_lease_rate(oauthcc_unit_t *unit, oauthcc_unit_lease_t *lease)
{
    ngx_uint_t  i, n;
    uint64_t    number;

    lease->max = 1000;
    n = 0;

    for (i = 1; i <= 600; i++) {
        number = oauthcc_unit_lease_ask(lease, lease->a, i, 1, 1);

        if (number) {
            n++;
            oauthcc_unit_lease_publish(lease, i, number, 100);
        }
    }

    oauthcc_unit_number(unit, n, 501, "so many new ones at once");
    oauthcc_unit_ok(unit, lease->result.state == OAUTHCC_CACHE_WAIT
                          && lease->result.place,
                    "the next wait, and are not refused");

    /* which keeps nobody else from logging in */

    ngx_current_msec += 150;
    oauthcc_unit_ok(unit, oauthcc_unit_lease_ask(lease, lease->b, 1, 0, 0)
                          != 0,
                    "others go on");

    n = 0;

    for (i = 1001; i <= 1600; i++) {
        n += (oauthcc_unit_lease_ask(lease, lease->a, i, 1, 1) != 0);
    }

    oauthcc_unit_number(unit, n, 75, "half a thousand a second");
}


static uint64_t
oauthcc_unit_lease_ask(oauthcc_unit_lease_t *lease, ngx_pid_t worker,
    ngx_uint_t n, ngx_uint_t first, oauthcc_time_t since)
{
    u_char                 digest[OAUTHCC_DIGEST_LEN];
    oauthcc_cache_query_t  query;

    ngx_memzero(&query, sizeof(oauthcc_cache_query_t));
    ngx_memzero(digest, OAUTHCC_DIGEST_LEN);

    ngx_pid = worker;

    ngx_memcpy(digest, &n, sizeof(ngx_uint_t));

    query.lease = OAUTHCC_UNIT_LEASE;
    query.max_logins = lease->max;
    query.per_request = lease->per_request;
    query.turn.first = first;
    query.turn.since = since;
    query.origin.client = lease->client;
    query.origin.stats = &lease->stats;

    oauthcc_cache_acquire(&lease->cache, digest, &query, &lease->result);

    if (lease->result.credential) {
        ngx_free(lease->result.credential);
    }

    return lease->result.lease;
}


static void
oauthcc_unit_lease_publish(oauthcc_unit_lease_t *lease, ngx_uint_t n,
    uint64_t number, ngx_msec_t life)
{
    u_char            digest[OAUTHCC_DIGEST_LEN];
    oauthcc_issued_t  login;

    ngx_memzero(&login, sizeof(oauthcc_issued_t));
    ngx_memzero(digest, OAUTHCC_DIGEST_LEN);

    ngx_memcpy(digest, &n, sizeof(ngx_uint_t));

    login.packed.data = (u_char *) "token";
    login.packed.len = 5;
    login.packed.token = 5;
    login.expires = oauthcc_clock_msec() + life;
    login.usable = login.expires;
    login.refresh = login.expires;

    (void) oauthcc_cache_publish(&lease->cache, digest, number, NULL,
                                 &login);
}


static void
oauthcc_unit_lease_fail(oauthcc_unit_lease_t *lease, ngx_uint_t n,
    uint64_t number)
{
    u_char                  digest[OAUTHCC_DIGEST_LEN];
    oauthcc_cache_failed_t  failed;

    ngx_memzero(&failed, sizeof(oauthcc_cache_failed_t));
    ngx_memzero(digest, OAUTHCC_DIGEST_LEN);

    ngx_memcpy(digest, &n, sizeof(ngx_uint_t));

    failed.min = 1000;
    failed.max = 1000;
    failed.entry_only = 1;

    (void) oauthcc_cache_fail(&lease->cache, digest, number, &failed);
}
