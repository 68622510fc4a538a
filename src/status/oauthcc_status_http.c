
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "status/oauthcc_status_http.h"
#include "core/oauthcc_text.h"
#include "http/oauthcc_header_syntax.h"


static ngx_uint_t oauthcc_status_http_match(u_char *range, size_t len,
    ngx_str_t *type);
static ngx_uint_t oauthcc_status_http_host(ngx_http_request_t *r,
    ngx_str_t *host);
static ngx_uint_t oauthcc_status_http_tls(ngx_http_request_t *r);
static ngx_uint_t oauthcc_status_http_q(u_char *p, u_char *last);


ngx_str_t *
oauthcc_status_http_header(ngx_http_request_t *r, char *name)
{
    ngx_table_elt_t  *header;

    header = oauthcc_text_header(&r->headers_in.headers, name, 0);

    return header ? &header->value : NULL;
}


ngx_uint_t
oauthcc_status_http_quality(ngx_str_t *accept, ngx_str_t *type)
{
    u_char     *p, *last, *end, *range;
    ngx_uint_t  match, best, quality;

    best = 0;
    quality = 0;

    last = accept->data + accept->len;

    for (p = accept->data; p < last; p = end + 1) {

        end = ngx_strlchr(p, last, ',');
        if (end == NULL) {
            end = last;
        }

        while (p < end && (*p == ' ' || *p == '\t')) {
            p++;
        }

        range = p;

        while (p < end && *p != ';' && *p != ' ' && *p != '\t') {
            p++;
        }

        match = oauthcc_status_http_match(range, p - range, type);

        if (match > best) {
            best = match;
            quality = oauthcc_status_http_q(p, end);
        }
    }

    return quality;
}


/* 3: the type itself, 2: all of its kind, 1: all there is, 0: others. */

static ngx_uint_t
oauthcc_status_http_match(u_char *range, size_t len, ngx_str_t *type)
{
    size_t  kind;

    if (len == type->len && ngx_strncasecmp(range, type->data, len) == 0) {
        return 3;
    }

    kind = ngx_strlchr(type->data, type->data + type->len, '/') + 1
           - type->data;

    if (len == kind + 1 && range[kind] == '*'
        && ngx_strncasecmp(range, type->data, kind) == 0)
    {
        return 2;
    }

    return len == 3 && ngx_strncmp(range, "*/*", 3) == 0;
}


/* The weight among the parameters of a range, in thousandths. */

static ngx_uint_t
oauthcc_status_http_q(u_char *p, u_char *last)
{
    ngx_int_t  q;
    u_char    *end;

    for ( /* void */ ; p < last; p = end) {

        while (p < last && (*p == ';' || *p == ' ' || *p == '\t')) {
            p++;
        }

        for (end = p; end < last && *end != ';'; end++) { /* void */ }

        if (end - p > 2 && (p[0] == 'q' || p[0] == 'Q') && p[1] == '=') {

            while (end[-1] == ' ' || end[-1] == '\t') {
                end--;
            }

            q = ngx_atofp(p + 2, end - p - 2, 3);

            return (q == NGX_ERROR || q > 1000) ? 0 : (ngx_uint_t) q;
        }
    }

    return 1000;
}


ngx_uint_t
oauthcc_status_http_same_origin(ngx_http_request_t *r)
{
    ngx_str_t         origin, host;
    ngx_table_elt_t  *header;

    header = oauthcc_text_header(&r->headers_in.headers, "origin", 0);

    if (header == NULL) {
        return 1;
    }

    if (oauthcc_text_header(&r->headers_in.headers, "origin", 1)
        || !oauthcc_status_http_host(r, &host))
    {
        return 0;
    }

    origin = header->value;

    if (oauthcc_text_ibegins(&origin, "https://")) {
        origin.data += sizeof("https://") - 1;
        origin.len -= sizeof("https://") - 1;

    } else if (oauthcc_text_ibegins(&origin, "http://")
               && !oauthcc_status_http_tls(r))
    {
        origin.data += sizeof("http://") - 1;
        origin.len -= sizeof("http://") - 1;

    } else {
        return 0;
    }

    return origin.len && oauthcc_text_ieq(&origin, &host);
}


/*
 * Host and port that the client has asked for.  Of ":authority" nginx makes a
 * Host header with HTTP/2, but not with HTTP/3.
 */

static ngx_uint_t
oauthcc_status_http_host(ngx_http_request_t *r, ngx_str_t *host)
{
    if (r->headers_in.host) {
        *host = r->headers_in.host->value;
        return 1;
    }

#if (NGX_HTTP_V3)
    if (r->http_version == NGX_HTTP_VERSION_30 && r->host_start) {
        host->data = r->host_start;
        host->len = r->host_end - r->host_start;
        return 1;
    }
#endif

    return 0;
}


static ngx_uint_t
oauthcc_status_http_tls(ngx_http_request_t *r)
{
#if (NGX_HTTP_SSL)
    return r->connection->ssl != NULL;
#else
    return 0;
#endif
}


/* The arguments may be those of a "set", of any bytes: they stay away then. */

ngx_int_t
oauthcc_status_http_see_page(ngx_http_request_t *r)
{
    u_char            *p;
    ngx_table_elt_t   *h;
    oauthcc_writer_t   w;

    p = ngx_pnalloc(r->pool, r->args.len + 1);
    h = ngx_list_push(&r->headers_out.headers);

    if (p == NULL || h == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_memzero(h, sizeof(ngx_table_elt_t));

    /* a relative one is right behind any proxy, and nginx leaves it alone */

    h->hash = 1;
    ngx_str_set(&h->key, "Location");
    h->value.data = p;
    h->value.len = r->args.len + 1;

    *p++ = '?';

    if (r->args.len) {
        ngx_memcpy(p, r->args.data, r->args.len);
    }

    if (!oauthcc_header_syntax_value(&h->value)) {
        h->value.len = 1;
    }

    oauthcc_writer_init(&w, r->pool);
    oauthcc_writer_put(&w, "See the page.\n");

    return oauthcc_status_http_send(r, NGX_HTTP_SEE_OTHER, "text/plain", &w);
}


ngx_int_t
oauthcc_status_http_add_header(ngx_http_request_t *r, char *name, char *value)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(h, sizeof(ngx_table_elt_t));

    h->hash = 1;

    h->key.data = (u_char *) name;
    h->key.len = ngx_strlen(name);

    h->value.data = (u_char *) value;
    h->value.len = ngx_strlen(value);

    return NGX_OK;
}


ngx_int_t
oauthcc_status_http_send(ngx_http_request_t *r, ngx_uint_t status, char *type,
    oauthcc_writer_t *w)
{
    off_t         size;
    ngx_int_t     rc;
    const char   *parameters;
    ngx_chain_t  *cl, *out;

    if (oauthcc_writer_end(w, &out, &size) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    r->headers_out.status = status;
    r->headers_out.content_length_n = size;
    r->headers_out.content_type.data = (u_char *) type;
    r->headers_out.content_type.len = ngx_strlen(type);
    r->headers_out.content_type_len = r->headers_out.content_type.len;
    r->headers_out.content_type_lowcase = NULL;

    parameters = ngx_strchr(type, ';');

    if (parameters) {
        r->headers_out.content_type_len = parameters - type;
    }

    if (oauthcc_status_http_add_header(r, "Cache-Control", "no-store")
        != NGX_OK
        || oauthcc_status_http_add_header(r, "X-Content-Type-Options",
                                          "nosniff")
           != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    for (cl = out; cl->next; cl = cl->next) { /* void */ }

    cl->buf->last_buf = (r == r->main);
    cl->buf->last_in_chain = 1;

    return ngx_http_output_filter(r, out);
}
