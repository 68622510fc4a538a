
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_STATUS_HTTP_H_INCLUDED_
#define _OAUTHCC_STATUS_HTTP_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_writer.h"


/* What requests ask for, and responses that are made here. */

/* The request's header of this name, in lower case; NULL: it has none. */
ngx_str_t *oauthcc_status_http_header(ngx_http_request_t *r, char *name);

/*
 * How much an Accept header likes this media type, 0 to 1000: as the range
 * says that fits it best (RFC 9110 section 12.5.1).
 */
ngx_uint_t oauthcc_status_http_quality(ngx_str_t *accept, ngx_str_t *type);

/* Adds a header; the texts are static.  NGX_ERROR if memory runs out. */
ngx_int_t oauthcc_status_http_add_header(ngx_http_request_t *r, char *name,
    char *value);

/*
 * Sends what was written, which no cache keeps.  What it returns is the
 * content handler's to return.
 */
ngx_int_t oauthcc_status_http_send(ngx_http_request_t *r, ngx_uint_t status,
    char *type, oauthcc_writer_t *w);


#endif /* _OAUTHCC_STATUS_HTTP_H_INCLUDED_ */
