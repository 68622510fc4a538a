
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <openssl/sha.h>
#include "token/oauthcc_cache_key.h"
#include "oauth/oauthcc_client_auth.h"
#include "login_json/oauthcc_document_api.h"
#include "core/oauthcc_provider_values.h"


static ngx_uint_t oauthcc_cache_key_file(SHA256_CTX *sha256,
    oauthcc_value_t *value);
static ngx_int_t oauthcc_cache_key_named(ngx_array_t *text, ngx_array_t *list);
static ngx_int_t oauthcc_cache_key_field(ngx_array_t *text, ngx_str_t *value);
static ngx_int_t oauthcc_cache_key_value(ngx_array_t *text,
    oauthcc_value_t *value);
static ngx_int_t oauthcc_cache_key_number(ngx_array_t *text, ngx_uint_t n);


ngx_int_t
oauthcc_cache_key_provider(oauthcc_provider_t *provider, ngx_pool_t *pool,
    u_char *digest)
{
    u_char       hash[OAUTHCC_DIGEST_LEN];
    ngx_str_t   *str, auth;
    ngx_uint_t   i;
    ngx_array_t  text;

    if (ngx_array_init(&text, pool, 512, 1) != NGX_OK) {
        return NGX_ERROR;
    }

    oauthcc_client_auth_digest(&provider->auth, hash);

    auth.len = sizeof(hash);
    auth.data = hash;

    if (oauthcc_cache_key_field(&text, &provider->name) != NGX_OK
        || oauthcc_cache_key_field(&text, &provider->endpoint.url) != NGX_OK
        || oauthcc_cache_key_value(&text, &provider->client_id)
           != NGX_OK
        || oauthcc_cache_key_value(&text,
                                                &provider->client_secret)
           != NGX_OK
        || oauthcc_cache_key_number(&text, provider->auth_method) != NGX_OK
        || oauthcc_cache_key_number(&text, provider->raw)
           != NGX_OK
        || oauthcc_cache_key_number(&text, provider->issuer)
           != NGX_OK
        || oauthcc_cache_key_field(&text, &auth) != NGX_OK
        || oauthcc_cache_key_field(&text, &provider->scope) != NGX_OK
        || oauthcc_cache_key_value(&text, &provider->audience)
           != NGX_OK
        || oauthcc_cache_key_field(&text, &provider->token_type) != NGX_OK)
    {
        return NGX_ERROR;
    }

    /* a list is its length and its fields: no two lists read alike */

    str = provider->resources.elts;

    if (oauthcc_cache_key_number(&text,
                                              provider->resources.nelts)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (i = 0; i < provider->resources.nelts; i++) {
        if (oauthcc_cache_key_field(&text, &str[i]) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    if (oauthcc_cache_key_named(&text, &provider->params) != NGX_OK
        || oauthcc_cache_key_named(&text, &provider->headers) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (provider->login_json
        && oauthcc_cache_key_field(&text, &provider->login_json->key)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    str = provider->transport.elts;

    for (i = 0; i < provider->transport.nelts; i++) {
        if (oauthcc_cache_key_field(&text, &str[i]) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    SHA256(text.elts, text.nelts, digest);

    ngx_explicit_memzero(text.elts, text.nelts);

    return NGX_OK;
}


uint64_t
oauthcc_cache_key_content(oauthcc_provider_t *provider)
{
    u_char            digest[OAUTHCC_DIGEST_LEN];
    uint64_t          content;
    SHA256_CTX        sha256;
    ngx_uint_t        n, use, files;
    oauthcc_value_t  *value;

    SHA256_Init(&sha256);

    files = 0;

    for (n = 0; /* void */ ; n++) {

        value = oauthcc_provider_values_get(provider, n, &use);

        if (value == NULL) {
            break;
        }

        if (use != OAUTHCC_PROVIDER_VALUES_FRESH) {
            files += oauthcc_cache_key_file(&sha256, value);
        }
    }

    SHA256_Final(digest, &sha256);

    ngx_memcpy(&content, digest, sizeof(uint64_t));

    return files ? content : 0;
}


void
oauthcc_cache_key_variant(u_char *base, ngx_str_t *parameters, u_char *digest)
{
    SHA256_CTX  sha256;

    SHA256_Init(&sha256);
    SHA256_Update(&sha256, base, OAUTHCC_DIGEST_LEN);
    SHA256_Update(&sha256, parameters->data, parameters->len);
    SHA256_Final(digest, &sha256);
}


static ngx_uint_t
oauthcc_cache_key_file(SHA256_CTX *sha256, oauthcc_value_t *value)
{
    uint64_t  len;

    if (value->type != OAUTHCC_VALUE_FILE) {
        return 0;
    }

    len = value->text.len;

    SHA256_Update(sha256, &len, sizeof(uint64_t));
    SHA256_Update(sha256, value->text.data, value->text.len);

    return 1;
}


static ngx_int_t
oauthcc_cache_key_named(ngx_array_t *text, ngx_array_t *list)
{
    ngx_uint_t        i;
    oauthcc_named_t  *named;

    if (oauthcc_cache_key_number(text, list->nelts) != NGX_OK) {
        return NGX_ERROR;
    }

    named = list->elts;

    for (i = 0; i < list->nelts; i++) {
        if (oauthcc_cache_key_field(text, &named[i].name) != NGX_OK
            || oauthcc_cache_key_value(text, &named[i].value) != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
oauthcc_cache_key_field(ngx_array_t *text, ngx_str_t *value)
{
    u_char  *p;

    if (oauthcc_cache_key_number(text, value->len) != NGX_OK) {
        return NGX_ERROR;
    }

    if (value->len == 0) {
        return NGX_OK;
    }

    p = ngx_array_push_n(text, value->len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(p, value->data, value->len);

    return NGX_OK;
}


static ngx_int_t
oauthcc_cache_key_value(ngx_array_t *text, oauthcc_value_t *value)
{
    if (oauthcc_cache_key_number(text, value->type) != NGX_OK) {
        return NGX_ERROR;
    }

    if (value->type == OAUTHCC_VALUE_FILE) {
        return oauthcc_cache_key_field(text, &value->source);
    }

    return oauthcc_cache_key_field(text, &value->text);
}


static ngx_int_t
oauthcc_cache_key_number(ngx_array_t *text, ngx_uint_t n)
{
    u_char   *p;
    uint64_t  number;

    number = n;

    p = ngx_array_push_n(text, sizeof(uint64_t));
    if (p == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(p, &number, sizeof(uint64_t));

    return NGX_OK;
}
