
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_BODY_WAIT_H_INCLUDED_
#define _OAUTHCC_BODY_WAIT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "upstream/oauthcc_context.h"


typedef void (*oauthcc_body_wait_pt)(ngx_http_request_t *r,
    ngx_http_oauthcc_ctx_t *ctx);


/*
 * The upstream has refused a request before the end of its body, which nginx
 * does not buffer.  The response, whose header has been read, is held back
 * until the copy of the body is whole, and then again() is called, which may
 * throw it away.  If the body does not fit, or takes longer than a second, the
 * response goes on its way.
 *
 * To be called from, and to be returned by, process_header().  Returns
 * NGX_AGAIN, or NGX_OK if the response is to go on its way for want of memory.
 */
ngx_int_t oauthcc_body_wait_start(ngx_http_request_t *r,
    ngx_http_oauthcc_ctx_t *ctx, oauthcc_body_wait_pt again);


#endif /* _OAUTHCC_BODY_WAIT_H_INCLUDED_ */
