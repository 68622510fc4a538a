
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "token/oauthcc_login_signed.h"
#include "token/oauthcc_token_types.h"
#include "token/oauthcc_login_result.h"
#include "cache/oauthcc_credential.h"
#include "core/oauthcc_text.h"
#include "oauth/oauthcc_client_auth.h"


static ngx_str_t oauthcc_login_signed_parameter(oauthcc_login_job_t *job,
    char *name);


ngx_uint_t
oauthcc_login_signed_due(oauthcc_login_job_t *job)
{
    return job->local->provider->client.assertion_use
           == OAUTHCC_CLIENT_AUTH_USE_TOKEN;
}


void
oauthcc_login_signed_start(oauthcc_login_job_t *job)
{
    ngx_int_t            rc;
    ngx_str_t            jwt, scope, audience;
    oauthcc_provider_t  *provider;

    provider = job->local->provider;

    scope = oauthcc_login_signed_parameter(job, "scope");
    audience = oauthcc_login_signed_parameter(job, "audience");

    job->content = provider->runtime.content;

    job->pool->log = &job->log;

    rc = oauthcc_client_auth_token(provider, &scope, &audience, job->pool,
                                   &jwt, &job->life);

    /* the packed credential may be these bytes: the job wipes it */

    if (rc == NGX_OK
        && oauthcc_credential_pack(job->pool, &jwt, NULL, NULL, &job->packed)
           != NGX_OK)
    {
        ngx_explicit_memzero(jwt.data, jwt.len);
        rc = NGX_ERROR;
    }

    if (rc != NGX_OK) {
        oauthcc_login_result_internal(job, NGX_HTTP_INTERNAL_SERVER_ERROR,
                                      "no assertion could be made");
        oauthcc_login_job_end(job, OAUTHCC_LOGIN_JOB_FAILED);
        return;
    }

    oauthcc_login_job_end(job, OAUTHCC_LOGIN_JOB_DONE);
}


/* The value of a parameter that the request has set, or an empty string. */

static ngx_str_t
oauthcc_login_signed_parameter(oauthcc_login_job_t *job, char *name)
{
    ngx_str_t   none;
    ngx_uint_t  i;

    for (i = 0; i < job->local->nparameters; i++) {
        if (oauthcc_text_is(&job->parameters[i].name, name)) {
            return job->parameters[i].value;
        }
    }

    ngx_str_null(&none);

    return none;
}
