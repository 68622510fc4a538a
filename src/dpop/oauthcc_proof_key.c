
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <openssl/err.h>
#include <openssl/ec.h>
#include "core/oauthcc_hkdf.h"
#include "dpop/oauthcc_proof_key.h"
#include "oauth/oauthcc_ecdsa.h"


/* of a P-256 key, and with 128 bits more, so that no key is likelier */
#define OAUTHCC_PROOF_KEY_SCALAR  32
#define OAUTHCC_PROOF_KEY_RANDOM  48

/* an ECPrivateKey (RFC 5915): the scalar, and what is in front of it */
#define OAUTHCC_PROOF_KEY_DER     51
#define OAUTHCC_PROOF_KEY_AT      7

/* a JSON object with RSA of 16384 bits */
#define OAUTHCC_PROOF_KEY_HEAD    4096


static ngx_int_t oauthcc_proof_key_scalar(u_char *random, u_char *scalar);
static ngx_int_t oauthcc_proof_key_head(oauthcc_proof_key_t *pk,
    ngx_log_t *log);
static ngx_int_t oauthcc_proof_key_prepare(oauthcc_proof_key_t *pk);


/* a sequence of version 1, the scalar, and the name of the curve */

static u_char  oauthcc_proof_key_der[OAUTHCC_PROOF_KEY_DER] = {
    0x30, 0x31, 0x02, 0x01, 0x01, 0x04, 0x20,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0xa0, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07
};


ngx_int_t
oauthcc_proof_key_open(oauthcc_proof_key_t *pk, oauthcc_signing_key_t *key,
    ngx_log_t *log)
{
    ngx_memzero(pk, sizeof(oauthcc_proof_key_t));

    pk->key = key;

    if (oauthcc_proof_key_head(pk, log) != NGX_OK
        || oauthcc_proof_key_prepare(pk) != NGX_OK)
    {
        ERR_clear_error();
        oauthcc_proof_key_close(pk);
        return NGX_ERROR;
    }

    return NGX_OK;
}


ngx_int_t
oauthcc_proof_key_derive(oauthcc_proof_key_t *pk, ngx_str_t *seed,
    ngx_str_t *info, ngx_log_t *log)
{
    u_char                  der[OAUTHCC_PROOF_KEY_DER];
    u_char                  random[OAUTHCC_PROOF_KEY_RANDOM];
    EVP_PKEY               *pkey;
    const u_char           *p;
    oauthcc_signing_key_t   derived;

    pkey = NULL;
    ngx_memcpy(der, oauthcc_proof_key_der, OAUTHCC_PROOF_KEY_DER);

    if (oauthcc_hkdf(seed, info, random, OAUTHCC_PROOF_KEY_RANDOM) == NGX_OK
        && oauthcc_proof_key_scalar(random, der + OAUTHCC_PROOF_KEY_AT)
           == NGX_OK)
    {
        /* OpenSSL computes the public key, which is not there */

        p = der;
        pkey = d2i_PrivateKey(EVP_PKEY_EC, NULL, &p, sizeof(der));
    }

    ngx_explicit_memzero(random, sizeof(random));
    ngx_explicit_memzero(der, sizeof(der));

    ERR_clear_error();

    if (pkey == NULL) {
        return NGX_ERROR;
    }

    if (oauthcc_signing_key_take(pkey, OAUTHCC_DPOP_ALG, &derived) != NGX_OK
        || oauthcc_proof_key_open(pk, &derived, log) != NGX_OK)
    {
        oauthcc_signing_key_free(&derived);
        return NGX_ERROR;
    }

    pk->derived = derived;
    pk->key = &pk->derived;

    return NGX_OK;
}


void
oauthcc_proof_key_close(oauthcc_proof_key_t *pk)
{
    EVP_MD_CTX_free(pk->hashed);
    EVP_MD_CTX_free(pk->md);
    EVP_PKEY_CTX_free(pk->sign);

    oauthcc_signing_key_free(&pk->derived);

    if (pk->head) {
        ngx_free(pk->head);
    }

    ngx_memzero(pk, sizeof(oauthcc_proof_key_t));
}


/* With kept contexts it takes a tenth less than as signing_key does it. */

ngx_int_t
oauthcc_proof_key_sign(oauthcc_proof_key_t *pk, ngx_str_t *text,
    u_char *signature, size_t *len)
{
    size_t        n;
    u_char        hash[EVP_MAX_MD_SIZE], der[OAUTHCC_SIGNING_KEY_MAX_DER];
    ngx_int_t     rc;
    unsigned int  size;

    if (pk->sign == NULL) {
        return oauthcc_signing_key_sign(pk->key, text, signature, len);
    }

    n = sizeof(der);

    if (EVP_MD_CTX_copy_ex(pk->md, pk->hashed) == 1
        && EVP_DigestUpdate(pk->md, text->data + pk->len, text->len - pk->len)
           == 1
        && EVP_DigestFinal_ex(pk->md, hash, &size) == 1
        && EVP_PKEY_sign(pk->sign, der, &n, hash, size) == 1)
    {
        rc = oauthcc_ecdsa_join(der, n, pk->key->alg->size, signature);

    } else {
        rc = NGX_ERROR;
    }

    /* clear the error queue, or nginx blames a connection for it */

    ERR_clear_error();

    *len = oauthcc_signing_key_size(pk->key);

    return rc;
}


ngx_int_t
oauthcc_proof_key_thumbprint(oauthcc_signing_key_t *key, u_char *thumbprint)
{
    json_t     *jwk;
    ngx_int_t   rc;

    jwk = oauthcc_jwk_public(key->pkey);
    if (jwk == NULL) {
        return NGX_ERROR;
    }

    rc = oauthcc_jwk_thumbprint(jwk, thumbprint);

    json_decref(jwk);

    return rc;
}


/* 1 + random mod (n - 1), of the order n of the curve: never 0. */

static ngx_int_t
oauthcc_proof_key_scalar(u_char *random, u_char *scalar)
{
    BIGNUM        *d, *n;
    BN_CTX        *ctx;
    EC_GROUP      *group;
    ngx_int_t      rc;

    group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    ctx = BN_CTX_new();
    n = BN_new();
    d = BN_bin2bn(random, OAUTHCC_PROOF_KEY_RANDOM, NULL);

    rc = group && ctx && n && d
         && EC_GROUP_get_order(group, n, ctx) == 1
         && BN_sub_word(n, 1) == 1
         && BN_mod(d, d, n, ctx) == 1
         && BN_add_word(d, 1) == 1
         && BN_bn2binpad(d, scalar, OAUTHCC_PROOF_KEY_SCALAR)
            == OAUTHCC_PROOF_KEY_SCALAR
         ? NGX_OK : NGX_ERROR;

    EC_GROUP_free(group);
    BN_CTX_free(ctx);
    BN_free(n);
    BN_clear_free(d);

    return rc;
}


/* RFC 9449 section 4.2 */

static ngx_int_t
oauthcc_proof_key_head(oauthcc_proof_key_t *pk, ngx_log_t *log)
{
    u_char      text[OAUTHCC_PROOF_KEY_HEAD];
    json_t     *head;
    ngx_str_t   src, dst, *alg;

    head = json_object();
    alg = &pk->key->alg->name;

    if (head == NULL
        || json_object_set_new(head, "typ", json_string("dpop+jwt")) != 0
        || json_object_set_new(head, "alg",
                               json_stringn((char *) alg->data, alg->len))
           != 0
        || json_object_set_new(head, "jwk", oauthcc_jwk_public(pk->key->pkey))
           != 0)
    {
        json_decref(head);
        return NGX_ERROR;
    }

    src.data = text;
    src.len = json_dumpb(head, (char *) text, sizeof(text), JSON_COMPACT);

    json_decref(head);

    if (src.len == 0 || src.len > sizeof(text)) {
        return NGX_ERROR;
    }

    pk->head = ngx_alloc(ngx_base64_encoded_length(src.len) + 1, log);
    if (pk->head == NULL) {
        return NGX_ERROR;
    }

    dst.data = pk->head;

    ngx_encode_base64url(&dst, &src);

    pk->head[dst.len] = '.';
    pk->len = dst.len + 1;

    return NGX_OK;
}


static ngx_int_t
oauthcc_proof_key_prepare(oauthcc_proof_key_t *pk)
{
    if (pk->key->alg->family != OAUTHCC_SIGNING_KEY_EC) {
        return NGX_OK;
    }

    pk->hashed = EVP_MD_CTX_new();
    pk->md = EVP_MD_CTX_new();
    pk->sign = EVP_PKEY_CTX_new(pk->key->pkey, NULL);

    return pk->hashed && pk->md && pk->sign
           && EVP_DigestInit_ex(pk->hashed, pk->key->alg->hash(), NULL) == 1
           && EVP_DigestUpdate(pk->hashed, pk->head, pk->len) == 1
           && EVP_PKEY_sign_init(pk->sign) == 1
           ? NGX_OK : NGX_ERROR;
}
