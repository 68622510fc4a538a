
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "token/oauthcc_login.h"
#include "http/oauthcc_url.h"
#include "login_json/oauthcc_document_request.h"
#include "oauth/oauthcc_client_auth.h"
#include "token/oauthcc_local.h"
#include "token/oauthcc_cache_key.h"
#include "oauth/oauthcc_discovery.h"
#include "oauth/oauthcc_token_request.h"
#include "core/oauthcc_provider_values.h"


/* a login takes the place of one that was lost so many times */
#define OAUTHCC_LOGIN_AGAIN  8


/* what comes after a response; frees itself */

typedef struct {
    ngx_event_t             event;
    oauthcc_login_result_t  login;
} oauthcc_login_next_t;


static ngx_int_t oauthcc_login_document(oauthcc_local_t *local,
    ngx_pool_t *pool, oauthcc_http_request_t *request);
static void oauthcc_login_send(oauthcc_login_result_t *start,
    ngx_uint_t discover, oauthcc_client_t **handle);
static void oauthcc_login_discovered(oauthcc_client_t *fetch,
    oauthcc_response_t *response);
static ngx_int_t oauthcc_login_next(oauthcc_login_result_t *login);
static void oauthcc_login_continue(ngx_event_t *ev);
static void oauthcc_login_done(oauthcc_client_t *fetch,
    oauthcc_response_t *response);
static ngx_uint_t oauthcc_login_again(oauthcc_login_result_t *login,
    oauthcc_response_t *response);
static void oauthcc_login_end(oauthcc_client_t *fetch,
    oauthcc_response_t *response);


void
oauthcc_login_start(oauthcc_local_t *local, uint64_t lease)
{
    oauthcc_client_t  *fetch;

    oauthcc_login_start_own(local, lease, NULL, NULL, &fetch);
}


void
oauthcc_login_start_own(oauthcc_local_t *local, uint64_t lease,
    oauthcc_login_result_own_pt handler, void *data, oauthcc_client_t **handle)
{
    oauthcc_provider_t     *provider;
    oauthcc_login_result_t  login;

    provider = local->provider;

    ngx_memzero(&login, sizeof(oauthcc_login_result_t));

    login.local = local;
    login.lease = lease;
    login.requested = ngx_current_msec;
    login.own = handler;
    login.data = data;

    (void) oauthcc_login_reread(provider);

    login.content = provider->content;

    /* it may be over, and the copy be idle, when this returns */

    oauthcc_local_hold(local);

    oauthcc_login_send(&login, provider->issuer
                       && !oauthcc_discovery_known(provider), handle);
}


/*
 * Sends the login request, or, with "discover", one for the metadata of the
 * issuer that goes before it.
 */

static void
oauthcc_login_send(oauthcc_login_result_t *start, ngx_uint_t discover,
    oauthcc_client_t **handle)
{
    ngx_int_t                rc;
    ngx_str_t                text;
    ngx_msec_t               elapsed;
    oauthcc_local_t         *local;
    oauthcc_client_t        *fetch;
    oauthcc_cache_failed_t   failed;
    oauthcc_provider_t      *provider;
    oauthcc_login_result_t  *login;

    local = start->local;
    provider = local->provider;

    fetch = oauthcc_client_create(provider->ctx, &provider->name);
    if (fetch == NULL) {
        goto failed;
    }

    login = ngx_palloc(fetch->pool, sizeof(oauthcc_login_result_t));

    if (login == NULL) {
        rc = NGX_ERROR;

    } else if (discover) {
        rc = oauthcc_discovery_request(provider, start->step,
                                       fetch->pool, &fetch->request);

    } else if (provider->login_json) {
        rc = oauthcc_login_document(local, fetch->pool, &fetch->request);

    } else {
        rc = oauthcc_token_request_build(local, fetch->pool, &fetch->request);
    }

    if (rc != NGX_OK) {
        oauthcc_client_destroy(fetch);
        goto failed;
    }

    *login = *start;

    fetch->data = login;
    *handle = fetch;

    /* all of it within one timeout */

    elapsed = ngx_current_msec - start->requested;

    if (oauthcc_client_start(fetch,
                             elapsed < provider->timeout
                             ? provider->timeout - elapsed : 1, discover
                             ? oauthcc_login_discovered
                             : oauthcc_login_done)
        == NGX_OK)
    {
        return;
    }

failed:

    ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                  "login could not be started, oauthcc provider: \"%V\"",
                  &provider->name);

    ngx_str_set(&text, "login could not be started");

    ngx_memzero(&failed, sizeof(oauthcc_cache_failed_t));

    oauthcc_login_result_internal(start, &failed,
                                  NGX_HTTP_INTERNAL_SERVER_ERROR);
    oauthcc_login_result_fail(start, &failed, &text);

    oauthcc_local_release(local);
}


/* The issuer has answered: the login is next, or another question. */

static void
oauthcc_login_discovered(oauthcc_client_t *fetch, oauthcc_response_t *response)
{
    char                    *reason;
    ngx_int_t                rc;
    ngx_str_t                text, none;
    oauthcc_cache_failed_t   failed;
    oauthcc_provider_t      *provider;
    oauthcc_login_result_t  *login;

    login = fetch->data;
    provider = login->local->provider;

    if (response->failure) {
        oauthcc_login_end(fetch, response);
        return;
    }

    rc = oauthcc_discovery_read(provider, response->status,
                                response->body.data,
                                response->body.len, fetch->log, &reason);

    if (rc == NGX_DECLINED
        && login->step + 1 < OAUTHCC_DISCOVERY_STEPS)
    {
        login->step++;
        rc = oauthcc_login_next(login);

    } else if (rc == NGX_OK) {
        login->step = OAUTHCC_DISCOVERY_STEPS;
        rc = oauthcc_login_next(login);
    }

    if (rc == NGX_OK) {
        return;
    }

    ngx_memzero(&failed, sizeof(oauthcc_cache_failed_t));
    ngx_str_null(&none);

    (void) oauthcc_login_result_judge(login, response->status, &none, &failed);

    failed.result = response->status / 100 == 2
                    ? OAUTHCC_RESULT_INVALID
                    : OAUTHCC_RESULT_REFUSED;

    if (rc == NGX_ERROR) {
        reason = "no memory";
        oauthcc_login_result_internal(login, &failed, NGX_HTTP_BAD_GATEWAY);
    }

    ngx_log_error(NGX_LOG_ERR, fetch->log, 0,
                  "login failed: discovery at the issuer: %s, status: %ui",
                  reason, response->status);

    text.len = ngx_strlen(reason);
    text.data = (u_char *) reason;

    oauthcc_login_result_fail(login, &failed, &text);
    oauthcc_local_release(login->local);
}


/* No fetch may be started while another one is taken down. */

static ngx_int_t
oauthcc_login_next(oauthcc_login_result_t *login)
{
    oauthcc_login_next_t  *next;

    next = ngx_calloc(sizeof(oauthcc_login_next_t), ngx_cycle->log);
    if (next == NULL) {
        return NGX_ERROR;
    }

    next->login = *login;

    next->event.handler = oauthcc_login_continue;
    next->event.data = next;
    next->event.log = ngx_cycle->log;

    ngx_post_event(&next->event, &ngx_posted_events);

    return NGX_OK;
}


static void
oauthcc_login_continue(ngx_event_t *ev)
{
    ngx_uint_t              discover;
    oauthcc_client_t       *fetch;
    oauthcc_login_result_t  login;
    oauthcc_login_next_t   *next;

    next = ev->data;
    login = next->login;

    ngx_free(next);

    discover = (login.step < OAUTHCC_DISCOVERY_STEPS);

    oauthcc_login_send(&login, discover, &fetch);
}


ngx_uint_t
oauthcc_login_reread(oauthcc_provider_t *provider)
{
    ngx_uint_t  use, changed;

    use = oauthcc_provider_values_reread(provider, ngx_cycle->log);

    changed = ((use & ~OAUTHCC_PROVIDER_VALUES_KEY) != 0);

    if ((use & OAUTHCC_PROVIDER_VALUES_KEY)
        && oauthcc_client_auth_renew(provider, ngx_cycle->log))
    {
        changed = 1;
    }

    if (changed) {
        provider->content = oauthcc_cache_key_content(provider);
        provider->read_at = ngx_current_msec;
    }

    return changed;
}


void
oauthcc_login_free(oauthcc_provider_t *provider)
{
    oauthcc_provider_values_free(provider);
    oauthcc_discovery_free(provider);
}


static void
oauthcc_login_done(oauthcc_client_t *fetch, oauthcc_response_t *response)
{
    oauthcc_login_result_t  *login;
    oauthcc_provider_t      *provider;

    login = fetch->data;
    provider = login->local->provider;

    if (oauthcc_login_again(login, response)) {

        /* another login may have had its doubts of the endpoint meanwhile */

        login->step = (provider->issuer
                       && !oauthcc_discovery_known(provider))
                      ? 0 : OAUTHCC_DISCOVERY_STEPS;

        if (oauthcc_login_next(login) == NGX_OK) {
            return;
        }
    }

    oauthcc_login_end(fetch, response);
}


/*
 * Whether a login with a JWT is to be made anew, where nginx would have sent
 * it again: for a connection that was closed meanwhile, which is nobody's
 * fault, or to another server.
 */

static ngx_uint_t
oauthcc_login_again(oauthcc_login_result_t *login,
    oauthcc_response_t *response)
{
    ngx_uint_t           ft;
    oauthcc_provider_t  *provider;

    provider = login->local->provider;

    ft = NGX_HTTP_UPSTREAM_FT_NON_IDEMPOTENT
         | (response->timed_out ? NGX_HTTP_UPSTREAM_FT_TIMEOUT
                                : NGX_HTTP_UPSTREAM_FT_ERROR);

    if (!response->lost
        || login->own
        || (provider->next & ft) != ft
        || login->again == OAUTHCC_LOGIN_AGAIN
        || ngx_current_msec - login->requested >= provider->timeout)
    {
        return 0;
    }

    if (response->timed_out || !response->kept) {

        if (response->tries <= login->moved) {
            return 0;
        }

        login->moved++;
    }

    login->again++;

    return 1;
}


static void
oauthcc_login_end(oauthcc_client_t *fetch, oauthcc_response_t *response)
{
    oauthcc_login_result_t  *login;

    login = fetch->data;

    oauthcc_login_result_read(fetch, response);
    oauthcc_local_release(login->local);
}


static ngx_int_t
oauthcc_login_document(oauthcc_local_t *local, ngx_pool_t *pool,
    oauthcc_http_request_t *request)
{
    ngx_int_t                   rc;
    oauthcc_provider_t         *provider;
    oauthcc_expression_fault_t  fault;

    provider = local->provider;

    rc = oauthcc_document_request_request(provider->login_json, pool,
                                          &provider->url, local->parameters,
                                          local->nparameters, request, &fault);
    if (rc == NGX_DECLINED) {
        ngx_log_error(NGX_LOG_ERR, pool->log, 0, "%V: %s, in \"login_json\"",
                      fault.where, fault.reason);
    }

    if (rc != NGX_OK) {
        return NGX_ERROR;
    }

    oauthcc_url_server(&provider->endpoint, request);

    return NGX_OK;
}
