
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 *
 * Keys out of a secret.
 */


#ifndef _OAUTHCC_HKDF_H_INCLUDED_
#define _OAUTHCC_HKDF_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/*
 * HKDF of RFC 5869 with SHA-256 and without a salt: "len" bytes, at most 8160,
 * of the secret, for the use that "info" names.  NGX_ERROR without memory.
 */
ngx_int_t oauthcc_hkdf(ngx_str_t *secret, ngx_str_t *info, u_char *key,
    size_t len);


#endif /* _OAUTHCC_HKDF_H_INCLUDED_ */
