
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


/*
 * Login responses: "status digit, token_type digit, body"; the last type is
 * "dpop on".
 */


#include "oauthcc_fuzz.h"
#include "core/oauthcc_pair.h"
#include "oauth/oauthcc_token_members.h"
#include "oauth/oauthcc_token_response.h"
#include "oauth/oauthcc_token_scope.h"


char  *oauthcc_fuzz_providers = "";


static void oauthcc_fuzz_members(oauthcc_fuzz_t *fuzz, ngx_str_t *body);
static void oauthcc_fuzz_scope(oauthcc_fuzz_t *fuzz, ngx_str_t *granted);


static ngx_uint_t  oauthcc_fuzz_statuses[] = {
    200, 201, 302, 400, 401, 429, 500, 503
};

static ngx_str_t  oauthcc_fuzz_types[] = {
    ngx_string(""), ngx_string("N_A"), ngx_string("urn:x:y"), ngx_string("")
};


void
oauthcc_fuzz_run(oauthcc_fuzz_t *fuzz)
{
    ngx_int_t                 rc;
    ngx_str_t                 body, *type;
    ngx_uint_t                status, lives, pick, dpop, failed;
    oauthcc_token_response_t  t;

    status = oauthcc_fuzz_statuses[
                                       oauthcc_fuzz_pick(fuzz, 8)];
    pick = oauthcc_fuzz_pick(fuzz, 4);
    type = &oauthcc_fuzz_types[pick];
    dpop = (pick == 3);

    oauthcc_fuzz_rest(fuzz, &body);

    oauthcc_fuzz_members(fuzz, &body);

    oauthcc_fuzz_starve();

    rc = oauthcc_token_response_parse(fuzz->pool, status, body.data, body.len,
                                      1700000000, type, dpop, 300000, &t);

    failed = oauthcc_fuzz_starved();

    /* only expires_in, maybe escaped, or a JWT says that it has ended */

    lives = ngx_strlchr(body.data, body.data + body.len, '\\') == NULL
            && ngx_strlchr(body.data, body.data + body.len, '.') == NULL
            && ngx_strlcasestrn(body.data, body.data + body.len,
                                (u_char *) "expires_in",
                                sizeof("expires_in") - 2)
               == NULL;

    /* nothing of it lies in the body */

    if (dpop && rc == NGX_OK) {
        oauthcc_fuzz_check(ngx_strlchr(body.data, body.data + body.len, '\\')
                           || ngx_strlcasestrn(body.data, body.data + body.len,
                                               (u_char *) "dpop",
                                               sizeof("dpop") - 2));
    }

    ngx_memset(body.data, 'x', body.len);
    ngx_free(body.data);

    if (rc == NGX_ERROR) {
        oauthcc_fuzz_check(failed);
        return;
    }

    oauthcc_fuzz_check(rc == NGX_OK || rc == NGX_DECLINED);

    oauthcc_fuzz_check(t.said.error.len <= 64);
    oauthcc_fuzz_check(t.said.description.len <= 256);
    oauthcc_fuzz_check(oauthcc_fuzz_printable(&t.said.error));
    oauthcc_fuzz_check(oauthcc_fuzz_printable(&t.said.description));

    if (rc == NGX_DECLINED) {
        oauthcc_fuzz_check(t.reason && t.reason[0]);
        oauthcc_fuzz_check(t.access_token.len == 0);
        return;
    }

    oauthcc_fuzz_check(status >= 200 && status < 300);
    oauthcc_fuzz_check(t.reason == NULL);
    oauthcc_fuzz_check(t.life > 0 || !lives);
    oauthcc_fuzz_check(t.life <= OAUTHCC_TOKEN_RESPONSE_MAX_LIFE);
    oauthcc_fuzz_check(t.access_token.len > 0);

    oauthcc_fuzz_check(oauthcc_fuzz_word(&t.access_token));

    oauthcc_fuzz_scope(fuzz, &t.scope);
}


/* Those that a configuration has as variables. */

static void
oauthcc_fuzz_members(oauthcc_fuzz_t *fuzz, ngx_str_t *body)
{
    ngx_int_t        rc;
    ngx_str_t       *name;
    ngx_uint_t       i;
    ngx_array_t      names, pairs;
    oauthcc_pair_t  *pair;

    rc = ngx_array_init(&names, fuzz->pool, 3, sizeof(ngx_str_t));
    oauthcc_fuzz_check(rc == NGX_OK);

    name = ngx_array_push_n(&names, 3);
    ngx_str_set(&name[0], "scope");
    ngx_str_set(&name[1], "expires_in");
    ngx_str_set(&name[2], "instance_url");

    rc = ngx_array_init(&pairs, fuzz->pool, 3, sizeof(oauthcc_pair_t));
    oauthcc_fuzz_check(rc == NGX_OK);

    oauthcc_fuzz_starve();
    rc = oauthcc_token_members_read(fuzz->pool, &names, body->data, body->len,
                                    &pairs);

    if (oauthcc_fuzz_starved() && rc == NGX_ERROR) {
        return;
    }

    oauthcc_fuzz_check(rc == NGX_OK);

    pair = pairs.elts;

    for (i = 0; i < pairs.nelts; i++) {
        oauthcc_fuzz_check(oauthcc_fuzz_line(&pair[i].value));
    }
}


/* Nothing of what was granted is missing. */

static void
oauthcc_fuzz_scope(oauthcc_fuzz_t *fuzz, ngx_str_t *granted)
{
    ngx_int_t  rc;
    ngx_str_t  asked, missing;

    ngx_str_set(&asked, "read write  admin");

    oauthcc_fuzz_starve();
    rc = oauthcc_token_scope_missing(fuzz->pool, &asked, granted, &missing);

    if (oauthcc_fuzz_starved() && rc == NGX_ERROR) {
        return;
    }

    oauthcc_fuzz_check(rc == NGX_OK && missing.len <= asked.len);

    rc = oauthcc_token_scope_missing(fuzz->pool, granted, granted, &missing);

    oauthcc_fuzz_check(rc == NGX_OK && missing.len == 0);
}
