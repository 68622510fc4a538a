
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "oauth/oauthcc_token_scope.h"
#include "core/oauthcc_text.h"


static ngx_uint_t oauthcc_token_scope_next(u_char **pos, u_char *last,
    char *between, ngx_str_t *item);
static ngx_uint_t oauthcc_token_scope_granted(ngx_str_t *granted,
    char *between, ngx_str_t *asked);
static ngx_uint_t oauthcc_token_scope_default(ngx_str_t *item);


ngx_int_t
oauthcc_token_scope_missing(ngx_pool_t *pool, ngx_str_t *asked,
    ngx_str_t *granted, ngx_str_t *missing)
{
    u_char     *p, *dst;
    ngx_str_t   item;

    ngx_str_null(missing);

    if (asked->len == 0) {
        return NGX_OK;
    }

    dst = ngx_pnalloc(pool, asked->len + 1);
    if (dst == NULL) {
        return NGX_ERROR;
    }

    missing->data = dst;
    p = asked->data;

    while (oauthcc_token_scope_next(&p, asked->data + asked->len, " ", &item))
    {
        /* some servers answer with commas, which may be within a scope too */

        if (oauthcc_token_scope_default(&item)
            || oauthcc_token_scope_granted(granted, " ", &item)
            || oauthcc_token_scope_granted(granted, ", ", &item))
        {
            continue;
        }

        if (dst > missing->data) {
            *dst++ = ' ';
        }

        dst = ngx_cpymem(dst, item.data, item.len);
    }

    missing->len = dst - missing->data;

    return NGX_OK;
}


/* The next of what is separated by any of these characters; 0: none. */

static ngx_uint_t
oauthcc_token_scope_next(u_char **pos, u_char *last, char *between,
    ngx_str_t *item)
{
    u_char  *p;

    p = *pos;

    while (p < last && ngx_strchr(between, *p)) {
        p++;
    }

    item->data = p;

    while (p < last && !ngx_strchr(between, *p)) {
        p++;
    }

    item->len = p - item->data;
    *pos = p;

    return item->len != 0;
}


static ngx_uint_t
oauthcc_token_scope_granted(ngx_str_t *granted, char *between,
    ngx_str_t *asked)
{
    u_char     *p;
    ngx_str_t   item;

    if (granted->len == 0) {
        return 0;
    }

    p = granted->data;

    while (oauthcc_token_scope_next(&p, granted->data + granted->len, between,
                                    &item))
    {
        if (oauthcc_text_eq(&item, asked)) {
            return 1;
        }
    }

    return 0;
}


/* Of Microsoft's: whatever the client may have, under other names. */

static ngx_uint_t
oauthcc_token_scope_default(ngx_str_t *item)
{
    return item->len >= sizeof(".default") - 1
           && ngx_strncmp(item->data + item->len - (sizeof(".default") - 1),
                          ".default", sizeof(".default") - 1)
              == 0;
}
