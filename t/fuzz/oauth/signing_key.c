
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


/*
 * Keys and certificates, "algorithm digit, password, separator, certificate,
 * separator, key": a key that is taken signs, as a JWK it has no private part,
 * and no message has anything of the files.  The password is a secret that
 * signs, too.  What OpenSSL has to say of them
 * is not left behind for connections.  A key is PEM, or is made PEM if it
 * begins as DER, so that more of its bytes matter.
 */


#include "oauthcc_fuzz.h"
#include <jansson.h>
#include <openssl/err.h>
#include "dpop/oauthcc_jwk.h"
#include "dpop/oauthcc_proof_key.h"
#include "oauth/oauthcc_signing_key.h"


#define OAUTHCC_FUZZ_BEGIN  "-----BEGIN PRIVATE KEY-----\n"
#define OAUTHCC_FUZZ_END    "\n-----END PRIVATE KEY-----\n"


char  *oauthcc_fuzz_providers = "";


static void oauthcc_fuzz_pem(oauthcc_fuzz_t *fuzz, ngx_str_t *pem);
static void oauthcc_fuzz_secret(oauthcc_fuzz_t *fuzz, ngx_str_t *secret,
    ngx_str_t *alg);
static void oauthcc_fuzz_sign(oauthcc_fuzz_t *fuzz,
    oauthcc_signing_key_t *key);
static void oauthcc_fuzz_public(oauthcc_fuzz_t *fuzz, EVP_PKEY *pkey);
static void oauthcc_fuzz_proof(oauthcc_fuzz_t *fuzz,
    oauthcc_signing_key_t *key);
static void oauthcc_fuzz_message(ngx_int_t rc, ngx_str_t *err);


static ngx_str_t  oauthcc_fuzz_algs[] = {
    ngx_string(""), ngx_string("RS256"), ngx_string("PS384"),
    ngx_string("ES256"), ngx_string("ES384"), ngx_string("ES512"),
    ngx_string("EdDSA"), ngx_string("HS256"), ngx_string("ES256K"),
    ngx_string("none")
};


void
oauthcc_fuzz_run(oauthcc_fuzz_t *fuzz)
{
    ngx_int_t               rc;
    ngx_str_t               pem, password, certificate, err;
    ngx_uint_t              n, failed;
    oauthcc_signing_key_t   key;

    n = oauthcc_fuzz_pick(fuzz, 10);

    oauthcc_fuzz_record(fuzz, &password);
    oauthcc_fuzz_record(fuzz, &certificate);
    oauthcc_fuzz_pem(fuzz, &pem);

    oauthcc_fuzz_secret(fuzz, &password, &oauthcc_fuzz_algs[n]);

    oauthcc_fuzz_starve();

    rc = oauthcc_signing_key_read(fuzz->pool, &pem, &password,
                                  &oauthcc_fuzz_algs[n], "assertion", &key,
                                  &err);

    failed = oauthcc_fuzz_starved();

    oauthcc_fuzz_check(ERR_peek_error() == 0);
    oauthcc_fuzz_check(rc != NGX_ERROR || failed);

    if (rc != NGX_OK) {
        oauthcc_fuzz_message(rc, &err);
        return;
    }

    oauthcc_fuzz_check(key.pkey != NULL && key.alg != NULL);

    if (n) {
        oauthcc_fuzz_check(oauthcc_fuzz_equal(&key.alg->name,
                                              &oauthcc_fuzz_algs[n]));
    }

    oauthcc_fuzz_starve();
    rc = oauthcc_signing_key_certify(fuzz->pool, &certificate, &key, &err);
    (void) oauthcc_fuzz_starved();

    oauthcc_fuzz_check(ERR_peek_error() == 0);
    oauthcc_fuzz_check((rc == NGX_OK) == key.certified);

    if (rc != NGX_OK) {
        oauthcc_fuzz_message(rc, &err);
    }

    oauthcc_fuzz_sign(fuzz, &key);
    oauthcc_fuzz_public(fuzz, key.pkey);
    oauthcc_fuzz_proof(fuzz, &key);

    oauthcc_fuzz_check(ERR_peek_error() == 0);

    oauthcc_signing_key_free(&key);
}


/* What is left of the input, as PEM. */

static void
oauthcc_fuzz_pem(oauthcc_fuzz_t *fuzz, ngx_str_t *pem)
{
    u_char     *p;
    ngx_str_t   der, text;

    der.data = fuzz->pos;
    der.len = fuzz->last - fuzz->pos;

    *pem = der;

    if (der.len == 0 || der.data[0] != 0x30) {
        return;
    }

    p = ngx_pnalloc(fuzz->pool, ngx_base64_encoded_length(der.len)
                                + sizeof(OAUTHCC_FUZZ_BEGIN)
                                + sizeof(OAUTHCC_FUZZ_END));
    oauthcc_fuzz_check(p != NULL);

    pem->data = p;
    p = ngx_cpymem(p, OAUTHCC_FUZZ_BEGIN, sizeof(OAUTHCC_FUZZ_BEGIN) - 1);

    text.data = p;
    ngx_encode_base64(&text, &der);

    p = ngx_cpymem(p + text.len, OAUTHCC_FUZZ_END,
                   sizeof(OAUTHCC_FUZZ_END) - 1);

    pem->len = p - pem->data;
}


static void
oauthcc_fuzz_secret(oauthcc_fuzz_t *fuzz, ngx_str_t *secret, ngx_str_t *alg)
{
    oauthcc_signing_key_t  key;

    if (oauthcc_signing_key_hmac(alg, &key) == NGX_OK) {
        key.secret = *secret;
        oauthcc_fuzz_sign(fuzz, &key);
    }
}


static void
oauthcc_fuzz_sign(oauthcc_fuzz_t *fuzz, oauthcc_signing_key_t *key)
{
    size_t      len;
    u_char     *signature;
    ngx_int_t   rc;
    ngx_str_t   text;

    ngx_str_set(&text, "header.payload");

    signature = ngx_pnalloc(fuzz->pool, oauthcc_signing_key_size(key));
    oauthcc_fuzz_check(signature != NULL);

    /* a trial has succeeded, and the next one does, too */

    oauthcc_fuzz_starve();
    rc = oauthcc_signing_key_sign(key, &text, signature, &len);

    if (oauthcc_fuzz_starved() && rc != NGX_OK) {
        return;
    }

    oauthcc_fuzz_check(rc == NGX_OK);
    oauthcc_fuzz_check(len > 0 && len <= oauthcc_signing_key_size(key));
}


static void
oauthcc_fuzz_public(oauthcc_fuzz_t *fuzz, EVP_PKEY *pkey)
{
    json_t       *jwk, *value;
    ngx_int_t     rc;
    u_char        thumbprint[OAUTHCC_JWK_THUMBPRINT_LEN];
    ngx_uint_t    failed;
    const char   *name;

    oauthcc_fuzz_starve();
    jwk = oauthcc_jwk_public(pkey);
    failed = oauthcc_fuzz_starved();

    oauthcc_fuzz_check(ERR_peek_error() == 0);

    if (jwk == NULL) {
        return;
    }

    json_object_foreach(jwk, name, value) {
        oauthcc_fuzz_check(json_is_string(value));
        oauthcc_fuzz_check(ngx_strcmp(name, "kty") == 0
                           || ngx_strcmp(name, "crv") == 0
                           || ngx_strcmp(name, "x") == 0
                           || ngx_strcmp(name, "y") == 0
                           || ngx_strcmp(name, "n") == 0
                           || ngx_strcmp(name, "e") == 0);
    }

    oauthcc_fuzz_check(failed || json_object_size(jwk) >= 3);

    oauthcc_fuzz_starve();
    rc = oauthcc_jwk_thumbprint(jwk, thumbprint);
    failed = oauthcc_fuzz_starved();

    oauthcc_fuzz_check(rc == NGX_OK || failed);

    json_decref(jwk);
}


static void
oauthcc_fuzz_proof(oauthcc_fuzz_t *fuzz, oauthcc_signing_key_t *key)
{
    size_t                len;
    u_char               *signature;
    ngx_int_t             rc;
    ngx_str_t             text;
    ngx_uint_t            failed;
    oauthcc_proof_key_t   pk;

    oauthcc_fuzz_starve();

    if (oauthcc_proof_key_open(&pk, key, fuzz->log) != NGX_OK) {
        (void) oauthcc_fuzz_starved();
        return;
    }

    (void) oauthcc_fuzz_starved();

    text.data = pk.head;
    text.len = pk.len;

    signature = ngx_pnalloc(fuzz->pool, oauthcc_proof_key_size(&pk));
    oauthcc_fuzz_check(signature != NULL);

    oauthcc_fuzz_starve();
    rc = oauthcc_proof_key_sign(&pk, &text, signature, &len);
    failed = oauthcc_fuzz_starved();

    oauthcc_fuzz_check(rc == NGX_OK || failed);

    oauthcc_proof_key_close(&pk);
}


static void
oauthcc_fuzz_message(ngx_int_t rc, ngx_str_t *err)
{
    if (rc == NGX_DECLINED) {
        oauthcc_fuzz_check(err->len > 0);
        oauthcc_fuzz_check(oauthcc_fuzz_printable(err));
        oauthcc_fuzz_check(ngx_strnstr(err->data, "-----", err->len) == NULL);
    }
}
