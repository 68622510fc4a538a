
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_clock.h"
#include "token/oauthcc_login.h"
#include "token/oauthcc_token_types.h"
#include "token/oauthcc_login_discovery.h"
#include "token/oauthcc_login_message.h"
#include "token/oauthcc_login_result.h"
#include "token/oauthcc_login_signed.h"
#include "token/oauthcc_login_store.h"
#include "token/oauthcc_login_store_offer.h"
#include "token/oauthcc_login_store_put.h"
#include "token/oauthcc_login_token.h"
#include "token/oauthcc_local.h"
#include "token/oauthcc_rotation.h"
#include "dpop/oauthcc_proof.h"
#include "oauth/oauthcc_discovery.h"
#include "core/oauthcc_provider_values.h"


/* delay before a transient failure is retried, milliseconds */
#define OAUTHCC_LOGIN_LATER_MIN  50
#define OAUTHCC_LOGIN_LATER_MAX  250


static void oauthcc_login_run(oauthcc_login_job_t *job);
static ngx_uint_t oauthcc_login_due(oauthcc_login_job_t *job);
static void oauthcc_login_step_end(oauthcc_login_job_t *job,
    oauthcc_login_job_end_e end);
static void oauthcc_login_continue(ngx_event_t *ev);
static ngx_uint_t oauthcc_login_renew(oauthcc_login_job_t *job);
static ngx_uint_t oauthcc_login_transient(oauthcc_login_job_t *job);
static void oauthcc_login_later(ngx_event_t *ev);
static void oauthcc_login_cancel(oauthcc_login_job_t *job);
static void oauthcc_login_publish(oauthcc_login_job_t *job);
static void oauthcc_login_stored(oauthcc_login_job_t *job,
    oauthcc_login_job_end_e end);
static void oauthcc_login_fail(oauthcc_login_job_t *job);
static void oauthcc_login_over(oauthcc_login_job_t *job);


/*
 * The steps of a login, in this order.  All steps and retries share the
 * "timeout" of the provider.  The result is published once, at the end: until
 * then the zone only has the lease.
 *
 *      due --> start --+--> done -----> the next step that is due; or publish
 *                      +--> again ----> the first step that is due
 *                      +--> unstarted, without memory: as failed
 *                      +--> failed ---> the first step, if a secret file has
 *                      |                changed or a retry may help; or fail
 *                      +--> found ----> publish the token of another gateway
 *                      +--> aborted --> release the lease
 */

static oauthcc_login_job_step_t  oauthcc_login_steps[] = {

    { oauthcc_login_store_due, oauthcc_login_store_start },

    { oauthcc_login_store_offer_due, oauthcc_login_store_offer_start },

    { oauthcc_login_discovery_due, oauthcc_login_discovery_start },

    { oauthcc_login_token_due, oauthcc_login_token_start },

    { oauthcc_login_signed_due, oauthcc_login_signed_start }
};

/* of the worker: logins in progress */

static ngx_uint_t  oauthcc_login_jobs;

#define OAUTHCC_LOGIN_STEPS                                                   \
    (sizeof(oauthcc_login_steps) / sizeof(oauthcc_login_steps[0]))


void
oauthcc_login_start(oauthcc_local_t *local, oauthcc_caller_t *caller,
    uint64_t lease)
{
    oauthcc_login_job_t  *job;

    oauthcc_login_start_per_request(local, caller, lease, NULL, NULL, &job);
}


void
oauthcc_login_start_per_request(oauthcc_local_t *local,
    oauthcc_caller_t *caller, uint64_t lease,
    oauthcc_login_job_give_pt handler, void *data,
    oauthcc_login_job_t **handle)
{
    oauthcc_login_job_t  *job, none;

    job = oauthcc_login_job_create(local, caller, OAUTHCC_LOGIN_STEPS);

    if (job == NULL) {
        job = &none;
        ngx_memzero(job, sizeof(oauthcc_login_job_t));
    }

    job->local = local;
    job->lease = lease;
    job->content = local->provider->runtime.content;
    job->requested = oauthcc_clock_msec();
    job->give = handler;
    job->data = data;
    job->end = oauthcc_login_step_end;

    job->next.handler = oauthcc_login_continue;
    job->next.data = job;
    job->next.log = ngx_cycle->log;

    *handle = job;

    /* the login may end, and the local entry be idle, before this returns */

    oauthcc_local_hold(local);
    oauthcc_login_jobs++;

    if (job == &none) {
        oauthcc_login_result_unstarted(job);
        oauthcc_login_fail(job);
        return;
    }

    (void) oauthcc_rotation_read(local->provider);

    job->content = local->provider->runtime.content;

    oauthcc_login_run(job);
}


ngx_uint_t
oauthcc_login_running(void)
{
    return oauthcc_login_jobs;
}


void
oauthcc_login_free(oauthcc_provider_t *provider)
{
    oauthcc_provider_values_free(provider);
    oauthcc_discovery_free(provider);
    oauthcc_proof_free(provider);
}


static void
oauthcc_login_run(oauthcc_login_job_t *job)
{
    if (oauthcc_login_due(job)) {
        oauthcc_login_steps[job->step].start(job);
        return;
    }

    oauthcc_login_publish(job);
}


/* Finds the next step that is due, from the present one on; 0 if none is. */

static ngx_uint_t
oauthcc_login_due(oauthcc_login_job_t *job)
{
    for ( /* void */ ; job->step < OAUTHCC_LOGIN_STEPS; job->step++) {

        if (oauthcc_login_steps[job->step].due(job)) {
            return 1;
        }
    }

    return 0;
}


/*
 * A request must not be started while another one is finalized, so the next
 * step runs in an event.
 */

static void
oauthcc_login_step_end(oauthcc_login_job_t *job, oauthcc_login_job_end_e end)
{
    switch (end) {

    case OAUTHCC_LOGIN_JOB_DONE:
        job->step++;

        if (!oauthcc_login_due(job)) {
            oauthcc_login_publish(job);
            return;
        }

        break;

    case OAUTHCC_LOGIN_JOB_UNSTARTED:
        oauthcc_login_result_unstarted(job);

        /* fall through */

    case OAUTHCC_LOGIN_JOB_FAILED:

        if (oauthcc_login_renew(job)) {
            oauthcc_login_message_again(job);

        } else if (oauthcc_login_transient(job)) {
            oauthcc_login_message_again(job);
            return;

        } else {
            oauthcc_login_fail(job);
            return;
        }

        /* fall through */

    case OAUTHCC_LOGIN_JOB_AGAIN:
        job->step = 0;
        ngx_memzero(&job->failed, sizeof(oauthcc_cache_failed_t));
        break;

    case OAUTHCC_LOGIN_JOB_FOUND:
        oauthcc_login_publish(job);
        return;

    default: /* OAUTHCC_LOGIN_JOB_ABORTED */
        oauthcc_login_result_release(job);
        oauthcc_login_over(job);
        return;
    }

    ngx_post_event(&job->next, &ngx_posted_events);
}


static void
oauthcc_login_continue(ngx_event_t *ev)
{
    oauthcc_login_run(ev->data);
}


/*
 * Whether a failure may be due to a secret that was replaced during the login.
 * The login is then repeated once, for all waiters.
 */

static ngx_uint_t
oauthcc_login_renew(oauthcc_login_job_t *job)
{
    if (job->renewed
        || job->failed.result == OAUTHCC_RESULT_INTERNAL
        || !oauthcc_login_job_repeat(job)
        || !oauthcc_rotation_read(job->local->provider))
    {
        return 0;
    }

    job->renewed = 1;

    return 1;
}


/*
 * A server that is being restarted, or a connection that was reset: a login
 * that requests wait for is retried after a short delay, once until the
 * server answers.
 */

static ngx_uint_t
oauthcc_login_transient(oauthcc_login_job_t *job)
{
    ngx_msec_t        delay;
    oauthcc_local_t  *local;

    local = job->local;

    delay = OAUTHCC_LOGIN_LATER_MIN
            + ngx_random() % (OAUTHCC_LOGIN_LATER_MAX
                              - OAUTHCC_LOGIN_LATER_MIN + 1);

    if (!job->failed.transient
        || oauthcc_login_job_left(job) <= delay
        || !oauthcc_cache_repeat(local->provider->runtime.cache,
                                 local->digest)
        || !oauthcc_login_job_repeat(job))
    {
        return 0;
    }

    job->cancel = oauthcc_login_cancel;

    job->later.handler = oauthcc_login_later;
    job->later.data = job;
    job->later.log = ngx_cycle->log;

    ngx_add_timer(&job->later, delay);

    return 1;
}


static void
oauthcc_login_later(ngx_event_t *ev)
{
    oauthcc_login_job_t  *job;

    job = ev->data;

    job->cancel = NULL;

    oauthcc_login_job_end(job, OAUTHCC_LOGIN_JOB_AGAIN);
}


static void
oauthcc_login_cancel(oauthcc_login_job_t *job)
{
    job->cancel = NULL;

    oauthcc_login_job_end(job, OAUTHCC_LOGIN_JOB_ABORTED);
}


static void
oauthcc_login_publish(oauthcc_login_job_t *job)
{
    if (oauthcc_login_result_publish(job) != NGX_OK) {
        oauthcc_login_fail(job);
        return;
    }

    job->end = oauthcc_login_stored;

    if (!oauthcc_login_store_put_start(job)) {
        oauthcc_login_over(job);
    }
}


/* The token has been in use since; a newer one takes its place. */

static void
oauthcc_login_stored(oauthcc_login_job_t *job, oauthcc_login_job_end_e end)
{
    if (end == OAUTHCC_LOGIN_JOB_FOUND) {
        (void) oauthcc_login_result_publish(job);
    }

    oauthcc_login_over(job);
}


static void
oauthcc_login_fail(oauthcc_login_job_t *job)
{
    oauthcc_login_result_fail(job);
    oauthcc_login_store_put_fail(job);

    oauthcc_rotation_watch(job->local->provider, job->failed.wait);

    oauthcc_login_over(job);
}


static void
oauthcc_login_over(oauthcc_login_job_t *job)
{
    oauthcc_login_jobs--;

    oauthcc_login_store_end(job);
    oauthcc_local_release(job->local);

    if (job->pool) {
        oauthcc_login_job_destroy(job);
    }
}
