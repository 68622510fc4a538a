
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


/*
 * Nonces of servers: "origin, record separator, nonce, record separator, ...".
 * One is kept if it has the syntax of RFC 9449 section 8.1, and is then what
 * was given; another one leaves the old one alone; the memory has a bound.
 */


#include "oauthcc_fuzz.h"
#include "dpop/oauthcc_nonces.h"


char  *oauthcc_fuzz_providers = "";


static ngx_uint_t oauthcc_fuzz_nqchars(ngx_str_t *nonce);


void
oauthcc_fuzz_run(oauthcc_fuzz_t *fuzz)
{
    u_char            old[OAUTHCC_NONCES_MAX_NONCE];
    ngx_str_t         origin, nonce, got, kept;
    ngx_uint_t        n, good;
    ngx_queue_t      *q;
    oauthcc_nonces_t  nonces;

    oauthcc_nonces_init(&nonces);

    while (fuzz->pos < fuzz->last) {
        oauthcc_fuzz_record(fuzz, &origin);
        oauthcc_fuzz_record(fuzz, &nonce);

        oauthcc_nonces_get(&nonces, &origin, &got);

        oauthcc_fuzz_check(got.len <= sizeof(old));

        kept.len = got.len;
        kept.data = old;

        if (got.len) {
            ngx_memcpy(old, got.data, got.len);
        }

        good = oauthcc_fuzz_nqchars(&nonce)
               && origin.len > 0 && origin.len <= OAUTHCC_NONCES_MAX_ORIGIN;

        oauthcc_fuzz_check(oauthcc_nonces_set(&nonces, &origin, &nonce,
                                              fuzz->log)
                           == good);

        oauthcc_nonces_get(&nonces, &origin, &got);

        oauthcc_fuzz_check(oauthcc_fuzz_equal(&got, good ? &nonce : &kept));

        n = 0;

        for (q = ngx_queue_head(&nonces.queue);
             q != ngx_queue_sentinel(&nonces.queue);
             q = ngx_queue_next(q))
        {
            n++;
        }

        oauthcc_fuzz_check(n == nonces.n && n <= OAUTHCC_NONCES_MAX);
    }

    oauthcc_nonces_free(&nonces);

    oauthcc_fuzz_check(nonces.n == 0 && ngx_queue_empty(&nonces.queue));
}


static ngx_uint_t
oauthcc_fuzz_nqchars(ngx_str_t *nonce)
{
    ngx_uint_t  i;

    for (i = 0; i < nonce->len; i++) {
        if (nonce->data[i] != 0x21
            && (nonce->data[i] < 0x23 || nonce->data[i] > 0x5b)
            && (nonce->data[i] < 0x5d || nonce->data[i] > 0x7e))
        {
            return 0;
        }
    }

    return nonce->len > 0 && nonce->len <= OAUTHCC_NONCES_MAX_NONCE;
}
