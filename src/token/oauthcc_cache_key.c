
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <openssl/evp.h>
#include "token/oauthcc_cache_key.h"
#include "cache/oauthcc_cache_types.h"
#include "login_json/oauthcc_document_api.h"
#include "core/oauthcc_directive.h"
#include "core/oauthcc_provider_values.h"


/*
 * Increased whenever the same directives get another key, so that entries with
 * keys of another version are not mistaken for those of this one.
 */
#define OAUTHCC_CACHE_KEY_VERSION  2


typedef struct {
    EVP_MD_CTX  *ctx;
    ngx_uint_t   failed;
} oauthcc_cache_key_t;


static void oauthcc_cache_key_begin(oauthcc_cache_key_t *key);
static ngx_int_t oauthcc_cache_key_end(oauthcc_cache_key_t *key,
    u_char *digest);
static void oauthcc_cache_key_directive(oauthcc_cache_key_t *key,
    oauthcc_directive_t *directive);
static void oauthcc_cache_key_field(oauthcc_cache_key_t *key,
    ngx_str_t *field);
static void oauthcc_cache_key_number(oauthcc_cache_key_t *key, uint64_t n);
static void oauthcc_cache_key_bytes(oauthcc_cache_key_t *key, void *data,
    size_t len);


ngx_int_t
oauthcc_cache_key_provider(oauthcc_provider_t *provider, u_char *digest)
{
    ngx_str_t                 *name;
    ngx_uint_t                 i;
    oauthcc_cache_key_t        key;
    oauthcc_directive_t       *directive;
    oauthcc_provider_value_t  *element;

    oauthcc_cache_key_begin(&key);

    oauthcc_cache_key_number(&key, OAUTHCC_CACHE_KEY_VERSION);
    oauthcc_cache_key_field(&key, &provider->name);

    directive = provider->directives.elts;

    for (i = 0; i < provider->directives.nelts; i++) {
        if (!(directive[i].flags & OAUTHCC_DIRECTIVE_LOCAL)) {
            oauthcc_cache_key_directive(&key, &directive[i]);
        }
    }

    /* of a file, the path counts: it is in the directive */

    element = provider->values.elts;

    for (i = 0; i < provider->values.nelts; i++) {
        if (element[i].value->type == OAUTHCC_VALUE_ENV) {
            oauthcc_cache_key_field(&key, &element[i].value->text);
        }
    }

    /* members that were not kept of a response take a new login to get */

    name = provider->members->elts;

    for (i = 0; i < provider->members->nelts; i++) {
        oauthcc_cache_key_field(&key, &name[i]);
    }

    /* tokens are bound to the key in a file, and not to its path */

    if (provider->dpop.key) {
        oauthcc_cache_key_field(&key, &provider->dpop.thumbprint);
    }

    if (provider->document.login_json) {
        oauthcc_cache_key_field(&key, &provider->document.login_json->key);
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


ngx_int_t
oauthcc_cache_key_digest(ngx_str_t *text, u_char *digest)
{
    oauthcc_cache_key_t  key;

    oauthcc_cache_key_begin(&key);
    oauthcc_cache_key_bytes(&key, text->data, text->len);

    return oauthcc_cache_key_end(&key, digest);
}


uint64_t
oauthcc_cache_key_content(oauthcc_provider_t *provider)
{
    u_char                     digest[OAUTHCC_DIGEST_LEN];
    uint64_t                   content;
    ngx_uint_t                 i, files;
    oauthcc_cache_key_t        key;
    oauthcc_provider_value_t  *element;

    oauthcc_cache_key_begin(&key);

    files = 0;
    element = provider->values.elts;

    for (i = 0; i < provider->values.nelts; i++) {
        if (!(element[i].flags & OAUTHCC_DIRECTIVE_FRESH)
            && element[i].value->type == OAUTHCC_VALUE_FILE)
        {
            oauthcc_cache_key_field(&key, &element[i].value->text);
            files++;
        }
    }

    if (oauthcc_cache_key_end(&key, digest) != NGX_OK) {
        return provider->runtime.content.digest;
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

    if (key->failed) {
        ngx_log_error(NGX_LOG_EMERG, ngx_cycle->log, 0,
                      "EVP_Digest() failed, the key of an entry has no "
                      "digest");
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* The length in front makes the encoding unambiguous. */

static void
oauthcc_cache_key_directive(oauthcc_cache_key_t *key,
    oauthcc_directive_t *directive)
{
    ngx_uint_t  i;

    oauthcc_cache_key_number(key, directive->nwords);

    for (i = 0; i < directive->nwords; i++) {
        oauthcc_cache_key_field(key, &directive->words[i]);
    }
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
