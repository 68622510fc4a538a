
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _NGX_HTTP_OAUTHCC_REQUEST_H_INCLUDED_
#define _NGX_HTTP_OAUTHCC_REQUEST_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_types.h"


/*
 * Builds the login request of a provider (RFC 6749 section 4.4.2), with a
 * copy's parameters in place of the provider's.  NGX_ERROR if memory runs
 * out.
 */
ngx_int_t ngx_http_oauthcc_request_build(ngx_http_oauthcc_copy_t *copy,
    ngx_pool_t *pool, ngx_http_oauthcc_request_t *request);


#endif /* _NGX_HTTP_OAUTHCC_REQUEST_H_INCLUDED_ */
