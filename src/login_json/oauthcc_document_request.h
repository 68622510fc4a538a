
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_DOCUMENT_REQUEST_H_INCLUDED_
#define _OAUTHCC_DOCUMENT_REQUEST_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "http/oauthcc_http_request.h"
#include "login_json/oauthcc_document_api.h"


/*
 * Builds the login request of a document for this URL; n pairs replace params
 * of the same names.  All its bytes are allocated from the pool. NGX_DECLINED:
 * fault has the reason.  NGX_ERROR: out of memory.
 */
ngx_int_t oauthcc_document_request_request(
    oauthcc_document_request_t *login_json, ngx_pool_t *pool, ngx_str_t *url,
    oauthcc_pair_t *pairs, ngx_uint_t n, oauthcc_http_request_t *request,
    oauthcc_expression_fault_t *fault);


#endif /* _OAUTHCC_DOCUMENT_REQUEST_H_INCLUDED_ */
