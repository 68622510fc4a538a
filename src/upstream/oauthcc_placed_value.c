
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "upstream/oauthcc_placed_value.h"


/*
 * Any run of eight bytes contains four bytes that begin at a multiple of five.
 * Only these of a value are looked up, in the index of all positions of the
 * text.
 */

#define OAUTHCC_PLACED_VALUE_GRAM    4
#define OAUTHCC_PLACED_VALUE_STEP    5

#define OAUTHCC_PLACED_VALUE_SLOTS   1024

/*
 * Room for a piece as it is, form-decoded, and base64-decoded in four phases,
 * each followed by a zero, which no value contains.
 */

#define OAUTHCC_PLACED_VALUE_ROOM    (5 * OAUTHCC_PLACED_VALUE_PIECE + 64)

/* so many base64 characters contain a run, whatever the phase */

#define OAUTHCC_PLACED_VALUE_BASE64  11


/*
 * All decodings of a piece, one after the other, and a hash index of their
 * grams (four bytes): slots[] has the first position plus one, next[] the next
 * one.
 */

typedef struct {
    size_t    len;
    u_char    text[OAUTHCC_PLACED_VALUE_ROOM];
    uint16_t  next[OAUTHCC_PLACED_VALUE_ROOM];
    uint16_t  slots[OAUTHCC_PLACED_VALUE_SLOTS];
} oauthcc_placed_value_t;


static void oauthcc_placed_value_piece(oauthcc_placed_value_t *trace,
    u_char *p, u_char *last);
static void oauthcc_placed_value_form(oauthcc_placed_value_t *trace, u_char *p,
    u_char *last);
static void oauthcc_placed_value_base64(oauthcc_placed_value_t *trace,
    u_char *p, u_char *last);
static ngx_int_t oauthcc_placed_value_digit(u_char c);
static void oauthcc_placed_value_grams(oauthcc_placed_value_t *trace);
static ngx_uint_t oauthcc_placed_value_slot(u_char *p);
static ngx_uint_t oauthcc_placed_value_items(oauthcc_placed_value_t *trace,
    oauthcc_fields_t *fields, ngx_str_t *token);
static ngx_uint_t oauthcc_placed_value_argument(oauthcc_placed_value_t *trace,
    ngx_str_t *text);
static ngx_uint_t oauthcc_placed_value_value(oauthcc_placed_value_t *trace,
    u_char *value, size_t len);
static ngx_uint_t oauthcc_placed_value_run(oauthcc_placed_value_t *trace,
    size_t i, u_char *value, size_t len, size_t k);


ngx_uint_t
oauthcc_placed_value_holds(oauthcc_fields_t *fields, ngx_str_t *token,
    ngx_str_t *text)
{
    u_char                 *p, *last, *end;
    ngx_uint_t              holds;
    oauthcc_placed_value_t  trace;

    if (text->len < OAUTHCC_PLACED_VALUE_RUN) {
        return 0;
    }

    p = text->data;
    last = p + text->len;

    for ( ;; ) {
        end = (last - p > OAUTHCC_PLACED_VALUE_PIECE)
              ? p + OAUTHCC_PLACED_VALUE_PIECE : last;

        oauthcc_placed_value_piece(&trace, p, end);

        holds = oauthcc_placed_value_items(&trace, fields, token);

        if (holds || end == last) {
            break;
        }

        p = end - OAUTHCC_PLACED_VALUE_OVERLAP;
    }

    if (holds) {

        /* the decoded text may be a secret that no other memory holds */

        ngx_explicit_memzero(trace.text, trace.len);
    }

    return holds;
}


static void
oauthcc_placed_value_piece(oauthcc_placed_value_t *trace, u_char *p,
    u_char *last)
{
    ngx_memcpy(trace->text, p, last - p);

    trace->len = last - p;
    trace->text[trace->len++] = '\0';

    oauthcc_placed_value_form(trace, p, last);
    oauthcc_placed_value_base64(trace, p, last);

    oauthcc_placed_value_grams(trace);
}


static void
oauthcc_placed_value_form(oauthcc_placed_value_t *trace, u_char *p,
    u_char *last)
{
    u_char      c, *to;
    ngx_int_t   n;
    ngx_uint_t  encoded;

    to = trace->text + trace->len;
    encoded = 0;

    while (p < last) {
        c = *p++;

        if (c == '+') {
            c = ' ';
            encoded = 1;

        } else if (c == '%' && last - p >= 2) {
            n = ngx_hextoi(p, 2);

            if (n != NGX_ERROR) {
                c = (u_char) n;
                p += 2;
                encoded = 1;
            }
        }

        *to++ = c;
    }

    if (encoded) {
        *to++ = '\0';
        trace->len = to - trace->text;
    }
}


/*
 * Text may have been put in front before it was encoded, and the result may
 * have been cut: all four phases of base64 are tried.
 */

static void
oauthcc_placed_value_base64(oauthcc_placed_value_t *trace, u_char *p,
    u_char *last)
{
    u_char     *from, *c, *to;
    uint32_t    bits;
    ngx_uint_t  phase, have;

    to = trace->text + trace->len;

    for ( /* void */ ; p < last; p++) {

        for (from = p; p < last; p++) {
            if (oauthcc_placed_value_digit(*p) == NGX_ERROR) {
                break;
            }
        }

        if (p - from < OAUTHCC_PLACED_VALUE_BASE64) {
            continue;
        }

        for (phase = 0; phase < 4; phase++) {

            bits = 0;
            have = 0;

            for (c = from + phase; c < p; c++) {

                bits = bits << 6 | (uint32_t) oauthcc_placed_value_digit(*c);
                have += 6;

                if (have >= 8) {
                    have -= 8;
                    *to++ = (u_char) (bits >> have);
                }
            }

            *to++ = '\0';
        }
    }

    trace->len = to - trace->text;
}


/* Both alphabets of base64, RFC 4648 sections 4 and 5. */

static ngx_int_t
oauthcc_placed_value_digit(u_char c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }

    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }

    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }

    if (c == '+' || c == '-') {
        return 62;
    }

    if (c == '/' || c == '_') {
        return 63;
    }

    return NGX_ERROR;
}


static void
oauthcc_placed_value_grams(oauthcc_placed_value_t *trace)
{
    size_t      i;
    ngx_uint_t  slot;

    ngx_memzero(trace->slots, sizeof(trace->slots));

    for (i = 0; i + OAUTHCC_PLACED_VALUE_GRAM <= trace->len; i++) {
        slot = oauthcc_placed_value_slot(&trace->text[i]);

        trace->next[i] = trace->slots[slot];
        trace->slots[slot] = (uint16_t) (i + 1);
    }
}


static ngx_uint_t
oauthcc_placed_value_slot(u_char *p)
{
    uint32_t  gram;

    ngx_memcpy(&gram, p, sizeof(uint32_t));

    /* the ten highest bits of the product depend on all bits of the gram */

    return (ngx_uint_t) ((uint32_t) (gram * 0x9e3779b1U) >> 22);
}


static ngx_uint_t
oauthcc_placed_value_items(oauthcc_placed_value_t *trace,
    oauthcc_fields_t *fields, ngx_str_t *token)
{
    ngx_str_t  *value;
    ngx_uint_t  i, within;

    within = 0;

    for (i = 0; i < fields->added; i++) {
        value = &fields->headers[i].value;

        if (oauthcc_placed_value_value(trace, value->data, value->len)) {
            return 1;
        }

        /* a header contains the whole token: no separate search for it */

        if (token->data >= value->data
            && token->data + token->len <= value->data + value->len)
        {
            within = 1;
        }
    }

    for (i = 0; i < fields->narguments; i++) {
        if (oauthcc_placed_value_argument(trace, &fields->arguments[i].text))
        {
            return 1;
        }
    }

    return !within
           && oauthcc_placed_value_value(trace, token->data, token->len);
}


/* The value of "name=value", as encoded and decoded. */

static ngx_uint_t
oauthcc_placed_value_argument(oauthcc_placed_value_t *trace, ngx_str_t *text)
{
    u_char     *p, *last;
    size_t      n;
    ngx_uint_t  holds;
    u_char      raw[OAUTHCC_PLACED_VALUE_PIECE];

    last = text->data + text->len;

    p = ngx_strlchr(text->data, last, '=');
    if (p == NULL) {
        return 0;
    }

    p++;

    if (oauthcc_placed_value_value(trace, p, last - p)) {
        return 1;
    }

    if (ngx_strlchr(p, last, '%') == NULL) {
        return 0;
    }

    n = 0;
    holds = 0;

    while (p < last && !holds) {

        if (*p == '%' && last - p > 2) {
            raw[n++] = (u_char) ngx_hextoi(p + 1, 2);
            p += 3;

        } else {
            raw[n++] = *p++;
        }

        if (n == sizeof(raw) || p == last) {
            holds = oauthcc_placed_value_value(trace, raw, n);

            /* keep the end: a run may continue in the next buffer */

            if (n == sizeof(raw)) {
                n = OAUTHCC_PLACED_VALUE_RUN - 1;
                ngx_memmove(raw, raw + sizeof(raw) - n, n);
            }
        }
    }

    ngx_explicit_memzero(raw, sizeof(raw));

    return holds;
}


static ngx_uint_t
oauthcc_placed_value_value(oauthcc_placed_value_t *trace, u_char *value,
    size_t len)
{
    size_t      k;
    ngx_uint_t  i;

    for (k = 0;
         k + OAUTHCC_PLACED_VALUE_GRAM <= len;
         k += OAUTHCC_PLACED_VALUE_STEP)
    {
        i = trace->slots[oauthcc_placed_value_slot(value + k)];

        for ( /* void */ ; i; i = trace->next[i - 1]) {
            if (oauthcc_placed_value_run(trace, i - 1, value, len, k)) {
                return 1;
            }
        }
    }

    return 0;
}


/* Whether there is a run around these two positions. */

static ngx_uint_t
oauthcc_placed_value_run(oauthcc_placed_value_t *trace, size_t i,
    u_char *value, size_t len, size_t k)
{
    size_t  start, end;

    start = 0;

    while (start < OAUTHCC_PLACED_VALUE_RUN && start < i && start < k
           && trace->text[i - start - 1] == value[k - start - 1])
    {
        start++;
    }

    end = 0;

    while (end < OAUTHCC_PLACED_VALUE_RUN && i + end < trace->len
           && k + end < len && trace->text[i + end] == value[k + end])
    {
        end++;
    }

    return start + end >= OAUTHCC_PLACED_VALUE_RUN;
}
