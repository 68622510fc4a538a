
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
 * Sees the answer to each attempt at an upstream that carries a credential,
 * and does so before nginx makes anything of it: a header filter sees none
 * that is hidden by an error page, another server or a page of the cache.
 */


/* The upstream request of r has been built, with ctx's credential, if any. */
void oauthcc_attempt_start(ngx_http_request_t *r, ngx_http_oauthcc_ctx_t *ctx);


#endif /* _OAUTHCC_ATTEMPT_H_INCLUDED_ */
