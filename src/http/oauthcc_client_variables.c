
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "http/oauthcc_client_variables.h"
#include "http/oauthcc_client.h"


ngx_int_t
oauthcc_client_variables_get(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t                text;
    oauthcc_client_t        *fetch;
    oauthcc_http_request_t  *request;

    fetch = oauthcc_client_of(r);

    if (fetch == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }

    request = &fetch->request;

    switch (data) {

    case OAUTHCC_CLIENT_VARIABLES_URL:
        text = request->url;
        break;

    case OAUTHCC_CLIENT_VARIABLES_METHOD:
        text = request->method_name;
        break;

    case OAUTHCC_CLIENT_VARIABLES_AUTHORITY:
        text = request->authority;
        break;

    case OAUTHCC_CLIENT_VARIABLES_HOST:
        text = request->host;
        break;

    default: /* OAUTHCC_CLIENT_VARIABLES_LENGTH */
        ngx_str_null(&text);

        if (request->method != NGX_HTTP_GET) {

            text.data = ngx_pnalloc(r->pool, NGX_SIZE_T_LEN);
            if (text.data == NULL) {
                return NGX_ERROR;
            }

            text.len = ngx_sprintf(text.data, "%uz", request->body.len)
                       - text.data;
        }
    }

    v->len = text.len;
    v->data = text.data;
    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;

    return NGX_OK;
}
