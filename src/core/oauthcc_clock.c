
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_clock.h"


/* in milliseconds: what is a jump of the wall clock, and of this one */
#define OAUTHCC_CLOCK_WALL    5000
#define OAUTHCC_CLOCK_JUMP    500

/* a difference that is read anew differs by so much, at most */
#define OAUTHCC_CLOCK_JITTER  10

/* nanoseconds of one */
#define OAUTHCC_CLOCK_NSEC    1000000

/* how often clocks are read, at most, until nothing has come in between */
#define OAUTHCC_CLOCK_READS   20


static void oauthcc_clock_count(oauthcc_clock_shared_t *shared, int64_t wall);
#if (NGX_HAVE_CLOCK_MONOTONIC)
static uint64_t oauthcc_clock_read(clockid_t id);
#endif


/* of this process: the monotonic clock as last seen, and what to add to it */

static uint64_t  oauthcc_clock_monotonic;
static uint64_t  oauthcc_clock_offset;


oauthcc_time_t
oauthcc_clock_msec(void)
{
    ngx_msec_int_t  since;

    since = (ngx_msec_int_t) (ngx_current_msec
                              - (ngx_msec_t) oauthcc_clock_monotonic);

    return oauthcc_clock_monotonic + oauthcc_clock_offset + (int64_t) since;
}


ngx_uint_t
oauthcc_clock_look(oauthcc_clock_shared_t *shared)
{
#if (NGX_HAVE_CLOCK_MONOTONIC)

    uint64_t        monotonic, machine;
    ngx_uint_t      n;
    struct timeval  tv;

    /*
     * Between two of these lines another process may run.  A difference that
     * was read so would be kept: workers have to agree on it, since they
     * compare how long their requests have waited.
     */

    n = 0;

    do {
        monotonic = oauthcc_clock_read(CLOCK_MONOTONIC);
#ifdef CLOCK_BOOTTIME
        machine = oauthcc_clock_read(CLOCK_BOOTTIME);
#else
        machine = monotonic;
#endif
        ngx_gettimeofday(&tv);

    } while (oauthcc_clock_read(CLOCK_MONOTONIC) - monotonic
             >= OAUTHCC_CLOCK_NSEC / 2
             && ++n < OAUTHCC_CLOCK_READS);

    /* the difference to the nearest millisecond */

    machine = (machine - monotonic + OAUTHCC_CLOCK_NSEC / 2)
              / OAUTHCC_CLOCK_NSEC;
    monotonic /= OAUTHCC_CLOCK_NSEC;

    return oauthcc_clock_compare(shared, monotonic, monotonic + machine,
                                 (uint64_t) tv.tv_sec * 1000
                                 + tv.tv_usec / 1000);
#else

    /* ngx_current_msec is the wall clock */

    return 0;

#endif
}


ngx_uint_t
oauthcc_clock_compare(oauthcc_clock_shared_t *shared, uint64_t monotonic,
    uint64_t machine, uint64_t wall)
{
    int64_t   ahead;
    uint64_t  offset;

    offset = machine - monotonic;

    if (shared) {
        oauthcc_clock_count(shared, (int64_t) (wall - machine));
        offset += __atomic_load_n(&shared->jumped, __ATOMIC_ACQUIRE);
    }

    ahead = (int64_t) (offset - oauthcc_clock_offset);

    oauthcc_clock_monotonic = monotonic;

    if (ahead >= -OAUTHCC_CLOCK_JITTER && ahead <= OAUTHCC_CLOCK_JITTER) {
        return 0;
    }

    oauthcc_clock_offset = offset;

    return ahead > OAUTHCC_CLOCK_JUMP;
}


/*
 * How the wall clock has moved against that of the machine.  Whoever sees a
 * jump first counts it, for all; small steps are not added up.
 */

static void
oauthcc_clock_count(oauthcc_clock_shared_t *shared, int64_t wall)
{
    int64_t  seen, ahead;

    seen = __atomic_load_n(&shared->wall, __ATOMIC_ACQUIRE);
    ahead = wall - seen;

    if (ahead == 0
        || !__atomic_compare_exchange_n(&shared->wall, &seen, wall, 0,
                                        __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
    {
        return;
    }

    if (seen && ahead > OAUTHCC_CLOCK_WALL) {
        (void) __atomic_fetch_add(&shared->jumped, (uint64_t) ahead,
                                  __ATOMIC_ACQ_REL);
    }
}


#if (NGX_HAVE_CLOCK_MONOTONIC)

static uint64_t
oauthcc_clock_read(clockid_t id)
{
    struct timespec  ts;

    if (clock_gettime(id, &ts) == -1) {
        return 0;
    }

    return (uint64_t) ts.tv_sec * 1000 * OAUTHCC_CLOCK_NSEC + ts.tv_nsec;
}

#endif
