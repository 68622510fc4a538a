
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "http/oauthcc_tunnel_request.h"
#include "core/oauthcc_redact.h"


static ngx_int_t oauthcc_tunnel_request_credential(
    oauthcc_tunnel_request_t *request, ngx_pool_t *pool, ngx_str_t *user);


ngx_int_t
oauthcc_tunnel_request_build(oauthcc_tunnel_request_t *request,
    ngx_pool_t *pool, oauthcc_forward_proxy_t *proxy,
    oauthcc_http_request_t *login)
{
    u_char     *p;
    ngx_buf_t  *b;

    p = ngx_pnalloc(pool, login->host.len + sizeof(":65535") - 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    request->target.data = p;
    request->target.len = ngx_sprintf(p, "%V:%ui", &login->host,
                                      (ngx_uint_t) login->port)
                          - p;

    request->password = proxy->password.text;

    if (proxy->user.len
        && oauthcc_tunnel_request_credential(request, pool, &proxy->user)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    b = ngx_create_temp_buf(pool,
                            sizeof("CONNECT  HTTP/1.1" CRLF "Host: " CRLF
                                   "Proxy-Authorization: Basic " CRLF CRLF)
                            + 2 * request->target.len
                            + request->credential.len);
    if (b == NULL) {
        return NGX_ERROR;
    }

    request->out = b;

    b->last = ngx_sprintf(b->last, "CONNECT %V HTTP/1.1" CRLF
                          "Host: %V" CRLF, &request->target,
                          &request->target);

    if (request->credential.len) {
        b->last = ngx_sprintf(b->last, "Proxy-Authorization: Basic %V" CRLF,
                              &request->credential);
    }

    b->last = ngx_sprintf(b->last, CRLF);

    return NGX_OK;
}


/* RFC 7617 section 2. */

static ngx_int_t
oauthcc_tunnel_request_credential(oauthcc_tunnel_request_t *request,
    ngx_pool_t *pool, ngx_str_t *user)
{
    ngx_str_t  plain;

    plain.len = user->len + 1 + request->password.len;
    plain.data = ngx_pnalloc(pool, plain.len);

    request->credential.data =
        ngx_pnalloc(pool, ngx_base64_encoded_length(plain.len));

    if (plain.data == NULL || request->credential.data == NULL) {
        return NGX_ERROR;
    }

    (void) ngx_sprintf(plain.data, "%V:%V", user, &request->password);

    ngx_encode_base64(&request->credential, &plain);

    ngx_explicit_memzero(plain.data, plain.len);

    return NGX_OK;
}


void
oauthcc_tunnel_request_redact(oauthcc_tunnel_request_t *request,
    ngx_str_t *text)
{
    if (text->len && request->credential.len
        && (oauthcc_redact_repeats(text, &request->credential)
            || oauthcc_redact_repeats(text, &request->password)))
    {
        oauthcc_redact_replace(text);
    }
}


void
oauthcc_tunnel_request_wipe(oauthcc_tunnel_request_t *request)
{
    if (request->credential.len) {
        ngx_explicit_memzero(request->credential.data,
                             request->credential.len);
    }

    if (request->out) {
        ngx_explicit_memzero(request->out->start,
                             request->out->last - request->out->start);
    }
}
