
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
#include "oauthcc_unit.h"


/* a kind of key, what it signs with, and the first of these by itself */

typedef struct {
    char  *name;
    int    type;
    int    param;  /* bits of RSA, or a curve */
    int    pss;    /* RSA-PSS: the only hash */
    char  *algs;
} oauthcc_unit_kind_t;


typedef struct {
    char      *name;
    ngx_str_t  pem;
    ngx_str_t  password;
    char      *err;
} oauthcc_unit_bad_t;


static ngx_int_t oauthcc_unit_key_kind(oauthcc_unit_t *unit,
    oauthcc_unit_kind_t *kind);
static ngx_int_t oauthcc_unit_key_case(oauthcc_unit_t *unit,
    oauthcc_unit_kind_t *kind, ngx_str_t *pem, ngx_str_t *alg,
    ngx_uint_t fits);
static ngx_int_t oauthcc_unit_key_refused(oauthcc_unit_t *unit);
static ngx_int_t oauthcc_unit_key_encrypted(oauthcc_unit_t *unit);
static ngx_int_t oauthcc_unit_key_certificates(oauthcc_unit_t *unit);
static ngx_int_t oauthcc_unit_key_hmac(oauthcc_unit_t *unit);
static void oauthcc_unit_key_bad(oauthcc_unit_t *unit, char *name,
    ngx_str_t *pem, ngx_str_t *password, char *expected);
static void oauthcc_unit_queue(oauthcc_unit_t *unit, char *name);
static ngx_int_t oauthcc_unit_bio(ngx_pool_t *pool, BIO *bio, ngx_str_t *text);


static oauthcc_unit_kind_t  oauthcc_unit_kinds[] = {
    { "RSA", EVP_PKEY_RSA, 2048, 0, "RS256 RS384 RS512 PS256 PS384 PS512" },
    { "RSA, odd length", EVP_PKEY_RSA, 2049, 0,
      "RS256 RS384 RS512 PS256 PS384 PS512" },
    { "P-256", EVP_PKEY_EC, NID_X9_62_prime256v1, 0, "ES256" },
    { "P-384", EVP_PKEY_EC, NID_secp384r1, 0, "ES384" },
    { "P-521", EVP_PKEY_EC, NID_secp521r1, 0, "ES512" },
    { "Ed25519", EVP_PKEY_ED25519, 0, 0, "EdDSA" },
    { "RSA of 1024 bits", EVP_PKEY_RSA, 1024, 0, "" },
    { "RSA of 2047 bits", EVP_PKEY_RSA, 2047, 0, "" },
    { "P-224", EVP_PKEY_EC, NID_secp224r1, 0, "" },
    { "X25519", EVP_PKEY_X25519, 0, 0, "" },
#if !(defined OPENSSL_IS_BORINGSSL)
    { "RSA-PSS", EVP_PKEY_RSA_PSS, 2048, 0, "PS256 PS384 PS512" },
    { "RSA-PSS, SHA-384", EVP_PKEY_RSA_PSS, 2048, NID_sha384, "PS384" },
    { "Ed448", EVP_PKEY_ED448, 0, 0, "EdDSA" },
    { "secp256k1", EVP_PKEY_EC, NID_secp256k1, 0, "" },
#endif
    { NULL, 0, 0, 0, NULL }
};


static ngx_str_t  oauthcc_unit_algs[] = {
    ngx_string("RS256"), ngx_string("RS384"), ngx_string("RS512"),
    ngx_string("PS256"), ngx_string("PS384"), ngx_string("PS512"),
    ngx_string("ES256"), ngx_string("ES384"), ngx_string("ES512"),
    ngx_string("EdDSA"),
    ngx_string("HS256"), ngx_string("HS384"), ngx_string("HS512"),
    ngx_string("none"), ngx_string("rs256"), ngx_string("RS25"),
    ngx_string("RS2566"),
    ngx_null_string
};


ngx_int_t
oauthcc_unit_signing_key(oauthcc_unit_t *unit)
{
    oauthcc_unit_kind_t  *kind;

    for (kind = oauthcc_unit_kinds; kind->name; kind++) {
        if (oauthcc_unit_key_kind(unit, kind) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    if (oauthcc_unit_key_refused(unit) != NGX_OK
        || oauthcc_unit_key_encrypted(unit) != NGX_OK
        || oauthcc_unit_key_certificates(unit) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return oauthcc_unit_key_hmac(unit);
}


/* A kind of key with each algorithm, and with none. */

static ngx_int_t
oauthcc_unit_key_kind(oauthcc_unit_t *unit, oauthcc_unit_kind_t *kind)
{
    EVP_PKEY  *pkey;
    ngx_int_t  rc;
    ngx_str_t  pem, *alg, none;

    pkey = oauthcc_unit_generate(kind->type, kind->param, kind->pss);
    if (pkey == NULL) {
        oauthcc_unit_diag("no key: %s", kind->name);
        return NGX_ERROR;
    }

    rc = oauthcc_unit_pem(unit->pool, pkey, NULL, &pem);

    EVP_PKEY_free(pkey);

    if (rc != NGX_OK) {
        return NGX_ERROR;
    }

    for (alg = oauthcc_unit_algs; alg->len; alg++) {

        if (oauthcc_unit_key_case(unit, kind, &pem, alg,
                                  ngx_strstr(kind->algs, alg->data)
                                  != NULL && alg->len == 5)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    ngx_str_null(&none);

    return oauthcc_unit_key_case(unit, kind, &pem, &none,
                                 kind->algs[0] != '\0');
}


static ngx_int_t
oauthcc_unit_key_case(oauthcc_unit_t *unit, oauthcc_unit_kind_t *kind,
    ngx_str_t *pem, ngx_str_t *alg, ngx_uint_t fits)
{
    size_t                 len;
    ngx_int_t              rc;
    ngx_str_t              none, err, text, signature;
    ngx_uint_t             i, good;
    oauthcc_signing_key_t  key;

    ngx_str_null(&none);

    rc = oauthcc_signing_key_read(unit->pool, pem, &none, alg, "assertion",
                                  &key, &err);

    if (!oauthcc_unit_ok(unit, rc == (fits ? NGX_OK : NGX_DECLINED),
                         "%s, \"%V\": %s", kind->name, alg,
                         fits ? "taken" : "refused"))
    {
        oauthcc_unit_diag("%i %V", rc, &err);
    }

    oauthcc_unit_queue(unit, "read: no error is left");

    if (rc != NGX_OK) {

        oauthcc_unit_ok(unit, key.pkey == NULL && err.len > 20,
                        "%s, \"%V\": %V", kind->name, alg, &err);
        return NGX_OK;
    }

    oauthcc_unit_ok(unit,
                    alg->len ? oauthcc_unit_equal(alg, &key.alg->name)
                    : ngx_strncmp(kind->algs, key.alg->name.data, 5) == 0,
                    "%s, \"%V\": is %V", kind->name, alg, &key.alg->name);

    ngx_str_set(&text, "eyJhbGciOiJub25lIn0.eyJpc3MiOiJqb2UifQ");

    signature.data = ngx_pnalloc(unit->pool,
                                 oauthcc_signing_key_size(&key));
    if (signature.data == NULL) {
        return NGX_ERROR;
    }

    rc = oauthcc_signing_key_sign(&key, &text, signature.data, &len);
    signature.len = len;

    oauthcc_unit_ok(unit,
                    rc == NGX_OK
                    && len <= oauthcc_signing_key_size(&key)
                    && oauthcc_unit_verify(&key, &text, &signature),
                    "%s, \"%V\": a signature", kind->name, alg);

    text.len--;

    oauthcc_unit_ok(unit,
                    !oauthcc_unit_verify(&key, &text, &signature),
                    "%s, \"%V\": of this text alone", kind->name, alg);

    ERR_clear_error();

    /* r and s begin with a zero byte now and then, and keep it */

    if (key.alg->size) {
        for (i = 0, good = 0; i < oauthcc_unit_signatures(); i++) {
            rc = oauthcc_signing_key_sign(&key, &text, signature.data, &len);
            signature.len = len;

            good += rc == NGX_OK && len == 2 * key.alg->size
                    && oauthcc_unit_verify(&key, &text, &signature);
        }

        oauthcc_unit_number(unit, good, oauthcc_unit_signatures(),
                            "each of many");
    }

    oauthcc_unit_queue(unit, "sign: no error is left");
    oauthcc_signing_key_free(&key);

    return NGX_OK;
}


/* What is no private key. */

static ngx_int_t
oauthcc_unit_key_refused(oauthcc_unit_t *unit)
{
    BIO        *bio;
    EVP_PKEY   *pkey;
    ngx_int_t   rc;
    ngx_str_t   pem, public, none, err, certificate, hash, both;
    ngx_uint_t  i;

    oauthcc_signing_key_t      key;
    static oauthcc_unit_bad_t  bad[] = {

        { "nothing", ngx_string(""), ngx_null_string, "no private key" },

        { "a word", ngx_string("s3cret"), ngx_null_string, "no private key" },

        { "no end", ngx_string("-----BEGIN PRIVATE KEY-----\nMEECAQAw"),
          ngx_null_string, "no private key" },

        { "no key in it", ngx_string("-----BEGIN PRIVATE KEY-----\n"
          "AAAA\n-----END PRIVATE KEY-----\n"), ngx_null_string,
          "no private key" },

        { "no base64", ngx_string("-----BEGIN PRIVATE KEY-----\n"
          "!!!!\n-----END PRIVATE KEY-----\n"), ngx_string("x"),
          "no private key" },

        { NULL, ngx_null_string, ngx_null_string, NULL }
    };

    ngx_str_null(&none);

    for (i = 0; bad[i].name; i++) {
        oauthcc_unit_key_bad(unit, bad[i].name, &bad[i].pem,
                             &bad[i].password, bad[i].err);
    }

    pkey = oauthcc_unit_generate(EVP_PKEY_EC, NID_X9_62_prime256v1, 0);
    bio = BIO_new(BIO_s_mem());

    if (pkey == NULL || bio == NULL || PEM_write_bio_PUBKEY(bio, pkey) != 1
        || oauthcc_unit_bio(unit->pool, bio, &public) != NGX_OK
        || oauthcc_unit_pem(unit->pool, pkey, NULL, &pem) != NGX_OK
        || oauthcc_unit_certify(unit->pool, pkey, 60, &certificate, &hash)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    oauthcc_unit_key_bad(unit, "a public key", &public, &none,
                         "no private key");
    oauthcc_unit_key_bad(unit, "a certificate", &certificate, &none,
                         "no private key");

    /* a file loses its last line end; others hold more than a key */

    both.data = ngx_pnalloc(unit->pool, certificate.len + pem.len);
    if (both.data == NULL) {
        return NGX_ERROR;
    }

    both.len = ngx_sprintf(both.data, "%V%V", &certificate, &pem) - both.data;

    for (i = 0; i < 2; i++) {
        rc = oauthcc_signing_key_read(unit->pool, i ? &both : &pem, &none,
                                      &none, "assertion", &key, &err);

        oauthcc_unit_number(unit, rc, NGX_OK,
                            i ? "a certificate before the key"
                                       : "no line end");
        oauthcc_unit_queue(unit, "no error is left");
        oauthcc_signing_key_free(&key);

        if (i == 0) {
            pem.len--;
        }
    }

    EVP_PKEY_free(pkey);

    return NGX_OK;
}


static ngx_int_t
oauthcc_unit_key_encrypted(oauthcc_unit_t *unit)
{
    EVP_PKEY              *pkey;
    ngx_int_t              rc;
    ngx_str_t              pem, traditional, password, none, err;
    oauthcc_signing_key_t  key;

    ngx_str_null(&none);

    pkey = oauthcc_unit_generate(EVP_PKEY_ED25519, 0, 0);

    if (pkey == NULL
        || oauthcc_unit_pem(unit->pool, pkey, "pa:ss w\xc3\xb6rd", &pem)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    EVP_PKEY_free(pkey);

    ngx_str_set(&password, "pa:ss w\xc3\xb6rd");
    rc = oauthcc_signing_key_read(unit->pool, &pem, &password, &none,
                                  "assertion", &key, &err);
    oauthcc_unit_number(unit, rc, NGX_OK, "encrypted");
    oauthcc_unit_queue(unit, "encrypted: no error is left");
    oauthcc_signing_key_free(&key);

    oauthcc_unit_key_bad(unit, "no password", &pem, &none, "is encrypted");

    ngx_str_set(&password, "pa:ss");
    oauthcc_unit_key_bad(unit, "a wrong password", &pem, &password,
                         "cannot be decrypted");

    password.len = 5000;
    password.data = ngx_pcalloc(unit->pool, password.len);
    if (password.data == NULL) {
        return NGX_ERROR;
    }

    oauthcc_unit_key_bad(unit, "a very long password", &pem,
                         &password, "cannot be decrypted");

    /* the way of old: a header in the PEM */

    ngx_str_set(&traditional, "-----BEGIN EC PRIVATE KEY-----\n"
        "Proc-Type: 4,ENCRYPTED\n"
        "DEK-Info: AES-256-CBC,00112233445566778899AABBCCDDEEFF\n\n"
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
        "-----END EC PRIVATE KEY-----\n");

    oauthcc_unit_key_bad(unit, "encrypted as of old", &traditional,
                         &none, "is encrypted");

    return NGX_OK;
}


static ngx_int_t
oauthcc_unit_key_certificates(oauthcc_unit_t *unit)
{
    EVP_PKEY              *pkey, *other;
    ngx_int_t              rc;
    ngx_str_t              pem, good, ended, foreign, hash, none, err;
    ngx_str_t              text, secret;
    oauthcc_signing_key_t  key;

    ngx_str_null(&none);

    pkey = oauthcc_unit_generate(EVP_PKEY_RSA, 2048, 0);
    other = oauthcc_unit_generate(EVP_PKEY_RSA, 2048, 0);

    if (pkey == NULL || other == NULL
        || oauthcc_unit_pem(unit->pool, pkey, NULL, &pem) != NGX_OK
        || oauthcc_unit_certify(unit->pool, other, 60, &foreign, &hash)
           != NGX_OK
        || oauthcc_unit_certify(unit->pool, pkey, -60, &ended, &hash) != NGX_OK
        || oauthcc_unit_certify(unit->pool, pkey, 60, &good, &hash) != NGX_OK)
    {
        return NGX_ERROR;
    }

    EVP_PKEY_free(other);
    EVP_PKEY_free(pkey);

    if (oauthcc_signing_key_read(unit->pool, &pem, &none, &none, "assertion",
                                    &key, &err)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    oauthcc_unit_ok(unit, !key.certified, "no certificate");

    rc = oauthcc_signing_key_certify(unit->pool, &foreign, &key, &err);
    oauthcc_unit_ok(unit, rc == NGX_DECLINED && !key.certified,
                    "the certificate of another key");
    oauthcc_unit_queue(unit, "no error is left");
    oauthcc_unit_ok(unit, ngx_strnstr(err.data, "another key", err.len)
                    != NULL, "%V", &err);

    ngx_str_set(&text, "-----BEGIN CERTIFICATE-----\nAAAA\n");
    rc = oauthcc_signing_key_certify(unit->pool, &text, &key, &err);
    oauthcc_unit_number(unit, rc, NGX_DECLINED, "no certificate");
    rc = oauthcc_signing_key_certify(unit->pool, &pem, &key, &err);
    oauthcc_unit_number(unit, rc, NGX_DECLINED, "a key instead");
    oauthcc_unit_queue(unit, "no error is left");

    /* PEM can encrypt what is public too; nobody is asked for a password */

    ngx_str_set(&text, "-----BEGIN CERTIFICATE-----\n"
        "Proc-Type: 4,ENCRYPTED\n"
        "DEK-Info: AES-256-CBC,00112233445566778899AABBCCDDEEFF\n\n"
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
        "-----END CERTIFICATE-----\n");

    rc = oauthcc_signing_key_certify(unit->pool, &text, &key, &err);
    oauthcc_unit_number(unit, rc, NGX_DECLINED, "an encrypted one");
    oauthcc_unit_queue(unit, "no error is left");

    rc = oauthcc_signing_key_certify(unit->pool, &ended, &key, &err);
    oauthcc_unit_ok(unit, rc == NGX_OK && key.expired, "expired");

    rc = oauthcc_signing_key_certify(unit->pool, &good, &key, &err);
    oauthcc_unit_ok(unit, rc == NGX_OK && !key.expired, "a good one");
    oauthcc_unit_ok(unit, key.certified, "is there");

    text.len = OAUTHCC_SIGNING_KEY_THUMBPRINT_LEN;
    text.data = key.thumbprint;

    secret.data = ngx_pnalloc(unit->pool, 64);
    if (secret.data == NULL) {
        return NGX_ERROR;
    }

    oauthcc_unit_number(unit,
                        ngx_decode_base64url(&secret, &text),
                        NGX_OK, "its thumbprint is base64url");
    oauthcc_unit_ok(unit,
                    oauthcc_unit_equal(&secret, &hash), "of its SHA-256");

    oauthcc_signing_key_free(&key);

    return NGX_OK;
}


/* RFC 4231, test case 2. */

static ngx_int_t
oauthcc_unit_key_hmac(oauthcc_unit_t *unit)
{
    size_t                 len;
    u_char                 signature[OAUTHCC_SIGNING_KEY_MAX_HMAC];
    u_char                 hex[2 * OAUTHCC_SIGNING_KEY_MAX_HMAC];
    ngx_str_t              text, got;
    ngx_uint_t             i;
    oauthcc_signing_key_t  key;

    static struct {
        ngx_str_t  alg;
        ngx_str_t  name;
        ngx_str_t  expected;
    } cases[] = {

        { ngx_null_string, ngx_string("HS256"),
          ngx_string("5bdcc146bf60754e6a042426089575c75a003f089d273983"
                     "9dec58b964ec3843") },

        { ngx_string("HS256"), ngx_string("HS256"),
          ngx_string("5bdcc146bf60754e6a042426089575c75a003f089d273983"
                     "9dec58b964ec3843") },

        { ngx_string("HS384"), ngx_string("HS384"),
          ngx_string("af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47"
                     "e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649") },

        { ngx_string("HS512"), ngx_string("HS512"),
          ngx_string("164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd6"
                     "10270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fd"
                     "caeab1a34d4a6b4b636e070a38bce737") },
    };

    ngx_str_set(&text, "what do ya want for nothing?");

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {

        if (oauthcc_signing_key_hmac(&cases[i].alg, &key) != NGX_OK) {
            return NGX_ERROR;
        }

        ngx_str_set(&key.secret, "Jefe");

        oauthcc_unit_string(unit, &key.alg->name, &cases[i].name,
                            "the name of the algorithm");

        oauthcc_unit_number(unit, oauthcc_signing_key_sign(&key, &text,
                                                     signature, &len),
                            NGX_OK, "a secret signs");

        got.data = hex;
        got.len = ngx_hex_dump(hex, signature, len) - hex;

        oauthcc_unit_string(unit, &got, &cases[i].expected,
                            "as RFC 4231 says");
    }

    ngx_str_set(&text, "RS256");
    oauthcc_unit_number(unit, oauthcc_signing_key_hmac(&text, &key),
                        NGX_DECLINED, "RS256 is not for a secret");

    ngx_str_set(&text, "HS25");
    oauthcc_unit_number(unit, oauthcc_signing_key_hmac(&text, &key),
                        NGX_DECLINED, "HS25 is nothing");

    return NGX_OK;
}


static void
oauthcc_unit_key_bad(oauthcc_unit_t *unit, char *name, ngx_str_t *pem,
    ngx_str_t *password, char *expected)
{
    ngx_int_t              rc;
    ngx_str_t              none, err;
    oauthcc_signing_key_t  key;

    ngx_str_null(&none);

    rc = oauthcc_signing_key_read(unit->pool, pem, password, &none,
                                  "assertion", &key, &err);

    oauthcc_unit_ok(unit,
                    rc == NGX_DECLINED
                    && ngx_strnstr(err.data, expected, err.len) != NULL,
                    "%s: \"%V\"", name, &err);

    oauthcc_unit_queue(unit, "no error is left");
}


/* nginx takes what is left for the error of a connection. */

static void
oauthcc_unit_queue(oauthcc_unit_t *unit, char *name)
{
    oauthcc_unit_number(unit, ERR_peek_error(), 0, name);
    ERR_clear_error();
}


EVP_PKEY *
oauthcc_unit_generate(int type, int param, int pss)
{
    EVP_PKEY      *pkey;
    EVP_PKEY_CTX  *ctx;

    pkey = NULL;

    ctx = EVP_PKEY_CTX_new_id(type, NULL);
    if (ctx == NULL || EVP_PKEY_keygen_init(ctx) != 1) {
        return NULL;
    }

    if (type == EVP_PKEY_EC) {
        (void) EVP_PKEY_CTX_set_ec_paramgen_curve_nid(ctx, param);

    } else if (param) {
        (void) EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, param);
    }

    if (pss) {
        (void) EVP_PKEY_CTX_set_rsa_pss_keygen_md(ctx,
                                                  EVP_get_digestbynid(pss));
        (void) EVP_PKEY_CTX_set_rsa_pss_keygen_mgf1_md(ctx,
                                                  EVP_get_digestbynid(pss));
        (void) EVP_PKEY_CTX_set_rsa_pss_keygen_saltlen(ctx, 32);
    }

    (void) EVP_PKEY_keygen(ctx, &pkey);

    EVP_PKEY_CTX_free(ctx);
    ERR_clear_error();

    return pkey;
}


ngx_int_t
oauthcc_unit_pem(ngx_pool_t *pool, EVP_PKEY *pkey, char *password,
    ngx_str_t *pem)
{
    BIO  *bio;

    bio = BIO_new(BIO_s_mem());

    if (bio == NULL
        || PEM_write_bio_PKCS8PrivateKey(bio, pkey,
                                         password ? EVP_aes_256_cbc() : NULL,
                                         password,
                                         password ? ngx_strlen(password) : 0,
                                         NULL, NULL)
           != 1)
    {
        return NGX_ERROR;
    }

    return oauthcc_unit_bio(pool, bio, pem);
}


ngx_int_t
oauthcc_unit_certify(ngx_pool_t *pool, EVP_PKEY *pkey, long seconds,
    ngx_str_t *pem, ngx_str_t *sha256)
{
    BIO          *bio;
    X509         *x509;
    X509_NAME    *name;
    ngx_int_t     rc;
    unsigned int  len;

    x509 = X509_new();
    bio = BIO_new(BIO_s_mem());
    sha256->data = ngx_pnalloc(pool, EVP_MAX_MD_SIZE);

    if (x509 == NULL || bio == NULL || sha256->data == NULL) {
        return NGX_ERROR;
    }

    name = X509_get_subject_name(x509);

    (void) X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                      (u_char *) "gateway", -1, -1, 0);
    (void) X509_set_issuer_name(x509, name);
    (void) X509_set_version(x509, 2);
    (void) X509_gmtime_adj(X509_getm_notBefore(x509), -120);
    (void) X509_gmtime_adj(X509_getm_notAfter(x509), seconds);
    (void) X509_set_pubkey(x509, pkey);

    rc = NGX_ERROR;

    if (X509_sign(x509, pkey, EVP_sha256()) > 0
        && X509_digest(x509, EVP_sha256(), sha256->data, &len) == 1
        && PEM_write_bio_X509(bio, x509) == 1)
    {
        sha256->len = len;
        rc = oauthcc_unit_bio(pool, bio, pem);
    }

    X509_free(x509);

    return rc;
}


ngx_uint_t
oauthcc_unit_verify(oauthcc_signing_key_t *key, ngx_str_t *text,
    ngx_str_t *signature)
{
    int            len, size;
    u_char        *p, *der;
    ngx_uint_t     good;
    ECDSA_SIG     *sig;
    EVP_MD_CTX    *ctx;
    unsigned int   n;
    EVP_PKEY_CTX  *pctx;
    u_char         mac[EVP_MAX_MD_SIZE];

    if (key->pkey == NULL) {
        return HMAC(key->alg->hash(), key->secret.data, key->secret.len,
                    text->data, text->len, mac, &n) != NULL
               && n == signature->len
               && ngx_memcmp(mac, signature->data, n) == 0;
    }

    der = NULL;
    p = signature->data;
    len = signature->len;

    /* from both halves to DER again */

    if (EVP_PKEY_id(key->pkey) == EVP_PKEY_EC) {
        size = len / 2;
        sig = ECDSA_SIG_new();

        if (sig == NULL
            || ECDSA_SIG_set0(sig, BN_bin2bn(p, size, NULL),
                              BN_bin2bn(p + size, size, NULL))
               != 1)
        {
            return 0;
        }

        len = i2d_ECDSA_SIG(sig, &der);
        p = der;
        ECDSA_SIG_free(sig);
    }

    ctx = EVP_MD_CTX_new();

    good = ctx
           && EVP_DigestVerifyInit(ctx, &pctx,
                                   key->alg->hash ? key->alg->hash() : NULL,
                                   NULL, key->pkey)
              == 1
           && (key->alg->name.data[0] != 'P'
               || (EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING)
                   == 1
                   && EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx,
                                               EVP_MD_size(key->alg->hash()))
                      == 1))
           && EVP_DigestVerify(ctx, p, len, text->data, text->len) == 1;

    EVP_MD_CTX_free(ctx);
    OPENSSL_free(der);

    return good;
}


/* All that a BIO of memory holds; it is freed. */

static ngx_int_t
oauthcc_unit_bio(ngx_pool_t *pool, BIO *bio, ngx_str_t *text)
{
    char  *p;

    text->len = BIO_get_mem_data(bio, &p);

    text->data = ngx_pnalloc(pool, text->len + 1);
    if (text->data == NULL) {
        return NGX_ERROR;
    }

    (void) ngx_cpystrn(text->data, (u_char *) p, text->len + 1);

    BIO_free(bio);

    return NGX_OK;
}
