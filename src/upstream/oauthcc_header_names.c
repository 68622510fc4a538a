
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "upstream/oauthcc_header_names.h"


static ngx_uint_t oauthcc_header_names_match(ngx_str_t *name,
    oauthcc_fields_t *fields, ngx_uint_t cgi);


uint64_t
oauthcc_header_names_lengths(oauthcc_fields_t *fields)
{
    ngx_uint_t  i;

    for (i = 0; i < fields->nheaders; i++) {
        fields->lengths |= (uint64_t) 1 << (fields->headers[i].key.len & 63);
    }

    return fields->lengths;
}


static ngx_uint_t
oauthcc_header_names_match(ngx_str_t *name, oauthcc_fields_t *fields,
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


ngx_list_part_t *
oauthcc_header_names_without(ngx_pool_t *pool, ngx_list_part_t *part,
    oauthcc_fields_t *fields, ngx_uint_t cgi)
{
    ngx_uint_t        i, n, matches;
    ngx_list_part_t  *from, *left;
    ngx_table_elt_t  *header, *to;

    n = 0;
    matches = 0;

    for (from = part; from; from = from->next) {
        header = from->elts;
        n += from->nelts;

        for (i = 0; i < from->nelts; i++) {
            matches += oauthcc_header_names_match(&header[i].key, fields, cgi);
        }
    }

    if (matches == 0) {
        return part;
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

            if (!oauthcc_header_names_match(&header[i].key, fields, cgi)) {
                to[left->nelts++] = header[i];
            }
        }
    }

    return left;
}
