
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "login_json/oauthcc_params.h"
#include "core/oauthcc_json_tree.h"
#include "core/oauthcc_text.h"


static ngx_int_t oauthcc_params_members(oauthcc_expression_parse_t *reader,
    json_t *value, ngx_str_t *where, oauthcc_params_t *params);
static ngx_int_t oauthcc_params_write(ngx_pool_t *pool,
    oauthcc_params_t *params, ngx_str_t *name, ngx_array_t *out,
    oauthcc_expression_fault_t *fault);
static ngx_int_t oauthcc_params_name(ngx_pool_t *pool, ngx_str_t *parent,
    oauthcc_params_t *member, ngx_uint_t i, ngx_str_t *name);
static ngx_int_t oauthcc_params_pair(ngx_array_t *out, ngx_str_t *name,
    ngx_str_t *value);
static u_char *oauthcc_params_escape(u_char *p, ngx_str_t *text);
static ngx_int_t oauthcc_params_build(ngx_pool_t *pool,
    oauthcc_params_t *params, oauthcc_pair_t *pairs, ngx_uint_t n,
    json_t **out, oauthcc_expression_fault_t *fault);
static ngx_int_t oauthcc_params_leaf(ngx_pool_t *pool,
    oauthcc_expression_t *value, json_t **out,
    oauthcc_expression_fault_t *fault);
static ngx_int_t oauthcc_params_dump(ngx_pool_t *pool, json_t *root,
    ngx_str_t *out);


ngx_int_t
oauthcc_params_read(oauthcc_expression_parse_t *reader, json_t *value,
    ngx_str_t *where, oauthcc_params_t *params)
{
    ngx_int_t  rc;

    if (json_is_array(value)
        || (json_is_object(value) && !oauthcc_expression_parse_is(value)))
    {
        if (++reader->depth > OAUTHCC_PARSE_ERROR_DEPTH) {
            return oauthcc_parse_error_refuse(reader, where,
                                              "is nested too deeply");
        }

        rc = oauthcc_params_members(reader, value, where, params);

        reader->depth--;

        return rc;
    }

    return oauthcc_expression_parse_value(reader, value, where,
                                          &params->value);
}


static ngx_int_t
oauthcc_params_members(oauthcc_expression_parse_t *reader, json_t *value,
    ngx_str_t *where, oauthcc_params_t *params)
{
    size_t             i;
    json_t            *child;
    ngx_int_t          rc;
    ngx_str_t          path, name;
    const char        *key;
    oauthcc_params_t  *member;

    if (ngx_array_init(&params->members, reader->pool, 4,
                       sizeof(oauthcc_params_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    params->list = json_is_array(value);

    for (i = 0; i < json_array_size(value); i++) {

        member = ngx_array_push(&params->members);

        if (member == NULL) {
            return NGX_ERROR;
        }

        oauthcc_parse_error_index(reader->pool, where, i, &path);

        ngx_memzero(member, sizeof(oauthcc_params_t));

        rc = oauthcc_params_read(reader, json_array_get(value, i),
                                 &path, member);
        if (rc != NGX_OK) {
            return rc;
        }
    }

    json_object_foreach(value, key, child) {

        member = ngx_array_push(&params->members);

        if (member == NULL) {
            return NGX_ERROR;
        }

        oauthcc_parse_error_member(reader->pool, where, key, &path);

        ngx_memzero(member, sizeof(oauthcc_params_t));

        /* with the zero byte at its end, for jansson */

        name.data = (u_char *) key;
        name.len = ngx_strlen(key) + 1;

        member->name.len = name.len - 1;
        member->name.data = ngx_pstrdup(reader->pool, &name);

        if (member->name.data == NULL) {
            return NGX_ERROR;
        }

        rc = oauthcc_params_read(reader, child, &path, member);
        if (rc != NGX_OK) {
            return rc;
        }
    }

    return NGX_OK;
}


ngx_int_t
oauthcc_params_form(ngx_pool_t *pool, oauthcc_params_t *params,
    oauthcc_pair_t *pairs, ngx_uint_t n, ngx_str_t *out,
    oauthcc_expression_fault_t *fault)
{
    ngx_int_t          rc;
    ngx_str_t          name, none;
    ngx_uint_t         i;
    ngx_array_t        text;
    oauthcc_params_t  *member;

    if (ngx_array_init(&text, pool, 256, 1) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_str_null(&none);

    member = params->members.elts;

    for (i = 0; i < params->members.nelts; i++) {

        if (!params->list
            && oauthcc_text_named(pairs, n, &member[i].name))
        {
            continue;
        }

        rc = oauthcc_params_name(pool, &none, &member[i], i, &name);

        if (rc == NGX_OK) {
            rc = oauthcc_params_write(pool, &member[i], &name, &text, fault);
        }

        if (rc != NGX_OK) {
            return rc;
        }
    }

    for (i = 0; i < n; i++) {

        if (pairs[i].value.len
            && oauthcc_params_pair(&text, &pairs[i].name, &pairs[i].value)
               != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    out->data = text.elts;
    out->len = text.nelts;

    return NGX_OK;
}


static ngx_int_t
oauthcc_params_write(ngx_pool_t *pool, oauthcc_params_t *params,
    ngx_str_t *name, ngx_array_t *out, oauthcc_expression_fault_t *fault)
{
    ngx_int_t             rc;
    ngx_str_t             inner, text;
    ngx_uint_t            i;
    oauthcc_php_scalar_t  value;
    oauthcc_params_t     *member;

    if (params->value) {
        rc = oauthcc_expression_evaluate(pool, params->value, NULL,
                                         &value, fault);
        if (rc != NGX_OK || value.type == OAUTHCC_PHP_SCALAR_NULL) {
            return rc;
        }

        /* other than as a string, false is something here */

        if (value.type == OAUTHCC_PHP_SCALAR_BOOL) {
            value.type = OAUTHCC_PHP_SCALAR_INTEGER;
        }

        if (oauthcc_php_scalar_string(pool, &value, &text) != NGX_OK) {
            return NGX_ERROR;
        }

        return oauthcc_params_pair(out, name, &text);
    }

    member = params->members.elts;

    for (i = 0; i < params->members.nelts; i++) {

        rc = oauthcc_params_name(pool, name, &member[i], i, &inner);

        if (rc == NGX_OK) {
            rc = oauthcc_params_write(pool, &member[i], &inner, out, fault);
        }

        if (rc != NGX_OK) {
            return rc;
        }
    }

    return NGX_OK;
}


/* name, name[member], name[0] */

static ngx_int_t
oauthcc_params_name(ngx_pool_t *pool, ngx_str_t *parent,
    oauthcc_params_t *member, ngx_uint_t i, ngx_str_t *name)
{
    u_char    *p, number[NGX_INT_T_LEN];
    ngx_str_t  own;

    own = member->name;

    if (own.data == NULL) {
        own.data = number;
        own.len = ngx_sprintf(number, "%ui", i) - number;
    }

    p = ngx_pnalloc(pool, parent->len + own.len + sizeof("[]") - 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    name->data = p;

    p = parent->len ? ngx_sprintf(p, "%V[%V]", parent, &own)
                    : ngx_cpymem(p, own.data, own.len);

    name->len = p - name->data;

    return NGX_OK;
}


static ngx_int_t
oauthcc_params_pair(ngx_array_t *out, ngx_str_t *name, ngx_str_t *value)
{
    size_t   len;
    u_char  *p, *last;

    len = sizeof("&=") - 1 + 3 * (name->len + value->len);

    p = ngx_array_push_n(out, len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    last = p + len;

    if (p != out->elts) {
        *p++ = '&';
    }

    p = oauthcc_params_escape(p, name);
    *p++ = '=';
    p = oauthcc_params_escape(p, value);

    out->nelts -= last - p;

    return NGX_OK;
}


/* As PHP's urlencode(): a space is "+", and "~" is escaped. */

static u_char *
oauthcc_params_escape(u_char *p, ngx_str_t *text)
{
    u_char  c;
    size_t  i;

    static u_char  hex[] = "0123456789ABCDEF";

    for (i = 0; i < text->len; i++) {
        c = text->data[i];

        if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z')
            || (c >= 'a' && c <= 'z') || c == '-' || c == '.' || c == '_')
        {
            *p++ = c;

        } else if (c == ' ') {
            *p++ = '+';

        } else {
            *p++ = '%';
            *p++ = hex[c >> 4];
            *p++ = hex[c & 0xf];
        }
    }

    return p;
}


ngx_int_t
oauthcc_params_json(ngx_pool_t *pool, oauthcc_params_t *params,
    oauthcc_pair_t *pairs, ngx_uint_t n, ngx_str_t *out,
    oauthcc_expression_fault_t *fault)
{
    u_char     *key;
    json_t     *root, *value;
    ngx_int_t   rc;
    ngx_uint_t  i;

    rc = oauthcc_params_build(pool, params, pairs, n, &root, fault);

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

        /* a key has to end with a zero byte */

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
        rc = oauthcc_params_dump(pool, root, out);
    }

    oauthcc_json_tree_free(root);

    return rc;
}


static ngx_int_t
oauthcc_params_build(ngx_pool_t *pool, oauthcc_params_t *params,
    oauthcc_pair_t *pairs, ngx_uint_t n, json_t **out,
    oauthcc_expression_fault_t *fault)
{
    int                failed;
    json_t            *value;
    ngx_int_t          rc;
    ngx_uint_t         i;
    oauthcc_params_t  *member;

    if (params->value) {
        return oauthcc_params_leaf(pool, params->value, out, fault);
    }

    *out = params->list ? json_array() : json_object();
    if (*out == NULL) {
        return NGX_ERROR;
    }

    member = params->members.elts;
    rc = NGX_OK;

    for (i = 0; i < params->members.nelts; i++) {

        if (!params->list
            && oauthcc_text_named(pairs, n, &member[i].name))
        {
            continue;
        }

        rc = oauthcc_params_build(pool, &member[i], NULL, 0, &value, fault);
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
oauthcc_params_leaf(ngx_pool_t *pool, oauthcc_expression_t *value,
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
oauthcc_params_dump(ngx_pool_t *pool, json_t *root, ngx_str_t *out)
{
    size_t  len, flags;

    flags = JSON_COMPACT
            |JSON_REAL_PRECISION(oauthcc_json_tree_digits(root, 15));

    len = json_dumpb(root, NULL, 0, flags);

    out->data = ngx_pnalloc(pool, len + 1);
    if (out->data == NULL || len == 0) {
        return NGX_ERROR;
    }

    out->len = json_dumpb(root, (char *) out->data, len, flags);

    return (out->len == len) ? NGX_OK : NGX_ERROR;
}
