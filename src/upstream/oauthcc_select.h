
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _NGX_HTTP_OAUTHCC_WANT_H_INCLUDED_
#define _NGX_HTTP_OAUTHCC_WANT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "token/oauthcc_local.h"
#include "core/oauthcc_types.h"


/*
 * Whether all requests of an oauthcc directive want the same: the provider's
 * own copy.  Then there is nothing to evaluate.
 */
#define ngx_http_oauthcc_want_fixed(use)                                      \
    ((use)->variable == NULL                                                  \
     && ngx_http_oauthcc_copy_own((use)->provider, (use)->parameters))

/*
 * What this request wants, as variables say: ctx->provider, and in ctx->copy a
 * reference; both are NULL if it is to be passed on without a credential.
 * NGX_ERROR, or an HTTP status of which the log has the reason.
 */
ngx_int_t ngx_http_oauthcc_want_get(ngx_http_request_t *r,
    ngx_http_oauthcc_use_t *use, ngx_http_oauthcc_ctx_t *ctx);


#endif /* _NGX_HTTP_OAUTHCC_WANT_H_INCLUDED_ */
