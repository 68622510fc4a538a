
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "login_json/oauthcc_params_json.h"
#include "core/oauthcc_json_tree.h"


static ngx_int_t oauthcc_params_json_value(ngx_pool_t *pool,
    oauthcc_params_t *params, oauthcc_pair_t *pairs, ngx_uint_t n,
    json_t **out, oauthcc_expression_fault_t *fault);
static ngx_int_t oauthcc_params_json_leaf(ngx_pool_t *pool,
    oauthcc_expression_t *value, json_t **out,
    oauthcc_expression_fault_t *fault);
static ngx_int_t oauthcc_params_json_dump(ngx_pool_t *pool, json_t *root,
    ngx_str_t *out);


ngx_int_t
oauthcc_params_json_body(ngx_pool_t *pool, oauthcc_params_t *params,
    oauthcc_pair_t *pairs, ngx_uint_t n, ngx_str_t *out,
    oauthcc_expression_fault_t *fault)
{
    u_char     *key;
    json_t     *root, *value;
    ngx_int_t   rc;
    ngx_uint_t  i;

    rc = oauthcc_params_json_value(pool, params, pairs, n, &root, fault);

    if (rc != NGX_OK) {
        return rc;
    }

    for (i = 0; rc == NGX_OK && i < n && json_is_object(root); i++) {

        if (pairs[i].value.len == 0) {
            continue;
        }

        value = json_stringn((char *) pairs[i].value.data,
                             pairs[i].value.len);

        if (value == NULL) {
            fault->reason = "what the request sets is not UTF-8, which JSON "
                            "has to be";
            fault->where = &pairs[i].name;
            rc = NGX_DECLINED;
            break;
        }

        /* jansson expects terminated keys */

        key = ngx_pnalloc(pool, pairs[i].name.len + 1);

        if (key == NULL) {
            oauthcc_json_tree_free(value);
            rc = NGX_ERROR;
            break;
        }

        *ngx_cpymem(key, pairs[i].name.data, pairs[i].name.len) = '\0';

        if (json_object_set_new(root, (char *) key, value) != 0) {
            rc = NGX_ERROR;
        }
    }

    if (rc == NGX_OK) {
        rc = oauthcc_params_json_dump(pool, root, out);
    }

    oauthcc_json_tree_free(root);

    return rc;
}


static ngx_int_t
oauthcc_params_json_value(ngx_pool_t *pool, oauthcc_params_t *params,
    oauthcc_pair_t *pairs, ngx_uint_t n, json_t **out,
    oauthcc_expression_fault_t *fault)
{
    int                failed;
    json_t            *value;
    ngx_int_t          rc;
    ngx_uint_t         i;
    oauthcc_params_t  *member;

    if (params->value) {
        return oauthcc_params_json_leaf(pool, params->value, out, fault);
    }

    *out = params->list ? json_array() : json_object();
    if (*out == NULL) {
        return NGX_ERROR;
    }

    member = params->members.elts;
    rc = NGX_OK;

    for (i = 0; i < params->members.nelts; i++) {

        if (!params->list
            && oauthcc_params_has(pairs, n, &member[i].name))
        {
            continue;
        }

        rc = oauthcc_params_json_value(pool, &member[i], NULL, 0, &value,
                                       fault);
        if (rc != NGX_OK) {
            break;
        }

        failed = params->list
                 ? json_array_append_new(*out, value)
                 : json_object_set_new(*out, (char *) member[i].name.data,
                                       value);
        if (failed) {
            rc = NGX_ERROR;
            break;
        }
    }

    if (rc != NGX_OK) {
        oauthcc_json_tree_free(*out);
    }

    return rc;
}


static ngx_int_t
oauthcc_params_json_leaf(ngx_pool_t *pool, oauthcc_expression_t *value,
    json_t **out, oauthcc_expression_fault_t *fault)
{
    ngx_int_t             rc;
    oauthcc_php_scalar_t  scalar;

    rc = oauthcc_expression_evaluate(pool, value, NULL, &scalar, fault);
    if (rc != NGX_OK) {
        return rc;
    }

    switch (scalar.type) {

    case OAUTHCC_PHP_SCALAR_STRING:
        *out = json_stringn(scalar.string.len ? (char *) scalar.string.data
                                             : "", scalar.string.len);

        if (*out == NULL) {
            fault->reason = "is not UTF-8, which JSON has to be";
            fault->where = &value->where;
            return NGX_DECLINED;
        }

        return NGX_OK;

    case OAUTHCC_PHP_SCALAR_INTEGER:
        *out = json_integer(scalar.integer);
        break;

    case OAUTHCC_PHP_SCALAR_REAL:
        *out = json_real(scalar.real);
        break;

    case OAUTHCC_PHP_SCALAR_BOOL:
        *out = json_boolean(scalar.integer);
        break;

    default: /* OAUTHCC_PHP_SCALAR_NULL */
        *out = json_null();
    }

    return *out ? NGX_OK : NGX_ERROR;
}


static ngx_int_t
oauthcc_params_json_dump(ngx_pool_t *pool, json_t *root, ngx_str_t *out)
{
    size_t      len, flags;
    ngx_uint_t  digits;

    digits = oauthcc_json_tree_digits(root, 15);
    if (digits == 0) {
        return NGX_ERROR;
    }

    flags = JSON_COMPACT|JSON_REAL_PRECISION(digits);

    len = json_dumpb(root, NULL, 0, flags);

    out->data = ngx_pnalloc(pool, len + 1);
    if (out->data == NULL || len == 0) {
        return NGX_ERROR;
    }

    out->len = json_dumpb(root, (char *) out->data, len, flags);

    return (out->len == len) ? NGX_OK : NGX_ERROR;
}
