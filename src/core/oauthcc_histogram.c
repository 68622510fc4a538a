
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_histogram.h"


oauthcc_histogram_bound_t
    oauthcc_histogram_bounds[OAUTHCC_HISTOGRAM_BUCKETS] =
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
    { OAUTHCC_NEVER, "+Inf" }
};


ngx_uint_t
oauthcc_histogram_bucket(ngx_msec_t duration)
{
    ngx_uint_t  i;

    for (i = 0; i < OAUTHCC_HISTOGRAM_BUCKETS - 1; i++) {

        if (duration <= oauthcc_histogram_bounds[i].msec) {
            break;
        }
    }

    return i;
}


uint64_t
oauthcc_histogram_cumulated(oauthcc_histogram_t *durations, ngx_uint_t bucket)
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
oauthcc_histogram_percentile(oauthcc_histogram_t *durations,
    ngx_uint_t percent)
{
    uint64_t    all, n;
    ngx_uint_t  i;

    all = oauthcc_histogram_cumulated(durations,
                                      OAUTHCC_HISTOGRAM_BUCKETS - 1);
    n = 0;

    for (i = 0; i < OAUTHCC_HISTOGRAM_BUCKETS - 1; i++) {
        n += durations->buckets[i];

        if (n * 100 >= all * percent) {
            break;
        }
    }

    return i;
}
