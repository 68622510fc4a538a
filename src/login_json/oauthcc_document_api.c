
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "login_json/oauthcc_document_api.h"
#include "core/oauthcc_redact_url.h"
#include "core/oauthcc_text.h"
#include "http/oauthcc_header_syntax.h"
#include "oauth/oauthcc_token_response.h"


static char *oauthcc_document_api_header(ngx_str_t *name, ngx_array_t *fields);
static ngx_uint_t oauthcc_document_api_number(json_t *value, double *number);
static ngx_int_t oauthcc_document_api_point(oauthcc_document_t *doc,
    json_t *expires);


ngx_int_t
oauthcc_document_api_api(oauthcc_document_t *doc)
{
    json_t    *request;
    ngx_int_t  rc;
    ngx_str_t  where;

    static const char  *known[] = { "headers", "query", NULL };

    if (oauthcc_parse_error_member(doc->reader.pool, &doc->where,
                                   "apiRequest", &where)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    request = json_object_get(doc->authentication, "apiRequest");

    if (!oauthcc_document_api_none(request) && !json_is_object(request)) {
        return oauthcc_parse_error_refuse(&doc->reader, &where,
                                          "is not an object");
    }

    oauthcc_document_api_known(doc, request, &where, known);

    doc->reader.response = 1;

    rc = oauthcc_document_api_items(doc, request, &where, "headers", 1,
                                         &doc->login->api_headers);

    if (rc == NGX_OK) {
        rc = oauthcc_document_api_items(doc, request, &where, "query", 0,
                                             &doc->login->api_query);
    }

    return rc;
}


ngx_int_t
oauthcc_document_api_items(oauthcc_document_t *doc, json_t *parent,
    ngx_str_t *where, const char *member, ngx_uint_t header,
    ngx_array_t *fields)
{
    char                     *reason;
    json_t                   *object, *value;
    ngx_int_t                 rc;
    ngx_str_t                 path, inner, name, text;
    const char               *key;
    oauthcc_php_scalar_t     *constant;
    oauthcc_document_item_t  *item;

    if (ngx_array_init(fields, doc->reader.pool, 4,
                       sizeof(oauthcc_document_item_t))
           != NGX_OK
        || oauthcc_parse_error_member(doc->reader.pool, where, member, &path)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    object = json_object_get(parent, member);

    if (oauthcc_document_api_none(object)) {
        return NGX_OK;
    }

    if (!json_is_object(object)) {
        return oauthcc_parse_error_refuse(&doc->reader, &path,
                                          "is not an object");
    }

    json_object_foreach(object, key, value) {

        if (oauthcc_parse_error_member(doc->reader.pool, &path, key, &inner)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        name.data = (u_char *) key;
        name.len = ngx_strlen(key);

        reason = header ? oauthcc_document_api_header(&name, fields)
                        : (name.len ? NULL : "has an empty name");

        if (reason) {
            return oauthcc_parse_error_refuse(&doc->reader, &inner,
                                              "%s", reason);
        }

        item = ngx_array_push(fields);
        if (item == NULL) {
            return NGX_ERROR;
        }

        item->name.len = name.len;
        item->name.data = ngx_pstrdup(doc->reader.pool, &name);

        if (item->name.data == NULL) {
            return NGX_ERROR;
        }

        rc = doc->reader.response
             ? oauthcc_expression_parse_bare(&doc->reader, value, &inner,
                                             &item->value)
             : oauthcc_expression_parse_value(&doc->reader, value, &inner,
                                              &item->value);
        if (rc != NGX_OK) {
            return rc;
        }

        constant = &item->value->constant;

        if ((item->value->type == OAUTHCC_EXPRESSION_CONSTANT
             || item->value->type == OAUTHCC_EXPRESSION_BARE)
            && oauthcc_php_scalar_string(doc->reader.pool, constant,
                                         &text)
               == NGX_OK
            && !oauthcc_header_syntax_value(&text))
        {
            return oauthcc_parse_error_refuse(&doc->reader, &inner,
                       "has control characters, or spaces at its ends");
        }
    }

    return NGX_OK;
}


static char *
oauthcc_document_api_header(ngx_str_t *name, ngx_array_t *fields)
{
    ngx_uint_t                i;
    oauthcc_document_item_t  *item;

    if (!oauthcc_header_syntax_name(name)) {
        return "is not a valid header name";
    }

    if (oauthcc_header_syntax_reserved(name)) {
        return "is not allowed, nginx sets this header itself";
    }

    item = fields->elts;

    for (i = 0; i < fields->nelts; i++) {
        if (oauthcc_text_ieq(&item[i].name, name)) {
            return "is a duplicate, header names are not case-sensitive";
        }
    }

    return NULL;
}


ngx_int_t
oauthcc_document_api_expires(oauthcc_document_t *doc)
{
    double                       seconds;
    json_t                      *expires;
    oauthcc_document_request_t  *login;

    login = doc->login;

    if (oauthcc_parse_error_member(doc->reader.pool, &doc->where,
                                   "expires", &login->where)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    expires = json_object_get(doc->authentication, "expires");

    if (expires == NULL || json_is_null(expires) || json_is_false(expires)
        || (json_is_string(expires) && json_string_length(expires) == 0))
    {
        return NGX_OK;
    }

    if (json_is_object(expires)) {
        return oauthcc_document_api_point(doc, expires);
    }

    if (!oauthcc_document_api_number(expires, &seconds)) {
        return oauthcc_parse_error_refuse(&doc->reader, &login->where,
                   "has to be a number of seconds, or an object of "
                   "\"response\" and, if you like, \"relative\"");
    }

    /* a token that has expired on arrival is used for this request only */

    if (seconds <= 0) {
        login->expires = OAUTHCC_DOCUMENT_EACH;
        return NGX_OK;
    }

    login->expires = OAUTHCC_DOCUMENT_FIXED;
    login->life = (seconds >= OAUTHCC_TOKEN_RESPONSE_MAX_LIFE / 1000)
                  ? OAUTHCC_TOKEN_RESPONSE_MAX_LIFE
                  : (ngx_msec_t) (seconds * 1000);

    return NGX_OK;
}


/* Accepts a number, or a text that is a number. */

static ngx_uint_t
oauthcc_document_api_number(json_t *value, double *number)
{
    oauthcc_php_scalar_t  scalar;

    if (!json_is_number(value) && !json_is_string(value)) {
        return 0;
    }

    (void) oauthcc_expression_scalar(value, &scalar);

    *number = oauthcc_php_scalar_real(&scalar);

    return oauthcc_php_scalar_numeric(&scalar);
}


static ngx_int_t
oauthcc_document_api_point(oauthcc_document_t *doc, json_t *expires)
{
    json_t                      *response, *unit;
    ngx_int_t                    rc;
    ngx_str_t                    path;
    const char                  *name;
    oauthcc_document_request_t  *login;

    static const char  *known[] = { "response", "relative", "unit", NULL };

    login = doc->login;

    if (json_object_get(expires, "response") == NULL) {
        return oauthcc_parse_error_refuse(&doc->reader, &login->where,
                   "has to be a number of seconds, or an object of "
                   "\"response\" and, if you like, \"relative\"");
    }

    oauthcc_document_api_known(doc, expires, &login->where, known);

    login->expires = oauthcc_document_api_empty(json_object_get(expires,
                                                                "relative"))
                     ? OAUTHCC_DOCUMENT_POINT
                     : OAUTHCC_DOCUMENT_RELATIVE;

    unit = json_object_get(expires, "unit");

    if (unit) {
        name = json_is_string(unit) ? json_string_value(unit) : "";

        if (ngx_strcmp(name, "s") != 0 && ngx_strcmp(name, "ms") != 0) {

            if (oauthcc_parse_error_member(doc->reader.pool, &login->where,
                                           "unit", &path)
                != NGX_OK)
            {
                return NGX_ERROR;
            }

            return oauthcc_parse_error_refuse(&doc->reader, &path,
                                              "has to be \"s\" or \"ms\"");
        }

        login->milliseconds = (name[0] == 'm');
    }

    /* only "response" is allowed, as elsewhere */

    response = json_pack("{sO}", "response",
                         json_object_get(expires, "response"));
    if (response == NULL) {
        return oauthcc_parse_error_refuse(&doc->reader, &login->where,
                                          "there is no memory for it");
    }

    doc->reader.response = 1;

    rc = oauthcc_expression_parse_value(&doc->reader, response, &login->where,
                                        &login->point);
    json_decref(response);

    return rc;
}


ngx_uint_t
oauthcc_document_api_empty(json_t *value)
{
    oauthcc_php_scalar_t  scalar;

    if (value == NULL || json_is_null(value)) {
        return 1;
    }

    if (json_is_array(value)) {
        return json_array_size(value) == 0;
    }

    if (json_is_object(value)) {
        return json_object_size(value) == 0;
    }

    (void) oauthcc_expression_scalar(value, &scalar);

    return oauthcc_php_scalar_empty(&scalar);
}


ngx_uint_t
oauthcc_document_api_none(json_t *value)
{
    return value == NULL || json_is_null(value)
           || (json_is_array(value) && json_array_size(value) == 0);
}


/* Warn of unknown members: a misspelt name has no effect otherwise. */

void
oauthcc_document_api_known(oauthcc_document_t *doc, json_t *object,
    ngx_str_t *where, const char **names)
{
    json_t      *value;
    ngx_str_t    text;
    ngx_uint_t   i;
    const char  *key;

    json_object_foreach(object, key, value) {

        for (i = 0; names[i]; i++) {
            if (ngx_strcmp(names[i], key) == 0) {
                break;
            }
        }

        if (names[i] == NULL) {
            text.len = ngx_strlen(key);
            text.data = (u_char *) key;

            ngx_log_error(NGX_LOG_WARN, doc->log, 0,
                          "%V.%V in \"login_json\" is not known, and ignored",
                          where, oauthcc_redact_url_text(doc->reader.pool,
                                                         &text));
        }
    }
}


ngx_int_t
oauthcc_document_api_absent(oauthcc_document_request_t *login_json,
    ngx_pool_t *pool, oauthcc_fields_t *stripped)
{
    u_char                   *lowcase;
    ngx_str_t                 none;
    ngx_uint_t                i;
    oauthcc_document_item_t  *item;

    ngx_str_null(&none);

    stripped->headers = ngx_palloc(pool, sizeof(ngx_table_elt_t)
                                       * (login_json->api_headers.nelts + 1));
    stripped->arguments = ngx_pcalloc(pool, sizeof(oauthcc_argument_t)
                                          * (login_json->api_query.nelts + 1));

    if (stripped->headers == NULL || stripped->arguments == NULL) {
        return NGX_ERROR;
    }

    item = login_json->api_headers.elts;

    for (i = 0; i < login_json->api_headers.nelts; i++) {

        lowcase = ngx_pnalloc(pool, item[i].name.len);
        if (lowcase == NULL) {
            return NGX_ERROR;
        }

        oauthcc_header_syntax_make(&stripped->headers[i], &item[i].name,
                                   lowcase, &none);
    }

    stripped->nheaders = login_json->api_headers.nelts;

    item = login_json->api_query.elts;

    for (i = 0; i < login_json->api_query.nelts; i++) {
        stripped->arguments[i].name = item[i].name;
    }

    stripped->narguments = login_json->api_query.nelts;
    stripped->changes = stripped->narguments;

    return NGX_OK;
}
