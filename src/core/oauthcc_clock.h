
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_CLOCK_H_INCLUDED_
#define _OAUTHCC_CLOCK_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/*
 * The clock of what lies in the zone: milliseconds since the machine was
 * started, those included in which it was suspended, and those by which the
 * wall clock has been set forward at once, as after the restore of a snapshot.
 * All workers have the same; ngx_current_msec stands still while the machine
 * does.
 */

typedef uint64_t  oauthcc_time_t;


/* what workers have seen of the wall clock; in the zone, never reset */

typedef struct {
    int64_t   wall;    /* less the machine's; 0: not yet */
    uint64_t  jumped;  /* forward, in all */
} oauthcc_clock_shared_t;


/*
 * The present time, as of the last turn of the event loop.  It has 64 bits on
 * every machine, so points of it may be compared however old they are; those
 * of ngx_current_msec, which has 32 bits on some, only within 24 days.
 */
oauthcc_time_t oauthcc_clock_msec(void);

/*
 * A point, at most 24 days from now, on the worker's own clock,
 * ngx_current_msec: for the hot path.  It is wrong as soon as look() says that
 * the clock has jumped.
 */
#define oauthcc_clock_local(point)                                            \
    (ngx_current_msec + (ngx_msec_t) ((point) - oauthcc_clock_msec()))

/*
 * Compares the clocks, of the machine and of the zone (NULL: there is none
 * yet).  To be called once a second, and at least once in 24 days.  1: this
 * clock has jumped forward.
 */
ngx_uint_t oauthcc_clock_look(oauthcc_clock_shared_t *shared);

/*
 * The same with what the clocks show, in milliseconds: the monotonic one, that
 * of the machine and the wall clock.
 */
ngx_uint_t oauthcc_clock_compare(oauthcc_clock_shared_t *shared,
    uint64_t monotonic, uint64_t machine, uint64_t wall);


#endif /* _OAUTHCC_CLOCK_H_INCLUDED_ */
