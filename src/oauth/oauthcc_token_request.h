
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_TOKEN_REQUEST_H_INCLUDED_
#define _OAUTHCC_TOKEN_REQUEST_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_types.h"


/*
 * Builds the login request of a provider (RFC 6749 section 4.4.2), with a
 * copy's parameters in place of the provider's.  NGX_ERROR if memory runs
 * out.
 */
ngx_int_t oauthcc_token_request_build(oauthcc_local_t *local, ngx_pool_t *pool,
    oauthcc_http_request_t *request);


#endif /* _OAUTHCC_TOKEN_REQUEST_H_INCLUDED_ */
