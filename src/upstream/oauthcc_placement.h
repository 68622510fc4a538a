
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
 * Evaluates the headers and arguments that the location of a request sets;
 * *fields lies in the pool of the request.  NGX_DECLINED: a value has control
 * characters or spaces at its ends, *name is its name.  NGX_ERROR: out of
 * memory.
 */
ngx_int_t oauthcc_placement_evaluate(ngx_http_request_t *r,
    oauthcc_placements_t *placements, oauthcc_fields_t **fields,
    ngx_str_t *name);

/*
 * The names only, to remove headers and arguments of these names where there
 * is no credential.  They lie in the pool.  NGX_ERROR: out of memory.
 */
ngx_int_t oauthcc_placement_absent(ngx_pool_t *pool,
    oauthcc_placements_t *placements);


#endif /* _OAUTHCC_PLACEMENT_H_INCLUDED_ */
