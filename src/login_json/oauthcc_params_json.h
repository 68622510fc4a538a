
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_PARAMS_JSON_H_INCLUDED_
#define _OAUTHCC_PARAMS_JSON_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "login_json/oauthcc_params.h"


/*
 * Encodes params as JSON, each value with its own type; the n pairs replace
 * members of the same names.  NGX_DECLINED: fault has the reason, NGX_ERROR:
 * out of memory.
 */
ngx_int_t oauthcc_params_json_body(ngx_pool_t *pool, oauthcc_params_t *params,
    oauthcc_pair_t *pairs, ngx_uint_t n, ngx_str_t *out,
    oauthcc_expression_fault_t *fault);


#endif /* _OAUTHCC_PARAMS_JSON_H_INCLUDED_ */
