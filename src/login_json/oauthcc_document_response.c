
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "login_json/oauthcc_document_response.h"
#include "core/oauthcc_json_tree.h"
#include "http/oauthcc_form.h"
#include "http/oauthcc_header_syntax.h"
#include "login_json/php/oauthcc_php_strtotime.h"


static ngx_int_t oauthcc_document_response_load(
    oauthcc_document_request_t *login_json, u_char *body, size_t len,
    json_t **root, oauthcc_token_response_t *t);
static ngx_int_t oauthcc_document_response_items(
    oauthcc_document_request_t *login_json, ngx_pool_t *pool,
    oauthcc_expression_response_t *response, oauthcc_token_response_t *t);
static ngx_int_t oauthcc_document_response_item(ngx_pool_t *pool,
    oauthcc_document_item_t *item, ngx_uint_t query,
    oauthcc_expression_response_t *response, ngx_str_t *value,
    oauthcc_token_response_t *t);
static ngx_int_t oauthcc_document_response_life(
    oauthcc_document_request_t *login_json, ngx_pool_t *pool,
    oauthcc_expression_response_t *response, time_t date,
    oauthcc_token_response_t *t);
static ngx_uint_t oauthcc_document_response_left(
    oauthcc_document_request_t *login_json, oauthcc_php_scalar_t *value,
    time_t date, double *seconds);
static ngx_uint_t oauthcc_document_response_point(
    oauthcc_document_request_t *login_json, oauthcc_php_scalar_t *value,
    double *point);
static ngx_uint_t oauthcc_document_response_stamp(ngx_str_t *text);
static ngx_int_t oauthcc_document_response_token(ngx_pool_t *pool,
    json_t *root, oauthcc_token_response_t *t);
static ngx_int_t oauthcc_document_response_copy(ngx_pool_t *pool,
    ngx_str_t *from, ngx_str_t *to);


ngx_int_t
oauthcc_document_response_read(oauthcc_document_request_t *login_json,
    ngx_pool_t *pool, ngx_uint_t status, ngx_list_t *headers, u_char *body,
    size_t len, time_t date, ngx_msec_t default_life,
    oauthcc_token_response_t *t)
{
    ngx_int_t                      rc;
    ngx_str_t                      none;
    oauthcc_expression_response_t  response;

    ngx_str_null(&none);

    if (status < 200 || status >= 300) {

        /*
         * error and error_description, if the server sends them (RFC 6749,
         * 5.2)
         */

        return oauthcc_token_response_parse(pool, status, body, len, date,
                                            &none, 0, default_life, t);
    }

    ngx_memzero(t, sizeof(oauthcc_token_response_t));

    t->life = default_life;

    response.headers = headers;

    rc = oauthcc_document_response_load(login_json, body, len, &response.root,
                                        t);

    if (rc != NGX_OK) {
        return rc;
    }

    rc = oauthcc_document_response_items(login_json, pool, &response, t);

    if (rc == NGX_OK) {
        rc = oauthcc_document_response_life(login_json, pool, &response, date,
                                            t);
    }

    if (rc == NGX_OK) {
        rc = oauthcc_document_response_token(pool, response.root, t);
    }

    json_decref(response.root);

    if (rc == NGX_DECLINED
        && oauthcc_token_response_said(pool, 1, body, len, &t->said) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return rc;
}


static ngx_int_t
oauthcc_document_response_load(oauthcc_document_request_t *login_json,
    u_char *body, size_t len, json_t **root, oauthcc_token_response_t *t)
{
    json_t       *data;
    ngx_int_t     rc;
    json_error_t  error;

    if (login_json->text) {

        /* the end of its line is none of the text */

        if (len && body[len - 1] == LF) {
            len--;

            if (len && body[len - 1] == CR) {
                len--;
            }
        }

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

    if (len == 0) {
        t->reason = "body is empty";
        return NGX_DECLINED;
    }

    rc = oauthcc_json_tree_load_wide(root, body, len,
                                     JSON_REJECT_DUPLICATES|JSON_DECODE_ANY,
                                     &error);

    if (rc == NGX_DECLINED) {
        t->reason = oauthcc_json_tree_reason(&error);
    }

    if (rc != NGX_OK) {
        return rc;
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
    ngx_pool_t *pool, oauthcc_expression_response_t *response,
    oauthcc_token_response_t *t)
{
    u_char                   *lowcase;
    ngx_int_t                 rc;
    ngx_str_t                 value;
    ngx_uint_t                i, last;
    ngx_table_elt_t          *header;
    oauthcc_fields_t         *fields;
    oauthcc_document_item_t  *item;

    fields = ngx_pcalloc(pool, sizeof(oauthcc_fields_t));
    if (fields == NULL
        || oauthcc_document_api_absent(login_json, pool, fields)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    t->fields = fields;

    item = login_json->api_headers.elts;
    last = fields->nheaders;

    for (i = 0; i < login_json->api_headers.nelts; i++) {

        rc = oauthcc_document_response_item(pool, &item[i], 0, response,
                                            &value, t);
        if (rc != NGX_OK) {
            return rc;
        }

        lowcase = ngx_pnalloc(pool, item[i].name.len);
        if (lowcase == NULL) {
            return NGX_ERROR;
        }

        /* headers without a value come last */

        header = value.len ? &fields->headers[fields->added++]
                           : &fields->headers[--last];

        oauthcc_header_syntax_make(header, &item[i].name, lowcase, &value);
    }

    item = login_json->api_query.elts;

    for (i = 0; i < login_json->api_query.nelts; i++) {

        rc = oauthcc_document_response_item(pool, &item[i], 1, response,
                                            &value, t);
        if (rc != NGX_OK) {
            return rc;
        }

        if (value.len
            && oauthcc_form_argument(pool, &item[i].name, &value,
                                     &fields->arguments[i])
               != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
oauthcc_document_response_item(ngx_pool_t *pool, oauthcc_document_item_t *item,
    ngx_uint_t query, oauthcc_expression_response_t *response,
    ngx_str_t *value, oauthcc_token_response_t *t)
{
    ngx_int_t                   rc;
    ngx_str_t                   text;
    oauthcc_php_scalar_t        scalar;
    oauthcc_expression_fault_t  fault;

    rc = oauthcc_expression_evaluate(pool, item->value, response, &scalar,
                                     &fault);
    if (rc == NGX_DECLINED) {
        t->reason = fault.reason;
        t->where = *fault.where;
        return NGX_DECLINED;
    }

    if (rc == NGX_OK && query && scalar.type == OAUTHCC_PHP_SCALAR_BOOL) {

        /* as in a form, false is not empty in a query */

        scalar.type = OAUTHCC_PHP_SCALAR_INTEGER;
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

    /* copy it: the response is freed before the credential */

    return oauthcc_document_response_copy(pool, &text, value);
}


static ngx_int_t
oauthcc_document_response_life(oauthcc_document_request_t *login_json,
    ngx_pool_t *pool, oauthcc_expression_response_t *response, time_t date,
    oauthcc_token_response_t *t)
{
    json_t                     *value;
    double                      seconds;
    ngx_int_t                   rc;
    ngx_str_t                   token;
    oauthcc_php_scalar_t        scalar;
    oauthcc_expression_fault_t  fault;

    switch (login_json->expires) {

    case OAUTHCC_DOCUMENT_EACH:
        return NGX_OK;

    case OAUTHCC_DOCUMENT_FIXED:
        t->life = login_json->life;
        return NGX_OK;

    case OAUTHCC_DOCUMENT_USUAL:
        value = json_object_get(response->root, "access_token");

        token.data = (u_char *) json_string_value(value);
        token.len = json_string_length(value);

        return oauthcc_token_response_life(pool, response->root, &token, date,
                                           t);

    default: /* OAUTHCC_DOCUMENT_POINT, _RELATIVE */
        break;
    }

    if (!oauthcc_expression_present(login_json->point, response->root)) {
        return NGX_OK;
    }

    rc = oauthcc_expression_evaluate(pool, login_json->point, response,
                                     &scalar, &fault);
    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (rc != NGX_OK
        || !oauthcc_document_response_left(login_json, &scalar, date,
                                           &seconds))
    {
        t->reason = "the expiry in the response is past or cannot be read";
        t->where = login_json->where;
        return NGX_DECLINED;
    }

    t->life = oauthcc_token_lifetime_seconds(seconds);

    return NGX_OK;
}


/* The life of a credential in seconds; 0 if it is past or cannot be read. */

static ngx_uint_t
oauthcc_document_response_left(oauthcc_document_request_t *login_json,
    oauthcc_php_scalar_t *value, time_t date, double *seconds)
{
    double       point, left;
    ngx_time_t  *tp;

    if (login_json->expires == OAUTHCC_DOCUMENT_RELATIVE) {

        if (!oauthcc_php_scalar_numeric(value)) {
            return 0;
        }

        *seconds = oauthcc_php_scalar_real(value);

        if (login_json->milliseconds) {
            *seconds /= 1000;

        } else if (oauthcc_token_lifetime_stamp(*seconds, date, &left)) {
            *seconds = left;
        }

        return *seconds >= 0;
    }

    if (!oauthcc_document_response_point(login_json, value, &point)) {
        return 0;
    }

    tp = ngx_timeofday();

    *seconds = point - ((double) tp->sec + tp->msec / 1000.0);

    /* a time stamp of the present second has not passed yet */

    if (*seconds <= 0 && point >= (double) tp->sec) {
        *seconds = 0;
        return 1;
    }

    return *seconds > 0;
}


/* Reads a time stamp or a date, in seconds since the epoch. */

static ngx_uint_t
oauthcc_document_response_point(oauthcc_document_request_t *login_json,
    oauthcc_php_scalar_t *value, double *point)
{
    double   left;
    int64_t  sec;

    if (value->type == OAUTHCC_PHP_SCALAR_STRING
        && !oauthcc_document_response_stamp(&value->string))
    {
        if (oauthcc_php_strtotime(&value->string, ngx_time(), &sec)
            != NGX_OK)
        {
            return 0;
        }

        *point = (double) sec;

        return 1;
    }

    *point = oauthcc_php_scalar_real(value);

    if (login_json->milliseconds
        || (*point >= 1e12 && oauthcc_token_lifetime_stamp(*point, 0, &left)))
    {
        *point /= 1000;
    }

    return value->type != OAUTHCC_PHP_SCALAR_BOOL;
}


/*
 * Whether a text is a time stamp: digits with an optional fraction.  8 digits
 * are a date (20261130), 14 digits a date and a time, and 30.11.2026 is a
 * date.
 */

static ngx_uint_t
oauthcc_document_response_stamp(ngx_str_t *text)
{
    size_t      i;
    ngx_uint_t  points;

    points = 0;

    for (i = 0; i < text->len; i++) {

        if (text->data[i] == '.') {
            points++;

        } else if (text->data[i] < '0' || text->data[i] > '9') {
            return 0;
        }
    }

    return points == 1 || (points == 0 && text->len != 8 && text->len != 14);
}


/* Only for the variable; requests are given the fields. */

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


/* Avoids an allocation of 0 bytes, which may return NULL. */

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
