
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


/*
 * What a server says of a login, "digit, text, separator, id, separator,
 * secret, separator, value": the digit picks how the request is made of the
 * id, the secret and one more parameter.  A text that has the first eight
 * bytes of the secret in it is found to, unless they are in what is no secret;
 * one without anything of the request is shown.  From 5 on the secret is the
 * whole body or a header as it is, which is read within its bytes.
 */


#include "oauthcc_fuzz.h"
#include "http/oauthcc_form.h"
#include "core/oauthcc_redact.h"
#include "http/oauthcc_redact_request.h"


#define OAUTHCC_FUZZ_KINDS  8

/* the first one whose secret is not to be told from the rest */
#define OAUTHCC_FUZZ_RAW    5

/* where the request goes, without its arguments */
#define OAUTHCC_FUZZ_URL    "http://127.0.0.1:9/"


char  *oauthcc_fuzz_providers =
    "oauthcc_provider crm {"
        " token_endpoint http://127.0.0.1:9/; client_id gateway;"
        " client_secret of-crm-itself; }\n";


static void oauthcc_fuzz_line_of(oauthcc_fuzz_t *fuzz,
    oauthcc_http_request_t *request, ngx_str_t *text);
static void oauthcc_fuzz_request(oauthcc_fuzz_t *fuzz, ngx_uint_t kind,
    oauthcc_pair_t *pairs, oauthcc_http_request_t *request);
static ngx_int_t oauthcc_fuzz_basic(oauthcc_fuzz_t *fuzz, ngx_str_t *text,
    ngx_str_t *value);
static void oauthcc_fuzz_arguments(oauthcc_fuzz_t *fuzz,
    oauthcc_pair_t *pairs, ngx_str_t *url);
static void oauthcc_fuzz_json(oauthcc_fuzz_t *fuzz, oauthcc_pair_t *pairs,
    ngx_str_t *out);
static ngx_uint_t oauthcc_fuzz_hidden(oauthcc_pair_t *pairs,
    oauthcc_http_request_t *request);
static ngx_uint_t oauthcc_fuzz_within(ngx_str_t *text, u_char *run,
    size_t len);
static u_char oauthcc_fuzz_fold(u_char c);
static ngx_uint_t oauthcc_fuzz_shares(ngx_str_t *a, ngx_str_t *b);


void
oauthcc_fuzz_run(oauthcc_fuzz_t *fuzz)
{
    ngx_str_t               text, secret;
    ngx_uint_t              kind, hidden, repeats;
    oauthcc_pair_t          pairs[3];
    oauthcc_http_request_t  request;
    oauthcc_provider_t     *provider;

    kind = oauthcc_fuzz_pick(fuzz, OAUTHCC_FUZZ_KINDS);

    oauthcc_fuzz_record(fuzz, &text);

    ngx_str_set(&pairs[0].name, "client_id");
    ngx_str_set(&pairs[1].name, "client_secret");
    ngx_str_set(&pairs[2].name, "extra");

    oauthcc_fuzz_record(fuzz, &pairs[0].value);
    oauthcc_fuzz_record(fuzz, &pairs[1].value);
    oauthcc_fuzz_record(fuzz, &pairs[2].value);

    oauthcc_fuzz_request(fuzz, kind, pairs, &request);

    provider = oauthcc_fuzz_provider("crm");

    oauthcc_fuzz_starve();
    repeats = oauthcc_redact_request_repeats(provider, &request, &text);

    if (oauthcc_fuzz_starved()) {
        oauthcc_fuzz_check(repeats);
        return;
    }

    secret = pairs[1].value;
    hidden = kind < OAUTHCC_FUZZ_RAW && oauthcc_fuzz_hidden(pairs, &request);

    if (hidden
        && text.len <= OAUTHCC_REDACT_TEXT
        && oauthcc_fuzz_within(&text, secret.data, OAUTHCC_REDACT_RUN))
    {
        oauthcc_fuzz_check(repeats);
    }

    if (text.len < OAUTHCC_REDACT_LEAST) {
        oauthcc_fuzz_check(!repeats);
    }

    oauthcc_fuzz_line_of(fuzz, &request, &text);

    if (hidden
        && text.len <= OAUTHCC_REDACT_TEXT / 2
        && ngx_strlchr(secret.data, secret.data + secret.len, '*') == NULL)
    {
        oauthcc_fuzz_check(!oauthcc_fuzz_within(&text, secret.data,
                                                OAUTHCC_REDACT_RUN));
    }
}


/* A line of a log keeps its length; those that nginx makes of itself stay. */

static void
oauthcc_fuzz_line_of(oauthcc_fuzz_t *fuzz, oauthcc_http_request_t *request,
    ngx_str_t *text)
{
    u_char     *p;
    size_t      len;
    ngx_log_t   log;

    len = text->len + sizeof("upstream sent ") - 1;

    p = ngx_palloc(fuzz->pool, len + 1);
    oauthcc_fuzz_check(p != NULL);

    ngx_memcpy(p, "upstream sent ", sizeof("upstream sent ") - 1);
    ngx_memcpy(p + len - text->len, text->data, text->len);

    ngx_memzero(&log, sizeof(ngx_log_t));
    log.wdata = request;

    oauthcc_redact_request_write(&log, NGX_LOG_DEBUG, p, len);

    if (ngx_strnstr(text->data, "upstream sent", text->len) == NULL) {
        oauthcc_redact_request_write(&log, NGX_LOG_ERR, p + len - text->len,
                                     text->len);
    }

    oauthcc_fuzz_check(ngx_memcmp(p + len - text->len, text->data, text->len)
                       == 0);

    oauthcc_redact_request_write(&log, NGX_LOG_ERR, p, len);

    text->data = p + len - text->len;
}


static void
oauthcc_fuzz_request(oauthcc_fuzz_t *fuzz, ngx_uint_t kind,
    oauthcc_pair_t *pairs, oauthcc_http_request_t *request)
{
    ngx_int_t        rc;
    oauthcc_pair_t  *header;

    ngx_memzero(request, sizeof(oauthcc_http_request_t));

    ngx_str_set(&request->url, OAUTHCC_FUZZ_URL);
    ngx_str_set(&request->authority, "127.0.0.1:9");
    ngx_str_set(&request->host, "127.0.0.1");

    rc = ngx_array_init(&request->headers, fuzz->pool, 1,
                        sizeof(oauthcc_pair_t));
    oauthcc_fuzz_check(rc == NGX_OK);

    switch (kind) {

    case 0:
        rc = oauthcc_form_encode(fuzz->pool, pairs, 3, &request->body);
        break;

    case 1:
    case 2:
        header = ngx_array_push(&request->headers);
        oauthcc_fuzz_check(header != NULL);

        ngx_str_set(&header->name, "Authorization");

        /* where the id of what is joined ends, nobody can tell */

        if (ngx_strlchr(pairs[0].value.data,
                        pairs[0].value.data + pairs[0].value.len, ':'))
        {
            pairs[0].value.len = 0;
        }

        rc = oauthcc_form_basic(fuzz->pool, &pairs[0].value,
                                &pairs[1].value, kind == 1, &header->value);
        break;

    case 3:
        oauthcc_fuzz_json(fuzz, pairs, &request->body);
        break;

    case 4:
        oauthcc_fuzz_arguments(fuzz, pairs, &request->url);
        break;

    case 5:
        request->body = pairs[1].value;
        break;

    default:
        header = ngx_array_push(&request->headers);
        oauthcc_fuzz_check(header != NULL);

        ngx_str_set(&header->name, "Authorization");
        header->value = pairs[1].value;

        if (kind == 7) {
            rc = oauthcc_fuzz_basic(fuzz, &pairs[1].value, &header->value);
        }
    }

    oauthcc_fuzz_check(rc == NGX_OK);
}


/* Any bytes in place of an id and a secret. */

static ngx_int_t
oauthcc_fuzz_basic(oauthcc_fuzz_t *fuzz, ngx_str_t *text, ngx_str_t *value)
{
    ngx_str_t  encoded;

    value->data = ngx_pnalloc(fuzz->pool, sizeof("Basic ")
                              + ngx_base64_encoded_length(text->len));
    oauthcc_fuzz_check(value->data != NULL);

    encoded.data = ngx_cpymem(value->data, "Basic ", sizeof("Basic ") - 1);
    encoded.len = 0;

    if (text->len) {
        ngx_encode_base64(&encoded, text);
    }

    value->len = sizeof("Basic ") - 1 + encoded.len;

    return NGX_OK;
}


/* A request that has its parameters in the URL. */

static void
oauthcc_fuzz_arguments(oauthcc_fuzz_t *fuzz, oauthcc_pair_t *pairs,
    ngx_str_t *url)
{
    u_char     *p;
    ngx_int_t   rc;
    ngx_str_t   form;

    rc = oauthcc_form_encode(fuzz->pool, pairs, 3, &form);
    oauthcc_fuzz_check(rc == NGX_OK);

    p = ngx_pnalloc(fuzz->pool, sizeof(OAUTHCC_FUZZ_URL "?") + form.len);
    oauthcc_fuzz_check(p != NULL);

    url->data = p;
    url->len = ngx_sprintf(p, OAUTHCC_FUZZ_URL "?%V", &form) - p;
}


/* Each byte as an escape: UTF-8 is no matter then. */

static void
oauthcc_fuzz_json(oauthcc_fuzz_t *fuzz, oauthcc_pair_t *pairs, ngx_str_t *out)
{
    u_char     *p, *local;
    size_t      k;
    ngx_str_t  *value;
    ngx_uint_t  i;

    p = ngx_palloc(fuzz->pool, 64 + 6 * (pairs[0].value.len
                                         + pairs[1].value.len
                                         + pairs[2].value.len));
    oauthcc_fuzz_check(p != NULL);

    out->data = p;
    *p++ = '{';

    for (i = 0; i < 3; i++) {
        value = &pairs[i].value;
        p = ngx_sprintf(p, "%s\"%V\":\"", i ? "," : "", &pairs[i].name);

        local = ngx_pnalloc(fuzz->pool, value->len + 1);
        oauthcc_fuzz_check(local != NULL);

        for (k = 0; k < value->len; k++) {

            /* what is no ASCII would be two bytes afterwards */

            local[k] = value->data[k] & 0x7f;
            p = ngx_sprintf(p, "\\u00%02xd", (int) local[k]);
        }

        value->data = local;

        *p++ = '"';
    }

    *p++ = '}';

    out->len = p - out->data;
}


/* Whether the secret is one, and nothing of it is in what is no secret. */

static ngx_uint_t
oauthcc_fuzz_hidden(oauthcc_pair_t *pairs, oauthcc_http_request_t *request)
{
    u_char            buf[OAUTHCC_REDACT_TEXT];
    ngx_str_t         plain, *id, *secret;
    ngx_uint_t        i;
    static ngx_str_t  header = ngx_string("Authorization");
    static ngx_str_t  url = ngx_string(OAUTHCC_FUZZ_URL);

    id = &pairs[0].value;
    secret = &pairs[1].value;

    if (secret->len < OAUTHCC_REDACT_RUN || id->len > OAUTHCC_REDACT_TEXT) {
        return 0;
    }

    for (i = 0; i < 3; i++) {
        if (oauthcc_fuzz_shares(secret, &pairs[i].name)) {
            return 0;
        }
    }

    /* the id is public as it is sent, with escapes, and without its own */

    if (id->len
        && (ngx_strlchr(secret->data, secret->data + secret->len, '%')
            || ngx_strlchr(secret->data, secret->data + secret->len, '\\')))
    {
        return 0;
    }

    plain.data = buf;
    oauthcc_redact_plain(id, &plain);

    return !oauthcc_fuzz_shares(secret, id)
           && !oauthcc_fuzz_shares(secret, &plain)
           && !oauthcc_fuzz_shares(secret, &header)
           && !oauthcc_fuzz_shares(secret, &url)
           && !oauthcc_fuzz_shares(secret, &request->authority);
}


/* Whether these bytes are in a text, as the comparison folds both. */

static ngx_uint_t
oauthcc_fuzz_within(ngx_str_t *text, u_char *run, size_t len)
{
    size_t  i, k;

    for (i = 0; i + len <= text->len; i++) {
        k = 0;

        while (k < len && oauthcc_fuzz_fold(text->data[i + k])
                          == oauthcc_fuzz_fold(run[k]))
        {
            k++;
        }

        if (k == len) {
            return 1;
        }
    }

    return 0;
}


static u_char
oauthcc_fuzz_fold(u_char c)
{
    return c == '+' ? ' ' : ngx_tolower(c);
}


/* Whether anything of one, long enough to matter, is in the other. */

static ngx_uint_t
oauthcc_fuzz_shares(ngx_str_t *a, ngx_str_t *b)
{
    size_t  i, len;

    len = OAUTHCC_REDACT_LEAST;

    for (i = 0; i + len <= a->len; i++) {
        if (oauthcc_fuzz_within(b, &a->data[i], len)) {
            return 1;
        }
    }

    return 0;
}
