
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _NGX_HTTP_OAUTHCC_ENDPOINT_H_INCLUDED_
#define _NGX_HTTP_OAUTHCC_ENDPOINT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_types.h"


/*
 * Takes the URL of a token endpoint apart, within the pool.  NULL, or a text
 * for the user that says what is wrong with it.
 */
char *ngx_http_oauthcc_endpoint_parse(ngx_pool_t *pool, ngx_str_t *url,
    ngx_http_oauthcc_endpoint_t *endpoint);

/*
 * Decides how the name of the provider's endpoint becomes an address, and
 * sets provider->url to what the hidden server is to pass to: names are
 * looked up at each login where a resolver is in force or an upstream{} has
 * the name, and now where not.  number is unique to the provider.  To be
 * called when all of http{} has been read.
 */
ngx_int_t ngx_http_oauthcc_endpoint_resolve(ngx_conf_t *cf,
    ngx_http_oauthcc_provider_t *provider, ngx_uint_t number);

/*
 * The URL that a hidden server with this configuration is to pass to, in the
 * pool.  NGX_DECLINED: it is a name, and there is no resolver.
 */
ngx_int_t ngx_http_oauthcc_endpoint_target(ngx_pool_t *pool,
    ngx_http_conf_ctx_t *ctx, ngx_http_oauthcc_endpoint_t *endpoint,
    ngx_str_t *url);

/* Whether it is the name of an upstream{}, once all of http{} is read. */
ngx_uint_t ngx_http_oauthcc_endpoint_is_upstream(ngx_http_conf_ctx_t *ctx,
    ngx_http_oauthcc_endpoint_t *endpoint);

/* What the server is called in a request to it. */
void ngx_http_oauthcc_endpoint_server(ngx_http_oauthcc_endpoint_t *endpoint,
    ngx_http_oauthcc_request_t *request);


#endif /* _NGX_HTTP_OAUTHCC_ENDPOINT_H_INCLUDED_ */
