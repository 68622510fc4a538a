
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include "oauth/oauthcc_signing_key.h"
#include "core/oauthcc_text.h"
#include "core/oauthcc_redact_url.h"
#include "oauth/oauthcc_ecdsa.h"


/* RFC 7518 section 3.3 */
#define OAUTHCC_SIGNING_KEY_MIN_RSA  2048

/* the name of a curve, in OpenSSL */
#define OAUTHCC_SIGNING_KEY_CURVE    64

/* BoringSSL has the value without the name */
#ifndef RSA_PSS_SALTLEN_DIGEST
#define RSA_PSS_SALTLEN_DIGEST       -1
#endif

/* the names of all algorithms in one message */
#define OAUTHCC_SIGNING_KEY_LIST     128


/* argument and result of OpenSSL's callback */

typedef struct {
    ngx_str_t  *password;
    ngx_uint_t  asked;
} oauthcc_signing_key_password_t;


static EVP_PKEY *oauthcc_signing_key_load(ngx_str_t *pem,
    oauthcc_signing_key_password_t *password);
static int oauthcc_signing_key_password(char *buf, int size, int rwflag,
    void *data);
static ngx_int_t oauthcc_signing_key_choose(ngx_pool_t *pool, ngx_str_t *alg,
    char *directives, oauthcc_signing_key_t *key, ngx_str_t *err);
static ngx_uint_t oauthcc_signing_key_fits(oauthcc_signing_key_t *key);
static ngx_int_t oauthcc_signing_key_curve(EVP_PKEY *pkey);
static ngx_int_t oauthcc_signing_key_evp(oauthcc_signing_key_t *key,
    ngx_str_t *text, u_char *signature, size_t *len);


/* the first one that fits a key is its default */

static oauthcc_signing_key_alg_t  oauthcc_signing_key_algs[] = {

    { ngx_string("RS256"), OAUTHCC_SIGNING_KEY_RSA, EVP_sha256, 0, 0 },
    { ngx_string("RS384"), OAUTHCC_SIGNING_KEY_RSA, EVP_sha384, 0, 0 },
    { ngx_string("RS512"), OAUTHCC_SIGNING_KEY_RSA, EVP_sha512, 0, 0 },

    { ngx_string("PS256"), OAUTHCC_SIGNING_KEY_PSS, EVP_sha256, 0, 0 },
    { ngx_string("PS384"), OAUTHCC_SIGNING_KEY_PSS, EVP_sha384, 0, 0 },
    { ngx_string("PS512"), OAUTHCC_SIGNING_KEY_PSS, EVP_sha512, 0, 0 },

    { ngx_string("ES256"), OAUTHCC_SIGNING_KEY_EC, EVP_sha256,
      NID_X9_62_prime256v1, 32 },
    { ngx_string("ES384"), OAUTHCC_SIGNING_KEY_EC, EVP_sha384,
      NID_secp384r1, 48 },
    { ngx_string("ES512"), OAUTHCC_SIGNING_KEY_EC, EVP_sha512,
      NID_secp521r1, 66 },

    { ngx_string("EdDSA"), OAUTHCC_SIGNING_KEY_ED, NULL, 0, 0 },

    { ngx_string("HS256"), OAUTHCC_SIGNING_KEY_HMAC, EVP_sha256, 0, 32 },
    { ngx_string("HS384"), OAUTHCC_SIGNING_KEY_HMAC, EVP_sha384, 0, 48 },
    { ngx_string("HS512"), OAUTHCC_SIGNING_KEY_HMAC, EVP_sha512, 0, 64 },

    { ngx_null_string, OAUTHCC_SIGNING_KEY_RSA, NULL, 0, 0 }
};


ngx_int_t
oauthcc_signing_key_read(ngx_pool_t *pool, ngx_str_t *pem, ngx_str_t *password,
    ngx_str_t *alg, char *directives, oauthcc_signing_key_t *key,
    ngx_str_t *err)
{
    int                             type;
    ngx_int_t                       rc;
    oauthcc_signing_key_password_t  given;

    ngx_memzero(key, sizeof(oauthcc_signing_key_t));
    ngx_str_null(err);

    given.password = password;
    given.asked = 0;

    key->pkey = oauthcc_signing_key_load(pem, &given);

    if (key->pkey == NULL) {
        ERR_clear_error();

        if (given.asked && password->len == 0) {
            return oauthcc_text_error(pool, err, 0,
                                      "is encrypted, and there is no "
                                      "\"%s_key_password\"", directives);
        }

        if (given.asked) {
            return oauthcc_text_error(pool, err, 0,
                                      "cannot be decrypted with "
                                      "\"%s_key_password\"", directives);
        }

        return oauthcc_text_error(pool, err, 0, "holds no private key in PEM");
    }

    type = EVP_PKEY_id(key->pkey);

    if ((type == EVP_PKEY_RSA || type == EVP_PKEY_RSA_PSS)
        && EVP_PKEY_bits(key->pkey) < OAUTHCC_SIGNING_KEY_MIN_RSA)
    {
        rc = oauthcc_text_error(pool, err, 0,
                                "holds an RSA key of %d bits, fewer than %d "
                                "are not safe", EVP_PKEY_bits(key->pkey),
                                OAUTHCC_SIGNING_KEY_MIN_RSA);

    } else {
        rc = oauthcc_signing_key_choose(pool, alg, directives, key, err);
    }

    if (rc != NGX_OK) {
        oauthcc_signing_key_free(key);
    }

    return rc;
}


ngx_int_t
oauthcc_signing_key_take(EVP_PKEY *pkey, char *alg, oauthcc_signing_key_t *key)
{
    ngx_memzero(key, sizeof(oauthcc_signing_key_t));

    key->pkey = pkey;

    for (key->alg = oauthcc_signing_key_algs; key->alg->name.len; key->alg++) {
        if (oauthcc_text_is(&key->alg->name, alg)) {
            return NGX_OK;
        }
    }

    return NGX_DECLINED;
}


ngx_int_t
oauthcc_signing_key_certify(ngx_pool_t *pool, ngx_str_t *pem,
    oauthcc_signing_key_t *key, ngx_str_t *err)
{
    BIO                            *bio;
    X509                           *x509;
    u_char                          hash[EVP_MAX_MD_SIZE];
    ngx_int_t                       rc;
    ngx_str_t                       src, dst;
    unsigned int                    len;
    oauthcc_signing_key_password_t  none;

    ngx_str_null(&src);
    ngx_str_null(err);

    none.password = &src;

    bio = BIO_new_mem_buf(pem->data, (int) pem->len);
    if (bio == NULL) {
        ERR_clear_error();
        return oauthcc_text_error(pool, err, 0, "cannot be read, there is no "
                                                "memory for it");
    }

    /* PEM may encrypt anything: never prompt for a password here either */

    x509 = PEM_read_bio_X509(bio, NULL, oauthcc_signing_key_password, &none);

    BIO_free(bio);

    if (x509 == NULL) {
        ERR_clear_error();
        return oauthcc_text_error(pool, err, 0, "holds no certificate in PEM");
    }

    if (X509_check_private_key(x509, key->pkey) != 1) {
        rc = oauthcc_text_error(pool, err, 0,
                                "holds the certificate of another key than "
                                "\"assertion_key\"");
        goto done;
    }

    if (X509_digest(x509, EVP_sha256(), hash, &len) != 1) {
        rc = oauthcc_text_error(pool, err, 0, "cannot be digested");
        goto done;
    }

    src.len = len;
    src.data = hash;
    dst.data = key->thumbprint;

    ngx_encode_base64url(&dst, &src);

    if (X509_digest(x509, EVP_sha1(), hash, &len) != 1) {
        rc = oauthcc_text_error(pool, err, 0, "cannot be digested");
        goto done;
    }

    src.len = len;
    dst.data = key->thumbprint_sha1;

    ngx_encode_base64url(&dst, &src);

    key->certified = 1;
    key->expired = X509_cmp_current_time(X509_get0_notAfter(x509)) < 0;

    rc = NGX_OK;

done:

    X509_free(x509);
    ERR_clear_error();

    return rc;
}


ngx_int_t
oauthcc_signing_key_hmac(ngx_str_t *alg, oauthcc_signing_key_t *key)
{
    oauthcc_signing_key_alg_t  *a;

    ngx_memzero(key, sizeof(oauthcc_signing_key_t));

    for (a = oauthcc_signing_key_algs; a->name.len; a++) {

        if (a->family == OAUTHCC_SIGNING_KEY_HMAC
            && (alg->len == 0 || oauthcc_text_eq(&a->name, alg)))
        {
            key->alg = a;
            return NGX_OK;
        }
    }

    return NGX_DECLINED;
}


size_t
oauthcc_signing_key_size(oauthcc_signing_key_t *key)
{
    switch (key->alg->family) {

    case OAUTHCC_SIGNING_KEY_HMAC:
        return OAUTHCC_SIGNING_KEY_MAX_HMAC;

    case OAUTHCC_SIGNING_KEY_EC:
        return 2 * key->alg->size;

    default:
        return EVP_PKEY_size(key->pkey);
    }
}


ngx_int_t
oauthcc_signing_key_sign(oauthcc_signing_key_t *key, ngx_str_t *text,
    u_char *signature, size_t *len)
{
    size_t        n;
    u_char        der[OAUTHCC_SIGNING_KEY_MAX_DER];
    ngx_int_t     rc;
    unsigned int  mac;

    switch (key->alg->family) {

    case OAUTHCC_SIGNING_KEY_HMAC:

        rc = HMAC(key->alg->hash(), key->secret.data, (int) key->secret.len,
                  text->data, text->len, signature, &mac)
             ? NGX_OK : NGX_ERROR;

        *len = mac;
        break;

    case OAUTHCC_SIGNING_KEY_EC:

        n = sizeof(der);
        rc = oauthcc_signing_key_evp(key, text, der, &n);

        if (rc == NGX_OK) {
            rc = oauthcc_ecdsa_join(der, n, key->alg->size, signature);
        }

        *len = 2 * key->alg->size;
        break;

    default:

        *len = oauthcc_signing_key_size(key);
        rc = oauthcc_signing_key_evp(key, text, signature, len);
    }

    /* clear the error queue, or nginx blames a connection for it */

    ERR_clear_error();

    return rc;
}


void
oauthcc_signing_key_free(oauthcc_signing_key_t *key)
{
    if (key->pkey) {
        EVP_PKEY_free(key->pkey);
        key->pkey = NULL;
    }
}


static EVP_PKEY *
oauthcc_signing_key_load(ngx_str_t *pem,
    oauthcc_signing_key_password_t *password)
{
    BIO       *bio;
    EVP_PKEY  *pkey;

    bio = BIO_new_mem_buf(pem->data, (int) pem->len);
    if (bio == NULL) {
        ERR_clear_error();
        return NULL;
    }

    /* without a callback OpenSSL prompts for the password on the terminal */

    pkey = PEM_read_bio_PrivateKey(bio, NULL, oauthcc_signing_key_password,
                                   password);
    BIO_free(bio);

    /* failed attempts leave errors in the queue, with success too */

    ERR_clear_error();

    return pkey;
}


static int
oauthcc_signing_key_password(char *buf, int size, int rwflag, void *data)
{
    oauthcc_signing_key_password_t *given = data;

    given->asked = 1;

    if (given->password->len == 0 || given->password->len > (size_t) size) {
        return -1;
    }

    ngx_memcpy(buf, given->password->data, given->password->len);

    return (int) given->password->len;
}


static ngx_int_t
oauthcc_signing_key_choose(ngx_pool_t *pool, ngx_str_t *alg, char *directives,
    oauthcc_signing_key_t *key, ngx_str_t *err)
{
    u_char                     *p, list[OAUTHCC_SIGNING_KEY_LIST];
    oauthcc_signing_key_alg_t  *a;

    /* trying each would delay a worker that reads a new key */

    for (a = oauthcc_signing_key_algs; a->name.len; a++) {

        key->alg = a;

        if ((alg->len == 0 || oauthcc_text_eq(&a->name, alg))
            && oauthcc_signing_key_fits(key))
        {
            return NGX_OK;
        }
    }

    p = list;

    for (a = oauthcc_signing_key_algs; a->name.len; a++) {

        key->alg = a;

        if (oauthcc_signing_key_fits(key)) {
            p = ngx_slprintf(p, list + sizeof(list), "%s%V",
                             p == list ? "" : ", ", &a->name);
        }
    }

    ERR_clear_error();

    if (p == list) {
        return oauthcc_text_error(pool, err, 0,
                                  "holds a key of an unsupported type: use "
                                  "RSA, P-256, P-384, P-521, Ed25519 "
                                  "or Ed448");
    }

    return oauthcc_text_error(pool, err, 0,
                              "holds a key that is not for \"%s_alg "
                              "%V\", but for %*s", directives,
                              oauthcc_redact_url_text(pool, alg),
                              (size_t) (p - list), list);
}


/* A key may allow less than its type says: only a signature shows that. */

static ngx_uint_t
oauthcc_signing_key_fits(oauthcc_signing_key_t *key)
{
    int        type;
    size_t     len;
    u_char    *signature;
    ngx_int_t  rc;
    ngx_str_t  text;

    type = EVP_PKEY_id(key->pkey);

    switch (key->alg->family) {

    case OAUTHCC_SIGNING_KEY_RSA:

        if (type != EVP_PKEY_RSA) {
            return 0;
        }

        break;

    case OAUTHCC_SIGNING_KEY_PSS:

        if (type != EVP_PKEY_RSA && type != EVP_PKEY_RSA_PSS) {
            return 0;
        }

        break;

    case OAUTHCC_SIGNING_KEY_EC:

        if (type != EVP_PKEY_EC
            || oauthcc_signing_key_curve(key->pkey) != key->alg->curve)
        {
            return 0;
        }

        break;

    case OAUTHCC_SIGNING_KEY_ED:

        if (type != EVP_PKEY_ED25519 && type != EVP_PKEY_ED448) {
            return 0;
        }

        break;

    default: /* OAUTHCC_SIGNING_KEY_HMAC */
        return 0;
    }

    signature = OPENSSL_malloc(oauthcc_signing_key_size(key));
    if (signature == NULL) {
        return 0;
    }

    ngx_str_set(&text, "a signature that nobody sees");

    rc = oauthcc_signing_key_sign(key, &text, signature, &len);

    OPENSSL_free(signature);

    return rc == NGX_OK;
}


static ngx_int_t
oauthcc_signing_key_curve(EVP_PKEY *pkey)
{
#if (OPENSSL_VERSION_NUMBER >= 0x30000000L)

    char  name[OAUTHCC_SIGNING_KEY_CURVE];

    if (EVP_PKEY_get_group_name(pkey, name, sizeof(name), NULL) != 1) {
        ERR_clear_error();
        return NID_undef;
    }

    return OBJ_sn2nid(name);

#else

    const EC_KEY    *ec;
    const EC_GROUP  *group;

    ec = EVP_PKEY_get0_EC_KEY(pkey);
    if (ec == NULL) {
        ERR_clear_error();
        return NID_undef;
    }

    group = EC_KEY_get0_group(ec);

    return group ? EC_GROUP_get_curve_name(group) : NID_undef;

#endif
}


static ngx_int_t
oauthcc_signing_key_evp(oauthcc_signing_key_t *key, ngx_str_t *text,
    u_char *signature, size_t *len)
{
    ngx_int_t      rc;
    EVP_MD_CTX    *ctx;
    EVP_PKEY_CTX  *pctx;

    ctx = EVP_MD_CTX_new();
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    rc = NGX_ERROR;

    if (EVP_DigestSignInit(ctx, &pctx,
                           key->alg->hash ? key->alg->hash() : NULL,
                           NULL, key->pkey)
        != 1)
    {
        goto done;
    }

    /* RFC 7518 section 3.5: the salt is as long as the hash */

    if (key->alg->family == OAUTHCC_SIGNING_KEY_PSS
        && (EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING) != 1
            || EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, RSA_PSS_SALTLEN_DIGEST)
               != 1))
    {
        goto done;
    }

    if (EVP_DigestSign(ctx, signature, len, text->data, text->len) == 1) {
        rc = NGX_OK;
    }

done:

    EVP_MD_CTX_free(ctx);

    return rc;
}
