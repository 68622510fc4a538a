
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_TLS_VERIFY_H_INCLUDED_
#define _OAUTHCC_TLS_VERIFY_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/*
 * Connections that a hidden server makes with this context end in the
 * handshake, unless the certificate of the server is of somebody that the
 * context trusts, and of the name or the IP address in proxy_ssl_name.
 * Sessions are resumed only if theirs is too.
 */
void oauthcc_tls_verify_set(SSL_CTX *ctx);


#endif /* _OAUTHCC_TLS_VERIFY_H_INCLUDED_ */
