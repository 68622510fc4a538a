
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_histogram.h"


ngx_http_oauthcc_report_bound_t
    ngx_http_oauthcc_report_bounds[NGX_HTTP_OAUTHCC_REPORT_BUCKETS] =
{
    { 5, "0.005" },
    { 10, "0.01" },
    { 25, "0.025" },
    { 50, "0.05" },
    { 100, "0.1" },
    { 250, "0.25" },
    { 500, "0.5" },
    { 1000, "1" },
    { 2500, "2.5" },
    { 5000, "5" },
    { 10000, "10" },
    { NGX_HTTP_OAUTHCC_REPORT_NEVER, "+Inf" }
};


ngx_uint_t
ngx_http_oauthcc_report_bucket(ngx_msec_t duration)
{
    ngx_uint_t  i;

    for (i = 0; i < NGX_HTTP_OAUTHCC_REPORT_BUCKETS - 1; i++) {

        if (duration <= ngx_http_oauthcc_report_bounds[i].msec) {
            break;
        }
    }

    return i;
}


uint64_t
ngx_http_oauthcc_report_cumulated(
    ngx_http_oauthcc_report_histogram_t *durations, ngx_uint_t bucket)
{
    uint64_t    n;
    ngx_uint_t  i;

    n = 0;

    for (i = 0; i <= bucket; i++) {
        n += durations->buckets[i];
    }

    return n;
}


ngx_uint_t
ngx_http_oauthcc_report_percentile(
    ngx_http_oauthcc_report_histogram_t *durations, ngx_uint_t percent)
{
    uint64_t    all, n;
    ngx_uint_t  i;

    all = ngx_http_oauthcc_report_cumulated(durations,
                                         NGX_HTTP_OAUTHCC_REPORT_BUCKETS - 1);
    n = 0;

    for (i = 0; i < NGX_HTTP_OAUTHCC_REPORT_BUCKETS - 1; i++) {
        n += durations->buckets[i];

        if (n * 100 >= all * percent) {
            break;
        }
    }

    return i;
}
