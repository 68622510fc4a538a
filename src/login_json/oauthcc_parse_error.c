
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "login_json/oauthcc_parse_error.h"
#include "core/oauthcc_redact_url.h"


ngx_int_t
oauthcc_parse_error_member(ngx_pool_t *pool, ngx_str_t *parent,
    const char *member, ngx_str_t *path)
{
    u_char  *p;
    size_t   len;

    len = ngx_strlen(member);

    p = ngx_pnalloc(pool, parent->len + sizeof(".") - 1 + len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    path->data = p;

    if (parent->len) {
        p = ngx_cpymem(p, parent->data, parent->len);
        *p++ = '.';
    }

    /* the name is shown in logs */

    for ( /* void */ ; *member; member++) {
        *p++ = ((u_char) *member < ' ' || *member == 0x7f) ? '?' : *member;
    }

    path->len = p - path->data;

    return NGX_OK;
}


ngx_int_t
oauthcc_parse_error_index(ngx_pool_t *pool, ngx_str_t *parent, ngx_uint_t i,
    ngx_str_t *path)
{
    u_char  number[NGX_INT_T_LEN + 1];

    *ngx_sprintf(number, "%ui", i) = '\0';

    return oauthcc_parse_error_member(pool, parent, (char *) number, path);
}


ngx_int_t
oauthcc_parse_error_refuse(oauthcc_expression_parse_t *reader,
    ngx_str_t *where, const char *fmt, ...)
{
    u_char  *p, *last;
    va_list  args;

    p = ngx_pnalloc(reader->pool, NGX_MAX_CONF_ERRSTR);
    if (p == NULL) {
        return NGX_ERROR;
    }

    reader->err->data = p;
    last = p + NGX_MAX_CONF_ERRSTR;

    if (where->len) {
        p = ngx_slprintf(p, last, "%V: ",
                         oauthcc_redact_url_text(reader->pool, where));
    }

    va_start(args, fmt);
    p = ngx_vslprintf(p, last, fmt, args);
    va_end(args);

    reader->err->len = p - reader->err->data;

    return NGX_DECLINED;
}
