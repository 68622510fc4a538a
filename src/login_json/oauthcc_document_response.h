
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_DOCUMENT_RESPONSE_H_INCLUDED_
#define _OAUTHCC_DOCUMENT_RESPONSE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "login_json/oauthcc_document_api.h"
#include "oauth/oauthcc_token_response.h"


/*
 * Reads a complete response to the login request of a document; headers may be
 * NULL.  Returns what oauthcc_token_response_parse() returns, and sets
 * t->fields, and t->where beside t->reason.
 */
ngx_int_t oauthcc_document_response_read(
    oauthcc_document_request_t *login_json, ngx_pool_t *pool,
    ngx_uint_t status, ngx_list_t *headers, u_char *body, size_t len,
    time_t date, ngx_msec_t default_life,
    oauthcc_token_response_t *t);


#endif /* _OAUTHCC_DOCUMENT_RESPONSE_H_INCLUDED_ */
