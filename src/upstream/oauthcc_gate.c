
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "upstream/oauthcc_gate.h"
#include "core/oauthcc_clock.h"
#include "core/oauthcc_lifetime.h"
#include "token/oauthcc_acquire.h"
#include "token/oauthcc_clock_watch.h"
#include "token/oauthcc_local.h"
#include "upstream/oauthcc_bearer_challenge.h"
#include "upstream/oauthcc_inject.h"
#include "upstream/oauthcc_page_cache.h"
#include "upstream/oauthcc_request_context.h"
#include "upstream/oauthcc_retry_after.h"
#include "upstream/oauthcc_select.h"


extern ngx_module_t  ngx_http_oauthcc_module;


static ngx_int_t oauthcc_gate_proxy(ngx_http_request_t *r);
static ngx_int_t oauthcc_gate_grpc(ngx_http_request_t *r);
static ngx_int_t oauthcc_gate_fastcgi(ngx_http_request_t *r);
static ngx_int_t oauthcc_gate_uwsgi(ngx_http_request_t *r);
static ngx_int_t oauthcc_gate_scgi(ngx_http_request_t *r);
static ngx_int_t oauthcc_gate_pass(ngx_http_request_t *r, ngx_uint_t n);
static ngx_int_t oauthcc_gate_enter(ngx_http_request_t *r,
    ngx_http_oauthcc_ctx_t *ctx);
static ngx_int_t oauthcc_gate_ask(ngx_http_request_t *r,
    ngx_http_oauthcc_ctx_t *ctx, ngx_uint_t n);
static ngx_int_t oauthcc_gate_suspend(ngx_http_request_t *r,
    ngx_http_oauthcc_ctx_t *ctx);
static ngx_int_t oauthcc_gate_park(ngx_http_request_t *r);
static void oauthcc_gate_resume(void *data);
static ngx_int_t oauthcc_gate_refuse(ngx_http_request_t *r,
    ngx_http_oauthcc_ctx_t *ctx);
static void oauthcc_gate_leave(void *data);


/* in the same order as the table of modules in conf */

ngx_http_handler_pt  oauthcc_gates[OAUTHCC_GATES] = {
    oauthcc_gate_proxy,
    oauthcc_gate_grpc,
    oauthcc_gate_fastcgi,
    oauthcc_gate_uwsgi,
    oauthcc_gate_scgi
};


static oauthcc_inject_kind_e  oauthcc_gate_kinds[OAUTHCC_GATES] = {
    OAUTHCC_INJECT_PROXY,
    OAUTHCC_INJECT_GRPC,
    OAUTHCC_INJECT_CGI,
    OAUTHCC_INJECT_CGI,
    OAUTHCC_INJECT_CGI
};


static ngx_int_t
oauthcc_gate_proxy(ngx_http_request_t *r)
{
    return oauthcc_gate_pass(r, 0);
}


static ngx_int_t
oauthcc_gate_grpc(ngx_http_request_t *r)
{
    return oauthcc_gate_pass(r, 1);
}


static ngx_int_t
oauthcc_gate_fastcgi(ngx_http_request_t *r)
{
    return oauthcc_gate_pass(r, 2);
}


static ngx_int_t
oauthcc_gate_uwsgi(ngx_http_request_t *r)
{
    return oauthcc_gate_pass(r, 3);
}


static ngx_int_t
oauthcc_gate_scgi(ngx_http_request_t *r)
{
    return oauthcc_gate_pass(r, 4);
}


static ngx_int_t
oauthcc_gate_pass(ngx_http_request_t *r, ngx_uint_t n)
{
    ngx_int_t                      rc;
    ngx_http_oauthcc_ctx_t        *ctx;
    ngx_http_oauthcc_loc_conf_t   *olcf;
    ngx_http_oauthcc_main_conf_t  *omcf;

    olcf = ngx_http_get_module_loc_conf(r, ngx_http_oauthcc_module);
    omcf = ngx_http_get_module_main_conf(r, ngx_http_oauthcc_module);

    if (olcf->binding == NULL) {

        /*
         * "oauthcc off" here, in a location that shares the handler of another
         * one
         */

        return omcf->passing[n].handler(r);
    }

    ctx = ngx_http_get_module_ctx(r, ngx_http_oauthcc_module);

    if (ctx == NULL) {

        oauthcc_clock_watch();

        ctx = oauthcc_request_context_create(r);
        if (ctx == NULL) {
            return NGX_ERROR;
        }

        ctx->conf = olcf;

        if (olcf->binding->fixed) {
            ctx->provider = olcf->binding->provider;
            ctx->local = ctx->provider->runtime.local;
            oauthcc_local_hold(ctx->local);

        } else {
            rc = oauthcc_gate_enter(r, ctx);

            if (rc != NGX_OK) {
                return rc;
            }
        }
    }

    if (ctx->asked && ctx->acquire.credential
        && oauthcc_lifetime_reached(oauthcc_clock_msec(),
                                    ctx->acquire.credential->usable))
    {
        /* it ended while the body was read */

        oauthcc_acquire_end(&ctx->acquire);
        ctx->asked = 0;
    }

    if (!ctx->asked) {

        if (oauthcc_acquire_at_hand(ctx->local, &ctx->acquire)) {
            oauthcc_acquire_hit(ctx->local, &ctx->acquire);

            ctx->now = ngx_current_msec;

        } else {
            rc = oauthcc_gate_ask(r, ctx, n);

            if (rc != NGX_OK) {
                return rc;
            }
        }

        ctx->asked = 1;
    }

    if (ctx->provider == NULL) {
        return omcf->passing[n].handler(r);
    }

    return oauthcc_inject_handler(r, ctx, omcf->passing[n].handler,
                                  oauthcc_gate_kinds[n]);
}


/*
 * A request whose token depends on it.  NGX_OK: the context says which, or
 * that it is passed on without one; else what the handler is to return.
 */

static ngx_int_t
oauthcc_gate_enter(ngx_http_request_t *r, ngx_http_oauthcc_ctx_t *ctx)
{
    ngx_int_t           rc;
    oauthcc_binding_t  *binding;

    binding = ctx->conf->binding;

    rc = oauthcc_select_get(r, binding, ctx);

    if (rc == NGX_DECLINED) {
        return binding->optional ? NGX_OK : oauthcc_gate_refuse(r, ctx);
    }

    return rc;
}


/* NGX_OK: the request is passed on; else what the handler is to return. */

static ngx_int_t
oauthcc_gate_ask(ngx_http_request_t *r, ngx_http_oauthcc_ctx_t *ctx,
    ngx_uint_t n)
{
    if (ctx->acquire.waiter && ctx->acquire.waiter->queued) {

        /* an event of the client's, not the login's */

        return oauthcc_gate_park(r);
    }

    /* nginx comes back here when the request has waited */

    r->content_handler = oauthcc_gates[n];

    if (oauthcc_page_cache_defer(r, ctx, n)) {
        return NGX_OK;
    }

    if (ctx->late == OAUTHCC_PAGE_CACHE_REFUSE) {
        ctx->asked = 1;
        return oauthcc_gate_refuse(r, ctx);
    }

    switch (oauthcc_acquire_get(ctx->local, &ctx->acquire, r->pool,
                                oauthcc_gate_resume, ctx))
    {

    case NGX_OK:
        ctx->now = ngx_current_msec;
        return NGX_OK;

    case NGX_AGAIN:
        return oauthcc_gate_suspend(r, ctx);

    case NGX_DECLINED:
        ctx->asked = 1;

        if (ctx->conf->binding->optional
            || oauthcc_page_cache_fail(r, ctx, n))
        {
            return NGX_OK;
        }

        return oauthcc_gate_refuse(r, ctx);

    default: /* NGX_ERROR */
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }
}


static ngx_int_t
oauthcc_gate_suspend(ngx_http_request_t *r, ngx_http_oauthcc_ctx_t *ctx)
{
    ngx_event_t         *rev;
    ngx_http_cleanup_t  *cln;

    if (!ctx->cleanup) {
        cln = ngx_http_cleanup_add(r, 0);
        if (cln == NULL) {
            oauthcc_gate_leave(ctx);
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        cln->handler = oauthcc_gate_leave;
        cln->data = ctx;

        ctx->cleanup = 1;
    }

    r->write_event_handler = ngx_http_request_empty_handler;

    if (r != r->main || r->post_action) {
        return oauthcc_gate_park(r);
    }

    /* a client that leaves is noticed, unless it has its answer */

    rev = r->connection->read;

    if (rev->ready) {
        ngx_post_event(rev, &ngx_posted_events);

    } else if (ngx_handle_read_event(rev, 0) != NGX_OK) {
        oauthcc_gate_leave(ctx);
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    r->read_event_handler = ngx_http_test_reading;

    return oauthcc_gate_park(r);
}


/* nginx drops a reference for NGX_DONE of a content handler. */

static ngx_int_t
oauthcc_gate_park(ngx_http_request_t *r)
{
    r->main->count++;

    return NGX_DONE;
}


static void
oauthcc_gate_resume(void *data)
{
    ngx_http_oauthcc_ctx_t *ctx = data;

    ngx_connection_t    *c;
    ngx_http_request_t  *r;

    r = ctx->request;
    c = r->connection;

    ngx_http_set_log_request(c->log, r);

    if (r == r->main) {
        r->read_event_handler = ngx_http_block_reading;
    }

    r->write_event_handler = ngx_http_core_run_phases;

    ngx_http_core_run_phases(r);

    ngx_http_run_posted_requests(c);
}


static ngx_int_t
oauthcc_gate_refuse(ngx_http_request_t *r, ngx_http_oauthcc_ctx_t *ctx)
{
    ngx_uint_t          status;
    oauthcc_acquire_t  *acquire;

    acquire = &ctx->acquire;
    status = acquire->failure->status;

    if (oauthcc_bearer_challenge_add(r, ctx, status) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (acquire->retry_after
        && oauthcc_retry_after_add(r, status, acquire->retry_after) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return status;
}


static void
oauthcc_gate_leave(void *data)
{
    ngx_http_oauthcc_ctx_t *ctx = data;

    oauthcc_acquire_leave(&ctx->acquire);
}
