
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _NGX_HTTP_OAUTHCC_LOGIN_JSON_H_INCLUDED_
#define _NGX_HTTP_OAUTHCC_LOGIN_JSON_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "login_json/oauthcc_document_api.h"
#include "core/oauthcc_types.h"


/*
 * The login request of a document, to this URL; n pairs stand in place of
 * params of their names.  All its bytes lie in the pool.  NGX_DECLINED: fault
 * says why there is none.  NGX_ERROR: no memory.
 */
ngx_int_t ngx_http_oauthcc_login_json_request(
    ngx_http_oauthcc_login_json_t *login_json, ngx_pool_t *pool,
    ngx_str_t *url, ngx_http_oauthcc_pair_t *pairs, ngx_uint_t n,
    ngx_http_oauthcc_request_t *request,
    ngx_http_oauthcc_expression_fault_t *fault);


#endif /* _NGX_HTTP_OAUTHCC_LOGIN_JSON_H_INCLUDED_ */
