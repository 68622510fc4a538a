
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


/*
 * Requests for the status page, "arguments, separator, form, separator,
 * Accept, separator, Origin, separator, Host": a link to the page with what
 * was asked for asks for the same, a form is decoded within its bytes, and a
 * token that nobody has made is not valid.
 */


#include "oauthcc_fuzz.h"
#include <openssl/err.h>
#include <sys/mman.h>
#include "core/oauthcc_main_conf.h"
#include "status/oauthcc_form_token.h"
#include "status/oauthcc_status_form.h"
#include "status/oauthcc_status_http.h"
#include "status/oauthcc_status_query.h"


char  *oauthcc_fuzz_providers =
    "oauthcc_zone 1m;\n"
    "oauthcc_provider crm {"
        " token_endpoint http://127.0.0.1:9/; client_id gateway;"
        " client_secret of-crm-itself; }\n";


static void oauthcc_fuzz_query(oauthcc_fuzz_t *fuzz, ngx_http_request_t *r);
static void oauthcc_fuzz_link(ngx_str_t *link);
static void oauthcc_fuzz_form(oauthcc_fuzz_t *fuzz, ngx_http_request_t *r,
    ngx_str_t *body);
static ngx_fd_t oauthcc_fuzz_file(ngx_buf_t *b, ngx_file_t *file,
    ngx_uint_t cut);
static void oauthcc_fuzz_token(ngx_http_request_t *r, ngx_str_t *entry,
    ngx_str_t *token);
static void oauthcc_fuzz_accept(ngx_str_t *accept);
static void oauthcc_fuzz_origin(ngx_http_request_t *r, ngx_str_t *origin,
    ngx_str_t *host);


extern ngx_module_t  ngx_http_oauthcc_module;


void
oauthcc_fuzz_run(oauthcc_fuzz_t *fuzz)
{
    ngx_str_t            form, accept, origin, host;
    ngx_http_request_t  *r;

    r = oauthcc_fuzz_http_request(fuzz);

    oauthcc_fuzz_record(fuzz, &r->args);
    oauthcc_fuzz_record(fuzz, &form);
    oauthcc_fuzz_record(fuzz, &accept);
    oauthcc_fuzz_record(fuzz, &origin);
    oauthcc_fuzz_record(fuzz, &host);

    oauthcc_fuzz_query(fuzz, r);
    oauthcc_fuzz_form(fuzz, r, &form);
    oauthcc_fuzz_accept(&accept);
    oauthcc_fuzz_origin(r, &origin, &host);
}


static void
oauthcc_fuzz_query(oauthcc_fuzz_t *fuzz, ngx_http_request_t *r)
{
    ngx_int_t               rc;
    ngx_str_t               args;
    ngx_uint_t              failed;
    oauthcc_writer_t        w;
    oauthcc_status_query_t  query, again;

    args = r->args;

    oauthcc_fuzz_starve();
    rc = oauthcc_status_query_read(r, &query);
    failed = oauthcc_fuzz_starved();

    oauthcc_fuzz_check(rc == NGX_OK || rc == NGX_DECLINED
                       || (rc == NGX_ERROR && failed));
    oauthcc_fuzz_check(oauthcc_fuzz_equal(&args, &r->args));

    if (rc != NGX_OK) {
        return;
    }

    oauthcc_writer_init(&w, fuzz->pool);
    oauthcc_status_query_link(&w, &query);
    oauthcc_fuzz_written(fuzz, &w, &r->args);
    oauthcc_fuzz_link(&r->args);

    oauthcc_fuzz_check(oauthcc_status_query_read(r, &again) == NGX_OK);

    r->args = args;

    oauthcc_fuzz_check(oauthcc_fuzz_equal(&again.filter.provider,
                                          &query.filter.provider));
    oauthcc_fuzz_check(oauthcc_fuzz_equal(&again.filter.scope,
                                          &query.filter.scope));
    oauthcc_fuzz_check(again.filter.states == query.filter.states);
    oauthcc_fuzz_check(again.filter.limit == query.filter.limit);
    oauthcc_fuzz_check(again.paused == query.paused);
    oauthcc_fuzz_check(oauthcc_status_query_filters(&again)
                       == oauthcc_status_query_filters(&query));
}


/* The arguments of a link that stands in an attribute of HTML. */

static void
oauthcc_fuzz_link(ngx_str_t *link)
{
    u_char  *p, *last, *to;

    oauthcc_fuzz_check(link->len && link->data[0] == '?');
    oauthcc_fuzz_check(oauthcc_fuzz_printable(link)
                       && oauthcc_fuzz_word(link));

    to = link->data;
    last = link->data + link->len;

    for (p = link->data + 1; p < last; p++) {
        oauthcc_fuzz_check(*p != '"' && *p != '<' && *p != '>');

        *to++ = *p;

        if (*p == '&') {
            oauthcc_fuzz_check(last - p > 4
                               && ngx_strncmp(p, "&amp;", 5) == 0);
            p += 4;
        }
    }

    link->len = to - link->data;
}


/* A body that lies in two buffers, or that is none. */

static void
oauthcc_fuzz_form(oauthcc_fuzz_t *fuzz, ngx_http_request_t *r,
    ngx_str_t *body)
{
    ngx_buf_t                    bufs[2];
    ngx_int_t                    rc;
    ngx_str_t                    form, entry, token, other;
    ngx_file_t                   file;
    ngx_uint_t                   i, failed;
    ngx_chain_t                  chain[2];
    ngx_http_request_body_t      request_body;
    oauthcc_status_form_field_t  fields[] = {
        { ngx_string("entry"), &entry },
        { ngx_string("token"), &token },
        { ngx_string("provider"), &other },
        { ngx_null_string, NULL }
    };

    ngx_memzero(bufs, sizeof(bufs));
    ngx_memzero(&request_body, sizeof(ngx_http_request_body_t));

    ngx_memzero(&file, sizeof(ngx_file_t));
    file.fd = NGX_INVALID_FILE;
    file.log = fuzz->log;

    for (i = 0; i < 2; i++) {
        bufs[i].memory = 1;
        bufs[i].pos = body->data + (i ? body->len / 2 : 0);
        bufs[i].last = body->data + (i ? body->len : body->len / 2);

        chain[i].buf = &bufs[i];
        chain[i].next = i ? NULL : &chain[1];
    }

    /* one that begins so lies in a file, which may have lost its end */

    if (body->len > 2 && body->data[0] == '@') {
        file.fd = oauthcc_fuzz_file(&bufs[1], &file, body->data[1] == '@');
    }

    request_body.bufs = &chain[0];
    r->request_body = &request_body;

    oauthcc_fuzz_starve();
    rc = oauthcc_status_form_read(r, &form);
    failed = oauthcc_fuzz_starved();

    r->request_body = NULL;

    if (file.fd != NGX_INVALID_FILE) {
        (void) ngx_close_file(file.fd);

        if (body->data[1] == '@') {
            oauthcc_fuzz_check(rc != NGX_OK);
            return;
        }
    }

    oauthcc_fuzz_check(oauthcc_status_form_read(r, &other) == NGX_OK
                       && other.len == 0);

    if (rc != NGX_OK) {
        oauthcc_fuzz_check(failed || body->len > OAUTHCC_STATUS_FORM_MAX);
        return;
    }

    oauthcc_fuzz_check(oauthcc_fuzz_equal(&form, body));

    oauthcc_status_form_decode(r, &form, fields);

    for (i = 0; fields[i].value; i++) {
        oauthcc_fuzz_check(fields[i].value->data == NULL
                           || (fields[i].value->data >= form.data
                               && fields[i].value->data + fields[i].value->len
                                  <= form.data + form.len));
    }

    oauthcc_fuzz_token(r, &entry, &token);
}


static ngx_fd_t
oauthcc_fuzz_file(ngx_buf_t *b, ngx_file_t *file, ngx_uint_t cut)
{
    ssize_t   size;
    ngx_fd_t  fd;

    fd = memfd_create("body", MFD_CLOEXEC);
    oauthcc_fuzz_check(fd != NGX_INVALID_FILE);

    size = b->last - b->pos;

    oauthcc_fuzz_check(ngx_write_fd(fd, b->pos, size - cut)
                       == (ssize_t) (size - cut));

    ngx_memzero(b, sizeof(ngx_buf_t));

    b->in_file = 1;
    b->file = file;
    b->file_last = size;

    return fd;
}


static void
oauthcc_fuzz_token(ngx_http_request_t *r, ngx_str_t *entry, ngx_str_t *token)
{
    u_char                         text[OAUTHCC_FORM_TOKEN_LEN];
    ngx_int_t                      rc;
    ngx_str_t                      made;
    oauthcc_provider_t            *provider;
    oauthcc_form_token_t           form;
    ngx_http_oauthcc_main_conf_t  *omcf;

    provider = oauthcc_fuzz_provider("crm");
    omcf = ngx_http_get_module_main_conf(r, ngx_http_oauthcc_module);

    oauthcc_fuzz_check(!oauthcc_form_token_valid(omcf->cache, &provider->name,
                                                 entry, token));

    oauthcc_fuzz_check(oauthcc_form_token_init(&form, omcf->cache) == NGX_OK);

    oauthcc_fuzz_starve();
    rc = oauthcc_form_token_write(&form, &provider->name, entry, text);
    (void) oauthcc_fuzz_starved();

    oauthcc_fuzz_check(ERR_peek_error() == 0);

    if (rc != NGX_OK) {
        return;
    }

    made.data = text;
    made.len = OAUTHCC_FORM_TOKEN_LEN;

    oauthcc_fuzz_check(oauthcc_form_token_valid(omcf->cache, &provider->name,
                                                entry, &made));

    text[OAUTHCC_FORM_TOKEN_LEN - 1] ^= 1;

    oauthcc_fuzz_check(!oauthcc_form_token_valid(omcf->cache, &provider->name,
                                                 entry, &made));
}


static void
oauthcc_fuzz_accept(ngx_str_t *accept)
{
    ngx_str_t   type;
    ngx_uint_t  quality;

    ngx_str_set(&type, "text/html");

    quality = oauthcc_status_http_quality(accept, &type);

    oauthcc_fuzz_check(quality <= 1000);
    oauthcc_fuzz_check(quality == 0
                       || ngx_strlchr(accept->data, accept->data + accept->len,
                                      '/'));
}


static void
oauthcc_fuzz_origin(ngx_http_request_t *r, ngx_str_t *origin, ngx_str_t *host)
{
    ngx_str_t         name, *value;
    ngx_table_elt_t  *h;

    ngx_str_set(&name, "Host");
    r->headers_in.host = oauthcc_fuzz_header(&r->headers_in.headers, &name,
                                             host);

    oauthcc_fuzz_check(oauthcc_status_http_same_origin(r));

    ngx_str_set(&name, "Origin");
    (void) oauthcc_fuzz_header(&r->headers_in.headers, &name, origin);

    value = oauthcc_status_http_header(r, "origin");
    oauthcc_fuzz_check(value && oauthcc_fuzz_equal(value, origin));

    h = r->headers_in.host;
    r->headers_in.host = NULL;

    oauthcc_fuzz_check(!oauthcc_status_http_same_origin(r));

    r->headers_in.host = h;

    if (oauthcc_status_http_same_origin(r)) {
        oauthcc_fuzz_check(host->len && origin->len > host->len);
        oauthcc_fuzz_check(ngx_strncasecmp(origin->data, (u_char *) "http", 4)
                           == 0);
        oauthcc_fuzz_check(ngx_strncasecmp(origin->data + origin->len
                                           - host->len,
                                           host->data, host->len)
                           == 0);
    }

    /* a second one is a forgery */

    (void) oauthcc_fuzz_header(&r->headers_in.headers, &name, origin);

    oauthcc_fuzz_check(!oauthcc_status_http_same_origin(r));
}
