
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "upstream/oauthcc_inject.h"
#include "token/oauthcc_acquire.h"
#include "core/oauthcc_lifetime.h"
#include "upstream/oauthcc_headers.h"
#include "upstream/oauthcc_placement.h"
#include "upstream/oauthcc_request_buffer.h"
#include "upstream/oauthcc_query.h"
#include "upstream/oauthcc_attempt.h"


extern ngx_module_t  ngx_http_oauthcc_module;


static ngx_int_t oauthcc_inject_upstream(ngx_http_request_t *r,
    ngx_http_handler_pt handler, ngx_http_oauthcc_ctx_t *ctx);
static ngx_int_t oauthcc_inject_ask(ngx_http_request_t *r);
static void oauthcc_inject_body(ngx_http_request_t *r);
static void oauthcc_inject_unread(ngx_http_request_t *r);
static ngx_int_t oauthcc_inject_create(ngx_http_request_t *r);
static ngx_int_t oauthcc_inject_arguments(ngx_http_request_t *r,
    ngx_http_oauthcc_ctx_t *ctx, oauthcc_fields_t *items);
static ngx_int_t oauthcc_inject_line(ngx_http_request_t *r,
    ngx_http_oauthcc_ctx_t *ctx, oauthcc_fields_t *items);
static oauthcc_fields_t *oauthcc_inject_items(ngx_http_request_t *r,
    ngx_http_oauthcc_ctx_t *ctx);
static ngx_int_t oauthcc_inject_renew(ngx_http_request_t *r,
    ngx_http_oauthcc_ctx_t *ctx);
static ngx_uint_t oauthcc_inject_placed(ngx_http_oauthcc_main_conf_t *mcf,
    ngx_str_t *variable);
static ngx_uint_t oauthcc_inject_own(ngx_str_t *name);


/*
 * Variables that neither the headers nor the arguments of a request can
 * shape, or that must not be evaluated twice: they keep a value that they
 * get while the upstream request is built.  All others are evaluated anew.
 */

static ngx_str_t  oauthcc_inject_kept[] = {
    ngx_string("binary_remote_addr"),
    ngx_string("body_bytes_sent"),
    ngx_string("bytes_sent"),
    ngx_string("connection"),
    ngx_string("connection_requests"),
    ngx_string("connection_time"),
    ngx_string("content_length"),
    ngx_string("document_root"),
    ngx_string("fastcgi_path_info"),
    ngx_string("fastcgi_script_name"),
    ngx_string("grpc_internal_trailers"),
    ngx_string("host"),
    ngx_string("hostname"),
    ngx_string("https"),
    ngx_string("msec"),
    ngx_string("nginx_version"),
    ngx_string("oauthcc_login_authority"),
    ngx_string("oauthcc_login_host"),
    ngx_string("oauthcc_login_length"),
    ngx_string("oauthcc_login_method"),
    ngx_string("oauthcc_token_endpoint"),
    ngx_string("pid"),
    ngx_string("pipe"),
    ngx_string("proxy_host"),
    ngx_string("proxy_port"),
    ngx_string("proxy_internal_body_length"),
    ngx_string("proxy_internal_chunked"),
    ngx_string("realpath_root"),
    ngx_string("remote_addr"),
    ngx_string("remote_port"),
    ngx_string("remote_user"),
    ngx_string("request"),
    ngx_string("request_completion"),
    ngx_string("request_filename"),
    ngx_string("request_body"),
    ngx_string("request_body_file"),
    ngx_string("request_id"),
    ngx_string("request_length"),
    ngx_string("request_method"),
    ngx_string("request_time"),
    ngx_string("scheme"),
    ngx_string("server_addr"),
    ngx_string("server_name"),
    ngx_string("server_port"),
    ngx_string("server_protocol"),
    ngx_string("status"),
    ngx_string("time_iso8601"),
    ngx_string("time_local"),
    ngx_string("upstream_addr"),
    ngx_string("upstream_cache_status"),
    ngx_string("upstream_response_time"),
    ngx_string("upstream_status"),
    ngx_null_string
};


ngx_int_t
oauthcc_inject_init(ngx_cycle_t *cycle, ngx_http_oauthcc_main_conf_t *mcf,
    ngx_array_t *variables)
{
    ngx_uint_t            i, header;
    ngx_http_variable_t  *v;
    oauthcc_derived_t    *derived;

    if (ngx_array_init(&mcf->derived, cycle->pool, 8,
                       sizeof(oauthcc_derived_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    v = variables->elts;

    for (i = 0; i < variables->nelts; i++) {

        header = (v[i].name.len > sizeof("http_") - 1
                  && ngx_strncmp(v[i].name.data, "http_",
                                 sizeof("http_") - 1)
                     == 0);

        if (header ? !oauthcc_inject_placed(mcf, &v[i].name)
                   : oauthcc_inject_own(&v[i].name))
        {
            continue;
        }

        derived = ngx_array_push(&mcf->derived);
        if (derived == NULL) {
            return NGX_ERROR;
        }

        derived->index = i;
        derived->header = header;
    }

    return NGX_OK;
}


ngx_int_t
oauthcc_inject_handler(ngx_http_request_t *r, ngx_http_handler_pt handler)
{
    ngx_http_oauthcc_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_oauthcc_module);

    if (ctx == NULL || !ctx->asked) {

        /* slice and cache updates start here, past our phase handler */

        return oauthcc_inject_ask(r);
    }

    if (ctx->provider == NULL) {
        return handler(r);
    }

    if (ctx->body_read) {

        /* the second pass: the upstream is there, and so is the body */

        ctx->body_read = 0;

        r->main->count++;
        ngx_http_upstream_init(r);

        return NGX_DONE;
    }

    return oauthcc_inject_upstream(r, handler, ctx);
}


static ngx_int_t
oauthcc_inject_upstream(ngx_http_request_t *r, ngx_http_handler_pt handler,
    ngx_http_oauthcc_ctx_t *ctx)
{
    ngx_int_t                  rc;
    ngx_http_upstream_t       *u;
    ngx_http_event_handler_pt  read_event_handler;

    if (ctx->conf->placements
        && oauthcc_inject_items(r, ctx) == NULL)
    {
        /* here the client can still be told that it is about its request */

        return ctx->invalid ? NGX_HTTP_BAD_REQUEST
                            : NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    /*
     * With r->aio the upstream does not start when the module's handler
     * starts it, which is the only way to get at its create_request.
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

        /* the body is still on its way: the upstream is started after it */

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


/* Runs the request through our phase handler, and from there back to here. */

static ngx_int_t
oauthcc_inject_ask(ngx_http_request_t *r)
{
    ngx_http_oauthcc_main_conf_t  *omcf;

    omcf = ngx_http_get_module_main_conf(r, ngx_http_oauthcc_module);

    r->main->count++;

    r->phase_handler = omcf->phase_handler;
    r->write_event_handler = ngx_http_core_run_phases;

    ngx_http_core_run_phases(r);

    return NGX_DONE;
}


/*
 * The body has been read, maybe for a long time: the credential that was
 * there when it began may have ended meanwhile.
 */

static void
oauthcc_inject_body(ngx_http_request_t *r)
{
    ngx_http_oauthcc_ctx_t        *ctx;
    ngx_http_oauthcc_main_conf_t  *omcf;

    omcf = ngx_http_get_module_main_conf(r, ngx_http_oauthcc_module);
    ctx = ngx_http_get_module_ctx(r, ngx_http_oauthcc_module);

    ctx->body_read = 1;

    r->phase_handler = omcf->phase_handler;
    r->write_event_handler = ngx_http_core_run_phases;

    ngx_http_core_run_phases(r);
}


/* Never called: tells that nobody waits for more of the body. */

static void
oauthcc_inject_unread(ngx_http_request_t *r)
{
    ngx_http_block_reading(r);
}


static ngx_int_t
oauthcc_inject_create(ngx_http_request_t *r)
{
    ngx_int_t                      rc;
    ngx_uint_t                     i, cgi;
    ngx_http_upstream_t           *u;
    ngx_http_oauthcc_ctx_t        *ctx;
    oauthcc_fields_t              *items;
    ngx_http_variable_value_t     *v;
    oauthcc_derived_t             *derived;
    ngx_http_oauthcc_main_conf_t  *omcf;
    oauthcc_headers_saved_t        saved;

    ctx = ngx_http_get_module_ctx(r, ngx_http_oauthcc_module);
    omcf = ngx_http_get_module_main_conf(r, ngx_http_oauthcc_module);

    if (ctx->ask.credential
        && oauthcc_lifetime_reached(ngx_current_msec,
                                    ctx->ask.credential->usable)
        && oauthcc_inject_renew(r, ctx) != NGX_OK)
    {
        return NGX_ERROR;
    }

    ctx->now = ngx_current_msec;

    if (ctx->ask.credential && ctx->conf->placements == NULL) {
        items = &ctx->ask.credential->items;

    } else {
        items = oauthcc_inject_items(r, ctx);
        if (items == NULL) {
            return NGX_ERROR;
        }
    }

    u = r->upstream;

    cgi = u->schema.len
          && u->schema.data[0] != 'h' && u->schema.data[0] != 'g';

    if (oauthcc_headers_replace(r, items, cgi, &saved) != NGX_OK) {
        return NGX_ERROR;
    }

    /* what nginx remembers of a request's headers has to be of this one's */

    derived = omcf->derived.elts;

    for (i = 0; i < omcf->derived.nelts; i++) {
        v = &r->variables[derived[i].index];
        derived[i].set = v->valid || v->not_found;

        if (derived[i].set && derived[i].header) {
            derived[i].value = *v;
            v->valid = 0;
            v->not_found = 0;
        }
    }

    rc = items->narguments
         ? oauthcc_inject_arguments(r, ctx, items)
         : ctx->create_request(r);

    for (i = 0; i < omcf->derived.nelts; i++) {
        v = &r->variables[derived[i].index];

        if (!derived[i].set) {
            v->valid = 0;
            v->not_found = 0;

        } else if (derived[i].header) {
            *v = derived[i].value;
        }
    }

    oauthcc_headers_restore(r, &saved);

    oauthcc_attempt_start(r, ctx);

    return rc;
}


/*
 * The line that proxy has built is the only place where all that it may have
 * made the URI of comes together; other modules take it from the request.
 */

static ngx_int_t
oauthcc_inject_arguments(ngx_http_request_t *r, ngx_http_oauthcc_ctx_t *ctx,
    oauthcc_fields_t *items)
{
    ngx_int_t              rc;
    ngx_http_upstream_t   *u;
    oauthcc_query_saved_t  saved;

    if (ctx->conf->proxy) {
        rc = ctx->create_request(r);

        return (rc == NGX_OK) ? oauthcc_inject_line(r, ctx, items)
                              : rc;
    }

    u = r->upstream;

    if (oauthcc_query_replace(r, items->arguments, items->narguments, &saved)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    rc = ctx->create_request(r);

    oauthcc_query_restore(r, &saved);

    if (u->uri.len) {

        /* nginx logs it */

        u->uri = r->unparsed_uri;
    }

    return rc;
}


static ngx_int_t
oauthcc_inject_line(ngx_http_request_t *r, ngx_http_oauthcc_ctx_t *ctx,
    oauthcc_fields_t *items)
{
    ngx_int_t  rc;
    ngx_str_t  uri, changed;

    rc = oauthcc_request_buffer_uri(r, &uri);

    if (rc == NGX_OK) {
        rc = oauthcc_query_uri(r->pool, &uri, items->arguments,
                               items->narguments, &changed);
    }

    if (rc == NGX_OK) {
        rc = oauthcc_request_buffer_change(r, &changed, NULL, 0);
    }

    if (rc == NGX_DECLINED) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "no argument can be put into what nginx has built for "
                      "the upstream, oauthcc provider: \"%V\"",
                      &ctx->provider->name);
    }

    return (rc == NGX_OK) ? NGX_OK : NGX_ERROR;
}


/*
 * What is put on the request where it is not just what the credential has:
 * the location's own, or, without a credential, the names of what it would
 * be.  NULL if memory runs out, or a value of the location's may not be sent,
 * and then ctx->invalid is set.
 */

static oauthcc_fields_t *
oauthcc_inject_items(ngx_http_request_t *r, ngx_http_oauthcc_ctx_t *ctx)
{
    ngx_int_t              rc;
    ngx_str_t              name;
    oauthcc_placements_t  *placements;
    oauthcc_credential_t  *credential;

    placements = ctx->conf->placements;
    credential = ctx->ask.credential;

    if (credential == NULL) {
        return placements ? &placements->absent : &ctx->provider->absent;
    }

    if (ctx->items && ctx->serial == credential->serial) {
        return ctx->items;
    }

    rc = oauthcc_placement_evaluate(r, placements, &ctx->items, &name);

    if (rc == NGX_OK) {
        ctx->serial = credential->serial;
        return ctx->items;
    }

    ctx->items = NULL;

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
 * The credential ended between our phase handler and now, while the request
 * waited for a cache lock.  It cannot wait again here; the worker's present
 * copy will do, or what the margin leaves of the old one.
 */

static ngx_int_t
oauthcc_inject_renew(ngx_http_request_t *r, ngx_http_oauthcc_ctx_t *ctx)
{
    oauthcc_local_t  *local;

    local = ctx->local;

    if (oauthcc_acquire_present(local)) {
        oauthcc_acquire_end(&ctx->ask);

        ctx->ask.credential = local->credential;
        ctx->ask.credential->refs++;

        return NGX_OK;
    }

    if (!oauthcc_lifetime_reached(ngx_current_msec,
                                  ctx->ask.credential->expires))
    {
        return NGX_OK;
    }

    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                  "the token ended before the upstream request was built, "
                  "oauthcc provider: \"%V\"", &ctx->provider->name);

    return NGX_ERROR;
}


/* Whether a variable $http_NAME shows a header that is put on requests. */

static ngx_uint_t
oauthcc_inject_placed(ngx_http_oauthcc_main_conf_t *mcf, ngx_str_t *variable)
{
    u_char      c;
    size_t      k;
    ngx_str_t  *name;
    ngx_uint_t  i;

    name = mcf->placed.elts;

    for (i = 0; i < mcf->placed.nelts; i++) {

        if (name[i].len != variable->len - (sizeof("http_") - 1)) {
            continue;
        }

        for (k = 0; k < name[i].len; k++) {
            c = ngx_tolower(name[i].data[k]);

            if (variable->data[sizeof("http_") - 1 + k]
                != (c == '-' ? '_' : c))
            {
                break;
            }
        }

        if (k == name[i].len) {
            return 1;
        }
    }

    return 0;
}


static ngx_uint_t
oauthcc_inject_own(ngx_str_t *name)
{
    ngx_str_t  *kept;

    for (kept = oauthcc_inject_kept; kept->len; kept++) {

        if (kept->len == name->len
            && ngx_strncmp(kept->data, name->data, name->len) == 0)
        {
            return 1;
        }
    }

    return 0;
}
