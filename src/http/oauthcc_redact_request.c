
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <jansson.h>
#include "http/oauthcc_redact_request.h"
#include "core/oauthcc_redact.h"
#include "core/oauthcc_json_tree.h"


static void oauthcc_redact_request_compare(oauthcc_provider_t *provider,
    oauthcc_http_request_t *request, oauthcc_redact_t *hush);
static void oauthcc_redact_request_request(oauthcc_http_request_t *request,
    oauthcc_redact_t *hush);
static void oauthcc_redact_request_own(oauthcc_provider_t *provider,
    oauthcc_redact_t *hush);
static void oauthcc_redact_request_form(ngx_str_t *form,
    oauthcc_redact_t *hush);
static ngx_int_t oauthcc_redact_request_json(ngx_str_t *json,
    oauthcc_redact_t *hush);
static void oauthcc_redact_request_node(const char *key, json_t *node,
    oauthcc_redact_t *hush);
static void oauthcc_redact_request_scalar(ngx_str_t *name, json_t *node,
    oauthcc_redact_t *hush);
static void oauthcc_redact_request_header(ngx_str_t *name, ngx_str_t *value,
    oauthcc_redact_t *hush);
static void oauthcc_redact_request_basic(ngx_str_t *base64,
    oauthcc_redact_t *hush);
static void oauthcc_redact_request_named(ngx_str_t *name, ngx_str_t *value,
    ngx_uint_t form, oauthcc_redact_t *hush);
static void oauthcc_redact_request_decoded(ngx_str_t *value,
    oauthcc_redact_t *hush);
static ngx_uint_t oauthcc_redact_request_public(ngx_str_t *name);


/*
 * Parameters and headers whose values are no secret, without the signs in
 * their names: documents have them as clientId or client-id as well.
 */

static ngx_str_t  oauthcc_redact_request_publics[] = {
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
oauthcc_redact_request_repeats(oauthcc_provider_t *provider,
    oauthcc_http_request_t *request, ngx_str_t *text)
{
    u_char            buf[OAUTHCC_REDACT_TEXT];
    ngx_str_t         plain;
    ngx_uint_t        repeats;
    oauthcc_redact_t  hush;

    oauthcc_redact_init(&hush, text);
    oauthcc_redact_request_compare(provider, request, &hush);

    repeats = hush.repeats;

    plain.data = buf;
    oauthcc_redact_plain(text, &plain);

    if (!repeats && plain.len != text->len) {
        oauthcc_redact_init(&hush, &plain);
        oauthcc_redact_request_compare(provider, request, &hush);

        repeats = hush.repeats;
    }

    ngx_explicit_memzero(&hush, sizeof(oauthcc_redact_t));
    ngx_explicit_memzero(buf, OAUTHCC_REDACT_TEXT);

    return repeats;
}


void
oauthcc_redact_request_write(ngx_log_t *log, ngx_uint_t level, u_char *buf,
    size_t len)
{
    u_char           *p;
    size_t            i;
    ngx_str_t         line;
    oauthcc_redact_t  hush;

    if (level == NGX_LOG_DEBUG) {
        return;
    }

    p = (u_char *) ngx_strnstr(buf, "upstream sent", len);
    if (p == NULL) {
        return;
    }

    line.len = buf + len - p;
    line.data = p;

    oauthcc_redact_init(&hush, &line);
    oauthcc_redact_request_compare(NULL, log->wdata, &hush);

    for (i = 0; i < hush.len; i++) {
        if (hush.found[i]) {
            p[i] = '*';
        }
    }

    ngx_explicit_memzero(&hush, sizeof(oauthcc_redact_t));
}


static void
oauthcc_redact_request_compare(oauthcc_provider_t *provider,
    oauthcc_http_request_t *request, oauthcc_redact_t *hush)
{
    oauthcc_redact_request_request(request, hush);

    hush->secret = 1;

    oauthcc_redact_request_request(request, hush);

    if (provider) {
        oauthcc_redact_request_own(provider, hush);
    }
}


/* Feeds what of a request is no secret, or what of it may be one. */

static void
oauthcc_redact_request_request(oauthcc_http_request_t *request,
    oauthcc_redact_t *hush)
{
    u_char          *p;
    ngx_str_t        url, args;
    ngx_uint_t       i;
    oauthcc_pair_t  *header;

    url = request->url;
    p = ngx_strlchr(url.data, url.data + url.len, '?');

    if (p) {
        args.data = p + 1;
        args.len = url.data + url.len - args.data;
        url.len = p - url.data;

        oauthcc_redact_request_form(&args, hush);
    }

    if (!hush->secret) {
        oauthcc_redact_value(hush, &url);
        oauthcc_redact_value(hush, &request->authority);
        oauthcc_redact_value(hush, &request->host);
    }

    header = request->headers.elts;

    for (i = 0; i < request->headers.nelts; i++) {
        oauthcc_redact_request_header(&header[i].name, &header[i].value, hush);
    }

    if (oauthcc_redact_request_json(&request->body, hush) != NGX_OK) {
        oauthcc_redact_request_form(&request->body, hush);
    }
}


/* Secrets that the server may know although they are not in the request. */

static void
oauthcc_redact_request_own(oauthcc_provider_t *provider,
    oauthcc_redact_t *hush)
{
    ngx_uint_t       i;
    oauthcc_attr_t  *attr;

    oauthcc_redact_value(hush, &provider->client_secret.text);

    attr = provider->attrs.elts;

    for (i = 0; i < provider->attrs.nelts; i++) {
        oauthcc_redact_value(hush, &attr[i].value.text);
    }
}


static void
oauthcc_redact_request_form(ngx_str_t *form, oauthcc_redact_t *hush)
{
    u_char    *p, *last, *next, *value;
    ngx_str_t  name, text;

    if (form->len == 0) {
        return;
    }

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

        oauthcc_redact_request_named(&name, &text, 1, hush);
    }
}


/* NGX_DECLINED: it is none. */

static ngx_int_t
oauthcc_redact_request_json(ngx_str_t *json, oauthcc_redact_t *hush)
{
    json_t  *root;

    if (json->len == 0 || (json->data[0] != '{' && json->data[0] != '[')) {
        return NGX_DECLINED;
    }

    root = json_loadb((char *) json->data, json->len, JSON_ALLOW_NUL, NULL);

    if (root == NULL) {
        oauthcc_redact_all(hush);
        return NGX_OK;
    }

    oauthcc_redact_request_node("", root, hush);

    oauthcc_json_tree_free(root);

    return NGX_OK;
}


static void
oauthcc_redact_request_node(const char *key, json_t *node,
    oauthcc_redact_t *hush)
{
    size_t       i;
    json_t      *value;
    ngx_str_t    name;
    const char  *member;

    switch (json_typeof(node)) {

    case JSON_OBJECT:

        json_object_foreach(node, member, value) {
            oauthcc_redact_request_node(member, value, hush);
        }

        break;

    case JSON_ARRAY:

        json_array_foreach(node, i, value) {
            oauthcc_redact_request_node(key, value, hush);
        }

        break;

    case JSON_STRING:
    case JSON_INTEGER:
    case JSON_REAL:

        name.data = (u_char *) key;
        name.len = ngx_strlen(key);

        oauthcc_redact_request_scalar(&name, node, hush);
        break;

    default:
        break;
    }
}


/* As it is, and as it is written in JSON. */

static void
oauthcc_redact_request_scalar(ngx_str_t *name, json_t *node,
    oauthcc_redact_t *hush)
{
    size_t     size;
    u_char    *p;
    ngx_str_t  text;

    size = json_dumpb(node, NULL, 0, JSON_ENCODE_ANY);

    p = ngx_alloc(size + 1, ngx_cycle->log);
    if (p == NULL) {
        oauthcc_redact_all(hush);
        return;
    }

    text.data = p;
    text.len = json_dumpb(node, (char *) p, size, JSON_ENCODE_ANY);

    if (json_is_string(node)) {

        /* without the quotation marks */

        text.data++;
        text.len -= 2;
    }

    oauthcc_redact_request_named(name, &text, 0, hush);

    ngx_explicit_memzero(p, size);
    ngx_free(p);

    if (json_is_string(node)) {
        text.data = (u_char *) json_string_value(node);
        text.len = json_string_length(node);

        oauthcc_redact_request_named(name, &text, 0, hush);
    }
}


static void
oauthcc_redact_request_header(ngx_str_t *name, ngx_str_t *value,
    oauthcc_redact_t *hush)
{
    u_char    *p;
    ngx_str_t  rest;

    oauthcc_redact_request_named(name, value, 0, hush);

    if (value->len == 0) {
        return;
    }

    p = ngx_strlchr(value->data, value->data + value->len, ' ');

    if (p == NULL) {
        return;
    }

    /* "Token ...", which is not all of it that is repeated */

    rest.data = p + 1;
    rest.len = value->data + value->len - rest.data;

    oauthcc_redact_request_named(name, &rest, 0, hush);

    if (p - value->data == sizeof("Basic") - 1
        && ngx_strncasecmp(value->data, (u_char *) "Basic",
                           sizeof("Basic") - 1)
           == 0)
    {
        oauthcc_redact_request_basic(&rest, hush);
    }
}


/*
 * The id and the secret of a Basic header, as they are or form-decoded: how
 * they were put there is not to be seen.
 */

static void
oauthcc_redact_request_basic(ngx_str_t *base64, oauthcc_redact_t *hush)
{
    u_char    *p, *colon, *last;
    ngx_str_t  pair, value;

    p = ngx_alloc(ngx_base64_decoded_length(base64->len) + 1, ngx_cycle->log);
    if (p == NULL) {
        oauthcc_redact_all(hush);
        return;
    }

    pair.data = p;

    if (ngx_decode_base64(&pair, base64) != NGX_OK) {
        ngx_free(p);
        return;
    }

    last = p + pair.len;

    colon = ngx_strlchr(p, last, ':');
    if (colon == NULL) {
        colon = last;
    }

    if (!hush->secret) {
        value.data = p;
        value.len = colon - p;

    } else {
        value.data = (colon < last) ? colon + 1 : last;
        value.len = last - value.data;
    }

    oauthcc_redact_value(hush, &value);
    oauthcc_redact_request_decoded(&value, hush);

    ngx_explicit_memzero(p, pair.len);
    ngx_free(p);
}


/* Feeds a value as it is and decoded, if it is of those that are wanted. */

static void
oauthcc_redact_request_named(ngx_str_t *name, ngx_str_t *value,
    ngx_uint_t form, oauthcc_redact_t *hush)
{
    if (!hush->secret) {
        oauthcc_redact_value(hush, name);
    }

    if (oauthcc_redact_request_public(name) == hush->secret) {
        return;
    }

    oauthcc_redact_value(hush, value);

    if (form) {
        oauthcc_redact_request_decoded(value, hush);
    }
}


static void
oauthcc_redact_request_decoded(ngx_str_t *value, oauthcc_redact_t *hush)
{
    size_t  i;

    for (i = 0; i < value->len; i++) {
        oauthcc_redact_form(hush, value->data[i]);
    }

    oauthcc_redact_end(hush);
}


static ngx_uint_t
oauthcc_redact_request_public(ngx_str_t *name)
{
    u_char      c;
    size_t      i, n;
    ngx_str_t  *public;

    for (public = oauthcc_redact_request_publics; public->len; public++) {

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
