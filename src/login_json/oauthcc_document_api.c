
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "login_json/oauthcc_document_api.h"
#include "core/oauthcc_text.h"
#include "core/oauthcc_redact_url.h"
#include "http/oauthcc_header_syntax.h"
#include "oauth/oauthcc_token_response.h"


static char *oauthcc_document_api_header(ngx_str_t *name, ngx_array_t *items);
static ngx_int_t oauthcc_document_api_point(oauthcc_document_t *doc,
    json_t *expires);


ngx_int_t
oauthcc_document_api_api(oauthcc_document_t *doc)
{
    json_t    *request;
    ngx_int_t  rc;
    ngx_str_t  where;

    static const char  *known[] = { "headers", "query", NULL };

    oauthcc_parse_error_member(doc->reader.pool, &doc->where, "apiRequest",
                               &where);

    request = json_object_get(doc->authentication, "apiRequest");

    if (request && !json_is_object(request) && !json_is_null(request)) {
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
    ngx_array_t *items)
{
    char                     *reason;
    json_t                   *object, *value;
    ngx_int_t                 rc;
    ngx_str_t                 path, inner, name, text;
    const char               *key;
    oauthcc_php_scalar_t     *constant;
    oauthcc_document_item_t  *item;

    if (ngx_array_init(items, doc->reader.pool, 4,
                       sizeof(oauthcc_document_item_t))
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    oauthcc_parse_error_member(doc->reader.pool, where, member, &path);

    object = json_object_get(parent, member);

    /* PHP writes an object without members as an empty array */

    if (object == NULL || json_is_null(object)
        || (json_is_array(object) && json_array_size(object) == 0))
    {
        return NGX_OK;
    }

    if (!json_is_object(object)) {
        return oauthcc_parse_error_refuse(&doc->reader, &path,
                                          "is not an object");
    }

    json_object_foreach(object, key, value) {

        oauthcc_parse_error_member(doc->reader.pool, &path, key, &inner);

        name.data = (u_char *) key;
        name.len = ngx_strlen(key);

        reason = header ? oauthcc_document_api_header(&name, items)
                        : (name.len ? NULL : "has an empty name");

        if (reason) {
            return oauthcc_parse_error_refuse(&doc->reader, &inner,
                                              "%s", reason);
        }

        item = ngx_array_push(items);
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
oauthcc_document_api_header(ngx_str_t *name, ngx_array_t *items)
{
    ngx_uint_t                i;
    oauthcc_document_item_t  *item;

    if (!oauthcc_header_syntax_name(name)) {
        return "is no name that a header may have";
    }

    if (oauthcc_header_syntax_reserved(name)) {
        return "is not allowed, nginx sets this header itself";
    }

    item = items->elts;

    for (i = 0; i < items->nelts; i++) {
        if (oauthcc_text_ieq(&item[i].name, name)) {
            return "is there already, names of headers do not differ in case";
        }
    }

    return NULL;
}


ngx_int_t
oauthcc_document_api_expires(oauthcc_document_t *doc)
{
    double                       seconds;
    json_t                      *expires;
    ngx_uint_t                   i;
    const char                  *text;
    oauthcc_document_request_t  *login;

    login = doc->login;

    oauthcc_parse_error_member(doc->reader.pool, &doc->where, "expires",
                               &login->where);

    expires = json_object_get(doc->authentication, "expires");

    if (expires == NULL || json_is_null(expires)) {
        return NGX_OK;
    }

    if (json_is_object(expires)) {
        return oauthcc_document_api_point(doc, expires);
    }

    seconds = json_number_value(expires);

    if (json_is_string(expires)) {
        text = json_string_value(expires);
        seconds = oauthcc_token_response_seconds((u_char *) text,
                                                 json_string_length(expires))
                  / 1000.0;

        /* what is not nought has to be a number */

        for (i = 0; text[i] == '0'; i++) { /* void */ }

        if (seconds == 0 && (i == 0 || text[i])) {
            seconds = -1;
        }

    } else if (!json_is_number(expires)) {
        seconds = -1;
    }

    if (seconds < 0) {
        return oauthcc_parse_error_refuse(&doc->reader, &login->where,
                   "has to be a number of seconds, or an object of "
                   "\"response\" and, if you like, \"relative\"");
    }

    if (seconds == 0) {
        login->expires = OAUTHCC_DOCUMENT_EACH;
        return NGX_OK;
    }

    login->expires = OAUTHCC_DOCUMENT_FIXED;
    login->life = (seconds >= OAUTHCC_TOKEN_RESPONSE_MAX_LIFE / 1000)
                  ? OAUTHCC_TOKEN_RESPONSE_MAX_LIFE
                  : (ngx_msec_t) (seconds * 1000);

    return NGX_OK;
}


static ngx_int_t
oauthcc_document_api_point(oauthcc_document_t *doc, json_t *expires)
{
    json_t                      *relative, *response;
    ngx_int_t                    rc;
    ngx_str_t                    path;
    oauthcc_document_request_t  *login;

    static const char  *known[] = { "response", "relative", NULL };

    login = doc->login;

    relative = json_object_get(expires, "relative");

    if (relative && !json_is_boolean(relative)) {

        oauthcc_parse_error_member(doc->reader.pool, &login->where, "relative",
                                   &path);

        return oauthcc_parse_error_refuse(&doc->reader, &path,
                                          "has to be true or false");
    }

    if (json_object_get(expires, "response") == NULL) {
        return oauthcc_parse_error_refuse(&doc->reader, &login->where,
                   "has to be a number of seconds, or an object of "
                   "\"response\" and, if you like, \"relative\"");
    }

    oauthcc_document_api_known(doc, expires, &login->where, known);

    login->expires = json_is_true(relative)
                     ? OAUTHCC_DOCUMENT_RELATIVE
                     : OAUTHCC_DOCUMENT_POINT;

    /* of "response" alone, as elsewhere */

    response = json_pack("{sO}", "response",
                         json_object_get(expires, "response"));
    if (response == NULL) {
        return NGX_ERROR;
    }

    doc->reader.response = 1;

    rc = oauthcc_expression_parse_value(&doc->reader, response, &login->where,
                                        &login->point);
    json_decref(response);

    return rc;
}


/* A slip of the pen is easily made, and of no effect otherwise. */

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
    ngx_pool_t *pool, oauthcc_fields_t *absent)
{
    u_char                   *lowcase;
    ngx_str_t                 none;
    ngx_uint_t                i;
    oauthcc_document_item_t  *item;

    ngx_str_null(&none);

    absent->headers = ngx_palloc(pool, sizeof(ngx_table_elt_t)
                                       * (login_json->api_headers.nelts + 1));
    absent->arguments = ngx_pcalloc(pool, sizeof(oauthcc_argument_t)
                                          * (login_json->api_query.nelts + 1));

    if (absent->headers == NULL || absent->arguments == NULL) {
        return NGX_ERROR;
    }

    item = login_json->api_headers.elts;

    for (i = 0; i < login_json->api_headers.nelts; i++) {

        lowcase = ngx_pnalloc(pool, item[i].name.len);
        if (lowcase == NULL) {
            return NGX_ERROR;
        }

        oauthcc_header_syntax_make(&absent->headers[i], &item[i].name,
                                   lowcase, &none);
    }

    absent->nheaders = login_json->api_headers.nelts;

    item = login_json->api_query.elts;

    for (i = 0; i < login_json->api_query.nelts; i++) {
        absent->arguments[i].name = item[i].name;
    }

    absent->narguments = login_json->api_query.nelts;

    return NGX_OK;
}
