
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "dpop/oauthcc_nonces.h"
#include "oauthcc_unit.h"


static void oauthcc_unit_nonces_syntax(oauthcc_unit_t *unit);
static void oauthcc_unit_nonces_recent(oauthcc_unit_t *unit);
static void oauthcc_unit_nonces_set(oauthcc_nonces_t *nonces, ngx_uint_t n,
    char *text, oauthcc_unit_t *unit);
static ngx_uint_t oauthcc_unit_nonces_is(oauthcc_nonces_t *nonces,
    ngx_uint_t n, char *text);
static void oauthcc_unit_nonces_origin(ngx_uint_t n, u_char *buf,
    ngx_str_t *origin);


ngx_int_t
oauthcc_unit_nonces(oauthcc_unit_t *unit)
{
    oauthcc_unit_nonces_syntax(unit);
    oauthcc_unit_nonces_recent(unit);

    return NGX_OK;
}


static void
oauthcc_unit_nonces_syntax(oauthcc_unit_t *unit)
{
    u_char            text[OAUTHCC_NONCES_MAX_NONCE + 1];
    u_char            name[OAUTHCC_NONCES_MAX_ORIGIN + 1];
    ngx_str_t         nonce, origin, got;
    ngx_uint_t        c, bad;
    oauthcc_nonces_t  nonces;

    bad = 0;

    for (c = 0; c < 256; c++) {

        text[0] = 'a'; text[1] = (u_char) c; text[2] = 'b';
        nonce.data = text;
        nonce.len = 3;

        /* NQCHAR of RFC 6749 appendix A */

        bad |= oauthcc_nonces_valid(&nonce)
               != (c == 0x21 || (c >= 0x23 && c <= 0x5b)
                   || (c >= 0x5d && c <= 0x7e));
    }

    oauthcc_unit_ok(unit, !bad, "the characters of a nonce, and no others");

    ngx_memset(text, 'x', sizeof(text));
    ngx_memset(name, 'y', sizeof(name));

    nonce.len = 0;
    oauthcc_unit_ok(unit, !oauthcc_nonces_valid(&nonce), "an empty one");

    nonce.len = OAUTHCC_NONCES_MAX_NONCE;
    oauthcc_unit_ok(unit, oauthcc_nonces_valid(&nonce), "the longest one");

    oauthcc_nonces_init(&nonces);

    origin.data = name;
    origin.len = OAUTHCC_NONCES_MAX_ORIGIN;
    oauthcc_unit_ok(unit, oauthcc_nonces_set(&nonces, &origin, &nonce,
                                             unit->log),
                    "it is taken");
    oauthcc_nonces_get(&nonces, &origin, &got);
    oauthcc_unit_string(unit, &got, &nonce, "it is kept");

    nonce.len++;
    oauthcc_unit_ok(unit, !oauthcc_nonces_set(&nonces, &origin, &nonce,
                                              unit->log),
                    "a longer one is not");
    oauthcc_nonces_get(&nonces, &origin, &got);
    oauthcc_unit_number(unit, got.len, OAUTHCC_NONCES_MAX_NONCE,
                        "a longer one is dropped");

    nonce.len = 1;
    origin.len++;
    oauthcc_unit_ok(unit, !oauthcc_nonces_set(&nonces, &origin, &nonce,
                                              unit->log),
                    "that of a longer origin is not");
    oauthcc_nonces_get(&nonces, &origin, &got);
    oauthcc_unit_number(unit, got.len, 0, "so is that of a longer origin");

    origin.len = 0;
    oauthcc_nonces_set(&nonces, &origin, &nonce, unit->log);
    oauthcc_unit_number(unit, nonces.n, 1, "and of none");

    oauthcc_nonces_free(&nonces);
}


static void
oauthcc_unit_nonces_recent(oauthcc_unit_t *unit)
{
    ngx_uint_t        i;
    oauthcc_nonces_t  nonces;

    oauthcc_nonces_init(&nonces);

    for (i = 0; i < OAUTHCC_NONCES_MAX; i++) {
        oauthcc_unit_nonces_set(&nonces, i, "first", unit);
    }

    oauthcc_unit_nonces_set(&nonces, 5, "second-and-longer", unit);

    oauthcc_unit_ok(unit, oauthcc_unit_nonces_is(&nonces, 5,
                                                 "second-and-longer"),
                    "the last one of a server");
    oauthcc_unit_ok(unit, oauthcc_unit_nonces_is(&nonces, 0, "first"),
                    "those of others stay");
    oauthcc_unit_number(unit, nonces.n, OAUTHCC_NONCES_MAX, "so many");

    /* 0 was used just now */

    oauthcc_unit_nonces_set(&nonces, i, "new", unit);

    oauthcc_unit_number(unit, nonces.n, OAUTHCC_NONCES_MAX, "and no more");
    oauthcc_unit_ok(unit, oauthcc_unit_nonces_is(&nonces, i, "new"),
                    "a new server has its own");
    oauthcc_unit_ok(unit, oauthcc_unit_nonces_is(&nonces, 1, ""),
                    "that of the least recent one goes");
    oauthcc_unit_ok(unit, oauthcc_unit_nonces_is(&nonces, 0, "first"),
                    "that of a recent one stays");
    oauthcc_unit_ok(unit, oauthcc_unit_nonces_is(&nonces, 2, "first"),
                    "and of the next");

    oauthcc_nonces_free(&nonces);

    oauthcc_unit_ok(unit, oauthcc_unit_nonces_is(&nonces, 0, ""), "freed");
}


static void
oauthcc_unit_nonces_set(oauthcc_nonces_t *nonces, ngx_uint_t n, char *text,
    oauthcc_unit_t *unit)
{
    u_char     buf[64];
    ngx_str_t  origin, nonce;

    oauthcc_unit_nonces_origin(n, buf, &origin);

    nonce.len = ngx_strlen(text);
    nonce.data = (u_char *) text;

    oauthcc_nonces_set(nonces, &origin, &nonce, unit->log);
}


static ngx_uint_t
oauthcc_unit_nonces_is(oauthcc_nonces_t *nonces, ngx_uint_t n, char *text)
{
    u_char     buf[64];
    ngx_str_t  origin, nonce, expected;

    oauthcc_unit_nonces_origin(n, buf, &origin);

    expected.len = ngx_strlen(text);
    expected.data = (u_char *) text;

    oauthcc_nonces_get(nonces, &origin, &nonce);

    return oauthcc_unit_equal(&nonce, &expected);
}


static void
oauthcc_unit_nonces_origin(ngx_uint_t n, u_char *buf, ngx_str_t *origin)
{
    origin->data = buf;
    origin->len = ngx_sprintf(buf, "https://api%ui.example.com", n) - buf;
}
