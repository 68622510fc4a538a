
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "token/oauthcc_login_token.h"
#include "token/oauthcc_token_types.h"
#include "token/oauthcc_login_basic.h"
#include "token/oauthcc_login_dpop.h"
#include "token/oauthcc_login_message.h"
#include "token/oauthcc_login_result.h"
#include "cache/oauthcc_credential.h"
#include "cache/oauthcc_outcome.h"
#include "core/oauthcc_redact.h"
#include "core/oauthcc_text.h"
#include "http/oauthcc_url.h"
#include "login_json/oauthcc_document_request.h"
#include "login_json/oauthcc_document_response.h"
#include "oauth/oauthcc_client_auth.h"
#include "oauth/oauthcc_token_request.h"
#include "oauth/oauthcc_token_members.h"
#include "oauth/oauthcc_token_response.h"
#include "oauth/oauthcc_token_scope.h"


/* limit of a scope in a message, bytes */
#define OAUTHCC_LOGIN_TOKEN_SCOPE  512


/* a difference of clocks is reported from this on, seconds */
#define OAUTHCC_LOGIN_TOKEN_CLOCK  5


typedef struct {
    ngx_uint_t  moved;  /* attempts at other servers */
    time_t      sent;   /* time of this request */

    oauthcc_login_basic_t  basic;
    oauthcc_login_dpop_t   dpop;
} oauthcc_login_token_t;


static ngx_int_t oauthcc_login_token_build(oauthcc_login_job_t *job,
    oauthcc_login_token_t *state, ngx_pool_t *pool,
    oauthcc_http_request_t *request);
static void oauthcc_login_token_read(oauthcc_login_job_t *job,
    oauthcc_client_t *fetch, oauthcc_response_t *response);
static ngx_uint_t oauthcc_login_token_lost(oauthcc_login_job_t *job,
    oauthcc_response_t *response);
static ngx_uint_t oauthcc_login_token_next(oauthcc_response_t *response);
static ngx_int_t oauthcc_login_token_parse(oauthcc_provider_t *provider,
    oauthcc_client_t *fetch, oauthcc_response_t *response,
    oauthcc_token_response_t *token);
static ngx_int_t oauthcc_login_token_scope(oauthcc_login_job_t *job,
    oauthcc_token_response_t *token);
static ngx_int_t oauthcc_login_token_keep(oauthcc_login_job_t *job,
    oauthcc_client_t *fetch, oauthcc_response_t *response,
    oauthcc_token_response_t *token);
static ngx_int_t oauthcc_login_token_pack(oauthcc_login_job_t *job,
    oauthcc_client_t *fetch, oauthcc_token_response_t *token,
    ngx_array_t *members, oauthcc_packed_t *packed);
static void oauthcc_login_token_refused(oauthcc_login_job_t *job,
    oauthcc_client_t *fetch, oauthcc_response_t *response,
    oauthcc_token_response_t *token);
static void oauthcc_login_token_clock(oauthcc_login_job_t *job,
    oauthcc_client_t *fetch, oauthcc_response_t *response,
    oauthcc_token_response_t *token);


ngx_uint_t
oauthcc_login_token_due(oauthcc_login_job_t *job)
{
    return job->local->provider->client.assertion_use
           != OAUTHCC_CLIENT_AUTH_USE_TOKEN;
}


void
oauthcc_login_token_start(oauthcc_login_job_t *job)
{
    oauthcc_client_t       *fetch;
    oauthcc_login_token_t  *state;

    state = oauthcc_login_job_state(job, sizeof(oauthcc_login_token_t));
    if (state == NULL) {
        goto failed;
    }

    fetch = oauthcc_login_job_request(job);
    if (fetch == NULL) {
        goto failed;
    }

    if (oauthcc_login_token_build(job, state, fetch->pool,
                                  &fetch->request)
           != NGX_OK
        || oauthcc_login_dpop_add(job, &state->dpop, fetch->pool,
                                  &fetch->request)
           != NGX_OK)
    {
        oauthcc_client_destroy(fetch);
        goto failed;
    }

    job->content = job->local->provider->runtime.content;
    state->sent = ngx_time();

    if (oauthcc_login_job_send(job, fetch, oauthcc_login_token_read)
        == NGX_OK)
    {
        return;
    }

failed:

    oauthcc_login_job_end(job, OAUTHCC_LOGIN_JOB_UNSTARTED);
}


static ngx_int_t
oauthcc_login_token_build(oauthcc_login_job_t *job,
    oauthcc_login_token_t *state, ngx_pool_t *pool,
    oauthcc_http_request_t *request)
{
    ngx_int_t                   rc;
    ngx_uint_t                  raw;
    oauthcc_local_t            *local;
    oauthcc_provider_t         *provider;
    oauthcc_token_request_t     from;
    oauthcc_expression_fault_t  fault;

    local = job->local;
    provider = local->provider;
    raw = oauthcc_login_basic_raw(provider, &state->basic);

    if (provider->document.login_json == NULL) {
        from.provider = provider;
        from.endpoint = local->endpoint;
        from.pass = local->url;
        from.parameters = job->parameters;
        from.nparameters = local->nparameters;
        from.raw = raw;

        ngx_str_null(&from.subject_token);

        if (job->caller) {
            from.subject_token = job->caller->token;
        }

        return oauthcc_token_request_build(&from, pool, request);
    }

    rc = oauthcc_document_request_request(provider->document.login_json, pool,
                                          &provider->endpoint.pass,
                                          job->parameters,
                                          local->nparameters, request, &fault);
    if (rc == NGX_DECLINED) {
        ngx_log_error(NGX_LOG_ERR, pool->log, 0, "%V: %s, in \"login_json\"",
                      fault.where, fault.reason);
    }

    if (rc != NGX_OK) {
        return NGX_ERROR;
    }

    oauthcc_url_server(provider->endpoint.url, request);

    return NGX_OK;
}


static void
oauthcc_login_token_read(oauthcc_login_job_t *job, oauthcc_client_t *fetch,
    oauthcc_response_t *response)
{
    ngx_int_t                 rc;
    ngx_uint_t                learnt;
    oauthcc_provider_t       *provider;
    oauthcc_login_token_t    *state;
    oauthcc_token_response_t  token;

    job->reached += response->reached;

    provider = job->local->provider;
    state = oauthcc_login_job_state(job, sizeof(oauthcc_login_token_t));

    if (oauthcc_login_token_lost(job, response)) {
        oauthcc_login_job_end(job, OAUTHCC_LOGIN_JOB_AGAIN);
        return;
    }

    if (response->failure) {
        state->basic.second = 0;
        oauthcc_login_result_unanswered(job, fetch, response);
        oauthcc_login_job_end(job, OAUTHCC_LOGIN_JOB_FAILED);
        return;
    }

    oauthcc_login_result_retry(job, response);

    learnt = oauthcc_login_dpop_learn(job, &state->dpop, response);

    rc = oauthcc_login_token_parse(provider, fetch, response, &token);

    if (rc == NGX_OK) {

        if (token.bad_expires) {
            ngx_log_error(NGX_LOG_WARN, fetch->log, 0,
                          "login response has no usable \"expires_in\", "
                          "the token is assumed to be valid for %M ms",
                          token.life);
        }

        rc = oauthcc_login_token_scope(job, &token);

        if (rc == NGX_OK) {
            rc = oauthcc_login_token_keep(job, fetch, response, &token);
        }
    }

    if (rc == NGX_OK) {
        oauthcc_login_basic_taken(provider, &state->basic, fetch->log);
        oauthcc_login_job_end(job, OAUTHCC_LOGIN_JOB_DONE);
        return;
    }

    if (rc == NGX_DECLINED) {

        if (oauthcc_login_dpop_again(job, &state->dpop, learnt,
                                     response->status, &token.said.error))
        {
            oauthcc_login_job_end(job, OAUTHCC_LOGIN_JOB_AGAIN);
            return;
        }

        if (oauthcc_login_basic_refused(provider, &state->basic,
                                        response->status, &token.said.error,
                                        fetch->log)
            && oauthcc_login_job_repeat(job))
        {
            oauthcc_login_job_end(job, OAUTHCC_LOGIN_JOB_AGAIN);
            return;
        }

        state->basic.second = 0;

        oauthcc_login_token_refused(job, fetch, response, &token);

    } else {
        oauthcc_login_message_print(job, "no memory");
        oauthcc_login_result_internal(job, NGX_HTTP_INTERNAL_SERVER_ERROR,
                                      "no memory");
    }

    oauthcc_login_job_end(job, OAUTHCC_LOGIN_JOB_FAILED);
}


/*
 * Whether to repeat the request where nginx itself would: on a keepalive
 * connection that was closed by the server, or at another server.
 */

static ngx_uint_t
oauthcc_login_token_lost(oauthcc_login_job_t *job,
    oauthcc_response_t *response)
{
    ngx_uint_t              ft;
    oauthcc_login_token_t  *state;

    ft = oauthcc_login_token_next(response);

    if (ft == 0
        || (job->local->provider->endpoint.next_upstream & ft) != ft) {
        return 0;
    }

    if (response->status || response->timed_out || !response->kept) {

        state = oauthcc_login_job_state(job, sizeof(oauthcc_login_token_t));

        if (state == NULL || response->tries <= state->moved) {
            return 0;
        }

        state->moved++;
    }

    return oauthcc_login_job_repeat(job);
}


/* The flag of "proxy_next_upstream" that allows that; 0 if none does. */

static ngx_uint_t
oauthcc_login_token_next(oauthcc_response_t *response)
{
    ngx_uint_t  i;

    static struct {
        ngx_uint_t  status;
        ngx_uint_t  ft;
    } statuses[] = {
        { NGX_HTTP_INTERNAL_SERVER_ERROR, NGX_HTTP_UPSTREAM_FT_HTTP_500 },
        { NGX_HTTP_BAD_GATEWAY, NGX_HTTP_UPSTREAM_FT_HTTP_502 },
        { NGX_HTTP_SERVICE_UNAVAILABLE, NGX_HTTP_UPSTREAM_FT_HTTP_503 },
        { NGX_HTTP_GATEWAY_TIME_OUT, NGX_HTTP_UPSTREAM_FT_HTTP_504 },
        { NGX_HTTP_FORBIDDEN, NGX_HTTP_UPSTREAM_FT_HTTP_403 },
        { NGX_HTTP_NOT_FOUND, NGX_HTTP_UPSTREAM_FT_HTTP_404 },
        { NGX_HTTP_TOO_MANY_REQUESTS, NGX_HTTP_UPSTREAM_FT_HTTP_429 },
        { 0, 0 }
    };

    if (!response->again) {
        return 0;
    }

    if (response->status == 0) {
        return NGX_HTTP_UPSTREAM_FT_NON_IDEMPOTENT
               | (response->timed_out ? NGX_HTTP_UPSTREAM_FT_TIMEOUT
                                      : NGX_HTTP_UPSTREAM_FT_ERROR);
    }

    for (i = 0; statuses[i].status; i++) {
        if (statuses[i].status == response->status) {
            return NGX_HTTP_UPSTREAM_FT_NON_IDEMPOTENT | statuses[i].ft;
        }
    }

    return 0;
}


static ngx_int_t
oauthcc_login_token_parse(oauthcc_provider_t *provider,
    oauthcc_client_t *fetch, oauthcc_response_t *response,
    oauthcc_token_response_t *token)
{
    ngx_str_t   *body;
    ngx_msec_t   expires;

    body = &response->body;
    expires = provider->lifetime.default_expires;

    if (provider->document.login_json) {
        return oauthcc_document_response_read(provider->document.login_json,
                                              fetch->pool, response->status,
                                              response->headers, body->data,
                                              body->len, response->date,
                                              expires, token);
    }

    return oauthcc_token_response_parse(fetch->pool, response->status,
                                        body->data, body->len, response->date,
                                        &provider->grant.token_type,
                                        provider->dpop.on, expires, token);
}


/* The part of the requested scope that was not granted. */

static ngx_int_t
oauthcc_login_token_scope(oauthcc_login_job_t *job,
    oauthcc_token_response_t *token)
{
    ngx_str_t         missing;
    ngx_str_t        *asked;
    ngx_uint_t        i;
    oauthcc_local_t  *local;

    local = job->local;

    ngx_str_null(&job->missing);

    if (token->scope.data == NULL || local->provider->document.login_json) {
        return NGX_OK;
    }

    asked = &local->provider->grant.scope.text;

    for (i = 0; i < local->nparameters; i++) {
        if (oauthcc_text_is(&job->parameters[i].name, "scope")) {
            asked = &job->parameters[i].value;
        }
    }

    if (oauthcc_token_scope_missing(job->pool, asked, &token->scope, &missing)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return oauthcc_text_escape(job->pool, &missing,
                               OAUTHCC_LOGIN_TOKEN_SCOPE, &job->missing);
}


/* Copies the result of the login: the response is freed before it is used. */

static ngx_int_t
oauthcc_login_token_keep(oauthcc_login_job_t *job, oauthcc_client_t *fetch,
    oauthcc_response_t *response, oauthcc_token_response_t *token)
{
    u_char              *p;
    ngx_pool_t          *pool;
    ngx_array_t          members;
    oauthcc_packed_t     packed;
    oauthcc_provider_t  *provider;

    pool = fetch->pool;
    provider = job->local->provider;

    if (ngx_array_init(&members, pool, 1, sizeof(oauthcc_pair_t)) != NGX_OK
        || (provider->members->nelts
            && oauthcc_token_members_read(pool, provider->members,
                                          response->body.data,
                                          response->body.len, &members)
               != NGX_OK)
        || oauthcc_login_token_pack(job, fetch, token, &members, &packed)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    packed.bound = (provider->dpop.on != 0);

    p = ngx_pnalloc(job->pool, packed.len + job->scope);

    if (p) {
        ngx_memcpy(p, packed.data, packed.len + job->scope);

        job->packed = packed;
        job->packed.data = p;
        job->life = token->life;
    }

    ngx_explicit_memzero(packed.data, packed.len);
    ngx_explicit_memzero(token->access_token.data, token->access_token.len);

    return p ? NGX_OK : NGX_ERROR;
}


/* With the scope, unless it is too long, or repeats the token. */

static ngx_int_t
oauthcc_login_token_pack(oauthcc_login_job_t *job, oauthcc_client_t *fetch,
    oauthcc_token_response_t *token, ngx_array_t *members,
    oauthcc_packed_t *packed)
{
    ngx_str_t  scope;

    scope = token->scope;
    job->scope = 0;

    if (scope.data == NULL || scope.len > OAUTHCC_OUTCOME_SCOPE
        || oauthcc_redact_repeats(&scope, &token->access_token))
    {
        return oauthcc_credential_pack(fetch->pool, &token->access_token,
                                       token->fields, members, packed);
    }

    oauthcc_login_message_redact(job, fetch, &scope);

    return oauthcc_credential_pack_scope(fetch->pool, &token->access_token,
                                         token->fields, members, &scope,
                                         packed, &job->scope);
}


static void
oauthcc_login_token_refused(oauthcc_login_job_t *job, oauthcc_client_t *fetch,
    oauthcc_response_t *response, oauthcc_token_response_t *token)
{
    oauthcc_token_error_t    *said;
    oauthcc_login_message_t   message;

    said = &token->said;

    job->failed.claims = said->claims;
    oauthcc_login_message_redact(job, fetch, &said->claims);

    if (job->failed.claims.data != said->claims.data) {

        /* who asks for a token may not see what else was sent for it */

        ngx_str_null(&job->failed.claims);
    }

    /* the name of a known error cannot be a secret */

    if (!oauthcc_login_result_judge(job, response->status, &said->error)) {
        oauthcc_login_message_redact(job, fetch, &said->error);
    }

    message.step = NULL;
    message.where = token->where;
    message.reason = token->reason;
    ngx_str_null(&message.phase);
    message.said = said;

    oauthcc_login_message_set(job, fetch, response, &message);

    oauthcc_login_token_clock(job, fetch, response, token);
    oauthcc_login_dpop_warn(job, &said->error);

    job->failed.detail = said->description.len ? said->description
                                               : said->body;
    job->failed.result = said->error.len || response->status / 100 != 2
                         ? OAUTHCC_RESULT_REFUSED
                         : OAUTHCC_RESULT_INVALID;

    if (said->error.len) {
        oauthcc_login_result_reason(job, said->error.data, said->error.len);

    } else {
        oauthcc_login_result_text(job, token->reason);
    }
}


/*
 * A server that refuses a JWT because of its times does not name the reason,
 * as a rule, but its Date header tells the difference of the clocks.
 */

static void
oauthcc_login_token_clock(oauthcc_login_job_t *job, oauthcc_client_t *fetch,
    oauthcc_response_t *response, oauthcc_token_response_t *token)
{
    time_t                  date;
    oauthcc_login_token_t  *state;

    if ((job->local->provider->client.key == NULL
         && !job->local->provider->dpop.on)
        || (token->said.error.len == 0 && response->status / 100 != 4))
    {
        return;
    }

    date = response->date;

    if (date == 0) {
        return;
    }

    /* Date was written between the request and now */

    state = oauthcc_login_job_state(job, sizeof(oauthcc_login_token_t));

    if (state->sent - date > OAUTHCC_LOGIN_TOKEN_CLOCK) {
        ngx_log_error(NGX_LOG_WARN, fetch->log, 0,
                      "the clock of this host is %T seconds ahead of the "
                      "server's, the JWT may have been refused for that",
                      state->sent - date);

    } else if (date - ngx_time() > OAUTHCC_LOGIN_TOKEN_CLOCK) {
        ngx_log_error(NGX_LOG_WARN, fetch->log, 0,
                      "the clock of this host is %T seconds behind the "
                      "server's, the JWT may have been refused for that",
                      date - ngx_time());
    }
}
