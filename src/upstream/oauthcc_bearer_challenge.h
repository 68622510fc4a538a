
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_BEARER_CHALLENGE_H_INCLUDED_
#define _OAUTHCC_BEARER_CHALLENGE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "upstream/oauthcc_context.h"


/*
 * Adds the WWW-Authenticate header (RFC 6750 section 3) to a response that
 * refuses the client's token: with status 401 or 403, else it does nothing.
 * NGX_ERROR: out of memory.
 */
ngx_int_t oauthcc_bearer_challenge_add(ngx_http_request_t *r,
    ngx_http_oauthcc_ctx_t *ctx, ngx_uint_t status);


#endif /* _OAUTHCC_BEARER_CHALLENGE_H_INCLUDED_ */
