
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "upstream/oauthcc_headers.h"


static uint64_t oauthcc_headers_lengths(oauthcc_fields_t *fields);
static ngx_uint_t oauthcc_headers_match(ngx_str_t *name,
    oauthcc_fields_t *fields, ngx_uint_t cgi);
static ngx_uint_t oauthcc_headers_without(ngx_pool_t *pool,
    ngx_list_part_t *part, oauthcc_fields_t *fields, ngx_uint_t cgi);
static ngx_uint_t oauthcc_headers_linked(ngx_http_request_t *r,
    ngx_uint_t linked);


ngx_int_t
oauthcc_headers_replace(ngx_http_request_t *r, oauthcc_fields_t *fields,
    ngx_uint_t cgi, oauthcc_headers_saved_t *saved)
{
    uint64_t          lengths;
    ngx_list_t       *list;
    ngx_uint_t        left;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *header, *last;

    list = &r->headers_in.headers;

    saved->list = *list;
    saved->part = list->part;

    /* most names are told apart by their length */

    lengths = fields->lengths;

    if (lengths == 0) {
        lengths = oauthcc_headers_lengths(fields);
    }

    /* nginx expects elements in each part of a list but the first */

    while (saved->part.nelts == 0 && saved->part.next) {
        saved->part = *saved->part.next;
    }

    left = saved->part.nelts;

    for (part = &saved->part; part; part = part->next) {
        header = part->elts;
        last = header + part->nelts;

        for ( /* void */ ; header < last; header++) {

            if ((lengths & (uint64_t) 1 << (header->key.len & 63))
                && oauthcc_headers_match(&header->key, fields, cgi))
            {
                left = oauthcc_headers_without(r->pool, &saved->part,
                                               fields, cgi);
                if (left == (ngx_uint_t) NGX_ERROR) {
                    return NGX_ERROR;
                }

                goto done;
            }
        }
    }

done:

    saved->cgi = (cgi != 0);

    if (cgi) {
        saved->linked = oauthcc_headers_linked(r, 0);
    }

    if (fields->added == 0) {
        list->part = saved->part;

        if (list->part.next == NULL) {
            list->last = &list->part;
        }

        return NGX_OK;
    }

    /* our headers are the first part, so no element has to be moved */

    list->part.elts = fields->headers;
    list->part.nelts = fields->added;

    if (left == 0) {

        /* a part other than the first must not be empty */

        list->part.next = NULL;
        list->last = &list->part;

        return NGX_OK;
    }

    list->part.next = &saved->part;

    if (saved->part.next == NULL) {
        list->last = &saved->part;
    }

    return NGX_OK;
}


void
oauthcc_headers_restore(ngx_http_request_t *r, oauthcc_headers_saved_t *saved)
{
    r->headers_in.headers = saved->list;

    if (saved->cgi) {
        (void) oauthcc_headers_linked(r, saved->linked);
    }
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


/*
 * Makes *part a single part with the elements that do not match.  Returns
 * their number, or NGX_ERROR.
 */

static ngx_uint_t
oauthcc_headers_without(ngx_pool_t *pool, ngx_list_part_t *part,
    oauthcc_fields_t *fields, ngx_uint_t cgi)
{
    ngx_uint_t        i, k;
    ngx_list_part_t  *from;
    ngx_table_elt_t  *header, *local;

    /* one more element, since the size must not be 0 */

    k = 1;

    for (from = part; from; from = from->next) {
        k += from->nelts;
    }

    local = ngx_palloc(pool, k * sizeof(ngx_table_elt_t));
    if (local == NULL) {
        return (ngx_uint_t) NGX_ERROR;
    }

    k = 0;

    for (from = part; from; from = from->next) {
        header = from->elts;

        for (i = 0; i < from->nelts; i++) {

            if (!oauthcc_headers_match(&header[i].key, fields, cgi)) {
                local[k++] = header[i];
            }
        }
    }

    part->elts = local;
    part->nelts = k;
    part->next = NULL;

    return k;
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
