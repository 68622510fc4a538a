
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _NGX_HTTP_OAUTHCC_ACCEPT_H_INCLUDED_
#define _NGX_HTTP_OAUTHCC_ACCEPT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/* The representations of one resource, and which of them a client wants. */

typedef struct {
    ngx_str_t                           type;      /* text/html */
    ngx_str_t                           name;      /* of format=NAME */
} ngx_http_oauthcc_accept_t;


/*
 * The one of the types that the request wants: by the argument "format", else
 * by its Accept header (RFC 9110 section 12.5.1), of those that it likes as
 * much the first.  The list ends with an empty type.  Without a header, or if
 * it wants none of them, it is the first; NULL: there is no such format.
 */
ngx_http_oauthcc_accept_t *ngx_http_oauthcc_accept_choose(
    ngx_http_request_t *r, ngx_http_oauthcc_accept_t *types);

/* The request's header of this name, in lower case; NULL: it has none. */
ngx_str_t *ngx_http_oauthcc_accept_header(ngx_http_request_t *r, char *name);


#endif /* _NGX_HTTP_OAUTHCC_ACCEPT_H_INCLUDED_ */
