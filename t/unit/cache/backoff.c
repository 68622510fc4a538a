
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


/* How long a request waits in a backoff. */


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_backoff.h"
#include "core/oauthcc_clock.h"
#include "oauthcc_unit.h"


typedef struct {
    ngx_msec_t             timeout;
    ngx_msec_int_t         waited;
    ngx_msec_t             due;      /* 0: a try is on its way */
    oauthcc_cache_state_e  state;
    ngx_msec_t             patience;
    ngx_msec_t             retry_after;
} oauthcc_unit_backoff_t;


static oauthcc_unit_backoff_t  oauthcc_unit_backoffs[] = {

    /* a try that is due within the second */

    { 10000, 0, 300, OAUTHCC_CACHE_WAIT, 300, 300 },
    { 10000, 0, 1000, OAUTHCC_CACHE_WAIT, 1000, 1000 },
    { 10000, 0, 1001, OAUTHCC_CACHE_BACKOFF, 0, 1001 },
    { 10000, 700, 300, OAUTHCC_CACHE_WAIT, 300, 300 },
    { 10000, 701, 300, OAUTHCC_CACHE_BACKOFF, 0, 300 },
    { 10000, 60000, 1, OAUTHCC_CACHE_BACKOFF, 0, 1 },

    /* one on its way */

    { 10000, 0, 0, OAUTHCC_CACHE_WAIT, 1000, 1000 },
    { 10000, 999, 0, OAUTHCC_CACHE_WAIT, 1, 1000 },
    { 10000, 1000, 0, OAUTHCC_CACHE_BACKOFF, 0, 1000 },

    /* a shorter wait_timeout */

    { 200, 0, 300, OAUTHCC_CACHE_BACKOFF, 0, 300 },
    { 200, 0, 0, OAUTHCC_CACHE_WAIT, 200, 1000 },
    { 200, 200, 0, OAUTHCC_CACHE_BACKOFF, 0, 1000 },

    /* nobody's request */

    { 0, 0, 300, OAUTHCC_CACHE_BACKOFF, 0, 300 },
    { 0, 5000, 0, OAUTHCC_CACHE_WAIT, 0, 1000 },

    /* clocks of two workers, which are a little apart */

    { 10000, -20, 0, OAUTHCC_CACHE_WAIT, 1000, 1000 }
};


ngx_int_t
oauthcc_unit_backoff(oauthcc_unit_t *unit)
{
    ngx_uint_t               i;
    ngx_msec_t               now;
    oauthcc_cache_query_t    query;
    oauthcc_cache_result_t   result;
    oauthcc_unit_backoff_t  *wait;

    now = ngx_current_msec;

    /* where 32 bits of the clock are over */

    ngx_current_msec = (ngx_msec_t) 0xffffffff;

    for (i = 0; i < sizeof(oauthcc_unit_backoffs)
                    / sizeof(oauthcc_unit_backoffs[0]); i++)
    {
        wait = &oauthcc_unit_backoffs[i];

        ngx_memzero(&query, sizeof(oauthcc_cache_query_t));
        ngx_memzero(&result, sizeof(oauthcc_cache_result_t));

        query.timeout = wait->timeout;
        query.turn.since = oauthcc_clock_msec() - wait->waited;
        result.state = OAUTHCC_CACHE_WAIT;

        oauthcc_backoff_wait(&query, wait->due, &result);

        oauthcc_unit_ok(unit, result.state == wait->state
                              && result.patience == wait->patience
                              && result.retry_after == wait->retry_after,
                        "case %ui: state %d, %M ms, retry after %M ms", i,
                        (int) result.state, result.patience,
                        result.retry_after);
    }

    ngx_current_msec = now;

    return NGX_OK;
}
