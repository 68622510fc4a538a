
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <jansson.h>
#include "oauth/oauthcc_token_response.h"
#include "core/oauthcc_text.h"
#include "core/oauthcc_json_tree.h"


static ngx_int_t oauthcc_token_response_load(u_char *body, size_t len,
    json_t **root, oauthcc_token_response_t *t);
static ngx_int_t oauthcc_token_response_object(ngx_pool_t *pool,
    ngx_uint_t success, json_t *root, time_t date, ngx_str_t *token_type,
    ngx_uint_t dpop, oauthcc_token_response_t *t);
static ngx_int_t oauthcc_token_response_scope(ngx_pool_t *pool, json_t *value,
    ngx_str_t *scope);
static ngx_int_t oauthcc_token_response_read(ngx_pool_t *pool, json_t *root,
    time_t date, ngx_str_t *token_type, ngx_uint_t dpop,
    oauthcc_token_response_t *t);
static char *oauthcc_token_response_type(json_t *value, ngx_str_t *token_type,
    ngx_uint_t dpop);


ngx_int_t
oauthcc_token_response_parse(ngx_pool_t *pool, ngx_uint_t status, u_char *body,
    size_t len, time_t date, ngx_str_t *token_type, ngx_uint_t dpop,
    ngx_msec_t default_life, oauthcc_token_response_t *t)
{
    json_t     *root;
    ngx_int_t   rc;
    ngx_uint_t  success;

    ngx_memzero(t, sizeof(oauthcc_token_response_t));

    t->life = default_life;

    success = (status >= 200 && status < 300);

    if (!success) {
        t->reason = "status is not 2xx";
    }

    rc = oauthcc_token_response_load(body, len, &root, t);

    if (rc == NGX_OK) {
        rc = oauthcc_token_response_object(pool, success, root, date,
                                           token_type, dpop, t);
    }

    if (rc == NGX_DECLINED
        && t->said.error.len == 0
        && oauthcc_token_error_rest(pool, root, success, body, len, &t->said)
           != NGX_OK)
    {
        rc = NGX_ERROR;
    }

    if (root) {
        json_decref(root);
    }

    return rc;
}


ngx_int_t
oauthcc_token_response_said(ngx_pool_t *pool, ngx_uint_t success, u_char *body,
    size_t len, oauthcc_token_error_t *said)
{
    json_t                    *root;
    ngx_int_t                  rc;
    oauthcc_token_response_t   t;

    ngx_memzero(&t, sizeof(oauthcc_token_response_t));

    rc = oauthcc_token_response_load(body, len, &root, &t);

    if (rc == NGX_OK) {
        rc = oauthcc_token_error_read(pool, root, said);
    }

    if (rc != NGX_ERROR && said->error.len == 0) {
        rc = oauthcc_token_error_rest(pool, root, success, body, len, said);
    }

    if (root) {
        json_decref(root);
    }

    return rc == NGX_ERROR ? NGX_ERROR : NGX_OK;
}


static ngx_int_t
oauthcc_token_response_object(ngx_pool_t *pool, ngx_uint_t success,
    json_t *root, time_t date, ngx_str_t *token_type, ngx_uint_t dpop,
    oauthcc_token_response_t *t)
{
    ngx_int_t  rc;

    rc = oauthcc_token_error_read(pool, root, &t->said);

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (!success) {
        return NGX_DECLINED;
    }

    if (rc == NGX_DECLINED) {
        t->reason = "it holds an error";
        return NGX_DECLINED;
    }

    return oauthcc_token_response_read(pool, root, date, token_type, dpop, t);
}


static ngx_int_t
oauthcc_token_response_load(u_char *body, size_t len, json_t **root,
    oauthcc_token_response_t *t)
{
    char         *reason;
    ngx_int_t     rc;
    json_error_t  error;

    /* a byte order mark is no part of the text, RFC 8259 section 8.1 */

    if (len >= 3 && ngx_memcmp(body, "\xef\xbb\xbf", 3) == 0) {
        body += 3;
        len -= 3;
    }

    *root = NULL;

    if (len == 0) {
        reason = "body is empty";
        goto declined;
    }

    rc = oauthcc_json_tree_load_wide(root, body, len,
                                     JSON_REJECT_DUPLICATES|JSON_DECODE_ANY,
                                     &error);

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (rc == NGX_DECLINED) {
        reason = oauthcc_json_tree_reason(&error);

    } else if (!json_is_object(*root)) {
        json_decref(*root);
        *root = NULL;
        reason = "body is not a JSON object";

    } else {
        return NGX_OK;
    }

declined:

    /* of a response that is no success that is reason enough */

    if (t->reason == NULL) {
        t->reason = reason;
    }

    return NGX_DECLINED;
}


static ngx_int_t
oauthcc_token_response_read(ngx_pool_t *pool, json_t *root,
    time_t date, ngx_str_t *token_type, ngx_uint_t dpop,
    oauthcc_token_response_t *t)
{
    json_t     *value;
    ngx_str_t   token;
    ngx_uint_t  i;

    value = json_object_get(root, "access_token");

    if (!json_is_string(value) || json_string_length(value) == 0) {
        t->reason = "no access_token";
        return NGX_DECLINED;
    }

    token.len = json_string_length(value);
    token.data = (u_char *) json_string_value(value);

    /* RFC 6749 appendix A.12, without the space: it would end the token */

    for (i = 0; i < token.len; i++) {

        if (token.data[i] <= 0x20 || token.data[i] >= 0x7f) {
            t->reason = "access_token holds characters that are not "
                        "allowed in a header";
            return NGX_DECLINED;
        }
    }

    value = json_object_get(root, "token_type");

    t->reason = oauthcc_token_response_type(value, token_type, dpop);

    if (t->reason) {
        return NGX_DECLINED;
    }

    t->access_token.data = ngx_pnalloc(pool, token.len);
    if (t->access_token.data == NULL
        || oauthcc_token_response_life(pool, root, &token, date, t) != NGX_OK
        || oauthcc_token_response_scope(pool, json_object_get(root, "scope"),
                                        &t->scope)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    t->access_token.len = token.len;
    ngx_memcpy(t->access_token.data, token.data, token.len);

    return NGX_OK;
}


/* NULL, or what is wrong with it. */

static char *
oauthcc_token_response_type(json_t *value, ngx_str_t *token_type,
    ngx_uint_t dpop)
{
    ngx_str_t  type;

    ngx_str_null(&type);

    if (json_is_string(value)) {
        type.len = json_string_length(value);
        type.data = (u_char *) json_string_value(value);
    }

    if (oauthcc_text_iis(&type, "DPoP")) {

        /* a proof goes with each request: as a bearer token it is of no use */

        return dpop ? NULL : "token_type is DPoP: set \"dpop on\"";
    }

    /* RFC 9449 section 5: a token that is not bound is not what was wanted */

    if (dpop) {
        return "token_type is not DPoP, the server has not bound the token";
    }

    if (value == NULL || json_is_null(value)
        || oauthcc_text_iis(&type, "Bearer")
        || (type.len && !oauthcc_text_iis(&type, "mac")
            && oauthcc_text_ieq(&type, token_type)))
    {
        return NULL;
    }

    return "token_type is not bearer";
}


ngx_int_t
oauthcc_token_response_life(ngx_pool_t *pool, json_t *root, ngx_str_t *token,
    time_t date, oauthcc_token_response_t *t)
{
    json_t     *value;
    ngx_int_t   rc;

    value = json_object_get(root, "expires_in");

    if (value && !json_is_null(value)) {

        rc = oauthcc_token_lifetime_expires(value, date, &t->life);
        if (rc != NGX_DECLINED) {
            return rc;
        }

        t->bad_expires = 1;
    }

    rc = oauthcc_token_lifetime_jwt(pool, token, date, &t->life);

    return (rc == NGX_ERROR) ? NGX_ERROR : NGX_OK;
}


/* A text, or a list of them as some servers have it. */

static ngx_int_t
oauthcc_token_response_scope(ngx_pool_t *pool, json_t *value, ngx_str_t *scope)
{
    u_char  *p;
    size_t   i, len;
    json_t  *item;

    if (json_is_string(value)) {

        len = json_string_length(value);

        p = ngx_pnalloc(pool, len + 1);
        if (p == NULL) {
            return NGX_ERROR;
        }

        scope->data = p;
        scope->len = len;
        ngx_memcpy(p, json_string_value(value), len);

        return NGX_OK;
    }

    if (!json_is_array(value)) {
        return NGX_OK;
    }

    len = 0;

    json_array_foreach(value, i, item) {
        len += json_string_length(item) + 1;
    }

    p = ngx_pnalloc(pool, len + 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    scope->data = p;
    scope->len = len;

    json_array_foreach(value, i, item) {
        p = ngx_cpymem(p, json_string_value(item), json_string_length(item));
        *p++ = ' ';
    }

    return NGX_OK;
}
