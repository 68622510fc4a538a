
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "http/oauthcc_request_buffer.h"
#include "core/oauthcc_text.h"
#include "http/oauthcc_http2_frames.h"


static ngx_buf_t *oauthcc_request_buffer_text(ngx_http_upstream_t *u);
static u_char *oauthcc_request_buffer_end(u_char *p, u_char *last);
static ngx_int_t oauthcc_request_buffer_header(u_char *p, u_char *last,
    ngx_str_t *host);


ngx_int_t
oauthcc_request_buffer_uri(ngx_http_request_t *r, ngx_str_t *uri)
{
    ngx_http_upstream_t  *u;

    u = r->upstream;

    if (u->request_bufs == NULL) {
        return NGX_DECLINED;
    }

    if (oauthcc_request_buffer_text(u)) {
        *uri = u->uri;
        return NGX_OK;
    }

    return oauthcc_http2_frames_uri(r->pool, u->request_bufs->buf, uri);
}


ngx_int_t
oauthcc_request_buffer_host(ngx_http_request_t *r, ngx_str_t *method,
    ngx_str_t *host)
{
    ngx_buf_t            *b;
    ngx_http_upstream_t  *u;

    u = r->upstream;

    if (u->request_bufs == NULL) {
        return NGX_DECLINED;
    }

    b = oauthcc_request_buffer_text(u);

    if (b == NULL) {
        return oauthcc_http2_frames_host(r->pool, u->request_bufs->buf, method,
                                         host);
    }

    method->data = b->pos;
    method->len = u->uri.data - b->pos;

    while (method->len && method->data[method->len - 1] == ' ') {
        method->len--;
    }

    return oauthcc_request_buffer_header(u->uri.data + u->uri.len, b->last,
                                         host);
}


ngx_int_t
oauthcc_request_buffer_change(ngx_http_request_t *r, ngx_str_t *uri,
    oauthcc_pair_t *headers, ngx_uint_t n)
{
    size_t                len;
    u_char               *p, *start, *from, *end;
    ngx_buf_t            *b;
    ngx_uint_t            i;
    ngx_http_upstream_t  *u;

    u = r->upstream;

    if (u->request_bufs == NULL) {
        return NGX_DECLINED;
    }

    b = oauthcc_request_buffer_text(u);

    if (b == NULL) {
        return oauthcc_http2_frames_change(r->pool, u->request_bufs->buf,
                                           uri, headers, n);
    }

    from = u->uri.data + u->uri.len;
    end = n ? oauthcc_request_buffer_end(from, b->last) : from;

    if (end == NULL) {
        return NGX_DECLINED;
    }

    len = b->last - b->pos - u->uri.len + uri->len;

    for (i = 0; i < n; i++) {
        len += headers[i].name.len + sizeof(": ") - 1
               + headers[i].value.len + sizeof(CRLF) - 1;
    }

    start = ngx_pnalloc(r->pool, len);
    if (start == NULL) {
        return NGX_ERROR;
    }

    p = ngx_cpymem(start, b->pos, u->uri.data - b->pos);
    p = ngx_cpymem(p, uri->data, uri->len);
    p = ngx_cpymem(p, from, end - from);

    for (i = 0; i < n; i++) {
        p = ngx_cpymem(p, headers[i].name.data, headers[i].name.len);
        *p++ = ':'; *p++ = ' ';
        p = ngx_cpymem(p, headers[i].value.data, headers[i].value.len);
        *p++ = CR; *p++ = LF;
    }

    /* the other headers, an empty line, and perhaps a body */

    p = ngx_cpymem(p, end, b->last - end);

    /* a retry at another server resets pos to "start" */

    b->start = start;
    b->pos = start;
    b->last = p;
    b->end = p;

    return NGX_OK;
}


void
oauthcc_request_buffer_wipe(ngx_http_request_t *r, size_t url)
{
    ngx_buf_t            *b;
    ngx_http_upstream_t  *u;

    u = r->upstream;

    if (u == NULL) {
        return;
    }

    if (u->request_bufs) {
        b = u->request_bufs->buf;

        if (b->temporary) {
            ngx_explicit_memzero(b->start, b->end - b->start);
        }
    }

    /* an absolute URL is a copy, not the text of the configuration */

    if (u->schema.len) {
        ngx_explicit_memzero(u->schema.data, url);
        u->schema.len = 0;
    }
}


/* The first buffer, if it is HTTP/1.x: its URI is u->uri. */

static ngx_buf_t *
oauthcc_request_buffer_text(ngx_http_upstream_t *u)
{
    ngx_buf_t  *b;

    b = u->request_bufs->buf;

    return (u->uri.len && u->uri.data >= b->pos
            && u->uri.data + u->uri.len <= b->last) ? b : NULL;
}


/* Behind the request line, whose URI ends at p. */

static u_char *
oauthcc_request_buffer_end(u_char *p, u_char *last)
{
    p = ngx_strlchr(p, last, LF);

    return p ? p + 1 : NULL;
}


/* The value of "Host", of lines that end with CRLF, until an empty one. */

static ngx_int_t
oauthcc_request_buffer_header(u_char *p, u_char *last, ngx_str_t *host)
{
    ngx_str_t  line;

    ngx_str_null(host);

    for ( ;; ) {
        p = oauthcc_request_buffer_end(p, last);

        if (p == NULL || p == last) {
            return NGX_DECLINED;
        }

        if (*p == CR) {
            return NGX_OK;
        }

        line.data = p;
        line.len = last - p;

        if (oauthcc_text_ibegins(&line, "Host:")) {
            break;
        }
    }

    p += sizeof("Host:") - 1;

    while (p < last && (*p == ' ' || *p == '\t')) {
        p++;
    }

    host->data = p;

    p = oauthcc_request_buffer_end(p, last);

    if (p == NULL) {
        return NGX_DECLINED;
    }

    host->len = p - host->data - (sizeof(CRLF) - 1);

    return NGX_OK;
}
