
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <jansson.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include "oauth/oauthcc_client_assertion.h"
#include "core/oauthcc_json_tree.h"
#include "core/oauthcc_text.h"


/* 128 bits */
#define OAUTHCC_CLIENT_ASSERTION_JTI  16


static json_t *oauthcc_client_assertion_header(oauthcc_signing_key_t *key,
    oauthcc_client_assertion_t *assertion);
static json_t *oauthcc_client_assertion_claims(
    oauthcc_client_assertion_t *assertion, char **bad);
static ngx_int_t oauthcc_client_assertion_more(json_t *claims,
    oauthcc_client_assertion_t *assertion, char **bad);
static json_t *oauthcc_client_assertion_value(ngx_str_t *text);
static ngx_int_t oauthcc_client_assertion_string(json_t *object, char *name,
    ngx_str_t *value);
static ngx_int_t oauthcc_client_assertion_number(json_t *object, char *name,
    time_t value);
static ngx_int_t oauthcc_client_assertion_jti(json_t *object);
static ngx_int_t oauthcc_client_assertion_join(ngx_pool_t *pool,
    oauthcc_signing_key_t *key, json_t *header, json_t *claims, ngx_str_t *jwt,
    ngx_str_t *err);
static u_char *oauthcc_client_assertion_part(ngx_pool_t *pool, u_char *p,
    json_t *object, size_t len);


ngx_int_t
oauthcc_client_assertion_build(ngx_pool_t *pool, oauthcc_signing_key_t *key,
    oauthcc_client_assertion_t *assertion, ngx_str_t *jwt, ngx_str_t *err)
{
    char      *bad;
    json_t    *header, *claims;
    ngx_int_t  rc;

    ngx_str_null(jwt);

    header = oauthcc_client_assertion_header(key, assertion);
    claims = oauthcc_client_assertion_claims(assertion, &bad);

    if (header == NULL) {
        rc = oauthcc_text_error(pool, err, 0, "its header cannot be made: the "
                                "key id is not UTF-8");

    } else if (claims == NULL) {
        rc = bad ? oauthcc_text_error(pool, err, 0, "its claim \"%s\" is not "
                                      "UTF-8, or not JSON", bad)
                 : oauthcc_text_error(pool, err, 0, "there is no memory for "
                                      "its claims, or no randomness");

    } else {
        rc = oauthcc_client_assertion_join(pool, key, header, claims, jwt,
                                           err);
    }

    json_decref(header);
    json_decref(claims);

    return rc;
}


static json_t *
oauthcc_client_assertion_header(oauthcc_signing_key_t *key,
    oauthcc_client_assertion_t *assertion)
{
    json_t    *header;
    ngx_str_t  text;

    header = json_object();
    if (header == NULL) {
        return NULL;
    }

    ngx_str_set(&text, "JWT");

    if (oauthcc_client_assertion_string(header, "alg", &key->alg->name)
           != NGX_OK
        || oauthcc_client_assertion_string(header, "typ", &text) != NGX_OK)
    {
        goto failed;
    }

    if (assertion->kid.len
        && oauthcc_client_assertion_string(header, "kid", &assertion->kid)
           != NGX_OK)
    {
        goto failed;
    }

    if (key->certified) {

        text.len = sizeof(key->thumbprint);
        text.data = key->thumbprint;

        if (oauthcc_client_assertion_string(header, "x5t#S256", &text)
            != NGX_OK)
        {
            goto failed;
        }

        /* AD FS supports no other thumbprint, RFC 7515 section 4.1.7 */

        text.len = sizeof(key->thumbprint_sha1);
        text.data = key->thumbprint_sha1;

        if (oauthcc_client_assertion_string(header, "x5t", &text) != NGX_OK)
        {
            goto failed;
        }
    }

    return header;

failed:

    json_decref(header);

    return NULL;
}


/* *bad: the name of the claim that is not valid, or NULL. */

static json_t *
oauthcc_client_assertion_claims(oauthcc_client_assertion_t *assertion,
    char **bad)
{
    time_t       issued;
    json_t      *claims;
    ngx_str_t   *text[] = { &assertion->issuer, &assertion->subject,
                            &assertion->audience };
    ngx_uint_t   i;

    static char  *names[] = { "iss", "sub", "aud" };

    *bad = NULL;
    issued = assertion->now - OAUTHCC_CLIENT_ASSERTION_BACK;

    claims = json_object();
    if (claims == NULL) {
        return NULL;
    }

    for (i = 0; i < sizeof(names) / sizeof(char *); i++) {

        if ((i == 0 || text[i]->len)
            && oauthcc_client_assertion_string(claims, names[i], text[i])
               != NGX_OK)
        {
            *bad = names[i];
            goto failed;
        }
    }

    if (oauthcc_client_assertion_number(claims, "iat", issued) != NGX_OK
        || oauthcc_client_assertion_number(claims, "nbf", issued) != NGX_OK
        || oauthcc_client_assertion_number(claims, "exp",
                                           issued + assertion->life)
           != NGX_OK
        || oauthcc_client_assertion_jti(claims) != NGX_OK
        || oauthcc_client_assertion_more(claims, assertion, bad) != NGX_OK)
    {
        goto failed;
    }

    return claims;

failed:

    json_decref(claims);

    return NULL;
}


/* Adds the claims of assertion_claim. */

static ngx_int_t
oauthcc_client_assertion_more(json_t *claims,
    oauthcc_client_assertion_t *assertion, char **bad)
{
    char             *name;
    json_t           *value;
    ngx_str_t        *text;
    ngx_uint_t        i;
    oauthcc_claim_t  *claim;

    if (assertion->claims == NULL) {
        return NGX_OK;
    }

    claim = assertion->claims->elts;

    for (i = 0; i < assertion->claims->nelts; i++) {

        text = &claim[i].value.text;

        if (assertion->scope.len && oauthcc_text_is(&claim[i].name, "scope")) {
            value = json_stringn((char *) assertion->scope.data,
                                 assertion->scope.len);

        } else if (claim[i].json) {
            value = oauthcc_client_assertion_value(text);

        } else {
            value = json_stringn(text->len ? (char *) text->data : "",
                                 text->len);
        }

        /* names are words of the configuration, which are terminated */

        name = (char *) claim[i].name.data;

        if (json_object_set_new(claims, name, value) != 0) {
            *bad = name;
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


ngx_uint_t
oauthcc_client_assertion_json(ngx_str_t *text)
{
    json_t  *value;

    value = oauthcc_client_assertion_value(text);

    if (value == NULL) {
        return 0;
    }

    json_decref(value);

    return 1;
}


static json_t *
oauthcc_client_assertion_value(ngx_str_t *text)
{
    json_t  *value;

    (void) oauthcc_json_tree_load(&value, text->data, text->len,
                                  JSON_DECODE_ANY|JSON_REJECT_DUPLICATES,
                                  NULL);

    return value;
}


/* A string of JSON must be UTF-8. */

static ngx_int_t
oauthcc_client_assertion_string(json_t *object, char *name, ngx_str_t *value)
{
    return json_object_set_new(object, name,
                               json_stringn((char *) value->data, value->len))
           == 0 ? NGX_OK : NGX_ERROR;
}


static ngx_int_t
oauthcc_client_assertion_number(json_t *object, char *name, time_t value)
{
    return json_object_set_new(object, name, json_integer(value)) == 0
           ? NGX_OK : NGX_ERROR;
}


/* Servers reject a repeated identifier, and ngx_random() repeats itself. */

static ngx_int_t
oauthcc_client_assertion_jti(json_t *object)
{
    u_char     bytes[OAUTHCC_CLIENT_ASSERTION_JTI];
    u_char     text[ngx_base64_encoded_length(OAUTHCC_CLIENT_ASSERTION_JTI)];
    ngx_str_t  src, dst;

    if (RAND_bytes(bytes, sizeof(bytes)) != 1) {
        ERR_clear_error();
        return NGX_ERROR;
    }

    src.len = sizeof(bytes);
    src.data = bytes;
    dst.data = text;

    ngx_encode_base64url(&dst, &src);

    return oauthcc_client_assertion_string(object, "jti", &dst);
}


static ngx_int_t
oauthcc_client_assertion_join(ngx_pool_t *pool, oauthcc_signing_key_t *key,
    json_t *header, json_t *claims, ngx_str_t *jwt,
    ngx_str_t *err)
{
    size_t     n, header_len, claims_len;
    u_char    *p, *signature;
    ngx_str_t  text, src, dst;

    header_len = json_dumpb(header, NULL, 0, JSON_COMPACT);
    claims_len = json_dumpb(claims, NULL, 0, JSON_COMPACT);

    n = oauthcc_signing_key_size(key);

    signature = ngx_pnalloc(pool, n);

    text.data = ngx_pnalloc(pool, ngx_base64_encoded_length(header_len)
                                  + ngx_base64_encoded_length(claims_len)
                                  + ngx_base64_encoded_length(n)
                                  + sizeof("..") - 1);

    if (signature == NULL || text.data == NULL) {
        return NGX_ERROR;
    }

    p = oauthcc_client_assertion_part(pool, text.data, header, header_len);

    if (p) {
        *p++ = '.';
        p = oauthcc_client_assertion_part(pool, p, claims, claims_len);
    }

    if (p == NULL) {
        return oauthcc_text_error(pool, err, 0, "there is no memory for it");
    }

    text.len = p - text.data;

    if (oauthcc_signing_key_sign(key, &text, signature, &n) != NGX_OK) {
        return oauthcc_text_error(pool, err, 0, "it cannot be signed");
    }

    *p++ = '.';

    src.len = n;
    src.data = signature;
    dst.data = p;

    ngx_encode_base64url(&dst, &src);

    /* whoever has all of it may log in: wipe it */

    ngx_explicit_memzero(signature, n);

    jwt->data = text.data;
    jwt->len = p + dst.len - text.data;

    return NGX_OK;
}


/* Encodes in base64url; returns the end. */

static u_char *
oauthcc_client_assertion_part(ngx_pool_t *pool, u_char *p, json_t *object,
    size_t len)
{
    ngx_str_t  src, dst;

    src.len = len;
    src.data = ngx_pnalloc(pool, len);

    if (len == 0
        || src.data == NULL
        || json_dumpb(object, (char *) src.data, len, JSON_COMPACT) != len)
    {
        return NULL;
    }

    dst.data = p;

    ngx_encode_base64url(&dst, &src);

    return p + dst.len;
}
