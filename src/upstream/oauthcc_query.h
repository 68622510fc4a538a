
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_QUERY_H_INCLUDED_
#define _OAUTHCC_QUERY_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_fields.h"


/* The request's own URI while it is replaced. */

typedef struct {
    ngx_str_t  args;
    ngx_str_t  unparsed_uri;
} oauthcc_query_saved_t;


/*
 * Adds n arguments to a URI: its arguments of the same decoded names are
 * removed, whether separated by "&" or ";", and ours follow the rest, before a
 * fragment.  All other bytes stay.  *out lies in the pool.  NGX_ERROR: out of
 * memory.
 */
ngx_int_t oauthcc_query_uri(ngx_pool_t *pool, ngx_str_t *uri,
    oauthcc_argument_t *arguments, ngx_uint_t n, ngx_str_t *out);

/*
 * Adds the arguments to the URI of the request until restore(), for an
 * upstream module that reads it there.  NGX_ERROR: out of memory, the request
 * is unchanged.
 */
ngx_int_t oauthcc_query_replace(ngx_http_request_t *r,
    oauthcc_argument_t *arguments, ngx_uint_t n, oauthcc_query_saved_t *saved);

void oauthcc_query_restore(ngx_http_request_t *r,
    oauthcc_query_saved_t *saved);


#endif /* _OAUTHCC_QUERY_H_INCLUDED_ */
