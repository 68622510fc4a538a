
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "token/oauthcc_per_request.h"
#include "cache/oauthcc_credential.h"
#include "http/oauthcc_client.h"
#include "token/oauthcc_login.h"
#include "cache/oauthcc_login_slot.h"
#include "token/oauthcc_waiter.h"


/* a login of a request's own; lives in the request's pool */

struct ngx_http_oauthcc_each_s {
    ngx_http_oauthcc_ask_t             *ask;       /* NULL: it has left */
    ngx_http_oauthcc_fetch_t           *fetch;     /* while on its way */
    ngx_http_oauthcc_credential_t      *credential;
    ngx_http_oauthcc_failure_t          failure;
    unsigned                            running:1;
    unsigned                            done:1;
};


static void ngx_http_oauthcc_each_done(void *data,
    ngx_http_oauthcc_credential_t *credential,
    ngx_http_oauthcc_failure_t *failure);


ngx_int_t
ngx_http_oauthcc_each_get(ngx_http_oauthcc_copy_t *copy,
    ngx_http_oauthcc_ask_t *ask, ngx_pool_t *pool,
    ngx_http_oauthcc_resume_pt resume, void *data,
    ngx_http_oauthcc_cache_query_t *query,
    ngx_http_oauthcc_cache_result_t *result)
{
    ngx_http_oauthcc_each_t      *each;
    ngx_http_oauthcc_provider_t  *provider;

    provider = copy->provider;

    if (ask->each == NULL) {
        each = ngx_pcalloc(pool, sizeof(ngx_http_oauthcc_each_t));
        if (each == NULL) {
            return NGX_ERROR;
        }

        each->ask = ask;
        ask->each = each;
    }

    each = ask->each;

    if (!each->running && !each->done) {

        ngx_http_oauthcc_own_ask(provider->cache, copy->digest, query,
                                 result);

        if (result->state != NGX_HTTP_OAUTHCC_CACHE_LEAD) {
            return NGX_DECLINED;
        }

        if (ask->waiter == NULL
            && ngx_http_oauthcc_waiter_create(copy, ask, pool, resume, data)
               != NGX_OK)
        {
            ngx_http_oauthcc_own_end(provider->cache, copy->digest,
                                     provider->copy.digest, result->lease, 0,
                                     NULL);
            return NGX_ERROR;
        }

        ask->status = NGX_HTTP_OAUTHCC_STATUS_MISS;

        /* it may have ended when this returns */

        each->running = 1;

        ngx_http_oauthcc_login_start_own(copy, result->lease,
                                         ngx_http_oauthcc_each_done, each,
                                         &each->fetch);
    }

    if (!each->done) {
        return NGX_AGAIN;
    }

    ngx_http_oauthcc_waiter_leave(ask);

    ask->each = NULL;

    if (each->credential) {
        ask->credential = each->credential;
        return NGX_OK;
    }

    result->state = NGX_HTTP_OAUTHCC_CACHE_FAILED;
    result->failure = each->failure;

    return NGX_DECLINED;
}


void
ngx_http_oauthcc_each_leave(ngx_http_oauthcc_ask_t *ask)
{
    ngx_http_oauthcc_each_t  *each;

    each = ask->each;

    if (each == NULL) {
        return;
    }

    ask->each = NULL;
    each->ask = NULL;

    if (each->fetch) {
        ngx_http_oauthcc_fetch_cancel(each->fetch);
    }

    if (each->credential) {
        ngx_http_oauthcc_credential_release(each->credential);
        each->credential = NULL;
    }
}


static void
ngx_http_oauthcc_each_done(void *data,
    ngx_http_oauthcc_credential_t *credential,
    ngx_http_oauthcc_failure_t *failure)
{
    ngx_http_oauthcc_each_t *each = data;

    each->running = 0;
    each->fetch = NULL;

    if (credential) {
        each->credential = credential;
        each->done = 1;

    } else if (failure) {
        each->failure = *failure;
        each->done = 1;
    }

    if (each->ask && each->ask->waiter && !each->ask->waiter->wake.posted) {
        ngx_post_event(&each->ask->waiter->wake, &ngx_posted_events);
    }
}
