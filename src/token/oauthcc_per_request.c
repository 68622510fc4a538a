
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "token/oauthcc_per_request.h"
#include "cache/oauthcc_credential.h"
#include "token/oauthcc_login.h"
#include "cache/oauthcc_login_slot.h"
#include "token/oauthcc_waiter.h"


/* a login of a request's own; lives in the request's pool */

struct oauthcc_per_request_s {
    oauthcc_acquire_t     *ask;    /* NULL: it has left */
    oauthcc_login_job_t   *login;  /* while on its way */
    oauthcc_credential_t  *credential;
    oauthcc_failure_t      failure;
    unsigned               running:1;
    unsigned               done:1;
};


static void oauthcc_per_request_done(void *data,
    oauthcc_credential_t *credential, oauthcc_failure_t *failure);


ngx_int_t
oauthcc_per_request_get(oauthcc_local_t *local, oauthcc_acquire_t *ask,
    ngx_pool_t *pool, oauthcc_resume_pt resume, void *data,
    oauthcc_cache_query_t *query, oauthcc_cache_result_t *result)
{
    oauthcc_per_request_t  *each;
    oauthcc_provider_t     *provider;

    provider = local->provider;

    if (ask->each == NULL) {
        each = ngx_pcalloc(pool, sizeof(oauthcc_per_request_t));
        if (each == NULL) {
            return NGX_ERROR;
        }

        each->ask = ask;
        ask->each = each;
    }

    each = ask->each;

    if (!each->running && !each->done) {

        oauthcc_login_slot_ask(provider->runtime.cache, local->digest, query,
                               result);

        if (result->state != OAUTHCC_CACHE_LEAD) {
            return NGX_DECLINED;
        }

        if (ask->waiter == NULL
            && oauthcc_waiter_create(local, ask, pool, resume, data) != NGX_OK)
        {
            oauthcc_login_slot_end(provider->runtime.cache, local->digest,
                             provider->runtime.local->digest, result->lease, 0,
                                   NULL);
            return NGX_ERROR;
        }

        ask->status = OAUTHCC_CACHE_STATUS_MISS;

        /* it may have ended when this returns */

        each->running = 1;

        oauthcc_login_start_own(local, result->lease,
                                oauthcc_per_request_done, each, &each->login);
    }

    if (!each->done) {
        return NGX_AGAIN;
    }

    oauthcc_waiter_leave(ask);

    ask->each = NULL;

    if (each->credential) {
        ask->credential = each->credential;
        return NGX_OK;
    }

    result->state = OAUTHCC_CACHE_FAILED;
    result->failure = each->failure;

    return NGX_DECLINED;
}


void
oauthcc_per_request_leave(oauthcc_acquire_t *ask)
{
    oauthcc_per_request_t  *each;

    each = ask->each;

    if (each == NULL) {
        return;
    }

    ask->each = NULL;
    each->ask = NULL;

    if (each->login) {
        oauthcc_login_job_abort(each->login);
    }

    if (each->credential) {
        oauthcc_credential_release(each->credential);
        each->credential = NULL;
    }
}


static void
oauthcc_per_request_done(void *data, oauthcc_credential_t *credential,
    oauthcc_failure_t *failure)
{
    oauthcc_per_request_t *each = data;

    each->running = 0;
    each->login = NULL;

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
