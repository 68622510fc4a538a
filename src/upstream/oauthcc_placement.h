
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _NGX_HTTP_OAUTHCC_ITEMS_H_INCLUDED_
#define _NGX_HTTP_OAUTHCC_ITEMS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_types.h"


/*
 * What the location of a request puts on it, with the values that its
 * variables have now; *items lies in the pool of the request.  NGX_DECLINED:
 * a value has control characters or spaces at its ends, *name says which one.
 * NGX_ERROR: no memory.
 */
ngx_int_t ngx_http_oauthcc_items_evaluate(ngx_http_request_t *r,
    ngx_http_oauthcc_places_t *places, ngx_http_oauthcc_items_t **items,
    ngx_str_t *name);

/*
 * The names alone, to keep what a request has of these names away where
 * there is no credential.  They lie in the pool.  NGX_ERROR: no memory.
 */
ngx_int_t ngx_http_oauthcc_items_absent(ngx_pool_t *pool,
    ngx_http_oauthcc_places_t *places);


#endif /* _NGX_HTTP_OAUTHCC_ITEMS_H_INCLUDED_ */
