
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#if (OPENSSL_VERSION_NUMBER >= 0x30000000L)
#include <openssl/core_names.h>
#endif
#include "dpop/oauthcc_jwk.h"


/* RSA of 16384 bits, which is the maximum of OpenSSL */
#define OAUTHCC_JWK_MAX  2048

/* the public key of Ed448 has 57 bytes */
#define OAUTHCC_JWK_OKP  64

/* the members of an RSA key of that size, as text */
#define OAUTHCC_JWK_TEXT  4096


static ngx_int_t oauthcc_jwk_rsa(EVP_PKEY *pkey, json_t *jwk);
static ngx_int_t oauthcc_jwk_ec(EVP_PKEY *pkey, json_t *jwk);
static ngx_int_t oauthcc_jwk_okp(EVP_PKEY *pkey, json_t *jwk);
static ngx_int_t oauthcc_jwk_text(json_t *jwk, char *name, char *text);
static ngx_int_t oauthcc_jwk_number(json_t *jwk, char *name, const BIGNUM *n,
    size_t len);
static ngx_int_t oauthcc_jwk_bytes(json_t *jwk, char *name, u_char *bytes,
    size_t len);


json_t *
oauthcc_jwk_public(EVP_PKEY *pkey)
{
    json_t     *jwk;
    ngx_int_t   rc;

    jwk = json_object();
    if (jwk == NULL) {
        return NULL;
    }

    switch (EVP_PKEY_id(pkey)) {

    case EVP_PKEY_RSA:
    case EVP_PKEY_RSA_PSS:
        rc = oauthcc_jwk_rsa(pkey, jwk);
        break;

    case EVP_PKEY_EC:
        rc = oauthcc_jwk_ec(pkey, jwk);
        break;

    case EVP_PKEY_ED25519:
    case EVP_PKEY_ED448:
        rc = oauthcc_jwk_okp(pkey, jwk);
        break;

    default:
        rc = NGX_DECLINED;
    }

    /* clear the error queue, or nginx blames a connection for it */

    ERR_clear_error();

    if (rc != NGX_OK) {
        json_decref(jwk);
        return NULL;
    }

    return jwk;
}


ngx_int_t
oauthcc_jwk_thumbprint(json_t *jwk, u_char *thumbprint)
{
    size_t        len;
    u_char        hash[EVP_MAX_MD_SIZE], text[OAUTHCC_JWK_TEXT];
    ngx_str_t     src, dst;
    unsigned int  n;

    /* RFC 7638 section 3.3: in the order of their names, without spaces */

    len = json_dumpb(jwk, (char *) text, sizeof(text),
                     JSON_COMPACT|JSON_SORT_KEYS);

    if (len == 0 || len > sizeof(text)
        || EVP_Digest(text, len, hash, &n, EVP_sha256(), NULL) != 1)
    {
        ERR_clear_error();
        return NGX_ERROR;
    }

    src.len = n;
    src.data = hash;
    dst.data = thumbprint;

    ngx_encode_base64url(&dst, &src);

    return NGX_OK;
}


static ngx_int_t
oauthcc_jwk_rsa(EVP_PKEY *pkey, json_t *jwk)
{
#if (OPENSSL_VERSION_NUMBER >= 0x30000000L)

    BIGNUM     *e, *n;
    ngx_int_t   rc;

    e = NULL;
    n = NULL;
    rc = NGX_ERROR;

    if (EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_E, &e) == 1
        && EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_N, &n) == 1
        && oauthcc_jwk_number(jwk, "e", e, 0) == NGX_OK
        && oauthcc_jwk_number(jwk, "n", n, 0) == NGX_OK)
    {
        rc = oauthcc_jwk_text(jwk, "kty", "RSA");
    }

    BN_free(e);
    BN_free(n);

    return rc;

#else

    const BIGNUM  *e, *n;

    RSA_get0_key(EVP_PKEY_get0_RSA(pkey), &n, &e, NULL);

    if (oauthcc_jwk_number(jwk, "e", e, 0) != NGX_OK
        || oauthcc_jwk_number(jwk, "n", n, 0) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return oauthcc_jwk_text(jwk, "kty", "RSA");

#endif
}


static ngx_int_t
oauthcc_jwk_ec(EVP_PKEY *pkey, json_t *jwk)
{
    char       *curve;
    size_t      len;
    BIGNUM     *x, *y;
    ngx_int_t   rc;

    len = (EVP_PKEY_bits(pkey) + 7) / 8;

    /* the key has been read: no other curve of this size has an algorithm */

    switch (len) {

    case 32:
        curve = "P-256";
        break;

    case 48:
        curve = "P-384";
        break;

    case 66:
        curve = "P-521";
        break;

    default:
        return NGX_DECLINED;
    }

#if (OPENSSL_VERSION_NUMBER >= 0x30000000L)

    x = NULL;
    y = NULL;

    rc = EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_EC_PUB_X, &x) == 1
         && EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_EC_PUB_Y, &y) == 1
         ? NGX_OK : NGX_ERROR;

#else

    const EC_KEY  *ec;

    x = BN_new();
    y = BN_new();
    ec = EVP_PKEY_get0_EC_KEY(pkey);

    rc = x && y
         && EC_POINT_get_affine_coordinates(EC_KEY_get0_group(ec),
                                            EC_KEY_get0_public_key(ec), x, y,
                                            NULL)
            == 1 ? NGX_OK : NGX_ERROR;

#endif

    if (rc == NGX_OK
        && (oauthcc_jwk_text(jwk, "crv", curve) != NGX_OK
            || oauthcc_jwk_text(jwk, "kty", "EC") != NGX_OK
            || oauthcc_jwk_number(jwk, "x", x, len) != NGX_OK
            || oauthcc_jwk_number(jwk, "y", y, len) != NGX_OK))
    {
        rc = NGX_ERROR;
    }

    BN_free(x);
    BN_free(y);

    return rc;
}


static ngx_int_t
oauthcc_jwk_okp(EVP_PKEY *pkey, json_t *jwk)
{
    char    *curve;
    size_t   len;
    u_char   bytes[OAUTHCC_JWK_OKP];

    len = sizeof(bytes);
    curve = EVP_PKEY_id(pkey) == EVP_PKEY_ED448 ? "Ed448" : "Ed25519";

    if (EVP_PKEY_get_raw_public_key(pkey, bytes, &len) != 1
        || oauthcc_jwk_text(jwk, "crv", curve) != NGX_OK
        || oauthcc_jwk_text(jwk, "kty", "OKP") != NGX_OK)
    {
        return NGX_ERROR;
    }

    return oauthcc_jwk_bytes(jwk, "x", bytes, len);
}


static ngx_int_t
oauthcc_jwk_text(json_t *jwk, char *name, char *text)
{
    return json_object_set_new(jwk, name, json_string(text)) == 0
           ? NGX_OK : NGX_ERROR;
}


/* In so many bytes, or, with 0, in no more than it takes. */

static ngx_int_t
oauthcc_jwk_number(json_t *jwk, char *name, const BIGNUM *n, size_t len)
{
    u_char  bytes[OAUTHCC_JWK_MAX];

    if (len == 0) {
        len = BN_num_bytes(n);
    }

    if (len > sizeof(bytes)
        || BN_bn2binpad(n, bytes, (int) len) != (int) len)
    {
        return NGX_ERROR;
    }

    return oauthcc_jwk_bytes(jwk, name, bytes, len);
}


static ngx_int_t
oauthcc_jwk_bytes(json_t *jwk, char *name, u_char *bytes, size_t len)
{
    u_char     text[ngx_base64_encoded_length(OAUTHCC_JWK_MAX)];
    ngx_str_t  src, dst;

    src.len = len;
    src.data = bytes;
    dst.data = text;

    ngx_encode_base64url(&dst, &src);

    return json_object_set_new(jwk, name,
                               json_stringn((char *) dst.data, dst.len)) == 0
           ? NGX_OK : NGX_ERROR;
}
