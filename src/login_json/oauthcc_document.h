
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_DOCUMENT_H_INCLUDED_
#define _OAUTHCC_DOCUMENT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "login_json/oauthcc_document_api.h"


/*
 * Reads a document.  NGX_DECLINED: *err, in pool memory, names the place and
 * the reason, and contains no value of the document.  NGX_ERROR: out of
 * memory.
 */
ngx_int_t oauthcc_document_read(ngx_pool_t *pool, ngx_log_t *log,
    ngx_str_t *text, ngx_array_t *attrs,
    oauthcc_document_request_t **login_json, ngx_str_t *err);


#endif /* _OAUTHCC_DOCUMENT_H_INCLUDED_ */
