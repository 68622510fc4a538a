
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
 * Where a location has a cache, a request that finds no token at hand asks
 * for one only when nginx has looked into the cache and wants to build the
 * upstream request.  It leaves the upstream then, and enters our phase
 * handler once more.
 */

/*
 * Whether the request, which is on its way to this gate, asks later.
 */
ngx_uint_t oauthcc_page_cache_defer(ngx_http_request_t *r,
    ngx_http_oauthcc_ctx_t *ctx, ngx_int_t gate);

/*
 * The login has failed.  Whether it was for a request whose answer is in the
 * cache, but stale: then nginx is to look whether that may be sent.
 */
ngx_uint_t oauthcc_page_cache_fail(ngx_http_request_t *r,
    ngx_http_oauthcc_ctx_t *ctx, ngx_int_t gate);

/* Whether a request that has no credential may not be sent without. */
#define oauthcc_page_cache_missing(ctx)                                       \
    ((ctx)->late == OAUTHCC_PAGE_CACHE_DEFERRED                               \
     || (ctx)->late == OAUTHCC_PAGE_CACHE_FAILED)

/*
 * In place of the module's create_request, if the credential is missing:
 * nginx goes on to choose a peer, and comes back to us instead.
 */
ngx_int_t oauthcc_page_cache_create(ngx_http_request_t *r,
    ngx_http_oauthcc_ctx_t *ctx);

/* nginx's own part of the module's configuration, or NULL: no cache here. */
ngx_http_upstream_conf_t *oauthcc_page_cache_conf(
    ngx_http_oauthcc_main_conf_t *omcf, void **loc_conf, ngx_uint_t gate);


#endif /* _OAUTHCC_PAGE_CACHE_H_INCLUDED_ */
