
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


/*
 * Forms and Basic pairs, "record, separator, record...": the names and the
 * values, the first two of which are an id and a secret too.  What is encoded
 * is decoded again, by others, and must be what it was.
 */


#include "oauthcc_fuzz.h"
#include "http/oauthcc_form.h"
#include <openssl/evp.h>


#define OAUTHCC_FUZZ_PAIRS  16


char  *oauthcc_fuzz_providers = "";


static void oauthcc_fuzz_form(oauthcc_fuzz_t *fuzz, oauthcc_pair_t *pairs,
    ngx_uint_t n);
static void oauthcc_fuzz_basic(oauthcc_fuzz_t *fuzz, oauthcc_pair_t *pair,
    ngx_uint_t raw);


void
oauthcc_fuzz_run(oauthcc_fuzz_t *fuzz)
{
    ngx_uint_t      n;
    oauthcc_pair_t  pairs[OAUTHCC_FUZZ_PAIRS];

    n = 0;

    do {
        oauthcc_fuzz_record(fuzz, &pairs[n].name);
        oauthcc_fuzz_record(fuzz, &pairs[n].value);
        n++;

    } while (fuzz->pos < fuzz->last && n < OAUTHCC_FUZZ_PAIRS);

    oauthcc_fuzz_form(fuzz, pairs, n);

    oauthcc_fuzz_basic(fuzz, &pairs[0], 0);
    oauthcc_fuzz_basic(fuzz, &pairs[0], 1);
}


static void
oauthcc_fuzz_form(oauthcc_fuzz_t *fuzz, oauthcc_pair_t *pairs, ngx_uint_t n)
{
    u_char     *p, *last;
    ngx_int_t   rc;
    ngx_str_t   out, name, value;
    ngx_uint_t  i, first;

    oauthcc_fuzz_starve();
    rc = oauthcc_form_encode(fuzz->pool, pairs, n, &out);

    if (oauthcc_fuzz_starved()) {
        oauthcc_fuzz_check(rc == NGX_ERROR);
        return;
    }

    oauthcc_fuzz_check(rc == NGX_OK);
    oauthcc_fuzz_check(oauthcc_fuzz_printable(&out));

    p = out.data;
    last = out.data + out.len;
    first = 1;

    for (i = 0; i < n; i++) {

        if (pairs[i].value.len == 0) {
            continue;
        }

        if (!first) {
            oauthcc_fuzz_check(p < last && *p == '&');
            p++;
        }

        first = 0;

        rc = oauthcc_fuzz_decode(fuzz->pool, &p, last, 0, &name);

        oauthcc_fuzz_check(rc == NGX_OK);
        oauthcc_fuzz_check(oauthcc_fuzz_equal(&name, &pairs[i].name));
        oauthcc_fuzz_check(p < last && *p == '=');
        p++;

        rc = oauthcc_fuzz_decode(fuzz->pool, &p, last, 0, &value);

        oauthcc_fuzz_check(rc == NGX_OK);
        oauthcc_fuzz_check(oauthcc_fuzz_equal(&value, &pairs[i].value));
    }

    oauthcc_fuzz_check(p == last);
}


static void
oauthcc_fuzz_basic(oauthcc_fuzz_t *fuzz, oauthcc_pair_t *pair, ngx_uint_t raw)
{
    int        n;
    u_char    *p, *plain, *last;
    ngx_int_t  rc;
    ngx_str_t  out, text;

    oauthcc_fuzz_starve();
    rc = oauthcc_form_basic(fuzz->pool, &pair->name, &pair->value, raw, &out);

    if (oauthcc_fuzz_starved()) {
        oauthcc_fuzz_check(rc == NGX_ERROR);
        return;
    }

    oauthcc_fuzz_check(rc == NGX_OK);
    oauthcc_fuzz_check(oauthcc_fuzz_printable(&out));
    oauthcc_fuzz_check(out.len >= 6
                       && ngx_memcmp(out.data, "Basic ", 6) == 0);

    /* OpenSSL gives three bytes for four, and "=" stands for some of them */

    plain = ngx_palloc(fuzz->pool, out.len);
    oauthcc_fuzz_check(plain != NULL);

    n = EVP_DecodeBlock(plain, out.data + 6, (int) out.len - 6);
    oauthcc_fuzz_check(n >= 0);

    for (p = out.data + out.len; p[-1] == '='; p--) {
        n--;
    }

    last = plain + n;

    if (raw) {
        oauthcc_fuzz_check((size_t) n == pair->name.len + 1
                                         + pair->value.len);

        text.data = plain;
        text.len = pair->name.len;
        oauthcc_fuzz_check(oauthcc_fuzz_equal(&text, &pair->name));

        oauthcc_fuzz_check(plain[pair->name.len] == ':');

        text.data = plain + pair->name.len + 1;
        text.len = pair->value.len;
        oauthcc_fuzz_check(oauthcc_fuzz_equal(&text, &pair->value));
        return;
    }

    p = ngx_strlchr(plain, last, ':');
    oauthcc_fuzz_check(p != NULL);

    rc = oauthcc_fuzz_decode(fuzz->pool, &plain, p, 0, &text);

    oauthcc_fuzz_check(rc == NGX_OK && plain == p);
    oauthcc_fuzz_check(oauthcc_fuzz_equal(&text, &pair->name));
    p++;

    rc = oauthcc_fuzz_decode(fuzz->pool, &p, last, 0, &text);

    oauthcc_fuzz_check(rc == NGX_OK && p == last);
    oauthcc_fuzz_check(oauthcc_fuzz_equal(&text, &pair->value));
}
