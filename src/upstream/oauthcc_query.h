
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_QUERY_H_INCLUDED_
#define _OAUTHCC_QUERY_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_fields.h"


/* The request's own URI while another one stands in its place. */

typedef struct {
    ngx_str_t  args;
    ngx_str_t  unparsed_uri;
} oauthcc_query_saved_t;


/*
 * A URI with n arguments of ours: those that it has of the same decoded name
 * go, whether "&" or ";" is in front of them, ours follow the rest, in front
 * of a fragment.  All other bytes stay.  *out lies in the pool.  NGX_ERROR if
 * memory runs out.
 */
ngx_int_t oauthcc_query_uri(ngx_pool_t *pool, ngx_str_t *uri,
    oauthcc_argument_t *arguments, ngx_uint_t n, ngx_str_t *out);

/*
 * Puts the arguments into the URI of the request until restore(), for an
 * upstream module that reads it there.  NGX_ERROR if memory runs out: then
 * the request is unchanged.
 */
ngx_int_t oauthcc_query_replace(ngx_http_request_t *r,
    oauthcc_argument_t *arguments, ngx_uint_t n, oauthcc_query_saved_t *saved);

void oauthcc_query_restore(ngx_http_request_t *r,
    oauthcc_query_saved_t *saved);


#endif /* _OAUTHCC_QUERY_H_INCLUDED_ */
