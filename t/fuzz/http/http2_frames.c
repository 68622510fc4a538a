
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


/*
 * The header of a request in frames of HTTP/2, "URI, separator, name,
 * separator, value, separator, frames": where it can be read it has the URI
 * that was put into it, and is read again.  What cannot be read stays as it
 * is.
 */


#include "oauthcc_fuzz.h"
#include "http/oauthcc_http2_frames.h"


/* the preface of a connection, in front of the frames of the input */
#define OAUTHCC_FUZZ_PREFACE  "PRI * HTTP/2.0" CRLF CRLF "SM" CRLF CRLF


char  *oauthcc_fuzz_providers = "";


void
oauthcc_fuzz_run(oauthcc_fuzz_t *fuzz)
{
    u_char          *p;
    ngx_buf_t        b, before;
    ngx_int_t        rc, host_rc;
    ngx_str_t        frames, uri, read, method, host, again;
    ngx_uint_t       failed;
    oauthcc_pair_t   header;

    oauthcc_fuzz_record(fuzz, &uri);
    oauthcc_fuzz_record(fuzz, &header.name);
    oauthcc_fuzz_record(fuzz, &header.value);

    frames.len = fuzz->last - fuzz->pos + sizeof(OAUTHCC_FUZZ_PREFACE) - 1;
    frames.data = ngx_alloc(frames.len, fuzz->log);
    oauthcc_fuzz_check(frames.data != NULL);

    p = ngx_cpymem(frames.data, OAUTHCC_FUZZ_PREFACE,
                   sizeof(OAUTHCC_FUZZ_PREFACE) - 1);

    if (fuzz->pos < fuzz->last) {
        ngx_memcpy(p, fuzz->pos, fuzz->last - fuzz->pos);
    }

    ngx_memzero(&b, sizeof(ngx_buf_t));

    b.start = frames.data;
    b.pos = b.start;
    b.last = b.start + frames.len;
    b.end = b.last;
    b.temporary = 1;

    before = b;

    oauthcc_fuzz_starve();
    rc = oauthcc_http2_frames_uri(fuzz->pool, &b, &read);
    failed = oauthcc_fuzz_starved();

    oauthcc_fuzz_check(rc != NGX_ERROR || failed);

    host_rc = oauthcc_http2_frames_host(fuzz->pool, &b, &method, &host);

    oauthcc_fuzz_check(host_rc == NGX_OK || host_rc == NGX_DECLINED);

    oauthcc_fuzz_starve();
    rc = oauthcc_http2_frames_change(fuzz->pool, &b, &uri, &header, 1);
    failed = oauthcc_fuzz_starved();

    oauthcc_fuzz_check(rc != NGX_ERROR || failed);

    if (rc != NGX_OK) {
        oauthcc_fuzz_check(b.pos == before.pos && b.last == before.last);
        ngx_free(frames.data);
        return;
    }

    ngx_memset(frames.data, 'x', frames.len);
    ngx_free(frames.data);

    rc = oauthcc_http2_frames_uri(fuzz->pool, &b, &read);

    oauthcc_fuzz_check(rc == NGX_OK);
    oauthcc_fuzz_check(oauthcc_fuzz_equal(&read, &uri));

    /* a block that was cut may end in what was appended */

    rc = oauthcc_http2_frames_host(fuzz->pool, &b, &method, &again);

    oauthcc_fuzz_check(rc == host_rc || host_rc == NGX_DECLINED);

    /* once more, which needs the same room */

    rc = oauthcc_http2_frames_change(fuzz->pool, &b, &uri, NULL, 0);
    oauthcc_fuzz_check(rc == NGX_OK);
}
