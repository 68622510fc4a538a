
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "token/oauthcc_login_dpop.h"
#include "core/oauthcc_redact_url.h"
#include "core/oauthcc_text.h"
#include "dpop/oauthcc_proof.h"
#include "oauth/oauthcc_discovery.h"
#include "token/oauthcc_local_stats.h"
#include "token/oauthcc_token_types.h"


static ngx_str_t *oauthcc_login_dpop_url(oauthcc_local_t *local);


ngx_int_t
oauthcc_login_dpop_add(oauthcc_login_job_t *job, oauthcc_login_dpop_t *dpop,
    ngx_pool_t *pool, oauthcc_http_request_t *request)
{
    ngx_str_t                 root, nonce;
    oauthcc_pair_t           *header;
    oauthcc_provider_t       *provider;
    oauthcc_proof_request_t   from;

    provider = job->local->provider;

    if (!provider->dpop.on) {
        return NGX_OK;
    }

    ngx_memzero(&from, sizeof(oauthcc_proof_request_t));

    /* what is sent for a URL without a path */
    ngx_str_set(&root, "/");

    from.method = request->method_name;

    header = ngx_array_push(&request->headers);
    if (header == NULL) {
        return NGX_ERROR;
    }

    ngx_str_set(&header->name, "DPoP");
    ngx_str_null(&header->value);

    /*
     * The request is wiped after the job has ended, and may be freed before
     * its response is looked at.
     */

    if (oauthcc_proof_uri_read(pool, oauthcc_login_dpop_url(job->local),
                               &root, &from.uri)
           != NGX_OK
        || oauthcc_proof_make(provider, pool, &from, &nonce, &header->value)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    dpop->origin.len = from.uri.origin.len;
    dpop->origin.data = ngx_pstrdup(job->pool, &from.uri.origin);

    if (dpop->origin.data == NULL) {
        return NGX_ERROR;
    }

    dpop->nonce.len = nonce.len;

    if (nonce.len) {
        dpop->nonce.data = ngx_pstrdup(job->pool, &nonce);
        if (dpop->nonce.data == NULL) {
            return NGX_ERROR;
        }
    }

    job->bound = oauthcc_proof_generation(provider);

    return NGX_OK;
}


ngx_uint_t
oauthcc_login_dpop_learn(oauthcc_login_job_t *job, oauthcc_login_dpop_t *dpop,
    oauthcc_response_t *response)
{
    return dpop->origin.len
           && oauthcc_proof_learn(job->local->provider, response->headers,
                                  &dpop->origin, &dpop->nonce, &job->log);
}


ngx_uint_t
oauthcc_login_dpop_again(oauthcc_login_job_t *job, oauthcc_login_dpop_t *dpop,
    ngx_uint_t learnt, ngx_uint_t status, ngx_str_t *error)
{
    /* RFC 9449 section 8: 400; some say it as they refuse clients */

    if (dpop->origin.len == 0
        || (status != NGX_HTTP_BAD_REQUEST
            && status != NGX_HTTP_UNAUTHORIZED)
        || !oauthcc_text_is(error, "use_dpop_nonce"))
    {
        return 0;
    }

    oauthcc_local_stats_challenge(job->local, OAUTHCC_NONCE_LOGIN);

    if (!learnt || dpop->challenged || !oauthcc_login_job_repeat(job)) {
        return 0;
    }

    dpop->challenged = 1;

    ngx_log_error(NGX_LOG_INFO, &job->log, 0,
                  "the token endpoint wants another nonce in the DPoP proof, "
                  "the login is sent once more");

    return 1;
}


void
oauthcc_login_dpop_warn(oauthcc_login_job_t *job, ngx_str_t *error)
{
    if (!job->local->provider->dpop.on
        || !oauthcc_text_is(error, "invalid_dpop_proof"))
    {
        return;
    }

    ngx_log_error(NGX_LOG_WARN, &job->log, 0,
                  "the token endpoint rejected the DPoP proof for \"%V\": "
                  "check \"dpop_uri\" and the clocks",
                  oauthcc_redact_url(job->pool,
                                     oauthcc_login_dpop_url(job->local)));
}


/* What the server calls its token endpoint; its query is no part of it. */

static ngx_str_t *
oauthcc_login_dpop_url(oauthcc_local_t *local)
{
    oauthcc_provider_t  *provider;

    provider = local->provider;

    return provider->dpop.uri.len
           ? &provider->dpop.uri
           : &oauthcc_discovery_url(provider, local->endpoint)->url;
}
