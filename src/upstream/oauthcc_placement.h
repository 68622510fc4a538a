
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_PLACEMENT_H_INCLUDED_
#define _OAUTHCC_PLACEMENT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "upstream/oauthcc_context.h"


/*
 * What the location of a request puts on it, with the values that its
 * variables have now; *fields lies in the pool of the request.  NGX_DECLINED:
 * a value has control characters or spaces at its ends, *name says which one.
 * NGX_ERROR: no memory.
 */
ngx_int_t oauthcc_placement_evaluate(ngx_http_request_t *r,
    oauthcc_placements_t *placements, oauthcc_fields_t **fields,
    ngx_str_t *name);

/*
 * The names alone, to keep what a request has of these names away where
 * there is no credential.  They lie in the pool.  NGX_ERROR: no memory.
 */
ngx_int_t oauthcc_placement_absent(ngx_pool_t *pool,
    oauthcc_placements_t *placements);


#endif /* _OAUTHCC_PLACEMENT_H_INCLUDED_ */
