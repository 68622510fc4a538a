
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "token/oauthcc_login_result.h"
#include "login_json/oauthcc_document_response.h"
#include "cache/oauthcc_cache.h"
#include "core/oauthcc_lifetime.h"
#include "cache/oauthcc_credential.h"
#include "oauth/oauthcc_discovery.h"
#include "core/oauthcc_redact.h"
#include "cache/oauthcc_login_slot.h"
#include "http/oauthcc_redact_request.h"
#include "cache/oauthcc_stats.h"
#include "oauth/oauthcc_token_response.h"
#include "token/oauthcc_failure_policy.h"
#include "token/oauthcc_waiter.h"
#include "core/oauthcc_notify.h"


static void oauthcc_login_result_hush(oauthcc_client_t *fetch,
    ngx_str_t *text);
static ngx_int_t oauthcc_login_result_publish(oauthcc_client_t *fetch,
    oauthcc_token_response_t *token);
static ngx_int_t oauthcc_login_result_give(oauthcc_login_result_t *login,
    ngx_log_t *log, oauthcc_issued_t *given);
static void oauthcc_login_result_own(oauthcc_login_result_t *login,
    ngx_uint_t done, oauthcc_cache_failed_t *failed);


void
oauthcc_login_result_read(oauthcc_client_t *fetch,
    oauthcc_response_t *response)
{
    ngx_int_t                 rc;
    ngx_str_t                 text, none;
    ngx_uint_t                status;
    oauthcc_local_t          *local;
    oauthcc_cache_failed_t    failed;
    oauthcc_token_response_t  token;
    oauthcc_provider_t       *provider;
    oauthcc_login_result_t   *login;

    login = fetch->data;
    local = login->local;
    provider = local->provider;

    if (response->aborted && login->own) {
        oauthcc_login_result_own(login, 0, NULL);
        login->own(login->data, NULL, NULL);
        return;
    }

    if (response->aborted) {
        oauthcc_cache_release(provider->cache, local->digest, login->lease);
        oauthcc_waiter_wake(local);
        oauthcc_notify(fetch->log);
        return;
    }

    status = response->timed_out ? OAUTHCC_FAILURE_POLICY_TIMED_OUT
                                 : response->status;

    ngx_memzero(&failed, sizeof(oauthcc_cache_failed_t));
    ngx_str_null(&none);

    (void) oauthcc_login_result_judge(login, status, &none, &failed);

    if (response->retry_after.len) {
        failed.retry_after =
            oauthcc_lifetime_retry_after(&response->retry_after, ngx_time());
    }

    if (response->failure) {
        text.len = ngx_strlen(response->failure);
        text.data = (u_char *) response->failure;

        ngx_log_error(NGX_LOG_ERR, fetch->log, 0,
                      "login failed: %V, status: %ui", &text,
                      response->status);

        failed.result = response->timed_out
                        ? OAUTHCC_RESULT_TIMEOUT
                        : (response->status
                           ? OAUTHCC_RESULT_INVALID
                           : OAUTHCC_RESULT_UNREACHABLE);

        oauthcc_login_result_fail(login, &failed, &text);
        return;
    }

    if (provider->login_json) {
        rc = oauthcc_document_response_read(provider->login_json, fetch->pool,
                                            response->status,
                                            response->body.data,
                                            response->body.len,
                                            provider->default_expires, &token);

    } else {
        rc = oauthcc_token_response_parse(fetch->pool, response->status,
                                          response->body.data,
                                          response->body.len,
                                          &provider->token_type,
                                          provider->default_expires, &token);
    }

    if (rc == NGX_OK) {

        if (token.bad_expires) {
            ngx_log_error(NGX_LOG_WARN, fetch->log, 0,
                          "login response has no usable \"expires_in\", "
                          "the token is taken for good for %M ms",
                          token.life);
        }

        rc = oauthcc_login_result_publish(fetch, &token);

        if (rc == NGX_OK) {
            return;
        }

        if (rc == NGX_DECLINED) {
            ngx_str_set(&text, "token has ended already");
            failed.result = OAUTHCC_RESULT_INVALID;

        } else {
            ngx_str_set(&text, "zone is full");
            oauthcc_login_result_internal(login, &failed,
                                          NGX_HTTP_SERVICE_UNAVAILABLE);
        }

    } else if (rc == NGX_DECLINED) {

        if (!oauthcc_login_result_judge(login, status, &token.error, &failed))
        {
            oauthcc_login_result_hush(fetch, &token.error);
        }

        oauthcc_login_result_hush(fetch, &token.error_description);

        ngx_log_error(NGX_LOG_ERR, fetch->log, 0,
                      "login failed: %V%s%s, status: %ui, error: \"%V\", "
                      "description: \"%V\"",
                      &token.where, token.where.len ? ": " : "", token.reason,
                      response->status, &token.error,
                      &token.error_description);

        text = token.error;

        failed.detail = token.error_description;
        failed.result = token.error.len || response->status / 100 != 2
                        ? OAUTHCC_RESULT_REFUSED
                        : OAUTHCC_RESULT_INVALID;

        if (text.len == 0) {
            text.len = ngx_strlen(token.reason);
            text.data = (u_char *) token.reason;
        }

    } else {
        ngx_str_set(&text, "no memory");
        oauthcc_login_result_internal(login, &failed,
                                      NGX_HTTP_INTERNAL_SERVER_ERROR);
    }

    oauthcc_login_result_fail(login, &failed, &text);
}


/* What a server says may repeat what it was sent, and is shown to others. */

static void
oauthcc_login_result_hush(oauthcc_client_t *fetch, ngx_str_t *text)
{
    oauthcc_login_result_t  *login;

    login = fetch->data;

    if (text->len
        && oauthcc_redact_request_repeats(login->local->provider,
                                          &fetch->request, text))
    {
        oauthcc_redact_replace(text);
    }
}


/*
 * NGX_DECLINED: the token is of no use any more.  NGX_ERROR: the zone has no
 * room for it.
 */

static ngx_int_t
oauthcc_login_result_publish(oauthcc_client_t *fetch,
    oauthcc_token_response_t *token)
{
    ngx_int_t                rc;
    ngx_log_t               *log;
    oauthcc_local_t         *local;
    oauthcc_issued_t         stored;
    oauthcc_provider_t      *provider;
    oauthcc_login_result_t  *login;

    log = fetch->log;
    login = fetch->data;
    local = login->local;
    provider = local->provider;

    if (oauthcc_credential_pack(fetch->pool, &token->access_token,
                                token->items, &stored.packed) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (login->own) {
        return oauthcc_login_result_give(login, log, &stored);
    }

    stored.expires = login->requested + token->life;
    stored.usable = oauthcc_lifetime_usable(login->requested, token->life,
                                            provider->expiry_margin);
    stored.refresh = oauthcc_lifetime_refresh(stored.usable,
                                              token->life,
                                              provider->refresh_before,
                                              ngx_random());
    stored.login_time = ngx_current_msec - login->requested;
    stored.content = login->content;

    if (oauthcc_lifetime_reached(ngx_current_msec, stored.usable)) {

        /* who waits for it would log in again, and again */

        ngx_log_error(NGX_LOG_ERR, log, 0,
                      "login failed: the token is good for %M ms, and the "
                      "login took %M ms", token->life, stored.login_time);
        return NGX_DECLINED;
    }

    rc = oauthcc_cache_publish(provider->cache, local->digest,
                               login->lease, &stored);

    ngx_explicit_memzero(stored.packed.data, stored.packed.len);

    if (rc != NGX_OK) {
        ngx_log_error(NGX_LOG_ERR, log, 0,
                      "login failed: no room for a token of %uz bytes in "
                      "oauthcc zone \"%V\", increase \"oauthcc_zone\"",
                      (size_t) stored.packed.len, &provider->cache->name);
        return NGX_ERROR;
    }

    ngx_log_error(NGX_LOG_INFO, log, 0,
                  "logged in within %M ms, the token is good for %M ms",
                  stored.login_time, token->life);

    oauthcc_stats_login(provider->tally, OAUTHCC_RESULT_SUCCESS,
                        stored.login_time);

    oauthcc_waiter_wake(local);
    oauthcc_notify(log);

    return NGX_OK;
}


/*
 * The credential of a request's own login.  It does not end while the request
 * is there.
 */

static ngx_int_t
oauthcc_login_result_give(oauthcc_login_result_t *login, ngx_log_t *log,
    oauthcc_issued_t *given)
{
    oauthcc_credential_t  *credential;

    credential = ngx_alloc(oauthcc_credential_size(&given->packed), log);
    if (credential == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(oauthcc_credential_bytes(credential, &given->packed),
               given->packed.data, given->packed.len);

    oauthcc_credential_unpack(credential, &given->packed);

    ngx_explicit_memzero(given->packed.data, given->packed.len);

    credential->serial = login->lease;
    credential->expires = login->requested;
    credential->usable = login->requested + OAUTHCC_TOKEN_RESPONSE_MAX_LIFE;
    credential->refresh = credential->usable;
    credential->login_time = ngx_current_msec - login->requested;

    ngx_log_error(NGX_LOG_INFO, log, 0,
                  "logged in within %M ms, for one request",
                  credential->login_time);

    oauthcc_stats_login(login->local->provider->tally, OAUTHCC_RESULT_SUCCESS,
                        credential->login_time);

    oauthcc_login_result_own(login, 1, NULL);

    login->own(login->data, credential, NULL);

    return NGX_OK;
}


static void
oauthcc_login_result_own(oauthcc_login_result_t *login, ngx_uint_t done,
    oauthcc_cache_failed_t *failed)
{
    oauthcc_local_t     *local;
    oauthcc_provider_t  *provider;

    local = login->local;
    provider = local->provider;

    oauthcc_login_slot_end(provider->cache, local->digest,
                           provider->local.digest, login->lease, done, failed);

    /* there is room for another one */

    oauthcc_waiter_wake(local);
    oauthcc_notify(ngx_cycle->log);
}


ngx_uint_t
oauthcc_login_result_judge(oauthcc_login_result_t *login, ngx_uint_t status,
    ngx_str_t *error, oauthcc_cache_failed_t *failed)
{
    oauthcc_local_t          *local;
    oauthcc_failure_policy_t  verdict;
    oauthcc_provider_t       *provider;

    local = login->local;
    provider = local->provider;

    oauthcc_failure_policy(status, error, local != &provider->local,
                           &verdict);

    failed->min = provider->backoff_min * verdict.factor;
    failed->failure.status = verdict.status;
    failed->own = verdict.own;
    failed->shares = verdict.own;

    if (local->endpoint) {

        /* it says nothing of the servers of others */

        failed->own = 1;
    }

    return verdict.known;
}


void
oauthcc_login_result_internal(oauthcc_login_result_t *login,
    oauthcc_cache_failed_t *failed, ngx_uint_t status)
{
    failed->min = login->local->provider->backoff_min;
    failed->failure.status = status;
    failed->result = OAUTHCC_RESULT_INTERNAL;
    failed->own = 1;
    failed->shares = 1;
}


void
oauthcc_login_result_fail(oauthcc_login_result_t *login,
    oauthcc_cache_failed_t *failed, ngx_str_t *text)
{
    ngx_int_t            rc;
    oauthcc_local_t     *local;
    oauthcc_provider_t  *provider;

    local = login->local;
    provider = local->provider;

    oauthcc_stats_login(provider->tally, failed->result,
                        ngx_current_msec - login->requested);

    if (provider->issuer) {

        /* the endpoint may have moved */

        oauthcc_discovery_doubt(provider);
    }

    failed->max = provider->backoff_max;
    failed->min = ngx_min(failed->min, failed->max);

    failed->failure.len = ngx_min(text->len, OAUTHCC_ERROR_LEN);
    ngx_memcpy(failed->failure.text, text->data, failed->failure.len);

    if (login->own) {
        oauthcc_login_result_own(login, 0, failed);
        login->own(login->data, NULL, &failed->failure);
        return;
    }

    rc = oauthcc_cache_fail(provider->cache, local->digest,
                            login->lease, failed);

    oauthcc_waiter_wake(local);

    if (rc == NGX_OK) {
        oauthcc_notify(ngx_cycle->log);
    }
}
