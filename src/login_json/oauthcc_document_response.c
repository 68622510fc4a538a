
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "login_json/oauthcc_document_response.h"
#include "http/oauthcc_form.h"
#include "http/oauthcc_header_syntax.h"
#include "login_json/php/oauthcc_php_strtotime.h"


static ngx_int_t oauthcc_document_response_load(
    oauthcc_document_request_t *login_json, u_char *body, size_t len,
    json_t **root, oauthcc_token_response_t *t);
static ngx_int_t oauthcc_document_response_items(
    oauthcc_document_request_t *login_json, ngx_pool_t *pool, json_t *root,
    oauthcc_token_response_t *t);
static ngx_int_t oauthcc_document_response_item(ngx_pool_t *pool,
    oauthcc_document_item_t *item, json_t *root, ngx_str_t *value,
    oauthcc_token_response_t *t);
static ngx_int_t oauthcc_document_response_life(
    oauthcc_document_request_t *login_json, ngx_pool_t *pool, json_t *root,
    oauthcc_token_response_t *t);
static ngx_msec_t oauthcc_document_response_relative(
    oauthcc_php_scalar_t *value);
static ngx_msec_t oauthcc_document_response_point(oauthcc_php_scalar_t *value);
static ngx_int_t oauthcc_document_response_token(ngx_pool_t *pool,
    json_t *root, oauthcc_token_response_t *t);
static ngx_int_t oauthcc_document_response_copy(ngx_pool_t *pool,
    ngx_str_t *from, ngx_str_t *to);


ngx_int_t
oauthcc_document_response_read(oauthcc_document_request_t *login_json,
    ngx_pool_t *pool, ngx_uint_t status, u_char *body, size_t len,
    ngx_msec_t default_life, oauthcc_token_response_t *t)
{
    json_t                   *root;
    ngx_int_t                 rc;
    ngx_str_t                 none;
    oauthcc_token_response_t  said;

    ngx_str_null(&none);

    if (status < 200 || status >= 300) {

        /* what the server says of it, if it says it in the words of OAuth */

        return oauthcc_token_response_parse(pool, status, body, len, &none,
                                            default_life, t);
    }

    ngx_memzero(t, sizeof(oauthcc_token_response_t));

    t->life = default_life;

    rc = oauthcc_document_response_load(login_json, body, len, &root, t);

    if (rc != NGX_OK) {
        return rc;
    }

    rc = oauthcc_document_response_items(login_json, pool, root, t);

    if (rc == NGX_OK) {
        rc = oauthcc_document_response_life(login_json, pool, root, t);
    }

    if (rc == NGX_OK) {
        rc = oauthcc_document_response_token(pool, root, t);
    }

    json_decref(root);

    if (rc == NGX_DECLINED
        && oauthcc_token_response_parse(pool, NGX_HTTP_BAD_REQUEST, body, len,
                                        &none, default_life, &said)
           == NGX_DECLINED)
    {
        /* it may do so with any status */

        t->error = said.error;
        t->error_description = said.error_description;
    }

    return rc;
}


static ngx_int_t
oauthcc_document_response_load(oauthcc_document_request_t *login_json,
    u_char *body, size_t len, json_t **root, oauthcc_token_response_t *t)
{
    json_t       *data;
    json_error_t  error;

    if (login_json->text) {

        *root = json_pack("{ss%}", "data", len ? (char *) body : "", len);

        if (*root == NULL) {
            t->reason = "body is not UTF-8";
            return NGX_DECLINED;
        }

        return NGX_OK;
    }

    if (len >= 3 && ngx_memcmp(body, "\xef\xbb\xbf", 3) == 0) {
        body += 3;
        len -= 3;
    }

    *root = json_loadb((char *) body, len,
                       JSON_REJECT_DUPLICATES|JSON_DECODE_ANY, &error);

    if (*root == NULL
        && json_error_code(&error) == json_error_numeric_overflow)
    {
        /* it may be one that nobody asks for */

        *root = json_loadb((char *) body, len,
                           JSON_REJECT_DUPLICATES|JSON_DECODE_ANY
                           |JSON_DECODE_INT_AS_REAL, &error);
    }

    if (*root == NULL) {

        if (json_error_code(&error) == json_error_out_of_memory) {
            return NGX_ERROR;
        }

        t->reason = "body is not JSON";
        return NGX_DECLINED;
    }

    if (json_is_object(*root) || json_is_array(*root)) {
        return NGX_OK;
    }

    data = *root;

    *root = json_pack("{so}", "data", data);

    return *root ? NGX_OK : NGX_ERROR;
}


static ngx_int_t
oauthcc_document_response_items(oauthcc_document_request_t *login_json,
    ngx_pool_t *pool, json_t *root, oauthcc_token_response_t *t)
{
    u_char                   *lowcase;
    ngx_int_t                 rc;
    ngx_str_t                 value;
    ngx_uint_t                i, last;
    ngx_table_elt_t          *header;
    oauthcc_fields_t         *items;
    oauthcc_document_item_t  *item;

    items = ngx_pcalloc(pool, sizeof(oauthcc_fields_t));
    if (items == NULL
        || oauthcc_document_api_absent(login_json, pool, items)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    t->items = items;

    item = login_json->api_headers.elts;
    last = items->nheaders;

    for (i = 0; i < login_json->api_headers.nelts; i++) {

        rc = oauthcc_document_response_item(pool, &item[i], root, &value,
                                              t);
        if (rc != NGX_OK) {
            return rc;
        }

        lowcase = ngx_pnalloc(pool, item[i].name.len);
        if (lowcase == NULL) {
            return NGX_ERROR;
        }

        /* those without a value come last */

        header = value.len ? &items->headers[items->added++]
                           : &items->headers[--last];

        oauthcc_header_syntax_make(header, &item[i].name, lowcase, &value);
    }

    item = login_json->api_query.elts;

    for (i = 0; i < login_json->api_query.nelts; i++) {

        rc = oauthcc_document_response_item(pool, &item[i], root, &value,
                                              t);
        if (rc != NGX_OK) {
            return rc;
        }

        if (value.len
            && oauthcc_form_argument(pool, &item[i].name, &value,
                                     &items->arguments[i])
               != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
oauthcc_document_response_item(ngx_pool_t *pool, oauthcc_document_item_t *item,
    json_t *root, ngx_str_t *value, oauthcc_token_response_t *t)
{
    ngx_int_t                   rc;
    ngx_str_t                   text;
    oauthcc_php_scalar_t        scalar;
    oauthcc_expression_fault_t  fault;

    rc = oauthcc_expression_evaluate(pool, item->value, root, &scalar, &fault);
    if (rc == NGX_DECLINED) {
        t->reason = fault.reason;
        t->where = *fault.where;
        return NGX_DECLINED;
    }

    if (rc != NGX_OK
        || oauthcc_php_scalar_string(pool, &scalar, &text) != NGX_OK)
    {
        return NGX_ERROR;
    }

    t->where = item->value->where;

    if (!oauthcc_header_syntax_value(&text)) {
        t->reason = "the value has control characters, or spaces at its ends";
        return NGX_DECLINED;
    }

    if (text.len == 0
        && item->value->type != OAUTHCC_EXPRESSION_CONSTANT
        && !(item->value->type == OAUTHCC_EXPRESSION_BARE
             && item->value->constant.string.len == 0))
    {
        t->reason = "the value is empty";
        return NGX_DECLINED;
    }

    /* the response goes before it does */

    return oauthcc_document_response_copy(pool, &text, value);
}


static ngx_int_t
oauthcc_document_response_life(oauthcc_document_request_t *login_json,
    ngx_pool_t *pool, json_t *root, oauthcc_token_response_t *t)
{
    json_t                     *value;
    ngx_int_t                   rc;
    ngx_msec_t                  life;
    oauthcc_php_scalar_t        scalar;
    oauthcc_expression_fault_t  fault;

    switch (login_json->expires) {

    case OAUTHCC_DOCUMENT_EACH:
        return NGX_OK;

    case OAUTHCC_DOCUMENT_FIXED:
        t->life = login_json->life;
        return NGX_OK;

    case OAUTHCC_DOCUMENT_USUAL:
        value = json_object_get(root, "expires_in");

        if (value == NULL || json_is_null(value)) {
            return NGX_OK;
        }

        life = 0;

        if (oauthcc_expression_scalar(value, &scalar) == NGX_OK) {
            life = oauthcc_document_response_relative(&scalar);
        }

        if (life) {
            t->life = life;

        } else {
            t->bad_expires = 1;
        }

        return NGX_OK;

    default: /* OAUTHCC_DOCUMENT_POINT, _RELATIVE */
        break;
    }

    if (!oauthcc_expression_present(login_json->point, root)) {
        return NGX_OK;
    }

    rc = oauthcc_expression_evaluate(pool, login_json->point, root,
                                     &scalar, &fault);
    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    life = 0;

    if (rc == NGX_OK) {
        life = (login_json->expires == OAUTHCC_DOCUMENT_RELATIVE)
               ? oauthcc_document_response_relative(&scalar)
               : oauthcc_document_response_point(&scalar);
    }

    if (life == 0) {
        t->reason = "the end in the response is past or cannot be read";
        t->where = login_json->where;
        return NGX_DECLINED;
    }

    t->life = life;

    return NGX_OK;
}


/* Seconds from now in milliseconds; 0 if they are none. */

static ngx_msec_t
oauthcc_document_response_relative(oauthcc_php_scalar_t *value)
{
    double  seconds;

    switch (value->type) {

    case OAUTHCC_PHP_SCALAR_STRING:
        return oauthcc_token_response_seconds(value->string.data,
                                              value->string.len);

    case OAUTHCC_PHP_SCALAR_INTEGER:
        seconds = (double) value->integer;
        break;

    case OAUTHCC_PHP_SCALAR_REAL:
        seconds = value->real;
        break;

    default:
        return 0;
    }

    if (!(seconds > 0)) {
        return 0;
    }

    return (seconds >= OAUTHCC_TOKEN_RESPONSE_MAX_LIFE / 1000)
           ? OAUTHCC_TOKEN_RESPONSE_MAX_LIFE
           : (ngx_msec_t) (seconds * 1000);
}


/* A timestamp or a date, as milliseconds from now; 0 if it is past. */

static ngx_msec_t
oauthcc_document_response_point(oauthcc_php_scalar_t *value)
{
    size_t                i;
    int64_t               sec;
    ngx_time_t           *tp;
    oauthcc_php_scalar_t  left;

    tp = ngx_timeofday();

    switch (value->type) {

    case OAUTHCC_PHP_SCALAR_STRING:

        for (i = 0; i < value->string.len; i++) {

            if ((value->string.data[i] < '0' || value->string.data[i] > '9')
                && value->string.data[i] != '.')
            {
                break;
            }
        }

        if (i == value->string.len) {
            left.real = oauthcc_php_scalar_real(value);

        } else if (oauthcc_php_strtotime(&value->string, tp->sec, &sec)
                   == NGX_OK)
        {
            left.real = (double) sec;

        } else {
            return 0;
        }

        break;

    case OAUTHCC_PHP_SCALAR_INTEGER:
        left.real = (double) value->integer;
        break;

    case OAUTHCC_PHP_SCALAR_REAL:
        left.real = value->real;
        break;

    default:
        return 0;
    }

    left.type = OAUTHCC_PHP_SCALAR_REAL;
    left.real -= (double) tp->sec + tp->msec / 1000.0;

    return oauthcc_document_response_relative(&left);
}


/* For the variable alone: what is put on requests are the items. */

static ngx_int_t
oauthcc_document_response_token(ngx_pool_t *pool, json_t *root,
    oauthcc_token_response_t *t)
{
    json_t    *value;
    ngx_str_t  token;

    value = json_object_get(root, "access_token");

    if (!json_is_string(value)) {
        return NGX_OK;
    }

    token.data = (u_char *) json_string_value(value);
    token.len = json_string_length(value);

    if (!oauthcc_header_syntax_value(&token)) {
        return NGX_OK;
    }

    return oauthcc_document_response_copy(pool, &token, &t->access_token);
}


/* Never of no bytes: who asks for memory for them may get none. */

static ngx_int_t
oauthcc_document_response_copy(ngx_pool_t *pool, ngx_str_t *from,
    ngx_str_t *to)
{
    to->data = ngx_pnalloc(pool, from->len + 1);
    if (to->data == NULL) {
        return NGX_ERROR;
    }

    to->len = from->len;
    ngx_memcpy(to->data, from->data, from->len);

    return NGX_OK;
}
