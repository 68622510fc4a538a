
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_STATUS_HTTP_H_INCLUDED_
#define _OAUTHCC_STATUS_HTTP_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_writer.h"


/* Headers of requests for the status page, and its responses. */

/* The request's header of this name, in lower case, or NULL. */
ngx_str_t *oauthcc_status_http_header(ngx_http_request_t *r, char *name);

/*
 * The weight of this media type in an Accept header, 0 to 1000: that of the
 * most specific range (RFC 9110 section 12.5.1).
 */
ngx_uint_t oauthcc_status_http_quality(ngx_str_t *accept, ngx_str_t *type);

/*
 * Whether the page that has sent the request is one of this server: its Origin
 * is absent, as with programs, or has the scheme and host of the request (RFC
 * 6454).  https is all right where TLS may have ended at a proxy in front.
 */
ngx_uint_t oauthcc_status_http_same_origin(ngx_http_request_t *r);

/* Answers a form: the page is to be looked at again, with its arguments. */
ngx_int_t oauthcc_status_http_see_page(ngx_http_request_t *r);

/* Adds a header of static texts.  NGX_ERROR if memory runs out. */
ngx_int_t oauthcc_status_http_add_header(ngx_http_request_t *r, char *name,
    char *value);

/*
 * Sends the output as a response that must not be cached.  Returns the result
 * for the content handler.
 */
ngx_int_t oauthcc_status_http_send(ngx_http_request_t *r, ngx_uint_t status,
    char *type, oauthcc_writer_t *w);


#endif /* _OAUTHCC_STATUS_HTTP_H_INCLUDED_ */
