
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_clock.h"
#include "token/oauthcc_login_job.h"
#include "token/oauthcc_local.h"
#include "token/oauthcc_local_key.h"
#include "token/oauthcc_token_types.h"


/* upper limit of repetitions of a login, if no server can be reached */
#define OAUTHCC_LOGIN_JOB_REPEATS  8


static u_char *oauthcc_login_job_log(ngx_log_t *log, u_char *buf, size_t len);
static ngx_int_t oauthcc_login_job_start(oauthcc_login_job_t *job);
static void oauthcc_login_job_tunnelled(oauthcc_tunnel_t *tunnel);
static void oauthcc_login_job_cancel(oauthcc_login_job_t *job);
static void oauthcc_login_job_cancel_tunnel(oauthcc_login_job_t *job);
static void oauthcc_login_job_done(oauthcc_client_t *fetch,
    oauthcc_response_t *response);
static void oauthcc_login_job_answered(oauthcc_login_job_t *job,
    oauthcc_client_t *fetch, oauthcc_response_t *response);
static ngx_uint_t oauthcc_login_job_unresolved(oauthcc_login_job_t *job,
    oauthcc_response_t *response);


oauthcc_login_job_t *
oauthcc_login_job_create(oauthcc_local_t *local, oauthcc_caller_t *caller,
    ngx_uint_t n)
{
    ngx_pool_t                *pool;
    oauthcc_login_job_t       *job;
    ngx_http_core_loc_conf_t  *clcf;

    pool = ngx_create_pool(1024, ngx_cycle->log);
    if (pool == NULL) {
        return NULL;
    }

    job = ngx_pcalloc(pool, sizeof(oauthcc_login_job_t) + n * sizeof(void *));
    if (job == NULL) {
        ngx_destroy_pool(pool);
        return NULL;
    }

    if (oauthcc_local_called(local) && caller) {
        job->caller = oauthcc_caller_copy(pool, caller);

        if (job->caller == NULL) {
            ngx_destroy_pool(pool);
            return NULL;
        }
    }

    job->parameters = oauthcc_local_key_merge(pool, local, job->caller);

    if (job->parameters == NULL && local->nparameters) {
        ngx_destroy_pool(pool);
        return NULL;
    }

    clcf = local->provider->endpoint.ctx
               ->loc_conf[ngx_http_core_module.ctx_index];

    job->log = *clcf->error_log;
    job->log.handler = oauthcc_login_job_log;
    job->log.data = local->provider;
    job->log.action = NULL;

    job->pool = pool;
    job->state = (void **) &job[1];

    return job;
}


void
oauthcc_login_job_destroy(oauthcc_login_job_t *job)
{
    if (job->packed.len) {
        ngx_explicit_memzero(job->packed.data, job->packed.len);
    }

    if (job->next.posted) {
        ngx_delete_posted_event(&job->next);
    }

    if (job->later.timer_set) {
        ngx_del_timer(&job->later);
    }

    ngx_destroy_pool(job->pool);
}


void *
oauthcc_login_job_state(oauthcc_login_job_t *job, size_t size)
{
    void  **state;

    state = &job->state[job->step];

    if (*state == NULL) {
        *state = ngx_pcalloc(job->pool, size);
    }

    return *state;
}


ngx_msec_t
oauthcc_login_job_left(oauthcc_login_job_t *job)
{
    ngx_msec_t      timeout;
    oauthcc_time_t  elapsed;

    elapsed = oauthcc_clock_msec() - job->requested;
    timeout = job->local->provider->limits.timeout;

    return elapsed < timeout ? timeout - elapsed : 1;
}


ngx_uint_t
oauthcc_login_job_repeat(oauthcc_login_job_t *job)
{
    if (job->repeats == OAUTHCC_LOGIN_JOB_REPEATS
        || job->reached >= OAUTHCC_LOGIN_JOB_REACHED
        || oauthcc_clock_msec() - job->requested
           >= job->local->provider->limits.timeout)
    {
        return 0;
    }

    job->repeats++;

    return 1;
}


oauthcc_client_t *
oauthcc_login_job_request(oauthcc_login_job_t *job)
{
    oauthcc_provider_t  *provider;

    provider = job->local->provider;

    return oauthcc_client_create(provider->endpoint.ctx, &provider->name);
}


ngx_int_t
oauthcc_login_job_send(oauthcc_login_job_t *job, oauthcc_client_t *fetch,
    oauthcc_login_job_read_pt read)
{
    oauthcc_provider_t  *provider;

    fetch->data = job;

    job->fetch = fetch;
    job->read = read;

    provider = job->local->provider;

    if (provider->endpoint.forward_proxy.host.len == 0) {
        return oauthcc_login_job_start(job);
    }

    fetch->tunnel = oauthcc_tunnel_open(fetch->pool, fetch->log, provider,
                                        &fetch->request,
                                        oauthcc_login_job_left(job),
                                        oauthcc_login_job_tunnelled);
    if (fetch->tunnel == NULL) {
        oauthcc_client_destroy(fetch);
        return NGX_ERROR;
    }

    fetch->tunnel->data = job;
    job->cancel = oauthcc_login_job_cancel_tunnel;

    return NGX_OK;
}


static ngx_int_t
oauthcc_login_job_start(oauthcc_login_job_t *job)
{
    job->cancel = oauthcc_login_job_cancel;

    if (oauthcc_client_start(job->fetch, oauthcc_login_job_left(job),
                             oauthcc_login_job_done)
        != NGX_OK)
    {
        job->cancel = NULL;
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* The token request itself has not been sent yet. */

static void
oauthcc_login_job_tunnelled(oauthcc_tunnel_t *tunnel)
{
    oauthcc_client_t     *fetch;
    oauthcc_response_t    response;
    oauthcc_login_job_t  *job;

    job = tunnel->data;
    fetch = job->fetch;

    job->cancel = NULL;

    if (tunnel->aborted) {
        oauthcc_client_destroy(fetch);
        oauthcc_login_job_end(job, OAUTHCC_LOGIN_JOB_ABORTED);
        return;
    }

    if (tunnel->failure) {
        ngx_memzero(&response, sizeof(oauthcc_response_t));

        response.failure = tunnel->failure;
        response.timed_out = tunnel->timed_out;
        response.unresolved = tunnel->unresolved;

        oauthcc_login_job_answered(job, fetch, &response);

        oauthcc_client_destroy(fetch);
        return;
    }

    if (oauthcc_login_job_start(job) != NGX_OK) {
        oauthcc_login_job_end(job, OAUTHCC_LOGIN_JOB_UNSTARTED);
    }
}


void
oauthcc_login_job_abort(oauthcc_login_job_t *job)
{
    if (job->cancel) {
        job->cancel(job);
        return;
    }

    oauthcc_login_job_end(job, OAUTHCC_LOGIN_JOB_ABORTED);
}


static void
oauthcc_login_job_cancel(oauthcc_login_job_t *job)
{
    oauthcc_client_cancel(job->fetch);
}


static void
oauthcc_login_job_cancel_tunnel(oauthcc_login_job_t *job)
{
    oauthcc_client_destroy(job->fetch);

    job->cancel = NULL;

    oauthcc_login_job_end(job, OAUTHCC_LOGIN_JOB_ABORTED);
}


static void
oauthcc_login_job_done(oauthcc_client_t *fetch, oauthcc_response_t *response)
{
    oauthcc_login_job_t  *job;

    job = fetch->data;

    job->cancel = NULL;

    if (response->aborted) {
        oauthcc_login_job_end(job, OAUTHCC_LOGIN_JOB_ABORTED);
        return;
    }

    oauthcc_login_job_answered(job, fetch, response);
}


static void
oauthcc_login_job_answered(oauthcc_login_job_t *job, oauthcc_client_t *fetch,
    oauthcc_response_t *response)
{
    job->status = response->status;

    if (oauthcc_login_job_unresolved(job, response)) {
        oauthcc_login_job_end(job, OAUTHCC_LOGIN_JOB_AGAIN);
        return;
    }

    job->read(job, fetch, response);
}


/*
 * Whether there is another name server to ask.  nginx takes them in turns, but
 * asks a second one for the same name only after 5 seconds.
 */

static ngx_uint_t
oauthcc_login_job_unresolved(oauthcc_login_job_t *job,
    oauthcc_response_t *response)
{
    ngx_http_core_loc_conf_t  *clcf;

    if (!response->unresolved) {
        job->unresolved = 0;
        return 0;
    }

    clcf = job->local->provider->endpoint.ctx
               ->loc_conf[ngx_http_core_module.ctx_index];

    if (++job->unresolved >= clcf->resolver->connections.nelts) {
        job->unresolved = 0;
        return 0;
    }

    return oauthcc_login_job_repeat(job);
}


static u_char *
oauthcc_login_job_log(ngx_log_t *log, u_char *buf, size_t len)
{
    oauthcc_provider_t  *provider;

    provider = log->data;

    return ngx_snprintf(buf, len, ", oauthcc provider: \"%V\"",
                        &provider->name);
}
