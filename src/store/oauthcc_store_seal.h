
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_STORE_SEAL_H_INCLUDED_
#define _OAUTHCC_STORE_SEAL_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "store/oauthcc_store_types.h"


/*
 * AES-256-GCM (NIST SP 800-38D): a sealed text is a random nonce, the
 * ciphertext and the tag.  What is authenticated besides is the name it is
 * stored under, a zero byte and the header in front of it.
 */

#define OAUTHCC_STORE_SEAL_NONCE  12
#define OAUTHCC_STORE_SEAL_TAG    16
#define OAUTHCC_STORE_SEAL_MORE                                               \
    (OAUTHCC_STORE_SEAL_NONCE + OAUTHCC_STORE_SEAL_TAG)


/*
 * The key of a file of at least OAUTHCC_STORE_KEY_MIN bytes, by HKDF (RFC
 * 5869), and its id, which may be shown.  NGX_ERROR: OpenSSL has failed.
 */
ngx_int_t oauthcc_store_seal_key(ngx_str_t *file,
    oauthcc_store_key_bytes_t *key);

/* Seals text into out, which has OAUTHCC_STORE_SEAL_MORE bytes more. */
ngx_int_t oauthcc_store_seal_close(oauthcc_store_key_bytes_t *key,
    ngx_str_t *name, ngx_str_t *header, ngx_str_t *text, u_char *out);

/*
 * Opens what close() has sealed into out, which has room for as many bytes.
 * Returns the length of the text.  NGX_DECLINED: it is not what was sealed;
 * NGX_ERROR: OpenSSL has failed.
 */
ssize_t oauthcc_store_seal_open(oauthcc_store_key_bytes_t *key,
    ngx_str_t *name, ngx_str_t *header, ngx_str_t *sealed, u_char *out);

/* Fills memory with random bytes of OpenSSL's. */
ngx_int_t oauthcc_store_seal_random(void *data, size_t len);


#endif /* _OAUTHCC_STORE_SEAL_H_INCLUDED_ */
