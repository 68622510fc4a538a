
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <openssl/evp.h>
#include "token/oauthcc_cache_key.h"
#include "login_json/oauthcc_document_api.h"
#include "core/oauthcc_provider_values.h"


/* entries of another version of the key are not found */
#define OAUTHCC_CACHE_KEY_VERSION  2


typedef struct {
    EVP_MD_CTX  *ctx;
    ngx_uint_t   failed;
} oauthcc_cache_key_t;


static void oauthcc_cache_key_begin(oauthcc_cache_key_t *key);
static ngx_int_t oauthcc_cache_key_end(oauthcc_cache_key_t *key,
    u_char *digest);
static void oauthcc_cache_key_auth(oauthcc_cache_key_t *key,
    oauthcc_client_auth_t *auth);
static void oauthcc_cache_key_list(oauthcc_cache_key_t *key,
    ngx_array_t *list);
static void oauthcc_cache_key_named(oauthcc_cache_key_t *key,
    ngx_array_t *list);
static void oauthcc_cache_key_value(oauthcc_cache_key_t *key,
    oauthcc_value_t *value);
static void oauthcc_cache_key_field(oauthcc_cache_key_t *key,
    ngx_str_t *field);
static void oauthcc_cache_key_number(oauthcc_cache_key_t *key, uint64_t n);
static void oauthcc_cache_key_bytes(oauthcc_cache_key_t *key, void *data,
    size_t len);


ngx_int_t
oauthcc_cache_key_provider(oauthcc_provider_t *provider, u_char *digest)
{
    oauthcc_cache_key_t  key;

    oauthcc_cache_key_begin(&key);

    oauthcc_cache_key_number(&key, OAUTHCC_CACHE_KEY_VERSION);

    oauthcc_cache_key_field(&key, &provider->name);
    oauthcc_cache_key_field(&key, &provider->endpoint.url);
    oauthcc_cache_key_number(&key, provider->issuer);

    oauthcc_cache_key_value(&key, &provider->client_id);
    oauthcc_cache_key_value(&key, &provider->client_secret);
    oauthcc_cache_key_number(&key, provider->auth_method);
    oauthcc_cache_key_number(&key, provider->raw);
    oauthcc_cache_key_auth(&key, &provider->auth);

    oauthcc_cache_key_field(&key, &provider->scope);
    oauthcc_cache_key_value(&key, &provider->audience);
    oauthcc_cache_key_field(&key, &provider->token_type);
    oauthcc_cache_key_list(&key, &provider->resources);
    oauthcc_cache_key_named(&key, &provider->params);
    oauthcc_cache_key_named(&key, &provider->headers);

    oauthcc_cache_key_list(&key, &provider->transport);

    if (provider->login_json) {
        oauthcc_cache_key_field(&key, &provider->login_json->key);
    }

    return oauthcc_cache_key_end(&key, digest);
}


ngx_int_t
oauthcc_cache_key_variant(u_char *base, ngx_str_t *parameters, u_char *digest)
{
    oauthcc_cache_key_t  key;

    oauthcc_cache_key_begin(&key);

    oauthcc_cache_key_bytes(&key, base, OAUTHCC_DIGEST_LEN);
    oauthcc_cache_key_bytes(&key, parameters->data, parameters->len);

    return oauthcc_cache_key_end(&key, digest);
}


uint64_t
oauthcc_cache_key_content(oauthcc_provider_t *provider)
{
    u_char                digest[OAUTHCC_DIGEST_LEN];
    uint64_t              content;
    ngx_uint_t            n, use, files;
    oauthcc_value_t      *value;
    oauthcc_cache_key_t   key;

    oauthcc_cache_key_begin(&key);

    files = 0;

    for (n = 0; /* void */ ; n++) {

        value = oauthcc_provider_values_get(provider, n, &use);

        if (value == NULL) {
            break;
        }

        if (use != OAUTHCC_PROVIDER_VALUES_FRESH
            && value->type == OAUTHCC_VALUE_FILE)
        {
            oauthcc_cache_key_field(&key, &value->text);
            files++;
        }
    }

    if (oauthcc_cache_key_end(&key, digest) != NGX_OK) {
        return provider->content;
    }

    ngx_memcpy(&content, digest, sizeof(uint64_t));

    return files ? content : 0;
}


static void
oauthcc_cache_key_begin(oauthcc_cache_key_t *key)
{
    key->ctx = EVP_MD_CTX_new();

    key->failed = (key->ctx == NULL
                   || EVP_DigestInit_ex(key->ctx, EVP_sha256(), NULL) != 1);
}


static ngx_int_t
oauthcc_cache_key_end(oauthcc_cache_key_t *key, u_char *digest)
{
    if (!key->failed && EVP_DigestFinal_ex(key->ctx, digest, NULL) != 1) {
        key->failed = 1;
    }

    EVP_MD_CTX_free(key->ctx);

    return key->failed ? NGX_ERROR : NGX_OK;
}


static void
oauthcc_cache_key_auth(oauthcc_cache_key_t *key, oauthcc_client_auth_t *auth)
{
    oauthcc_cache_key_value(key, &auth->key_file);
    oauthcc_cache_key_value(key, &auth->key_password);
    oauthcc_cache_key_value(key, &auth->certificate);
    oauthcc_cache_key_field(key, &auth->alg);
    oauthcc_cache_key_field(key, &auth->kid);
    oauthcc_cache_key_field(key, &auth->audience);

    oauthcc_cache_key_value(key, &auth->assertion);
    oauthcc_cache_key_field(key, &auth->assertion_type);

    oauthcc_cache_key_field(key, &auth->grant_type);
    oauthcc_cache_key_value(key, &auth->username);
    oauthcc_cache_key_value(key, &auth->password);
}


/* A list is its length and its fields: no two lists read alike. */

static void
oauthcc_cache_key_list(oauthcc_cache_key_t *key, ngx_array_t *list)
{
    ngx_str_t   *field;
    ngx_uint_t   i;

    oauthcc_cache_key_number(key, list->nelts);

    field = list->elts;

    for (i = 0; i < list->nelts; i++) {
        oauthcc_cache_key_field(key, &field[i]);
    }
}


static void
oauthcc_cache_key_named(oauthcc_cache_key_t *key, ngx_array_t *list)
{
    ngx_uint_t        i;
    oauthcc_named_t  *named;

    oauthcc_cache_key_number(key, list->nelts);

    named = list->elts;

    for (i = 0; i < list->nelts; i++) {
        oauthcc_cache_key_field(key, &named[i].name);
        oauthcc_cache_key_value(key, &named[i].value);
    }
}


static void
oauthcc_cache_key_value(oauthcc_cache_key_t *key, oauthcc_value_t *value)
{
    oauthcc_cache_key_number(key, value->type);
    oauthcc_cache_key_field(key, value->type == OAUTHCC_VALUE_FILE
                                 ? &value->source : &value->text);
}


static void
oauthcc_cache_key_field(oauthcc_cache_key_t *key, ngx_str_t *field)
{
    oauthcc_cache_key_number(key, field->len);
    oauthcc_cache_key_bytes(key, field->data, field->len);
}


static void
oauthcc_cache_key_number(oauthcc_cache_key_t *key, uint64_t n)
{
    oauthcc_cache_key_bytes(key, &n, sizeof(uint64_t));
}


static void
oauthcc_cache_key_bytes(oauthcc_cache_key_t *key, void *data, size_t len)
{
    if (!key->failed && len && EVP_DigestUpdate(key->ctx, data, len) != 1) {
        key->failed = 1;
    }
}
