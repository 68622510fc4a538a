
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _NGX_HTTP_OAUTHCC_REQUEST_H_INCLUDED_
#define _NGX_HTTP_OAUTHCC_REQUEST_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "ngx_http_oauthcc_types.h"


/*
 * Builds the login request of a provider (RFC 6749 section 4.4.2), with a
 * copy's parameters in place of the provider's.  NGX_ERROR if memory runs
 * out.
 */
ngx_int_t ngx_http_oauthcc_request_build(ngx_http_oauthcc_copy_t *copy,
    ngx_pool_t *pool, ngx_http_oauthcc_request_t *request);

/*
 * The key of a provider's entry: a digest of all that shapes its login.
 * Secrets in files count by their path.  digest has room for
 * NGX_HTTP_OAUTHCC_DIGEST_LEN bytes.  NGX_ERROR if memory runs out.
 */
ngx_int_t ngx_http_oauthcc_request_digest(
    ngx_http_oauthcc_provider_t *provider, ngx_pool_t *pool, u_char *digest);

/* The same for a provider with these parameters of a request's. */
void ngx_http_oauthcc_request_variant(u_char *base, ngx_str_t *parameters,
    u_char *digest);

/* A cleanup handler: wipes the secrets of a request, data. */
void ngx_http_oauthcc_request_wipe(void *data);


#endif /* _NGX_HTTP_OAUTHCC_REQUEST_H_INCLUDED_ */
