
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "token/oauthcc_caller.h"
#include "oauthcc_unit.h"


static void oauthcc_unit_caller_addresses(oauthcc_unit_t *unit);
static void oauthcc_unit_caller_tokens(oauthcc_unit_t *unit);
static void oauthcc_unit_caller_copies(oauthcc_unit_t *unit);


ngx_int_t
oauthcc_unit_caller(oauthcc_unit_t *unit)
{
    oauthcc_unit_caller_addresses(unit);
    oauthcc_unit_caller_tokens(unit);
    oauthcc_unit_caller_copies(unit);

    return NGX_OK;
}


/* Which addresses are one client's, and which are not. */

static void
oauthcc_unit_caller_addresses(oauthcc_unit_t *unit)
{
    ngx_addr_t  one, two;
    ngx_uint_t  i, same;

    static struct {
        ngx_str_t   one;
        ngx_str_t   two;
        ngx_uint_t  same;
    } cases[] = {
        { ngx_string("192.0.2.1"), ngx_string("192.0.2.1"), 1 },
        { ngx_string("192.0.2.1"), ngx_string("192.0.2.2"), 0 },
        { ngx_string("192.0.2.1"), ngx_string("1.2.0.192"), 0 },
        { ngx_string("192.0.2.1"), ngx_string("::ffff:192.0.2.1"), 1 },
        { ngx_string("192.0.2.1"), ngx_string("::ffff:192.0.2.2"), 0 },
        { ngx_string("192.0.2.1"), ngx_string("::192.0.2.1"), 0 },
        { ngx_string("2001:db8::1"), ngx_string("2001:db8::ffff:1"), 1 },
        { ngx_string("2001:db8:0:1::1"), ngx_string("2001:db8:0:1:9::2"), 1 },
        { ngx_string("2001:db8:0:1::1"), ngx_string("2001:db8:0:2::1"), 0 },
        { ngx_string("2001:db8::1"), ngx_string("2001:db9::1"), 0 },
        { ngx_string("::1"), ngx_string("127.0.0.1"), 0 },
        { ngx_string("0.0.0.1"), ngx_string("0.0.0.0"), 0 },
        { ngx_string("unix:/a"), ngx_string("unix:/b"), 1 },
        { ngx_string("unix:/a"), ngx_string("0.0.0.1"), 0 },
        { ngx_string("unix:/a"), ngx_string("::1"), 0 },
    };

    static struct sockaddr_un  local;

    local.sun_family = AF_UNIX;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {

        one.sockaddr = (struct sockaddr *) &local;
        two.sockaddr = (struct sockaddr *) &local;

        if (cases[i].one.data[0] != 'u') {
            (void) ngx_parse_addr(unit->pool, &one, cases[i].one.data,
                                  cases[i].one.len);
        }

        if (cases[i].two.data[0] != 'u') {
            (void) ngx_parse_addr(unit->pool, &two, cases[i].two.data,
                                  cases[i].two.len);
        }

        same = (oauthcc_caller_address(one.sockaddr)
                == oauthcc_caller_address(two.sockaddr));

        (void) oauthcc_unit_ok(unit, same == cases[i].same,
                               "address: %V and %V", &cases[i].one,
                               &cases[i].two);
    }
}


static void
oauthcc_unit_caller_tokens(oauthcc_unit_t *unit)
{
    u_char      *p, text[256], encoded[512], jwt[600];
    time_t       now;
    ngx_int_t    rc;
    ngx_str_t    token, from, to;
    ngx_msec_t   life;
    ngx_uint_t   i;

    /* a "%T" is a point of time, from now */

    static struct {
        char       *claims;
        int         seconds;
        ngx_int_t   rc;
        ngx_int_t   least;
        ngx_int_t   most;
    } cases[] = {
        { "{\"exp\":%T}", 60, NGX_OK, 58000, 60000 },
        { "{\"exp\":%T,\"iat\":1}", 60, NGX_OK, 58000, 60000 },
        { "{ \"sub\" : \"x\" , \"exp\" : %T }", 60, NGX_OK, 58000, 60000 },
        { "{\"exp\":\"%T\"}", 60, NGX_OK, 58000, 60000 },
        { "{\"exp\":%T.5}", 60, NGX_OK, 58000, 60500 },
        { "{\"exp\":%T}", -1, NGX_OK, 0, 0 },
        { "{\"exp\":%T}", -100000, NGX_OK, 0, 0 },
        { "{\"exp\":0}", 0, NGX_OK, 0, 0 },
        { "{\"exp\":-5}", 0, NGX_OK, 0, 0 },
        { "{\"exp\":1e300}", 0, NGX_OK, 24 * 86400 * 1000 - 999,
          24 * 86400 * 1000 },
        { "{}", 0, NGX_DECLINED, 0, 0 },
        { "{\"exp\":null}", 0, NGX_DECLINED, 0, 0 },
        { "{\"exp\":true}", 0, NGX_DECLINED, 0, 0 },
        { "{\"exp\":\"soon\"}", 0, NGX_DECLINED, 0, 0 },
        { "{\"exp\":1,\"exp\":2}", 0, NGX_DECLINED, 0, 0 },
        { "{\"a\":{\"exp\":1}}", 0, NGX_DECLINED, 0, 0 },
        { "[{\"exp\":1}]", 0, NGX_DECLINED, 0, 0 },
        { "\"exp\":1", 0, NGX_DECLINED, 0, 0 },
        { "", 0, NGX_DECLINED, 0, 0 },
    };

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {

        now = ngx_time();

        from.data = text;
        from.len = ngx_snprintf(text, sizeof(text), cases[i].claims,
                                now + cases[i].seconds)
                   - text;
        to.data = encoded;
        ngx_encode_base64url(&to, &from);

        token.data = jwt;
        token.len = ngx_snprintf(jwt, sizeof(jwt), "e30.%V.c2ln", &to) - jwt;

        life = 0;
        rc = oauthcc_caller_life(unit->pool, &token, &life);

        if (!oauthcc_unit_ok(unit, rc == cases[i].rc
                             && (rc != NGX_OK
                                 || ((ngx_int_t) life >= cases[i].least
                                     && (ngx_int_t) life <= cases[i].most)),
                             "life: %s", cases[i].claims))
        {
            oauthcc_unit_diag("%i, %M ms", rc, life);
        }

        if (cases[i].most == 60000) {
            oauthcc_unit_ok(unit, now + 60 >= ngx_time()
                                  && (ngx_int_t) life
                                     <= (now + 60 - ngx_time()) * 1000
                                        - (ngx_int_t) ngx_timeofday()->msec,
                            "not after its end: %s", cases[i].claims);
        }
    }

    p = ngx_palloc(unit->pool, OAUTHCC_CALLER_MAX + 1);

    if (p == NULL) {
        return;
    }

    ngx_memset(p, 'x', OAUTHCC_CALLER_MAX + 1);

    token.data = p;
    token.len = OAUTHCC_CALLER_MAX;
    (void) oauthcc_unit_ok(unit, oauthcc_caller_valid(&token),
                           "as long as it may be");

    token.len++;
    (void) oauthcc_unit_ok(unit, !oauthcc_caller_valid(&token), "too long");

    token.len = 3;

    for (i = 0; i < 256; i++) {
        p[1] = (u_char) i;

        if (oauthcc_caller_valid(&token) != (i > 0x20 && i < 0x7f)) {
            (void) oauthcc_unit_ok(unit, 0, "character %ui", i);
        }
    }
}


/* A copy is wiped with its pool, and the original is not. */

static void
oauthcc_unit_caller_copies(oauthcc_unit_t *unit)
{
    u_char            *bytes;
    ngx_str_t          expected, got;
    ngx_pool_t        *pool;
    oauthcc_pair_t     pair;
    oauthcc_caller_t  *caller, *copy;

    caller = oauthcc_caller_create(unit->pool);
    pool = ngx_create_pool(256, unit->log);
    bytes = ngx_pnalloc(unit->pool, 5);

    if (caller == NULL || pool == NULL || bytes == NULL) {
        return;
    }

    ngx_str_set(&expected, "token");
    ngx_str_set(&pair.name, "name");
    ngx_str_set(&pair.value, "value");

    caller->token.data = ngx_pstrdup(unit->pool, &expected);
    caller->token.len = expected.len;
    caller->values = &pair;
    caller->nvalues = 1;

    copy = oauthcc_caller_copy(pool, caller);

    (void) oauthcc_unit_ok(unit, copy && copy->token.data
                                         != caller->token.data,
                           "the copy has memory of its own");

    if (copy == NULL) {
        return;
    }

    oauthcc_unit_string(unit, &copy->token, &expected, "its token");
    oauthcc_unit_string(unit, &copy->values[0].value, &pair.value,
                        "its value");

    ngx_memcpy(bytes, "abcde", 5);
    got.data = bytes;
    got.len = 5;

    (void) oauthcc_caller_wipe(pool, &got);

    ngx_destroy_pool(pool);

    ngx_str_set(&expected, "\0\0\0\0\0");
    oauthcc_unit_string(unit, &got, &expected, "wiped with the pool");

    ngx_str_set(&expected, "token");
    oauthcc_unit_string(unit, &caller->token, &expected,
                        "the original is not");
}
