
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_LIFETIME_H_INCLUDED_
#define _OAUTHCC_LIFETIME_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_clock.h"


/*
 * Arithmetic on points of the clock, and on times, both in milliseconds.
 * Times are at most 24 days, so that they fit into the ngx_msec_t of a machine
 * with 32 bits.  Points are compared by their signed difference, since a point
 * may lie before the start of the clock.  Nothing here reads a clock.
 */

static ngx_inline ngx_uint_t
oauthcc_lifetime_reached(oauthcc_time_t now, oauthcc_time_t point)
{
    return (int64_t) (now - point) >= 0;
}


/*
 * The last point at which a credential may be put on a request: its end less
 * the margin, the margin being never more than a tenth of the life.
 */
oauthcc_time_t oauthcc_lifetime_usable(oauthcc_time_t requested,
    ngx_msec_t life, ngx_msec_t margin);

/*
 * The point from which a refresh is due: when "before" is left until the
 * credential is not usable any more, but never more than a fifth of the life,
 * and up to a quarter of that earlier by the random number, so that many
 * gateways do not meet.
 */
oauthcc_time_t oauthcc_lifetime_refresh(oauthcc_time_t usable,
    ngx_msec_t life, ngx_msec_t before, ngx_uint_t random);

/* No login of an entry follows another one sooner, in milliseconds. */
#define OAUTHCC_LIFETIME_LEAST  1000

/*
 * The later one of a point and the least time after a login was requested, but
 * not later than the last one.
 */
oauthcc_time_t oauthcc_lifetime_least(oauthcc_time_t point,
    oauthcc_time_t requested, oauthcc_time_t last);

/*
 * How long a credential is used of which its server says that it has ended,
 * for the n-th time in a row, from 0: some mean what they say, some that there
 * is no end.  It is at most "most".
 */
ngx_msec_t oauthcc_lifetime_ended(ngx_uint_t n, ngx_msec_t most);

/*
 * How long to wait after the given number of failed logins in a row (1 is
 * the first): exponential from min up to max, full jitter by the random
 * number, never less than retry_after (0: none).
 */
ngx_msec_t oauthcc_lifetime_backoff(ngx_msec_t min, ngx_msec_t max,
    ngx_uint_t failures, ngx_msec_t retry_after, ngx_uint_t random);

/* what a failed login says of its server */

typedef enum {
    OAUTHCC_LIFETIME_OUTAGE_NONE = 0,   /* it has answered */
    OAUTHCC_LIFETIME_OUTAGE_UNREACHED,  /* nobody is there: asking is cheap */
    OAUTHCC_LIFETIME_OUTAGE_DOWN        /* it is in trouble */
} oauthcc_lifetime_outage_e;

/*
 * How long to wait before the next try of an outage that has lasted so long,
 * where there is no good token and requests ask: at most min if nobody is
 * there, else at most the larger of min and the least of 5 seconds and a tenth
 * of the outage; half of that at least, never less than half of min, never
 * more than max.  Not for OUTAGE_NONE.
 */
ngx_msec_t oauthcc_lifetime_probe(oauthcc_lifetime_outage_e outage,
    ngx_msec_t lasted, ngx_msec_t min, ngx_msec_t max, ngx_uint_t random);

/*
 * A Retry-After value (RFC 9110 section 10.2.3) in milliseconds from now_sec
 * (seconds since the epoch): seconds or a date.  0 if unreadable or past;
 * huge values are capped at 24 days.
 */
ngx_msec_t oauthcc_lifetime_retry_after(ngx_str_t *value, time_t now_sec);

/*
 * Whether a date (RFC 9110 section 5.6.7) is valid and after 2037, where a
 * time_t of 32 bits ends and ngx_parse_http_time() fails.
 */
ngx_uint_t oauthcc_lifetime_beyond(ngx_str_t *date);


#endif /* _OAUTHCC_LIFETIME_H_INCLUDED_ */
