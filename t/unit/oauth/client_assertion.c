
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <jansson.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include "oauth/oauthcc_client_assertion.h"
#include "oauthcc_unit.h"


#define OAUTHCC_UNIT_JTIS  1000


/* an assertion taken apart; lives until it is released */

typedef struct {
    json_t    *header;
    json_t    *claims;
    ngx_str_t  text;  /* what is signed */
    ngx_str_t  signature;
} oauthcc_unit_jwt_t;


static ngx_int_t oauthcc_unit_assertion_case(oauthcc_unit_t *unit,
    oauthcc_signing_key_t *key, oauthcc_client_assertion_t *assertion,
    char *name);
static ngx_int_t oauthcc_unit_assertion_jti(oauthcc_unit_t *unit,
    oauthcc_signing_key_t *key, oauthcc_client_assertion_t *assertion);
static ngx_int_t oauthcc_unit_assertion_bad(oauthcc_unit_t *unit,
    oauthcc_signing_key_t *key, oauthcc_client_assertion_t *assertion,
    ngx_str_t *field, char *name);
static ngx_int_t oauthcc_unit_jwt(ngx_pool_t *pool, ngx_str_t *text,
    oauthcc_unit_jwt_t *jwt);
static ngx_int_t oauthcc_unit_part(ngx_pool_t *pool, u_char *begin,
    u_char *end, ngx_str_t *decoded);
static void oauthcc_unit_member(oauthcc_unit_t *unit, json_t *object,
    char *member, ngx_str_t *expected);
static int ngx_libc_cdecl oauthcc_unit_order(const void *one, const void *two);


ngx_int_t
oauthcc_unit_client_assertion(oauthcc_unit_t *unit)
{
    EVP_PKEY                   *pkey;
    ngx_int_t                   rc;
    ngx_str_t                   pem, none, err, certificate, hash;
    oauthcc_signing_key_t       key, secret;
    oauthcc_client_assertion_t  assertion;

    ngx_str_null(&none);

    pkey = oauthcc_unit_generate(EVP_PKEY_EC, NID_secp384r1, 0);

    if (pkey == NULL
        || oauthcc_unit_pem(unit->pool, pkey, NULL, &pem) != NGX_OK
        || oauthcc_unit_certify(unit->pool, pkey, 60, &certificate, &hash)
           != NGX_OK
        || oauthcc_signing_key_read(unit->pool, &pem, &none, &none,
                                    "assertion", &key, &err)
           != NGX_OK
        || oauthcc_signing_key_hmac(&none, &secret) != NGX_OK)
    {
        return NGX_ERROR;
    }

    EVP_PKEY_free(pkey);
    ngx_str_set(&secret.secret, "a secret of more than thirty-two bytes");

    ngx_memzero(&assertion, sizeof(oauthcc_client_assertion_t));

    ngx_str_set(&assertion.issuer, "gateway");
    assertion.subject = assertion.issuer;
    ngx_str_set(&assertion.audience, "https://login.example.com/token?a=b");
    ngx_str_null(&assertion.kid);
    assertion.now = 1700000000;
    assertion.life = 60;

    rc = oauthcc_unit_assertion_case(unit, &key, &assertion, "EC");

    if (rc == NGX_OK) {
        rc = oauthcc_unit_assertion_case(unit, &secret, &assertion,
                                         "a secret");
    }

    /* all that JSON has to escape */

    ngx_str_set(&assertion.issuer,
                "a\"b\\c/d\x01\n\x7f\xc3\xa4\xe2\x82\xac x");
    assertion.subject = assertion.issuer;
    ngx_str_set(&assertion.kid, "k\"1\xf0\x9f\x94\x91");
    assertion.now = 4102444800LL;
    assertion.life = 86400;

    if (rc == NGX_OK) {
        rc = oauthcc_unit_assertion_case(unit, &key, &assertion,
                                         "odd characters");
    }

    if (rc == NGX_OK
        && oauthcc_signing_key_certify(unit->pool, &certificate, &key, &err)
           == NGX_OK)
    {
        rc = oauthcc_unit_assertion_case(unit, &key, &assertion,
                                         "a certificate");
        oauthcc_unit_ok(unit, key.certified, "it was there");
    }

    if (rc == NGX_OK) {
        rc = oauthcc_unit_assertion_jti(unit, &secret, &assertion);
    }

    if (rc == NGX_OK
        && oauthcc_unit_assertion_bad(unit, &key, &assertion,
                                      &assertion.issuer, "\"iss\"") == NGX_OK
        && oauthcc_unit_assertion_bad(unit, &key, &assertion,
                                      &assertion.audience, "\"aud\"")
           == NGX_OK)
    {
        rc = oauthcc_unit_assertion_bad(unit, &key, &assertion,
                                        &assertion.kid, "header");
    }

    oauthcc_signing_key_free(&key);

    return rc;
}


static ngx_int_t
oauthcc_unit_assertion_case(oauthcc_unit_t *unit, oauthcc_signing_key_t *key,
    oauthcc_client_assertion_t *assertion, char *name)
{
    ngx_str_t           text, typ, thumbprint, reason;
    oauthcc_unit_jwt_t  jwt;

    if (oauthcc_client_assertion_build(unit->pool, key, assertion, &text,
                                       &reason)
           != NGX_OK
        || oauthcc_unit_jwt(unit->pool, &text, &jwt) != NGX_OK)
    {
        oauthcc_unit_diag("no assertion: %s", name);
        return NGX_ERROR;
    }

    oauthcc_unit_ok(unit,
                    oauthcc_unit_verify(key, &jwt.text, &jwt.signature),
                    "%s: its signature", name);

    ngx_str_set(&typ, "JWT");
    oauthcc_unit_member(unit, jwt.header, "typ", &typ);
    oauthcc_unit_member(unit, jwt.header, "alg", &key->alg->name);
    oauthcc_unit_member(unit, jwt.header, "kid", &assertion->kid);

    thumbprint.len = key->certified ? sizeof(key->thumbprint) : 0;
    thumbprint.data = key->thumbprint;
    oauthcc_unit_member(unit, jwt.header, "x5t#S256", &thumbprint);

    thumbprint.len = key->certified ? sizeof(key->thumbprint_sha1) : 0;
    thumbprint.data = key->thumbprint_sha1;
    oauthcc_unit_member(unit, jwt.header, "x5t", &thumbprint);

    oauthcc_unit_number(unit, json_object_size(jwt.header),
                        2 + (assertion->kid.len != 0)
                        + 2 * key->certified,
                        "the header has no more");

    oauthcc_unit_member(unit, jwt.claims, "iss", &assertion->issuer);
    oauthcc_unit_member(unit, jwt.claims, "sub", &assertion->subject);
    oauthcc_unit_member(unit, jwt.claims, "aud", &assertion->audience);

    oauthcc_unit_number(unit,
                        json_integer_value(json_object_get(jwt.claims, "iat")),
                        assertion->now - 5, "iat");
    oauthcc_unit_number(unit,
                        json_integer_value(json_object_get(jwt.claims, "nbf")),
                        assertion->now - 5, "nbf");
    oauthcc_unit_number(unit,
                        json_integer_value(json_object_get(jwt.claims, "exp")),
                        assertion->now - 5 + assertion->life, "exp");

    oauthcc_unit_number(unit,
                        json_string_length(json_object_get(jwt.claims, "jti")),
                        22, "jti has 128 bits");

    oauthcc_unit_number(unit, json_object_size(jwt.claims), 7,
                        "there are no other claims");

    json_decref(jwt.header);
    json_decref(jwt.claims);

    return NGX_OK;
}


/* No two are alike. */

static ngx_int_t
oauthcc_unit_assertion_jti(oauthcc_unit_t *unit, oauthcc_signing_key_t *key,
    oauthcc_client_assertion_t *assertion)
{
    u_char            (*jti)[22];
    ngx_str_t           text, reason;
    ngx_uint_t          i, same;
    oauthcc_unit_jwt_t  jwt;

    jti = ngx_pcalloc(unit->pool, OAUTHCC_UNIT_JTIS * sizeof(*jti));
    if (jti == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < OAUTHCC_UNIT_JTIS; i++) {

        if (oauthcc_client_assertion_build(unit->pool, key, assertion,
                                           &text, &reason)
               != NGX_OK
            || oauthcc_unit_jwt(unit->pool, &text, &jwt) != NGX_OK)
        {
            return NGX_ERROR;
        }

        ngx_memcpy(jti[i],
                   json_string_value(json_object_get(jwt.claims, "jti")), 22);

        json_decref(jwt.header);
        json_decref(jwt.claims);
    }

    ngx_qsort(jti, OAUTHCC_UNIT_JTIS, sizeof(*jti), oauthcc_unit_order);

    for (i = 1, same = 0; i < OAUTHCC_UNIT_JTIS; i++) {
        same += ngx_memcmp(jti[i], jti[i - 1], 22) == 0;
    }

    oauthcc_unit_number(unit, same, 0, "a jti is never used twice");

    return NGX_OK;
}


/* Bytes that are not UTF-8 in one place. */

static ngx_int_t
oauthcc_unit_assertion_bad(oauthcc_unit_t *unit, oauthcc_signing_key_t *key,
    oauthcc_client_assertion_t *assertion, ngx_str_t *field, char *name)
{
    ngx_int_t  rc;
    ngx_str_t  jwt, reason, saved;

    saved = *field;
    ngx_str_set(field, "g\xe4teway");

    rc = oauthcc_client_assertion_build(unit->pool, key, assertion, &jwt,
                                        &reason);
    *field = saved;

    oauthcc_unit_number(unit, rc, NGX_DECLINED, "not UTF-8");
    oauthcc_unit_ok(unit,
                    ngx_strnstr(reason.data, name, reason.len)
                    && ngx_strnstr(reason.data, "UTF-8", reason.len),
                    "%V", &reason);
    oauthcc_unit_number(unit, jwt.len, 0, "and no assertion");

    return NGX_OK;
}


static ngx_int_t
oauthcc_unit_jwt(ngx_pool_t *pool, ngx_str_t *text, oauthcc_unit_jwt_t *jwt)
{
    u_char    *first, *second, *last;
    ngx_str_t  header, claims;

    last = text->data + text->len;
    first = ngx_strlchr(text->data, last, '.');

    if (first == NULL) {
        return NGX_ERROR;
    }

    second = ngx_strlchr(first + 1, last, '.');

    if (second == NULL
        || ngx_strlchr(second + 1, last, '.')
        || ngx_strlchr(text->data, last, '=')
        || oauthcc_unit_part(pool, text->data, first, &header) != NGX_OK
        || oauthcc_unit_part(pool, first + 1, second, &claims) != NGX_OK
        || oauthcc_unit_part(pool, second + 1, last, &jwt->signature)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    jwt->text.data = text->data;
    jwt->text.len = second - text->data;

    jwt->header = json_loadb((char *) header.data, header.len,
                             JSON_REJECT_DUPLICATES, NULL);
    jwt->claims = json_loadb((char *) claims.data, claims.len,
                             JSON_REJECT_DUPLICATES, NULL);

    return jwt->header && jwt->claims ? NGX_OK : NGX_ERROR;
}


static ngx_int_t
oauthcc_unit_part(ngx_pool_t *pool, u_char *begin, u_char *end,
    ngx_str_t *decoded)
{
    ngx_str_t  src;

    src.data = begin;
    src.len = end - begin;

    decoded->data = ngx_pnalloc(pool, ngx_base64_decoded_length(src.len));
    if (decoded->data == NULL) {
        return NGX_ERROR;
    }

    return ngx_decode_base64url(decoded, &src);
}


/* A member that is this string; with an empty one it is not there. */

static void
oauthcc_unit_member(oauthcc_unit_t *unit, json_t *object, char *member,
    ngx_str_t *expected)
{
    json_t    *value;
    ngx_str_t  got;

    value = json_object_get(object, member);

    if (expected->len == 0) {
        oauthcc_unit_ok(unit, value == NULL, "no %s", member);
        return;
    }

    got.len = json_string_length(value);
    got.data = (u_char *) json_string_value(value);

    oauthcc_unit_string(unit, &got, expected, member);
}


static int ngx_libc_cdecl
oauthcc_unit_order(const void *one, const void *two)
{
    return ngx_memcmp(one, two, 22);
}
