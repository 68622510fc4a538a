
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_INJECT_H_INCLUDED_
#define _OAUTHCC_INJECT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "upstream/oauthcc_context.h"


/*
 * Runs a content handler that passes requests to an upstream, with a
 * credential.  The request is changed only while the upstream request is built
 * from it; before and after, it is the client's.
 */
ngx_int_t oauthcc_inject_handler(ngx_http_request_t *r,
    ngx_http_oauthcc_ctx_t *ctx, ngx_http_handler_pt handler,
    oauthcc_inject_kind_e kind);


#endif /* _OAUTHCC_INJECT_H_INCLUDED_ */
