
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "token/oauthcc_login_discovery.h"
#include "token/oauthcc_token_types.h"
#include "token/oauthcc_login_message.h"
#include "token/oauthcc_login_result.h"
#include "oauth/oauthcc_discovery.h"
#include "oauth/oauthcc_token_response.h"


typedef struct {
    ngx_uint_t  place;  /* index of the metadata URL that is tried */
} oauthcc_login_discovery_t;


static void oauthcc_login_discovery_read(oauthcc_login_job_t *job,
    oauthcc_client_t *fetch, oauthcc_response_t *response);


ngx_uint_t
oauthcc_login_discovery_due(oauthcc_login_job_t *job)
{
    oauthcc_provider_t  *provider;

    provider = job->local->provider;

    return provider->endpoint.issuer && !oauthcc_discovery_known(provider);
}


void
oauthcc_login_discovery_start(oauthcc_login_job_t *job)
{
    oauthcc_client_t           *fetch;
    oauthcc_login_discovery_t  *state;

    state = oauthcc_login_job_state(job, sizeof(oauthcc_login_discovery_t));
    if (state == NULL) {
        goto failed;
    }

    fetch = oauthcc_login_job_request(job);
    if (fetch == NULL) {
        goto failed;
    }

    if (oauthcc_discovery_request(job->local->provider, state->place,
                                  fetch->pool, &fetch->request)
        != NGX_OK)
    {
        oauthcc_client_destroy(fetch);
        goto failed;
    }

    if (oauthcc_login_job_send(job, fetch, oauthcc_login_discovery_read)
        == NGX_OK)
    {
        return;
    }

failed:

    oauthcc_login_job_end(job, OAUTHCC_LOGIN_JOB_UNSTARTED);
}


static void
oauthcc_login_discovery_read(oauthcc_login_job_t *job, oauthcc_client_t *fetch,
    oauthcc_response_t *response)
{
    char                       *reason;
    ngx_int_t                   rc;
    ngx_str_t                   none;
    oauthcc_token_error_t       said;
    oauthcc_login_message_t     message;
    oauthcc_login_discovery_t  *state;

    if (response->failure) {
        oauthcc_login_result_unanswered(job, fetch, response);
        oauthcc_login_job_end(job, OAUTHCC_LOGIN_JOB_FAILED);
        return;
    }

    state = oauthcc_login_job_state(job, sizeof(oauthcc_login_discovery_t));

    rc = oauthcc_discovery_read(job->local->provider, response->status,
                                response->body.data, response->body.len,
                                fetch->log, &reason);

    if (rc == NGX_OK) {

        /* another login may find the metadata wrong meanwhile */

        state->place = 0;

        oauthcc_login_job_end(job, OAUTHCC_LOGIN_JOB_DONE);
        return;
    }

    if (rc == NGX_DECLINED && state->place + 1 < OAUTHCC_DISCOVERY_STEPS) {
        state->place++;

        oauthcc_login_job_end(job, OAUTHCC_LOGIN_JOB_AGAIN);
        return;
    }

    if (rc == NGX_ERROR) {
        reason = "no memory";
    }

    ngx_memzero(&said, sizeof(oauthcc_token_error_t));

    (void) oauthcc_token_response_said(fetch->pool,
                                       response->status / 100 == 2,
                                       response->body.data,
                                       response->body.len, &said);

    oauthcc_login_message_redact(job, fetch, &said.error);

    ngx_str_null(&message.where);
    message.step = "discovery at the issuer";
    message.reason = reason;
    ngx_str_null(&message.phase);
    message.said = &said;

    oauthcc_login_message_set(job, fetch, response, &message);

    if (rc == NGX_ERROR) {
        oauthcc_login_result_internal(job, NGX_HTTP_BAD_GATEWAY, reason);

    } else {
        ngx_str_null(&none);

        (void) oauthcc_login_result_judge(job, response->status, &none);

        job->failed.result = response->status / 100 == 2
                             ? OAUTHCC_RESULT_INVALID
                             : OAUTHCC_RESULT_REFUSED;

        oauthcc_login_result_text(job, reason);
    }

    /* a retry of the login begins with the first URL */

    state->place = 0;

    oauthcc_login_job_end(job, OAUTHCC_LOGIN_JOB_FAILED);
}
