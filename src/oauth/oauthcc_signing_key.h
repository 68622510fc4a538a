
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

/* a signature by a secret has no more bytes */
#define OAUTHCC_SIGNING_KEY_MAX_HMAC        64


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
 * A key and what it signs with.  The key of OpenSSL is the only thing that
 * has to be freed; the secret belongs to whoever has set it.
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
 * Reads a private key in PEM; an encrypted one wants a password, and nobody is
 * asked for it.  With an empty name of an algorithm it is the usual one for
 * the key.  Key and algorithm have to fit: RSA with 2048 bits or more, the
 * curve that the algorithm says, and one signature that is made to see it.
 *
 * NGX_OK: *key is to be freed.  NGX_DECLINED with a text for the user in *err
 * (pool memory, it holds nothing of the key), that goes on after the name of
 * the file.  NGX_ERROR when memory runs out.
 */
ngx_int_t oauthcc_signing_key_read(ngx_pool_t *pool, ngx_str_t *pem,
    ngx_str_t *password, ngx_str_t *alg, oauthcc_signing_key_t *key,
    ngx_str_t *err);

/*
 * Takes the first certificate in PEM, which has to be the key's, for the
 * thumbprints (x5t and x5t#S256, RFC 7515 sections 4.1.7 and 4.1.8).  Returns
 * as above.
 */
ngx_int_t oauthcc_signing_key_certify(ngx_pool_t *pool, ngx_str_t *pem,
    oauthcc_signing_key_t *key, ngx_str_t *err);

/*
 * A key that is a secret; HS256 with an empty name.  key->secret is for the
 * caller to set before anything is signed.  NGX_DECLINED: no such algorithm
 * for a secret.
 */
ngx_int_t oauthcc_signing_key_hmac(ngx_str_t *alg, oauthcc_signing_key_t *key);

/* How much room a signature needs. */
size_t oauthcc_signing_key_size(oauthcc_signing_key_t *key);

/*
 * Signs as JWS says (RFC 7515): r and s of an elliptic curve are put side by
 * side.  *len is set to the length of the signature.
 */
ngx_int_t oauthcc_signing_key_sign(oauthcc_signing_key_t *key, ngx_str_t *text,
    u_char *signature, size_t *len);

void oauthcc_signing_key_free(oauthcc_signing_key_t *key);


#endif /* _OAUTHCC_SIGNING_KEY_H_INCLUDED_ */
