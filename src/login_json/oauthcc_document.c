
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_json_tree.h"
#include "core/oauthcc_text.h"
#include "login_json/oauthcc_document.h"
#include "login_json/oauthcc_document_api.h"


static ngx_int_t oauthcc_document_parse(oauthcc_document_t *doc,
    ngx_str_t *text, json_t **root);
static ngx_int_t oauthcc_document_find(oauthcc_document_t *doc, json_t *root);
static ngx_int_t oauthcc_document_take(oauthcc_document_t *doc);
static ngx_int_t oauthcc_document_login(oauthcc_document_t *doc);
static ngx_int_t oauthcc_document_endpoint(oauthcc_document_t *doc,
    json_t *request, ngx_str_t *where);
static ngx_int_t oauthcc_document_string(oauthcc_document_t *doc,
    json_t *value, ngx_str_t *where, ngx_str_t *text);
static ngx_int_t oauthcc_document_join(oauthcc_document_t *doc,
    ngx_str_t *base, ngx_str_t *endpoint);
static ngx_uint_t oauthcc_document_absolute(ngx_str_t *url);
static ngx_int_t oauthcc_document_key(oauthcc_document_t *doc);


ngx_int_t
oauthcc_document_read(ngx_pool_t *pool, ngx_log_t *log, ngx_str_t *text,
    ngx_array_t *attrs, oauthcc_document_request_t **login_json,
    ngx_str_t *err)
{
    json_t             *root;
    ngx_int_t           rc;
    ngx_array_t         key;
    oauthcc_document_t  doc;

    ngx_memzero(&doc, sizeof(oauthcc_document_t));

    doc.login = ngx_pcalloc(pool, sizeof(oauthcc_document_request_t));

    if (doc.login == NULL || ngx_array_init(&key, pool, 256, 1) != NGX_OK) {
        return NGX_ERROR;
    }

    doc.log = log;
    doc.reader.pool = pool;
    doc.reader.attrs = attrs;
    doc.reader.key = &key;
    doc.reader.err = err;

    rc = oauthcc_document_parse(&doc, text, &root);

    if (rc != NGX_OK) {
        return rc;
    }

    rc = oauthcc_document_find(&doc, root);

    if (rc == NGX_OK) {
        rc = oauthcc_document_take(&doc);
    }

    json_decref(root);

    *login_json = doc.login;

    return rc;
}


/* jansson's own message quotes the text near the error: do not use it */

static ngx_int_t
oauthcc_document_parse(oauthcc_document_t *doc, ngx_str_t *text, json_t **root)
{
    char         *reason;
    size_t        skip;
    ngx_int_t     rc;
    ngx_str_t     none;
    json_error_t  error;

    skip = (text->len >= 3 && ngx_memcmp(text->data, "\xef\xbb\xbf", 3) == 0)
           ? 3 : 0;

    ngx_str_null(&none);

    rc = oauthcc_json_tree_load(root, text->data + skip, text->len - skip,
                                JSON_REJECT_DUPLICATES|JSON_DECODE_ANY,
                                &error);
    if (rc == NGX_OK) {
        return NGX_OK;
    }

    if (rc == NGX_ERROR) {
        return oauthcc_parse_error_refuse(&doc->reader, &none,
                                          "there is no memory for it");
    }

    switch (json_error_code(&error)) {

    case json_error_duplicate_key:
        reason = "a key is duplicate";
        break;

    case json_error_numeric_overflow:
        reason = "a number is too big";
        break;

    case json_error_stack_overflow:
        reason = "it is nested too deeply";
        break;

    case json_error_premature_end_of_input:
        reason = "it is not JSON, it ends too early";
        break;

    case json_error_null_character:
    case json_error_null_byte_in_key:
        reason = "a string holds a zero byte";
        break;

    case json_error_invalid_utf8:
        reason = "it is not UTF-8";
        break;

    default:
        reason = "it is not JSON";
    }

    return oauthcc_parse_error_refuse(&doc->reader, &none,
                                      "%s, line %d column %d", reason,
                                      error.line, error.column);
}


/*
 * Finds "authentication" and "config": in the root, "authentication" also in
 * "api", or both in "parameters" of the root.
 */

static ngx_int_t
oauthcc_document_find(oauthcc_document_t *doc, json_t *root)
{
    json_t    *parameters, *api;
    ngx_str_t  none;

    ngx_str_null(&none);

    if (!json_is_object(root)) {
        return oauthcc_parse_error_refuse(&doc->reader, &none,
                                          "it is not a JSON object");
    }

    parameters = json_object_get(root, "parameters");

    if (json_is_object(parameters)) {
        ngx_str_set(&doc->parent, "parameters");
        root = parameters;
    }

    doc->reader.config = json_object_get(root, "config");

    api = json_object_get(root, "api");

    if (json_object_get(api, "authentication")) {

        if (oauthcc_parse_error_member(doc->reader.pool, &doc->parent,
                                       "api", &doc->parent)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        root = api;
    }

    doc->authentication = json_object_get(root, "authentication");
    doc->base = json_object_get(root, "baseUrl");

    if (oauthcc_parse_error_member(doc->reader.pool, &doc->parent,
                                   "authentication", &doc->where) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (!json_is_object(doc->authentication)) {
        return oauthcc_parse_error_refuse(&doc->reader, &none,
                   "there is no \"authentication\" object in it, nor in "
                                          "\"api\" or \"parameters\"");
    }

    if (oauthcc_document_api_none(doc->reader.config)) {
        doc->reader.config = NULL;

    } else if (!json_is_object(doc->reader.config)) {
        ngx_str_set(&none, "config");

        return oauthcc_parse_error_refuse(&doc->reader, &none,
                                          "is not an object");
    }

    return NGX_OK;
}


static ngx_int_t
oauthcc_document_take(oauthcc_document_t *doc)
{
    json_t    *value;
    ngx_int_t  rc;
    ngx_str_t  where;

    static const char  *known[] = {
        "type", "format", "loginRequest", "apiRequest", "expires", NULL
    };

    value = json_object_get(doc->authentication, "type");

    if (oauthcc_parse_error_member(doc->reader.pool, &doc->where,
                                   "type", &where)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (!json_is_string(value)
        || ngx_strcmp(json_string_value(value), "login") != 0)
    {
        return oauthcc_parse_error_refuse(&doc->reader, &where,
                                          "has to be \"login\"");
    }

    if (oauthcc_parse_error_member(doc->reader.pool, &doc->where,
                                   "format", &where)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    value = json_object_get(doc->authentication, "format");

    if (!oauthcc_document_api_empty(value)) {

        if (!json_is_string(value)
            || (ngx_strcmp(json_string_value(value), "json") != 0
                && ngx_strcmp(json_string_value(value), "text") != 0))
        {
            return oauthcc_parse_error_refuse(&doc->reader, &where,
                                       "has to be \"json\" or \"text\"");
        }

        doc->login->text = (json_string_value(value)[0] == 't');
    }

    oauthcc_document_api_known(doc, doc->authentication, &doc->where,
                               known);

    rc = oauthcc_document_login(doc);

    if (rc == NGX_OK) {
        rc = oauthcc_document_api_api(doc);
    }

    if (rc == NGX_OK) {
        rc = oauthcc_document_api_expires(doc);
    }

    return (rc == NGX_OK) ? oauthcc_document_key(doc) : rc;
}


static ngx_int_t
oauthcc_document_login(oauthcc_document_t *doc)
{
    json_t      *request, *value;
    ngx_int_t    rc;
    ngx_str_t    where, path;
    const char  *method;

    static const char  *known[] = {
        "endpoint", "method", "headers", "params", NULL
    };

    if (oauthcc_parse_error_member(doc->reader.pool, &doc->where,
                                   "loginRequest", &where)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    request = json_object_get(doc->authentication, "loginRequest");

    if (!json_is_object(request)) {
        return oauthcc_parse_error_refuse(&doc->reader, &where,
                   request ? "is not an object" : "is missing");
    }

    oauthcc_document_api_known(doc, request, &where, known);

    rc = oauthcc_document_endpoint(doc, request, &where);
    if (rc != NGX_OK) {
        return rc;
    }

    value = json_object_get(request, "method");

    if (oauthcc_parse_error_member(doc->reader.pool, &where, "method", &path)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (!oauthcc_document_api_empty(value)) {
        method = json_is_string(value) ? json_string_value(value) : "";

        if (ngx_strcasecmp((u_char *) method, (u_char *) "GET") == 0) {
            doc->login->method = OAUTHCC_DOCUMENT_GET;

        } else if (ngx_strcasecmp((u_char *) method, (u_char *) "POST") == 0) {
            doc->login->method = OAUTHCC_DOCUMENT_POST;

        } else if (ngx_strcasecmp((u_char *) method, (u_char *) "FORM") == 0) {
            doc->login->method = OAUTHCC_DOCUMENT_FORM;

        } else {
            return oauthcc_parse_error_refuse(&doc->reader, &path,
                                   "has to be \"GET\", \"POST\" or \"FORM\"");
        }
    }

    rc = oauthcc_document_api_items(doc, request, &where, "headers", 1,
                                         &doc->login->headers);
    if (rc != NGX_OK) {
        return rc;
    }

    value = json_object_get(request, "params");

    if (oauthcc_document_api_empty(value)) {
        return ngx_array_init(&doc->login->params.members, doc->reader.pool,
                              1, sizeof(oauthcc_params_t));
    }

    if (oauthcc_parse_error_member(doc->reader.pool, &where, "params", &path)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (!json_is_object(value)) {
        return oauthcc_parse_error_refuse(&doc->reader, &path,
                                          "is not an object of parameters");
    }

    return oauthcc_params_members(&doc->reader, value, &path,
                                  &doc->login->params);
}


static ngx_int_t
oauthcc_document_endpoint(oauthcc_document_t *doc, json_t *request,
    ngx_str_t *where)
{
    json_t    *value;
    ngx_int_t  rc;
    ngx_str_t  path, endpoint, base;

    value = json_object_get(request, "endpoint");

    if (oauthcc_parse_error_member(doc->reader.pool, where, "endpoint", &path)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (value == NULL) {
        return oauthcc_parse_error_refuse(&doc->reader, &path, "is missing");
    }

    doc->login->endpoint_where = path;

    rc = oauthcc_document_string(doc, value, &path, &endpoint);
    if (rc != NGX_OK) {
        return rc;
    }

    if (oauthcc_document_absolute(&endpoint)) {
        doc->login->endpoint = endpoint;
        return NGX_OK;
    }

    if (doc->base == NULL) {
        return oauthcc_parse_error_refuse(&doc->reader, &path,
                   "has to begin with https:// or http://, there is no "
                                          "\"baseUrl\" to join it to");
    }

    if (endpoint.len >= 2 && endpoint.data[0] == '/'
        && endpoint.data[1] == '/')
    {
        return oauthcc_parse_error_refuse(&doc->reader, &path,
                   "has to begin with https:// or http://, or to be a path");
    }

    if (oauthcc_parse_error_member(doc->reader.pool, &doc->parent,
                                   "baseUrl", &path)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    rc = oauthcc_document_string(doc, doc->base, &path, &base);
    if (rc != NGX_OK) {
        return rc;
    }

    if (!oauthcc_document_absolute(&base)) {
        return oauthcc_parse_error_refuse(&doc->reader, &path,
                                          "is not an absolute URL");
    }

    return oauthcc_document_join(doc, &base, &endpoint);
}


/* Reads a text whose value must be known at configuration time. */

static ngx_int_t
oauthcc_document_string(oauthcc_document_t *doc, json_t *value,
    ngx_str_t *where, ngx_str_t *text)
{
    ngx_int_t                   rc;
    oauthcc_php_scalar_t        scalar;
    oauthcc_expression_t       *expression;
    oauthcc_expression_fault_t  fault;

    rc = oauthcc_expression_parse_value(&doc->reader, value, where,
                                        &expression);
    if (rc != NGX_OK) {
        return rc;
    }

    rc = oauthcc_expression_evaluate(doc->reader.pool, expression,
                                     NULL, &scalar, &fault);
    if (rc == NGX_DECLINED) {
        return oauthcc_parse_error_refuse(&doc->reader, where, "%s",
                                          fault.reason);
    }

    if (rc != NGX_OK) {
        return rc;
    }

    if (scalar.type != OAUTHCC_PHP_SCALAR_STRING
        || scalar.string.len == 0)
    {
        return oauthcc_parse_error_refuse(&doc->reader, where,
                                          "has to be a string, not empty");
    }

    *text = scalar.string;

    return NGX_OK;
}


/*
 * Resolves a path against the base URL: a path with a leading slash replaces
 * the path of the base, any other is appended to it.
 */

static ngx_int_t
oauthcc_document_join(oauthcc_document_t *doc, ngx_str_t *base,
    ngx_str_t *endpoint)
{
    u_char     *p, *last, *end;
    ngx_str_t  *url;

    last = base->data + base->len;
    end = last;

    for (p = base->data; p < last; p++) {
        if (*p == '?' || *p == '#') {
            end = p;
            break;
        }
    }

    if (endpoint->data[0] == '/') {

        /* behind "://" */

        p = ngx_strlchr(base->data, end, ':');

        for (p += 3; p < end && *p != '/'; p++) { /* void */ }

        end = p;
    }

    url = &doc->login->endpoint;

    p = ngx_pnalloc(doc->reader.pool, (end - base->data) + 1 + endpoint->len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    url->data = p;

    p = ngx_cpymem(p, base->data, end - base->data);

    if (endpoint->data[0] != '/' && endpoint->data[0] != '?'
        && *(p - 1) != '/')
    {
        *p++ = '/';
    }

    p = ngx_cpymem(p, endpoint->data, endpoint->len);

    url->len = p - url->data;

    return NGX_OK;
}


static ngx_uint_t
oauthcc_document_absolute(ngx_str_t *url)
{
    return oauthcc_text_ibegins(url, "https://")
           || oauthcc_text_ibegins(url, "http://");
}


/* A changed document, or a changed value that it reads, is another entry. */

static ngx_int_t
oauthcc_document_key(oauthcc_document_t *doc)
{
    char    *text;
    size_t   len;
    u_char  *p;

    text = json_dumps(doc->authentication, JSON_COMPACT|JSON_SORT_KEYS);
    if (text == NULL) {
        return oauthcc_parse_error_refuse(&doc->reader, &doc->where,
                                          "there is no memory for it");
    }

    len = ngx_strlen(text);

    p = ngx_array_push_n(doc->reader.key, len + 1 + doc->login->endpoint.len);

    if (p) {
        p = ngx_cpymem(p, text, len + 1);
        ngx_memcpy(p, doc->login->endpoint.data, doc->login->endpoint.len);

        doc->login->key.data = doc->reader.key->elts;
        doc->login->key.len = doc->reader.key->nelts;
    }

    ngx_explicit_memzero(text, len);

    /* allocated by jansson's default allocator, which is never replaced */

    ngx_free(text);

    return p ? NGX_OK : NGX_ERROR;
}
