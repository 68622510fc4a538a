
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


/* Login responses: "status digit, token_type digit, body". */


#include "ngx_http_oauthcc_fuzz.h"
#include "oauth/oauthcc_token_response.h"


char  *ngx_http_oauthcc_fuzz_providers = "";


static ngx_uint_t  ngx_http_oauthcc_fuzz_statuses[] = {
    200, 201, 302, 400, 401, 429, 500, 503
};

static ngx_str_t  ngx_http_oauthcc_fuzz_types[] = {
    ngx_string(""), ngx_string("N_A"), ngx_string("urn:x:y")
};


void
ngx_http_oauthcc_fuzz_run(ngx_http_oauthcc_fuzz_t *fuzz)
{
    ngx_int_t                  rc;
    ngx_str_t                  body, *type;
    ngx_uint_t                 status;
    ngx_http_oauthcc_token_t   t;

    status = ngx_http_oauthcc_fuzz_statuses[
                                       ngx_http_oauthcc_fuzz_pick(fuzz, 8)];
    type = &ngx_http_oauthcc_fuzz_types[ngx_http_oauthcc_fuzz_pick(fuzz, 3)];

    ngx_http_oauthcc_fuzz_rest(fuzz, &body);

    rc = ngx_http_oauthcc_token_parse(fuzz->pool, status, body.data, body.len,
                                      type, 300000, &t);

    /* nothing of it lies in the body */

    ngx_memset(body.data, 'x', body.len);
    ngx_free(body.data);

    ngx_http_oauthcc_fuzz_check(rc == NGX_OK || rc == NGX_DECLINED);

    ngx_http_oauthcc_fuzz_check(t.error.len <= 64);
    ngx_http_oauthcc_fuzz_check(t.error_description.len <= 256);
    ngx_http_oauthcc_fuzz_check(ngx_http_oauthcc_fuzz_printable(&t.error));
    ngx_http_oauthcc_fuzz_check(
                       ngx_http_oauthcc_fuzz_printable(&t.error_description));

    if (rc == NGX_DECLINED) {
        ngx_http_oauthcc_fuzz_check(t.reason && t.reason[0]);
        ngx_http_oauthcc_fuzz_check(t.access_token.len == 0);
        return;
    }

    ngx_http_oauthcc_fuzz_check(status >= 200 && status < 300);
    ngx_http_oauthcc_fuzz_check(t.reason == NULL);
    ngx_http_oauthcc_fuzz_check(t.life > 0);
    ngx_http_oauthcc_fuzz_check(t.life <= NGX_HTTP_OAUTHCC_TOKEN_MAX_LIFE);
    ngx_http_oauthcc_fuzz_check(t.access_token.len > 0);

    ngx_http_oauthcc_fuzz_check(ngx_http_oauthcc_fuzz_word(&t.access_token));
}
