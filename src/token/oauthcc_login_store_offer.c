
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "token/oauthcc_login_store_offer.h"
#include "token/oauthcc_login_store.h"
#include "token/oauthcc_login_store_put.h"
#include "token/oauthcc_token_types.h"
#include "cache/oauthcc_fleet.h"
#include "core/oauthcc_lifetime.h"


static void oauthcc_login_store_offer_done(oauthcc_store_put_t *put);
static void oauthcc_login_store_offer_cancel(oauthcc_login_job_t *job);


ngx_uint_t
oauthcc_login_store_offer_due(oauthcc_login_job_t *job)
{
    return job->store && job->store->offering;
}


void
oauthcc_login_store_offer_start(oauthcc_login_job_t *job)
{
    oauthcc_local_t        *local;
    oauthcc_store_put_t    *put;
    oauthcc_store_value_t  *value;
    oauthcc_fleet_token_t   token;
    oauthcc_login_store_t  *state;

    local = job->local;
    state = job->store;

    if (oauthcc_fleet_token(local->provider->runtime.cache, local->digest,
                            job->lease, job->pool, &token)
        != NGX_OK)
    {
        goto aborted;
    }

    /* to be wiped with the job */

    job->packed = token.packed;
    job->serial = token.serial;

    put = &state->put;
    value = &put->value;

    value->version = state->known.tag.version;
    value->requested = state->known.tag.requested;
    value->expires = token.expires;
    value->life = (ngx_msec_t) (token.expires - value->requested);
    value->packed = token.packed;
    value->login_time = token.login_time;
    value->content = state->content;
    value->reduced = (token.reduced != 0);

    if (value->life < OAUTHCC_LIFETIME_LEAST) {
        goto aborted;
    }

    put->data = job;
    put->handler = oauthcc_login_store_offer_done;
    put->pool = job->pool;
    put->lease = &state->lease;
    put->offer = 1;

    job->cancel = oauthcc_login_store_offer_cancel;

    oauthcc_store_put(local->provider->store, put);

    return;

aborted:

    oauthcc_login_job_end(job, OAUTHCC_LOGIN_JOB_ABORTED);
}


static void
oauthcc_login_store_offer_done(oauthcc_store_put_t *put)
{
    oauthcc_login_job_t  *job;

    job = put->data;

    job->cancel = NULL;

    if (put->result == OAUTHCC_STORE_PUT_DONE) {
        ngx_log_error(NGX_LOG_INFO, &job->log, 0,
                      "the store has the token of this gateway now");
    }

    oauthcc_login_store_put_settle(job);
    oauthcc_login_job_end(job, OAUTHCC_LOGIN_JOB_ABORTED);
}


static void
oauthcc_login_store_offer_cancel(oauthcc_login_job_t *job)
{
    job->cancel = NULL;

    oauthcc_store_put_cancel(&job->store->put);

    oauthcc_login_job_end(job, OAUTHCC_LOGIN_JOB_ABORTED);
}
