
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include "token/oauthcc_cache_key.h"
#include "token/oauthcc_token_types.h"
#include "cache/oauthcc_cache_types.h"
#include "login_json/oauthcc_document_api.h"
#include "core/oauthcc_directive.h"
#include "core/oauthcc_provider_values.h"
#include "core/oauthcc_text.h"


/*
 * Increased whenever the same directives get another key, so that entries with
 * keys of another version are not mistaken for those of this one.
 */
#define OAUTHCC_CACHE_KEY_VERSION  2


typedef struct {
    EVP_MD_CTX  *ctx;
    ngx_uint_t   failed;
} oauthcc_cache_key_t;


static ngx_int_t oauthcc_cache_key_build(oauthcc_provider_t *provider,
    ngx_uint_t fleet, u_char *digest);
static ngx_uint_t oauthcc_cache_key_valued(oauthcc_provider_t *provider,
    oauthcc_directive_t *directive);
static ngx_uint_t oauthcc_cache_key_named(oauthcc_provider_value_t *element);
static void oauthcc_cache_key_begin(oauthcc_cache_key_t *key);
static ngx_int_t oauthcc_cache_key_end(oauthcc_cache_key_t *key,
    u_char *digest);
static void oauthcc_cache_key_directive(oauthcc_cache_key_t *key,
    oauthcc_directive_t *directive, ngx_uint_t valued);
static void oauthcc_cache_key_field(oauthcc_cache_key_t *key,
    ngx_str_t *field);
static void oauthcc_cache_key_number(oauthcc_cache_key_t *key, uint64_t n);
static void oauthcc_cache_key_bytes(oauthcc_cache_key_t *key, void *data,
    size_t len);


ngx_int_t
oauthcc_cache_key_provider(oauthcc_provider_t *provider, u_char *digest)
{
    u_char  fleet[OAUTHCC_DIGEST_LEN];

    if (oauthcc_cache_key_build(provider, 0, digest) != NGX_OK) {
        return NGX_ERROR;
    }

    if (provider->store == NULL) {
        return NGX_OK;
    }

    if (oauthcc_cache_key_build(provider, 1, fleet) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_memcpy(digest, fleet, OAUTHCC_DIGEST_LEN / 2);

    return NGX_OK;
}


/*
 * With "fleet", a digest whose first half names the entry in a store: it is
 * made of no secret, which could be guessed from it, and of nothing that
 * differs between machines.
 */

static ngx_int_t
oauthcc_cache_key_build(oauthcc_provider_t *provider, ngx_uint_t fleet,
    u_char *digest)
{
    ngx_str_t                 *name;
    ngx_uint_t                 i, skip;
    oauthcc_cache_key_t        key;
    oauthcc_directive_t       *directive;
    oauthcc_provider_value_t  *element;

    oauthcc_cache_key_begin(&key);

    oauthcc_cache_key_number(&key, OAUTHCC_CACHE_KEY_VERSION);
    oauthcc_cache_key_field(&key, &provider->name);

    skip = OAUTHCC_DIRECTIVE_LOCAL | (fleet ? OAUTHCC_DIRECTIVE_ROUTE : 0);
    directive = provider->directives.elts;

    for (i = 0; i < provider->directives.nelts; i++) {
        if (!(directive[i].flags & skip)) {
            oauthcc_cache_key_directive(&key, &directive[i],
                       fleet && oauthcc_cache_key_valued(provider,
                                                         &directive[i]));
        }
    }

    /* of a file, the path counts, which is in the directive; not in a fleet */

    element = provider->values.elts;

    for (i = 0; i < provider->values.nelts; i++) {

        if (fleet && oauthcc_cache_key_named(&element[i])) {
            oauthcc_cache_key_field(&key, element[i].name);
            oauthcc_cache_key_field(&key, &element[i].value->text);

        } else if (!fleet && element[i].value->type == OAUTHCC_VALUE_ENV) {
            oauthcc_cache_key_field(&key, &element[i].value->text);
        }
    }

    /* members that were not kept of a response take a new login to get */

    name = provider->members->elts;

    for (i = 0; i < provider->members->nelts; i++) {
        oauthcc_cache_key_field(&key, &name[i]);
    }

    /* tokens are bound to the key in a file, and not to its path */

    if (!fleet && provider->dpop.key) {
        oauthcc_cache_key_field(&key, &provider->dpop.thumbprint);
    }

    if (provider->document.login_json) {
        oauthcc_cache_key_field(&key, &provider->document.login_json->key);
    }

    if (fleet) {
        oauthcc_cache_key_field(&key, &provider->endpoint.thumbprint);
        oauthcc_cache_key_field(&key, &provider->dpop.thumbprint);
    }

    return oauthcc_cache_key_end(&key, digest);
}


/* Whether it has a value that may come from elsewhere. */

static ngx_uint_t
oauthcc_cache_key_valued(oauthcc_provider_t *provider,
    oauthcc_directive_t *directive)
{
    ngx_uint_t                 i;
    oauthcc_provider_value_t  *element;

    element = provider->values.elts;

    for (i = 0; i < provider->values.nelts; i++) {
        if (oauthcc_text_eq(element[i].name, &directive->words[0])) {
            return 1;
        }
    }

    return 0;
}


/* A value that is no secret.  What is in a file of a parameter may be one. */

static ngx_uint_t
oauthcc_cache_key_named(oauthcc_provider_value_t *element)
{
    if (!(element->flags & OAUTHCC_DIRECTIVE_PUBLIC)
        || (element->flags & OAUTHCC_DIRECTIVE_ROUTE))
    {
        return 0;
    }

    return element->value->type != OAUTHCC_VALUE_FILE
           || (!oauthcc_text_is(element->name, "param")
               && !oauthcc_text_is(element->name, "header"));
}


ngx_int_t
oauthcc_cache_key_variant(oauthcc_provider_t *provider, ngx_str_t *parameters,
    u_char *digest)
{
    u_char               fleet[OAUTHCC_DIGEST_LEN], *base;
    oauthcc_cache_key_t  key;

    base = provider->runtime.local->digest;

    oauthcc_cache_key_begin(&key);

    oauthcc_cache_key_bytes(&key, base, OAUTHCC_DIGEST_LEN);
    oauthcc_cache_key_bytes(&key, parameters->data, parameters->len);

    if (oauthcc_cache_key_end(&key, digest) != NGX_OK) {
        return NGX_ERROR;
    }

    if (provider->store == NULL) {
        return NGX_OK;
    }

    oauthcc_cache_key_begin(&key);

    oauthcc_cache_key_bytes(&key, base, OAUTHCC_DIGEST_LEN / 2);
    oauthcc_cache_key_bytes(&key, parameters->data, parameters->len);

    if (oauthcc_cache_key_end(&key, fleet) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_memcpy(digest, fleet, OAUTHCC_DIGEST_LEN / 2);

    return NGX_OK;
}


ngx_int_t
oauthcc_cache_key_secrets(oauthcc_provider_t *provider, uint64_t *content)
{
    u_char                     digest[OAUTHCC_DIGEST_LEN];
    ngx_uint_t                 i;
    oauthcc_cache_key_t        key;
    oauthcc_provider_value_t  *element;

    oauthcc_cache_key_begin(&key);

    element = provider->values.elts;

    for (i = 0; i < provider->values.nelts; i++) {
        if (!(element[i].flags & OAUTHCC_DIRECTIVE_ROUTE)
            && !oauthcc_cache_key_named(&element[i]))
        {
            oauthcc_cache_key_field(&key, element[i].name);
            oauthcc_cache_key_field(&key, &element[i].value->text);
        }
    }

    if (oauthcc_cache_key_end(&key, digest) != NGX_OK) {
        return NGX_ERROR;
    }

    *content = 0;

    for (i = sizeof(uint64_t); i; i--) {
        *content = (*content << 8) | digest[i - 1];
    }

    return NGX_OK;
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

        /* clear the error queue, or nginx blames a connection for it */

        ERR_clear_error();

        ngx_log_error(NGX_LOG_EMERG, ngx_cycle->log, 0,
                      "EVP_Digest() failed, the key of an entry has no "
                      "digest");
        return NGX_ERROR;
    }

    return NGX_OK;
}


/*
 * The length in front makes the encoding unambiguous.  The last word of a
 * directive with a value is left out: that of a parameter follows its name.
 */

static void
oauthcc_cache_key_directive(oauthcc_cache_key_t *key,
    oauthcc_directive_t *directive, ngx_uint_t valued)
{
    ngx_uint_t  i, n;

    oauthcc_cache_key_number(key, directive->nwords);

    n = directive->nwords;

    if (valued) {
        n = (n > 2) ? 2 : 1;
    }

    for (i = 0; i < n; i++) {
        oauthcc_cache_key_field(key, &directive->words[i]);
    }
}


static void
oauthcc_cache_key_field(oauthcc_cache_key_t *key, ngx_str_t *field)
{
    oauthcc_cache_key_number(key, field->len);
    oauthcc_cache_key_bytes(key, field->data, field->len);
}


/* In little-endian order: the gateways of a fleet may be of both kinds. */

static void
oauthcc_cache_key_number(oauthcc_cache_key_t *key, uint64_t n)
{
    u_char      bytes[sizeof(uint64_t)];
    ngx_uint_t  i;

    for (i = 0; i < sizeof(uint64_t); i++) {
        bytes[i] = (u_char) (n >> (8 * i));
    }

    oauthcc_cache_key_bytes(key, bytes, sizeof(uint64_t));
}


static void
oauthcc_cache_key_bytes(oauthcc_cache_key_t *key, void *data, size_t len)
{
    if (!key->failed && len && EVP_DigestUpdate(key->ctx, data, len) != 1) {
        key->failed = 1;
    }
}
