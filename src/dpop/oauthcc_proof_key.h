
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_PROOF_KEY_H_INCLUDED_
#define _OAUTHCC_PROOF_KEY_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "dpop/oauthcc_jwk.h"
#include "oauth/oauthcc_signing_key.h"


/*
 * A key that signs proofs, with all that is the same in each of them.  Belongs
 * to a process; close() frees what it has, but for the key of a file.
 */

typedef struct {
    oauthcc_signing_key_t  *key;
    oauthcc_signing_key_t   derived;  /* it is this one, from a seed */
    EVP_MD_CTX             *hashed;   /* of an elliptic curve: of the head */
    EVP_MD_CTX             *md;
    EVP_PKEY_CTX           *sign;
    u_char                 *head;     /* in base64url, with its dot */
    size_t                  len;
} oauthcc_proof_key_t;


/* Opens a key that was read from a file.  NGX_ERROR: no memory. */
ngx_int_t oauthcc_proof_key_open(oauthcc_proof_key_t *pk,
    oauthcc_signing_key_t *key, ngx_log_t *log);

/*
 * Derives a P-256 key from a seed and what it is for: the same in each process
 * (HKDF of RFC 5869, and the extra random bits of FIPS 186-5 A.2.1).
 */
ngx_int_t oauthcc_proof_key_derive(oauthcc_proof_key_t *pk, ngx_str_t *seed,
    ngx_str_t *info, ngx_log_t *log);

void oauthcc_proof_key_close(oauthcc_proof_key_t *pk);

/*
 * The maximum length of a signature, and signing, as signing_key does it; the
 * text begins with the head.
 */

#define oauthcc_proof_key_size(pk)  oauthcc_signing_key_size((pk)->key)

ngx_int_t oauthcc_proof_key_sign(oauthcc_proof_key_t *pk, ngx_str_t *text,
    u_char *signature, size_t *len);

/* The thumbprint of its public part. */
ngx_int_t oauthcc_proof_key_thumbprint(oauthcc_signing_key_t *key,
    u_char *thumbprint);


#endif /* _OAUTHCC_PROOF_KEY_H_INCLUDED_ */
