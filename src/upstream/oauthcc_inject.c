
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "upstream/oauthcc_inject.h"
#include "token/oauthcc_acquire.h"
#include "core/oauthcc_clock.h"
#include "core/oauthcc_lifetime.h"
#include "upstream/oauthcc_dpop.h"
#include "upstream/oauthcc_headers.h"
#include "upstream/oauthcc_placement.h"
#include "http/oauthcc_request_buffer.h"
#include "upstream/oauthcc_page_cache.h"
#include "upstream/oauthcc_query.h"
#include "upstream/oauthcc_attempt.h"
#include "upstream/oauthcc_variable_values.h"


extern ngx_module_t  ngx_http_oauthcc_module;


static ngx_int_t oauthcc_inject_upstream(ngx_http_request_t *r,
    ngx_http_handler_pt handler, ngx_http_oauthcc_ctx_t *ctx);
static ngx_int_t oauthcc_inject_events(ngx_http_request_t *r);
static void oauthcc_inject_body(ngx_http_request_t *r);
static void oauthcc_inject_unread(ngx_http_request_t *r);
static ngx_int_t oauthcc_inject_create(ngx_http_request_t *r);
static ngx_int_t oauthcc_inject_changes(ngx_http_request_t *r,
    ngx_http_oauthcc_ctx_t *ctx, oauthcc_fields_t *fields);
static ngx_int_t oauthcc_inject_arguments(ngx_http_request_t *r,
    ngx_http_oauthcc_ctx_t *ctx, oauthcc_fields_t *fields);
static ngx_int_t oauthcc_inject_line(ngx_http_request_t *r,
    ngx_http_oauthcc_ctx_t *ctx, oauthcc_fields_t *fields);
static oauthcc_fields_t *oauthcc_inject_items(ngx_http_request_t *r,
    ngx_http_oauthcc_ctx_t *ctx);
static ngx_int_t oauthcc_inject_renew(ngx_http_request_t *r,
    ngx_http_oauthcc_ctx_t *ctx);


#define oauthcc_inject_request(r, ctx, fields)                                \
    ((fields)->changes ? oauthcc_inject_changes(r, ctx, fields)               \
                       : (ctx)->create_request(r))


ngx_int_t
oauthcc_inject_handler(ngx_http_request_t *r, ngx_http_oauthcc_ctx_t *ctx,
    ngx_http_handler_pt handler, oauthcc_inject_kind_e kind)
{
    if (ctx->body_read) {

        /* the second pass: the upstream is created and the body is read */

        ctx->body_read = 0;

        r->main->count++;
        ngx_http_upstream_init(r);

        return NGX_DONE;
    }

    ctx->kind = kind;

    return oauthcc_inject_upstream(r, handler, ctx);
}


static ngx_int_t
oauthcc_inject_upstream(ngx_http_request_t *r, ngx_http_handler_pt handler,
    ngx_http_oauthcc_ctx_t *ctx)
{
    ngx_int_t                  rc;
    ngx_http_upstream_t       *u;
    ngx_http_event_handler_pt  read_event_handler;

    if (oauthcc_inject_events(r) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (ctx->conf->placements
        && oauthcc_inject_items(r, ctx) == NULL)
    {
        /* an invalid value is an error of the client; later it would be 500 */

        return ctx->invalid ? NGX_HTTP_BAD_REQUEST
                            : NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    /*
     * The handler creates the upstream and starts it.  With r->aio set it does
     * not start, so that create_request can be replaced first.
     */

    read_event_handler = r->read_event_handler;
    r->read_event_handler = oauthcc_inject_unread;
    r->aio = 1;

    rc = handler(r);

    r->aio = 0;

    if (rc != NGX_DONE) {
        r->read_event_handler = read_event_handler;
        return rc;
    }

    u = r->upstream;

    ctx->create_request = u->create_request;
    u->create_request = oauthcc_inject_create;

    if (r->read_event_handler == oauthcc_inject_unread) {
        r->read_event_handler = read_event_handler;

    } else if (r->read_event_handler != ngx_http_block_reading) {

        /* the body is still being read: the upstream starts after that */

        if (r->request_body
            && r->request_body->post_handler == ngx_http_upstream_init)
        {
            r->request_body->post_handler = oauthcc_inject_body;
        }

        return NGX_DONE;
    }

    ngx_http_upstream_init(r);

    return NGX_DONE;
}


/*
 * What ngx_http_upstream_init() does first, and answers with 500 if it cannot:
 * with r->aio set, that answer would not be sent.
 */

static ngx_int_t
oauthcc_inject_events(ngx_http_request_t *r)
{
    ngx_connection_t  *c;

    c = r->connection;

    if (c->write->active || !(ngx_event_flags & NGX_USE_CLEAR_EVENT)) {
        return NGX_OK;
    }

#if (NGX_HTTP_V2)
    if (r->stream) {
        return NGX_OK;
    }
#endif

#if (NGX_HTTP_V3)
    if (c->quic) {
        return NGX_OK;
    }
#endif

    return ngx_add_event(c->write, NGX_WRITE_EVENT, NGX_CLEAR_EVENT);
}


/* The credential may have expired while the body was read. */

static void
oauthcc_inject_body(ngx_http_request_t *r)
{
    ngx_http_oauthcc_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_oauthcc_module);

    ctx->body_read = 1;

    r->write_event_handler = ngx_http_core_run_phases;

    ngx_http_core_run_phases(r);
}


/* Never called: a mark that the handler has not started to read the body. */

static void
oauthcc_inject_unread(ngx_http_request_t *r)
{
    ngx_http_block_reading(r);
}


static ngx_int_t
oauthcc_inject_create(ngx_http_request_t *r)
{
    u_char                        *captures;
    ngx_int_t                      rc;
    ngx_msec_t                     now;
    oauthcc_fields_t              *fields;
    oauthcc_credential_t          *credential;
    ngx_http_oauthcc_ctx_t        *ctx;
    ngx_http_oauthcc_main_conf_t  *omcf;
    oauthcc_headers_saved_t        saved;

    ctx = ngx_http_get_module_ctx(r, ngx_http_oauthcc_module);
    omcf = ngx_http_get_module_main_conf(r, ngx_http_oauthcc_module);

    credential = ctx->acquire.credential;
    now = ngx_current_msec;

    /* the credential may have expired since the gate */

    if (credential && ctx->now != now) {

        if (oauthcc_lifetime_reached(oauthcc_clock_msec(), credential->usable)
            && oauthcc_inject_renew(r, ctx) != NGX_OK)
        {
            return oauthcc_page_cache_create(r, ctx);
        }

        credential = ctx->acquire.credential;
    }

    ctx->now = now;

    if (credential && ctx->conf->placements == NULL) {
        fields = &credential->fields;

    } else if (credential == NULL && oauthcc_page_cache_missing(ctx)) {
        return oauthcc_page_cache_create(r, ctx);

    } else {
        fields = oauthcc_inject_items(r, ctx);
        if (fields == NULL) {
            return NGX_ERROR;
        }
    }

    if (oauthcc_headers_replace(r, fields, ctx->kind == OAUTHCC_INJECT_CGI,
                                &saved)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (omcf->recall) {
        captures = oauthcc_variable_values_begin(r, omcf);

        rc = oauthcc_inject_request(r, ctx, fields);

        oauthcc_variable_values_end(r, omcf, captures, fields, credential);

    } else {
        rc = oauthcc_inject_request(r, ctx, fields);
    }

    oauthcc_headers_restore(r, &saved);

    oauthcc_attempt_start(r, ctx);

    return rc;
}


/*
 * With proxy, the URI may come from several directives; all are applied in the
 * request line that it has built, so arguments are added there.  Other modules
 * take them from the request.
 */

static ngx_int_t
oauthcc_inject_changes(ngx_http_request_t *r, ngx_http_oauthcc_ctx_t *ctx,
    oauthcc_fields_t *fields)
{
    ngx_int_t  rc;

    if (ctx->kind == OAUTHCC_INJECT_PROXY) {
        rc = ctx->create_request(r);

        return (rc == NGX_OK) ? oauthcc_inject_line(r, ctx, fields)
                              : rc;
    }

    if (oauthcc_dpop_wanted(ctx) && oauthcc_dpop_set(r, ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    return fields->narguments ? oauthcc_inject_arguments(r, ctx, fields)
                              : ctx->create_request(r);
}


static ngx_int_t
oauthcc_inject_arguments(ngx_http_request_t *r, ngx_http_oauthcc_ctx_t *ctx,
    oauthcc_fields_t *fields)
{
    ngx_int_t                      rc;
    ngx_http_upstream_t           *u;
    ngx_http_oauthcc_main_conf_t  *omcf;
    oauthcc_query_saved_t          saved;

    u = r->upstream;
    omcf = ngx_http_get_module_main_conf(r, ngx_http_oauthcc_module);

    if (oauthcc_query_replace(r, fields->arguments, fields->narguments, &saved)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    oauthcc_variable_values_put(r, &omcf->arguments);

    rc = ctx->create_request(r);

    oauthcc_variable_values_restore(r, &omcf->arguments);
    oauthcc_query_restore(r, &saved);

    if (u->uri.len) {

        /* the URI that nginx logs */

        u->uri = r->unparsed_uri;
    }

    return rc;
}


static ngx_int_t
oauthcc_inject_line(ngx_http_request_t *r, ngx_http_oauthcc_ctx_t *ctx,
    oauthcc_fields_t *fields)
{
    ngx_int_t       rc;
    ngx_str_t       uri, changed;
    ngx_uint_t      proof;
    oauthcc_pair_t  header;

    proof = oauthcc_dpop_wanted(ctx);

    rc = oauthcc_request_buffer_uri(r, &uri);

    changed = uri;

    if (rc == NGX_OK && fields->narguments) {
        rc = oauthcc_query_uri(r->pool, &uri, fields->arguments,
                               fields->narguments, &changed);
    }

    if (rc == NGX_OK && proof) {
        rc = oauthcc_dpop_built(r, ctx, &header);
    }

    if (rc == NGX_OK) {
        rc = oauthcc_request_buffer_change(r, &changed, &header, proof);
    }

    if (rc == NGX_DECLINED) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "no argument or proof can be put into what nginx has "
                      "built for the upstream, oauthcc provider: \"%V\"",
                      &ctx->provider->name);
    }

    return (rc == NGX_OK) ? NGX_OK : NGX_ERROR;
}


/*
 * The fields to put on the request: those of the location, or, without a
 * credential, the names that are stripped.  NULL if there is no memory, or if
 * a value of the location is invalid; ctx->invalid is set then.
 */

static oauthcc_fields_t *
oauthcc_inject_items(ngx_http_request_t *r, ngx_http_oauthcc_ctx_t *ctx)
{
    ngx_int_t              rc;
    ngx_str_t              name;
    oauthcc_placements_t  *placements;
    oauthcc_credential_t  *credential;

    placements = ctx->conf->placements;
    credential = ctx->acquire.credential;

    if (credential == NULL) {

        if (placements == NULL) {
            return &ctx->provider->stripped;
        }

        return ctx->provider->dpop.on
               ? oauthcc_dpop_stripped(r, &placements->stripped)
               : &placements->stripped;
    }

    if (ctx->fields && ctx->serial == credential->serial) {
        return ctx->fields;
    }

    rc = oauthcc_placement_evaluate(r, placements, &ctx->fields, &name);

    if (rc == NGX_OK && credential->packed.bound) {
        ctx->fields = oauthcc_dpop_stripped(r, ctx->fields);

        if (ctx->fields == NULL) {
            return NULL;
        }

        ctx->fields->changes = 1;
    }

    if (rc == NGX_OK) {
        ctx->serial = credential->serial;
        return ctx->fields;
    }

    ctx->fields = NULL;

    if (rc == NGX_DECLINED) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "the value of \"%V\" has control characters or spaces "
                      "at its ends, oauthcc provider: \"%V\"",
                      &name, &ctx->provider->name);

        ctx->invalid = 1;
    }

    return NULL;
}


/*
 * The credential expired after the gate, while the request waited for
 * the lock of a cache.  Takes the worker's present credential, or the old one
 * if only the safety margin has passed.
 */

static ngx_int_t
oauthcc_inject_renew(ngx_http_request_t *r, ngx_http_oauthcc_ctx_t *ctx)
{
    oauthcc_local_t  *local;

    local = ctx->local;

    if (oauthcc_acquire_present(local)) {
        oauthcc_acquire_end(&ctx->acquire);

        ctx->acquire.credential = local->credential;
        ctx->acquire.credential->refs++;

        return NGX_OK;
    }

    if (!oauthcc_lifetime_reached(oauthcc_clock_msec(),
                                  ctx->acquire.credential->expires))
    {
        return NGX_OK;
    }

    oauthcc_acquire_end(&ctx->acquire);

    return NGX_DECLINED;
}
