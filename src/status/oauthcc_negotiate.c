
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "status/oauthcc_negotiate.h"


static ngx_uint_t oauthcc_negotiate_quality(ngx_str_t *accept,
    ngx_str_t *type);
static ngx_uint_t oauthcc_negotiate_match(u_char *range, size_t len,
    ngx_str_t *type);
static ngx_uint_t oauthcc_negotiate_q(u_char *p, u_char *last);


oauthcc_negotiate_t *
oauthcc_negotiate_choose(ngx_http_request_t *r, oauthcc_negotiate_t *types)
{
    ngx_str_t             format, *accept;
    ngx_uint_t            quality, best;
    oauthcc_negotiate_t  *type, *found;

    if (ngx_http_arg(r, (u_char *) "format", sizeof("format") - 1, &format)
        == NGX_OK)
    {
        for (type = types; type->type.len; type++) {

            if (type->name.len == format.len
                && ngx_strncmp(type->name.data, format.data, format.len) == 0)
            {
                return type;
            }
        }

        return NULL;
    }

    accept = oauthcc_negotiate_header(r, "accept");

    if (accept == NULL) {
        return types;
    }

    best = 0;
    found = types;

    for (type = types; type->type.len; type++) {

        quality = oauthcc_negotiate_quality(accept, &type->type);

        if (quality > best) {
            best = quality;
            found = type;
        }
    }

    return found;
}


ngx_str_t *
oauthcc_negotiate_header(ngx_http_request_t *r, char *name)
{
    size_t            len;
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *header;

    len = ngx_strlen(name);

    for (part = &r->headers_in.headers.part; part; part = part->next) {
        header = part->elts;

        for (i = 0; i < part->nelts; i++) {

            if (header[i].key.len == len
                && ngx_strncmp(header[i].lowcase_key, name, len) == 0)
            {
                return &header[i].value;
            }
        }
    }

    return NULL;
}


/* How much it is liked, 0 to 1000: as the range says that fits it best. */

static ngx_uint_t
oauthcc_negotiate_quality(ngx_str_t *accept, ngx_str_t *type)
{
    u_char     *p, *last, *end, *range;
    size_t      len;
    ngx_uint_t  match, best, quality;

    best = 0;
    quality = 0;

    last = accept->data + accept->len;

    for (p = accept->data; p < last; p = end + 1) {

        end = ngx_strlchr(p, last, ',');
        if (end == NULL) {
            end = last;
        }

        while (p < end && (*p == ' ' || *p == '\t')) {
            p++;
        }

        range = p;

        while (p < end && *p != ';' && *p != ' ' && *p != '\t') {
            p++;
        }

        len = p - range;

        match = oauthcc_negotiate_match(range, len, type);

        if (match > best) {
            best = match;
            quality = oauthcc_negotiate_q(p, end);
        }
    }

    return quality;
}


/* 3: the type itself, 2: all of its kind, 1: all there is, 0: others. */

static ngx_uint_t
oauthcc_negotiate_match(u_char *range, size_t len, ngx_str_t *type)
{
    if (len == type->len && ngx_strncasecmp(range, type->data, len) == 0) {
        return 3;
    }

    if (len < sizeof("*/*") - 1 || range[len - 1] != '*'
        || range[len - 2] != '/')
    {
        return 0;
    }

    if (len == sizeof("*/*") - 1 && range[0] == '*') {
        return 1;
    }

    return (len - 1 < type->len
            && ngx_strncasecmp(range, type->data, len - 1) == 0) ? 2 : 0;
}


/* The weight among the parameters of a range, in thousandths. */

static ngx_uint_t
oauthcc_negotiate_q(u_char *p, u_char *last)
{
    ngx_int_t  q;
    u_char    *end;

    while (p < last) {

        if (*p == ';' || *p == ' ' || *p == '\t') {
            p++;
            continue;
        }

        for (end = p; end < last && *end != ';'; end++) { /* void */ }

        if (end - p > 2 && (p[0] == 'q' || p[0] == 'Q') && p[1] == '=') {
            p += 2;

            while (end > p && (end[-1] == ' ' || end[-1] == '\t')) {
                end--;
            }

            q = ngx_atofp(p, end - p, 3);

            return (q == NGX_ERROR || q > 1000) ? 0 : (ngx_uint_t) q;
        }

        p = end;
    }

    return 1000;
}
