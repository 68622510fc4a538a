
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _NGX_HTTP_OAUTHCC_COPY_H_INCLUDED_
#define _NGX_HTTP_OAUTHCC_COPY_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "cache/oauthcc_cache.h"
#include "core/oauthcc_types.h"


/* Prepares a provider's copies, at configuration time. */
void ngx_http_oauthcc_copy_init(ngx_http_oauthcc_provider_t *provider);

/* Gives back, and wipes, those that no request refers to: the worker ends. */
void ngx_http_oauthcc_copy_free_all(ngx_http_oauthcc_provider_t *provider);

/* Whether all requests want the provider's own copy: then do not look. */
#define ngx_http_oauthcc_copy_own(provider, parameters)                       \
    ((parameters) == NULL && (provider)->endpoint_value == NULL)

/*
 * The worker's copy of the entry that the request wants, as its parameters in
 * "oauthcc" and the variables in "token_endpoint" say.  *copy is a reference.
 * NGX_DECLINED: a value has control characters or is too long, *name says
 * which one.  NGX_ERROR: no memory.
 */
ngx_int_t ngx_http_oauthcc_copy_get(ngx_http_request_t *r,
    ngx_http_oauthcc_provider_t *provider, ngx_array_t *parameters,
    ngx_http_oauthcc_copy_t **copy, ngx_str_t *name);

/* What there is to say to the zone of this copy's entry. */
void ngx_http_oauthcc_copy_query(ngx_http_oauthcc_copy_t *copy,
    ngx_http_oauthcc_cache_query_t *query);

/* Takes, and drops, a reference. */
#define ngx_http_oauthcc_copy_hold(copy)     (copy)->refs++
#define ngx_http_oauthcc_copy_release(copy)  (copy)->refs--

/* Drops the credential. */
void ngx_http_oauthcc_copy_drop(ngx_http_oauthcc_copy_t *copy);

/*
 * Frees a copy that nobody refers to, and whose counts the zone knows; does
 * nothing with others, nor with the provider's own.
 */
void ngx_http_oauthcc_copy_free(ngx_http_oauthcc_copy_t *copy);


#endif /* _NGX_HTTP_OAUTHCC_COPY_H_INCLUDED_ */
