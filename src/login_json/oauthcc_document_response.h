
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _NGX_HTTP_OAUTHCC_ANSWER_H_INCLUDED_
#define _NGX_HTTP_OAUTHCC_ANSWER_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "login_json/oauthcc_document_api.h"
#include "oauth/oauthcc_token_response.h"
#include "core/oauthcc_types.h"


/*
 * Reads a complete response to the login request of a document.  The results
 * are as those of token_parse(), with t->items, and t->where beside t->reason.
 */
ngx_int_t ngx_http_oauthcc_answer_read(
    ngx_http_oauthcc_login_json_t *login_json, ngx_pool_t *pool,
    ngx_uint_t status, u_char *body, size_t len, ngx_msec_t default_life,
    ngx_http_oauthcc_token_t *t);



#endif /* _NGX_HTTP_OAUTHCC_ANSWER_H_INCLUDED_ */
