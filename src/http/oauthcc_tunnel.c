
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "http/oauthcc_address.h"
#include "http/oauthcc_tunnel.h"
#include "http/oauthcc_tunnel_request.h"
#include "http/oauthcc_tunnel_response.h"


/*
 *     open -> [resolve] -> connect -> send -> receive -> done
 *                             ^  |
 *                             +--+ the next address
 *
 * The time that is left is for all of them; to connect to one address there is
 * proxy_connect_timeout, which is a part of it as a rule.
 */

typedef enum {
    OAUTHCC_TUNNEL_RESOLVING = 0,
    OAUTHCC_TUNNEL_CONNECTING,
    OAUTHCC_TUNNEL_SENDING,
    OAUTHCC_TUNNEL_RECEIVING,
    OAUTHCC_TUNNEL_OVER
} oauthcc_tunnel_phase_e;


typedef struct {
    oauthcc_tunnel_t           tunnel;
    oauthcc_tunnel_done_pt     done;

    ngx_pool_t                *pool;
    ngx_log_t                 *log;
    char                      *action;      /* of the log, before */
    oauthcc_forward_proxy_t   *proxy;
    oauthcc_tunnel_phase_e     phase;

    ngx_event_t                timer;
    ngx_event_t                end;
    ngx_msec_t                 deadline;

    oauthcc_address_t          address;
    ngx_uint_t                 next;        /* address to try */
    ngx_peer_connection_t      peer;

    oauthcc_tunnel_request_t   request;
    oauthcc_tunnel_response_t  response;
} oauthcc_tunnel_ctx_t;


static void oauthcc_tunnel_resolved(oauthcc_address_t *address);
static void oauthcc_tunnel_connect(oauthcc_tunnel_ctx_t *ctx);
static ngx_int_t oauthcc_tunnel_connected(ngx_connection_t *c);
static void oauthcc_tunnel_event(ngx_event_t *ev);
static void oauthcc_tunnel_send(oauthcc_tunnel_ctx_t *ctx);
static void oauthcc_tunnel_receive(oauthcc_tunnel_ctx_t *ctx);
static void oauthcc_tunnel_answered(oauthcc_tunnel_ctx_t *ctx);
static void oauthcc_tunnel_timeout(ngx_event_t *ev);
static ngx_msec_t oauthcc_tunnel_left(oauthcc_tunnel_ctx_t *ctx);
static void oauthcc_tunnel_fail(oauthcc_tunnel_ctx_t *ctx, char *fmt, ...);
static void oauthcc_tunnel_over(oauthcc_tunnel_ctx_t *ctx);
static void oauthcc_tunnel_end(ngx_event_t *ev);
static void oauthcc_tunnel_disconnect(oauthcc_tunnel_ctx_t *ctx);
static void oauthcc_tunnel_cleanup(void *data);


oauthcc_tunnel_t *
oauthcc_tunnel_open(ngx_pool_t *pool, ngx_log_t *log,
    oauthcc_provider_t *provider, oauthcc_http_request_t *request,
    ngx_msec_t timeout, oauthcc_tunnel_done_pt done)
{
    ngx_pool_cleanup_t        *cln;
    oauthcc_tunnel_ctx_t      *ctx;
    ngx_http_core_loc_conf_t  *clcf;

    ctx = ngx_pcalloc(pool, sizeof(oauthcc_tunnel_ctx_t));
    if (ctx == NULL) {
        return NULL;
    }

    cln = ngx_pool_cleanup_add(pool, 0);
    if (cln == NULL) {
        return NULL;
    }

    ctx->done = done;
    ctx->pool = pool;
    ctx->log = log;
    ctx->action = log->action;
    ctx->proxy = &provider->endpoint.forward_proxy;

    if (oauthcc_tunnel_response_init(pool, &ctx->response) != NGX_OK) {
        return NULL;
    }

    ctx->timer.handler = oauthcc_tunnel_timeout;
    ctx->timer.data = ctx;
    ctx->timer.log = log;

    ctx->end.handler = oauthcc_tunnel_end;
    ctx->end.data = ctx;
    ctx->end.log = log;

    ctx->deadline = ngx_current_msec + timeout;

    /* from here on there is something to take down */

    cln->handler = oauthcc_tunnel_cleanup;
    cln->data = ctx;

    if (oauthcc_tunnel_request_build(&ctx->request, pool, ctx->proxy, request)
        != NGX_OK)
    {
        return NULL;
    }

    log->action = "resolving the forward proxy";

    clcf = provider->endpoint.ctx->loc_conf[ngx_http_core_module.ctx_index];

    ctx->address.data = ctx;
    ctx->address.host = ctx->proxy->host;
    ctx->address.port = ctx->proxy->port;
    ctx->address.addrs = ctx->proxy->addrs;
    ctx->address.naddrs = ctx->proxy->naddrs;
    ctx->address.resolver = clcf->resolver;
    ctx->address.resolver_timeout = clcf->resolver_timeout;

    oauthcc_address_find(&ctx->address, pool, timeout,
                         oauthcc_tunnel_resolved);

    return &ctx->tunnel;
}


static void
oauthcc_tunnel_resolved(oauthcc_address_t *address)
{
    oauthcc_tunnel_ctx_t  *ctx;

    ctx = address->data;

    switch (address->state) {

    case NGX_OK:
        oauthcc_tunnel_connect(ctx);
        return;

    case NGX_ERROR:
        oauthcc_tunnel_fail(ctx, "no memory");
        return;

    case NGX_RESOLVE_TIMEDOUT:
        ctx->tunnel.timed_out = 1;
        ctx->tunnel.unresolved = 1;
        oauthcc_tunnel_fail(ctx, "timed out while resolving forward proxy %V",
                            &ctx->proxy->host);
        return;

    default:
        oauthcc_tunnel_fail(ctx, "forward proxy %V could not be resolved "
                            "(%i: %s)", &ctx->proxy->host, address->state,
                            ngx_resolver_strerror(address->state));
    }
}


/* Tries the addresses from the next one on. */

static void
oauthcc_tunnel_connect(oauthcc_tunnel_ctx_t *ctx)
{
    ngx_int_t               rc;
    ngx_msec_t              left;
    ngx_addr_t             *addr;
    ngx_connection_t       *c;
    ngx_peer_connection_t  *pc;

    ctx->phase = OAUTHCC_TUNNEL_CONNECTING;
    ctx->log->action = "connecting to the forward proxy";

    pc = &ctx->peer;

    while (ctx->next < ctx->address.naddrs) {

        addr = &ctx->address.addrs[ctx->next++];
        ctx->tunnel.proxy = addr;

        ngx_memzero(pc, sizeof(ngx_peer_connection_t));

        pc->sockaddr = addr->sockaddr;
        pc->socklen = addr->socklen;
        pc->name = &addr->name;
        pc->get = ngx_event_get_peer;
        pc->log = ctx->log;
        pc->log_error = NGX_ERROR_ERR;
        pc->local = ctx->proxy->local;
        pc->so_keepalive = ctx->proxy->keepalive;
#if (NGX_HAVE_TRANSPARENT_PROXY)
        pc->transparent = ctx->proxy->transparent;
#endif

        rc = ngx_event_connect_peer(pc);

        if (rc != NGX_OK && rc != NGX_AGAIN) {
            continue;
        }

        c = pc->connection;

        c->data = ctx;
        c->log = ctx->log;
        c->read->handler = oauthcc_tunnel_event;
        c->write->handler = oauthcc_tunnel_event;

        ctx->tunnel.connection = c;

        left = oauthcc_tunnel_left(ctx);

        ngx_add_timer(&ctx->timer, ngx_min(left, ctx->proxy->connect_timeout));

        if (rc == NGX_OK) {
            oauthcc_tunnel_event(c->write);
        }

        return;
    }

    oauthcc_tunnel_fail(ctx, "could not connect to forward proxy %V",
                        &ctx->tunnel.proxy->name);
}


static ngx_int_t
oauthcc_tunnel_connected(ngx_connection_t *c)
{
    ngx_err_t  err;

    err = oauthcc_address_error(c);

    if (err) {
        (void) ngx_connection_error(c, err, "connect() failed");
        return NGX_ERROR;
    }

    return NGX_OK;
}


static void
oauthcc_tunnel_event(ngx_event_t *ev)
{
    ngx_connection_t      *c;
    oauthcc_tunnel_ctx_t  *ctx;

    c = ev->data;
    ctx = c->data;

    if (c->close) {
        ctx->tunnel.aborted = 1;
        oauthcc_tunnel_disconnect(ctx);
        oauthcc_tunnel_over(ctx);
        return;
    }

    switch (ctx->phase) {

    case OAUTHCC_TUNNEL_CONNECTING:

        if (!ev->write) {
            return;
        }

        if (oauthcc_tunnel_connected(c) != NGX_OK) {
            oauthcc_tunnel_disconnect(ctx);
            oauthcc_tunnel_connect(ctx);
            return;
        }

        ngx_add_timer(&ctx->timer, oauthcc_tunnel_left(ctx));

        ctx->phase = OAUTHCC_TUNNEL_SENDING;
        ctx->log->action = "sending CONNECT to the forward proxy";

        /* fall through */

    case OAUTHCC_TUNNEL_SENDING:

        if (ev->write) {
            oauthcc_tunnel_send(ctx);
        }

        return;

    case OAUTHCC_TUNNEL_RECEIVING:

        if (!ev->write) {
            oauthcc_tunnel_receive(ctx);
        }

        return;

    default: /* open, and nobody's yet */
        return;
    }
}


static void
oauthcc_tunnel_send(oauthcc_tunnel_ctx_t *ctx)
{
    ssize_t            n;
    ngx_buf_t         *b;
    ngx_connection_t  *c;

    b = ctx->request.out;
    c = ctx->tunnel.connection;

    while (b->pos < b->last) {

        n = c->send(c, b->pos, b->last - b->pos);

        if (n > 0) {
            b->pos += n;
            continue;
        }

        if (n == NGX_AGAIN && ngx_handle_write_event(c->write, 0) == NGX_OK) {
            return;
        }

        oauthcc_tunnel_fail(ctx, "could not send to forward proxy %V",
                            &ctx->tunnel.proxy->name);
        return;
    }

    ctx->phase = OAUTHCC_TUNNEL_RECEIVING;
    ctx->log->action = "waiting for the response of the forward proxy";

    oauthcc_tunnel_receive(ctx);
}


static void
oauthcc_tunnel_receive(oauthcc_tunnel_ctx_t *ctx)
{
    char              *reason;
    ssize_t            n;
    ngx_int_t          rc;
    ngx_buf_t         *in;
    ngx_connection_t  *c;

    c = ctx->tunnel.connection;
    in = &ctx->response.in;

    do {
        n = c->recv(c, in->last, in->end - in->last);

        if (n == NGX_AGAIN && ngx_handle_read_event(c->read, 0) == NGX_OK) {
            return;
        }

        if (n <= 0) {
            oauthcc_tunnel_fail(ctx, "forward proxy %V closed the connection "
                                "before it answered",
                                &ctx->tunnel.proxy->name);
            return;
        }

        in->last += n;

        rc = oauthcc_tunnel_response_read(&ctx->response, &reason);

    } while (rc == NGX_AGAIN);

    if (rc != NGX_OK) {
        oauthcc_tunnel_fail(ctx, "forward proxy %V sent %s",
                            &ctx->tunnel.proxy->name, reason);
        return;
    }

    oauthcc_tunnel_answered(ctx);
}


static void
oauthcc_tunnel_answered(oauthcc_tunnel_ctx_t *ctx)
{
    ngx_str_t                  *name, *proxy, *challenge;
    oauthcc_tunnel_response_t  *response;

    response = &ctx->response;
    proxy = &ctx->tunnel.proxy->name;

    if (response->code / 100 != 2) {

        challenge = &response->challenge;

        oauthcc_tunnel_request_redact(&ctx->request, &response->line);
        oauthcc_tunnel_request_redact(&ctx->request, challenge);

        ngx_log_error(NGX_LOG_ERR, ctx->log, 0,
                      challenge->len
                      ? "forward proxy %V refused the connection to %V: "
                        "\"%V\", it asks for %V"
                      : "forward proxy %V refused the connection to %V: "
                        "\"%V\"",
                      proxy, &ctx->request.target, &response->line,
                      challenge);

        oauthcc_tunnel_fail(ctx, "the forward proxy refused with status %ui",
                            response->code);
        return;
    }

    /* in TLS as in HTTP it is the client who speaks first */

    if (response->in.pos != response->in.last) {
        oauthcc_tunnel_fail(ctx, "forward proxy %V sent more than a header",
                            proxy);
        return;
    }

    name = &ctx->tunnel.name;

    name->data = ngx_pnalloc(ctx->pool, ctx->request.target.len
                                        + sizeof(" through ") - 1
                                        + proxy->len);
    if (name->data == NULL) {
        oauthcc_tunnel_fail(ctx, "no memory");
        return;
    }

    name->len = ngx_sprintf(name->data, "%V through %V", &ctx->request.target,
                            proxy)
                - name->data;

    oauthcc_tunnel_over(ctx);
}


static void
oauthcc_tunnel_timeout(ngx_event_t *ev)
{
    oauthcc_tunnel_ctx_t  *ctx;

    ctx = ev->data;

    if (ctx->phase == OAUTHCC_TUNNEL_CONNECTING
        && ctx->next < ctx->address.naddrs)
    {
        ngx_log_error(NGX_LOG_ERR, ctx->log, NGX_ETIMEDOUT,
                      "forward proxy %V timed out, the next address is tried",
                      &ctx->tunnel.proxy->name);

        oauthcc_tunnel_disconnect(ctx);
        oauthcc_tunnel_connect(ctx);
        return;
    }

    ctx->tunnel.timed_out = 1;

    oauthcc_tunnel_fail(ctx, ctx->phase == OAUTHCC_TUNNEL_CONNECTING
                        ? "timed out while connecting to forward proxy %V"
                        : "timed out while waiting for forward proxy %V",
                        &ctx->tunnel.proxy->name);
}


/* In milliseconds, at least 1. */

static ngx_msec_t
oauthcc_tunnel_left(oauthcc_tunnel_ctx_t *ctx)
{
    ngx_msec_int_t  left;

    left = (ngx_msec_int_t) (ctx->deadline - ngx_current_msec);

    return left > 0 ? (ngx_msec_t) left : 1;
}


static void
oauthcc_tunnel_fail(oauthcc_tunnel_ctx_t *ctx, char *fmt, ...)
{
    u_char  *p, text[NGX_MAX_ERROR_STR];
    va_list  args;

    va_start(args, fmt);
    p = ngx_vslprintf(text, text + sizeof(text) - 1, fmt, args);
    va_end(args);

    *p++ = '\0';

    ctx->tunnel.failure = ngx_pnalloc(ctx->pool, p - text);

    if (ctx->tunnel.failure) {
        ngx_memcpy(ctx->tunnel.failure, text, p - text);

    } else {
        ctx->tunnel.failure = "no memory";
    }

    oauthcc_tunnel_disconnect(ctx);
    oauthcc_tunnel_over(ctx);
}


/* The caller is told later: he may be calling. */

static void
oauthcc_tunnel_over(oauthcc_tunnel_ctx_t *ctx)
{
    ctx->phase = OAUTHCC_TUNNEL_OVER;
    ctx->log->action = ctx->action;

    if (ctx->timer.timer_set) {
        ngx_del_timer(&ctx->timer);
    }

    if (!ctx->end.posted) {
        ngx_post_event(&ctx->end, &ngx_posted_events);
    }
}


static void
oauthcc_tunnel_end(ngx_event_t *ev)
{
    oauthcc_tunnel_ctx_t  *ctx;

    ctx = ev->data;

    ctx->done(&ctx->tunnel);
}


static void
oauthcc_tunnel_disconnect(oauthcc_tunnel_ctx_t *ctx)
{
    if (ctx->tunnel.connection) {
        ngx_close_connection(ctx->tunnel.connection);
        ctx->tunnel.connection = NULL;
    }
}


static void
oauthcc_tunnel_cleanup(void *data)
{
    oauthcc_tunnel_ctx_t *ctx = data;

    oauthcc_tunnel_disconnect(ctx);

    oauthcc_address_free(&ctx->address);

    if (ctx->timer.timer_set) {
        ngx_del_timer(&ctx->timer);
    }

    if (ctx->end.posted) {
        ngx_delete_posted_event(&ctx->end);
    }

    oauthcc_tunnel_request_wipe(&ctx->request);
}
