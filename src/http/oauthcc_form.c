
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "http/oauthcc_form.h"


static size_t oauthcc_form_len(ngx_str_t *text);
static u_char *oauthcc_form_escape(u_char *p, ngx_str_t *text);


ngx_int_t
oauthcc_form_encode(ngx_pool_t *pool, oauthcc_pair_t *pairs, ngx_uint_t n,
    ngx_str_t *out)
{
    size_t      len;
    u_char     *p;
    ngx_uint_t  i;

    len = 0;

    for (i = 0; i < n; i++) {

        if (pairs[i].value.len == 0) {
            continue;
        }

        len += oauthcc_form_len(&pairs[i].name) + sizeof("=") - 1
               + oauthcc_form_len(&pairs[i].value) + sizeof("&") - 1;
    }

    p = ngx_pnalloc(pool, len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    out->data = p;

    for (i = 0; i < n; i++) {

        if (pairs[i].value.len == 0) {
            continue;
        }

        if (p != out->data) {
            *p++ = '&';
        }

        p = oauthcc_form_escape(p, &pairs[i].name);
        *p++ = '=';
        p = oauthcc_form_escape(p, &pairs[i].value);
    }

    out->len = p - out->data;

    return NGX_OK;
}


ngx_int_t
oauthcc_form_basic(ngx_pool_t *pool, ngx_str_t *id, ngx_str_t *secret,
    ngx_uint_t raw, ngx_str_t *out)
{
    u_char    *p;
    ngx_str_t  plain, encoded;

    plain.len = sizeof(":") - 1;

    if (raw) {
        plain.len += id->len + secret->len;

    } else {
        plain.len += oauthcc_form_len(id)
                     + oauthcc_form_len(secret);
    }

    plain.data = ngx_pnalloc(pool, plain.len);
    if (plain.data == NULL) {
        return NGX_ERROR;
    }

    out->data = ngx_pnalloc(pool, sizeof("Basic ") - 1
                                  + ngx_base64_encoded_length(plain.len));
    if (out->data == NULL) {
        return NGX_ERROR;
    }

    if (raw) {
        p = ngx_cpymem(plain.data, id->data, id->len);
        *p++ = ':';
        ngx_memcpy(p, secret->data, secret->len);

    } else {
        p = oauthcc_form_escape(plain.data, id);
        *p++ = ':';
        (void) oauthcc_form_escape(p, secret);
    }

    p = ngx_cpymem(out->data, "Basic ", sizeof("Basic ") - 1);

    encoded.data = p;
    ngx_encode_base64(&encoded, &plain);

    out->len = sizeof("Basic ") - 1 + encoded.len;

    /* wipe the copy: the pool may live long */

    ngx_explicit_memzero(plain.data, plain.len);

    return NGX_OK;
}


static size_t
oauthcc_form_len(ngx_str_t *text)
{
    uintptr_t  escaped;

    escaped = ngx_escape_uri(NULL, text->data, text->len,
                             NGX_ESCAPE_URI_COMPONENT);

    return text->len + escaped * (sizeof("%XX") - 1 - 1);
}


static u_char *
oauthcc_form_escape(u_char *p, ngx_str_t *text)
{
    return (u_char *) ngx_escape_uri(p, text->data, text->len,
                                     NGX_ESCAPE_URI_COMPONENT);
}


ngx_uint_t
oauthcc_form_forms(ngx_str_t *id, ngx_str_t *secret)
{
    return (oauthcc_form_len(id) != id->len
            || oauthcc_form_len(secret) != secret->len)
           && ngx_strlchr(id->data, id->data + id->len, ':') == NULL;
}


ngx_int_t
oauthcc_form_argument(ngx_pool_t *pool, ngx_str_t *name, ngx_str_t *value,
    oauthcc_argument_t *argument)
{
    size_t      len;
    u_char     *p;
    uintptr_t   escaped;

    escaped = ngx_escape_uri(NULL, value->data, value->len,
                             NGX_ESCAPE_URI_COMPONENT);

    len = name->len + value->len + sizeof("=") - 1
          + 2 * ngx_escape_uri(NULL, name->data, name->len,
                               NGX_ESCAPE_URI_COMPONENT)
          + 2 * escaped;

    p = ngx_pnalloc(pool, len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    argument->name = *name;
    argument->text.data = p;
    argument->text.len = len;

    p = (u_char *) ngx_escape_uri(p, name->data, name->len,
                                  NGX_ESCAPE_URI_COMPONENT);
    *p++ = '=';

    /* most tokens have nothing to escape */

    if (escaped) {
        (void) ngx_escape_uri(p, value->data, value->len,
                              NGX_ESCAPE_URI_COMPONENT);

    } else {
        ngx_memcpy(p, value->data, value->len);
    }

    return NGX_OK;
}
