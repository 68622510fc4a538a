
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "ngx_http_oauthcc_broker.h"
#include "ngx_http_oauthcc_cache.h"
#include "ngx_http_oauthcc_clock.h"
#include "ngx_http_oauthcc_fetch.h"
#include "ngx_http_oauthcc_request.h"
#include "ngx_http_oauthcc_token.h"
#include "ngx_http_oauthcc_waiter.h"
#include "ngx_http_oauthcc_wake.h"


/* a lease outlives its login's timeout by this, in milliseconds */
#define NGX_HTTP_OAUTHCC_BROKER_LEASE  1000

/* a login on its way; lives in the pool of its fetch */

typedef struct {
    ngx_http_oauthcc_copy_t            *copy;
    uint64_t                            lease;
    ngx_msec_t                          requested;
} ngx_http_oauthcc_broker_login_t;


static ngx_int_t ngx_http_oauthcc_broker_hit(ngx_http_oauthcc_copy_t *copy,
    ngx_http_oauthcc_ask_t *ask, ngx_http_oauthcc_cache_result_t *result);
static ngx_int_t ngx_http_oauthcc_broker_wait(ngx_http_oauthcc_copy_t *copy,
    ngx_http_oauthcc_ask_t *ask, ngx_pool_t *pool,
    ngx_http_oauthcc_cache_result_t *result,
    ngx_http_oauthcc_resume_pt resume, void *data);
static void ngx_http_oauthcc_broker_renew(ngx_http_oauthcc_copy_t *copy,
    ngx_http_oauthcc_cache_result_t *result);
static ngx_int_t ngx_http_oauthcc_broker_decline(
    ngx_http_oauthcc_ask_t *ask, ngx_pool_t *pool,
    ngx_http_oauthcc_failure_t *failure, ngx_msec_t retry_after);
static void ngx_http_oauthcc_broker_failure(
    ngx_http_oauthcc_failure_t *failure, ngx_uint_t status, char *text);
static void ngx_http_oauthcc_broker_login(ngx_http_oauthcc_copy_t *copy,
    uint64_t lease);
static void ngx_http_oauthcc_broker_done(ngx_http_oauthcc_fetch_t *fetch,
    ngx_http_oauthcc_response_t *response);
static ngx_int_t ngx_http_oauthcc_broker_publish(
    ngx_http_oauthcc_broker_login_t *login, ngx_log_t *log,
    ngx_http_oauthcc_token_t *token);
static void ngx_http_oauthcc_broker_fail(ngx_http_oauthcc_copy_t *copy,
    uint64_t lease, ngx_uint_t status, ngx_str_t *text,
    ngx_msec_t retry_after);
static void ngx_http_oauthcc_broker_changed(void);
static void ngx_http_oauthcc_broker_drop(ngx_http_oauthcc_copy_t *copy);


/* the worker's: the providers whose copies the wake-up has to look at */

static ngx_array_t  *ngx_http_oauthcc_broker_providers;


ngx_int_t
ngx_http_oauthcc_broker_start(ngx_cycle_t *cycle, ngx_array_t *providers)
{
    ngx_uint_t                     i;
    ngx_http_oauthcc_provider_t  **provider;

    ngx_http_oauthcc_broker_providers = providers;

    provider = providers->elts;

    for (i = 0; i < providers->nelts; i++) {
        provider[i]->copy.poll.log = cycle->log;
    }

    return ngx_http_oauthcc_wake_listen(cycle,
                                        ngx_http_oauthcc_broker_changed);
}


void
ngx_http_oauthcc_broker_init(ngx_http_oauthcc_provider_t *provider)
{
    ngx_http_oauthcc_copy_t  *copy;

    copy = &provider->copy;

    copy->provider = provider;

    ngx_http_oauthcc_waiter_init(copy);
}


ngx_int_t
ngx_http_oauthcc_broker_get(ngx_http_oauthcc_provider_t *provider,
    ngx_http_oauthcc_ask_t *ask, ngx_pool_t *pool,
    ngx_http_oauthcc_resume_pt resume, void *data)
{
    ngx_http_oauthcc_copy_t         *copy;
    ngx_http_oauthcc_failure_t       failure;
    ngx_http_oauthcc_cache_query_t   query;
    ngx_http_oauthcc_cache_result_t  result;

    copy = &provider->copy;

    if (ngx_http_oauthcc_broker_present(copy)
        && copy->credential->serial != ask->refused)
    {

        if (ask->status == NGX_HTTP_OAUTHCC_STATUS_NONE) {
            ask->status = NGX_HTTP_OAUTHCC_STATUS_HIT;
        }

        ngx_http_oauthcc_waiter_leave(ask);

        ask->credential = copy->credential;
        ask->credential->refs++;

        return NGX_OK;
    }

    query.refused = ask->refused;
    query.waited = ask->awaited;
    query.lease = provider->timeout + NGX_HTTP_OAUTHCC_BROKER_LEASE;

    if (ask->waiter) {

        if (ask->waiter->timed_out) {
            ngx_http_oauthcc_broker_failure(&failure,
                                            NGX_HTTP_GATEWAY_TIME_OUT,
                                            "wait timed out");
            return ngx_http_oauthcc_broker_decline(ask, pool, &failure, 0);
        }

        query.waited = ask->waiter->lease;
    }

    for ( ;; ) {

        query.known = copy->credential ? copy->credential->serial : 0;

        ngx_http_oauthcc_cache_acquire(provider->cache, copy->digest, &query,
                                       &result);

        switch (result.state) {

        case NGX_HTTP_OAUTHCC_CACHE_HIT:
            return ngx_http_oauthcc_broker_hit(copy, ask, &result);

        case NGX_HTTP_OAUTHCC_CACHE_LEAD:
            ask->status = NGX_HTTP_OAUTHCC_STATUS_MISS;
            query.waited = result.lease;

            /* it may have ended by the time it is started: look again */

            ngx_http_oauthcc_broker_login(copy, result.lease);
            continue;

        case NGX_HTTP_OAUTHCC_CACHE_WAIT:
            return ngx_http_oauthcc_broker_wait(copy, ask, pool, &result,
                                                resume, data);

        case NGX_HTTP_OAUTHCC_CACHE_FAILED:
            return ngx_http_oauthcc_broker_decline(ask, pool, &result.failure,
                                                   0);

        case NGX_HTTP_OAUTHCC_CACHE_BACKOFF:
            result.failure.status = NGX_HTTP_SERVICE_UNAVAILABLE;
            return ngx_http_oauthcc_broker_decline(ask, pool, &result.failure,
                                                   result.retry_after);

        case NGX_HTTP_OAUTHCC_CACHE_FULL:
            ngx_log_error(NGX_LOG_ERR, pool->log, 0,
                          "oauthcc zone \"%V\" is full of entries in use, "
                          "increase \"oauthcc_zone\", provider \"%V\"",
                          &provider->cache->name, &provider->name);

            ngx_http_oauthcc_broker_failure(&failure,
                                            NGX_HTTP_SERVICE_UNAVAILABLE,
                                            "zone is full");
            return ngx_http_oauthcc_broker_decline(ask, pool, &failure, 1000);

        default: /* NGX_HTTP_OAUTHCC_CACHE_ERROR */
            return NGX_ERROR;
        }
    }
}


void
ngx_http_oauthcc_broker_leave(ngx_http_oauthcc_ask_t *ask)
{
    ngx_http_oauthcc_waiter_leave(ask);
}


void
ngx_http_oauthcc_broker_end(ngx_http_oauthcc_ask_t *ask)
{
    if (ask->credential) {
        ngx_http_oauthcc_credential_release(ask->credential);
        ask->credential = NULL;
    }
}


ngx_int_t
ngx_http_oauthcc_broker_refuse(ngx_http_oauthcc_provider_t *provider,
    ngx_http_oauthcc_ask_t *ask)
{
    ngx_http_oauthcc_cache_result_t  result;

    ngx_http_oauthcc_cache_refuse(provider->cache, provider->copy.digest,
                                  ask->credential->serial,
                                  provider->replay_interval,
                                  provider->timeout
                                  + NGX_HTTP_OAUTHCC_BROKER_LEASE,
                                  &result);

    if (result.state == NGX_HTTP_OAUTHCC_CACHE_BACKOFF) {
        return NGX_DECLINED;
    }

    ask->refused = ask->credential->serial;
    ask->awaited = result.waited;

    if (result.state == NGX_HTTP_OAUTHCC_CACHE_LEAD) {
        ngx_http_oauthcc_broker_login(&provider->copy, result.lease);
    }

    return NGX_OK;
}


void
ngx_http_oauthcc_broker_prove(ngx_http_oauthcc_provider_t *provider,
    ngx_http_oauthcc_credential_t *credential)
{
    credential->unproven = 0;

    ngx_http_oauthcc_cache_prove(provider->cache, provider->copy.digest,
                                 credential->serial);
}


static ngx_int_t
ngx_http_oauthcc_broker_hit(ngx_http_oauthcc_copy_t *copy,
    ngx_http_oauthcc_ask_t *ask, ngx_http_oauthcc_cache_result_t *result)
{
    if (result->credential) {
        ngx_http_oauthcc_broker_drop(copy);
        copy->credential = result->credential;
    }

    ngx_http_oauthcc_broker_renew(copy, result);

    copy->attention = result->attention;

    ask->credential = copy->credential;
    ask->credential->refs++;

    ngx_http_oauthcc_waiter_leave(ask);

    if (result->lease) {

        if (ask->status == NGX_HTTP_OAUTHCC_STATUS_NONE) {
            ask->status = NGX_HTTP_OAUTHCC_STATUS_REFRESH;
        }

        ngx_http_oauthcc_broker_login(copy, result->lease);

    } else if (ask->status == NGX_HTTP_OAUTHCC_STATUS_NONE) {
        ask->status = NGX_HTTP_OAUTHCC_STATUS_HIT;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_oauthcc_broker_wait(ngx_http_oauthcc_copy_t *copy,
    ngx_http_oauthcc_ask_t *ask, ngx_pool_t *pool,
    ngx_http_oauthcc_cache_result_t *result,
    ngx_http_oauthcc_resume_pt resume, void *data)
{
    ngx_http_oauthcc_failure_t  failure;

    if (ask->waiter == NULL) {

        if (ngx_http_oauthcc_waiter_full(copy->provider)) {
            ngx_log_error(NGX_LOG_WARN, pool->log, 0,
                          "%ui requests wait for a login already, see "
                          "\"max_waiters\", oauthcc provider: \"%V\"",
                          copy->provider->waiting, &copy->provider->name);

            ngx_http_oauthcc_broker_failure(&failure,
                                            NGX_HTTP_SERVICE_UNAVAILABLE,
                                            "too many waiters");
            return ngx_http_oauthcc_broker_decline(ask, pool, &failure, 1000);
        }

        if (ngx_http_oauthcc_waiter_create(copy, ask, pool, resume, data)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        if (ask->status == NGX_HTTP_OAUTHCC_STATUS_NONE) {
            ask->status = NGX_HTTP_OAUTHCC_STATUS_WAIT;
        }
    }

    if (copy->generation != result->generation) {
        ngx_http_oauthcc_broker_drop(copy);
    }

    ngx_http_oauthcc_broker_renew(copy, result);

    ngx_http_oauthcc_waiter_join(ask->waiter, result->waited);

    return NGX_AGAIN;
}


/*
 * The copy is of another generation now: those who wait for a change of the
 * old one are told here, the wake-up will find nothing new.
 */

static void
ngx_http_oauthcc_broker_renew(ngx_http_oauthcc_copy_t *copy,
    ngx_http_oauthcc_cache_result_t *result)
{
    if (copy->word == result->word
        && copy->generation == result->generation)
    {
        return;
    }

    copy->word = result->word;
    copy->generation = result->generation;

    ngx_http_oauthcc_waiter_wake(copy);
}


static ngx_int_t
ngx_http_oauthcc_broker_decline(ngx_http_oauthcc_ask_t *ask, ngx_pool_t *pool,
    ngx_http_oauthcc_failure_t *failure, ngx_msec_t retry_after)
{
    ngx_http_oauthcc_waiter_leave(ask);

    ask->status = NGX_HTTP_OAUTHCC_STATUS_ERROR;
    ask->retry_after = retry_after;

    ask->failure = ngx_palloc(pool, sizeof(ngx_http_oauthcc_failure_t));
    if (ask->failure == NULL) {
        return NGX_ERROR;
    }

    *ask->failure = *failure;

    return NGX_DECLINED;
}


static void
ngx_http_oauthcc_broker_failure(ngx_http_oauthcc_failure_t *failure,
    ngx_uint_t status, char *text)
{
    failure->status = status;
    failure->len = ngx_min(ngx_strlen(text), NGX_HTTP_OAUTHCC_ERROR_LEN);
    ngx_memcpy(failure->text, text, failure->len);
}


static void
ngx_http_oauthcc_broker_login(ngx_http_oauthcc_copy_t *copy, uint64_t lease)
{
    ngx_str_t                         text;
    ngx_http_oauthcc_fetch_t         *fetch;
    ngx_http_oauthcc_provider_t      *provider;
    ngx_http_oauthcc_broker_login_t  *login;

    provider = copy->provider;

    fetch = ngx_http_oauthcc_fetch_create(provider->ctx, &provider->name);
    if (fetch == NULL) {
        goto failed;
    }

    login = ngx_palloc(fetch->pool, sizeof(ngx_http_oauthcc_broker_login_t));

    if (login == NULL
        || ngx_http_oauthcc_request_build(provider, fetch->pool,
                                          &fetch->request)
           != NGX_OK)
    {
        ngx_http_oauthcc_fetch_destroy(fetch);
        goto failed;
    }

    login->copy = copy;
    login->lease = lease;
    login->requested = ngx_current_msec;

    fetch->data = login;

    if (ngx_http_oauthcc_fetch_start(fetch, provider->timeout,
                                     ngx_http_oauthcc_broker_done)
        == NGX_OK)
    {
        return;
    }

failed:

    ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                  "login could not be started, oauthcc provider: \"%V\"",
                  &provider->name);

    ngx_str_set(&text, "login could not be started");

    ngx_http_oauthcc_broker_fail(copy, lease,
                                 NGX_HTTP_INTERNAL_SERVER_ERROR, &text, 0);
}


static void
ngx_http_oauthcc_broker_done(ngx_http_oauthcc_fetch_t *fetch,
    ngx_http_oauthcc_response_t *response)
{
    ngx_int_t                         rc;
    ngx_str_t                         text;
    ngx_uint_t                        status;
    ngx_msec_t                        retry_after;
    ngx_http_oauthcc_copy_t          *copy;
    ngx_http_oauthcc_token_t          token;
    ngx_http_oauthcc_provider_t      *provider;
    ngx_http_oauthcc_broker_login_t  *login;

    login = fetch->data;
    copy = login->copy;
    provider = copy->provider;

    if (response->aborted) {
        ngx_http_oauthcc_cache_release(provider->cache, copy->digest,
                                       login->lease);
        ngx_http_oauthcc_waiter_wake(copy);
        ngx_http_oauthcc_wake(fetch->log);
        return;
    }

    status = response->timed_out ? NGX_HTTP_GATEWAY_TIME_OUT
                               : NGX_HTTP_BAD_GATEWAY;

    retry_after = response->retry_after.len
                  ? ngx_http_oauthcc_clock_retry_after(&response->retry_after,
                                                       ngx_time())
                  : 0;

    if (response->failure) {
        text.len = ngx_strlen(response->failure);
        text.data = (u_char *) response->failure;

        ngx_log_error(NGX_LOG_ERR, fetch->log, 0,
                      "login failed: %V, status: %ui", &text,
                      response->status);

        ngx_http_oauthcc_broker_fail(copy, login->lease, status, &text,
                                     retry_after);
        return;
    }

    rc = ngx_http_oauthcc_token_parse(fetch->pool, response->status,
                                      response->body.data, response->body.len,
                                      &provider->token_type,
                                      provider->default_expires, &token);

    if (rc == NGX_OK) {

        if (token.bad_expires) {
            ngx_log_error(NGX_LOG_WARN, fetch->log, 0,
                          "login response has no usable \"expires_in\", "
                          "the token is taken for good for %M ms",
                          token.life);
        }

        if (ngx_http_oauthcc_broker_publish(login, fetch->log, &token)
            == NGX_OK)
        {
            return;
        }

        ngx_str_set(&text, "zone is full");
        status = NGX_HTTP_SERVICE_UNAVAILABLE;

    } else if (rc == NGX_DECLINED) {
        ngx_log_error(NGX_LOG_ERR, fetch->log, 0,
                      "login failed: %s, status: %ui, error: \"%V\", "
                      "description: \"%V\"",
                      token.reason, response->status, &token.error,
                      &token.error_description);

        text = token.error;

        if (text.len == 0) {
            text.len = ngx_strlen(token.reason);
            text.data = (u_char *) token.reason;
        }

    } else {
        ngx_str_set(&text, "no memory");
        status = NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_http_oauthcc_broker_fail(copy, login->lease, status, &text,
                                 retry_after);
}


static ngx_int_t
ngx_http_oauthcc_broker_publish(ngx_http_oauthcc_broker_login_t *login,
    ngx_log_t *log, ngx_http_oauthcc_token_t *token)
{
    ngx_int_t                     rc;
    ngx_http_oauthcc_copy_t      *copy;
    ngx_http_oauthcc_provider_t  *provider;
    ngx_http_oauthcc_login_t      stored;

    copy = login->copy;
    provider = copy->provider;

    stored.access_token = token->access_token;
    stored.expires = login->requested + token->life;
    stored.usable = ngx_http_oauthcc_clock_usable(login->requested,
                                                  token->life,
                                                  provider->expiry_margin);
    stored.refresh = ngx_http_oauthcc_clock_refresh(login->requested,
                                                    token->life,
                                                    provider->refresh_before,
                                                    ngx_random());
    stored.login_time = ngx_current_msec - login->requested;

    rc = ngx_http_oauthcc_cache_publish(provider->cache, copy->digest,
                                        login->lease, &stored);

    ngx_explicit_memzero(token->access_token.data, token->access_token.len);

    if (rc != NGX_OK) {
        ngx_log_error(NGX_LOG_ERR, log, 0,
                      "login failed: no room for a token of %uz bytes in "
                      "oauthcc zone \"%V\", increase \"oauthcc_zone\"",
                      token->access_token.len, &provider->cache->name);
        return NGX_ERROR;
    }

    ngx_log_error(NGX_LOG_INFO, log, 0,
                  "logged in within %M ms, the token is good for %M ms",
                  stored.login_time, token->life);

    ngx_http_oauthcc_waiter_wake(copy);
    ngx_http_oauthcc_wake(log);

    return NGX_OK;
}


static void
ngx_http_oauthcc_broker_fail(ngx_http_oauthcc_copy_t *copy, uint64_t lease,
    ngx_uint_t status, ngx_str_t *text, ngx_msec_t retry_after)
{
    ngx_int_t                     rc;
    ngx_http_oauthcc_failure_t    failure;
    ngx_http_oauthcc_provider_t  *provider;

    provider = copy->provider;

    failure.status = status;
    failure.len = ngx_min(text->len, NGX_HTTP_OAUTHCC_ERROR_LEN);
    ngx_memcpy(failure.text, text->data, failure.len);

    rc = ngx_http_oauthcc_cache_fail(provider->cache, copy->digest, lease,
                                     &failure, provider->backoff_min,
                                     provider->backoff_max, retry_after);

    ngx_http_oauthcc_waiter_wake(copy);

    if (rc == NGX_OK) {
        ngx_http_oauthcc_wake(ngx_cycle->log);
    }
}


/* Something in the zone is not as it was: the wake-up of all workers. */

static void
ngx_http_oauthcc_broker_changed(void)
{
    ngx_uint_t                     i;
    ngx_http_oauthcc_copy_t       *copy;
    ngx_http_oauthcc_provider_t  **provider;

    provider = ngx_http_oauthcc_broker_providers->elts;

    for (i = 0; i < ngx_http_oauthcc_broker_providers->nelts; i++) {
        copy = &provider[i]->copy;

        if (copy->word == NULL
            || ngx_http_oauthcc_word_load(copy->word) == copy->generation)
        {
            continue;
        }

        ngx_http_oauthcc_broker_drop(copy);
        ngx_http_oauthcc_waiter_wake(copy);
    }
}


static void
ngx_http_oauthcc_broker_drop(ngx_http_oauthcc_copy_t *copy)
{
    if (copy->credential) {
        ngx_http_oauthcc_credential_release(copy->credential);
        copy->credential = NULL;
    }
}
