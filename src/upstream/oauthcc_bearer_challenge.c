
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "upstream/oauthcc_bearer_challenge.h"
#include "token/oauthcc_caller_claims.h"


#define OAUTHCC_BEARER_CHALLENGE  "Bearer realm=\"\""


static ngx_int_t oauthcc_bearer_challenge_claims(ngx_http_request_t *r,
    ngx_http_oauthcc_ctx_t *ctx, ngx_str_t *value);
static void oauthcc_bearer_challenge_uri(ngx_http_oauthcc_ctx_t *ctx,
    ngx_str_t *uri);


ngx_int_t
oauthcc_bearer_challenge_add(ngx_http_request_t *r,
    ngx_http_oauthcc_ctx_t *ctx, ngx_uint_t status)
{
    ngx_int_t         rc;
    ngx_str_t         value;
    ngx_table_elt_t  *h;

    if (ctx->conf->binding->subject == NULL) {
        return NGX_OK;
    }

    switch (status) {

    case NGX_HTTP_UNAUTHORIZED:

        rc = oauthcc_bearer_challenge_claims(r, ctx, &value);

        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }

        if (rc == NGX_OK) {
            break;
        }

        if (ctx->has_subject) {
            ngx_str_set(&value, OAUTHCC_BEARER_CHALLENGE
                                ", error=\"invalid_token\"");

        } else {

            /* who has sent none is told of no error */

            ngx_str_set(&value, OAUTHCC_BEARER_CHALLENGE);
        }

        break;

    case NGX_HTTP_FORBIDDEN:
        ngx_str_set(&value, OAUTHCC_BEARER_CHALLENGE
                            ", error=\"insufficient_scope\"");
        break;

    default:
        return NGX_OK;
    }

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(h, sizeof(ngx_table_elt_t));

    h->hash = 1;
    ngx_str_set(&h->key, "WWW-Authenticate");
    h->value = value;

    r->headers_out.www_authenticate = h;

    return NGX_OK;
}


/*
 * What a server wants of a user besides the token, which the client is to ask
 * for at that server, in the form of Entra ID.  NGX_DECLINED: there is none.
 */

static ngx_int_t
oauthcc_bearer_challenge_claims(ngx_http_request_t *r,
    ngx_http_oauthcc_ctx_t *ctx, ngx_str_t *value)
{
    u_char     *p;
    ngx_int_t   rc;
    ngx_str_t   claims, encoded, uri;

    rc = oauthcc_caller_claims_get(ctx->local, &ctx->acquire, r->pool,
                                   &claims);

    if (rc != NGX_OK) {
        return rc;
    }

    oauthcc_bearer_challenge_uri(ctx, &uri);

    p = ngx_pnalloc(r->pool, sizeof(OAUTHCC_BEARER_CHALLENGE
                                    ", authorization_uri=\"/authorize\""
                                    ", error=\"insufficient_claims\""
                                    ", claims=\"\"")
                             + uri.len
                             + ngx_base64_encoded_length(claims.len));
    if (p == NULL) {
        return NGX_ERROR;
    }

    value->data = p;

    p = ngx_cpymem(p, OAUTHCC_BEARER_CHALLENGE,
                   sizeof(OAUTHCC_BEARER_CHALLENGE) - 1);

    if (uri.len) {
        p = ngx_sprintf(p, ", authorization_uri=\"%V/authorize\"", &uri);
    }

    p = ngx_sprintf(p, ", error=\"insufficient_claims\", claims=\"");

    encoded.data = p;
    ngx_encode_base64(&encoded, &claims);

    p += encoded.len;
    *p++ = '"';

    value->len = p - value->data;

    return NGX_OK;
}


/*
 * The URL of the token endpoint without "/token", beside which such a server
 * has its "/authorize"; empty if it has another name.
 */

static void
oauthcc_bearer_challenge_uri(ngx_http_oauthcc_ctx_t *ctx, ngx_str_t *uri)
{
    u_char  *p;
    size_t   i;

    oauthcc_caller_claims_endpoint(ctx->local, uri);

    p = ngx_strlchr(uri->data, uri->data + uri->len, '?');

    if (p) {
        uri->len = p - uri->data;
    }

    if (uri->len < sizeof("/token")
        || ngx_strncmp(uri->data + uri->len - (sizeof("/token") - 1),
                       "/token", sizeof("/token") - 1)
           != 0)
    {
        uri->len = 0;
        return;
    }

    uri->len -= sizeof("/token") - 1;

    /* what may not stand between quotes as it is */

    for (i = 0; i < uri->len; i++) {
        if (uri->data[i] <= 0x20 || uri->data[i] >= 0x7f
            || uri->data[i] == '"' || uri->data[i] == '\\')
        {
            uri->len = 0;
        }
    }
}
