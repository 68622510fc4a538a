
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_NEGOTIATE_H_INCLUDED_
#define _OAUTHCC_NEGOTIATE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/* The representations of one resource, and which of them a client wants. */

typedef struct {
    ngx_str_t  type;  /* text/html */
    ngx_str_t  name;  /* of format=NAME */
} oauthcc_negotiate_t;


/*
 * The one of the types that the request wants: by the argument "format", else
 * by its Accept header (RFC 9110 section 12.5.1), of those that it likes as
 * much the first.  The list ends with an empty type.  Without a header, or if
 * it wants none of them, it is the first; NULL: there is no such format.
 */
oauthcc_negotiate_t *oauthcc_negotiate_choose(ngx_http_request_t *r,
    oauthcc_negotiate_t *types);

/* The request's header of this name, in lower case; NULL: it has none. */
ngx_str_t *oauthcc_negotiate_header(ngx_http_request_t *r, char *name);


#endif /* _OAUTHCC_NEGOTIATE_H_INCLUDED_ */
