
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "http/oauthcc_http2_frames.h"
#include "http/oauthcc_request_buffer.h"
#include "oauthcc_unit.h"


typedef struct {
    char       *name;
    ngx_str_t   text;
    ngx_str_t   uri;
    ngx_uint_t  headers;
    ngx_int_t   rc;
    ngx_str_t   expected;
} oauthcc_unit_line_t;


static ngx_int_t oauthcc_unit_line_text(oauthcc_unit_t *unit,
    oauthcc_unit_line_t *test);
static ngx_int_t oauthcc_unit_line_request(oauthcc_unit_t *unit,
    ngx_str_t *text, ngx_http_request_t *r);
static ngx_int_t oauthcc_unit_line_frames(oauthcc_unit_t *unit,
    oauthcc_unit_line_t *test);
static ngx_int_t oauthcc_unit_line_hosts(oauthcc_unit_t *unit);
static ngx_int_t oauthcc_unit_line_cut(oauthcc_unit_t *unit, ngx_str_t *text);
static ngx_int_t oauthcc_unit_line_long(oauthcc_unit_t *unit, ngx_str_t *text);


static oauthcc_pair_t  oauthcc_unit_line_headers[] = {
    { ngx_string("DPoP"), ngx_string("e.y.J") },
    { ngx_string("X-Empty"), ngx_string("") }
};


/* the URI is "/a?b" in all of them */

static oauthcc_unit_line_t  oauthcc_unit_lines[] = {

    { "a longer URI",
      ngx_string("GET /a?b HTTP/1.1" CRLF "A: 1" CRLF CRLF),
      ngx_string("/a?b&token=x"), 0, NGX_OK,
      ngx_string("GET /a?b&token=x HTTP/1.1" CRLF "A: 1" CRLF CRLF) },

    { "a shorter one",
      ngx_string("GET /a?b HTTP/1.0" CRLF CRLF), ngx_string("/"), 0, NGX_OK,
      ngx_string("GET / HTTP/1.0" CRLF CRLF) },

    { "a header line",
      ngx_string("GET /a?b HTTP/1.1" CRLF "A: 1" CRLF CRLF),
      ngx_string("/a?b"), 1, NGX_OK,
      ngx_string("GET /a?b HTTP/1.1" CRLF "DPoP: e.y.J" CRLF "A: 1" CRLF
                 CRLF) },

    { "two, where there are none",
      ngx_string("GET /a?b HTTP/1.1" CRLF CRLF), ngx_string("/"), 2, NGX_OK,
      ngx_string("GET / HTTP/1.1" CRLF "DPoP: e.y.J" CRLF "X-Empty: " CRLF
                 CRLF) },

    { "one in front of a body",
      ngx_string("GET /a?b HTTP/1.1" CRLF "A: 1" CRLF CRLF "b" CRLF CRLF "c"),
      ngx_string("/a?b"), 1, NGX_OK,
      ngx_string("GET /a?b HTTP/1.1" CRLF "DPoP: e.y.J" CRLF "A: 1" CRLF
                 CRLF "b" CRLF CRLF "c") },

    { "a line without an end",
      ngx_string("GET /a?b HTTP/1.1"),
      ngx_string("/a?b"), 1, NGX_DECLINED, ngx_string("") },

    { "no URI",
      ngx_string("GET /none HTTP/1.1" CRLF CRLF),
      ngx_string("/a?b"), 0, NGX_DECLINED, ngx_string("") }
};


#define OAUTHCC_UNIT_FRAMES                                                   \
    "PRI * HTTP/2.0" CRLF CRLF "SM" CRLF CRLF                                 \
    "\x00\x00\x00\x04\x00\x00\x00\x00\x00"                                    \
    "\x00\x00\x04\x08\x00\x00\x00\x00\x00\x7f\xff\x00\x00"

#define oauthcc_unit_dpop  "\x10\x04" "dpop" "\x05" "e.y.J"


/* method, scheme, path, authority and a header */

static oauthcc_unit_line_t  oauthcc_unit_frames[] = {

    { "a path as it is",
      ngx_string(OAUTHCC_UNIT_FRAMES
                 "\x00\x00\x10\x01\x05\x00\x00\x00\x01"
                 "\x82\x86\x44\x04/a?b\x41\x01h\x00\x01" "a\x01" "1"),
      ngx_string("/a?b&t=x"), 0, NGX_OK,
      ngx_string(OAUTHCC_UNIT_FRAMES
                 "\x00\x00\x14\x01\x05\x00\x00\x00\x01"
                 "\x82\x86\x14\x08/a?b&t=x\x41\x01h\x00\x01" "a\x01" "1") },

    { "a header",
      ngx_string(OAUTHCC_UNIT_FRAMES
                 "\x00\x00\x10\x01\x04\x00\x00\x00\x07"
                 "\x82\x86\x44\x04/a?b\x41\x01h\x00\x01" "a\x01" "1"),
      ngx_string("/a?b"), 1, NGX_OK,
      ngx_string(OAUTHCC_UNIT_FRAMES
                 "\x00\x00\x1c\x01\x04\x00\x00\x00\x07"
                 "\x82\x86\x14\x04/a?b\x41\x01h\x00\x01" "a\x01" "1"
                 oauthcc_unit_dpop) },

    { "a method with a value, and frames that continue",
      ngx_string(OAUTHCC_UNIT_FRAMES
                 "\x00\x00\x07\x01\x01\x00\x00\x00\x01"
                 "\x42\x03PUT\x86\x44"
                 "\x00\x00\x03\x09\x00\x00\x00\x00\x01" "\x04/a"
                 "\x00\x00\x05\x09\x04\x00\x00\x00\x01" "?b\x41\x01h"),
      ngx_string("/"), 0, NGX_OK,
      ngx_string(OAUTHCC_UNIT_FRAMES
                 "\x00\x00\x0c\x01\x05\x00\x00\x00\x01"
                 "\x42\x03PUT\x86\x14\x01/\x41\x01h") },

    { "no path",
      ngx_string(OAUTHCC_UNIT_FRAMES
                 "\x00\x00\x04\x01\x05\x00\x00\x00\x01" "\x82\x41\x01h"),
      ngx_string("/"), 0, NGX_DECLINED, ngx_string("") },

    { "a padded frame",
      ngx_string(OAUTHCC_UNIT_FRAMES
                 "\x00\x00\x03\x01\x0d\x00\x00\x00\x01" "\x00\x82\x84"),
      ngx_string("/"), 0, NGX_DECLINED, ngx_string("") },

    { "a length that does not end",
      ngx_string(OAUTHCC_UNIT_FRAMES
                 "\x00\x00\x09\x01\x05\x00\x00\x00\x01"
                 "\x82\x44\x7f\xff\xff\xff\xff\xff\xff"),
      ngx_string("/"), 0, NGX_DECLINED, ngx_string("") },

    { "bytes behind the header",
      ngx_string(OAUTHCC_UNIT_FRAMES
                 "\x00\x00\x02\x01\x05\x00\x00\x00\x01" "\x82\x84" "x"),
      ngx_string("/"), 0, NGX_DECLINED, ngx_string("") },

    { "another preface",
      ngx_string("PRI * HTTP/2.0" CRLF CRLF "SN" CRLF CRLF
                 "\x00\x00\x02\x01\x05\x00\x00\x00\x01" "\x82\x84"),
      ngx_string("/"), 0, NGX_DECLINED, ngx_string("") }
};


/* what requests with the URI "/a?b", and frames, say of method and host */

typedef struct {
    char       *name;
    ngx_str_t   text;
    ngx_int_t   rc;
    ngx_str_t   method;
    ngx_str_t   host;
} oauthcc_unit_host_t;

static oauthcc_unit_host_t  oauthcc_unit_hosts[] = {

    { "a host", ngx_string("GET /a?b HTTP/1.1" CRLF "A: Host: x" CRLF
                           "hOsT:  a:80" CRLF "B: 1" CRLF CRLF),
      NGX_OK, ngx_string("GET"), ngx_string("a:80") },
    { "without a blank", ngx_string("PUT /a?b HTTP/1.1" CRLF "Host:a" CRLF
                                    CRLF),
      NGX_OK, ngx_string("PUT"), ngx_string("a") },
    { "an empty one", ngx_string("GET /a?b HTTP/1.1" CRLF "Host: " CRLF CRLF),
      NGX_OK, ngx_string("GET"), ngx_string("") },
    { "none", ngx_string("GET /a?b HTTP/1.0" CRLF "X-Host: a" CRLF CRLF),
      NGX_OK, ngx_string("GET"), ngx_string("") },
    { "one in a body", ngx_string("GET /a?b HTTP/1.0" CRLF CRLF "Host: a"
                                  CRLF CRLF),
      NGX_OK, ngx_string("GET"), ngx_string("") },
    { "two methods", ngx_string("A B /a?b HTTP/1.0" CRLF CRLF),
      NGX_OK, ngx_string("A B"), ngx_string("") },
    { "no end", ngx_string("GET /a?b HTTP/1.0" CRLF "A: a" CRLF),
      NGX_DECLINED, ngx_string("GET"), ngx_string("") },
    { "no end of it", ngx_string("GET /a?b HTTP/1.0" CRLF "Host: a"),
      NGX_DECLINED, ngx_string("GET"), ngx_string("") },

    { "frames", ngx_string(OAUTHCC_UNIT_FRAMES
                           "\x00\x00\x10\x01\x05\x00\x00\x00\x01"
                           "\x82\x86\x44\x04/a?b\x41\x01h\x00\x01" "a\x01"
                           "1"),
      NGX_OK, ngx_string("GET"), ngx_string("h") },
    { "frames with POST", ngx_string(OAUTHCC_UNIT_FRAMES
                               "\x00\x00\x07\x01\x05\x00\x00\x00\x01"
                               "\x83\x86\x84\x41\x02h2"),
      NGX_OK, ngx_string("POST"), ngx_string("h2") },
    { "frames with a method", ngx_string(OAUTHCC_UNIT_FRAMES
                               "\x00\x00\x0a\x01\x05\x00\x00\x00\x01"
                               "\x42\x03PUT\x86\x84\x41\x01h"),
      NGX_OK, ngx_string("PUT"), ngx_string("h") },
    { "frames without a host", ngx_string(OAUTHCC_UNIT_FRAMES
                               "\x00\x00\x03\x01\x05\x00\x00\x00\x01"
                               "\x82\x86\x84"),
      NGX_DECLINED, ngx_string(""), ngx_string("") }
};


ngx_int_t
oauthcc_unit_request_buffer(oauthcc_unit_t *unit)
{
    ngx_uint_t            i;
    oauthcc_unit_line_t  *test;

    test = oauthcc_unit_lines;

    for (i = 0; i < sizeof(oauthcc_unit_lines) / sizeof(*test); i++) {
        if (oauthcc_unit_line_text(unit, &test[i]) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    test = oauthcc_unit_frames;

    for (i = 0; i < sizeof(oauthcc_unit_frames) / sizeof(*test); i++)
    {
        if (oauthcc_unit_line_frames(unit, &test[i]) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    if (oauthcc_unit_line_cut(unit, &test[1].text) != NGX_OK
        || oauthcc_unit_line_hosts(unit) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return oauthcc_unit_line_long(unit, &test[1].text);
}


static ngx_int_t
oauthcc_unit_line_text(oauthcc_unit_t *unit, oauthcc_unit_line_t *test)
{
    u_char              *at;
    ngx_int_t            rc;
    ngx_buf_t           *b;
    ngx_str_t            got, uri;
    ngx_http_request_t  *r;

    r = ngx_pcalloc(unit->pool, sizeof(ngx_http_request_t));

    if (r == NULL
        || oauthcc_unit_line_request(unit, &test->text, r) != NGX_OK)
    {
        return NGX_ERROR;
    }

    b = r->upstream->request_bufs->buf;
    at = ngx_strlchr(b->pos, b->last, '/');

    if (ngx_strncmp(at, "/a?b", sizeof("/a?b") - 1) == 0) {
        r->upstream->uri.data = at;
        r->upstream->uri.len = sizeof("/a?b") - 1;

        rc = oauthcc_request_buffer_uri(r, &uri);

        oauthcc_unit_ok(unit, rc == NGX_OK && uri.data == at,
                        "%s: the URI", test->name);
    }

    rc = oauthcc_request_buffer_change(r, &test->uri,
                                       oauthcc_unit_line_headers,
                                       test->headers);

    oauthcc_unit_number(unit, rc, test->rc, test->name);

    got.data = b->pos;
    got.len = b->last - b->pos;

    oauthcc_unit_string(unit, &got,
                        rc == NGX_OK ? &test->expected : &test->text,
                        test->name);

    oauthcc_unit_ok(unit, r->upstream->request_bufs->buf == b
                    && r->upstream->request_bufs->next == NULL
                    && b->start == b->pos && b->end == b->last
                    && b->flush && b->last_buf,
                    "%s: one buffer, as it was", test->name);

    return NGX_OK;
}


static ngx_int_t
oauthcc_unit_line_request(oauthcc_unit_t *unit, ngx_str_t *text,
    ngx_http_request_t *r)
{
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    r->pool = unit->pool;
    r->upstream = ngx_pcalloc(unit->pool, sizeof(ngx_http_upstream_t));

    b = ngx_create_temp_buf(unit->pool, text->len);
    cl = ngx_alloc_chain_link(unit->pool);

    if (r->upstream == NULL || b == NULL || cl == NULL) {
        return NGX_ERROR;
    }

    b->last = ngx_cpymem(b->last, text->data, text->len);
    b->flush = 1;
    b->last_buf = 1;

    cl->buf = b;
    cl->next = NULL;

    r->upstream->request_bufs = cl;

    return NGX_OK;
}


static ngx_int_t
oauthcc_unit_line_frames(oauthcc_unit_t *unit, oauthcc_unit_line_t *test)
{
    ngx_int_t            rc;
    ngx_buf_t           *b;
    ngx_str_t            got, uri;
    ngx_http_request_t  *r;

    r = ngx_pcalloc(unit->pool, sizeof(ngx_http_request_t));

    if (r == NULL
        || oauthcc_unit_line_request(unit, &test->text, r) != NGX_OK)
    {
        return NGX_ERROR;
    }

    b = r->upstream->request_bufs->buf;

    rc = oauthcc_request_buffer_uri(r, &uri);
    oauthcc_unit_number(unit, rc, test->rc, test->name);

    if (rc == NGX_OK) {
        ngx_str_set(&got, "/a?b");
        oauthcc_unit_string(unit, &uri, &got, test->name);
    }

    rc = oauthcc_request_buffer_change(r, &test->uri,
                                       oauthcc_unit_line_headers,
                                       test->headers);

    oauthcc_unit_number(unit, rc, test->rc, test->name);

    got.data = b->pos;
    got.len = b->last - b->pos;

    oauthcc_unit_string(unit, &got,
                        rc == NGX_OK ? &test->expected : &test->text,
                        test->name);

    return NGX_OK;
}


static ngx_int_t
oauthcc_unit_line_hosts(oauthcc_unit_t *unit)
{
    u_char               *at;
    ngx_int_t             rc;
    ngx_buf_t            *b;
    ngx_str_t             method, host;
    ngx_uint_t            i;
    ngx_http_request_t   *r;
    oauthcc_unit_host_t  *test;

    test = oauthcc_unit_hosts;

    for (i = 0; i < sizeof(oauthcc_unit_hosts) / sizeof(*test); i++, test++) {

        r = ngx_pcalloc(unit->pool, sizeof(ngx_http_request_t));

        if (r == NULL
            || oauthcc_unit_line_request(unit, &test->text, r) != NGX_OK)
        {
            return NGX_ERROR;
        }

        b = r->upstream->request_bufs->buf;
        at = ngx_strlchr(b->pos, b->last, '/');

        if (at[-1] == ' ' && at[1] == 'a') {
            r->upstream->uri.data = at;
            r->upstream->uri.len = sizeof("/a?b") - 1;
        }

        ngx_str_null(&method);
        ngx_str_null(&host);

        rc = oauthcc_request_buffer_host(r, &method, &host);

        oauthcc_unit_number(unit, rc, test->rc, test->name);

        if (rc == NGX_OK) {
            oauthcc_unit_string(unit, &method, &test->method, test->name);
            oauthcc_unit_string(unit, &host, &test->host, test->name);
        }
    }

    return NGX_OK;
}


/* What ends anywhere is refused, and nothing behind it is read. */

static ngx_int_t
oauthcc_unit_line_cut(oauthcc_unit_t *unit, ngx_str_t *text)
{
    ngx_buf_t   b;
    ngx_str_t   cut, local, uri;
    ngx_uint_t  refused;

    refused = 0;
    cut = *text;

    while (cut.len--) {

        if (oauthcc_unit_copy(unit, &cut, &local) != NGX_OK) {
            return NGX_ERROR;
        }

        ngx_memzero(&b, sizeof(ngx_buf_t));

        b.pos = local.data;
        b.last = local.data + local.len;

        refused += (oauthcc_http2_frames_uri(unit->pool, &b, &uri)
                    == NGX_DECLINED);

        ngx_free(local.data);
    }

    oauthcc_unit_number(unit, refused, text->len, "frames: cut");

    return NGX_OK;
}


/* Headers of more than a frame, with lengths of one byte and of more. */

static ngx_int_t
oauthcc_unit_line_long(oauthcc_unit_t *unit, ngx_str_t *text)
{
    size_t               len, i;
    u_char              *p;
    ngx_buf_t           *b;
    ngx_str_t            uri, got;
    ngx_uint_t           frames, good;
    ngx_http_request_t  *r;
    oauthcc_pair_t       header;

    static size_t  lens[] = { 126, 127, 128, 255, 16383, 16384,
                                        32768, 50000, 0 };

    r = ngx_pcalloc(unit->pool, sizeof(ngx_http_request_t));
    uri.data = ngx_pnalloc(unit->pool, 50000);
    header.value.data = ngx_pnalloc(unit->pool, 50000);

    if (r == NULL || uri.data == NULL || header.value.data == NULL) {
        return NGX_ERROR;
    }

    ngx_memset(uri.data, '/', 50000);
    ngx_memset(header.value.data, 'v', 50000);
    ngx_str_set(&header.name, "X");

    for (i = 0; lens[i]; i++) {

        if (oauthcc_unit_line_request(unit, text, r) != NGX_OK) {
            return NGX_ERROR;
        }

        b = r->upstream->request_bufs->buf;

        uri.len = lens[i];
        header.value.len = lens[i];

        if (oauthcc_request_buffer_change(r, &uri, &header, 1) != NGX_OK
            || oauthcc_request_buffer_uri(r, &got) != NGX_OK)
        {
            return NGX_ERROR;
        }

        oauthcc_unit_string(unit, &got, &uri, "frames: a long URI");

        /* and none of the frames is longer than it may be */

        p = b->pos + sizeof(OAUTHCC_UNIT_FRAMES) - 1;
        frames = 0;
        good = 1;

        while (p < b->last) {
            len = (size_t) p[0] << 16 | (size_t) p[1] << 8 | p[2];
            p += 9 + len;

            good = good && len <= 16384 && (len == 16384 || p == b->last);
            frames++;
        }

        oauthcc_unit_ok(unit, good && p == b->last
                        && frames == (size_t) (b->last - b->pos)
                                     / 16384 + 1,
                        "frames: of %uz bytes each", lens[i]);
    }

    return NGX_OK;
}
