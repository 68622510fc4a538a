
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "upstream/oauthcc_query.h"


static u_char *oauthcc_query_write(u_char *p, ngx_str_t *args,
    oauthcc_argument_t *arguments, ngx_uint_t n);
static ngx_uint_t oauthcc_query_match(u_char *p, u_char *last,
    oauthcc_argument_t *arguments, ngx_uint_t n);
static ngx_uint_t oauthcc_query_named(u_char *p, u_char *last,
    ngx_str_t *name);
static size_t oauthcc_query_length(oauthcc_argument_t *arguments,
    ngx_uint_t n);


ngx_int_t
oauthcc_query_uri(ngx_pool_t *pool, ngx_str_t *uri,
    oauthcc_argument_t *arguments, ngx_uint_t n, ngx_str_t *out)
{
    u_char    *p, *last, *question, *fragment;
    ngx_str_t  args;

    last = uri->data + uri->len;

    fragment = ngx_strlchr(uri->data, last, '#');
    if (fragment == NULL) {
        fragment = last;
    }

    question = ngx_strlchr(uri->data, fragment, '?');
    if (question == NULL) {
        question = fragment;
    }

    p = ngx_pnalloc(pool, uri->len + sizeof("?") - 1
                          + oauthcc_query_length(arguments, n));
    if (p == NULL) {
        return NGX_ERROR;
    }

    out->data = p;

    p = ngx_cpymem(p, uri->data, question - uri->data);

    args.data = (question < fragment) ? question + 1 : fragment;
    args.len = fragment - args.data;

    *p++ = '?';

    last = oauthcc_query_write(p, &args, arguments, n);

    if (last == p && question == fragment) {

        /* there were no arguments and there are none now: drop the "?" */

        last--;
    }

    p = ngx_cpymem(last, fragment, uri->data + uri->len - fragment);

    out->len = p - out->data;

    return NGX_OK;
}


ngx_int_t
oauthcc_query_replace(ngx_http_request_t *r, oauthcc_argument_t *arguments,
    ngx_uint_t n, oauthcc_query_saved_t *saved)
{
    u_char    *p;
    ngx_str_t  args, uri;

    saved->args = r->args;
    saved->unparsed_uri = r->unparsed_uri;

    p = ngx_pnalloc(r->pool, r->args.len
                             + oauthcc_query_length(arguments, n));
    if (p == NULL) {
        return NGX_ERROR;
    }

    args.data = p;
    args.len = oauthcc_query_write(p, &r->args, arguments, n) - p;

    if (oauthcc_query_uri(r->pool, &r->unparsed_uri, arguments, n, &uri)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    r->args = args;
    r->unparsed_uri = uri;

    return NGX_OK;
}


void
oauthcc_query_restore(ngx_http_request_t *r, oauthcc_query_saved_t *saved)
{
    r->args = saved->args;
    r->unparsed_uri = saved->unparsed_uri;
}


/* Writes the arguments that are kept, then ours. */

static u_char *
oauthcc_query_write(u_char *p, ngx_str_t *args, oauthcc_argument_t *arguments,
    ngx_uint_t n)
{
    u_char     *start, *from, *next, *last;
    ngx_uint_t  i;

    start = p;
    last = args->len ? args->data + args->len : args->data;

    /* each argument, with the separator in front of it */

    for (from = args->data; from < last; from = next) {

        for (next = from + 1; next < last; next++) {
            if (*next == '&' || *next == ';') {
                break;
            }
        }

        if (from == args->data && *from != '&' && *from != ';') {

            if (oauthcc_query_match(from, next, arguments, n)) {
                continue;
            }

        } else if (oauthcc_query_match(from + 1, next, arguments,
                                       n))
        {
            continue;

        } else if (p == start && from != args->data) {

            /* all arguments before it were removed: drop its separator, too */

            from++;
        }

        p = ngx_cpymem(p, from, next - from);
    }

    for (i = 0; i < n; i++) {

        if (arguments[i].text.len == 0) {
            continue;
        }

        if (p != start && *(p - 1) != '&') {
            *p++ = '&';
        }

        p = ngx_cpymem(p, arguments[i].text.data, arguments[i].text.len);
    }

    return p;
}


static ngx_uint_t
oauthcc_query_match(u_char *p, u_char *last, oauthcc_argument_t *arguments,
    ngx_uint_t n)
{
    ngx_uint_t  i;

    for (i = 0; i < n; i++) {
        if (oauthcc_query_named(p, last, &arguments[i].name)) {
            return 1;
        }
    }

    return 0;
}


/* Whether the decoded name of the argument is this one. */

static ngx_uint_t
oauthcc_query_named(u_char *p, u_char *last, ngx_str_t *name)
{
    u_char     c;
    size_t     i;
    ngx_int_t  hex;

    for (i = 0; p < last && *p != '='; i++) {

        c = *p++;

        if (c == '+') {
            c = ' ';

        } else if (c == '%' && last - p >= 2) {
            hex = ngx_hextoi(p, 2);

            if (hex != NGX_ERROR) {
                c = (u_char) hex;
                p += 2;
            }
        }

        if (i == name->len || c != name->data[i]) {
            return 0;
        }
    }

    return i == name->len;
}


static size_t
oauthcc_query_length(oauthcc_argument_t *arguments, ngx_uint_t n)
{
    size_t      len;
    ngx_uint_t  i;

    len = 0;

    for (i = 0; i < n; i++) {
        len += sizeof("&") - 1 + arguments[i].text.len;
    }

    return len;
}
