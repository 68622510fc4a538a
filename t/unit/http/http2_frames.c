
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "http/oauthcc_http2_frames.h"
#include "oauthcc_unit.h"


#define OAUTHCC_UNIT_PREFACE  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


/* the fields of a header, and the host in it; empty: there is none */

typedef struct {
    char       *name;
    ngx_str_t   block;
    ngx_str_t   host;
} oauthcc_unit_frames_t;


/* POST and "/" by index, then others as literals */

static oauthcc_unit_frames_t  oauthcc_unit_frames[] = {
    { ":authority", ngx_string("\x83\x84\x41\x03" "a:1"),
      ngx_string("a:1") },
    { "host, as a literal", ngx_string("\x83\x84\x00\x04host\x03" "b:2"),
      ngx_string("b:2") },
    { "host, its name in Huffman's code",
      ngx_string("\x83\x84\x00\x83\x9c\xe8\x4f\x03" "c:3"),
      ngx_string("c:3") },
    { "host, its name by index", ngx_string("\x83\x84\x0f\x17\x03" "d:4"),
      ngx_string("d:4") },
    { ":authority before host",
      ngx_string("\x83\x84\x00\x04host\x01" "e" "\x41\x01" "f"),
      ngx_string("f") },
    { "another header", ngx_string("\x83\x84\x00\x04hosT\x01" "g"),
      ngx_null_string },
    { "a name of another length",
      ngx_string("\x83\x84\x00\x05hosts\x01" "h"), ngx_null_string },
    { "a host that is cut", ngx_string("\x83\x84\x00\x04host\x02" "i"),
      ngx_null_string },
};


ngx_int_t
oauthcc_unit_http2_frames(oauthcc_unit_t *unit)
{
    u_char                  text[128], *p;
    ngx_int_t               rc;
    ngx_buf_t               b;
    ngx_str_t               method, host;
    ngx_uint_t              i;
    oauthcc_unit_frames_t  *frames;

    frames = oauthcc_unit_frames;

    for (i = 0; i < sizeof(oauthcc_unit_frames) / sizeof(*frames); i++) {

        p = ngx_cpymem(text, OAUTHCC_UNIT_PREFACE,
                       sizeof(OAUTHCC_UNIT_PREFACE) - 1);

        /* HEADERS, with END_HEADERS, of the first stream */

        *p++ = 0;
        *p++ = 0;
        *p++ = (u_char) frames[i].block.len;
        p = ngx_cpymem(p, "\x01\x04\0\0\0\x01", 6);
        p = ngx_cpymem(p, frames[i].block.data, frames[i].block.len);

        ngx_memzero(&b, sizeof(ngx_buf_t));
        b.pos = text;
        b.last = p;

        ngx_str_null(&method);
        ngx_str_null(&host);

        rc = oauthcc_http2_frames_host(unit->pool, &b, &method, &host);

        oauthcc_unit_number(unit, rc, frames[i].host.len ? NGX_OK
                                                         : NGX_DECLINED,
                            frames[i].name);

        if (rc == NGX_OK) {
            oauthcc_unit_ok(unit, oauthcc_unit_equal(&host, &frames[i].host),
                            "%s: the host is %V", frames[i].name, &host);
        }
    }

    return NGX_OK;
}
