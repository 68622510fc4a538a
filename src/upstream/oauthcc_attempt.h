
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_ATTEMPT_H_INCLUDED_
#define _OAUTHCC_ATTEMPT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "upstream/oauthcc_context.h"


/*
 * Examines the response to each attempt at an upstream that carries a
 * credential, before nginx processes it: a header filter does not see a
 * response that an error page, another server or a cached page replaces.
 */


/* The upstream request of r has been built, with ctx's credential, if any. */
void oauthcc_attempt_start(ngx_http_request_t *r, ngx_http_oauthcc_ctx_t *ctx);


#endif /* _OAUTHCC_ATTEMPT_H_INCLUDED_ */
