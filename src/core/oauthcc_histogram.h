
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_HISTOGRAM_H_INCLUDED_
#define _OAUTHCC_HISTOGRAM_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* a time that there is not: never logged in, no refresh ahead */
#define OAUTHCC_NEVER    ((ngx_msec_t) -1)

/* of login durations, see oauthcc_histogram_bounds; the last has none */
#define OAUTHCC_HISTOGRAM_BUCKETS  12

/* of a text that others have sent, so many characters are shown */
#define OAUTHCC_TEXT     200


/* how a login ended */

typedef enum {
    OAUTHCC_RESULT_SUCCESS = 0,
    OAUTHCC_RESULT_REFUSED,     /* by the server: not 2xx, "error" */
    OAUTHCC_RESULT_INVALID,     /* a response that is of no use */
    OAUTHCC_RESULT_TIMEOUT,
    OAUTHCC_RESULT_UNREACHABLE, /* no response: DNS, TCP, TLS */
    OAUTHCC_RESULT_INTERNAL,    /* our own: the zone is full */
    OAUTHCC_RESULTS
} oauthcc_result_e;


/*
 * Durations of the logins that ended, well or not: how many took longer than
 * the bound before and no longer than their own; the sum in milliseconds.
 */

typedef struct {
    uint64_t  buckets[OAUTHCC_HISTOGRAM_BUCKETS];
    uint64_t  sum;
} oauthcc_histogram_t;


/* the upper bound of a bucket, and the same in seconds as text */

typedef struct {
    ngx_msec_t  msec;
    char       *seconds;
} oauthcc_histogram_bound_t;

extern oauthcc_histogram_bound_t
    oauthcc_histogram_bounds[OAUTHCC_HISTOGRAM_BUCKETS];


/* The bucket of a login that took so many milliseconds. */
ngx_uint_t oauthcc_histogram_bucket(ngx_msec_t duration);

/* The logins in all buckets up to this one, itself included. */
uint64_t oauthcc_histogram_cumulated(oauthcc_histogram_t *durations,
    ngx_uint_t bucket);

/* The first bucket with which at least so many of 100 logins are counted. */
ngx_uint_t oauthcc_histogram_percentile(oauthcc_histogram_t *durations,
    ngx_uint_t percent);


#endif /* _OAUTHCC_HISTOGRAM_H_INCLUDED_ */
