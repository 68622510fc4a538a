
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "login_json/oauthcc_params_form.h"


/* params being encoded, and the pairs that replace some of them */

typedef struct {
    ngx_pool_t                  *pool;
    oauthcc_params_t            *params;
    oauthcc_pair_t              *pairs;
    ngx_uint_t                   n;

    ngx_array_t                  text;  /* length in bytes */
    u_char                      *done;  /* one per member and pair */

    oauthcc_expression_fault_t  *fault;
} oauthcc_params_form_t;


static ngx_int_t oauthcc_params_form_start(oauthcc_params_form_t *form,
    ngx_pool_t *pool, oauthcc_params_t *params, oauthcc_pair_t *pairs,
    ngx_uint_t n, oauthcc_expression_fault_t *fault);
static ngx_int_t oauthcc_params_form_piece(oauthcc_params_form_t *form,
    ngx_str_t *piece);
static ngx_uint_t oauthcc_params_form_named(ngx_str_t *piece, ngx_str_t *name);
static ngx_int_t oauthcc_params_form_rest(oauthcc_params_form_t *form,
    ngx_str_t *out);
static ngx_int_t oauthcc_params_form_item(oauthcc_params_form_t *form,
    ngx_uint_t i);
static ngx_int_t oauthcc_params_form_write(ngx_pool_t *pool,
    oauthcc_params_t *params, ngx_str_t *name, ngx_array_t *out,
    oauthcc_expression_fault_t *fault);
static ngx_int_t oauthcc_params_form_name(ngx_pool_t *pool, ngx_str_t *parent,
    oauthcc_params_t *member, ngx_uint_t i, ngx_str_t *name);
static ngx_int_t oauthcc_params_form_pair(ngx_array_t *out, ngx_str_t *name,
    ngx_str_t *value);
static u_char *oauthcc_params_form_escape(u_char *p, ngx_str_t *text);


ngx_int_t
oauthcc_params_form_body(ngx_pool_t *pool, oauthcc_params_t *params,
    oauthcc_pair_t *pairs, ngx_uint_t n, ngx_str_t *out,
    oauthcc_expression_fault_t *fault)
{
    oauthcc_params_form_t  form;

    if (oauthcc_params_form_start(&form, pool, params, pairs, n, fault)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return oauthcc_params_form_rest(&form, out);
}


ngx_int_t
oauthcc_params_form_query(ngx_pool_t *pool, oauthcc_params_t *params,
    oauthcc_pair_t *pairs, ngx_uint_t n, ngx_str_t *query, ngx_str_t *out,
    oauthcc_expression_fault_t *fault)
{
    u_char                 *p, *last;
    ngx_int_t               rc;
    ngx_str_t               piece;
    oauthcc_params_form_t   form;

    if (params->members.nelts + n == 0) {
        *out = *query;
        return NGX_OK;
    }

    if (oauthcc_params_form_start(&form, pool, params, pairs, n, fault)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    last = query->data + query->len;

    for (p = query->data; p < last; p++) {

        piece.data = p;

        while (p < last && *p != '&') {
            p++;
        }

        piece.len = p - piece.data;

        rc = oauthcc_params_form_piece(&form, &piece);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    return oauthcc_params_form_rest(&form, out);
}


static ngx_int_t
oauthcc_params_form_start(oauthcc_params_form_t *form, ngx_pool_t *pool,
    oauthcc_params_t *params, oauthcc_pair_t *pairs, ngx_uint_t n,
    oauthcc_expression_fault_t *fault)
{
    ngx_uint_t         i;
    oauthcc_params_t  *member;

    form->pool = pool;
    form->params = params;
    form->pairs = pairs;
    form->n = n;
    form->fault = fault;

    form->done = ngx_pcalloc(pool, params->members.nelts + n + 1);

    if (form->done == NULL
        || ngx_array_init(&form->text, pool, 256, 1) != NGX_OK)
    {
        return NGX_ERROR;
    }

    /* a pair replaces the member of the same name */

    member = params->members.elts;

    for (i = 0; i < params->members.nelts; i++) {
        form->done[i] = !params->list
                        && oauthcc_params_has(pairs, n, &member[i].name);
    }

    return NGX_OK;
}


/* Copies an argument of the endpoint as it is, unless a member replaces it. */

static ngx_int_t
oauthcc_params_form_piece(oauthcc_params_form_t *form, ngx_str_t *piece)
{
    u_char            *p;
    ngx_str_t         *name;
    ngx_uint_t         i, members, mine;
    oauthcc_params_t  *member;

    member = form->params->members.elts;
    members = form->params->list ? 0 : form->params->members.nelts;
    mine = form->params->members.nelts + form->n;

    for (i = 0; i < form->params->members.nelts + form->n; i++) {

        if (i >= form->params->members.nelts) {
            name = &form->pairs[i - form->params->members.nelts].name;

        } else if (i < members) {
            name = &member[i].name;

        } else {
            continue;
        }

        if (!oauthcc_params_form_named(piece, name)) {
            continue;
        }

        if (!form->done[i]) {
            return oauthcc_params_form_item(form, i);
        }

        mine = i;
    }

    if (mine < form->params->members.nelts + form->n) {
        return NGX_OK;
    }

    p = ngx_array_push_n(&form->text, piece->len + 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    if (p == form->text.elts) {
        form->text.nelts--;

    } else {
        *p++ = '&';
    }

    ngx_memcpy(p, piece->data, piece->len);

    return NGX_OK;
}


/* Whether an encoded "name=value" has this name. */

static ngx_uint_t
oauthcc_params_form_named(ngx_str_t *piece, ngx_str_t *name)
{
    u_char     *p, *last, c;
    size_t      i;
    ngx_int_t   byte;

    p = piece->data;
    last = p + piece->len;

    for (i = 0; i < name->len; i++) {

        if (p == last || *p == '=') {
            return 0;
        }

        c = *p++;

        if (c == '+') {
            c = ' ';

        } else if (c == '%' && last - p >= 2) {
            byte = ngx_hextoi(p, 2);

            if (byte != NGX_ERROR) {
                c = (u_char) byte;
                p += 2;
            }
        }

        if (c != name->data[i]) {
            return 0;
        }
    }

    return p == last || *p == '=';
}


static ngx_int_t
oauthcc_params_form_rest(oauthcc_params_form_t *form, ngx_str_t *out)
{
    ngx_int_t   rc;
    ngx_uint_t  i;

    for (i = 0; i < form->params->members.nelts + form->n; i++) {

        if (form->done[i]) {
            continue;
        }

        rc = oauthcc_params_form_item(form, i);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    out->data = form->text.elts;
    out->len = form->text.nelts;

    return NGX_OK;
}


/* Encodes a member or a pair; one with an empty value is omitted. */

static ngx_int_t
oauthcc_params_form_item(oauthcc_params_form_t *form, ngx_uint_t i)
{
    ngx_int_t          rc;
    ngx_str_t          name, none;
    oauthcc_pair_t    *pair;
    oauthcc_params_t  *member;

    form->done[i] = 1;

    if (i >= form->params->members.nelts) {
        pair = &form->pairs[i - form->params->members.nelts];

        return pair->value.len
               ? oauthcc_params_form_pair(&form->text, &pair->name,
                                          &pair->value)
               : NGX_OK;
    }

    member = form->params->members.elts;

    ngx_str_null(&none);

    rc = oauthcc_params_form_name(form->pool, &none, &member[i], i, &name);

    return (rc == NGX_OK)
           ? oauthcc_params_form_write(form->pool, &member[i], &name,
                                       &form->text, form->fault)
           : rc;
}


static ngx_int_t
oauthcc_params_form_write(ngx_pool_t *pool, oauthcc_params_t *params,
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

        /* unlike (string) false, false is "0" here */

        if (value.type == OAUTHCC_PHP_SCALAR_BOOL) {
            value.type = OAUTHCC_PHP_SCALAR_INTEGER;
        }

        if (oauthcc_php_scalar_string(pool, &value, &text) != NGX_OK) {
            return NGX_ERROR;
        }

        return oauthcc_params_form_pair(out, name, &text);
    }

    member = params->members.elts;

    for (i = 0; i < params->members.nelts; i++) {

        rc = oauthcc_params_form_name(pool, name, &member[i], i, &inner);

        if (rc == NGX_OK) {
            rc = oauthcc_params_form_write(pool, &member[i], &inner, out,
                                           fault);
        }

        if (rc != NGX_OK) {
            return rc;
        }
    }

    return NGX_OK;
}


/* name, name[member], name[0] */

static ngx_int_t
oauthcc_params_form_name(ngx_pool_t *pool, ngx_str_t *parent,
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
oauthcc_params_form_pair(ngx_array_t *out, ngx_str_t *name, ngx_str_t *value)
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

    p = oauthcc_params_form_escape(p, name);
    *p++ = '=';
    p = oauthcc_params_form_escape(p, value);

    out->nelts -= last - p;

    return NGX_OK;
}


/* Escapes as PHP's urlencode(): a space as "+", and "~" too. */

static u_char *
oauthcc_params_form_escape(u_char *p, ngx_str_t *text)
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
