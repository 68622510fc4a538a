
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "status/oauthcc_escape.h"


/* the replacements for a byte that is not UTF-8, and for text that is cut */

#define OAUTHCC_ESCAPE_REPLACED  "\xef\xbf\xbd"
#define OAUTHCC_ESCAPE_ELLIPSIS  "\xe2\x80\xa6"

#define OAUTHCC_ESCAPE_LEN       (sizeof("\xef\xbf\xbd") - 1)

/* so many bytes of a URL's at once */
#define OAUTHCC_ESCAPE_URI       128

#define OAUTHCC_ESCAPE_INVALID   0xffffffff


typedef struct {
    uint32_t   c;
    char      *text;
} oauthcc_escape_t;


static void oauthcc_escape_text(oauthcc_writer_t *w, ngx_str_t *text,
    size_t max, oauthcc_escape_t *escapes, ngx_uint_t html);
static uint32_t oauthcc_escape_next(u_char **pos, u_char *last);
static ngx_uint_t oauthcc_escape_unseen(uint32_t c);


static oauthcc_escape_t  oauthcc_escapes_html[] = {
    { '<', "&lt;" },
    { '>', "&gt;" },
    { '&', "&amp;" },
    { '"', "&quot;" },
    { '\'', "&#39;" },
    { 0, NULL }
};

static oauthcc_escape_t  oauthcc_escapes_label[] = {
    { '\\', "\\\\" },
    { '"', "\\\"" },
    { '\n', "\\n" },
    { 0, NULL }
};


void
oauthcc_escape_html(oauthcc_writer_t *w, ngx_str_t *text, size_t max)
{
    oauthcc_escape_text(w, text, max, oauthcc_escapes_html, 1);
}


void
oauthcc_escape_label(oauthcc_writer_t *w, ngx_str_t *text)
{
    oauthcc_escape_text(w, text, text->len, oauthcc_escapes_label, 0);
}


void
oauthcc_escape_uri(oauthcc_writer_t *w, ngx_str_t *text)
{
    u_char  *p, buf[3 * OAUTHCC_ESCAPE_URI];
    size_t   n, len;

    for (n = 0; n < text->len; n += len) {
        len = ngx_min(text->len - n, OAUTHCC_ESCAPE_URI);

        p = (u_char *) ngx_escape_uri(buf, text->data + n, len,
                                      NGX_ESCAPE_URI_COMPONENT);

        oauthcc_writer_bytes(w, buf, p - buf);
    }
}


static void
oauthcc_escape_text(oauthcc_writer_t *w, ngx_str_t *text, size_t max,
    oauthcc_escape_t *escapes, ngx_uint_t html)
{
    u_char            *p, *last, *start;
    size_t             n;
    uint32_t           c;
    oauthcc_escape_t  *e;

    if (text->len == 0) {
        return;
    }

    p = text->data;
    last = p + text->len;

    for (n = 0; p < last; n++) {

        if (n == max) {
            oauthcc_writer_put(w, OAUTHCC_ESCAPE_ELLIPSIS);
            return;
        }

        start = p;
        c = oauthcc_escape_next(&p, last);

        for (e = escapes; e->text && e->c != c; e++) { /* void */ }

        if (e->text) {
            oauthcc_writer_put(w, e->text);

        } else if (html && (c < 0x20 || c == 0x7f)) {
            oauthcc_writer_print(w, "&#x%xD;",
                                 c == 0x7f ? 0x2421 : 0x2400 + c);

        } else if (html && oauthcc_escape_unseen(c)) {
            oauthcc_writer_put(w, OAUTHCC_ESCAPE_REPLACED);

        } else if (c == OAUTHCC_ESCAPE_INVALID) {
            oauthcc_writer_print(w, "\\\\x%02xi", (ngx_uint_t) *start);

        } else {
            oauthcc_writer_bytes(w, start, p - start);
        }
    }
}


ngx_int_t
oauthcc_escape_utf8(ngx_pool_t *pool, ngx_str_t *text, size_t max,
    ngx_str_t *out)
{
    u_char   *p, *d, *last, *start;
    size_t    n, len;
    uint32_t  c;

    if (text->len == 0) {
        *out = *text;
        return NGX_OK;
    }

    p = text->data;
    last = p + text->len;
    len = 0;

    for (n = 0; p < last && n < max; n++) {
        start = p;
        c = oauthcc_escape_next(&p, last);

        len += (c == OAUTHCC_ESCAPE_INVALID)
               ? OAUTHCC_ESCAPE_LEN : (size_t) (p - start);
    }

    /* a replacement is longer than the original */

    if (p == last && len == text->len) {
        *out = *text;
        return NGX_OK;
    }

    d = ngx_pnalloc(pool, len + OAUTHCC_ESCAPE_LEN);
    if (d == NULL) {
        return NGX_ERROR;
    }

    out->data = d;
    p = text->data;

    for (n = 0; p < last && n < max; n++) {
        start = p;
        c = oauthcc_escape_next(&p, last);

        if (c == OAUTHCC_ESCAPE_INVALID) {
            d = ngx_cpymem(d, OAUTHCC_ESCAPE_REPLACED, OAUTHCC_ESCAPE_LEN);

        } else {
            d = ngx_cpymem(d, start, p - start);
        }
    }

    if (p < last) {
        d = ngx_cpymem(d, OAUTHCC_ESCAPE_ELLIPSIS, OAUTHCC_ESCAPE_LEN);
    }

    out->len = d - out->data;

    return NGX_OK;
}


/*
 * Decodes the character at *pos, which is moved behind it, or by one byte if
 * it is not valid.  ngx_utf8_decode() accepts surrogates, and skips the byte
 * that ends a sequence too early, which may be the closing quote.
 */

static uint32_t
oauthcc_escape_next(u_char **pos, u_char *last)
{
    u_char     *p;
    uint32_t    c, min;
    ngx_uint_t  n;

    p = *pos;
    *pos = p + 1;

    if (*p < 0x80) {
        return *p;
    }

    if (*p >= 0xc2 && *p < 0xe0) {
        c = *p & 0x1f;
        min = 0x80;
        n = 1;

    } else if ((*p & 0xf0) == 0xe0) {
        c = *p & 0x0f;
        min = 0x800;
        n = 2;

    } else if (*p >= 0xf0 && *p < 0xf5) {
        c = *p & 0x07;
        min = 0x10000;
        n = 3;

    } else {
        return OAUTHCC_ESCAPE_INVALID;
    }

    if ((size_t) (last - p) <= n) {
        return OAUTHCC_ESCAPE_INVALID;
    }

    for (p++; n; p++, n--) {

        if ((*p & 0xc0) != 0x80) {
            return OAUTHCC_ESCAPE_INVALID;
        }

        c = (c << 6) | (*p & 0x3f);
    }

    if (c < min || c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) {
        return OAUTHCC_ESCAPE_INVALID;
    }

    *pos = p;

    return c;
}


/* To be replaced: controls, marks of direction, line ends, noncharacters. */

static ngx_uint_t
oauthcc_escape_unseen(uint32_t c)
{
    return c == OAUTHCC_ESCAPE_INVALID
           || (c >= 0x80 && c < 0xa0)
           || c == 0x61c
           || (c >= 0x200b && c <= 0x200f)
           || (c >= 0x2028 && c <= 0x202e)
           || (c >= 0x2060 && c <= 0x206f)
           || c == 0xfeff
           || (c >= 0xfff9 && c <= 0xfffb)
           || (c & 0xfffe) == 0xfffe;
}
