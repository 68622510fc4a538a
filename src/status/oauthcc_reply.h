
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_REPLY_H_INCLUDED_
#define _OAUTHCC_REPLY_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/* Responses that are made here. */

/* Adds a header; the texts are static.  NGX_ERROR if memory runs out. */
ngx_int_t oauthcc_reply_header(ngx_http_request_t *r, char *name, char *value);

/*
 * Sends a body of this size, which no cache keeps.  The type without its
 * parameters is so many bytes of it.  What it returns is the content
 * handler's to return.
 */
ngx_int_t oauthcc_reply_send(ngx_http_request_t *r, ngx_uint_t status,
    ngx_str_t *type, size_t type_len, ngx_chain_t *out, off_t size);


#endif /* _OAUTHCC_REPLY_H_INCLUDED_ */
