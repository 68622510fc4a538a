
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_PAGE_CACHE_H_INCLUDED_
#define _OAUTHCC_PAGE_CACHE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "upstream/oauthcc_context.h"


/*
 * In a location with a cache, a request without a token at hand asks for one
 * only after a cache miss, when nginx builds the upstream request.  It leaves
 * the upstream then, and enters the gate once more.
 */

/* Whether the request, which is on its way to this gate, asks later. */
ngx_uint_t oauthcc_page_cache_defer(ngx_http_request_t *r,
    ngx_http_oauthcc_ctx_t *ctx, ngx_int_t gate);

/*
 * The login has failed.  Returns whether the request has a stale cached
 * response: then nginx decides whether to send it.
 */
ngx_uint_t oauthcc_page_cache_fail(ngx_http_request_t *r,
    ngx_http_oauthcc_ctx_t *ctx, ngx_int_t gate);

/* Whether a request must not be sent because it has no credential. */
#define oauthcc_page_cache_missing(ctx)                                       \
    ((ctx)->late == OAUTHCC_PAGE_CACHE_DEFERRED                               \
     || (ctx)->late == OAUTHCC_PAGE_CACHE_FAILED)

/*
 * Replaces the module's create_request if the credential is missing: nginx
 * goes on to choose a peer, and returns to us instead.
 */
ngx_int_t oauthcc_page_cache_create(ngx_http_request_t *r,
    ngx_http_oauthcc_ctx_t *ctx);

/* The upstream part of the module's configuration; NULL: no cache here. */
ngx_http_upstream_conf_t *oauthcc_page_cache_conf(
    ngx_http_oauthcc_main_conf_t *omcf, void **loc_conf, ngx_uint_t gate);


#endif /* _OAUTHCC_PAGE_CACHE_H_INCLUDED_ */
