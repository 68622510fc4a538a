
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_HEADERS_H_INCLUDED_
#define _OAUTHCC_HEADERS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_fields.h"


/*
 * The request's own header list while it is replaced.  Lives in the caller's
 * frame, between replace() and restore().
 */

typedef struct {
    ngx_list_part_t   part;    /* of the list, its first */
    ngx_list_part_t  *last;
    ngx_uint_t        cgi;
    ngx_uint_t        linked;  /* headers of one name */
} oauthcc_headers_saved_t;


/*
 * Leaves out those headers of the request that have one of the names of the
 * fields' headers (key, hash and lowcase_key set), and puts the first "added"
 * of them in front of the rest.  With cgi, names are compared as they become
 * names of CGI variables, and nginx is to link headers of one name anew: those
 * of this list.  The headers stay where they are until restore().
 *
 * The pointers of headers_in (r->headers_in.authorization, ...) are left
 * alone: upstream modules walk the list, and $remote_user is read from them.
 *
 * NGX_ERROR if memory runs out: then the request is unchanged.
 */
ngx_int_t oauthcc_headers_replace(ngx_http_request_t *r,
    oauthcc_fields_t *fields, ngx_uint_t cgi, oauthcc_headers_saved_t *saved);

void oauthcc_headers_restore(ngx_http_request_t *r,
    oauthcc_headers_saved_t *saved);


#endif /* _OAUTHCC_HEADERS_H_INCLUDED_ */
