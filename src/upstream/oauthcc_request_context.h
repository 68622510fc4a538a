
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_REQUEST_CONTEXT_H_INCLUDED_
#define _OAUTHCC_REQUEST_CONTEXT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "upstream/oauthcc_context.h"


/*
 * Creates the context of a request; it lives as long as the request. NULL: out
 * of memory.
 */
ngx_http_oauthcc_ctx_t *oauthcc_request_context_create(ngx_http_request_t *r);

/*
 * The last context of r before an internal redirect, which makes nginx forget
 * it; NULL if there was none.  Use it only to report what happened.
 */
ngx_http_oauthcc_ctx_t *oauthcc_request_context_former(ngx_http_request_t *r);


#endif /* _OAUTHCC_REQUEST_CONTEXT_H_INCLUDED_ */
