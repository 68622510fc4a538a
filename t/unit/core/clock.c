
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_clock.h"
#include "oauthcc_unit.h"


/* what has become of the clocks since the step before, in milliseconds */

typedef struct {
    char      *name;
    int64_t    monotonic;
    int64_t    machine;
    int64_t    wall;
    int64_t    passed;   /* by the zone's clock */
    ngx_uint_t jump;
} oauthcc_unit_clock_t;


#define OAUTHCC_UNIT_YEAR  ((int64_t) 365 * 24 * 3600 * 1000)


static oauthcc_unit_clock_t  oauthcc_unit_clocks[] = {
    { "clock: a second", 1000, 1000, 1000, 1000, 0 },
    { "clock: read late", 1000, 1009, 1003, 1000, 0 },
    { "clock: and in time again", 1000, 991, 997, 1000, 0 },
    { "clock: suspended for a minute", 1000, 61000, 61000, 61000, 1 },
    { "clock: and a second", 1000, 1000, 1000, 1000, 0 },
    { "clock: suspended, the wall clock with it", 500, 60500, 500, 60500, 1 },
    { "clock: the wall clock is put right", 500, 500, 60500, 60500, 1 },
    { "clock: a snapshot is restored", 1000, 1000, 3601000, 3601000, 1 },
    { "clock: set forward by 5 s", 1000, 1000, 6000, 1000, 0 },
    { "clock: by more than that", 1000, 1000, 6001, 6001, 1 },
    { "clock: set back by a day", 1000, 1000, -86399000, 1000, 0 },
    { "clock: and forward again", 1000, 1000, 86401000, 86401000, 1 },
    { "clock: adjusted slowly", 1000, 1000, 1500, 1000, 0 },
    { "clock: and on", 1000, 1000, 1500, 1000, 0 },
    { "clock: for a year without a look", OAUTHCC_UNIT_YEAR,
      OAUTHCC_UNIT_YEAR, OAUTHCC_UNIT_YEAR, OAUTHCC_UNIT_YEAR, 0 },
    { NULL, 0, 0, 0, 0, 0 }
};


ngx_int_t
oauthcc_unit_clock(oauthcc_unit_t *unit)
{
    uint64_t                monotonic, machine, wall;
    ngx_msec_t              saved;
    ngx_uint_t              jump;
    oauthcc_time_t          before, after;
    oauthcc_unit_clock_t   *step;
    oauthcc_clock_shared_t  shared, other;

    saved = ngx_current_msec;

    ngx_memzero(&shared, sizeof(oauthcc_clock_shared_t));

    /* 32 bits of milliseconds are over soon */

    monotonic = (uint64_t) NGX_MAX_UINT32_VALUE - 3000;
    machine = monotonic + 700;
    wall = (uint64_t) 1700000000 * 1000;

    ngx_current_msec = (ngx_msec_t) monotonic;

    (void) oauthcc_clock_compare(&shared, monotonic, machine, wall);

    oauthcc_unit_number(unit, oauthcc_clock_msec(), machine,
                        "clock: that of the machine");

    for (step = oauthcc_unit_clocks; step->name; step++) {
        before = oauthcc_clock_msec();

        monotonic += step->monotonic;
        machine += step->machine;
        wall += step->wall;

        ngx_current_msec = (ngx_msec_t) monotonic;

        jump = oauthcc_clock_compare(&shared, monotonic, machine, wall);

        after = oauthcc_clock_msec();

        oauthcc_unit_number(unit, after - before, step->passed, step->name);
        oauthcc_unit_number(unit, jump, step->jump, step->name);
    }

    /* a worker that is started now, and one of another zone */

    before = oauthcc_clock_msec();

    (void) oauthcc_clock_compare(NULL, monotonic, machine, wall);
    (void) oauthcc_clock_compare(&shared, monotonic, machine, wall);

    oauthcc_unit_number(unit, oauthcc_clock_msec(), before,
                        "clock: all workers have the same");

    ngx_memzero(&other, sizeof(oauthcc_clock_shared_t));

    (void) oauthcc_clock_compare(&other, monotonic, machine, wall);

    oauthcc_unit_number(unit, oauthcc_clock_msec(), machine,
                        "clock: a new zone begins anew");

    /* between two looks */

    before = oauthcc_clock_msec();
    ngx_current_msec += 700;

    oauthcc_unit_number(unit, oauthcc_clock_msec() - before, 700,
                        "clock: goes on between two looks");
    ngx_current_msec = saved;

    (void) oauthcc_clock_compare(NULL, saved, saved, wall);

    return NGX_OK;
}
