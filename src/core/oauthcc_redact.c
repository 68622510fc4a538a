
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_redact.h"


/* a run is the last bytes of a value or a text, case folded */

#define oauthcc_redact_add(run, c)                                            \
    ((run) << 8 | ((c) == '+' ? ' ' : ngx_tolower(c)))

/* the bits of the hash to which all bytes of a run contribute */

#define oauthcc_redact_slot(run)                                              \
    ((ngx_uint_t) (((run) * 0x9e3779b97f4a7c15ULL) >> 51))


static ngx_uint_t oauthcc_redact_feed(oauthcc_redact_t *redact,
    ngx_str_t *value, ngx_uint_t plain);
static u_char oauthcc_redact_unescape(u_char **pos, u_char *last);
static void oauthcc_redact_look(oauthcc_redact_t *redact, uint64_t run,
    size_t len);
static ngx_uint_t oauthcc_redact_known(oauthcc_redact_t *redact, size_t i,
    size_t len);


void
oauthcc_redact_init(oauthcc_redact_t *redact, ngx_str_t *text)
{
    size_t      i;
    uint64_t    run;
    ngx_uint_t  slot;

    ngx_memzero(redact, sizeof(oauthcc_redact_t));

    redact->text.data = text->data;
    redact->text.len = ngx_min(text->len, OAUTHCC_REDACT_TEXT);

    run = 0;

    for (i = 0; i < redact->text.len; i++) {
        run = oauthcc_redact_add(run, text->data[i]);

        slot = oauthcc_redact_slot(run);
        redact->map[slot >> 3] |= (u_char) (1 << (slot & 7));
    }
}


void
oauthcc_redact_value(oauthcc_redact_t *redact, ngx_str_t *value)
{
    if (value->len >= OAUTHCC_REDACT_LEAST
        && oauthcc_redact_feed(redact, value, 0))
    {
        (void) oauthcc_redact_feed(redact, value, 1);
    }
}


void
oauthcc_redact_all(oauthcc_redact_t *redact)
{
    ngx_memset(redact->found, 1, redact->text.len);
    redact->repeats = 1;
}


/* Returns whether there are escapes. */

static ngx_uint_t
oauthcc_redact_feed(oauthcc_redact_t *redact, ngx_str_t *value,
    ngx_uint_t plain)
{
    u_char     *p, *last, c;
    size_t      seen;
    uint64_t    run;
    ngx_uint_t  slot, escapes;

    run = 0;
    seen = 0;
    escapes = 0;

    p = value->data;
    last = p + value->len;

    while (p < last) {

        escapes |= (*p == '%' || *p == '\\');

        c = plain ? oauthcc_redact_unescape(&p, last) : *p++;
        run = oauthcc_redact_add(run, c);

        if (++seen < OAUTHCC_REDACT_RUN) {
            continue;
        }

        slot = oauthcc_redact_slot(run);

        if (redact->map[slot >> 3] & (1 << (slot & 7))) {
            oauthcc_redact_look(redact, run, OAUTHCC_REDACT_RUN);
        }
    }

    if (seen >= OAUTHCC_REDACT_LEAST && seen < OAUTHCC_REDACT_RUN) {
        oauthcc_redact_look(redact, run, seen);
    }

    return escapes;
}


/* Decodes the next character: %XX, \xXX, \u00XX, \n, or itself. */

static u_char
oauthcc_redact_unescape(u_char **pos, u_char *last)
{
    u_char      *p, c;
    size_t       digits;
    ngx_int_t    n;
    const char  *letter;

    static char  letters[] = "\"\\/bfnrt";
    static char  meant[] = "\"\\/\b\f\n\r\t";

    p = *pos;
    c = *p++;
    *pos = p;

    digits = (c == '%') ? 2 : 0;

    if (c == '\\' && p < last && *p) {

        letter = ngx_strchr(letters, *p);

        if (letter) {
            *pos = p + 1;
            return (u_char) meant[letter - letters];
        }

        digits = (*p == 'x') ? 2 : (*p == 'u') ? 4 : 0;
        p++;
    }

    if (digits && last - p >= (ssize_t) digits) {

        n = ngx_hextoi(p, digits);

        /* a JSON escape above ASCII is more than one byte: keep it escaped */

        if (n != NGX_ERROR && (digits == 2 || n < 0x80)) {
            *pos = p + digits;
            return (u_char) n;
        }
    }

    return c;
}


/* Searches the text for the run of this length. */

static void
oauthcc_redact_look(oauthcc_redact_t *redact, uint64_t run, size_t len)
{
    size_t    i, end;
    uint64_t  here, mask;

    here = 0;
    mask = (uint64_t) -1 >> (64 - 8 * len);

    for (end = 1; end <= redact->text.len; end++) {
        here = oauthcc_redact_add(here, redact->text.data[end - 1]);

        if (end < len || (here & mask) != run) {
            continue;
        }

        i = end - len;

        if (!redact->secret) {
            redact->known[i] = (u_char) ngx_max(redact->known[i], len);

        } else if (!oauthcc_redact_known(redact, i, len)) {
            ngx_memset(&redact->found[i], 1, len);
            redact->repeats = 1;
        }
    }
}


/* Whether these bytes of the text are part of a value that is not secret. */

static ngx_uint_t
oauthcc_redact_known(oauthcc_redact_t *redact, size_t i, size_t len)
{
    size_t  start;

    start = (i < OAUTHCC_REDACT_RUN) ? 0 : i - OAUTHCC_REDACT_RUN;

    for ( /* void */ ; start <= i; start++) {
        if (start + redact->known[start] >= i + len) {
            return 1;
        }
    }

    return 0;
}


ngx_uint_t
oauthcc_redact_repeats(ngx_str_t *text, ngx_str_t *secret)
{
    oauthcc_redact_t  redact;

    oauthcc_redact_init(&redact, text);

    redact.secret = 1;
    oauthcc_redact_value(&redact, secret);

    return redact.repeats;
}


void
oauthcc_redact_plain(ngx_str_t *text, ngx_str_t *to)
{
    u_char  *p, *last, *dst;

    p = text->data;
    last = p + ngx_min(text->len, OAUTHCC_REDACT_TEXT);
    dst = to->data;

    while (p < last) {
        *dst++ = oauthcc_redact_unescape(&p, last);
    }

    to->len = dst - to->data;
}


void
oauthcc_redact_replace(ngx_str_t *text)
{
    ngx_explicit_memzero(text->data, text->len);

    ngx_str_set(text, "(it repeats a secret)");
}
