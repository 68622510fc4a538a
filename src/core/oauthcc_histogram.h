
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _NGX_HTTP_OAUTHCC_HISTOGRAM_H_INCLUDED_
#define _NGX_HTTP_OAUTHCC_HISTOGRAM_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* a time that there is not: never logged in, no refresh ahead */
#define NGX_HTTP_OAUTHCC_REPORT_NEVER    ((ngx_msec_t) -1)

/* of login durations, see ngx_http_oauthcc_report_bounds; the last has none */
#define NGX_HTTP_OAUTHCC_REPORT_BUCKETS  12

/* of a text that others have sent, so many characters are shown */
#define NGX_HTTP_OAUTHCC_REPORT_TEXT     200


/* how a login ended */

typedef enum {
    NGX_HTTP_OAUTHCC_REPORT_SUCCESS = 0,
    NGX_HTTP_OAUTHCC_REPORT_REFUSED,     /* by the server: not 2xx, "error" */
    NGX_HTTP_OAUTHCC_REPORT_INVALID,     /* a response that is of no use */
    NGX_HTTP_OAUTHCC_REPORT_TIMEOUT,
    NGX_HTTP_OAUTHCC_REPORT_UNREACHABLE, /* no response: DNS, TCP, TLS */
    NGX_HTTP_OAUTHCC_REPORT_INTERNAL,    /* our own: the zone is full */
    NGX_HTTP_OAUTHCC_REPORT_RESULTS
} ngx_http_oauthcc_report_result_e;


/*
 * Durations of the logins that ended, well or not: how many took longer than
 * the bound before and no longer than their own; the sum in milliseconds.
 */

typedef struct {
    uint64_t                            buckets[
                                          NGX_HTTP_OAUTHCC_REPORT_BUCKETS];
    uint64_t                            sum;
} ngx_http_oauthcc_report_histogram_t;


/* the upper bound of a bucket, and the same in seconds as text */

typedef struct {
    ngx_msec_t                          msec;
    char                               *seconds;
} ngx_http_oauthcc_report_bound_t;

extern ngx_http_oauthcc_report_bound_t
    ngx_http_oauthcc_report_bounds[NGX_HTTP_OAUTHCC_REPORT_BUCKETS];


ngx_uint_t ngx_http_oauthcc_report_bucket(ngx_msec_t duration);

uint64_t ngx_http_oauthcc_report_cumulated(
    ngx_http_oauthcc_report_histogram_t *durations, ngx_uint_t bucket);

ngx_uint_t ngx_http_oauthcc_report_percentile(
    ngx_http_oauthcc_report_histogram_t *durations, ngx_uint_t percent);


#endif /* _NGX_HTTP_OAUTHCC_HISTOGRAM_H_INCLUDED_ */
