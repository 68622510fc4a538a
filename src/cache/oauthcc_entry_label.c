
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_entry_label.h"


/* of a text; a page shows fewer characters, which may be of four bytes */
#define NGX_HTTP_OAUTHCC_LABEL_MAX  (4 * (NGX_HTTP_OAUTHCC_REPORT_TEXT + 1))


static ngx_int_t ngx_http_oauthcc_label_text(
    ngx_http_oauthcc_origin_t *origin, char *name, u_char *text);
static u_char *ngx_http_oauthcc_label_put(ngx_http_oauthcc_origin_t *origin,
    char *name, u_char *p, int16_t *len);
static u_char *ngx_http_oauthcc_label_get(u_char *p, int16_t len,
    ngx_str_t *text);


size_t
ngx_http_oauthcc_label_size(ngx_http_oauthcc_origin_t *origin)
{
    ngx_int_t  scope, audience, resource;

    scope = ngx_http_oauthcc_label_text(origin, "scope", NULL);
    audience = ngx_http_oauthcc_label_text(origin, "audience", NULL);
    resource = ngx_http_oauthcc_label_text(origin, "resource", NULL);

    if (scope == -1 && audience == -1 && resource == -1) {
        return 0;
    }

    return sizeof(ngx_http_oauthcc_label_t) + ngx_max(scope, 0)
           + ngx_max(audience, 0) + ngx_max(resource, 0);
}


void
ngx_http_oauthcc_label_write(ngx_http_oauthcc_label_t *label,
    ngx_http_oauthcc_origin_t *origin)
{
    u_char  *p;

    p = (u_char *) &label[1];

    p = ngx_http_oauthcc_label_put(origin, "scope", p, &label->scope);
    p = ngx_http_oauthcc_label_put(origin, "audience", p, &label->audience);
    (void) ngx_http_oauthcc_label_put(origin, "resource", p,
                                      &label->resource);
}


void
ngx_http_oauthcc_label_read(ngx_http_oauthcc_label_t *label,
    ngx_str_t *scope, ngx_str_t *audience, ngx_str_t *resource)
{
    u_char  *p;

    p = (u_char *) &label[1];

    p = ngx_http_oauthcc_label_get(p, label->scope, scope);
    p = ngx_http_oauthcc_label_get(p, label->audience, audience);
    (void) ngx_http_oauthcc_label_get(p, label->resource, resource);
}


static u_char *
ngx_http_oauthcc_label_put(ngx_http_oauthcc_origin_t *origin, char *name,
    u_char *p, int16_t *len)
{
    *len = (int16_t) ngx_http_oauthcc_label_text(origin, name, p);

    return (*len > 0) ? p + *len : p;
}


static u_char *
ngx_http_oauthcc_label_get(u_char *p, int16_t len, ngx_str_t *text)
{
    ngx_str_null(text);

    if (len == -1) {
        return p;
    }

    text->data = p;
    text->len = len;

    return p + len;
}


/*
 * The values of all parameters of this name, with spaces between them, as far
 * as there is room; -1 if there are none.  text may be NULL, for the length
 * alone.
 */

static ngx_int_t
ngx_http_oauthcc_label_text(ngx_http_oauthcc_origin_t *origin, char *name,
    u_char *text)
{
    size_t                    len, n;
    ngx_uint_t                i, found;
    ngx_http_oauthcc_pair_t  *pair;

    len = 0;
    found = 0;
    pair = origin->parameters;

    for (i = 0; i < origin->nparameters; i++) {

        if (pair[i].name.len != ngx_strlen(name)
            || ngx_strncmp(pair[i].name.data, name, pair[i].name.len) != 0)
        {
            continue;
        }

        found = 1;

        if (len && len < NGX_HTTP_OAUTHCC_LABEL_MAX) {

            if (text) {
                text[len] = ' ';
            }

            len++;
        }

        n = ngx_min(pair[i].value.len, NGX_HTTP_OAUTHCC_LABEL_MAX - len);

        if (text) {
            ngx_memcpy(text + len, pair[i].value.data, n);
        }

        len += n;
    }

    return found ? (ngx_int_t) len : -1;
}
