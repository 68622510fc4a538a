
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_JWK_H_INCLUDED_
#define _OAUTHCC_JWK_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <jansson.h>
#include <openssl/evp.h>


/* SHA-256 in base64url, without padding */
#define OAUTHCC_JWK_THUMBPRINT_LEN  43


/*
 * The public part of a key as a JWK (RFC 7517, RFC 8037) with the members that
 * its thumbprint is made of, and no other; json_decref() it.  NULL: the key is
 * none of RSA, P-256, P-384, P-521, Ed25519 and Ed448, or no memory.
 */
json_t *oauthcc_jwk_public(EVP_PKEY *pkey);

/* Its thumbprint (RFC 7638), without a zero byte. */
ngx_int_t oauthcc_jwk_thumbprint(json_t *jwk, u_char *thumbprint);


#endif /* _OAUTHCC_JWK_H_INCLUDED_ */
