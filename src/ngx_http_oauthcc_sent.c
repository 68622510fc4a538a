
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "ngx_http_oauthcc_sent.h"
#include "ngx_http_oauthcc_hush.h"


/* not one of the 64 that base64 has */
#define NGX_HTTP_OAUTHCC_SENT_NONE  64


/* how a value is encoded */

enum {
    NGX_HTTP_OAUTHCC_SENT_PLAIN = 0,
    NGX_HTTP_OAUTHCC_SENT_FORM,
    NGX_HTTP_OAUTHCC_SENT_JSON
};


static void ngx_http_oauthcc_sent_compare(
    ngx_http_oauthcc_provider_t *provider,
    ngx_http_oauthcc_request_t *request, ngx_http_oauthcc_hush_t *hush);
static void ngx_http_oauthcc_sent_request(ngx_http_oauthcc_request_t *request,
    ngx_http_oauthcc_hush_t *hush);
static void ngx_http_oauthcc_sent_own(ngx_http_oauthcc_provider_t *provider,
    ngx_http_oauthcc_hush_t *hush);
static void ngx_http_oauthcc_sent_form(ngx_str_t *form,
    ngx_http_oauthcc_hush_t *hush);
static void ngx_http_oauthcc_sent_json(ngx_str_t *json,
    ngx_http_oauthcc_hush_t *hush);
static void ngx_http_oauthcc_sent_header(ngx_str_t *name, ngx_str_t *value,
    ngx_http_oauthcc_hush_t *hush);
static void ngx_http_oauthcc_sent_basic(ngx_str_t *base64, ngx_uint_t decode,
    ngx_http_oauthcc_hush_t *hush);
static u_char ngx_http_oauthcc_sent_bits(u_char c);
static void ngx_http_oauthcc_sent_named(ngx_str_t *name, ngx_str_t *value,
    ngx_uint_t kind, ngx_http_oauthcc_hush_t *hush);
static void ngx_http_oauthcc_sent_string(ngx_str_t *string,
    ngx_http_oauthcc_hush_t *hush);
static ngx_uint_t ngx_http_oauthcc_sent_public(ngx_str_t *name);


/*
 * Parameters and headers whose values are no secret, without the signs in
 * their names: documents have them as clientId or client-id as well.
 */

static ngx_str_t  ngx_http_oauthcc_sent_publics[] = {
    ngx_string("accept"),
    ngx_string("actortokentype"),
    ngx_string("audience"),
    ngx_string("clientassertiontype"),
    ngx_string("clientid"),
    ngx_string("contenttype"),
    ngx_string("granttype"),
    ngx_string("requestedtokentype"),
    ngx_string("resource"),
    ngx_string("responsetype"),
    ngx_string("scope"),
    ngx_string("subjecttokentype"),
    ngx_string("user"),
    ngx_string("useragent"),
    ngx_string("username"),
    ngx_null_string
};


ngx_uint_t
ngx_http_oauthcc_sent_repeats(ngx_http_oauthcc_provider_t *provider,
    ngx_http_oauthcc_request_t *request, ngx_str_t *text)
{
    u_char                   buf[NGX_HTTP_OAUTHCC_HUSH_TEXT];
    ngx_str_t                plain;
    ngx_uint_t               repeats;
    ngx_http_oauthcc_hush_t  hush;

    ngx_http_oauthcc_hush_init(&hush, text);
    ngx_http_oauthcc_sent_compare(provider, request, &hush);

    repeats = hush.repeats;

    plain.data = buf;
    ngx_http_oauthcc_hush_plain(text, &plain);

    if (!repeats && plain.len != text->len) {
        ngx_http_oauthcc_hush_init(&hush, &plain);
        ngx_http_oauthcc_sent_compare(provider, request, &hush);

        repeats = hush.repeats;
    }

    ngx_explicit_memzero(&hush, sizeof(ngx_http_oauthcc_hush_t));
    ngx_explicit_memzero(buf, NGX_HTTP_OAUTHCC_HUSH_TEXT);

    return repeats;
}


void
ngx_http_oauthcc_sent_write(ngx_log_t *log, ngx_uint_t level, u_char *buf,
    size_t len)
{
    u_char                   *p;
    size_t                    i;
    ngx_str_t                 line;
    ngx_http_oauthcc_hush_t   hush;

    if (level == NGX_LOG_DEBUG) {
        return;
    }

    p = (u_char *) ngx_strnstr(buf, "upstream sent", len);
    if (p == NULL) {
        return;
    }

    line.len = buf + len - p;
    line.data = p;

    ngx_http_oauthcc_hush_init(&hush, &line);
    ngx_http_oauthcc_sent_compare(NULL, log->wdata, &hush);

    for (i = 0; i < hush.len; i++) {
        if (hush.found[i]) {
            p[i] = '*';
        }
    }

    ngx_explicit_memzero(&hush, sizeof(ngx_http_oauthcc_hush_t));
}


static void
ngx_http_oauthcc_sent_compare(ngx_http_oauthcc_provider_t *provider,
    ngx_http_oauthcc_request_t *request, ngx_http_oauthcc_hush_t *hush)
{
    ngx_http_oauthcc_sent_request(request, hush);

    hush->secret = 1;

    ngx_http_oauthcc_sent_request(request, hush);

    if (provider) {
        ngx_http_oauthcc_sent_own(provider, hush);
    }
}


/* Feeds what of a request is no secret, or what of it may be one. */

static void
ngx_http_oauthcc_sent_request(ngx_http_oauthcc_request_t *request,
    ngx_http_oauthcc_hush_t *hush)
{
    u_char                   *p;
    ngx_str_t                 url, args;
    ngx_uint_t                i;
    ngx_http_oauthcc_pair_t  *header;

    url = request->url;
    p = ngx_strlchr(url.data, url.data + url.len, '?');

    if (p) {
        args.data = p + 1;
        args.len = url.data + url.len - args.data;
        url.len = p - url.data;

        ngx_http_oauthcc_sent_form(&args, hush);
    }

    if (!hush->secret) {
        ngx_http_oauthcc_hush_value(hush, &url);
        ngx_http_oauthcc_hush_value(hush, &request->authority);
        ngx_http_oauthcc_hush_value(hush, &request->host);
    }

    header = request->headers.elts;

    for (i = 0; i < request->headers.nelts; i++) {
        ngx_http_oauthcc_sent_header(&header[i].name, &header[i].value, hush);
    }

    if (request->body.len
        && (request->body.data[0] == '{' || request->body.data[0] == '['))
    {
        ngx_http_oauthcc_sent_json(&request->body, hush);

    } else {
        ngx_http_oauthcc_sent_form(&request->body, hush);
    }
}


/* Secrets that the server may know although they are not in the request. */

static void
ngx_http_oauthcc_sent_own(ngx_http_oauthcc_provider_t *provider,
    ngx_http_oauthcc_hush_t *hush)
{
    ngx_uint_t                i;
    ngx_http_oauthcc_attr_t  *attr;

    ngx_http_oauthcc_hush_value(hush, &provider->client_secret.text);

    attr = provider->attrs.elts;

    for (i = 0; i < provider->attrs.nelts; i++) {
        ngx_http_oauthcc_hush_value(hush, &attr[i].value.text);
    }
}


static void
ngx_http_oauthcc_sent_form(ngx_str_t *form, ngx_http_oauthcc_hush_t *hush)
{
    u_char     *p, *last, *next, *value;
    ngx_str_t   name, text;

    last = form->data + form->len;

    for (p = form->data; p < last; p = next + 1) {

        next = ngx_strlchr(p, last, '&');
        if (next == NULL) {
            next = last;
        }

        value = ngx_strlchr(p, next, '=');
        if (value == NULL) {
            value = next;
        }

        name.data = p;
        name.len = value - p;

        text.data = (value < next) ? value + 1 : next;
        text.len = next - text.data;

        ngx_http_oauthcc_sent_named(&name, &text, NGX_HTTP_OAUTHCC_SENT_FORM,
                                    hush);
    }
}


/*
 * The strings and numbers of a text that was made of JSON, each by the name
 * before it.
 */

static void
ngx_http_oauthcc_sent_json(ngx_str_t *json, ngx_http_oauthcc_hush_t *hush)
{
    u_char     *p, *last, *start;
    ngx_str_t   name, text;

    ngx_str_null(&name);

    p = json->data;
    last = p + json->len;

    while (p < last) {

        if (*p == '"') {
            start = ++p;

            while (p < last && *p != '"') {
                p += (*p == '\\') ? 2 : 1;
            }

            p = ngx_min(p, last);

            text.data = start;
            text.len = p++ - start;

            if (p < last && *p == ':') {
                name = text;
                continue;
            }

        } else if (*p == '-' || (*p >= '0' && *p <= '9')) {
            start = p;

            while (p < last && *p != ',' && *p != '}' && *p != ']') {
                p++;
            }

            text.data = start;
            text.len = p - start;

        } else {
            p++;
            continue;
        }

        ngx_http_oauthcc_sent_named(&name, &text, NGX_HTTP_OAUTHCC_SENT_JSON,
                                    hush);
    }
}


static void
ngx_http_oauthcc_sent_header(ngx_str_t *name, ngx_str_t *value,
    ngx_http_oauthcc_hush_t *hush)
{
    u_char     *p;
    ngx_str_t   rest;

    ngx_http_oauthcc_sent_named(name, value, NGX_HTTP_OAUTHCC_SENT_PLAIN,
                                hush);

    p = ngx_strlchr(value->data, value->data + value->len, ' ');

    if (p == NULL) {
        return;
    }

    /* "Token ...", which is not all of it that is repeated */

    rest.data = p + 1;
    rest.len = value->data + value->len - rest.data;

    ngx_http_oauthcc_sent_named(name, &rest, NGX_HTTP_OAUTHCC_SENT_PLAIN,
                                hush);

    if (p - value->data == sizeof("Basic") - 1
        && ngx_strncasecmp(value->data, (u_char *) "Basic",
                           sizeof("Basic") - 1)
           == 0)
    {
        ngx_http_oauthcc_sent_basic(&rest, 0, hush);
        ngx_http_oauthcc_sent_basic(&rest, 1, hush);
    }
}


/*
 * The id and the secret of a Basic header, as they are or form-decoded: how
 * they were put there is not to be seen.
 */

static void
ngx_http_oauthcc_sent_basic(ngx_str_t *base64, ngx_uint_t decode,
    ngx_http_oauthcc_hush_t *hush)
{
    u_char      c;
    size_t      i;
    uint32_t    bits;
    ngx_uint_t  left, secret;

    bits = 0;
    left = 0;
    secret = 0;

    for (i = 0; i < base64->len; i++) {

        c = ngx_http_oauthcc_sent_bits(base64->data[i]);

        if (c == NGX_HTTP_OAUTHCC_SENT_NONE) {
            break;
        }

        bits = (bits << 6) | c;
        left += 6;

        if (left < 8) {
            continue;
        }

        left -= 8;
        c = (u_char) (bits >> left);

        if (c == ':' && !secret) {
            ngx_http_oauthcc_hush_end(hush);
            secret = 1;
            continue;
        }

        if (secret != hush->secret) {
            continue;
        }

        if (decode) {
            ngx_http_oauthcc_hush_form(hush, c);

        } else {
            ngx_http_oauthcc_hush_byte(hush, c);
        }
    }

    ngx_http_oauthcc_hush_end(hush);
}


static u_char
ngx_http_oauthcc_sent_bits(u_char c)
{
    if (c >= 'A' && c <= 'Z') {
        return (u_char) (c - 'A');
    }

    if (c >= 'a' && c <= 'z') {
        return (u_char) (c - 'a' + 26);
    }

    if (c >= '0' && c <= '9') {
        return (u_char) (c - '0' + 52);
    }

    switch (c) {

    case '+':
    case '-':
        return 62;

    case '/':
    case '_':
        return 63;

    default:
        return NGX_HTTP_OAUTHCC_SENT_NONE;
    }
}


/* Feeds a value as it is and decoded, if it is of those that are wanted. */

static void
ngx_http_oauthcc_sent_named(ngx_str_t *name, ngx_str_t *value,
    ngx_uint_t kind, ngx_http_oauthcc_hush_t *hush)
{
    size_t  i;

    if (!hush->secret) {
        ngx_http_oauthcc_hush_value(hush, name);
    }

    if (ngx_http_oauthcc_sent_public(name) == hush->secret) {
        return;
    }

    ngx_http_oauthcc_hush_value(hush, value);

    if (kind == NGX_HTTP_OAUTHCC_SENT_FORM) {

        for (i = 0; i < value->len; i++) {
            ngx_http_oauthcc_hush_form(hush, value->data[i]);
        }

        ngx_http_oauthcc_hush_end(hush);
    }

    if (kind == NGX_HTTP_OAUTHCC_SENT_JSON) {
        ngx_http_oauthcc_sent_string(value, hush);
    }
}


/* What is beyond ASCII has no escape in a string that jansson has written. */

static void
ngx_http_oauthcc_sent_string(ngx_str_t *string, ngx_http_oauthcc_hush_t *hush)
{
    u_char  c, *p, *last;

    last = string->data + string->len;

    for (p = string->data; p < last; p++) {

        c = *p;

        if (c == '\\' && last - p > 1) {

            switch (*++p) {

            case 'b':
                c = '\b';
                break;

            case 'f':
                c = '\f';
                break;

            case 'n':
                c = '\n';
                break;

            case 'r':
                c = '\r';
                break;

            case 't':
                c = '\t';
                break;

            case 'u':

                if (last - p > 4) {
                    p += 4;
                    c = (u_char) ngx_hextoi(p - 1, 2);
                }

                break;

            default:
                c = *p;
            }
        }

        ngx_http_oauthcc_hush_byte(hush, c);
    }

    ngx_http_oauthcc_hush_end(hush);
}


static ngx_uint_t
ngx_http_oauthcc_sent_public(ngx_str_t *name)
{
    u_char      c;
    size_t      i, n;
    ngx_str_t  *public;

    for (public = ngx_http_oauthcc_sent_publics; public->len; public++) {

        n = 0;

        for (i = 0; i < name->len; i++) {

            c = ngx_tolower(name->data[i]);

            if (c == '_' || c == '-') {
                continue;
            }

            if (n == public->len || c != public->data[n]) {
                break;
            }

            n++;
        }

        if (i == name->len && n == public->len) {
            return 1;
        }
    }

    return 0;
}
