
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "upstream/oauthcc_headers.h"


static ngx_int_t oauthcc_headers_find(ngx_list_part_t *part,
    oauthcc_fields_t *fields, ngx_uint_t cgi);
static uint64_t oauthcc_headers_lengths(oauthcc_fields_t *fields);
static ngx_uint_t oauthcc_headers_match(ngx_str_t *name,
    oauthcc_fields_t *fields, ngx_uint_t cgi);
static ngx_list_part_t *oauthcc_headers_without(ngx_pool_t *pool,
    ngx_list_part_t *part, oauthcc_fields_t *fields, ngx_uint_t cgi);
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

    if (oauthcc_headers_find(rest, fields, cgi) == NGX_OK) {
        rest = oauthcc_headers_without(r->pool, rest, fields, cgi);
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


/* NGX_OK: the list has a header that is to be left out; NGX_DECLINED. */

static ngx_int_t
oauthcc_headers_find(ngx_list_part_t *part, oauthcc_fields_t *fields,
    ngx_uint_t cgi)
{
    uint64_t          lengths;
    ngx_table_elt_t  *header, *last;

    /* most names are told apart by their length */

    lengths = fields->lengths;

    if (lengths == 0) {
        lengths = oauthcc_headers_lengths(fields);
    }

    for ( /* void */ ; part; part = part->next) {
        header = part->elts;
        last = header + part->nelts;

        for ( /* void */ ; header < last; header++) {

            if ((lengths & (uint64_t) 1 << (header->key.len & 63))
                && oauthcc_headers_match(&header->key, fields, cgi))
            {
                return NGX_OK;
            }
        }
    }

    return NGX_DECLINED;
}


/*
 * A bit for the length of each name, kept for the next request; never 0 if
 * there are names.
 */

static uint64_t
oauthcc_headers_lengths(oauthcc_fields_t *fields)
{
    ngx_uint_t  i;

    for (i = 0; i < fields->nheaders; i++) {
        fields->lengths |= (uint64_t) 1 << (fields->headers[i].key.len & 63);
    }

    return fields->lengths;
}


static ngx_uint_t
oauthcc_headers_match(ngx_str_t *name, oauthcc_fields_t *fields,
                      ngx_uint_t cgi)
{
    u_char      a, b;
    size_t      k;
    ngx_uint_t  i;
    ngx_str_t  *key;

    for (i = 0; i < fields->nheaders; i++) {

        key = &fields->headers[i].key;

        if (key->len != name->len) {
            continue;
        }

        for (k = 0; k < key->len; k++) {
            a = ngx_tolower(key->data[k]);
            b = ngx_tolower(name->data[k]);

            if (cgi) {
                a = (a == '-') ? '_' : a;
                b = (b == '-') ? '_' : b;
            }

            if (a != b) {
                break;
            }
        }

        if (k == key->len) {
            return 1;
        }
    }

    return 0;
}


/* A single part with the elements that do not match; NULL: no memory. */

static ngx_list_part_t *
oauthcc_headers_without(ngx_pool_t *pool, ngx_list_part_t *part,
    oauthcc_fields_t *fields, ngx_uint_t cgi)
{
    ngx_uint_t        i, n;
    ngx_list_part_t  *from, *left;
    ngx_table_elt_t  *header, *to;

    n = 0;

    for (from = part; from; from = from->next) {
        n += from->nelts;
    }

    left = ngx_palloc(pool, sizeof(ngx_list_part_t)
                            + n * sizeof(ngx_table_elt_t));
    if (left == NULL) {
        return NULL;
    }

    to = (ngx_table_elt_t *) &left[1];

    left->elts = to;
    left->nelts = 0;
    left->next = NULL;

    for (from = part; from; from = from->next) {
        header = from->elts;

        for (i = 0; i < from->nelts; i++) {

            if (!oauthcc_headers_match(&header[i].key, fields, cgi)) {
                to[left->nelts++] = header[i];
            }
        }
    }

    return left;
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
