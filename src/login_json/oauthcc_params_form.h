
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_PARAMS_FORM_H_INCLUDED_
#define _OAUTHCC_PARAMS_FORM_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "login_json/oauthcc_params.h"


/*
 * Encodes params as PHP's http_build_query(); the n pairs replace members of
 * the same names.  NGX_DECLINED: fault has the reason, NGX_ERROR: out of
 * memory.
 */
ngx_int_t oauthcc_params_form_body(ngx_pool_t *pool, oauthcc_params_t *params,
    oauthcc_pair_t *pairs, ngx_uint_t n, ngx_str_t *out,
    oauthcc_expression_fault_t *fault);

/* The same after a query; params replace its arguments of the same names. */
ngx_int_t oauthcc_params_form_query(ngx_pool_t *pool, oauthcc_params_t *params,
    oauthcc_pair_t *pairs, ngx_uint_t n, ngx_str_t *query, ngx_str_t *out,
    oauthcc_expression_fault_t *fault);


#endif /* _OAUTHCC_PARAMS_FORM_H_INCLUDED_ */
