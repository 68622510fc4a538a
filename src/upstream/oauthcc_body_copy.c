
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "upstream/oauthcc_body_copy.h"


/* the first buffer, bytes; each further one is twice as large */
#define OAUTHCC_BODY_COPY_SIZE  1024


extern ngx_module_t  ngx_http_oauthcc_module;


static ngx_int_t oauthcc_body_copy_filter(ngx_http_request_t *r,
    ngx_chain_t *in);
static void oauthcc_body_copy_add(ngx_http_request_t *r,
    ngx_http_oauthcc_ctx_t *ctx, ngx_chain_t *in);
static ngx_int_t oauthcc_body_copy_piece(ngx_http_request_t *r,
    oauthcc_body_copy_t *body, ngx_buf_t *b);
static size_t oauthcc_body_copy_limit(ngx_http_request_t *r);


static ngx_http_request_body_filter_pt  ngx_http_next_request_body_filter;


/* whether the request may be refused and then sent again */

#define oauthcc_body_copy_wanted(ctx)                                         \
    ((ctx)->acquire.credential && !(ctx)->judged                              \
     && (((ctx)->conf->replay && !(ctx)->replayed)                            \
         || ((ctx)->acquire.credential->packed.bound && !(ctx)->challenged))  \
     && !(ctx)->provider->document.per_request)


void
oauthcc_body_copy_init(void)
{
    ngx_http_next_request_body_filter = ngx_http_top_request_body_filter;
    ngx_http_top_request_body_filter = oauthcc_body_copy_filter;
}


static ngx_int_t
oauthcc_body_copy_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_http_oauthcc_ctx_t  *ctx;

    if (r->request_body_no_buffering && in) {
        ctx = ngx_http_get_module_ctx(r, ngx_http_oauthcc_module);

        if (ctx && oauthcc_body_copy_wanted(ctx)) {
            oauthcc_body_copy_add(r, ctx, in);
        }
    }

    return ngx_http_next_request_body_filter(r, in);
}


static void
oauthcc_body_copy_add(ngx_http_request_t *r, ngx_http_oauthcc_ctx_t *ctx,
    ngx_chain_t *in)
{
    oauthcc_body_copy_t  *body;

    body = ctx->body;

    if (body == NULL) {
        body = ngx_pcalloc(r->pool, sizeof(oauthcc_body_copy_t));
        if (body == NULL) {
            ctx->judged = 1;
            return;
        }

        ctx->body = body;
    }

    for ( /* void */ ; in && !body->over; in = in->next) {

        if (oauthcc_body_copy_piece(r, body, in->buf) != NGX_OK) {
            oauthcc_body_copy_free(ctx);
            body->over = 1;
            return;
        }

        if (in->buf->last_buf) {
            body->whole = 1;
        }
    }
}


static ngx_int_t
oauthcc_body_copy_piece(ngx_http_request_t *r, oauthcc_body_copy_t *body,
    ngx_buf_t *b)
{
    u_char  *data;
    size_t   n, size, limit;

    if (ngx_buf_special(b)) {
        return NGX_OK;
    }

    limit = oauthcc_body_copy_limit(r);
    n = b->last - b->pos;

    if (!ngx_buf_in_memory(b) || b->in_file || n > limit - body->len) {
        return NGX_DECLINED;
    }

    if (n > body->size - body->len) {
        size = ngx_max(2 * body->size, body->len + n);
        size = ngx_max(size, OAUTHCC_BODY_COPY_SIZE);
        size = ngx_min(size, limit);

        data = ngx_alloc(size, r->connection->log);
        if (data == NULL) {
            return NGX_ERROR;
        }

        if (body->data) {
            ngx_memcpy(data, body->data, body->len);
            ngx_free(body->data);
        }

        body->data = data;
        body->size = size;
    }

    ngx_memcpy(body->data + body->len, b->pos, n);
    body->len += n;

    return NGX_OK;
}


/* The limit of a copy, bytes; 0 if the body is known not to fit. */

static size_t
oauthcc_body_copy_limit(ngx_http_request_t *r)
{
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    if (!r->headers_in.chunked
        && r->headers_in.content_length_n
           > (off_t) clcf->client_body_buffer_size)
    {
        return 0;
    }

    return clcf->client_body_buffer_size;
}


ngx_int_t
oauthcc_body_copy_state(ngx_http_request_t *r, ngx_http_oauthcc_ctx_t *ctx)
{
    if (!r->request_body_no_buffering) {
        return NGX_OK;
    }

    if (ctx->judged || (ctx->body && ctx->body->over)) {
        return NGX_DECLINED;
    }

    if (ctx->body && ctx->body->whole && !r->reading_body) {
        return NGX_OK;
    }

    return r->reading_body && oauthcc_body_copy_limit(r) ? NGX_AGAIN
                                                         : NGX_DECLINED;
}


ngx_int_t
oauthcc_body_copy_replay(ngx_http_request_t *r, ngx_http_oauthcc_ctx_t *ctx)
{
    ngx_buf_t            *b;
    ngx_chain_t          *cl;
    oauthcc_body_copy_t  *body;

    if (!r->request_body_no_buffering) {
        return NGX_OK;
    }

    body = ctx->body;
    cl = NULL;

    if (body->len) {
        cl = ngx_alloc_chain_link(r->pool);
        if (cl == NULL) {
            return NGX_ERROR;
        }

        b = ngx_calloc_buf(r->pool);
        if (b == NULL) {
            return NGX_ERROR;
        }

        b->temporary = 1;
        b->start = body->data;
        b->pos = body->data;
        b->last = body->data + body->len;
        b->end = body->data + body->size;

        cl->buf = b;
        cl->next = NULL;
    }

    r->request_body->bufs = cl;
    r->request_body_no_buffering = 0;

    /* as nginx does for a chunked body that it has buffered */

    if (r->headers_in.chunked) {
        r->headers_in.content_length_n = body->len;
    }

    return NGX_OK;
}


void
oauthcc_body_copy_free(ngx_http_oauthcc_ctx_t *ctx)
{
    oauthcc_body_copy_t  *body;

    body = ctx->body;

    if (body && body->data) {
        ngx_free(body->data);

        body->data = NULL;
        body->len = 0;
        body->size = 0;
    }
}
