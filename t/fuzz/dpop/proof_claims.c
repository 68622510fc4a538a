
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


/*
 * Claims of a proof: "method, record separator, host, record separator,
 * target, record separator, nonce".  Whatever they hold, it is JSON with just
 * these claims, and the URI is one.
 */


#include "oauthcc_fuzz.h"
#include <jansson.h>
#include "dpop/oauthcc_nonces.h"
#include "dpop/oauthcc_proof_claims.h"
#include "dpop/oauthcc_proof_uri.h"


char  *oauthcc_fuzz_providers = "";


static void oauthcc_fuzz_claim(json_t *object, char *name, ngx_str_t *value);


void
oauthcc_fuzz_run(oauthcc_fuzz_t *fuzz)
{
    size_t                   i, n;
    json_t                  *read;
    u_char                   c;
    ngx_int_t                rc;
    ngx_str_t                host, target, json, scheme, got;
    ngx_uint_t               failed;
    json_error_t             error;
    oauthcc_nonces_t         nonces;
    oauthcc_proof_uri_t      uri, again;
    oauthcc_proof_claims_t   claims;

    ngx_memzero(&claims, sizeof(oauthcc_proof_claims_t));

    oauthcc_fuzz_record(fuzz, &claims.htm);
    oauthcc_fuzz_record(fuzz, &host);
    oauthcc_fuzz_record(fuzz, &target);
    oauthcc_fuzz_rest(fuzz, &claims.nonce);

    ngx_str_set(&scheme, "https://");
    ngx_str_set(&claims.jti, "jti");
    claims.iat = 1700000000;

    oauthcc_fuzz_starve();
    rc = oauthcc_proof_uri_join(fuzz->pool, &scheme, &host, &target, &uri);

    if (oauthcc_fuzz_starved()) {
        oauthcc_fuzz_check(rc == NGX_ERROR);
        ngx_free(claims.nonce.data);
        return;
    }

    oauthcc_fuzz_check(rc == NGX_OK);

    claims.htu = uri.htu;

    for (i = 0; i < uri.htu.len; i++) {
        c = uri.htu.data[i];

        oauthcc_fuzz_check(c > ' ' && c < 0x7f && c != '"' && c != '\\'
                           && c != '?' && c != '#' && c != '<' && c != '>');
    }

    oauthcc_fuzz_check(uri.origin.len <= uri.htu.len);

    /* without a scheme or a host it is no URL, whatever is behind */

    if (oauthcc_proof_uri_read(fuzz->pool, &target, &target, &again)
        == NGX_OK)
    {
        oauthcc_fuzz_check(ngx_strncasecmp(target.data, (u_char *) "http", 4)
                           == 0);
        oauthcc_fuzz_check(again.origin.len > sizeof("http://") - 1);
    }

    /* what is a URI already stays */

    if (host.len
        && oauthcc_proof_uri_read(fuzz->pool, &uri.htu, &target, &again)
           == NGX_OK
        && uri.htu.len > uri.origin.len
        && uri.htu.data[uri.origin.len] == '/')
    {
        oauthcc_fuzz_check(again.htu.len == uri.htu.len
                           && ngx_memcmp(again.htu.data, uri.htu.data,
                                         uri.htu.len) == 0);
    }

    /* a nonce that is kept is what it was */

    oauthcc_nonces_init(&nonces);

    oauthcc_fuzz_starve();
    oauthcc_nonces_set(&nonces, &uri.origin, &claims.nonce, fuzz->log);
    (void) oauthcc_fuzz_starved();

    oauthcc_nonces_get(&nonces, &uri.origin, &got);

    oauthcc_fuzz_check(got.len == 0
                       || (got.len == claims.nonce.len
                           && ngx_memcmp(got.data, claims.nonce.data, got.len)
                              == 0
                           && oauthcc_fuzz_word(&got)));

    oauthcc_fuzz_starve();
    rc = oauthcc_proof_claims_write(fuzz->pool, &claims, &json);
    failed = oauthcc_fuzz_starved();

    if (rc == NGX_OK) {
        read = json_loadb((char *) json.data, json.len,
                          JSON_REJECT_DUPLICATES|JSON_ALLOW_NUL, &error);
        oauthcc_fuzz_check(read != NULL);

        n = 3 + (claims.htm.len != 0) + (claims.nonce.len != 0);

        oauthcc_fuzz_check(json_object_size(read) == n);
        oauthcc_fuzz_claim(read, "htm", &claims.htm);
        oauthcc_fuzz_claim(read, "htu", &claims.htu);
        oauthcc_fuzz_claim(read, "nonce", &claims.nonce);

        json_decref(read);
    }

    oauthcc_fuzz_check(rc == NGX_OK || rc == NGX_DECLINED
                       || (rc == NGX_ERROR && failed));

    oauthcc_nonces_free(&nonces);
    ngx_free(claims.nonce.data);
}


static void
oauthcc_fuzz_claim(json_t *object, char *name, ngx_str_t *value)
{
    json_t  *claim;

    claim = json_object_get(object, name);

    if (value->len == 0) {
        oauthcc_fuzz_check(claim == NULL);
        return;
    }

    oauthcc_fuzz_check(json_string_length(claim) == value->len
                       && ngx_memcmp(json_string_value(claim), value->data,
                                     value->len) == 0);
}
