
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "login_json/oauthcc_document_request.h"
#include "core/oauthcc_text.h"
#include "core/oauthcc_version.h"
#include "login_json/oauthcc_params_form.h"
#include "login_json/oauthcc_params_json.h"
#include "http/oauthcc_header_syntax.h"


static ngx_int_t oauthcc_document_request_headers(
    oauthcc_document_request_t *login_json, ngx_pool_t *pool,
    ngx_array_t *headers, oauthcc_expression_fault_t *fault);
static void oauthcc_document_request_drop(ngx_array_t *headers, char *name,
    char *value);


ngx_int_t
oauthcc_document_request_request(oauthcc_document_request_t *login_json,
    ngx_pool_t *pool, ngx_str_t *url, oauthcc_pair_t *pairs, ngx_uint_t n,
    oauthcc_http_request_t *request, oauthcc_expression_fault_t *fault)
{
    u_char    *p, *last;
    ngx_int_t  rc;
    ngx_str_t  params, query;

    ngx_memzero(request, sizeof(oauthcc_http_request_t));

    request->owned = 1;

    if (login_json->method == OAUTHCC_DOCUMENT_GET) {
        request->method = NGX_HTTP_GET;
        ngx_str_set(&request->method_name, "GET");

    } else {
        request->method = NGX_HTTP_POST;
        ngx_str_set(&request->method_name, "POST");
    }

    last = url->data + url->len;

    p = ngx_strlchr(url->data, last, '?');

    query.data = p ? p + 1 : last;
    query.len = last - query.data;

    switch (login_json->method) {

    case OAUTHCC_DOCUMENT_POST:
        rc = oauthcc_params_json_body(pool, &login_json->params, pairs, n,
                                      &params, fault);
        break;

    case OAUTHCC_DOCUMENT_FORM:
        rc = oauthcc_params_form_body(pool, &login_json->params, pairs, n,
                                      &params, fault);
        break;

    default: /* OAUTHCC_DOCUMENT_GET */
        rc = oauthcc_params_form_query(pool, &login_json->params, pairs, n,
                                       &query, &params, fault);
    }

    if (rc != NGX_OK) {
        return rc;
    }

    if (login_json->method != OAUTHCC_DOCUMENT_GET) {
        request->body = params;
        request->url.data = ngx_pstrdup(pool, url);

        if (request->url.data == NULL) {
            return NGX_ERROR;
        }

        /* only now: what has a length is wiped */

        request->url.len = url->len;

        return oauthcc_document_request_headers(login_json, pool,
                                                &request->headers, fault);
    }

    p = ngx_pnalloc(pool, url->len + sizeof("?") - 1 + params.len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    request->url.data = p;

    p = ngx_cpymem(p, url->data, query.data - url->data);

    if (params.len) {

        if (query.data == last && (p == request->url.data || *(p - 1) != '?'))
        {
            *p++ = '?';
        }

        p = ngx_cpymem(p, params.data, params.len);

        if (params.data != query.data) {
            ngx_explicit_memzero(params.data, params.len);
        }
    }

    request->url.len = p - request->url.data;

    return oauthcc_document_request_headers(login_json, pool,
                                            &request->headers, fault);
}


static ngx_int_t
oauthcc_document_request_headers(oauthcc_document_request_t *login_json,
    ngx_pool_t *pool, ngx_array_t *headers, oauthcc_expression_fault_t *fault)
{
    ngx_int_t                 rc;
    ngx_str_t                 value;
    ngx_uint_t                i;
    oauthcc_php_scalar_t      scalar;
    oauthcc_document_item_t  *item;

    if (ngx_array_init(headers, pool, 8, sizeof(oauthcc_pair_t)) != NGX_OK)
    {
        return NGX_ERROR;
    }

    item = login_json->headers.elts;

    for (i = 0; i < login_json->headers.nelts; i++) {

        rc = oauthcc_expression_evaluate(pool, item[i].value, NULL,
                                         &scalar, fault);
        if (rc != NGX_OK) {
            return rc;
        }

        if (scalar.type == OAUTHCC_PHP_SCALAR_NULL) {
            continue;
        }

        if (oauthcc_php_scalar_string(pool, &scalar, &value) != NGX_OK) {
            return NGX_ERROR;
        }

        if (!oauthcc_header_syntax_value(&value)) {
            fault->reason = "has control characters, or spaces at its ends";
            fault->where = &item[i].value->where;
            return NGX_DECLINED;
        }

        if (oauthcc_text_pair(headers, pool, &item[i].name, &value)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    if (login_json->method == OAUTHCC_DOCUMENT_POST
        && oauthcc_text_default(headers, pool, "Content-Type",
                                "application/json")
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (login_json->method == OAUTHCC_DOCUMENT_FORM) {
        oauthcc_document_request_drop(headers, "Content-Type",
                                      "application/x-www-form-urlencoded");

        if (oauthcc_text_default(headers, pool, "Content-Type",
                                 "application/x-www-form-urlencoded")
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return oauthcc_text_default(headers, pool, "User-Agent",
                                "ngx_http_oauthcc/" OAUTHCC_VERSION);
}


/* Removes the header of this name, unless its value begins with this one. */

static void
oauthcc_document_request_drop(ngx_array_t *headers, char *name, char *value)
{
    ngx_uint_t       i;
    oauthcc_pair_t  *header;

    header = headers->elts;

    for (i = 0; i < headers->nelts; i++) {

        if (!oauthcc_text_iis(&header[i].name, name)
            || oauthcc_text_ibegins(&header[i].value, value))
        {
            continue;
        }

        /* each name is there only once; its value may be a secret */

        ngx_explicit_memzero(header[i].value.data, header[i].value.len);

        header[i] = header[headers->nelts - 1];
        headers->nelts--;

        return;
    }
}
