
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_SELECT_H_INCLUDED_
#define _OAUTHCC_SELECT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "upstream/oauthcc_context.h"
#include "token/oauthcc_local.h"


/*
 * What this request wants, as variables say, unless binding->fixed says that
 * there are none: ctx->provider, and in ctx->local a reference; both are NULL
 * if it is to be passed on without a credential.
 * NGX_DECLINED: the client has no usable token, see subject.  NGX_ERROR, or an
 * HTTP status of which the log has the reason.
 */
ngx_int_t oauthcc_select_get(ngx_http_request_t *r, oauthcc_binding_t *binding,
    ngx_http_oauthcc_ctx_t *ctx);


#endif /* _OAUTHCC_SELECT_H_INCLUDED_ */
