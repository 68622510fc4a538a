
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_clock.h"
#include "token/oauthcc_login_store_put.h"
#include "token/oauthcc_local.h"
#include "token/oauthcc_login_store.h"
#include "token/oauthcc_login_store_import.h"
#include "token/oauthcc_token_types.h"
#include "cache/oauthcc_fleet.h"
#include "core/oauthcc_lifetime.h"
#include "core/oauthcc_notify.h"
#include "core/oauthcc_text.h"


static void oauthcc_login_store_put_limit(oauthcc_login_job_t *job,
    oauthcc_store_value_t *value);
static void oauthcc_login_store_put_done(oauthcc_store_put_t *put);
static void oauthcc_login_store_put_cancel(oauthcc_login_job_t *job);


ngx_uint_t
oauthcc_login_store_put_start(oauthcc_login_job_t *job)
{
    oauthcc_store_put_t    *put;
    oauthcc_store_value_t  *value;
    oauthcc_login_store_t  *state;

    state = job->store;

    /* a token that ends at once, or is not ours any more, is of no use */

    if (state == NULL || state->lease.store == NULL || job->imported
        || job->serial == 0 || job->life < OAUTHCC_LIFETIME_LEAST)
    {
        return 0;
    }

    put = &state->put;
    value = &put->value;

    value->requested = job->requested;
    value->expires = job->requested + job->life;
    value->life = job->life;

    if (job->local->subject) {
        oauthcc_login_store_put_limit(job, value);

        if (value->life < OAUTHCC_LIFETIME_LEAST) {
            return 0;
        }
    }

    put->data = job;
    put->handler = oauthcc_login_store_put_done;
    put->pool = job->pool;
    put->lease = &state->lease;

    value->version = job->version;
    value->packed = job->packed;
    value->login_time = oauthcc_clock_msec() - job->requested;
    value->content = state->content;
    value->forced = state->known.forced;
    value->reduced = (job->missing.len != 0);

    job->cancel = oauthcc_login_store_put_cancel;

    oauthcc_store_put(job->local->provider->store, put);

    return 1;
}


/*
 * What was given for a caller's token does not outlive that token in the store
 * either.
 */

static void
oauthcc_login_store_put_limit(oauthcc_login_job_t *job,
    oauthcc_store_value_t *value)
{
    oauthcc_time_t       last, usable;
    oauthcc_provider_t  *provider;

    provider = job->local->provider;
    last = oauthcc_local_last(job->local, job->requested);

    if (!oauthcc_lifetime_reached(value->expires, last)) {
        return;
    }

    usable = oauthcc_lifetime_usable(job->requested, job->life,
                                     provider->lifetime.expiry_margin);

    value->limited = oauthcc_lifetime_reached(usable, last);
    value->expires = last;
    value->life = oauthcc_lifetime_reached(job->requested, last)
                  ? 0 : (ngx_msec_t) (last - job->requested);
}


static void
oauthcc_login_store_put_done(oauthcc_store_put_t *put)
{
    oauthcc_login_job_t  *job;

    job = put->data;

    job->cancel = NULL;

    if (put->result == OAUTHCC_STORE_PUT_NEWER) {

        /* it stands in for the token with this serial, and for no other */

        job->lease = job->serial;

        if (oauthcc_login_store_import_usable(job, &put->value)) {
            oauthcc_login_store_import_take(job, &put->value);
            oauthcc_login_job_end(job, OAUTHCC_LOGIN_JOB_FOUND);
            return;
        }
    }

    oauthcc_login_store_put_settle(job);
    oauthcc_login_job_end(job, OAUTHCC_LOGIN_JOB_DONE);
}


void
oauthcc_login_store_put_settle(oauthcc_login_job_t *job)
{
    oauthcc_local_t  *local;
    oauthcc_cache_t  *cache;

    local = job->local;
    cache = local->provider->runtime.cache;

    switch (job->store->put.result) {

    case OAUTHCC_STORE_PUT_DONE:
        oauthcc_fleet_stored(cache, local->digest, job->serial);
        break;

    case OAUTHCC_STORE_PUT_PURGED:
        oauthcc_fleet_discard(cache, local->digest, job->serial);
        oauthcc_notify(ngx_cycle->log);
        break;

    default:
        break;
    }
}


static void
oauthcc_login_store_put_cancel(oauthcc_login_job_t *job)
{
    job->cancel = NULL;

    oauthcc_store_put_cancel(&job->store->put);

    oauthcc_login_job_end(job, OAUTHCC_LOGIN_JOB_DONE);
}


void
oauthcc_login_store_put_fail(oauthcc_login_job_t *job)
{
    ngx_str_t                 error;
    oauthcc_cache_failed_t   *failed;
    oauthcc_store_fail_e      own;
    oauthcc_login_store_t    *state;
    oauthcc_store_failure_t   failure;

    state = job->store;

    if (state == NULL || state->lease.store == NULL) {
        return;
    }

    failed = &job->failed;

    if (failed->result == OAUTHCC_RESULT_INTERNAL
        || (failed->entry_only && (!failed->shares || job->status == 0)))
    {
        /*
         * What a caller has sent is nobody else's trouble.  If the server has
         * answered, an outage is over.
         */

        oauthcc_store_release(&state->lease,
                              failed->entry_only && job->status
                              && failed->result != OAUTHCC_RESULT_INTERNAL);
        return;
    }

    ngx_memzero(&failure, sizeof(oauthcc_store_failure_t));
    ngx_str_null(&error);

    failure.status = job->status;
    failure.count = state->lease.count + 1;

    if (job->known) {
        error.data = failed->failure.text;
        error.len = ngx_min(failed->failure.len, OAUTHCC_STORE_ERROR - 1);

        ngx_memcpy(failure.error, error.data, error.len);
    }

    own = OAUTHCC_STORE_FAIL_PROVIDER;

    if (failed->entry_only) {
        own = OAUTHCC_STORE_FAIL_ENTRY;

    } else if (failed->result == OAUTHCC_RESULT_TIMEOUT
               || failed->result == OAUTHCC_RESULT_UNREACHABLE
               || job->status == NGX_HTTP_UNAUTHORIZED
               || oauthcc_text_is(&error, "invalid_client"))
    {
        own = OAUTHCC_STORE_FAIL_GATEWAY;
    }

    oauthcc_store_fail(&state->lease, own, &failure, failed->wait);
}
