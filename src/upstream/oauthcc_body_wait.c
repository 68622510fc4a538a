
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "upstream/oauthcc_body_wait.h"
#include "upstream/oauthcc_body_copy.h"


/* limit of the wait, milliseconds: a streamed body may never end */
#define OAUTHCC_BODY_WAIT_TIME  1000


extern ngx_module_t  ngx_http_oauthcc_module;


struct oauthcc_body_wait_s {
    ngx_http_request_t              *request;
    ngx_http_oauthcc_ctx_t          *ctx;
    oauthcc_body_wait_pt             again;
    ngx_event_t                      timer;

    /* the handlers of nginx, to be restored */
    ngx_http_event_handler_pt        read_client;
    ngx_http_upstream_handler_pt     read;
    ngx_http_upstream_handler_pt     write;
    ngx_recv_pt                      recv;
    u_char                           last;
};


static void oauthcc_body_wait_read(ngx_http_request_t *r);
static void oauthcc_body_wait_upstream(ngx_http_request_t *r,
    ngx_http_upstream_t *u);
static void oauthcc_body_wait_over(ngx_event_t *ev);
static void oauthcc_body_wait_leave(void *data);
static void oauthcc_body_wait_end(oauthcc_body_wait_t *wait);
static void oauthcc_body_wait_pass(oauthcc_body_wait_t *wait);
static ssize_t oauthcc_body_wait_nothing(ngx_connection_t *c, u_char *buf,
    size_t size);
static ssize_t oauthcc_body_wait_last(ngx_connection_t *c, u_char *buf,
    size_t size);
static ngx_int_t oauthcc_body_wait_header(ngx_http_request_t *r);


/*
 * After NGX_AGAIN of process_header() nginx calls recv() once more at once;
 * that call gets NGX_AGAIN, too.
 */

ngx_int_t
oauthcc_body_wait_start(ngx_http_request_t *r, ngx_http_oauthcc_ctx_t *ctx,
    oauthcc_body_wait_pt again)
{
    ngx_connection_t     *c;
    ngx_http_cleanup_t   *cln;
    ngx_http_upstream_t  *u;
    oauthcc_body_wait_t  *wait;

    wait = ngx_pcalloc(r->pool, sizeof(oauthcc_body_wait_t));
    if (wait == NULL) {
        return NGX_OK;
    }

    cln = ngx_http_cleanup_add(r, 0);
    if (cln == NULL) {
        return NGX_OK;
    }

    cln->handler = oauthcc_body_wait_leave;
    cln->data = wait;

    u = r->upstream;
    c = u->peer.connection;

    wait->request = r;
    wait->ctx = ctx;
    wait->again = again;

    wait->read_client = r->read_event_handler;
    wait->read = u->read_event_handler;
    wait->write = u->write_event_handler;
    wait->recv = c->recv;

    wait->timer.handler = oauthcc_body_wait_over;
    wait->timer.data = wait;
    wait->timer.log = r->connection->log;
    wait->timer.cancelable = 1;

    ctx->body_wait = wait;

    r->read_event_handler = oauthcc_body_wait_read;
    u->read_event_handler = oauthcc_body_wait_upstream;
    u->write_event_handler = oauthcc_body_wait_upstream;
    c->recv = oauthcc_body_wait_nothing;

    ngx_add_timer(&wait->timer, OAUTHCC_BODY_WAIT_TIME);

    /* a part of the body may have arrived already */

    ngx_post_event(r->connection->read, &ngx_posted_events);

    return NGX_AGAIN;
}


/*
 * Reads through the request body filters; what is read stays in
 * r->request_body.
 */

static void
oauthcc_body_wait_read(ngx_http_request_t *r)
{
    ngx_int_t                rc;
    oauthcc_body_wait_t     *wait;
    ngx_http_oauthcc_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_oauthcc_module);
    wait = ctx->body_wait;

    rc = ngx_http_read_unbuffered_request_body(r);

    if (rc < NGX_HTTP_SPECIAL_RESPONSE) {

        switch (oauthcc_body_copy_state(r, ctx)) {

        case NGX_AGAIN:
            return;

        case NGX_OK:
            oauthcc_body_wait_end(wait);
            wait->again(r, ctx);
            return;

        default:
            break;
        }
    }

    oauthcc_body_wait_pass(wait);
}


/* Events of the upstream are ignored: its response header is complete. */

static void
oauthcc_body_wait_upstream(ngx_http_request_t *r, ngx_http_upstream_t *u)
{
    u->peer.connection->read->timedout = 0;
    u->peer.connection->write->timedout = 0;
}


static void
oauthcc_body_wait_over(ngx_event_t *ev)
{
    ngx_connection_t     *c;
    ngx_http_request_t   *r;
    oauthcc_body_wait_t  *wait;

    wait = ev->data;
    r = wait->request;
    c = r->connection;

    ngx_http_set_log_request(c->log, r);

    oauthcc_body_wait_pass(wait);

    ngx_http_run_posted_requests(c);
}


static void
oauthcc_body_wait_leave(void *data)
{
    oauthcc_body_wait_t *wait = data;

    if (wait->timer.timer_set) {
        ngx_del_timer(&wait->timer);
    }
}


static void
oauthcc_body_wait_end(oauthcc_body_wait_t *wait)
{
    ngx_http_request_t   *r;
    ngx_http_upstream_t  *u;

    r = wait->request;
    u = r->upstream;

    oauthcc_body_wait_leave(wait);

    r->read_event_handler = wait->read_client;
    u->read_event_handler = wait->read;
    u->write_event_handler = wait->write;
}


/*
 * Lets nginx go on with the response: recv() returns the last byte of the
 * buffer once more, which makes nginx call process_header() again.
 */

static void
oauthcc_body_wait_pass(oauthcc_body_wait_t *wait)
{
    ngx_connection_t     *c;
    ngx_http_request_t   *r;
    ngx_http_upstream_t  *u;

    r = wait->request;
    u = r->upstream;
    c = u->peer.connection;

    oauthcc_body_wait_end(wait);
    oauthcc_body_wait_upstream(r, u);

    oauthcc_body_copy_free(wait->ctx);
    wait->ctx->judged = 1;

    u->buffer.last--;
    u->state->bytes_received--;
    wait->last = *u->buffer.last;

    c->recv = oauthcc_body_wait_last;
    u->process_header = oauthcc_body_wait_header;

    /* send the part of the body that arrived meanwhile */

    ngx_post_event(r->connection->read, &ngx_posted_events);

    u->read_event_handler(r, u);
}


static ssize_t
oauthcc_body_wait_nothing(ngx_connection_t *c, u_char *buf, size_t size)
{
    ngx_http_request_t      *r;
    ngx_http_oauthcc_ctx_t  *ctx;

    r = c->data;
    ctx = ngx_http_get_module_ctx(r, ngx_http_oauthcc_module);

    c->recv = ctx->body_wait->recv;

    return NGX_AGAIN;
}


static ssize_t
oauthcc_body_wait_last(ngx_connection_t *c, u_char *buf, size_t size)
{
    ngx_http_request_t      *r;
    ngx_http_oauthcc_ctx_t  *ctx;

    r = c->data;
    ctx = ngx_http_get_module_ctx(r, ngx_http_oauthcc_module);

    c->recv = ctx->body_wait->recv;

    *buf = ctx->body_wait->last;

    return 1;
}


static ngx_int_t
oauthcc_body_wait_header(ngx_http_request_t *r)
{
    ngx_http_oauthcc_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_oauthcc_module);

    r->upstream->process_header = ctx->process_header;

    return NGX_OK;
}
