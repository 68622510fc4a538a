
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


/*
 * Forms and Basic pairs, "record, separator, record...": the names and the
 * values, the first two of which are an id and a secret too.  What is encoded
 * is decoded again, by others, and must be what it was.
 */


#include "ngx_http_oauthcc_fuzz.h"
#include "http/oauthcc_form.h"
#include <openssl/evp.h>


#define NGX_HTTP_OAUTHCC_FUZZ_PAIRS  16


char  *ngx_http_oauthcc_fuzz_providers = "";


static void ngx_http_oauthcc_fuzz_form(ngx_http_oauthcc_fuzz_t *fuzz,
    ngx_http_oauthcc_pair_t *pairs, ngx_uint_t n);
static void ngx_http_oauthcc_fuzz_basic(ngx_http_oauthcc_fuzz_t *fuzz,
    ngx_http_oauthcc_pair_t *pair, ngx_uint_t raw);


void
ngx_http_oauthcc_fuzz_run(ngx_http_oauthcc_fuzz_t *fuzz)
{
    ngx_uint_t               n;
    ngx_http_oauthcc_pair_t  pairs[NGX_HTTP_OAUTHCC_FUZZ_PAIRS];

    n = 0;

    do {
        ngx_http_oauthcc_fuzz_record(fuzz, &pairs[n].name);
        ngx_http_oauthcc_fuzz_record(fuzz, &pairs[n].value);
        n++;

    } while (fuzz->pos < fuzz->last && n < NGX_HTTP_OAUTHCC_FUZZ_PAIRS);

    ngx_http_oauthcc_fuzz_form(fuzz, pairs, n);

    ngx_http_oauthcc_fuzz_basic(fuzz, &pairs[0], 0);
    ngx_http_oauthcc_fuzz_basic(fuzz, &pairs[0], 1);
}


static void
ngx_http_oauthcc_fuzz_form(ngx_http_oauthcc_fuzz_t *fuzz,
    ngx_http_oauthcc_pair_t *pairs, ngx_uint_t n)
{
    u_char      *p, *last;
    ngx_int_t    rc;
    ngx_str_t    out, name, value;
    ngx_uint_t   i, first;

    rc = ngx_http_oauthcc_form_encode(fuzz->pool, pairs, n, &out);

    ngx_http_oauthcc_fuzz_check(rc == NGX_OK);
    ngx_http_oauthcc_fuzz_check(ngx_http_oauthcc_fuzz_printable(&out));

    p = out.data;
    last = out.data + out.len;
    first = 1;

    for (i = 0; i < n; i++) {

        if (pairs[i].value.len == 0) {
            continue;
        }

        if (!first) {
            ngx_http_oauthcc_fuzz_check(p < last && *p == '&');
            p++;
        }

        first = 0;

        rc = ngx_http_oauthcc_fuzz_decode(fuzz->pool, &p, last, 0, &name);

        ngx_http_oauthcc_fuzz_check(rc == NGX_OK);
        ngx_http_oauthcc_fuzz_check(ngx_http_oauthcc_fuzz_equal(&name,
                                                          &pairs[i].name));
        ngx_http_oauthcc_fuzz_check(p < last && *p == '=');
        p++;

        rc = ngx_http_oauthcc_fuzz_decode(fuzz->pool, &p, last, 0, &value);

        ngx_http_oauthcc_fuzz_check(rc == NGX_OK);
        ngx_http_oauthcc_fuzz_check(ngx_http_oauthcc_fuzz_equal(&value,
                                                          &pairs[i].value));
    }

    ngx_http_oauthcc_fuzz_check(p == last);
}


static void
ngx_http_oauthcc_fuzz_basic(ngx_http_oauthcc_fuzz_t *fuzz,
    ngx_http_oauthcc_pair_t *pair, ngx_uint_t raw)
{
    int         n;
    u_char     *p, *plain, *last;
    ngx_int_t   rc;
    ngx_str_t   out, text;

    rc = ngx_http_oauthcc_form_basic(fuzz->pool, &pair->name, &pair->value,
                                     raw, &out);

    ngx_http_oauthcc_fuzz_check(rc == NGX_OK);
    ngx_http_oauthcc_fuzz_check(ngx_http_oauthcc_fuzz_printable(&out));
    ngx_http_oauthcc_fuzz_check(out.len >= 6
                                && ngx_memcmp(out.data, "Basic ", 6) == 0);

    /* OpenSSL gives three bytes for four, and "=" stands for some of them */

    plain = ngx_palloc(fuzz->pool, out.len);
    ngx_http_oauthcc_fuzz_check(plain != NULL);

    n = EVP_DecodeBlock(plain, out.data + 6, (int) out.len - 6);
    ngx_http_oauthcc_fuzz_check(n >= 0);

    for (p = out.data + out.len; p[-1] == '='; p--) {
        n--;
    }

    last = plain + n;

    if (raw) {
        ngx_http_oauthcc_fuzz_check((size_t) n == pair->name.len + 1
                                                  + pair->value.len);

        text.data = plain;
        text.len = pair->name.len;
        ngx_http_oauthcc_fuzz_check(ngx_http_oauthcc_fuzz_equal(&text,
                                                              &pair->name));

        ngx_http_oauthcc_fuzz_check(plain[pair->name.len] == ':');

        text.data = plain + pair->name.len + 1;
        text.len = pair->value.len;
        ngx_http_oauthcc_fuzz_check(ngx_http_oauthcc_fuzz_equal(&text,
                                                              &pair->value));
        return;
    }

    p = ngx_strlchr(plain, last, ':');
    ngx_http_oauthcc_fuzz_check(p != NULL);

    rc = ngx_http_oauthcc_fuzz_decode(fuzz->pool, &plain, p, 0, &text);

    ngx_http_oauthcc_fuzz_check(rc == NGX_OK && plain == p);
    ngx_http_oauthcc_fuzz_check(ngx_http_oauthcc_fuzz_equal(&text,
                                                            &pair->name));
    p++;

    rc = ngx_http_oauthcc_fuzz_decode(fuzz->pool, &p, last, 0, &text);

    ngx_http_oauthcc_fuzz_check(rc == NGX_OK && p == last);
    ngx_http_oauthcc_fuzz_check(ngx_http_oauthcc_fuzz_equal(&text,
                                                            &pair->value));
}
