
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "token/oauthcc_per_request.h"
#include "cache/oauthcc_credential.h"
#include "token/oauthcc_login.h"
#include "cache/oauthcc_cache.h"
#include "core/oauthcc_notify.h"
#include "token/oauthcc_login_queue.h"
#include "token/oauthcc_waiter.h"


/* a per-request login; allocated from the request's pool */

struct oauthcc_per_request_s {
    oauthcc_acquire_t     *acquire;  /* NULL: the request has gone */
    oauthcc_login_job_t   *login;    /* while in progress */
    oauthcc_credential_t  *credential;
    oauthcc_failure_t      failure;
    unsigned               running:1;
    unsigned               done:1;
};


static void oauthcc_per_request_next(oauthcc_local_t *local,
    oauthcc_waiter_t *waiter);
static void oauthcc_per_request_done(void *data,
    oauthcc_credential_t *credential, oauthcc_failure_t *failure);


ngx_int_t
oauthcc_per_request_get(oauthcc_local_t *local, oauthcc_acquire_t *acquire,
    ngx_pool_t *pool, oauthcc_resume_pt resume, void *data,
    oauthcc_cache_query_t *query, oauthcc_cache_result_t *result)
{
    oauthcc_per_request_t  *per_request;
    oauthcc_provider_t     *provider;

    provider = local->provider;

    if (acquire->per_request == NULL) {
        per_request = ngx_pcalloc(pool, sizeof(oauthcc_per_request_t));
        if (per_request == NULL) {
            return NGX_ERROR;
        }

        per_request->acquire = acquire;
        acquire->per_request = per_request;
    }

    per_request = acquire->per_request;

    if (!per_request->running && !per_request->done) {

        oauthcc_cache_acquire(provider->runtime.cache, local->digest, query,
                              result);

        if (result->notify) {
            oauthcc_notify(ngx_cycle->log);
        }

        if (result->state != OAUTHCC_CACHE_LEAD) {
            return NGX_DECLINED;
        }

        if (acquire->waiter == NULL
            && oauthcc_waiter_create(local, acquire, pool, resume, data)
                != NGX_OK)
        {
            (void) oauthcc_cache_finish(provider->runtime.cache,
                                        local->digest,
                                        provider->runtime.local->digest,
                                        result->lease, NULL, NULL);
            return NGX_ERROR;
        }

        oauthcc_waiter_limit(acquire->waiter, 0);
        oauthcc_per_request_next(local, acquire->waiter);

        acquire->status = OAUTHCC_CACHE_STATUS_MISS;

        /* the login may end before this returns */

        per_request->running = 1;

        oauthcc_login_start_per_request(local, acquire->caller, result->lease,
                                        oauthcc_per_request_done, per_request,
                                        &per_request->login);
    }

    if (!per_request->done) {
        return NGX_AGAIN;
    }

    oauthcc_waiter_leave(acquire);

    acquire->per_request = NULL;

    if (per_request->credential) {
        acquire->credential = per_request->credential;
        return NGX_OK;
    }

    result->state = OAUTHCC_CACHE_FAILED;
    result->failure = per_request->failure;

    return NGX_DECLINED;
}


/* The request got its place: the next one of the local entry asks for one. */

static void
oauthcc_per_request_next(oauthcc_local_t *local, oauthcc_waiter_t *waiter)
{
    ngx_queue_t       *q;
    oauthcc_turn_e     class;
    oauthcc_waiter_t  *next;

    if (local->queued) {
        class = local->class;

        oauthcc_login_queue_remove(local);

        if (!ngx_queue_empty(&local->waiters)) {
            q = ngx_queue_head(&local->waiters);
            next = ngx_queue_data(q, oauthcc_waiter_t, queue);

            oauthcc_login_queue_add(local, class, next->since);
        }
    }

    oauthcc_login_queue_answer(waiter, 1);
}


void
oauthcc_per_request_leave(oauthcc_acquire_t *acquire)
{
    oauthcc_per_request_t  *per_request;

    per_request = acquire->per_request;

    if (per_request == NULL) {
        return;
    }

    acquire->per_request = NULL;
    per_request->acquire = NULL;

    if (per_request->login) {
        oauthcc_login_job_abort(per_request->login);
    }

    if (per_request->credential) {
        oauthcc_credential_release(per_request->credential);
        per_request->credential = NULL;
    }
}


static void
oauthcc_per_request_done(void *data, oauthcc_credential_t *credential,
    oauthcc_failure_t *failure)
{
    oauthcc_per_request_t *per_request = data;

    per_request->running = 0;
    per_request->login = NULL;

    if (credential) {
        per_request->credential = credential;
        per_request->done = 1;

    } else if (failure) {
        per_request->failure = *failure;
        per_request->done = 1;
    }

    if (per_request->acquire && per_request->acquire->waiter
        && !per_request->acquire->waiter->wake.posted) {
        ngx_post_event(&per_request->acquire->waiter->wake,
                       &ngx_posted_events);
    }
}
