
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_TOKEN_SCOPE_H_INCLUDED_
#define _OAUTHCC_TOKEN_SCOPE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/*
 * What of the scope that was asked for is not in the one that was granted (RFC
 * 6749 section 3.3), as a scope in the pool; empty if all of it is.
 * NGX_ERROR: no memory.
 */
ngx_int_t oauthcc_token_scope_missing(ngx_pool_t *pool, ngx_str_t *asked,
    ngx_str_t *granted, ngx_str_t *missing);


#endif /* _OAUTHCC_TOKEN_SCOPE_H_INCLUDED_ */
