
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "login_json/oauthcc_expression_parse.h"
#include "core/oauthcc_provider_conf.h"
#include "core/oauthcc_redact_url.h"
#include "http/oauthcc_header_syntax.h"
#include "login_json/php/oauthcc_php_function.h"


static ngx_int_t oauthcc_expression_parse_attr(
    oauthcc_expression_parse_t *reader, json_t *name,
    oauthcc_expression_t *expression);
static ngx_int_t oauthcc_expression_parse_use(
    oauthcc_expression_parse_t *reader, const char *name, ngx_uint_t type,
    ngx_str_t *text);
static ngx_int_t oauthcc_expression_parse_response(
    oauthcc_expression_parse_t *reader, json_t *path,
    oauthcc_expression_t *expression);
static ngx_int_t oauthcc_expression_parse_header(
    oauthcc_expression_parse_t *reader, json_t *name,
    oauthcc_expression_t *expression);
static ngx_int_t oauthcc_expression_parse_function(
    oauthcc_expression_parse_t *reader, json_t *object,
    oauthcc_expression_t *expression);
static ngx_int_t oauthcc_expression_parse_args(
    oauthcc_expression_parse_t *reader, json_t *list, ngx_str_t *where,
    oauthcc_expression_t *expression);
static ngx_int_t oauthcc_expression_parse_push(
    oauthcc_expression_parse_t *reader, json_t *list, size_t n,
    ngx_str_t *where, oauthcc_expression_t *expression);
static ngx_int_t oauthcc_expression_parse_fold(
    oauthcc_expression_parse_t *reader, oauthcc_expression_t *expression);
static ngx_int_t oauthcc_expression_parse_path(ngx_pool_t *pool, json_t *value,
    const char **path);
static ngx_int_t oauthcc_expression_parse_text(ngx_pool_t *pool, json_t *value,
    ngx_str_t *text);


ngx_int_t
oauthcc_expression_parse_value(oauthcc_expression_parse_t *reader,
    json_t *value, ngx_str_t *where, oauthcc_expression_t **expression)
{
    json_t                *member;
    oauthcc_expression_t  *made;

    made = ngx_pcalloc(reader->pool, sizeof(oauthcc_expression_t));
    if (made == NULL) {
        return NGX_ERROR;
    }

    made->where = *where;
    *expression = made;

    if (json_is_array(value)) {
        return oauthcc_parse_error_refuse(reader, where,
                             "is an array where a single value is wanted");
    }

    if (!json_is_object(value)) {

        if (json_is_null(value)) {
            return NGX_OK;
        }

        (void) oauthcc_expression_scalar(value, &made->constant);

        return oauthcc_expression_parse_text(reader->pool, value,
                                                &made->constant.string);
    }

    member = json_object_get(value, "attr");

    if (member && json_object_size(value) == 1) {
        return oauthcc_expression_parse_attr(reader, member, made);
    }

    member = json_object_get(value, "response");

    if (member && json_object_size(value) == 1) {
        return oauthcc_expression_parse_response(reader, member, made);
    }

    member = json_object_get(value, "header");

    if (member && json_object_size(value) == 1) {
        return oauthcc_expression_parse_header(reader, member, made);
    }

    member = json_object_get(value, "function");

    if (member
        && json_object_size(value)
           == 1 + (json_object_get(value, "args") != NULL))
    {
        return oauthcc_expression_parse_function(reader, value, made);
    }

    return oauthcc_parse_error_refuse(reader, where,
                         "has to be a single value, or an object of "
                         "\"attr\", of \"response\", of \"header\", or of "
                         "\"function\" and \"args\", with nothing besides");
}


ngx_int_t
oauthcc_expression_parse_bare(oauthcc_expression_parse_t *reader,
    json_t *value, ngx_str_t *where, oauthcc_expression_t **expression)
{
    ngx_int_t  rc;

    rc = oauthcc_expression_parse_value(reader, value, where, expression);

    if (rc != NGX_OK || !json_is_string(value)) {
        return rc;
    }

    (*expression)->type = OAUTHCC_EXPRESSION_BARE;

    return oauthcc_expression_parse_path(reader->pool, value,
                                         &(*expression)->path);
}


ngx_uint_t
oauthcc_expression_parse_is(json_t *value)
{
    return json_object_get(value, "function") != NULL
           || (json_object_size(value) == 1
               && (json_object_get(value, "attr") != NULL
                   || json_object_get(value, "response") != NULL));
}


static ngx_int_t
oauthcc_expression_parse_attr(oauthcc_expression_parse_t *reader, json_t *name,
    oauthcc_expression_t *expression)
{
    json_t          *value;
    ngx_str_t        text;
    ngx_uint_t       i;
    const char      *key;
    oauthcc_attr_t  *attr;

    if (!json_is_string(name)) {
        return oauthcc_parse_error_refuse(reader, &expression->where,
                                          "\"attr\" is not a string");
    }

    key = json_string_value(name);

    text.len = ngx_strlen(key);
    text.data = (u_char *) key;

    attr = reader->attrs->elts;

    for (i = 0; i < reader->attrs->nelts; i++) {

        if (ngx_strcmp(attr[i].name.data, key) != 0) {
            continue;
        }

        attr[i].used = 1;

        if (attr[i].value.type == OAUTHCC_VALUE_FILE) {
            expression->type = OAUTHCC_EXPRESSION_VALUE;
            expression->value = &attr[i].value;

            return oauthcc_expression_parse_use(reader, key,
                                                OAUTHCC_VALUE_FILE,
                                                &attr[i].value.source);
        }

        expression->constant.type = OAUTHCC_PHP_SCALAR_STRING;
        expression->constant.string = attr[i].value.text;

        return oauthcc_expression_parse_use(reader, key, 0,
                                               &attr[i].value.text);
    }

    value = NULL;

    if (ngx_strncmp(key, "jobs", 4) != 0 || (key[4] && key[4] != '.')) {
        value = oauthcc_expression_at(reader->config, key);
    }

    if (value == NULL) {
        return oauthcc_parse_error_refuse(reader, &expression->where,
                   "\"config\" has no \"%V\" for \"attr\"",
                   oauthcc_redact_url_text(reader->pool, &text));
    }

    if (json_is_null(value)) {
        return NGX_OK;
    }

    if (oauthcc_expression_scalar(value, &expression->constant) != NGX_OK)
    {
        return oauthcc_parse_error_refuse(reader, &expression->where,
                   "\"%V\" of \"config\" is not a single value",
                   oauthcc_redact_url_text(reader->pool, &text));
    }

    if (oauthcc_expression_parse_text(reader->pool, value,
                                         &expression->constant.string)
           != NGX_OK
        || oauthcc_php_scalar_string(reader->pool, &expression->constant,
                                     &text)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    /* keep all digits: the value may be written as JSON */

    if (expression->constant.type == OAUTHCC_PHP_SCALAR_REAL) {
        text.len = oauthcc_php_scalar_print(text.data,
                                            expression->constant.real, 0, 'E')
                   - text.data;
    }

    return oauthcc_expression_parse_use(reader, key, 0, &text);
}


/* Adds a value that shapes the login to the cache key. */

static ngx_int_t
oauthcc_expression_parse_use(oauthcc_expression_parse_t *reader,
    const char *name, ngx_uint_t type, ngx_str_t *text)
{
    size_t   len;
    u_char  *p;

    len = ngx_strlen(name) + sizeof(" ") + 1 + NGX_INT_T_LEN + text->len + 1;

    p = ngx_array_push_n(reader->key, len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(p, len);

    p = ngx_sprintf(p, "%s%Z%ui %ui ", name, type, (ngx_uint_t) text->len);
    ngx_memcpy(p, text->data, text->len);

    return NGX_OK;
}


static ngx_int_t
oauthcc_expression_parse_response(oauthcc_expression_parse_t *reader,
    json_t *path, oauthcc_expression_t *expression)
{
    if (!reader->response) {
        return oauthcc_parse_error_refuse(reader, &expression->where,
                   "there is no response yet: \"response\" may stand in "
                   "\"apiRequest\" and in \"expires\" only");
    }

    if (!json_is_string(path) || json_string_length(path) == 0) {
        return oauthcc_parse_error_refuse(reader, &expression->where,
                   "\"response\" has to be a path such as \"data.0.token\"");
    }

    expression->type = OAUTHCC_EXPRESSION_RESPONSE;

    return oauthcc_expression_parse_path(reader->pool, path,
                                         &expression->path);
}


static ngx_int_t
oauthcc_expression_parse_header(oauthcc_expression_parse_t *reader,
    json_t *name, oauthcc_expression_t *expression)
{
    ngx_str_t  text;

    if (!reader->response) {
        return oauthcc_parse_error_refuse(reader, &expression->where,
                   "there is no response yet: \"header\" may stand in "
                   "\"apiRequest\" only");
    }

    text.data = (u_char *) json_string_value(name);
    text.len = json_string_length(name);

    if (!json_is_string(name) || !oauthcc_header_syntax_name(&text)) {
        return oauthcc_parse_error_refuse(reader, &expression->where,
                   "\"header\" has to be the name of a header of the "
                   "response");
    }

    expression->type = OAUTHCC_EXPRESSION_HEADER;

    return oauthcc_expression_parse_path(reader->pool, name,
                                         &expression->path);
}


static ngx_int_t
oauthcc_expression_parse_function(oauthcc_expression_parse_t *reader,
    json_t *object, oauthcc_expression_t *expression)
{
    json_t    *list, *name;
    ngx_int_t  rc;
    ngx_str_t  where, text;

    name = json_object_get(object, "function");
    list = json_object_get(object, "args");

    if (!json_is_string(name)) {
        return oauthcc_parse_error_refuse(reader, &expression->where,
                                          "\"function\" is not a string");
    }

    text.data = (u_char *) json_string_value(name);
    text.len = json_string_length(name);

    expression->type = OAUTHCC_EXPRESSION_FUNCTION;
    expression->function = oauthcc_php_function_find(&text);

    if (expression->function == NULL) {
        return oauthcc_parse_error_refuse(reader, &expression->where,
                                          "unknown function \"%V\"",
                                          oauthcc_redact_url_text(
                                              reader->pool, &text));
    }

    if (list && !json_is_array(list)) {
        return oauthcc_parse_error_refuse(reader, &expression->where,
                                          "\"args\" is not an array");
    }

    if (json_array_size(list) < expression->function->min
        || json_array_size(list) > expression->function->max)
    {
        return oauthcc_parse_error_refuse(reader, &expression->where,
                   "%V() has %uz arguments, it takes %ui to %ui", &text,
                   json_array_size(list), expression->function->min,
                                          expression->function->max);
    }

    if (++reader->depth > OAUTHCC_PARSE_ERROR_DEPTH) {
        return oauthcc_parse_error_refuse(reader, &expression->where,
                                          "is nested too deeply");
    }

    if (oauthcc_parse_error_member(reader->pool, &expression->where,
                                   "args", &where)
           != NGX_OK
        || ngx_array_init(&expression->args, reader->pool, 4,
                          sizeof(oauthcc_expression_t *))
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    rc = oauthcc_expression_parse_args(reader, list, &where, expression);

    reader->depth--;

    if (rc != NGX_OK) {
        return rc;
    }

    return oauthcc_expression_parse_fold(reader, expression);
}


static ngx_int_t
oauthcc_expression_parse_args(oauthcc_expression_parse_t *reader, json_t *list,
    ngx_str_t *where, oauthcc_expression_t *expression)
{
    size_t                  last;
    json_t                 *value;
    ngx_int_t               rc;
    ngx_str_t               path;
    oauthcc_expression_t  **glue;

    if (!expression->function->list) {
        return oauthcc_expression_parse_push(reader, list,
                                             json_array_size(list), where,
                                             expression);
    }

    last = json_array_size(list) - 1;
    value = json_array_get(list, last);

    rc = oauthcc_expression_parse_push(reader, list, last, where,
                                       expression);
    if (rc != NGX_OK) {
        return rc;
    }

    if (oauthcc_parse_error_index(reader->pool, where, last, &path) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (!json_is_array(value)) {
        return oauthcc_parse_error_refuse(reader, &path, "is not an array");
    }

    if (last == 0) {

        /* concatenate without a separator */

        glue = ngx_array_push(&expression->args);

        if (glue == NULL) {
            return NGX_ERROR;
        }

        *glue = ngx_pcalloc(reader->pool, sizeof(oauthcc_expression_t));

        if (*glue == NULL) {
            return NGX_ERROR;
        }
    }

    return oauthcc_expression_parse_push(reader, value,
                                         json_array_size(value), &path,
                                         expression);
}


/* Reads the first n elements of a list as arguments. */

static ngx_int_t
oauthcc_expression_parse_push(oauthcc_expression_parse_t *reader, json_t *list,
    size_t n, ngx_str_t *where, oauthcc_expression_t *expression)
{
    size_t                  i;
    ngx_int_t               rc;
    ngx_str_t               path;
    oauthcc_expression_t  **arg;

    for (i = 0; i < n; i++) {

        if (oauthcc_parse_error_index(reader->pool, where, i, &path) != NGX_OK)
        {
            return NGX_ERROR;
        }

        arg = ngx_array_push(&expression->args);
        if (arg == NULL) {
            return NGX_ERROR;
        }

        rc = oauthcc_expression_parse_value(reader, json_array_get(list, i),
                                              &path, arg);
        if (rc != NGX_OK) {
            return rc;
        }
    }

    return NGX_OK;
}


/* Evaluates a function with constant arguments at configuration time. */

static ngx_int_t
oauthcc_expression_parse_fold(oauthcc_expression_parse_t *reader,
    oauthcc_expression_t *expression)
{
    char                       *err;
    ngx_int_t                   rc;
    ngx_uint_t                  i;
    oauthcc_php_scalar_t        out;
    oauthcc_php_function_t     *function;
    oauthcc_expression_t      **arg;
    oauthcc_expression_fault_t  fault;

    function = expression->function;
    arg = expression->args.elts;

    if (expression->args.nelts
        && arg[0]->type == OAUTHCC_EXPRESSION_CONSTANT
        && function->check
        && function->check(&arg[0]->constant, expression->args.nelts, &err)
           != NGX_OK)
    {
        return oauthcc_parse_error_refuse(reader, &expression->where,
                                          "%V(): %s", &function->name,
                                          err);
    }

    if (function->clock) {
        return NGX_OK;
    }

    for (i = 0; i < expression->args.nelts; i++) {
        if (arg[i]->type != OAUTHCC_EXPRESSION_CONSTANT) {
            return NGX_OK;
        }
    }

    rc = oauthcc_expression_evaluate(reader->pool, expression, NULL,
                                     &out, &fault);

    if (rc == NGX_DECLINED) {
        return oauthcc_parse_error_refuse(reader, &expression->where,
                                          "%V(): %s", &function->name,
                                          fault.reason);
    }

    expression->type = OAUTHCC_EXPRESSION_CONSTANT;
    expression->constant = out;

    return rc;
}


/* A terminated copy, as jansson expects. */

static ngx_int_t
oauthcc_expression_parse_path(ngx_pool_t *pool, json_t *value,
    const char **path)
{
    ngx_str_t  from;

    from.data = (u_char *) json_string_value(value);
    from.len = json_string_length(value) + 1;

    *path = (const char *) ngx_pstrdup(pool, &from);

    return *path ? NGX_OK : NGX_ERROR;
}


/* Copies a string: the document is freed before its strings are used. */

static ngx_int_t
oauthcc_expression_parse_text(ngx_pool_t *pool, json_t *value, ngx_str_t *text)
{
    ngx_str_t  from;

    if (!json_is_string(value)) {
        return NGX_OK;
    }

    from.data = (u_char *) json_string_value(value);
    from.len = json_string_length(value);

    text->len = from.len;
    text->data = ngx_pstrdup(pool, &from);

    return text->data ? NGX_OK : NGX_ERROR;
}
