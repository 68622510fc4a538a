
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_redact.h"


static void oauthcc_redact_look(oauthcc_redact_t *hush, size_t len);
static ngx_uint_t oauthcc_redact_known(oauthcc_redact_t *hush, size_t i,
    size_t len);
static ngx_uint_t oauthcc_redact_slot(uint64_t run);


void
oauthcc_redact_init(oauthcc_redact_t *hush, ngx_str_t *text)
{
    size_t      i;
    uint64_t    run;
    ngx_uint_t  slot;

    ngx_memzero(hush, sizeof(oauthcc_redact_t));

    hush->len = ngx_min(text->len, OAUTHCC_REDACT_TEXT);

    run = 0;

    for (i = hush->len; i-- > 0; /* void */ ) {

        run = (run >> 8) | ((uint64_t) ngx_tolower(text->data[i]) << 56);

        hush->keys[i] = run;

        if (i + OAUTHCC_REDACT_RUN <= hush->len) {
            slot = oauthcc_redact_slot(run);
            hush->map[slot >> 3] |= (u_char) (1 << (slot & 7));
        }
    }
}


void
oauthcc_redact_byte(oauthcc_redact_t *hush, u_char c)
{
    ngx_uint_t  slot;

    hush->run = (hush->run << 8) | ngx_tolower(c);
    hush->seen++;

    if (hush->seen < OAUTHCC_REDACT_RUN) {
        return;
    }

    slot = oauthcc_redact_slot(hush->run);

    if (hush->map[slot >> 3] & (1 << (slot & 7))) {
        oauthcc_redact_look(hush, OAUTHCC_REDACT_RUN);
    }
}


void
oauthcc_redact_form(oauthcc_redact_t *hush, u_char c)
{
    u_char  digit;

    if (hush->digits) {

        digit = (u_char) (c | 0x20);
        digit = (u_char) (digit - (digit >= 'a' ? 'a' - 10 : '0'));

        hush->escaped = (u_char) (hush->escaped << 4 | (digit & 0xf));

        if (--hush->digits == 0) {
            oauthcc_redact_byte(hush, hush->escaped);
        }

        return;
    }

    if (c == '%') {
        hush->digits = 2;
        hush->escaped = 0;
        return;
    }

    oauthcc_redact_byte(hush, c == '+' ? ' ' : c);
}


void
oauthcc_redact_end(oauthcc_redact_t *hush)
{
    if (hush->seen >= OAUTHCC_REDACT_LEAST
        && hush->seen < OAUTHCC_REDACT_RUN)
    {
        oauthcc_redact_look(hush, hush->seen);
    }

    hush->run = 0;
    hush->seen = 0;
    hush->digits = 0;
}


void
oauthcc_redact_value(oauthcc_redact_t *hush, ngx_str_t *value)
{
    size_t  i;

    for (i = 0; i < value->len; i++) {
        oauthcc_redact_byte(hush, value->data[i]);
    }

    oauthcc_redact_end(hush);
}


void
oauthcc_redact_all(oauthcc_redact_t *hush)
{
    ngx_memset(hush->found, 1, hush->len);
    hush->repeats = 1;
}


/* Where the last bytes of the value are in the text: so many of them. */

static void
oauthcc_redact_look(oauthcc_redact_t *hush, size_t len)
{
    size_t      i;
    ngx_uint_t  shift;

    shift = 64 - 8 * len;

    for (i = 0; i + len <= hush->len; i++) {

        if (hush->keys[i] >> shift != hush->run) {
            continue;
        }

        if (!hush->secret) {
            hush->known[i] = ngx_max(hush->known[i], len);
            continue;
        }

        if (!oauthcc_redact_known(hush, i, len)) {
            ngx_memset(&hush->found[i], 1, len);
            hush->repeats = 1;
        }
    }
}


/* Whether these bytes of the text are within a value that is no secret. */

static ngx_uint_t
oauthcc_redact_known(oauthcc_redact_t *hush, size_t i, size_t len)
{
    size_t  start;

    start = (i < OAUTHCC_REDACT_RUN)
            ? 0 : i - OAUTHCC_REDACT_RUN;

    for ( /* void */ ; start <= i; start++) {
        if (start + hush->known[start] >= i + len) {
            return 1;
        }
    }

    return 0;
}


static ngx_uint_t
oauthcc_redact_slot(uint64_t run)
{
    /* the bits that all bits of the run have a part in */

    return (ngx_uint_t) ((run * 0x9e3779b97f4a7c15ULL) >> 51);
}


ngx_uint_t
oauthcc_redact_repeats(ngx_str_t *text, ngx_str_t *secret)
{
    ngx_uint_t        repeats;
    oauthcc_redact_t  hush;

    oauthcc_redact_init(&hush, text);

    hush.secret = 1;
    oauthcc_redact_value(&hush, secret);

    repeats = hush.repeats;

    ngx_explicit_memzero(&hush, sizeof(oauthcc_redact_t));

    return repeats;
}


void
oauthcc_redact_plain(ngx_str_t *text, ngx_str_t *to)
{
    u_char     *p, *last, *dst;
    ngx_int_t   n;
    ngx_uint_t  skip;

    p = text->data;
    last = p + ngx_min(text->len, OAUTHCC_REDACT_TEXT);
    dst = to->data;

    while (p < last) {

        skip = (*p == '%') ? 1
               : (*p == '\\' && last - p > 1 && p[1] == 'x') ? 2 : 0;

        if (skip && last - p >= (ssize_t) skip + 2) {

            n = ngx_hextoi(p + skip, 2);

            if (n != NGX_ERROR) {
                *dst++ = (u_char) n;
                p += skip + 2;
                continue;
            }
        }

        *dst++ = *p++;
    }

    to->len = dst - to->data;
}


void
oauthcc_redact_replace(ngx_str_t *text)
{
    ngx_explicit_memzero(text->data, text->len);

    ngx_str_set(text, "(it repeats a secret)");
}
