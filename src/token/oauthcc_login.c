
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
#include "core/oauthcc_value.h"


/* what comes after a response of the issuer; frees itself */

typedef struct {
    ngx_event_t                         event;
    ngx_http_oauthcc_outcome_t        login;
} ngx_http_oauthcc_login_next_t;


static ngx_int_t ngx_http_oauthcc_login_document(ngx_http_oauthcc_copy_t *copy,
    ngx_pool_t *pool, ngx_http_oauthcc_request_t *request);
static void ngx_http_oauthcc_login_send(ngx_http_oauthcc_outcome_t *start,
    ngx_uint_t discover, ngx_http_oauthcc_fetch_t **handle);
static void ngx_http_oauthcc_login_discovered(ngx_http_oauthcc_fetch_t *fetch,
    ngx_http_oauthcc_response_t *response);
static ngx_int_t ngx_http_oauthcc_login_next(
    ngx_http_oauthcc_outcome_t *login);
static void ngx_http_oauthcc_login_continue(ngx_event_t *ev);
static void ngx_http_oauthcc_login_done(ngx_http_oauthcc_fetch_t *fetch,
    ngx_http_oauthcc_response_t *response);


void
ngx_http_oauthcc_login_start(ngx_http_oauthcc_copy_t *copy, uint64_t lease)
{
    ngx_http_oauthcc_fetch_t  *fetch;

    ngx_http_oauthcc_login_start_own(copy, lease, NULL, NULL, &fetch);
}


void
ngx_http_oauthcc_login_start_own(ngx_http_oauthcc_copy_t *copy,
    uint64_t lease, ngx_http_oauthcc_outcome_own_pt handler, void *data,
    ngx_http_oauthcc_fetch_t **handle)
{
    ngx_http_oauthcc_provider_t  *provider;
    ngx_http_oauthcc_outcome_t    login;

    provider = copy->provider;

    ngx_memzero(&login, sizeof(ngx_http_oauthcc_outcome_t));

    login.copy = copy;
    login.lease = lease;
    login.requested = ngx_current_msec;
    login.own = handler;
    login.data = data;

    (void) ngx_http_oauthcc_login_reread(provider);

    login.content = provider->content;

    /* it may be over, and the copy be idle, when this returns */

    ngx_http_oauthcc_copy_hold(copy);

    ngx_http_oauthcc_login_send(&login, provider->issuer
                                && !ngx_http_oauthcc_discovery_known(provider),
                                handle);
}


/*
 * Sends the login request, or, with "discover", one for the metadata of the
 * issuer that goes before it.
 */

static void
ngx_http_oauthcc_login_send(ngx_http_oauthcc_outcome_t *start,
    ngx_uint_t discover, ngx_http_oauthcc_fetch_t **handle)
{
    ngx_int_t                        rc;
    ngx_str_t                        text;
    ngx_msec_t                       elapsed;
    ngx_http_oauthcc_copy_t         *copy;
    ngx_http_oauthcc_fetch_t        *fetch;
    ngx_http_oauthcc_cache_failed_t  failed;
    ngx_http_oauthcc_provider_t     *provider;
    ngx_http_oauthcc_outcome_t      *login;

    copy = start->copy;
    provider = copy->provider;

    fetch = ngx_http_oauthcc_fetch_create(provider->ctx, &provider->name);
    if (fetch == NULL) {
        goto failed;
    }

    login = ngx_palloc(fetch->pool, sizeof(ngx_http_oauthcc_outcome_t));

    if (login == NULL) {
        rc = NGX_ERROR;

    } else if (discover) {
        rc = ngx_http_oauthcc_discovery_request(provider, start->step,
                                                fetch->pool, &fetch->request);

    } else if (provider->login_json) {
        rc = ngx_http_oauthcc_login_document(copy, fetch->pool,
                                             &fetch->request);

    } else {
        rc = ngx_http_oauthcc_request_build(copy, fetch->pool,
                                            &fetch->request);
    }

    if (rc != NGX_OK) {
        ngx_http_oauthcc_fetch_destroy(fetch);
        goto failed;
    }

    *login = *start;

    fetch->data = login;
    *handle = fetch;

    /* all of it within one timeout */

    elapsed = ngx_current_msec - start->requested;

    if (ngx_http_oauthcc_fetch_start(fetch,
                                     elapsed < provider->timeout
                                     ? provider->timeout - elapsed : 1,
                                     discover
                                     ? ngx_http_oauthcc_login_discovered
                                     : ngx_http_oauthcc_login_done)
        == NGX_OK)
    {
        return;
    }

failed:

    ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                  "login could not be started, oauthcc provider: \"%V\"",
                  &provider->name);

    ngx_str_set(&text, "login could not be started");

    /* it says nothing of the server */

    ngx_memzero(&failed, sizeof(ngx_http_oauthcc_cache_failed_t));

    failed.min = provider->backoff_min;
    failed.own = 1;
    failed.result = NGX_HTTP_OAUTHCC_REPORT_INTERNAL;

    ngx_http_oauthcc_outcome_fail(start, &failed,
                                NGX_HTTP_INTERNAL_SERVER_ERROR, &text);

    ngx_http_oauthcc_copy_release(copy);
}


/* The issuer has answered: the login is next, or another question. */

static void
ngx_http_oauthcc_login_discovered(ngx_http_oauthcc_fetch_t *fetch,
    ngx_http_oauthcc_response_t *response)
{
    char                            *reason;
    ngx_int_t                        rc;
    ngx_str_t                        text;
    ngx_http_oauthcc_cache_failed_t  failed;
    ngx_http_oauthcc_provider_t     *provider;
    ngx_http_oauthcc_outcome_t      *login;

    login = fetch->data;
    provider = login->copy->provider;

    if (response->failure) {
        ngx_http_oauthcc_login_done(fetch, response);
        return;
    }

    rc = ngx_http_oauthcc_discovery_read(provider, response->status,
                                         response->body.data,
                                         response->body.len, fetch->log,
                                         &reason);

    if (rc == NGX_DECLINED
        && login->step + 1 < NGX_HTTP_OAUTHCC_DISCOVERY_STEPS)
    {
        login->step++;
        rc = ngx_http_oauthcc_login_next(login);

    } else if (rc == NGX_OK) {
        login->step = NGX_HTTP_OAUTHCC_DISCOVERY_STEPS;
        rc = ngx_http_oauthcc_login_next(login);
    }

    if (rc == NGX_OK) {
        return;
    }

    ngx_memzero(&failed, sizeof(ngx_http_oauthcc_cache_failed_t));

    failed.min = provider->backoff_min;
    failed.result = response->status / 100 == 2
                    ? NGX_HTTP_OAUTHCC_REPORT_INVALID
                    : NGX_HTTP_OAUTHCC_REPORT_REFUSED;

    if (rc == NGX_ERROR) {
        reason = "no memory";
        failed.own = 1;
        failed.result = NGX_HTTP_OAUTHCC_REPORT_INTERNAL;
    }

    ngx_log_error(NGX_LOG_ERR, fetch->log, 0,
                  "login failed: discovery at the issuer: %s, status: %ui",
                  reason, response->status);

    text.len = ngx_strlen(reason);
    text.data = (u_char *) reason;

    ngx_http_oauthcc_outcome_fail(login, &failed, NGX_HTTP_BAD_GATEWAY, &text);
    ngx_http_oauthcc_copy_release(login->copy);
}


/* No fetch may be started while another one is taken down. */

static ngx_int_t
ngx_http_oauthcc_login_next(ngx_http_oauthcc_outcome_t *login)
{
    ngx_http_oauthcc_login_next_t  *next;

    next = ngx_calloc(sizeof(ngx_http_oauthcc_login_next_t), ngx_cycle->log);
    if (next == NULL) {
        return NGX_ERROR;
    }

    next->login = *login;

    next->event.handler = ngx_http_oauthcc_login_continue;
    next->event.data = next;
    next->event.log = ngx_cycle->log;

    ngx_post_event(&next->event, &ngx_posted_events);

    return NGX_OK;
}


static void
ngx_http_oauthcc_login_continue(ngx_event_t *ev)
{
    ngx_uint_t                      discover;
    ngx_http_oauthcc_fetch_t       *fetch;
    ngx_http_oauthcc_outcome_t      login;
    ngx_http_oauthcc_login_next_t  *next;

    next = ev->data;
    login = next->login;

    ngx_free(next);

    discover = (login.step < NGX_HTTP_OAUTHCC_DISCOVERY_STEPS);

    ngx_http_oauthcc_login_send(&login, discover, &fetch);
}


ngx_uint_t
ngx_http_oauthcc_login_reread(ngx_http_oauthcc_provider_t *provider)
{
    ngx_uint_t                i, changed;
    ngx_http_oauthcc_attr_t  *attr;

    changed = ngx_http_oauthcc_value_reread(&provider->client_id,
                                            ngx_cycle->log);
    changed |= ngx_http_oauthcc_value_reread(&provider->client_secret,
                                             ngx_cycle->log);
    changed |= ngx_http_oauthcc_auth_reread(provider, ngx_cycle->log);

    attr = provider->attrs.elts;

    for (i = 0; i < provider->attrs.nelts; i++) {
        changed |= ngx_http_oauthcc_value_reread(&attr[i].value,
                                                 ngx_cycle->log);
    }

    if (changed) {
        provider->content = ngx_http_oauthcc_digest_content(provider);
    }

    return changed;
}


void
ngx_http_oauthcc_login_free(ngx_http_oauthcc_provider_t *provider)
{
    ngx_uint_t                i;
    ngx_http_oauthcc_attr_t  *attr;

    ngx_http_oauthcc_value_free(&provider->client_id);
    ngx_http_oauthcc_value_free(&provider->client_secret);
    ngx_http_oauthcc_auth_free(&provider->auth);

    attr = provider->attrs.elts;

    for (i = 0; i < provider->attrs.nelts; i++) {
        ngx_http_oauthcc_value_free(&attr[i].value);
    }

    ngx_http_oauthcc_discovery_free(provider);
}


static void
ngx_http_oauthcc_login_done(ngx_http_oauthcc_fetch_t *fetch,
    ngx_http_oauthcc_response_t *response)
{
    ngx_http_oauthcc_outcome_t  *login;

    login = fetch->data;

    ngx_http_oauthcc_outcome_read(fetch, response);
    ngx_http_oauthcc_copy_release(login->copy);
}


static ngx_int_t
ngx_http_oauthcc_login_document(ngx_http_oauthcc_copy_t *copy,
    ngx_pool_t *pool, ngx_http_oauthcc_request_t *request)
{
    ngx_int_t                             rc;
    ngx_http_oauthcc_provider_t          *provider;
    ngx_http_oauthcc_expression_fault_t   fault;

    provider = copy->provider;

    rc = ngx_http_oauthcc_login_json_request(provider->login_json, pool,
                                             &provider->url, copy->parameters,
                                             copy->nparameters, request,
                                             &fault);
    if (rc == NGX_DECLINED) {
        ngx_log_error(NGX_LOG_ERR, pool->log, 0, "%V: %s, in \"login_json\"",
                      fault.where, fault.reason);
    }

    if (rc != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_http_oauthcc_endpoint_server(&provider->endpoint, request);

    return NGX_OK;
}
