
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "http/oauthcc_redact_request.h"
#include "core/oauthcc_redact.h"
#include "core/oauthcc_text.h"
#include "core/oauthcc_provider_values.h"


/* length of the longest name whose value is not secret */
#define OAUTHCC_REDACT_REQUEST_NAME  20

/* how often a text is compared, each time with one level of escapes less */
#define OAUTHCC_REDACT_REQUEST_ESCAPES  3


static void oauthcc_redact_request_compare(oauthcc_redact_t *redact,
    ngx_str_t *text, oauthcc_provider_t *provider,
    oauthcc_http_request_t *request);
static void oauthcc_redact_request_values(oauthcc_redact_t *redact,
    oauthcc_http_request_t *request);
static void oauthcc_redact_request_form(oauthcc_redact_t *redact,
    ngx_str_t *form);
static void oauthcc_redact_request_json(oauthcc_redact_t *redact,
    ngx_str_t *json);
static void oauthcc_redact_request_header(oauthcc_redact_t *redact,
    ngx_str_t *name, ngx_str_t *value);
static void oauthcc_redact_request_named(oauthcc_redact_t *redact,
    ngx_str_t *name, ngx_str_t *value);
static ngx_uint_t oauthcc_redact_request_public(ngx_str_t *name);


/*
 * Parameters and headers whose values are not secret.  Names are compared
 * without punctuation: documents write clientId or client-id as well.
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
    ngx_str_t         from, plain;
    ngx_uint_t        i;
    oauthcc_redact_t  redact;

    plain = *text;

    /*
     * forms of the text: as it is, escaped for a log, and with escapes decoded
     */

    for (i = 0; i < OAUTHCC_REDACT_REQUEST_ESCAPES; i++) {

        oauthcc_redact_request_compare(&redact, &plain, provider, request);

        if (redact.repeats) {
            break;
        }

        from = plain;
        plain.data = buf;

        oauthcc_redact_plain(&from, &plain);

        if (plain.len == from.len) {
            break;
        }
    }

    ngx_explicit_memzero(buf, sizeof(buf));

    return redact.repeats;
}


void
oauthcc_redact_request_write(ngx_log_t *log, ngx_uint_t level, u_char *buf,
    size_t len)
{
    size_t            i;
    ngx_str_t         line;
    oauthcc_redact_t  redact;

    if (level == NGX_LOG_DEBUG) {
        return;
    }

    line.data = (u_char *) ngx_strnstr(buf, "upstream sent", len);
    if (line.data == NULL) {
        return;
    }

    line.len = buf + len - line.data;

    oauthcc_redact_request_compare(&redact, &line, NULL, log->wdata);

    for (i = 0; i < redact.text.len; i++) {
        if (redact.found[i]) {
            line.data[i] = '*';
        }
    }
}


static void
oauthcc_redact_request_compare(oauthcc_redact_t *redact, ngx_str_t *text,
    oauthcc_provider_t *provider, oauthcc_http_request_t *request)
{
    ngx_uint_t                 i;
    oauthcc_provider_value_t  *element;

    oauthcc_redact_init(redact, text);
    oauthcc_redact_request_values(redact, request);

    redact->secret = 1;
    oauthcc_redact_request_values(redact, request);

    if (provider == NULL) {
        return;
    }

    /* secrets that the server may know although the request lacks them */

    element = provider->values.elts;

    for (i = 0; i < provider->values.nelts; i++) {
        if (oauthcc_provider_values_secret(element[i].flags)) {
            oauthcc_redact_value(redact, &element[i].value->text);
        }
    }
}


/* Walks over the values of a request that are not secret, or that may be. */

static void
oauthcc_redact_request_values(oauthcc_redact_t *redact,
    oauthcc_http_request_t *request)
{
    u_char          *p;
    ngx_str_t        url, args, *body;
    ngx_uint_t       i;
    oauthcc_pair_t  *header;

    url = request->url;
    p = ngx_strlchr(url.data, url.data + url.len, '?');

    if (p) {
        args.data = p + 1;
        args.len = url.data + url.len - args.data;
        url.len = p - url.data;

        oauthcc_redact_request_form(redact, &args);
    }

    if (!redact->secret) {
        oauthcc_redact_value(redact, &url);
        oauthcc_redact_value(redact, &request->authority);
        oauthcc_redact_value(redact, &request->host);
    }

    header = request->headers.elts;

    for (i = 0; i < request->headers.nelts; i++) {
        oauthcc_redact_request_header(redact, &header[i].name,
                                      &header[i].value);
    }

    body = &request->body;

    if (body->len && (body->data[0] == '{' || body->data[0] == '[')) {
        oauthcc_redact_request_json(redact, body);

    } else {
        oauthcc_redact_request_form(redact, body);
    }
}


static void
oauthcc_redact_request_form(oauthcc_redact_t *redact, ngx_str_t *form)
{
    u_char    *p, *last, *next, *equals;
    ngx_str_t  name, value;

    if (form->len == 0) {
        return;
    }

    last = form->data + form->len;

    for (p = form->data; p < last; p = next + 1) {

        next = ngx_strlchr(p, last, '&');
        if (next == NULL) {
            next = last;
        }

        equals = ngx_strlchr(p, next, '=');
        if (equals == NULL) {
            equals = next;
        }

        name.data = p;
        name.len = equals - p;

        value.data = (equals < next) ? equals + 1 : next;
        value.len = next - value.data;

        oauthcc_redact_request_named(redact, &name, &value);
    }
}


/*
 * Walks over strings and numbers of JSON.  All elements of a list have the
 * name of its member; after a nested list or object there is no name.
 */

static void
oauthcc_redact_request_json(oauthcc_redact_t *redact, ngx_str_t *json)
{
    u_char     *p, *last;
    ngx_str_t   name, value;

    ngx_str_null(&name);

    last = json->data + json->len;

    for (p = json->data; p < last; p++) {

        value.data = p;

        if (*p == '"') {

            for (value.data = ++p; p < last && *p != '"'; p++) {
                p += (*p == '\\');
            }

            p = ngx_min(p, last);
            value.len = p - value.data;

            if (last - p > 1 && p[1] == ':') {
                name = value;
                continue;
            }

        } else if (*p == '-' || (*p >= '0' && *p <= '9')) {

            while (p < last && ngx_strchr("+-.0123456789Ee", *p)) {
                p++;
            }

            value.len = p-- - value.data;

        } else {

            if (*p == '{' || *p == '}' || *p == ']') {
                ngx_str_null(&name);
            }

            continue;
        }

        oauthcc_redact_request_named(redact, &name, &value);
    }
}


/*
 * A value, and the part after its scheme, which may be repeated alone; for
 * Basic, also the id and the secret.
 */

static void
oauthcc_redact_request_header(oauthcc_redact_t *redact, ngx_str_t *name,
    ngx_str_t *value)
{
    u_char    *p, *colon, *last;
    ngx_str_t  rest, pair;

    oauthcc_redact_request_named(redact, name, value);

    if (value->len == 0) {
        return;
    }

    last = value->data + value->len;

    p = ngx_strlchr(value->data, last, ' ');
    if (p == NULL) {
        return;
    }

    rest.data = p + 1;
    rest.len = last - rest.data;

    oauthcc_redact_request_named(redact, name, &rest);

    if (!oauthcc_text_ibegins(value, "Basic ")) {
        return;
    }

    p = ngx_alloc(ngx_base64_decoded_length(rest.len) + 1, ngx_cycle->log);
    if (p == NULL) {
        oauthcc_redact_all(redact);
        return;
    }

    pair.data = p;

    if (ngx_decode_base64(&pair, &rest) == NGX_OK) {

        last = p + pair.len;

        colon = ngx_strlchr(p, last, ':');
        if (colon == NULL) {
            colon = last;
        }

        if (!redact->secret) {
            pair.len = colon - p;

        } else if (colon < last) {
            pair.data = colon + 1;
            pair.len = last - pair.data;
        }

        oauthcc_redact_value(redact, &pair);

        ngx_explicit_memzero(p, last - p);
    }

    ngx_free(p);
}


/* Calls back for the value if its name is of the wanted kind. */

static void
oauthcc_redact_request_named(oauthcc_redact_t *redact, ngx_str_t *name,
    ngx_str_t *value)
{
    if (!redact->secret) {
        oauthcc_redact_value(redact, name);
    }

    if (oauthcc_redact_request_public(name) != redact->secret) {
        oauthcc_redact_value(redact, value);
    }
}


static ngx_uint_t
oauthcc_redact_request_public(ngx_str_t *name)
{
    u_char     buf[OAUTHCC_REDACT_REQUEST_NAME];
    size_t     i;
    ngx_str_t  bare;

    bare.len = 0;
    bare.data = buf;

    for (i = 0; i < name->len; i++) {

        if (name->data[i] == '_' || name->data[i] == '-') {
            continue;
        }

        if (bare.len == sizeof(buf)) {
            return 0;
        }

        buf[bare.len++] = name->data[i];
    }

    return oauthcc_text_iin(oauthcc_redact_request_publics, &bare);
}
