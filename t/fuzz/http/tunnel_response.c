
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


/*
 * What a forward proxy answers to CONNECT, all at once and byte for byte: it
 * is read to the same end, and what is shown of it can be printed.
 */


#include "oauthcc_fuzz.h"
#include "http/oauthcc_tunnel_response.h"


char  *oauthcc_fuzz_providers = "";


static ngx_int_t oauthcc_fuzz_answer(oauthcc_fuzz_t *fuzz,
    oauthcc_tunnel_response_t *response, size_t step);
static void oauthcc_fuzz_shown(ngx_str_t *text);


void
oauthcc_fuzz_run(oauthcc_fuzz_t *fuzz)
{
    ngx_int_t                  rc;
    oauthcc_tunnel_response_t  whole, pieces;

    rc = oauthcc_fuzz_answer(fuzz, &whole, fuzz->last - fuzz->pos);

    oauthcc_fuzz_check(oauthcc_fuzz_answer(fuzz, &pieces, 1) == rc);
    oauthcc_fuzz_check(whole.code == pieces.code);
    oauthcc_fuzz_check(whole.line.len == pieces.line.len);
    oauthcc_fuzz_check(whole.challenge.len == pieces.challenge.len);

    if (rc == NGX_OK) {
        oauthcc_fuzz_check(whole.code / 100 != 1);
        oauthcc_fuzz_check(whole.in.pos - whole.in.start
                           == pieces.in.pos - pieces.in.start);
    }
}


static ngx_int_t
oauthcc_fuzz_answer(oauthcc_fuzz_t *fuzz, oauthcc_tunnel_response_t *response,
    size_t step)
{
    char       *reason;
    size_t      n;
    u_char     *p;
    ngx_int_t   rc;

    oauthcc_fuzz_starve();
    rc = oauthcc_tunnel_response_init(fuzz->pool, response);

    if (oauthcc_fuzz_starved()) {
        oauthcc_fuzz_check(rc == NGX_ERROR);
        rc = oauthcc_tunnel_response_init(fuzz->pool, response);
    }

    oauthcc_fuzz_check(rc == NGX_OK);

    rc = NGX_AGAIN;
    reason = NULL;

    for (p = fuzz->pos; p < fuzz->last && rc == NGX_AGAIN; p += n) {

        n = ngx_min(step, (size_t) (fuzz->last - p));
        n = ngx_min(n, (size_t) (response->in.end - response->in.last));

        oauthcc_fuzz_check(n > 0);

        response->in.last = ngx_cpymem(response->in.last, p, n);

        rc = oauthcc_tunnel_response_read(response, &reason);

        oauthcc_fuzz_check(rc == NGX_OK || rc == NGX_AGAIN
                           || (rc == NGX_DECLINED && reason));
    }

    oauthcc_fuzz_shown(&response->line);
    oauthcc_fuzz_shown(&response->challenge);

    return rc;
}


static void
oauthcc_fuzz_shown(ngx_str_t *text)
{
    size_t  i;

    oauthcc_fuzz_check(text->len <= 120);

    for (i = 0; i < text->len; i++) {
        oauthcc_fuzz_check(text->data[i] >= ' ' && text->data[i] <= '~');
    }
}
