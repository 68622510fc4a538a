
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_lifetime.h"
#include "oauthcc_unit.h"


#define OAUTHCC_UNIT_DAY   ((oauthcc_time_t) 24 * 3600 * 1000)

/* 2023-11-14 22:13:20 GMT */
#define OAUTHCC_UNIT_NOW   1700000000

/* a point of the clock counted from where it starts, or wraps */
#define oauthcc_unit_wrap(n)  ((oauthcc_time_t) 0 + (n))


typedef struct {
    char           *name;
    oauthcc_time_t  now;
    oauthcc_time_t  point;
    ngx_uint_t      expected;
} oauthcc_unit_reached_t;


typedef struct {
    char           *name;
    oauthcc_time_t  requested;
    ngx_msec_t      life;
    ngx_msec_t      margin;
    oauthcc_time_t  expected;
} oauthcc_unit_usable_t;


typedef struct {
    char           *name;
    oauthcc_time_t  usable;
    ngx_msec_t      life;
    ngx_msec_t      before;
    ngx_uint_t      random;
    oauthcc_time_t  expected;
} oauthcc_unit_refresh_t;


typedef struct {
    char       *name;
    ngx_msec_t  min;
    ngx_msec_t  max;
    ngx_uint_t  failures;
    ngx_msec_t  retry_after;
    ngx_uint_t  random;
    ngx_msec_t  expected;
} oauthcc_unit_backoff_t;


typedef struct {
    ngx_str_t   value;
    ngx_msec_t  expected;
} oauthcc_unit_retry_t;


typedef struct {
    ngx_str_t   date;
    ngx_uint_t  expected;
} oauthcc_unit_beyond_t;


static void oauthcc_unit_lifetime_beyond(oauthcc_unit_t *unit);
static void oauthcc_unit_clock_ranges(oauthcc_unit_t *unit);


static oauthcc_unit_reached_t  oauthcc_unit_reacheds[] = {

    { "reached: before", 999, 1000, 0 },
    { "reached: at it", 1000, 1000, 1 },
    { "reached: after", 1001, 1000, 1 },
    { "reached: both at zero", 0, 0, 1 },

    { "reached: the point lies beyond the wrap",
      oauthcc_unit_wrap(-10), 10, 0 },

    { "reached: the clock has wrapped since",
      10, oauthcc_unit_wrap(-10), 1 },

    { "reached: the last before the wrap",
      oauthcc_unit_wrap(-1), 0, 0 },

    { "reached: the first after the wrap",
      0, oauthcc_unit_wrap(-1), 1 },

    { "reached: 24 days ahead across the wrap",
      oauthcc_unit_wrap(-1000),
      24 * OAUTHCC_UNIT_DAY - 1000, 0 },

    { "reached: 24 days ago across the wrap",
      24 * OAUTHCC_UNIT_DAY - 1000,
      oauthcc_unit_wrap(-1000), 1 },

    { "reached: 24 days ahead across the middle",
      (oauthcc_time_t) -1 / 2 - 5,
      (oauthcc_time_t) -1 / 2 - 5 + 24 * OAUTHCC_UNIT_DAY, 0 },

    /* where the signed difference of 32 bits is wrong */

    { "reached: 25 days ago",
      26 * OAUTHCC_UNIT_DAY, OAUTHCC_UNIT_DAY, 1 },

    { "reached: 25 days ahead",
      OAUTHCC_UNIT_DAY, 26 * OAUTHCC_UNIT_DAY, 0 },

    { "reached: 49 days ago, to the millisecond after 32 bits",
      (oauthcc_time_t) NGX_MAX_UINT32_VALUE + 2, 2, 1 },

    { "reached: that less one",
      2, (oauthcc_time_t) NGX_MAX_UINT32_VALUE + 2, 0 },

    { "reached: 60 days ago, before the start",
      59 * OAUTHCC_UNIT_DAY, oauthcc_unit_wrap(-1), 1 },

    { "reached: ten years ago",
      3653 * OAUTHCC_UNIT_DAY, 7, 1 },

    { NULL, 0, 0, 0 }
};


static oauthcc_unit_usable_t  oauthcc_unit_usables[] = {

    { "usable: less the margin", 1000, 3600000, 10000, 3591000 },
    { "usable: no margin", 1000, 3600000, 0, 3601000 },
    { "usable: a tenth at most", 1000, 60000, 10000, 55000 },
    { "usable: just a tenth", 0, 100000, 10000, 90000 },
    { "usable: a huge margin", 0, 1000, (ngx_msec_t) -1, 900 },
    { "usable: a life of 9 ms", 50, 9, 1000, 59 },
    { "usable: a life of 1 ms", 50, 1, 1000, 51 },

    { "usable: 24 days", 7, 24 * OAUTHCC_UNIT_DAY, 10000,
      24 * OAUTHCC_UNIT_DAY - 9993 },

    { "usable: after 32 bits", (oauthcc_time_t) NGX_MAX_UINT32_VALUE - 1000,
      60000, 1000, (oauthcc_time_t) NGX_MAX_UINT32_VALUE + 58000 },

    { "usable: across the wrap", oauthcc_unit_wrap(-1000), 60000,
      1000, 58000 },

    { "usable: up to the wrap", oauthcc_unit_wrap(-60000), 60000,
      1000, oauthcc_unit_wrap(-1000) },

    { NULL, 0, 0, 0, 0 }
};


static oauthcc_unit_refresh_t  oauthcc_unit_refreshes[] = {

    { "refresh: latest", 3595000, 3600000, 60000, 0, 3535000 },
    { "refresh: earliest", 3595000, 3600000, 60000, 15000, 3520000 },
    { "refresh: in between", 3595000, 3600000, 60000, 7, 3534993 },
    { "refresh: the number is too big", 3595000, 3600000, 60000, 15001,
      3535000 },
    { "refresh: a fifth at most", 95000, 100000, 60000, 0, 75000 },
    { "refresh: a fifth, earliest", 95000, 100000, 60000, 5000, 70000 },
    { "refresh: a huge time", 95000, 100000, (ngx_msec_t) -1, 0, 75000 },
    { "refresh: no time", 100010, 100000, 0, 12345, 100010 },
    { "refresh: a life of 1 ms", 11, 1, 60000, 99, 11 },

    { "refresh: 24 days", 24 * OAUTHCC_UNIT_DAY + 5,
      24 * OAUTHCC_UNIT_DAY, 60000, 0,
      24 * OAUTHCC_UNIT_DAY - 59995 },

    { "refresh: after 32 bits", (oauthcc_time_t) NGX_MAX_UINT32_VALUE + 90000,
      100000, 10000, 0, (oauthcc_time_t) NGX_MAX_UINT32_VALUE + 80000 },

    { "refresh: across the wrap", oauthcc_unit_wrap(5000), 100000,
      10000, 0, oauthcc_unit_wrap(-5000) },

    { "refresh: up to the wrap", oauthcc_unit_wrap(10000), 100000,
      10000, 0, oauthcc_unit_wrap(0) },

    { NULL, 0, 0, 0, 0, 0 }
};


static oauthcc_unit_backoff_t  oauthcc_unit_backoffs[] = {

    { "backoff: first, shortest", 1000, 60000, 1, 0, 0, 500 },
    { "backoff: first, longest", 1000, 60000, 1, 0, 500, 1000 },
    { "backoff: second, shortest", 1000, 60000, 2, 0, 0, 500 },
    { "backoff: second, longest", 1000, 60000, 2, 0, 1500, 2000 },
    { "backoff: third, longest", 1000, 60000, 3, 0, 3500, 4000 },
    { "backoff: sixth, longest", 1000, 60000, 6, 0, 31500, 32000 },
    { "backoff: seventh, capped", 1000, 60000, 7, 0, 59500, 60000 },
    { "backoff: eighth, capped", 1000, 60000, 8, 0, 59500, 60000 },
    { "backoff: the number is too big", 1000, 60000, 1, 0, 501, 500 },

    { "backoff: very many failures", 1000, 60000, (ngx_uint_t) -1, 0, 59500,
      60000 },

    { "backoff: no failure counts as one", 1000, 60000, 0, 0, 500, 1000 },
    { "backoff: min is max", 30000, 30000, 5, 0, 15000, 30000 },
    { "backoff: min above max", 30000, 1000, 5, 0, 500, 1000 },
    { "backoff: no min", 0, 60000, 5, 0, 77, 1 },
    { "backoff: neither", 0, 0, 5, 0, 77, 1 },
    { "backoff: 1 ms", 1, 1, 1, 0, 0, 1 },
    { "backoff: max has no double", 3, 7, 3, 0, 6, 7 },

    { "backoff: max is the end of numbers", 1000, (ngx_msec_t) -1, 1000, 0, 0,
      500 },

    { "backoff: Retry-After is longer", 1000, 60000, 1, 5000, 500, 5000 },
    { "backoff: Retry-After is shorter", 1000, 60000, 1, 600, 500, 1000 },
    { "backoff: Retry-After is longer than all", 1000, 60000, 1, 3600000, 0,
      3600000 },

    { "backoff: Retry-After and many failures", 1000, 60000, 20, 1000, 59500,
      60000 },

    { NULL, 0, 0, 0, 0, 0, 0 }
};


static oauthcc_unit_retry_t  oauthcc_unit_retries[] = {

    { ngx_string("0"), 0 },
    { ngx_string("1"), 1000 },
    { ngx_string("120"), 120000 },
    { ngx_string("007"), 7000 },
    { ngx_string("2073600"), 24 * OAUTHCC_UNIT_DAY },
    { ngx_string("2073601"), 24 * OAUTHCC_UNIT_DAY },
    { ngx_string("4294967296"), 24 * OAUTHCC_UNIT_DAY },
    { ngx_string("18446744073709551617"), 24 * OAUTHCC_UNIT_DAY },
    { ngx_string("99999999999999999999999999999999999999999999999999"),
      24 * OAUTHCC_UNIT_DAY },

    /* the three forms of a date */

    { ngx_string("Tue, 14 Nov 2023 22:13:50 GMT"), 30000 },
    { ngx_string("Tuesday, 14-Nov-23 22:13:50 GMT"), 30000 },
    { ngx_string("Tue Nov 14 22:13:50 2023"), 30000 },

    { ngx_string("Tue, 14 Nov 2023 22:13:21 GMT"), 1000 },
    { ngx_string("Tue, 14 Nov 2023 22:13:20 GMT"), 0 },
    { ngx_string("Tue, 14 Nov 2023 22:13:19 GMT"), 0 },
    { ngx_string("Thu, 01 Jan 1970 00:00:00 GMT"), 0 },
    { ngx_string("Wed, 31 Dec 1969 23:59:59 GMT"), 0 },
    { ngx_string("Fri, 31 Dec 9999 23:59:59 GMT"),
      24 * OAUTHCC_UNIT_DAY },

    /* nothing that can be read */

    { ngx_string(""), 0 },
    { ngx_string("-1"), 0 },
    { ngx_string("+1"), 0 },
    { ngx_string("1.5"), 0 },
    { ngx_string("1s"), 0 },
    { ngx_string("10 10"), 0 },
    { ngx_string("1e3"), 0 },
    { ngx_string("soon"), 0 },
    { ngx_string(","), 0 },
    { ngx_string("Tue, 32 Nov 2023 22:13:50 GMT"), 0 },
    { ngx_string("Tue, 14 Nov 2023 25:13:50 GMT"), 0 },
    { ngx_string("Tue, 14 Nov 2023 22:"), 0 },

    { ngx_null_string, 0 }
};


/* what a token that has ended is used for, and the least between logins */

static void
oauthcc_unit_lifetime_ended(oauthcc_unit_t *unit)
{
    ngx_uint_t      n;
    oauthcc_time_t  start;

    static ngx_msec_t  lives[] = { 1000, 2000, 4000, 8000, 16000, 20000,
                                   20000 };

    for (n = 0; n < sizeof(lives) / sizeof(lives[0]); n++) {
        oauthcc_unit_number(unit, oauthcc_lifetime_ended(n, 20000), lives[n],
                            "ended: twice as long each time");
    }

    oauthcc_unit_number(unit,
                        oauthcc_lifetime_ended(31, OAUTHCC_UNIT_DAY * 24),
                        OAUTHCC_UNIT_DAY * 24, "ended: no overflow");
    oauthcc_unit_number(unit, oauthcc_lifetime_ended(0, 10), 1000,
                        "ended: a second all the same");
    oauthcc_unit_number(unit, oauthcc_lifetime_ended(9, 10), 1000,
                        "ended: and never more then");

    /* where the clock wraps too */

    for (n = 0; n < 2; n++) {
        start = n ? oauthcc_unit_wrap(-500) : 5000;

        oauthcc_unit_number(unit,
                            oauthcc_lifetime_least(start + 800, start,
                                                   start + 9000),
                            start + 1000, "least: not sooner");
        oauthcc_unit_number(unit,
                            oauthcc_lifetime_least(start + 1800, start,
                                                   start + 9000),
                            start + 1800, "least: but later");
        oauthcc_unit_number(unit,
                            oauthcc_lifetime_least(start + 300, start,
                                                   start + 400),
                            start + 400, "least: not after the end");
    }
}


static oauthcc_unit_beyond_t  oauthcc_unit_beyonds[] = {

    { ngx_string("Fri, 31 Dec 9999 23:59:59 GMT"), 1 },
    { ngx_string("Tue, 19 Jan 2038 03:14:08 GMT"), 1 },
    { ngx_string("Thu, 31 Dec 2037 23:59:59 GMT"), 0 },
    { ngx_string("Tue, 14 Nov 2023 22:13:20 GMT"), 0 },
    { ngx_string("Thu, 01 Jan 1970 00:00:00 GMT"), 0 },

    { ngx_string("9999999Thu, 01 Jan 1970 00:00:00 GMT"), 0 },
    { ngx_string("2050Thu, 01 Jan 1970 00:00:00 GMT"), 0 },
    { ngx_string("2050Thu, 01 Jan 2050 00:00:00 GMT"), 1 },
    { ngx_string("2050Mon Nov 14 22:13:50 1994"), 0 },
    { ngx_string("Sun Nov  6 08:49:37 020404:49:37  2044"), 0 },
    { ngx_string("Thu, 01 Jan 1970 00:00:00 GMT 2044"), 0 },

    { ngx_string("Monday, 14-Nov-50 22:13:50 GMT"), 1 },
    { ngx_string("Thursday, 31-Dec-69 23:59:59 GMT"), 1 },
    { ngx_string("Wednesday, 31-Dec-69 23:59:59 GMT"), 1 },
    { ngx_string("Thursday, 01-Jan-70 00:00:00 GMT"), 0 },
    { ngx_string("Thursday, 31-Dec-37 23:59:59 GMT"), 0 },

    { ngx_string("Mon Nov 14 22:13:50 2050"), 1 },
    { ngx_string("Tue Nov 14 22:13:50 2023"), 0 },
    { ngx_string("Mon Nov 14 22:13:50 02050"), 0 },

    /* whether there is a 29 February */

    { ngx_string("Wed, 29 Feb 2040 00:00:00 GMT"), 1 },
    { ngx_string("Fri, 29 Feb 2041 00:00:00 GMT"), 0 },
    { ngx_string("Mon, 29 Feb 2100 00:00:00 GMT"), 0 },
    { ngx_string("Tue, 29 Feb 2400 00:00:00 GMT"), 1 },
    { ngx_string("Wednesday, 29-Feb-40 00:00:00 GMT"), 1 },
    { ngx_string("Friday, 29-Feb-41 00:00:00 GMT"), 0 },

    /* no date, or an invalid one */

    { ngx_string("Fri, 32 Dec 9999 23:59:59 GMT"), 0 },
    { ngx_string("Fri, 31 Xec 9999 23:59:59 GMT"), 0 },
    { ngx_string("Fri, 31 Dec 9999 24:59:59 GMT"), 0 },
    { ngx_string("Fri, 31 Dec 99999 23:59:59 GMT"), 0 },
    { ngx_string("9999"), 0 },
    { ngx_string("-99 "), 0 },
    { ngx_string("-50 "), 0 },
    { ngx_string("soon"), 0 },
    { ngx_string(""), 0 },
    { ngx_string("Fri, 31 Dec 9999 23:59:59 GMT, and much, much more"), 0 },

    { ngx_null_string, 0 }
};


ngx_int_t
oauthcc_unit_lifetime(oauthcc_unit_t *unit)
{
    u_char                  *p, name[128];
    ngx_str_t                value;
    oauthcc_time_t           got;
    oauthcc_unit_retry_t    *retry;
    oauthcc_unit_usable_t   *usable;
    oauthcc_unit_reached_t  *reached;
    oauthcc_unit_refresh_t  *refresh;
    oauthcc_unit_backoff_t  *backoff;

    oauthcc_unit_lifetime_ended(unit);

    for (reached = oauthcc_unit_reacheds; reached->name; reached++) {
        got = oauthcc_lifetime_reached(reached->now, reached->point);
        oauthcc_unit_number(unit, got, reached->expected, reached->name);
    }

    for (usable = oauthcc_unit_usables; usable->name; usable++) {
        got = oauthcc_lifetime_usable(usable->requested, usable->life,
                                      usable->margin);
        oauthcc_unit_number(unit, got, usable->expected, usable->name);
    }

    for (refresh = oauthcc_unit_refreshes; refresh->name; refresh++)
    {
        got = oauthcc_lifetime_refresh(refresh->usable, refresh->life,
                                       refresh->before, refresh->random);
        oauthcc_unit_number(unit, got, refresh->expected, refresh->name);
    }

    for (backoff = oauthcc_unit_backoffs; backoff->name; backoff++) {
        got = oauthcc_lifetime_backoff(backoff->min, backoff->max,
                                       backoff->failures, backoff->retry_after,
                                       backoff->random);
        oauthcc_unit_number(unit, got, backoff->expected, backoff->name);
    }

    for (retry = oauthcc_unit_retries; retry->value.data; retry++) {

        /* of its own, without a byte behind it: a reader may go too far */

        value.len = retry->value.len;
        value.data = ngx_alloc(value.len, unit->log);
        if (value.data == NULL) {
            return NGX_ERROR;
        }

        ngx_memcpy(value.data, retry->value.data, value.len);

        got = oauthcc_lifetime_retry_after(&value, OAUTHCC_UNIT_NOW);
        ngx_free(value.data);

        p = ngx_snprintf(name, sizeof(name) - 1, "Retry-After: %V",
                         &retry->value);
        *p = '\0';

        oauthcc_unit_number(unit, got, retry->expected, (char *) name);
    }

    oauthcc_unit_lifetime_beyond(unit);
    oauthcc_unit_clock_ranges(unit);

    return NGX_OK;
}


/* Dates that a time_t of 32 bits cannot hold, on every machine. */

static void
oauthcc_unit_lifetime_beyond(oauthcc_unit_t *unit)
{
    u_char                 *p, name[128];
    oauthcc_unit_beyond_t  *beyond;

    for (beyond = oauthcc_unit_beyonds; beyond->date.data; beyond++) {
        p = ngx_snprintf(name, sizeof(name) - 1, "after 2037: \"%V\"",
                         &beyond->date);
        *p = '\0';

        oauthcc_unit_number(unit, oauthcc_lifetime_beyond(&beyond->date),
                            beyond->expected, (char *) name);
    }
}


/* Whatever the numbers are, what was promised holds. */

static void
oauthcc_unit_clock_ranges(oauthcc_unit_t *unit)
{
    ngx_uint_t      i, n, usable, refresh, backoff, probe;
    oauthcc_time_t  life, time, start, point, end;

    usable = 0;
    refresh = 0;
    backoff = 0;

    for (i = 0; i < 200000; i++) {
        start = (oauthcc_time_t) ngx_random() * 4 - ngx_random();
        life = 1 + ngx_random() % (24 * OAUTHCC_UNIT_DAY);
        life >>= i % 31;
        life = ngx_max(life, 1);
        time = (oauthcc_time_t) ngx_random() >> (i % 29);

        /* the wrap lies between the start and the end of some */

        if (i & 1) {
            start = oauthcc_unit_wrap(-1) - start % life;
        }

        point = oauthcc_lifetime_usable(start, life, time);

        if (!oauthcc_lifetime_reached(point, start)
            || !oauthcc_lifetime_reached(start + life, point)
            || (point - start) * 10 < life * 9)
        {
            usable++;
        }

        end = point;
        point = oauthcc_lifetime_refresh(end, life, time, ngx_random());

        if (!oauthcc_lifetime_reached(end, point)
            || (end - point) * 4 > life)
        {
            refresh++;
        }

        n = ngx_random() % 70;
        start = ngx_min(start, life);
        point = oauthcc_lifetime_backoff(time, life, n, start, ngx_random());

        if (point < 1
            || point > life
            || point < ngx_min(time, life) / 2
            || point < ngx_min(start, life))
        {
            backoff++;
        }
    }

    probe = 0;

    for (i = 0; i < 200000; i++) {
        time = 1 + (oauthcc_time_t) ngx_random() % (1 + i % 70000);
        life = time + (oauthcc_time_t) ngx_random() % 60000;
        start = (oauthcc_time_t) ngx_random() % 600000;

        point = oauthcc_lifetime_probe(OAUTHCC_LIFETIME_OUTAGE_UNREACHED,
                                       start, time, life, ngx_random());
        if (point < time / 2 || point > time || point == 0) {
            probe++;
        }

        point = oauthcc_lifetime_probe(OAUTHCC_LIFETIME_OUTAGE_DOWN,
                                       start, time, life, ngx_random());
        if (point < time / 2
            || point > life
            || (point > time && (point > start / 10 || point > 5000)))
        {
            probe++;
        }
    }

    oauthcc_unit_number(unit, probe, 0, "probe: within its bounds");
    oauthcc_unit_number(unit, usable, 0, "usable: within the last tenth");
    oauthcc_unit_number(unit, refresh, 0, "refresh: in the last quarter");
    oauthcc_unit_number(unit, backoff, 0, "backoff: within its bounds");
}
