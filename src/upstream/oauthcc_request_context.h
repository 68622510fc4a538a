
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
 * The context of a request, from its creation to its end.  NULL: no memory.
 */
ngx_http_oauthcc_ctx_t *oauthcc_request_context_create(ngx_http_request_t *r);

/*
 * The last context that r had in a location before an internal redirect, which
 * makes nginx forget it; NULL if there was none.  It tells how the request
 * fared there, and may not be used for anything else.
 */
ngx_http_oauthcc_ctx_t *oauthcc_request_context_former(ngx_http_request_t *r);


#endif /* _OAUTHCC_REQUEST_CONTEXT_H_INCLUDED_ */
