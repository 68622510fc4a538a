
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <jansson.h>
#include "oauth/oauthcc_token_response.h"
#include "core/oauthcc_text.h"
#include "core/oauthcc_json_tree.h"
#include "core/oauthcc_redact.h"


#define OAUTHCC_TOKEN_RESPONSE_ERROR_LEN        64
#define OAUTHCC_TOKEN_RESPONSE_DESCRIPTION_LEN  256


static ngx_int_t oauthcc_token_response_load(u_char *body, size_t len,
    json_t **root, oauthcc_token_response_t *t);
static ngx_int_t oauthcc_token_response_error(ngx_pool_t *pool, json_t *root,
    oauthcc_token_response_t *t);
static ngx_int_t oauthcc_token_response_text(ngx_pool_t *pool, json_t *value,
    size_t max, ngx_str_t *text);
static void oauthcc_token_response_hush(json_t *root, ngx_str_t *text);
static ngx_int_t oauthcc_token_response_read(ngx_pool_t *pool, json_t *root,
    ngx_str_t *token_type, oauthcc_token_response_t *t);
static ngx_uint_t oauthcc_token_response_bearer(json_t *value,
    ngx_str_t *token_type);
static ngx_msec_t oauthcc_token_response_life(json_t *value);


ngx_int_t
oauthcc_token_response_parse(ngx_pool_t *pool, ngx_uint_t status, u_char *body,
    size_t len, ngx_str_t *token_type, ngx_msec_t default_life,
    oauthcc_token_response_t *t)
{
    json_t     *root;
    ngx_int_t   rc;
    ngx_uint_t  success;

    ngx_memzero(t, sizeof(oauthcc_token_response_t));

    t->life = default_life;

    success = (status >= 200 && status < 300);

    rc = oauthcc_token_response_load(body, len, &root, t);

    if (rc == NGX_OK) {
        rc = oauthcc_token_response_error(pool, root, t);

        if (rc == NGX_OK && success) {
            rc = oauthcc_token_response_read(pool, root, token_type, t);
        }

        json_decref(root);
    }

    if (rc != NGX_ERROR && !success) {
        t->reason = "status is not 2xx";
        return NGX_DECLINED;
    }

    return rc;
}


static ngx_int_t
oauthcc_token_response_load(u_char *body, size_t len, json_t **root,
    oauthcc_token_response_t *t)
{
    size_t        flags;
    json_error_t  error;

    /* a byte order mark is no part of the text, RFC 8259 section 8.1 */

    if (len >= 3 && ngx_memcmp(body, "\xef\xbb\xbf", 3) == 0) {
        body += 3;
        len -= 3;
    }

    if (len == 0) {
        t->reason = "body is empty";
        return NGX_DECLINED;
    }

    /* integers as reals: one of more than 64 bits is no error then */

    flags = JSON_REJECT_DUPLICATES|JSON_DECODE_ANY|JSON_DECODE_INT_AS_REAL;

    *root = json_loadb((char *) body, len, flags, &error);

    if (*root == NULL) {
        t->reason = oauthcc_json_tree_reason(&error);

        return t->reason ? NGX_DECLINED : NGX_ERROR;
    }

    if (!json_is_object(*root)) {
        json_decref(*root);
        t->reason = "body is not a JSON object";
        return NGX_DECLINED;
    }

    return NGX_OK;
}


static ngx_int_t
oauthcc_token_response_error(ngx_pool_t *pool, json_t *root,
    oauthcc_token_response_t *t)
{
    json_t  *error, *description;

    error = json_object_get(root, "error");
    description = json_object_get(root, "error_description");

    if (oauthcc_token_response_text(pool, error,
                                    OAUTHCC_TOKEN_RESPONSE_ERROR_LEN,
                                    &t->error)
           != NGX_OK
        || oauthcc_token_response_text(pool, description,
                                       OAUTHCC_TOKEN_RESPONSE_DESCRIPTION_LEN,
                                       &t->error_description)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    oauthcc_token_response_hush(root, &t->error);
    oauthcc_token_response_hush(root, &t->error_description);

    if (error == NULL || json_is_null(error)) {
        return NGX_OK;
    }

    t->reason = "it holds an error";

    return NGX_DECLINED;
}


/* A text for logs: as much of it as fits, an escape wholly or not at all. */

static ngx_int_t
oauthcc_token_response_text(ngx_pool_t *pool, json_t *value, size_t max,
    ngx_str_t *text)
{
    u_char  *p, *last, *s, *end;

    if (!json_is_string(value)) {
        return NGX_OK;
    }

    p = ngx_pnalloc(pool, max);
    if (p == NULL) {
        return NGX_ERROR;
    }

    text->data = p;
    last = p + max;

    s = (u_char *) json_string_value(value);
    end = s + json_string_length(value);

    for ( /* void */ ; s < end; s++) {

        if (*s >= 0x20 && *s < 0x7f && *s != '"' && *s != '\\') {

            if (p == last) {
                break;
            }

            *p++ = *s;
            continue;
        }

        if (last - p < (ssize_t) sizeof("\\xXX") - 1) {
            break;
        }

        p = ngx_sprintf(p, "\\x%02Xd", (ngx_int_t) *s);
    }

    text->len = p - text->data;

    return NGX_OK;
}


/* An error beside a token makes it none that may be shown. */

static void
oauthcc_token_response_hush(json_t *root, ngx_str_t *text)
{
    json_t     *value;
    ngx_str_t   token;
    ngx_uint_t  i;

    static const char  *names[] = {
        "access_token", "refresh_token", "id_token"
    };

    for (i = 0; text->len && i < sizeof(names) / sizeof(names[0]); i++) {

        value = json_object_get(root, names[i]);

        if (!json_is_string(value)) {
            continue;
        }

        token.data = (u_char *) json_string_value(value);
        token.len = json_string_length(value);

        if (oauthcc_redact_repeats(text, &token)) {
            oauthcc_redact_replace(text);
            return;
        }
    }
}


static ngx_int_t
oauthcc_token_response_read(ngx_pool_t *pool, json_t *root,
    ngx_str_t *token_type, oauthcc_token_response_t *t)
{
    json_t     *value;
    ngx_str_t   token;
    ngx_uint_t  i;
    ngx_msec_t  life;

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
            t->reason = "access_token holds characters that may not stand "
                        "in a header";
            return NGX_DECLINED;
        }
    }

    value = json_object_get(root, "token_type");

    if (!oauthcc_token_response_bearer(value, token_type)) {
        t->reason = "token_type is not bearer";
        return NGX_DECLINED;
    }

    value = json_object_get(root, "expires_in");

    if (value && !json_is_null(value)) {
        life = oauthcc_token_response_life(value);

        if (life) {
            t->life = life;

        } else {
            t->bad_expires = 1;
        }
    }

    t->access_token.data = ngx_pnalloc(pool, token.len);
    if (t->access_token.data == NULL) {
        return NGX_ERROR;
    }

    t->access_token.len = token.len;
    ngx_memcpy(t->access_token.data, token.data, token.len);

    return NGX_OK;
}


static ngx_uint_t
oauthcc_token_response_bearer(json_t *value, ngx_str_t *token_type)
{
    ngx_str_t  type;

    if (value == NULL || json_is_null(value)) {
        return 1;
    }

    if (!json_is_string(value)) {
        return 0;
    }

    type.len = json_string_length(value);
    type.data = (u_char *) json_string_value(value);

    if (oauthcc_text_iis(&type, "Bearer")) {
        return 1;
    }

    /* a proof goes with each request: as bearer tokens they are of no use */

    if (oauthcc_text_iis(&type, "DPoP")
        || oauthcc_text_iis(&type, "mac"))
    {
        return 0;
    }

    return type.len && oauthcc_text_ieq(&type, token_type);
}


/* An expires_in in milliseconds, 0 if it says nothing. */

static ngx_msec_t
oauthcc_token_response_life(json_t *value)
{
    double  sec;

    if (json_is_string(value)) {
        return oauthcc_token_response_seconds(
                                          (u_char *) json_string_value(value),
                                              json_string_length(value));
    }

    if (!json_is_number(value)) {
        return 0;
    }

    sec = json_number_value(value);

    if (!(sec > 0)) {
        return 0;
    }

    if (sec >= OAUTHCC_TOKEN_RESPONSE_MAX_LIFE / 1000) {
        return OAUTHCC_TOKEN_RESPONSE_MAX_LIFE;
    }

    return (ngx_msec_t) (sec * 1000);
}


/* Digits, may be with a fraction, may be with spaces around. */

ngx_msec_t
oauthcc_token_response_seconds(u_char *p, size_t len)
{
    u_char     *last, *start;
    ngx_msec_t  sec, msec, unit;

    last = p + len;

    while (p < last && *p == ' ') {
        p++;
    }

    while (p < last && *(last - 1) == ' ') {
        last--;
    }

    sec = 0;
    msec = 0;

    for (start = p; p < last && *p >= '0' && *p <= '9'; p++) {

        if (sec < OAUTHCC_TOKEN_RESPONSE_MAX_LIFE / 1000) {
            sec = sec * 10 + (*p - '0');
        }
    }

    if (p == start) {
        return 0;
    }

    if (p < last && *p == '.') {
        p++;
        unit = 100;

        for (start = p; p < last && *p >= '0' && *p <= '9'; p++) {
            msec += (*p - '0') * unit;
            unit /= 10;
        }

        if (p == start) {
            return 0;
        }
    }

    if (p < last) {
        return 0;
    }

    if (sec >= OAUTHCC_TOKEN_RESPONSE_MAX_LIFE / 1000) {
        return OAUTHCC_TOKEN_RESPONSE_MAX_LIFE;
    }

    return sec * 1000 + msec;
}
