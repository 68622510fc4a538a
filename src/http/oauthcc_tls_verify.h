
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_TLS_VERIFY_H_INCLUDED_
#define _OAUTHCC_TLS_VERIFY_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/*
 * Makes connections of a hidden server with this context fail in the handshake
 * unless the certificate of the server chains to a CA of the context and
 * matches the name or the IP address in proxy_ssl_name.  Sessions are resumed
 * only if their certificate does so too.
 */
void oauthcc_tls_verify_set(SSL_CTX *ctx);


#endif /* _OAUTHCC_TLS_VERIFY_H_INCLUDED_ */
