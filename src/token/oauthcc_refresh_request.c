
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_clock.h"
#include "token/oauthcc_refresh_request.h"
#include "token/oauthcc_local.h"
#include "cache/oauthcc_invalidate.h"
#include "token/oauthcc_login.h"
#include "token/oauthcc_login_queue.h"
#include "core/oauthcc_notify.h"


static void oauthcc_refresh_request_grant_copy(oauthcc_local_t *local);


void
oauthcc_refresh_request_grant(ngx_array_t *providers)
{
    uint64_t              wishes;
    ngx_uint_t            i;
    ngx_queue_t          *q, *next;
    oauthcc_zone_t       *shared;
    oauthcc_provider_t  **provider;

    /* of the worker: the number of refresh requests that it has seen */

    static uint64_t  known;

    if (providers->nelts == 0) {
        return;
    }

    provider = providers->elts;
    shared = provider[0]->runtime.cache->shared;

    wishes = __atomic_load_n(&shared->wishes, __ATOMIC_ACQUIRE);

    if (wishes == known) {
        return;
    }

    known = wishes;

    for (i = 0; i < providers->nelts; i++) {

        if (provider[i]->document.per_request) {
            continue;
        }

        oauthcc_refresh_request_grant_copy(provider[i]->runtime.local);

        for (q = ngx_queue_head(&provider[i]->runtime.recent);
             q != ngx_queue_sentinel(&provider[i]->runtime.recent);
             q = next)
        {
            next = ngx_queue_next(q);

            oauthcc_refresh_request_grant_copy(ngx_queue_data(q,
                                             oauthcc_local_t, queue));
        }
    }
}


static void
oauthcc_refresh_request_grant_copy(oauthcc_local_t *local)
{
    oauthcc_cache_query_t   query;
    oauthcc_cache_result_t  result;

    if (oauthcc_local_called(local)) {

        /* its next request starts it */

        return;
    }

    oauthcc_local_query(local, &query);

    oauthcc_login_queue_ask(local->provider, &query.turn);

    query.turn.since = oauthcc_clock_msec();

    oauthcc_invalidate_grant(local->provider->runtime.cache, local->digest,
                             &query,
                             &result);

    if (result.notify) {
        oauthcc_notify(ngx_cycle->log);
    }

    if (result.place) {
        oauthcc_login_queue_add(local, result.class, oauthcc_clock_msec());
    }

    if (result.lease) {
        oauthcc_login_start(local, NULL, result.lease);
    }
}
