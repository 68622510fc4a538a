
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "login_json/oauthcc_expression.h"
#include "core/oauthcc_text.h"


/* the largest integer that a double can tell from the next one */
#define OAUTHCC_EXPRESSION_EXACT  9007199254740992.0


static ngx_int_t oauthcc_expression_call(ngx_pool_t *pool,
    oauthcc_expression_t *expression, oauthcc_expression_response_t *response,
    oauthcc_php_scalar_t *out, oauthcc_expression_fault_t *fault);
static ngx_int_t oauthcc_expression_header(oauthcc_expression_t *expression,
    ngx_list_t *headers, oauthcc_php_scalar_t *out,
    oauthcc_expression_fault_t *fault);


ngx_uint_t
oauthcc_expression_present(oauthcc_expression_t *expression, json_t *response)
{
    return expression->type != OAUTHCC_EXPRESSION_RESPONSE
           || oauthcc_expression_at(response, expression->path)
              != NULL;
}


ngx_int_t
oauthcc_expression_evaluate(ngx_pool_t *pool, oauthcc_expression_t *expression,
    oauthcc_expression_response_t *response, oauthcc_php_scalar_t *out,
    oauthcc_expression_fault_t *fault)
{
    json_t  *value;

    switch (expression->type) {

    case OAUTHCC_EXPRESSION_VALUE:
        ngx_memzero(out, sizeof(oauthcc_php_scalar_t));
        out->type = OAUTHCC_PHP_SCALAR_STRING;
        out->string = expression->value->text;
        return NGX_OK;

    case OAUTHCC_EXPRESSION_BARE:
    case OAUTHCC_EXPRESSION_RESPONSE:
        value = oauthcc_expression_at(response->root, expression->path);

        if (value == NULL
            && expression->type == OAUTHCC_EXPRESSION_BARE)
        {
            *out = expression->constant;
            return NGX_OK;
        }

        fault->where = &expression->where;

        if (value == NULL) {
            fault->reason = "the response has no such value";
            return NGX_DECLINED;
        }

        fault->reason = "the response has null, a list or an object there, "
                        "or a number too big to be exact";

        if (json_is_real(value)
            && (json_real_value(value) > OAUTHCC_EXPRESSION_EXACT
                || json_real_value(value) < -OAUTHCC_EXPRESSION_EXACT))
        {
            return NGX_DECLINED;
        }

        return oauthcc_expression_scalar(value, out);

    case OAUTHCC_EXPRESSION_HEADER:
        return oauthcc_expression_header(expression, response->headers, out,
                                         fault);

    case OAUTHCC_EXPRESSION_FUNCTION:
        return oauthcc_expression_call(pool, expression, response, out, fault);

    default: /* OAUTHCC_EXPRESSION_CONSTANT */
        *out = expression->constant;
        return NGX_OK;
    }
}


ngx_int_t
oauthcc_expression_scalar(json_t *value, oauthcc_php_scalar_t *out)
{
    ngx_memzero(out, sizeof(oauthcc_php_scalar_t));

    switch (json_typeof(value)) {

    case JSON_STRING:
        out->type = OAUTHCC_PHP_SCALAR_STRING;
        out->string.data = (u_char *) json_string_value(value);
        out->string.len = json_string_length(value);
        return NGX_OK;

    case JSON_INTEGER:
        out->type = OAUTHCC_PHP_SCALAR_INTEGER;
        out->integer = json_integer_value(value);
        return NGX_OK;

    case JSON_REAL:
        out->type = OAUTHCC_PHP_SCALAR_REAL;
        out->real = json_real_value(value);
        return NGX_OK;

    case JSON_TRUE:
    case JSON_FALSE:
        out->type = OAUTHCC_PHP_SCALAR_BOOL;
        out->integer = json_is_true(value);
        return NGX_OK;

    default:
        return NGX_DECLINED;
    }
}


static ngx_int_t
oauthcc_expression_call(ngx_pool_t *pool, oauthcc_expression_t *expression,
    oauthcc_expression_response_t *response, oauthcc_php_scalar_t *out,
    oauthcc_expression_fault_t *fault)
{
    ngx_int_t               rc;
    ngx_uint_t              i, n;
    oauthcc_php_scalar_t   *value;
    oauthcc_expression_t  **arg;

    n = expression->args.nelts;
    arg = expression->args.elts;

    value = ngx_palloc(pool, (n + 1) * sizeof(oauthcc_php_scalar_t));
    if (value == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < n; i++) {
        rc = oauthcc_expression_evaluate(pool, arg[i], response,
                                         &value[i], fault);
        if (rc != NGX_OK) {
            return rc;
        }
    }

    ngx_memzero(out, sizeof(oauthcc_php_scalar_t));

    fault->where = &expression->where;

    return expression->function->call(pool, value, n, out, &fault->reason);
}


static ngx_int_t
oauthcc_expression_header(oauthcc_expression_t *expression,
    ngx_list_t *headers, oauthcc_php_scalar_t *out,
    oauthcc_expression_fault_t *fault)
{
    ngx_table_elt_t  *header;

    ngx_memzero(out, sizeof(oauthcc_php_scalar_t));

    fault->where = &expression->where;
    fault->reason = "the response has no such header";

    if (headers == NULL) {
        return NGX_DECLINED;
    }

    header = oauthcc_text_header(headers, expression->path, 0);
    if (header == NULL) {
        return NGX_DECLINED;
    }

    if (oauthcc_text_header(headers, expression->path, 1)) {
        fault->reason = "the response has this header more than once";
        return NGX_DECLINED;
    }

    out->type = OAUTHCC_PHP_SCALAR_STRING;
    out->string = header->value;

    return NGX_OK;
}


/* Try the shorter name first: for "a.b" a member "a", then one "a.b". */

json_t *
oauthcc_expression_at(json_t *root, const char *path)
{
    size_t       len;
    json_t      *value, *found;
    ngx_int_t    i;
    const char  *key;

    for (len = 0; /* void */ ; len++) {

        if (path[len] != '.' && path[len] != '\0') {
            continue;
        }

        value = NULL;

        if (json_is_array(root)) {
            i = ngx_atoi((u_char *) path, len);
            value = (i == NGX_ERROR) ? NULL : json_array_get(root, i);

        } else {
            json_object_foreach(root, key, found) {

                if (ngx_strlen(key) == len
                    && ngx_strncmp(key, path, len) == 0)
                {
                    value = found;
                    break;
                }
            }
        }

        if (path[len] == '\0') {
            return value;
        }

        found = value ? oauthcc_expression_at(value, path + len + 1) : NULL;

        if (found) {
            return found;
        }
    }
}
