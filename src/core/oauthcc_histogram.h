
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_HISTOGRAM_H_INCLUDED_
#define _OAUTHCC_HISTOGRAM_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* no such time: never logged in, no refresh planned */
#define OAUTHCC_NEVER    ((ngx_msec_t) -1)

/* of login durations, see oauthcc_histogram_bounds; the last has no bound */
#define OAUTHCC_HISTOGRAM_BUCKETS  12

/* so many characters of a text from outside are shown */
#define OAUTHCC_TEXT     200


/* results of a login */

typedef enum {
    OAUTHCC_RESULT_SUCCESS = 0,
    OAUTHCC_RESULT_REFUSED,     /* rejected: not 2xx, "error" */
    OAUTHCC_RESULT_INVALID,     /* an unusable response */
    OAUTHCC_RESULT_TIMEOUT,
    OAUTHCC_RESULT_UNREACHABLE, /* no response: DNS, TCP, TLS */
    OAUTHCC_RESULT_INTERNAL,    /* a local error: the zone is full */
    OAUTHCC_RESULTS
} oauthcc_result_e;


/*
 * Durations of all logins, successful or not: for each bucket the number of
 * logins that took longer than the previous bound and at most its own; the sum
 * in milliseconds.
 */

typedef struct {
    uint64_t  buckets[OAUTHCC_HISTOGRAM_BUCKETS];
    uint64_t  sum;
} oauthcc_histogram_t;


/* the upper bound of a bucket in milliseconds, and in seconds as text */

typedef struct {
    ngx_msec_t  msec;
    char       *seconds;
} oauthcc_histogram_bound_t;

extern oauthcc_histogram_bound_t
    oauthcc_histogram_bounds[OAUTHCC_HISTOGRAM_BUCKETS];


/* The bucket of a login of this duration, in milliseconds. */
ngx_uint_t oauthcc_histogram_bucket(ngx_msec_t duration);

/* The number of logins in this bucket and those before it. */
uint64_t oauthcc_histogram_cumulated(oauthcc_histogram_t *durations,
    ngx_uint_t bucket);

/* The bucket that contains this percentile of the logins. */
ngx_uint_t oauthcc_histogram_percentile(oauthcc_histogram_t *durations,
    ngx_uint_t percent);


#endif /* _OAUTHCC_HISTOGRAM_H_INCLUDED_ */
