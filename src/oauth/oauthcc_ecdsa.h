
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_ECDSA_H_INCLUDED_
#define _OAUTHCC_ECDSA_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/*
 * Converts r and s of a signature from DER, as OpenSSL makes it, to the form
 * of JWS: two numbers of so many bytes each, one behind the other (RFC 7518
 * section 3.4).  NGX_ERROR: it is none of that size; OpenSSL's error queue may
 * say why.
 */
ngx_int_t oauthcc_ecdsa_join(u_char *der, size_t len, size_t size,
    u_char *signature);


#endif /* _OAUTHCC_ECDSA_H_INCLUDED_ */
