
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "http/oauthcc_form.h"
#include "oauthcc_unit.h"


#define OAUTHCC_UNIT_PAIRS  3


typedef struct {
    char           *name;
    ngx_uint_t      n;
    oauthcc_pair_t  pairs[OAUTHCC_UNIT_PAIRS];
    ngx_str_t       expected;
} oauthcc_unit_encode_t;


typedef struct {
    char       *name;
    ngx_str_t   id;
    ngx_str_t   secret;
    ngx_uint_t  raw;
    ngx_str_t   expected;
} oauthcc_unit_basic_t;


static ngx_int_t oauthcc_unit_form_bytes(oauthcc_unit_t *unit);


#define oauthcc_unit_pair(name, value)                                        \
    { ngx_string(name), ngx_string(value) }


static oauthcc_unit_encode_t  oauthcc_unit_encodes[] = {

    { "no pair", 0, { oauthcc_unit_pair("", "") },
      ngx_string("") },

    { "one pair", 1,
      { oauthcc_unit_pair("grant_type", "client_credentials") },
      ngx_string("grant_type=client_credentials") },

    { "two pairs", 2,
      { oauthcc_unit_pair("grant_type", "client_credentials"),
        oauthcc_unit_pair("scope", "read") },
      ngx_string("grant_type=client_credentials&scope=read") },

    { "a name twice", 3,
      { oauthcc_unit_pair("resource", "a"),
        oauthcc_unit_pair("resource", "b"),
        oauthcc_unit_pair("resource", "a") },
      ngx_string("resource=a&resource=b&resource=a") },

    { "an empty value is left out at the start", 3,
      { oauthcc_unit_pair("a", ""),
        oauthcc_unit_pair("b", "1"),
        oauthcc_unit_pair("c", "2") },
      ngx_string("b=1&c=2") },

    { "in the middle", 3,
      { oauthcc_unit_pair("a", "1"),
        oauthcc_unit_pair("b", ""),
        oauthcc_unit_pair("c", "2") },
      ngx_string("a=1&c=2") },

    { "at the end", 3,
      { oauthcc_unit_pair("a", "1"),
        oauthcc_unit_pair("b", "2"),
        oauthcc_unit_pair("c", "") },
      ngx_string("a=1&b=2") },

    { "everywhere", 3,
      { oauthcc_unit_pair("a", ""),
        oauthcc_unit_pair("b", ""),
        oauthcc_unit_pair("c", "") },
      ngx_string("") },

    { "a space", 1, { oauthcc_unit_pair("scope", "read write") },
      ngx_string("scope=read%20write") },

    { "a plus", 1, { oauthcc_unit_pair("a", "1+1") },
      ngx_string("a=1%2B1") },

    { "what a form is made of", 1, { oauthcc_unit_pair("a", "&=;%") },
      ngx_string("a=%26%3D%3B%25") },

    { "names too", 1, { oauthcc_unit_pair("a b&", "c") },
      ngx_string("a%20b%26=c") },

    { "unreserved characters", 1,
      { oauthcc_unit_pair("a", "azAZ09-._~") },
      ngx_string("a=azAZ09-._~") },

    { "a URI", 1,
      { oauthcc_unit_pair("r", "https://a.example.com:8/x?y=z#f") },
      ngx_string("r=https%3A%2F%2Fa.example.com%3A8%2Fx%3Fy%3Dz%23f") },

    { "UTF-8", 1, { oauthcc_unit_pair("a", "\xc3\xa4\xe2\x82\xac") },
      ngx_string("a=%C3%A4%E2%82%AC") },

    { "control characters", 1,
      { oauthcc_unit_pair("a", "\r\n\t\x7f") },
      ngx_string("a=%0D%0A%09%7F") },

    { "a zero byte", 1, { oauthcc_unit_pair("a", "x\0y") },
      ngx_string("a=x%00y") },

    { "quotes", 1, { oauthcc_unit_pair("a", "\"'\\`") },
      ngx_string("a=%22%27%5C%60") },

    { "what RFC 3986 reserves", 1,
      { oauthcc_unit_pair("a", "!$()*,:/?#[]@") },
      ngx_string("a=%21%24%28%29%2A%2C%3A%2F%3F%23%5B%5D%40") },

    { NULL, 0, { oauthcc_unit_pair("", "") }, ngx_null_string }
};


static oauthcc_unit_basic_t  oauthcc_unit_basics[] = {

    { "Basic", ngx_string("gateway"), ngx_string("s3cret"), 0,
      ngx_string("Basic Z2F0ZXdheTpzM2NyZXQ=") },

    { "Basic, raw", ngx_string("gateway"), ngx_string("s3cret"), 1,
      ngx_string("Basic Z2F0ZXdheTpzM2NyZXQ=") },

    { "Basic, no padding", ngx_string("a"), ngx_string("b"), 0,
      ngx_string("Basic YTpi") },

    { "Basic, nothing at all", ngx_string(""), ngx_string(""), 0,
      ngx_string("Basic Og==") },

    { "Basic, no secret", ngx_string("gateway"), ngx_string(""), 0,
      ngx_string("Basic Z2F0ZXdheTo=") },

    { "Basic, special characters",
      ngx_string(":%+/&= x"), ngx_string("&=/+%:$arg_x \"\\"), 0,
      ngx_string("Basic JTNBJTI1JTJCJTJGJTI2JTNEJTIweDolMjYlM0QlMkYlMkIlMjUl"
                 "M0ElMjRhcmdfeCUyMCUyMiU1Qw==") },

    { "Basic, colons", ngx_string("a:b"), ngx_string("c:d"), 0,
      ngx_string("Basic YSUzQWI6YyUzQWQ=") },

    { "Basic, colons raw", ngx_string("a:b"), ngx_string("c:d"), 1,
      ngx_string("Basic YTpiOmM6ZA==") },

    { "Basic, UTF-8", ngx_string("id x"), ngx_string("p\xc3\xa4ss"), 0,
      ngx_string("Basic aWQlMjB4OnAlQzMlQTRzcw==") },

    { "Basic, UTF-8 raw", ngx_string("id x"), ngx_string("p\xc3\xa4ss"), 1,
      ngx_string("Basic aWQgeDpww6Rzcw==") },

    { NULL, ngx_null_string, ngx_null_string, 0, ngx_null_string }
};


ngx_int_t
oauthcc_unit_form(oauthcc_unit_t *unit)
{
    ngx_str_t               out;
    oauthcc_unit_basic_t   *basic;
    oauthcc_unit_encode_t  *encode;

    for (encode = oauthcc_unit_encodes; encode->name; encode++) {

        if (oauthcc_form_encode(unit->pool, encode->pairs, encode->n, &out)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        oauthcc_unit_string(unit, &out, &encode->expected, encode->name);
    }

    for (basic = oauthcc_unit_basics; basic->name; basic++) {

        if (oauthcc_form_basic(unit->pool, &basic->id,
                               &basic->secret, basic->raw, &out) != NGX_OK)
        {
            return NGX_ERROR;
        }

        oauthcc_unit_string(unit, &out, &basic->expected, basic->name);
    }

    return oauthcc_unit_form_bytes(unit);
}


/* Each byte there is, and back through nginx's own decoder. */

static ngx_int_t
oauthcc_unit_form_bytes(oauthcc_unit_t *unit)
{
    u_char         *p, *dst, *src, bytes[1000 * 256];
    ngx_str_t       out, decoded, expected;
    ngx_uint_t      i;
    oauthcc_pair_t  pair;

    for (i = 0; i < sizeof(bytes); i++) {
        bytes[i] = (u_char) i;
    }

    expected.len = sizeof(bytes);
    expected.data = bytes;

    ngx_str_set(&pair.name, "a");
    pair.value = expected;

    if (oauthcc_form_encode(unit->pool, &pair, 1, &out) != NGX_OK) {
        return NGX_ERROR;
    }

    /* 66 characters stand for themselves */

    oauthcc_unit_number(unit, out.len, 2 + 1000 * (66 + 3 * 190),
                        "every byte, a thousand times: length");

    p = ngx_pnalloc(unit->pool, out.len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    dst = p;
    src = out.data + 2;

    ngx_unescape_uri(&dst, &src, out.len - 2, 0);

    decoded.len = dst - p;
    decoded.data = p;

    oauthcc_unit_ok(unit, oauthcc_unit_equal(&decoded, &expected),
                    "every byte, a thousand times: decoded");

    return NGX_OK;
}
