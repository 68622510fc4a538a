
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "http/oauthcc_http2_frames.h"
#include "core/oauthcc_text.h"


/* RFC 9113, sections 3.4, 4.1, 4.2 and 6.2 */

#define OAUTHCC_HTTP2_FRAMES_PREFACE                                          \
    "PRI * HTTP/2.0" CRLF CRLF "SM" CRLF CRLF

#define OAUTHCC_HTTP2_FRAMES_HEAD          9
#define OAUTHCC_HTTP2_FRAMES_SIZE          16384

#define OAUTHCC_HTTP2_FRAMES_HEADERS       0x1
#define OAUTHCC_HTTP2_FRAMES_CONTINUATION  0x9

#define OAUTHCC_HTTP2_FRAMES_END_HEADERS   0x4
#define OAUTHCC_HTTP2_FRAMES_PADDED        0x8
#define OAUTHCC_HTTP2_FRAMES_PRIORITY      0x20

/* RFC 7541, sections 5.1, 5.2, 6.2.3 and appendix A */

#define OAUTHCC_HTTP2_FRAMES_INT           5
#define OAUTHCC_HTTP2_FRAMES_HUFFMAN       0x80
#define OAUTHCC_HTTP2_FRAMES_NEVER         0x10
#define OAUTHCC_HTTP2_FRAMES_AUTHORITY     1
#define OAUTHCC_HTTP2_FRAMES_METHOD        2
#define OAUTHCC_HTTP2_FRAMES_METHOD_POST   3
#define OAUTHCC_HTTP2_FRAMES_PATH          4
#define OAUTHCC_HTTP2_FRAMES_PATH_INDEX    5
#define OAUTHCC_HTTP2_FRAMES_HOST          38

/* the name in Huffman's code of RFC 7541, appendix B */
#define OAUTHCC_HTTP2_FRAMES_HOST_NAME     "\x9c\xe8\x4f"


/* the header of a request, and a field in it, as a rule :path */

typedef struct {
    u_char     *frame;  /* HEADERS */
    ngx_str_t   block;  /* of all its frames */
    u_char     *field;
    u_char     *behind;
    ngx_str_t   value;
    ngx_uint_t  huffman;
} oauthcc_http2_frames_t;


static ngx_int_t oauthcc_http2_frames_read(ngx_pool_t *pool, ngx_buf_t *b,
    oauthcc_http2_frames_t *frames);
static size_t oauthcc_http2_frames_length(u_char *frame, u_char *last);
static ngx_int_t oauthcc_http2_frames_block(ngx_pool_t *pool, ngx_buf_t *b,
    oauthcc_http2_frames_t *frames);
static ngx_int_t oauthcc_http2_frames_field(oauthcc_http2_frames_t *frames,
    size_t first, size_t last);
static ngx_uint_t oauthcc_http2_frames_is_host(ngx_str_t *name,
    ngx_uint_t huffman);
static ngx_int_t oauthcc_http2_frames_value(ngx_pool_t *pool,
    oauthcc_http2_frames_t *frames, ngx_str_t *value);
static ngx_int_t oauthcc_http2_frames_integer(u_char **pos, u_char *last,
    ngx_uint_t bits, size_t *n);
static ngx_int_t oauthcc_http2_frames_string(u_char **pos, u_char *last,
    ngx_str_t *string, ngx_uint_t *huffman);
static ngx_int_t oauthcc_http2_frames_decode(ngx_pool_t *pool,
    ngx_str_t *string);
static u_char *oauthcc_http2_frames_write(u_char *p, ngx_str_t *string);
static u_char *oauthcc_http2_frames_split(u_char *p, u_char *head,
    ngx_str_t *block);


#if (nginx_version >= 1029004)

/*
 * Only an nginx whose proxy speaks HTTP/2 builds such frames, but this room is
 * compiled for all versions.
 */

extern ngx_int_t ngx_http_huff_decode(u_char *state, u_char *src, size_t len,
    u_char **dst, ngx_uint_t last, ngx_log_t *log) __attribute__((weak));

#endif


ngx_int_t
oauthcc_http2_frames_uri(ngx_pool_t *pool, ngx_buf_t *b, ngx_str_t *uri)
{
    ngx_int_t               rc;
    oauthcc_http2_frames_t  frames;

    rc = oauthcc_http2_frames_read(pool, b, &frames);

    return (rc == NGX_OK) ? oauthcc_http2_frames_value(pool, &frames, uri)
                          : rc;
}


ngx_int_t
oauthcc_http2_frames_host(ngx_pool_t *pool, ngx_buf_t *b, ngx_str_t *method,
    ngx_str_t *host)
{
    ngx_int_t               rc;
    oauthcc_http2_frames_t  frames;

    rc = oauthcc_http2_frames_read(pool, b, &frames);

    if (rc == NGX_OK) {
        rc = oauthcc_http2_frames_field(&frames, OAUTHCC_HTTP2_FRAMES_METHOD,
                                        OAUTHCC_HTTP2_FRAMES_METHOD_POST);
    }

    if (rc == NGX_OK) {
        rc = oauthcc_http2_frames_value(pool, &frames, method);
    }

    if (rc == NGX_OK) {
        rc = oauthcc_http2_frames_field(&frames,
                                        OAUTHCC_HTTP2_FRAMES_AUTHORITY,
                                        OAUTHCC_HTTP2_FRAMES_AUTHORITY);

        if (rc == NGX_DECLINED) {

            /* "proxy_set_header Host" takes its place before 1.31.5 */

            rc = oauthcc_http2_frames_field(&frames,
                                            OAUTHCC_HTTP2_FRAMES_HOST,
                                            OAUTHCC_HTTP2_FRAMES_HOST);
        }
    }

    return (rc == NGX_OK) ? oauthcc_http2_frames_value(pool, &frames, host)
                          : rc;
}


ngx_int_t
oauthcc_http2_frames_change(ngx_pool_t *pool, ngx_buf_t *b, ngx_str_t *uri,
    oauthcc_pair_t *headers, ngx_uint_t n)
{
    size_t                  len, front;
    u_char                 *p, *start;
    ngx_int_t               rc;
    ngx_str_t               block;
    ngx_uint_t              i;
    oauthcc_http2_frames_t  frames;

    rc = oauthcc_http2_frames_read(pool, b, &frames);

    if (rc != NGX_OK) {
        return rc;
    }

    /* the header block: one byte and a string, or two strings, for the path */

    len = frames.block.len + 1 + OAUTHCC_HTTP2_FRAMES_INT + uri->len;

    for (i = 0; i < n; i++) {
        len += 1 + 2 * OAUTHCC_HTTP2_FRAMES_INT
               + headers[i].name.len + headers[i].value.len;
    }

    front = frames.frame - b->pos;

    start = ngx_pnalloc(pool, front + 2 * len
                              + (len / OAUTHCC_HTTP2_FRAMES_SIZE + 1)
                                * OAUTHCC_HTTP2_FRAMES_HEAD);
    if (start == NULL) {
        return NGX_ERROR;
    }

    /* build it behind its final place, then cut it into frames */

    block.data = start + front + len
                 + (len / OAUTHCC_HTTP2_FRAMES_SIZE + 1)
                   * OAUTHCC_HTTP2_FRAMES_HEAD;

    p = ngx_cpymem(block.data, frames.block.data,
                   frames.field - frames.block.data);

    *p++ = OAUTHCC_HTTP2_FRAMES_NEVER | OAUTHCC_HTTP2_FRAMES_PATH;
    p = oauthcc_http2_frames_write(p, uri);

    p = ngx_cpymem(p, frames.behind,
                   frames.block.data + frames.block.len - frames.behind);

    for (i = 0; i < n; i++) {
        *p++ = OAUTHCC_HTTP2_FRAMES_NEVER;

        len = headers[i].name.len;
        p = oauthcc_http2_frames_write(p, &headers[i].name);
        ngx_strlow(p - len, p - len, len);

        p = oauthcc_http2_frames_write(p, &headers[i].value);
    }

    block.len = p - block.data;

    p = ngx_cpymem(start, b->pos, front);
    p = oauthcc_http2_frames_split(p, frames.frame, &block);

    b->start = start;
    b->pos = start;
    b->last = p;
    b->end = p;

    return NGX_OK;
}


static ngx_int_t
oauthcc_http2_frames_read(ngx_pool_t *pool, ngx_buf_t *b,
    oauthcc_http2_frames_t *frames)
{
    size_t     len;
    u_char    *p;
    ngx_int_t  rc;

    ngx_memzero(frames, sizeof(oauthcc_http2_frames_t));

    len = sizeof(OAUTHCC_HTTP2_FRAMES_PREFACE) - 1;
    p = b->pos;

    if ((size_t) (b->last - p) < len
        || ngx_memcmp(p, OAUTHCC_HTTP2_FRAMES_PREFACE, len) != 0)
    {
        return NGX_DECLINED;
    }

    for ( ;; ) {
        p += len;
        len = oauthcc_http2_frames_length(p, b->last);

        if (len == 0) {
            return NGX_DECLINED;
        }

        if (p[3] == OAUTHCC_HTTP2_FRAMES_HEADERS) {
            break;
        }
    }

    frames->frame = p;

    rc = oauthcc_http2_frames_block(pool, b, frames);

    return (rc == NGX_OK)
           ? oauthcc_http2_frames_field(frames, OAUTHCC_HTTP2_FRAMES_PATH,
                                        OAUTHCC_HTTP2_FRAMES_PATH_INDEX)
           : rc;
}


/* The length of a complete frame with its head; 0 if it is not complete. */

static size_t
oauthcc_http2_frames_length(u_char *frame, u_char *last)
{
    size_t  len;

    if (last - frame < OAUTHCC_HTTP2_FRAMES_HEAD) {
        return 0;
    }

    len = OAUTHCC_HTTP2_FRAMES_HEAD
          + ((size_t) frame[0] << 16 | (size_t) frame[1] << 8 | frame[2]);

    return (len > (size_t) (last - frame)) ? 0 : len;
}


/* Joins the payloads of all frames of the header. */

static ngx_int_t
oauthcc_http2_frames_block(ngx_pool_t *pool, ngx_buf_t *b,
    oauthcc_http2_frames_t *frames)
{
    size_t   len;
    u_char  *p, *to, flags;

    p = frames->frame;

    if (p[4] & (OAUTHCC_HTTP2_FRAMES_PADDED
                |OAUTHCC_HTTP2_FRAMES_PRIORITY))
    {
        return NGX_DECLINED;
    }

    to = ngx_pnalloc(pool, b->last - p);
    if (to == NULL) {
        return NGX_ERROR;
    }

    frames->block.data = to;

    do {
        len = oauthcc_http2_frames_length(p, b->last);

        if (len == 0
            || (p != frames->frame
                && p[3] != OAUTHCC_HTTP2_FRAMES_CONTINUATION))
        {
            return NGX_DECLINED;
        }

        flags = p[4];

        to = ngx_cpymem(to, p + OAUTHCC_HTTP2_FRAMES_HEAD,
                        len - OAUTHCC_HTTP2_FRAMES_HEAD);
        p += len;

    } while (!(flags & OAUTHCC_HTTP2_FRAMES_END_HEADERS));

    frames->block.len = to - frames->block.data;

    return (p == b->last) ? NGX_OK : NGX_DECLINED;
}


/*
 * The first field with a name of these indexes of the static table.  nginx
 * never refers to the dynamic one, so it need not be tracked.
 */

static ngx_int_t
oauthcc_http2_frames_field(oauthcc_http2_frames_t *frames, size_t first,
    size_t last)
{
    u_char      c, *p, *end;
    size_t      index;
    ngx_str_t   name;
    ngx_uint_t  bits, huffman;

    static ngx_str_t  values[] = {
        ngx_null_string, ngx_null_string,
        ngx_string("GET"), ngx_string("POST"),
        ngx_string("/"), ngx_string("/index.html")
    };

    p = frames->block.data;
    end = p + frames->block.len;

    while (p < end) {

        frames->field = p;

        c = *p;
        bits = (c & 0x80) ? 7 : (c & 0x40) ? 6 : (c & 0x20) ? 5 : 4;

        if (oauthcc_http2_frames_integer(&p, end, bits, &index)
            != NGX_OK)
        {
            return NGX_DECLINED;
        }

        ngx_str_null(&name);
        ngx_str_null(&frames->value);
        frames->huffman = 0;
        huffman = 0;

        /* 7: an indexed field, 5: a table size update */

        if (bits == 7 && index <= OAUTHCC_HTTP2_FRAMES_PATH_INDEX) {
            frames->value = values[index];

        } else if (bits == 6 || bits == 4) {

            if ((index == 0
                 && oauthcc_http2_frames_string(&p, end, &name, &huffman)
                    != NGX_OK)
                || oauthcc_http2_frames_string(&p, end, &frames->value,
                                               &frames->huffman)
                   != NGX_OK)
            {
                return NGX_DECLINED;
            }

            if (index == 0 && oauthcc_http2_frames_is_host(&name, huffman)) {
                index = OAUTHCC_HTTP2_FRAMES_HOST;
            }
        }

        if (index >= first && index <= last && frames->value.data) {
            frames->behind = p;
            return NGX_OK;
        }
    }

    return NGX_DECLINED;
}


static ngx_uint_t
oauthcc_http2_frames_is_host(ngx_str_t *name, ngx_uint_t huffman)
{
    return huffman ? oauthcc_text_is(name, OAUTHCC_HTTP2_FRAMES_HOST_NAME)
                   : oauthcc_text_is(name, "host");
}


static ngx_int_t
oauthcc_http2_frames_value(ngx_pool_t *pool, oauthcc_http2_frames_t *frames,
    ngx_str_t *value)
{
    *value = frames->value;

    return frames->huffman ? oauthcc_http2_frames_decode(pool, value) : NGX_OK;
}


static ngx_int_t
oauthcc_http2_frames_integer(u_char **pos, u_char *last, ngx_uint_t bits,
    size_t *n)
{
    u_char      c, *p;
    size_t      mask;
    ngx_uint_t  shift;

    p = *pos;

    if (p == last) {
        return NGX_DECLINED;
    }

    mask = ((size_t) 1 << bits) - 1;
    *n = *p++ & mask;

    if (*n == mask) {
        shift = 0;

        do {
            if (p == last || shift > 21) {
                return NGX_DECLINED;
            }

            c = *p++;
            *n += (size_t) (c & 0x7f) << shift;
            shift += 7;

        } while (c & 0x80);
    }

    *pos = p;

    return NGX_OK;
}


static ngx_int_t
oauthcc_http2_frames_string(u_char **pos, u_char *last, ngx_str_t *string,
    ngx_uint_t *huffman)
{
    if (*pos == last) {
        return NGX_DECLINED;
    }

    *huffman = (**pos & OAUTHCC_HTTP2_FRAMES_HUFFMAN);

    if (oauthcc_http2_frames_integer(pos, last, 7, &string->len) != NGX_OK
        || string->len > (size_t) (last - *pos))
    {
        return NGX_DECLINED;
    }

    string->data = *pos;
    *pos += string->len;

    return NGX_OK;
}


static ngx_int_t
oauthcc_http2_frames_decode(ngx_pool_t *pool, ngx_str_t *string)
{
#if (nginx_version >= 1029004)
    u_char     state, *p, *start;
    ngx_int_t  rc;

    if (&ngx_http_huff_decode == NULL) {
        return NGX_DECLINED;
    }

    /* no Huffman code is shorter than five bits */

    start = ngx_pnalloc(pool, string->len * 8 / 5 + 1);
    if (start == NULL) {
        return NGX_ERROR;
    }

    state = 0;
    p = start;

    rc = ngx_http_huff_decode(&state, string->data, string->len, &p, 1,
                              pool->log);

    string->data = start;
    string->len = p - start;

    return (rc == NGX_OK) ? NGX_OK : NGX_DECLINED;
#else
    return NGX_DECLINED;
#endif
}


static u_char *
oauthcc_http2_frames_write(u_char *p, ngx_str_t *string)
{
    size_t  len;

    len = string->len;

    if (len < 0x7f) {
        *p++ = (u_char) len;

    } else {
        *p++ = 0x7f;

        for (len -= 0x7f; len >= 0x80; len >>= 7) {
            *p++ = (u_char) (0x80 | (len & 0x7f));
        }

        *p++ = (u_char) len;
    }

    return ngx_cpymem(p, string->data, string->len);
}


/* Flags and stream are copied from the original frame. */

static u_char *
oauthcc_http2_frames_split(u_char *p, u_char *head, ngx_str_t *block)
{
    size_t   len, size;
    u_char  *from, *frame;

    from = block->data;
    len = block->len;

    do {
        size = ngx_min(len, OAUTHCC_HTTP2_FRAMES_SIZE);
        len -= size;

        frame = p;
        p = ngx_cpymem(p, head, OAUTHCC_HTTP2_FRAMES_HEAD);

        frame[0] = (u_char) (size >> 16);
        frame[1] = (u_char) (size >> 8);
        frame[2] = (u_char) size;

        if (from != block->data) {
            frame[3] = OAUTHCC_HTTP2_FRAMES_CONTINUATION;
            frame[4] = 0;
        }

        frame[4] &= (u_char) ~OAUTHCC_HTTP2_FRAMES_END_HEADERS;

        if (len == 0) {
            frame[4] |= OAUTHCC_HTTP2_FRAMES_END_HEADERS;
        }

        p = ngx_cpymem(p, from, size);
        from += size;

    } while (len);

    return p;
}
