
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_text.h"


ngx_uint_t
oauthcc_text_in(ngx_str_t *list, ngx_str_t *name)
{
    for ( /* void */ ; list->len; list++) {
        if (oauthcc_text_eq(list, name)) {
            return 1;
        }
    }

    return 0;
}


ngx_uint_t
oauthcc_text_iin(ngx_str_t *list, ngx_str_t *name)
{
    for ( /* void */ ; list->len; list++) {
        if (oauthcc_text_ieq(list, name)) {
            return 1;
        }
    }

    return 0;
}


ngx_uint_t
oauthcc_text_control(ngx_str_t *text)
{
    size_t  i;

    for (i = 0; i < text->len; i++) {
        if (text->data[i] < ' ' || text->data[i] == 0x7f) {
            return 1;
        }
    }

    return 0;
}


ngx_int_t
oauthcc_text_escape(ngx_pool_t *pool, ngx_str_t *from, size_t max,
    ngx_str_t *to)
{
    u_char  *p;

    p = ngx_pnalloc(pool, max);
    if (p == NULL) {
        return NGX_ERROR;
    }

    to->len = oauthcc_text_escape_to(p, from, max) - p;
    to->data = p;

    return NGX_OK;
}


u_char *
oauthcc_text_escape_to(u_char *p, ngx_str_t *from, size_t max)
{
    u_char  *last, *s, *end;

    last = p + max;

    end = from->data + from->len;

    for (s = from->data; s < end; s++) {

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

    return p;
}


ngx_int_t
oauthcc_text_error(ngx_pool_t *pool, ngx_str_t *err, ngx_err_t code,
    const char *fmt, ...)
{
    u_char  *p, *last;
    va_list  args;

    p = ngx_pnalloc(pool, NGX_MAX_CONF_ERRSTR);
    if (p == NULL) {
        return NGX_ERROR;
    }

    last = p + NGX_MAX_CONF_ERRSTR;

    va_start(args, fmt);
    err->len = ngx_vslprintf(p, last, fmt, args) - p;
    va_end(args);

    /* assign last: err may be one of the arguments */

    err->data = p;

    if (code) {
        err->len = ngx_log_errno(p + err->len, last, code) - p;
    }

    return NGX_DECLINED;
}


ngx_int_t
oauthcc_text_pair(ngx_array_t *pairs, ngx_pool_t *pool, ngx_str_t *name,
    ngx_str_t *value)
{
    u_char          *p;
    oauthcc_pair_t  *pair;

    p = value->data;

    if (pool) {

        /* avoid an allocation of 0 bytes, which may return NULL */

        p = ngx_pnalloc(pool, value->len + 1);
        if (p == NULL) {
            return NGX_ERROR;
        }
    }

    /* append it only when complete: the list may be wiped later */

    pair = ngx_array_push(pairs);
    if (pair == NULL) {
        return NGX_ERROR;
    }

    pair->name = *name;
    pair->value.len = value->len;
    pair->value.data = p;

    if (pool && value->len) {
        ngx_memcpy(p, value->data, value->len);
    }

    return NGX_OK;
}


ngx_int_t
oauthcc_text_default(ngx_array_t *headers, ngx_pool_t *pool, char *name,
    char *value)
{
    ngx_str_t        key, text;
    ngx_uint_t       i;
    oauthcc_pair_t  *header;

    key.len = ngx_strlen(name);
    key.data = (u_char *) name;

    text.len = ngx_strlen(value);
    text.data = (u_char *) value;

    header = headers->elts;

    for (i = 0; i < headers->nelts; i++) {
        if (oauthcc_text_ieq(&header[i].name, &key)) {
            return NGX_OK;
        }
    }

    return oauthcc_text_pair(headers, pool, &key, &text);
}


ngx_table_elt_t *
oauthcc_text_header(ngx_list_t *headers, const char *name, ngx_uint_t n)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *header;

    for (part = &headers->part; part; part = part->next) {
        header = part->elts;

        for (i = 0; i < part->nelts; i++) {

            /* hash 0: it was removed, or there was no memory for its texts */

            if (header[i].hash
                && oauthcc_text_iis(&header[i].key, name)
                && n-- == 0)
            {
                return &header[i];
            }
        }
    }

    return NULL;
}
