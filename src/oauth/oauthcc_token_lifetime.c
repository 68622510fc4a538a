
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "oauth/oauthcc_token_lifetime.h"
#include "core/oauthcc_json_tree.h"


/* in seconds: a time stamp is not farther from now than this */
#define OAUTHCC_TOKEN_LIFETIME_FAR  (10 * 366 * 24 * 3600.0)

/* of a text that is a number */
#define OAUTHCC_TOKEN_LIFETIME_TEXT  64


static ngx_int_t oauthcc_token_lifetime_number(json_t *value, double *number);
static ngx_int_t oauthcc_token_lifetime_claim(json_t *payload, char *name,
    double *seconds);
static ngx_int_t oauthcc_token_lifetime_payload(ngx_pool_t *pool,
    ngx_str_t *token, json_t **root);


ngx_int_t
oauthcc_token_lifetime_expires(json_t *value, time_t date, ngx_msec_t *life)
{
    double     seconds, left;
    ngx_int_t  rc;

    rc = oauthcc_token_lifetime_number(value, &seconds);
    if (rc != NGX_OK) {
        return rc;
    }

    if (oauthcc_token_lifetime_stamp(seconds, date, &left)) {
        seconds = left;
    }

    *life = oauthcc_token_lifetime_seconds(seconds);

    return NGX_OK;
}


ngx_int_t
oauthcc_token_lifetime_jwt(ngx_pool_t *pool, ngx_str_t *token, time_t date,
    ngx_msec_t *life)
{
    double      end, start;
    json_t     *payload;
    ngx_int_t   rc;

    rc = oauthcc_token_lifetime_payload(pool, token, &payload);
    if (rc != NGX_OK) {
        return rc;
    }

    start = (double) date;

    rc = oauthcc_token_lifetime_claim(payload, "exp", &end);

    if (rc == NGX_OK && date == 0) {
        rc = oauthcc_token_lifetime_claim(payload, "iat", &start);

        if (rc == NGX_DECLINED) {

            /* a clock that may be another one is better than none */

            start = (double) ngx_time();
            rc = NGX_OK;
        }
    }

    oauthcc_json_tree_free(payload);

    if (rc != NGX_OK) {
        return rc;
    }

    *life = oauthcc_token_lifetime_seconds(end - start);

    return NGX_OK;
}


/* Of a NumericDate (RFC 7519 section 2); some issuers write milliseconds. */

static ngx_int_t
oauthcc_token_lifetime_claim(json_t *payload, char *name, double *seconds)
{
    ngx_int_t  rc;

    rc = oauthcc_token_lifetime_number(json_object_get(payload, name),
                                       seconds);

    if (rc == NGX_OK && *seconds >= 1e12 && *seconds < 1e13) {
        *seconds /= 1000;
    }

    return rc;
}


ngx_msec_t
oauthcc_token_lifetime_seconds(double seconds)
{
    if (!(seconds > 0)) {
        return 0;
    }

    return (seconds >= OAUTHCC_TOKEN_LIFETIME_MAX / 1000)
           ? OAUTHCC_TOKEN_LIFETIME_MAX : (ngx_msec_t) (seconds * 1000);
}


ngx_uint_t
oauthcc_token_lifetime_stamp(double number, time_t date, double *left)
{
    double  now;

    if (number >= 1e12 && number < 1e13) {
        number /= 1000;

    } else if (!(number >= 1e9 && number < 1e10)) {
        return 0;
    }

    now = (double) (date ? date : ngx_time());

    *left = number - now;

    return *left > -OAUTHCC_TOKEN_LIFETIME_FAR
           && *left < OAUTHCC_TOKEN_LIFETIME_FAR;
}


/* A number, or a text that is one: digits, a sign, a fraction, spaces. */

static ngx_int_t
oauthcc_token_lifetime_number(json_t *value, double *number)
{
    char         text[OAUTHCC_TOKEN_LIFETIME_TEXT + 3];
    size_t       digits;
    u_char      *p, *start, *last;
    json_t      *root;
    ngx_int_t    rc;
    ngx_uint_t   minus;

    if (json_is_number(value)) {
        *number = json_number_value(value);
        return NGX_OK;
    }

    if (!json_is_string(value)) {
        return NGX_DECLINED;
    }

    p = (u_char *) json_string_value(value);
    last = p + json_string_length(value);

    while (p < last && *p == ' ') {
        p++;
    }

    while (p < last && *(last - 1) == ' ') {
        last--;
    }

    minus = (p < last && *p == '-');
    p += minus;

    /* JSON has no zero in front of a number */

    while (last - p > 1 && p[0] == '0' && p[1] >= '0' && p[1] <= '9') {
        p++;
    }

    digits = 0;

    for (start = p; p < last && *p >= '0' && *p <= '9'; p++) {
        digits++;
    }

    if (digits == 0) {
        return NGX_DECLINED;
    }

    if (p < last && *p == '.') {

        for (p++; p < last && *p >= '0' && *p <= '9'; p++) { /* void */ }

        if (p[-1] == '.') {
            return NGX_DECLINED;
        }
    }

    if (p < last) {
        return NGX_DECLINED;
    }

    /* so many digits mean for ever, and more of a fraction nothing */

    if (digits > OAUTHCC_TOKEN_LIFETIME_TEXT) {
        *number = minus ? -1 : 1e300;
        return NGX_OK;
    }

    p = ngx_cpymem(text, "[", 1);
    p = ngx_cpymem(p, start, ngx_min(last - start,
                                     OAUTHCC_TOKEN_LIFETIME_TEXT));

    if (p[-1] == '.') {
        p--;
    }

    *p++ = ']';

    rc = oauthcc_json_tree_load(&root, (u_char *) text, p - (u_char *) text,
                                JSON_DECODE_INT_AS_REAL, NULL);

    *number = json_number_value(json_array_get(root, 0));

    if (minus) {
        *number = -*number;
    }

    json_decref(root);

    return rc;
}


/* Decodes the payload of a JWT.  NGX_DECLINED: it is none. */

static ngx_int_t
oauthcc_token_lifetime_payload(ngx_pool_t *pool, ngx_str_t *token,
    json_t **root)
{
    u_char     *p, *last;
    ngx_int_t   rc;
    ngx_str_t   part, text;

    if (token->len == 0) {
        return NGX_DECLINED;
    }

    last = token->data + token->len;

    part.data = ngx_strlchr(token->data, last, '.');
    if (part.data == NULL) {
        return NGX_DECLINED;
    }

    part.data++;

    p = ngx_strlchr(part.data, last, '.');
    if (p == NULL || ngx_strlchr(p + 1, last, '.')) {
        return NGX_DECLINED;
    }

    part.len = p - part.data;

    text.data = ngx_pnalloc(pool, ngx_base64_decoded_length(part.len) + 1);
    if (text.data == NULL) {
        return NGX_ERROR;
    }

    if (ngx_decode_base64url(&text, &part) != NGX_OK) {
        return NGX_DECLINED;
    }

    rc = oauthcc_json_tree_load(root, text.data, text.len,
                                JSON_REJECT_DUPLICATES|JSON_DECODE_INT_AS_REAL,
                                NULL);

    ngx_explicit_memzero(text.data, text.len);

    if (rc == NGX_OK && !json_is_object(*root)) {
        oauthcc_json_tree_free(*root);
        rc = NGX_DECLINED;
    }

    return rc;
}
