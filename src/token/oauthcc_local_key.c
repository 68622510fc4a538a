
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "token/oauthcc_local_key.h"
#include "core/oauthcc_text.h"
#include "token/oauthcc_cache_key.h"


/* in place of a length: a digest, as a text, stands for the value */
#define OAUTHCC_LOCAL_KEY_DIGEST  0xffff

/* in place of that of a name: the digest of the client's token follows */
#define OAUTHCC_LOCAL_KEY_TOKEN   0xfffe

#define OAUTHCC_LOCAL_KEY_SHOWN                                               \
    (sizeof("SHA-256:") - 1 + 2 * OAUTHCC_DIGEST_LEN)


static ngx_int_t oauthcc_local_key_value(ngx_http_request_t *r,
    ngx_http_complex_value_t *value, size_t max, ngx_str_t *text);
static ngx_int_t oauthcc_local_key_large(ngx_http_request_t *r,
    oauthcc_parameter_t *parameter, ngx_str_t *value, ngx_uint_t n,
    oauthcc_caller_t **caller);
static u_char *oauthcc_local_key_digest(u_char *p, ngx_str_t *value);
static u_char *oauthcc_local_key_field(u_char *p, ngx_str_t *text);
static u_char *oauthcc_local_key_text(u_char *p, ngx_str_t *text);


/*
 * The endpoint, if it has variables, then names and values, each after its
 * length, then the digest of the token: no two sets of them read alike.
 */

ngx_int_t
oauthcc_local_key_make(ngx_http_request_t *r, oauthcc_provider_t *provider,
    ngx_array_t *parameters, oauthcc_caller_t **caller, ngx_str_t *key,
    ngx_str_t *name)
{
    size_t                len;
    u_char               *p;
    uint16_t              mark;
    ngx_int_t             rc;
    ngx_str_t            *value, endpoint;
    ngx_uint_t            i, n;
    oauthcc_parameter_t  *parameter;

    n = parameters ? parameters->nelts : 0;
    parameter = parameters ? parameters->elts : NULL;

    if (*caller) {
        (*caller)->values = NULL;
        (*caller)->nvalues = 0;
    }

    ngx_str_null(&endpoint);
    len = 0;

    if (provider->endpoint.value) {
        ngx_str_set(name, "token_endpoint");

        rc = oauthcc_local_key_value(r, provider->endpoint.value,
                                     OAUTHCC_LOCAL_KEY_LARGE, &endpoint);
        if (rc != NGX_OK) {
            return rc;
        }

        len += sizeof(uint16_t) + endpoint.len;
    }

    value = ngx_palloc(r->pool, (n + 1) * sizeof(ngx_str_t));
    if (value == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < n; i++) {
        *name = parameter[i].name;

        rc = oauthcc_local_key_value(r, &parameter[i].value,
                                     OAUTHCC_CALLER_MAX, &value[i]);
        if (rc != NGX_OK) {
            return rc;
        }

        if (value[i].len > OAUTHCC_LOCAL_KEY_LARGE
            && oauthcc_local_key_large(r, &parameter[i], &value[i], n, caller)
               != NGX_OK)
        {
            return NGX_ERROR;
        }

        len += 2 * sizeof(uint16_t) + parameter[i].name.len
               + ngx_min(value[i].len, OAUTHCC_LOCAL_KEY_LARGE);
    }

    if (*caller && (*caller)->token.len) {
        len += sizeof(uint16_t) + OAUTHCC_DIGEST_LEN;
    }

    p = ngx_pnalloc(r->pool, len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    key->data = p;

    if (provider->endpoint.value) {
        p = oauthcc_local_key_field(p, &endpoint);
    }

    for (i = 0; i < n; i++) {
        p = oauthcc_local_key_field(p, &parameter[i].name);

        p = (value[i].len > OAUTHCC_LOCAL_KEY_LARGE)
            ? oauthcc_local_key_digest(p, &value[i])
            : oauthcc_local_key_field(p, &value[i]);

        if (p == NULL) {
            return NGX_ERROR;
        }
    }

    if (*caller && (*caller)->token.len) {
        mark = OAUTHCC_LOCAL_KEY_TOKEN;

        p = ngx_cpymem(p, &mark, sizeof(uint16_t));
        p = ngx_cpymem(p, (*caller)->digest, OAUTHCC_DIGEST_LEN);
    }

    key->len = p - key->data;

    return NGX_OK;
}


void
oauthcc_local_key_url(oauthcc_provider_t *provider, ngx_str_t *key,
    ngx_str_t *url)
{
    ngx_str_null(url);

    if (provider->endpoint.value) {
        (void) oauthcc_local_key_text(key->data, url);
    }
}


ngx_uint_t
oauthcc_local_key_read(oauthcc_provider_t *provider, ngx_str_t *key,
    oauthcc_pair_t *pair, ngx_uint_t n)
{
    u_char      *p;
    uint16_t     len;
    ngx_str_t    endpoint;
    ngx_uint_t   i, large;

    p = key->data;
    large = 0;

    if (provider->endpoint.value) {
        p = oauthcc_local_key_text(p, &endpoint);
    }

    for (i = 0; i < n; i++) {
        p = oauthcc_local_key_text(p, &pair[i].name);

        ngx_memcpy(&len, p, sizeof(uint16_t));
        large += (len == OAUTHCC_LOCAL_KEY_DIGEST);

        p = oauthcc_local_key_text(p, &pair[i].value);
    }

    return large;
}


oauthcc_pair_t *
oauthcc_local_key_merge(ngx_pool_t *pool, oauthcc_local_t *local,
    oauthcc_caller_t *caller)
{
    ngx_uint_t       i, k;
    oauthcc_pair_t  *pair;

    if (caller == NULL || caller->nvalues == 0) {
        return local->parameters;
    }

    pair = ngx_palloc(pool, local->nparameters * sizeof(oauthcc_pair_t));
    if (pair == NULL) {
        return NULL;
    }

    k = 0;

    for (i = 0; i < local->nparameters; i++) {
        pair[i] = local->parameters[i];

        if (k < caller->nvalues
            && oauthcc_text_eq(&pair[i].name, &caller->values[k].name))
        {
            pair[i] = caller->values[k++];
        }
    }

    return pair;
}


static ngx_int_t
oauthcc_local_key_value(ngx_http_request_t *r,
    ngx_http_complex_value_t *value, size_t max, ngx_str_t *text)
{
    if (ngx_http_complex_value(r, value, text) != NGX_OK) {
        return NGX_ERROR;
    }

    return (text->len > max || oauthcc_text_control(text)) ? NGX_DECLINED
                                                           : NGX_OK;
}


static ngx_int_t
oauthcc_local_key_large(ngx_http_request_t *r,
    oauthcc_parameter_t *parameter, ngx_str_t *value, ngx_uint_t n,
    oauthcc_caller_t **caller)
{
    oauthcc_pair_t  *pair;

    /* without variables it is the configuration's */

    if (parameter->value.lengths
        && oauthcc_caller_wipe(r->pool, value) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (*caller == NULL) {
        *caller = oauthcc_caller_create(r->pool);
        if (*caller == NULL) {
            return NGX_ERROR;
        }
    }

    if ((*caller)->values == NULL) {
        (*caller)->values = ngx_palloc(r->pool, n * sizeof(oauthcc_pair_t));
        if ((*caller)->values == NULL) {
            return NGX_ERROR;
        }
    }

    pair = &(*caller)->values[(*caller)->nvalues++];

    pair->name = parameter->name;
    pair->value = *value;

    return NGX_OK;
}


static u_char *
oauthcc_local_key_digest(u_char *p, ngx_str_t *value)
{
    u_char    digest[OAUTHCC_DIGEST_LEN];
    uint16_t  n;

    if (oauthcc_cache_key_digest(value, digest) != NGX_OK) {
        return NULL;
    }

    n = OAUTHCC_LOCAL_KEY_DIGEST;

    p = ngx_cpymem(p, &n, sizeof(uint16_t));
    p = ngx_cpymem(p, "SHA-256:", sizeof("SHA-256:") - 1);

    return ngx_hex_dump(p, digest, OAUTHCC_DIGEST_LEN);
}


static u_char *
oauthcc_local_key_field(u_char *p, ngx_str_t *text)
{
    uint16_t  n;

    n = (uint16_t) text->len;
    p = ngx_cpymem(p, &n, sizeof(uint16_t));

    return ngx_cpymem(p, text->data, n);
}


/* The field at p; returns what is behind it. */

static u_char *
oauthcc_local_key_text(u_char *p, ngx_str_t *text)
{
    uint16_t  n;

    ngx_memcpy(&n, p, sizeof(uint16_t));

    text->len = (n == OAUTHCC_LOCAL_KEY_DIGEST) ? OAUTHCC_LOCAL_KEY_SHOWN : n;
    text->data = p + sizeof(uint16_t);

    return text->data + text->len;
}
