
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "upstream/oauthcc_headers.h"
#include "upstream/oauthcc_header_names.h"


static ngx_int_t oauthcc_headers_suspect(ngx_list_part_t *part,
    oauthcc_fields_t *fields);
static ngx_uint_t oauthcc_headers_linked(ngx_http_request_t *r,
    ngx_uint_t linked);


ngx_int_t
oauthcc_headers_replace(ngx_http_request_t *r, oauthcc_fields_t *fields,
    ngx_uint_t cgi, oauthcc_headers_saved_t *saved)
{
    ngx_list_t       *list;
    ngx_list_part_t  *rest;

    list = &r->headers_in.headers;

    saved->part = list->part;
    saved->last = list->last;
    saved->cgi = cgi;

    rest = &saved->part;

    if (oauthcc_headers_suspect(rest, fields) == NGX_OK) {
        rest = oauthcc_header_names_without(r->pool, rest, fields, cgi);
        if (rest == NULL) {
            return NGX_ERROR;
        }
    }

    if (cgi) {
        saved->linked = oauthcc_headers_linked(r, 0);
    }

    /* our headers are the first part, so no element has to be moved */

    list->part.elts = fields->headers;
    list->part.nelts = fields->added;

    /* nginx expects elements in each part of a list but the first */

    while (rest->nelts == 0 && rest->next) {
        rest = rest->next;
    }

    if (fields->added == 0) {
        list->part = *rest;
        rest = list->part.next;

    } else if (rest->nelts == 0) {
        rest = NULL;
    }

    list->part.next = rest;

    if (rest == NULL) {
        list->last = &list->part;

    } else if (rest->next == NULL) {
        list->last = rest;
    }

    return NGX_OK;
}


void
oauthcc_headers_restore(ngx_http_request_t *r, oauthcc_headers_saved_t *saved)
{
    ngx_list_t  *list;

    list = &r->headers_in.headers;

    list->part = saved->part;
    list->last = saved->last;

    if (saved->cgi) {
        (void) oauthcc_headers_linked(r, saved->linked);
    }
}


/*
 * Most names are told apart by their lengths.  NGX_OK: that of a header is one
 * of those of ours; NGX_DECLINED.
 */

static ngx_int_t
oauthcc_headers_suspect(ngx_list_part_t *part, oauthcc_fields_t *fields)
{
    uint64_t          lengths;
    ngx_table_elt_t  *header, *last;

    lengths = fields->lengths;

    if (lengths == 0) {
        lengths = oauthcc_header_names_lengths(fields);
    }

    for ( /* void */ ; part; part = part->next) {
        header = part->elts;
        last = header + part->nelts;

        for ( /* void */ ; header < last; header++) {

            if (lengths & (uint64_t) 1 << (header->key.len & 63)) {
                return NGX_OK;
            }
        }
    }

    return NGX_DECLINED;
}


/*
 * Since 1.23.0 nginx links headers of the same name for FastCGI, SCGI and
 * uwsgi, once a request.  Links between the original elements are wrong for
 * their copies, and the other way round, so nginx has to link each list anew.
 * Returns the flag as it was.
 */

static ngx_uint_t
oauthcc_headers_linked(ngx_http_request_t *r, ngx_uint_t linked)
{
#if (nginx_version >= 1023000)
    ngx_uint_t  before;

    before = r->headers_in.multi_linked;
    r->headers_in.multi_linked = linked;

    return before;
#else
    return linked;
#endif
}
