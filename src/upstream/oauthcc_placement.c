
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "upstream/oauthcc_placement.h"
#include "http/oauthcc_form.h"
#include "http/oauthcc_header_syntax.h"


static ngx_int_t oauthcc_placement_headers(ngx_http_request_t *r,
    ngx_array_t *placements, oauthcc_fields_t *fields, ngx_str_t *name);
static ngx_int_t oauthcc_placement_arguments(ngx_http_request_t *r,
    ngx_array_t *placements, oauthcc_fields_t *fields, ngx_str_t *name);


ngx_int_t
oauthcc_placement_evaluate(ngx_http_request_t *r,
    oauthcc_placements_t *placements, oauthcc_fields_t **fields,
    ngx_str_t *name)
{
    ngx_int_t          rc;
    oauthcc_fields_t  *made;

    made = ngx_pcalloc(r->pool, sizeof(oauthcc_fields_t));
    if (made == NULL) {
        return NGX_ERROR;
    }

    rc = oauthcc_placement_headers(r, &placements->headers, made, name);

    if (rc == NGX_OK) {
        rc = oauthcc_placement_arguments(r, &placements->arguments, made,
                                         name);
    }

    *fields = made;

    return rc;
}


ngx_int_t
oauthcc_placement_absent(ngx_pool_t *pool, oauthcc_placements_t *placements)
{
    ngx_str_t             none;
    ngx_uint_t            i;
    oauthcc_fields_t     *stripped;
    oauthcc_placement_t  *place;

    stripped = &placements->stripped;

    ngx_memzero(stripped, sizeof(oauthcc_fields_t));
    ngx_str_null(&none);

    if (placements->headers.nelts) {
        place = placements->headers.elts;

        stripped->headers = ngx_palloc(pool, placements->headers.nelts
                                           * sizeof(ngx_table_elt_t));
        if (stripped->headers == NULL) {
            return NGX_ERROR;
        }

        for (i = 0; i < placements->headers.nelts; i++) {
            oauthcc_header_syntax_make(&stripped->headers[i], &place[i].name,
                                       place[i].lowcase, &none);
        }

        stripped->nheaders = placements->headers.nelts;
    }

    if (placements->arguments.nelts) {
        place = placements->arguments.elts;

        stripped->arguments = ngx_pcalloc(pool, placements->arguments.nelts
                                          * sizeof(oauthcc_argument_t));
        if (stripped->arguments == NULL) {
            return NGX_ERROR;
        }

        for (i = 0; i < placements->arguments.nelts; i++) {
            stripped->arguments[i].name = place[i].name;
        }

        stripped->narguments = placements->arguments.nelts;
        stripped->changes = stripped->narguments;
    }

    return NGX_OK;
}


/* Headers with a value come first, as oauthcc_fields_t wants them. */

static ngx_int_t
oauthcc_placement_headers(ngx_http_request_t *r, ngx_array_t *placements,
    oauthcc_fields_t *fields, ngx_str_t *name)
{
    ngx_str_t             value;
    ngx_uint_t            i, last;
    ngx_table_elt_t      *header;
    oauthcc_placement_t  *place;

    if (placements->nelts == 0) {
        return NGX_OK;
    }

    fields->headers = ngx_palloc(r->pool,
                                 placements->nelts * sizeof(ngx_table_elt_t));
    if (fields->headers == NULL) {
        return NGX_ERROR;
    }

    place = placements->elts;
    last = placements->nelts;

    for (i = 0; i < placements->nelts; i++) {

        if (ngx_http_complex_value(r, &place[i].value, &value) != NGX_OK) {
            return NGX_ERROR;
        }

        if (!oauthcc_header_syntax_value(&value)) {
            *name = place[i].name;
            return NGX_DECLINED;
        }

        header = value.len ? &fields->headers[fields->added++]
                           : &fields->headers[--last];

        oauthcc_header_syntax_make(header, &place[i].name,
                                   place[i].lowcase, &value);
    }

    fields->nheaders = placements->nelts;

    return NGX_OK;
}


static ngx_int_t
oauthcc_placement_arguments(ngx_http_request_t *r, ngx_array_t *placements,
    oauthcc_fields_t *fields, ngx_str_t *name)
{
    ngx_str_t             value;
    ngx_uint_t            i;
    oauthcc_placement_t  *place;
    oauthcc_argument_t   *argument;

    if (placements->nelts == 0) {
        return NGX_OK;
    }

    argument = ngx_pcalloc(r->pool, placements->nelts
                                    * sizeof(oauthcc_argument_t));
    if (argument == NULL) {
        return NGX_ERROR;
    }

    place = placements->elts;

    for (i = 0; i < placements->nelts; i++) {

        if (ngx_http_complex_value(r, &place[i].value, &value) != NGX_OK) {
            return NGX_ERROR;
        }

        if (!oauthcc_header_syntax_value(&value)) {
            *name = place[i].name;
            return NGX_DECLINED;
        }

        if (value.len == 0) {
            argument[i].name = place[i].name;
            continue;
        }

        if (oauthcc_form_argument(r->pool, &place[i].name, &value,
                                  &argument[i])
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    fields->arguments = argument;
    fields->narguments = placements->nelts;
    fields->changes = fields->narguments;

    return NGX_OK;
}
