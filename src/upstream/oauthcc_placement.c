
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "upstream/oauthcc_placement.h"
#include "http/oauthcc_form.h"
#include "http/oauthcc_header_syntax.h"


static ngx_int_t ngx_http_oauthcc_items_headers(ngx_http_request_t *r,
    ngx_array_t *places, ngx_http_oauthcc_items_t *items, ngx_str_t *name);
static ngx_int_t ngx_http_oauthcc_items_arguments(ngx_http_request_t *r,
    ngx_array_t *places, ngx_http_oauthcc_items_t *items, ngx_str_t *name);


ngx_int_t
ngx_http_oauthcc_items_evaluate(ngx_http_request_t *r,
    ngx_http_oauthcc_places_t *places, ngx_http_oauthcc_items_t **items,
    ngx_str_t *name)
{
    ngx_int_t                  rc;
    ngx_http_oauthcc_items_t  *made;

    made = ngx_pcalloc(r->pool, sizeof(ngx_http_oauthcc_items_t));
    if (made == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_http_oauthcc_items_headers(r, &places->headers, made, name);

    if (rc == NGX_OK) {
        rc = ngx_http_oauthcc_items_arguments(r, &places->arguments, made,
                                              name);
    }

    *items = made;

    return rc;
}


ngx_int_t
ngx_http_oauthcc_items_absent(ngx_pool_t *pool,
    ngx_http_oauthcc_places_t *places)
{
    ngx_str_t                  none;
    ngx_uint_t                 i;
    ngx_http_oauthcc_items_t  *absent;
    ngx_http_oauthcc_place_t  *place;

    absent = &places->absent;

    ngx_memzero(absent, sizeof(ngx_http_oauthcc_items_t));
    ngx_str_null(&none);

    if (places->headers.nelts) {
        place = places->headers.elts;

        absent->headers = ngx_palloc(pool, places->headers.nelts
                                           * sizeof(ngx_table_elt_t));
        if (absent->headers == NULL) {
            return NGX_ERROR;
        }

        for (i = 0; i < places->headers.nelts; i++) {
            ngx_http_oauthcc_credential_header(&absent->headers[i],
                                               &place[i].name,
                                               place[i].lowcase, &none);
        }

        absent->nheaders = places->headers.nelts;
    }

    if (places->arguments.nelts) {
        place = places->arguments.elts;

        absent->arguments = ngx_pcalloc(pool, places->arguments.nelts
                                        * sizeof(ngx_http_oauthcc_argument_t));
        if (absent->arguments == NULL) {
            return NGX_ERROR;
        }

        for (i = 0; i < places->arguments.nelts; i++) {
            absent->arguments[i].name = place[i].name;
        }

        absent->narguments = places->arguments.nelts;
    }

    return NGX_OK;
}


/* Those that have a value come first, see the items. */

static ngx_int_t
ngx_http_oauthcc_items_headers(ngx_http_request_t *r, ngx_array_t *places,
    ngx_http_oauthcc_items_t *items, ngx_str_t *name)
{
    ngx_str_t                  value;
    ngx_uint_t                 i, last;
    ngx_table_elt_t           *header;
    ngx_http_oauthcc_place_t  *place;

    if (places->nelts == 0) {
        return NGX_OK;
    }

    items->headers = ngx_palloc(r->pool,
                                places->nelts * sizeof(ngx_table_elt_t));
    if (items->headers == NULL) {
        return NGX_ERROR;
    }

    place = places->elts;
    last = places->nelts;

    for (i = 0; i < places->nelts; i++) {

        if (ngx_http_complex_value(r, &place[i].value, &value) != NGX_OK) {
            return NGX_ERROR;
        }

        if (!ngx_http_oauthcc_credential_valid(&value)) {
            *name = place[i].name;
            return NGX_DECLINED;
        }

        header = value.len ? &items->headers[items->added++]
                           : &items->headers[--last];

        ngx_http_oauthcc_credential_header(header, &place[i].name,
                                           place[i].lowcase, &value);
    }

    items->nheaders = places->nelts;

    return NGX_OK;
}


static ngx_int_t
ngx_http_oauthcc_items_arguments(ngx_http_request_t *r, ngx_array_t *places,
    ngx_http_oauthcc_items_t *items, ngx_str_t *name)
{
    ngx_str_t                     value;
    ngx_uint_t                    i;
    ngx_http_oauthcc_place_t     *place;
    ngx_http_oauthcc_argument_t  *argument;

    if (places->nelts == 0) {
        return NGX_OK;
    }

    argument = ngx_pcalloc(r->pool, places->nelts
                                    * sizeof(ngx_http_oauthcc_argument_t));
    if (argument == NULL) {
        return NGX_ERROR;
    }

    place = places->elts;

    for (i = 0; i < places->nelts; i++) {

        if (ngx_http_complex_value(r, &place[i].value, &value) != NGX_OK) {
            return NGX_ERROR;
        }

        if (!ngx_http_oauthcc_credential_valid(&value)) {
            *name = place[i].name;
            return NGX_DECLINED;
        }

        if (value.len == 0) {
            argument[i].name = place[i].name;
            continue;
        }

        if (ngx_http_oauthcc_query_argument(r->pool, &place[i].name, &value,
                                            &argument[i])
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    items->arguments = argument;
    items->narguments = places->nelts;

    return NGX_OK;
}
