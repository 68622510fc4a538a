
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "login_json/oauthcc_document_request.h"
#include "core/oauthcc_version.h"
#include "http/oauthcc_url.h"
#include "core/oauthcc_text.h"
#include "http/oauthcc_header_syntax.h"


static ngx_int_t oauthcc_document_request_headers(
    oauthcc_document_request_t *login_json, ngx_pool_t *pool,
    ngx_array_t *headers, oauthcc_expression_fault_t *fault);


ngx_int_t
oauthcc_document_request_request(oauthcc_document_request_t *login_json,
    ngx_pool_t *pool, ngx_str_t *url, oauthcc_pair_t *pairs, ngx_uint_t n,
    oauthcc_http_request_t *request, oauthcc_expression_fault_t *fault)
{
    u_char    *p;
    ngx_int_t  rc;
    ngx_str_t  params;

    ngx_memzero(request, sizeof(oauthcc_http_request_t));

    request->owned = 1;

    if (login_json->method == OAUTHCC_DOCUMENT_GET) {
        request->method = NGX_HTTP_GET;
        ngx_str_set(&request->method_name, "GET");

    } else {
        request->method = NGX_HTTP_POST;
        ngx_str_set(&request->method_name, "POST");
    }

    if (login_json->method == OAUTHCC_DOCUMENT_POST) {
        rc = oauthcc_params_json(pool, &login_json->params, pairs, n,
                                 &params, fault);

    } else {
        rc = oauthcc_params_form(pool, &login_json->params, pairs, n,
                                 &params, fault);
    }

    if (rc != NGX_OK) {
        return rc;
    }

    if (login_json->method != OAUTHCC_DOCUMENT_GET) {
        request->body = params;
        params.len = 0;
    }

    p = ngx_pnalloc(pool, url->len + sizeof("?") - 1 + params.len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    request->url.data = p;

    p = ngx_cpymem(p, url->data, url->len);

    if (params.len) {

        if (ngx_strlchr(url->data, url->data + url->len, '?') == NULL) {
            *p++ = '?';

        } else if (*(p - 1) != '?' && *(p - 1) != '&') {
            *p++ = '&';
        }

        p = ngx_cpymem(p, params.data, params.len);
        ngx_explicit_memzero(params.data, params.len);
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

    /* unless the document has them */

    if (login_json->method == OAUTHCC_DOCUMENT_POST
        && oauthcc_text_default(headers, pool, "Content-Type",
                                "application/json")
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (login_json->method == OAUTHCC_DOCUMENT_FORM
        && oauthcc_text_default(headers, pool, "Content-Type",
                                "application/x-www-form-urlencoded")
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    return oauthcc_text_default(headers, pool, "User-Agent",
                                "ngx_http_oauthcc/" OAUTHCC_VERSION);
}
