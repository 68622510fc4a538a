
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "http/oauthcc_client.h"
#include "http/oauthcc_request_buffer.h"
#include "http/oauthcc_client_connection.h"
#include "http/oauthcc_client_phase.h"
#include "http/oauthcc_http_request.h"
#include "http/oauthcc_redact_request.h"


/*
 * The carrier is a main request of a connection that has no peer but a
 * descriptor of its own, and one subrequest in memory that the hidden
 * server's content handler runs.  The descriptor makes every way in which
 * nginx may end a request (abort, overflow, worker_shutdown_timeout) work as
 * with a client.
 *
 *     create -> start -> [subrequest runs] -> post_subrequest records
 *                  |                               |
 *                  | timeout, forced close         v
 *                  +------> abort ----------> cleanup: done() -> all freed
 */

typedef struct {
    oauthcc_client_t            fetch;

    ngx_str_t                   name;
    ngx_log_t                   log;
    ngx_http_log_ctx_t          log_ctx;
    ngx_http_connection_t       hc;
    struct sockaddr_in          sin;
    ngx_event_t                 timer;
    ngx_http_post_subrequest_t  ps;
    ngx_http_request_body_t     rb;
    ngx_chain_t                 cl;
    ngx_buf_t                   buf;

    ngx_connection_t           *connection;
    ngx_http_request_t         *request;
    ngx_http_request_t         *subrequest;
    oauthcc_client_done_pt      done;

    oauthcc_client_phase_t      phase;
    void                      (*finalize)(ngx_http_request_t *r, ngx_int_t rc);

    ngx_int_t                   rc;
    unsigned                    finished:1;
    unsigned                    timed_out:1;
    unsigned                    aborted:1;
} oauthcc_client_ctx_t;


static u_char *oauthcc_client_log(ngx_log_t *log, u_char *buf, size_t len);
static ngx_int_t oauthcc_client_connect(oauthcc_client_ctx_t *ctx);
static ngx_int_t oauthcc_client_main(oauthcc_client_ctx_t *ctx);
static ngx_int_t oauthcc_client_headers(oauthcc_client_ctx_t *ctx,
    ngx_http_request_t *r);
static ngx_int_t oauthcc_client_subrequest(oauthcc_client_ctx_t *ctx);
static void oauthcc_client_run(ngx_http_request_t *sr);
static void oauthcc_client_finalize(ngx_http_request_t *r, ngx_int_t rc);
static ngx_int_t oauthcc_client_finished(ngx_http_request_t *sr, void *data,
    ngx_int_t rc);
static void oauthcc_client_end(ngx_http_request_t *r);
static void oauthcc_client_cleanup(void *data);
static void oauthcc_client_event(ngx_event_t *ev);
static void oauthcc_client_timeout(ngx_event_t *ev);
static void oauthcc_client_abort(oauthcc_client_ctx_t *ctx);


/* of the main request and the subrequest: c->data may be either */

#define oauthcc_client_get_ctx(r)                                             \
    (oauthcc_client_ctx_t *)                                                  \
        ((u_char *) (r)->main->http_connection                                \
         - offsetof(oauthcc_client_ctx_t, hc))


oauthcc_client_t *
oauthcc_client_create(ngx_http_conf_ctx_t *conf_ctx, ngx_str_t *name)
{
    ngx_pool_t                *pool;
    ngx_pool_cleanup_t        *cln;
    ngx_http_core_loc_conf_t  *clcf;
    oauthcc_client_ctx_t      *ctx;

    pool = ngx_create_pool(NGX_DEFAULT_POOL_SIZE, ngx_cycle->log);
    if (pool == NULL) {
        return NULL;
    }

    ctx = ngx_pcalloc(pool, sizeof(oauthcc_client_ctx_t));
    if (ctx == NULL) {
        ngx_destroy_pool(pool);
        return NULL;
    }

    clcf = conf_ctx->loc_conf[ngx_http_core_module.ctx_index];

    ctx->log = *clcf->error_log;
    ctx->log.handler = oauthcc_client_log;
    ctx->log.data = &ctx->log_ctx;
    ctx->log.action = "logging in";

    pool->log = &ctx->log;

    ctx->name = *name;
    ctx->hc.conf_ctx = conf_ctx;

    ctx->fetch.pool = pool;
    ctx->fetch.log = &ctx->log;

    cln = ngx_pool_cleanup_add(pool, 0);
    if (cln == NULL) {
        ngx_destroy_pool(pool);
        return NULL;
    }

    cln->handler = oauthcc_http_request_wipe;
    cln->data = &ctx->fetch.request;

    return &ctx->fetch;
}


void
oauthcc_client_destroy(oauthcc_client_t *fetch)
{
    ngx_destroy_pool(fetch->pool);
}


ngx_int_t
oauthcc_client_start(oauthcc_client_t *fetch, ngx_msec_t timeout,
    oauthcc_client_done_pt done)
{
    ngx_connection_t      *c;
    ngx_http_cleanup_t    *cln;
    oauthcc_client_ctx_t  *ctx;

    ctx = (oauthcc_client_ctx_t *) fetch;

    if (oauthcc_client_connect(ctx) != NGX_OK) {
        oauthcc_client_destroy(fetch);
        return NGX_ERROR;
    }

    c = ctx->connection;

    if (oauthcc_client_main(ctx) != NGX_OK) {
        goto failed;
    }

    /* added first, it runs last: the upstream is closed by then */

    cln = ngx_http_cleanup_add(ctx->request, 0);
    if (cln == NULL) {
        goto failed;
    }

    cln->data = ctx;

    if (oauthcc_client_subrequest(ctx) != NGX_OK) {
        goto failed;
    }

    ctx->done = done;
    cln->handler = oauthcc_client_cleanup;

    ctx->timer.handler = oauthcc_client_timeout;
    ctx->timer.data = c;
    ctx->timer.log = &ctx->log;

    ngx_add_timer(&ctx->timer, timeout);

    ctx->phase.start = ngx_current_msec;

    /* it may be over when this returns */

    ngx_http_run_posted_requests(c);

    return NGX_OK;

failed:

    if (ctx->request) {
        ngx_http_free_request(ctx->request, 0);
    }

    ngx_http_close_connection(c);

    return NGX_ERROR;
}


void
oauthcc_client_cancel(oauthcc_client_t *fetch)
{
    oauthcc_client_ctx_t  *ctx;

    ctx = (oauthcc_client_ctx_t *) fetch;

    ctx->aborted = 1;
    oauthcc_client_abort(ctx);
}


oauthcc_client_t *
oauthcc_client_of(ngx_http_request_t *r)
{
    ngx_http_post_subrequest_t  *ps;

    ps = r->post_subrequest;

    if (ps == NULL || ps->handler != oauthcc_client_finished) {
        return NULL;
    }

    return ps->data;
}


static u_char *
oauthcc_client_log(ngx_log_t *log, u_char *buf, size_t len)
{
    u_char                *p;
    oauthcc_client_ctx_t  *ctx;

    ctx = (oauthcc_client_ctx_t *)
              ((u_char *) log - offsetof(oauthcc_client_ctx_t, log));

    p = buf;

    if (log->action) {
        p = ngx_snprintf(p, len, " while %s", log->action);
        len -= p - buf;
        buf = p;
    }

    return ngx_snprintf(buf, len, ", oauthcc provider: \"%V\"", &ctx->name);
}


static ngx_int_t
oauthcc_client_connect(oauthcc_client_ctx_t *ctx)
{
    ngx_connection_t  *c;

    c = oauthcc_client_connection_create(ctx->fetch.pool, &ctx->log,
                                         &ctx->sin);
    if (c == NULL) {
        return NGX_ERROR;
    }

    c->data = &ctx->hc;
    c->read->handler = oauthcc_client_event;
    c->write->handler = oauthcc_client_event;

    ctx->connection = c;

    return NGX_OK;
}


static ngx_int_t
oauthcc_client_main(oauthcc_client_ctx_t *ctx)
{
    ngx_http_request_t        *r;
    ngx_http_core_loc_conf_t  *clcf;
    oauthcc_http_request_t    *request;

    r = ngx_http_create_request(ctx->connection);
    if (r == NULL) {
        return NGX_ERROR;
    }

    ctx->request = r;
    ctx->connection->data = r;

    /* before the logs themselves, which the request has just set anew */

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    ctx->log.writer = oauthcc_redact_request_write;
    ctx->log.wdata = &ctx->fetch.request;
    ctx->log.next = clcf->error_log;

    request = &ctx->fetch.request;

    r->logged = 1;
    r->method = request->method;
    r->method_name = request->method_name;
    r->http_version = NGX_HTTP_VERSION_11;
    ngx_str_set(&r->http_protocol, "HTTP/1.1");
    ngx_str_set(&r->request_line, "-");
    ngx_str_set(&r->uri, "/");

    r->read_event_handler = ngx_http_block_reading;
    r->write_event_handler = oauthcc_client_end;

    if (oauthcc_client_headers(ctx, r) != NGX_OK) {
        return NGX_ERROR;
    }

    /* a retry at the next address rewinds to "start" */

    ctx->buf.start = request->body.data;
    ctx->buf.pos = request->body.data;
    ctx->buf.last = request->body.data + request->body.len;
    ctx->buf.end = ctx->buf.last;
    ctx->buf.temporary = 1;
    ctx->buf.last_buf = 1;

    ctx->cl.buf = &ctx->buf;

    if (request->body.len) {
        ctx->rb.bufs = &ctx->cl;
        ctx->rb.buf = &ctx->buf;
        r->headers_in.content_length_n = request->body.len;
    }

    r->request_body = &ctx->rb;

    return NGX_OK;
}


static ngx_int_t
oauthcc_client_headers(oauthcc_client_ctx_t *ctx, ngx_http_request_t *r)
{
    ngx_uint_t        i;
    ngx_table_elt_t  *h;
    oauthcc_pair_t   *pair;

    if (ngx_list_init(&r->headers_in.headers, r->pool,
                      ctx->fetch.request.headers.nelts + 1,
                      sizeof(ngx_table_elt_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    pair = ctx->fetch.request.headers.elts;

    for (i = 0; i < ctx->fetch.request.headers.nelts; i++) {

        h = ngx_list_push(&r->headers_in.headers);
        if (h == NULL) {
            return NGX_ERROR;
        }

        ngx_memzero(h, sizeof(ngx_table_elt_t));

        h->key = pair[i].name;
        h->value = pair[i].value;

        h->lowcase_key = ngx_pnalloc(r->pool, h->key.len);
        if (h->lowcase_key == NULL) {
            return NGX_ERROR;
        }

        /* proxy looks its own headers up by this hash */

        h->hash = ngx_hash_strlow(h->lowcase_key, h->key.data, h->key.len);
    }

    return NGX_OK;
}


static ngx_int_t
oauthcc_client_subrequest(oauthcc_client_ctx_t *ctx)
{
    ngx_str_t            uri;
    ngx_http_request_t  *r, *sr;

    r = ctx->request;

    ngx_str_set(&uri, "");

    ctx->ps.handler = oauthcc_client_finished;
    ctx->ps.data = ctx;

    if (ngx_http_subrequest(r, &uri, NULL, &sr, &ctx->ps,
                            NGX_HTTP_SUBREQUEST_IN_MEMORY)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ctx->subrequest = sr;

    sr->method = r->method;
    sr->method_name = r->method_name;
    sr->valid_location = 1;

    /* the list was copied by value, and its tail with it */

    if (sr->headers_in.headers.last == &r->headers_in.headers.part) {
        sr->headers_in.headers.last = &sr->headers_in.headers.part;
    }

    sr->write_event_handler = oauthcc_client_run;

    return NGX_OK;
}


/* The content handler alone: no phase of anybody's configuration. */

static void
oauthcc_client_run(ngx_http_request_t *sr)
{
    ngx_int_t                  rc;
    oauthcc_client_ctx_t      *ctx;
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_get_module_loc_conf(sr, ngx_http_core_module);

    ngx_http_update_location_config(sr);

    sr->write_event_handler = ngx_http_request_empty_handler;

    rc = clcf->handler(sr);

    if (sr->upstream && sr->upstream->finalize_request) {

        ctx = oauthcc_client_get_ctx(sr);

        ctx->finalize = sr->upstream->finalize_request;
        sr->upstream->finalize_request = oauthcc_client_finalize;
    }

    ngx_http_finalize_request(sr, rc);
}


/* The connection of the upstream is still there, and then no more. */

static void
oauthcc_client_finalize(ngx_http_request_t *r, ngx_int_t rc)
{
    oauthcc_client_ctx_t  *ctx;

    ctx = oauthcc_client_get_ctx(r);

    oauthcc_client_phase_note(&ctx->phase, r);

    ctx->finalize(r, rc);
}


/* May be called more than once, or never: it only records. */

static ngx_int_t
oauthcc_client_finished(ngx_http_request_t *sr, void *data, ngx_int_t rc)
{
    oauthcc_client_ctx_t  *ctx = data;

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, sr->connection->log, 0,
                   "oauthcc fetch finished: %i, error:%ui", rc,
                   (ngx_uint_t) sr->connection->error);

    if (!ctx->finished) {
        ctx->finished = 1;
        ctx->rc = rc;
    }

    return NGX_OK;
}


static void
oauthcc_client_end(ngx_http_request_t *r)
{
    ngx_connection_t      *c;
    oauthcc_client_ctx_t  *ctx;

    c = r->connection;
    ctx = oauthcc_client_get_ctx(r);

    if (!ctx->finished) {
        return;
    }

    ngx_http_free_request(r, 0);
    ngx_http_close_connection(c);
}


static void
oauthcc_client_cleanup(void *data)
{
    oauthcc_client_ctx_t *ctx = data;

    oauthcc_response_t  response;

    if (ctx->timer.timer_set) {
        ngx_del_timer(&ctx->timer);
    }

    ctx->log.action = NULL;

    if (ctx->timed_out) {
        ngx_memzero(&response, sizeof(oauthcc_response_t));
        response.timed_out = 1;
        response.failure = "timed out";

    } else if (ctx->aborted || !ctx->finished) {
        ngx_memzero(&response, sizeof(oauthcc_response_t));
        response.aborted = 1;
        response.failure = "was cut off";

    } else {
        oauthcc_response_read(ctx->subrequest, ctx->rc, &response);
    }

    oauthcc_client_phase_explain(&ctx->phase, ctx->fetch.pool,
                                 &ctx->fetch.request.host, ctx->hc.conf_ctx,
                                 &response);

    ctx->done(&ctx->fetch, &response);

    if (response.body.len) {
        ngx_explicit_memzero(response.body.data, response.body.len);
    }

    oauthcc_request_buffer_wipe(ctx->subrequest, ctx->fetch.request.url.len);
}


static void
oauthcc_client_event(ngx_event_t *ev)
{
    ngx_connection_t      *c;
    ngx_http_request_t    *r;
    oauthcc_client_ctx_t  *ctx;

    c = ev->data;
    r = c->data;

    ctx = oauthcc_client_get_ctx(r);

    if (c->close) {
        ctx->aborted = 1;
        oauthcc_client_abort(ctx);
        return;
    }

    if (ev->write) {
        r->write_event_handler(r);

    } else {
        r->read_event_handler(r);
    }

    ngx_http_run_posted_requests(c);
}


static void
oauthcc_client_timeout(ngx_event_t *ev)
{
    ngx_connection_t      *c;
    ngx_http_request_t    *r;
    oauthcc_client_ctx_t  *ctx;

    c = ev->data;
    r = c->data;

    ctx = oauthcc_client_get_ctx(r);

    ctx->timed_out = 1;
    oauthcc_client_abort(ctx);
}


static void
oauthcc_client_abort(oauthcc_client_ctx_t *ctx)
{
    ngx_connection_t    *c;
    ngx_http_request_t  *r;

    c = ctx->connection;
    r = ctx->request;

    r->count++;

    ngx_http_finalize_request(r, NGX_ERROR);
    ngx_http_run_posted_requests(c);
}
