
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_SIGNING_KEY_H_INCLUDED_
#define _OAUTHCC_SIGNING_KEY_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <openssl/evp.h>
#include "core/oauthcc_provider_conf.h"


/* SHA-256 and SHA-1 in base64url, without padding */
#define OAUTHCC_SIGNING_KEY_THUMBPRINT_LEN  43
#define OAUTHCC_SIGNING_KEY_SHA1_LEN        27

/* the maximum length of a signature with a secret */
#define OAUTHCC_SIGNING_KEY_MAX_HMAC        64

/* r and s of P-521 in DER have 139 bytes */
#define OAUTHCC_SIGNING_KEY_MAX_DER         160


typedef enum {
    OAUTHCC_SIGNING_KEY_RSA = 0,
    OAUTHCC_SIGNING_KEY_PSS,
    OAUTHCC_SIGNING_KEY_EC,
    OAUTHCC_SIGNING_KEY_ED,
    OAUTHCC_SIGNING_KEY_HMAC
} oauthcc_signing_key_family_e;


/* an algorithm of RFC 7518 or RFC 8037 */

typedef struct {
    ngx_str_t                     name;
    oauthcc_signing_key_family_e  family;
    const EVP_MD                     *(*hash)(void); /* NULL: EdDSA */
    int     curve;  /* of an elliptic one */
    size_t  size;   /* of r, s, or a secret */
} oauthcc_signing_key_alg_t;


/*
 * A key and its algorithm.  Only the key of OpenSSL has to be freed; the
 * secret belongs to the code that has set it.
 */

struct oauthcc_signing_key_s {
    oauthcc_signing_key_alg_t  *alg;
    EVP_PKEY                   *pkey;  /* NULL: a secret */
    ngx_str_t                   secret;
    u_char                      thumbprint[OAUTHCC_SIGNING_KEY_THUMBPRINT_LEN];
    u_char                      thumbprint_sha1[OAUTHCC_SIGNING_KEY_SHA1_LEN];
    unsigned                    certified:1;
    unsigned                    expired:1; /* the certificate has */
};


/*
 * Reads a private key in PEM; an encrypted one needs the password, there is no
 * prompt.  An empty algorithm means the default for the key.  The algorithm
 * must fit the key (RSA of 2048 bits or more, the right curve), and a trial
 * signature must succeed.  "assertion" or "dpop" is what the directives of the
 * messages begin with.  NGX_OK: *key has to be freed.  NGX_DECLINED: *err,
 * pool memory without any part of the key, is a message to append to the name
 * of the file.  NGX_ERROR: out of memory.
 */
ngx_int_t oauthcc_signing_key_read(ngx_pool_t *pool, ngx_str_t *pem,
    ngx_str_t *password, ngx_str_t *alg, char *directives,
    oauthcc_signing_key_t *key, ngx_str_t *err);

/*
 * Makes a key of one of OpenSSL's, for which this algorithm is, and which
 * belongs to it then.  NGX_DECLINED: unknown algorithm.
 */
ngx_int_t oauthcc_signing_key_take(EVP_PKEY *pkey, char *alg,
    oauthcc_signing_key_t *key);

/*
 * Reads the first certificate in PEM, which must match the key, for the
 * thumbprints (x5t and x5t#S256, RFC 7515 sections 4.1.7 and 4.1.8).  Returns
 * as above.
 */
ngx_int_t oauthcc_signing_key_certify(ngx_pool_t *pool, ngx_str_t *pem,
    oauthcc_signing_key_t *key, ngx_str_t *err);

/*
 * Makes a key for a secret; an empty algorithm means HS256.  The caller sets
 * key->secret before it signs.  NGX_DECLINED: unknown algorithm.
 */
ngx_int_t oauthcc_signing_key_hmac(ngx_str_t *alg, oauthcc_signing_key_t *key);

/* The maximum length of a signature. */
size_t oauthcc_signing_key_size(oauthcc_signing_key_t *key);

/*
 * Signs as in JWS (RFC 7515): r and s of an elliptic curve are concatenated.
 * *len is set to the length of the signature.
 */
ngx_int_t oauthcc_signing_key_sign(oauthcc_signing_key_t *key, ngx_str_t *text,
    u_char *signature, size_t *len);

void oauthcc_signing_key_free(oauthcc_signing_key_t *key);


#endif /* _OAUTHCC_SIGNING_KEY_H_INCLUDED_ */
