
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_hkdf.h"
#include "oauthcc_unit.h"


#define OAUTHCC_UNIT_HKDF_MAX  82


typedef struct {
    char       *name;
    ngx_str_t   secret;
    ngx_str_t   info;
    ngx_str_t   expected;  /* in hexadecimal digits */
} oauthcc_unit_hkdf_t;


static oauthcc_unit_hkdf_t  oauthcc_unit_hkdfs[] = {

    { "RFC 5869 A.3",
      ngx_string("\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b"
                 "\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b"),
      ngx_string(""),
      ngx_string("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f"
                 "3c738d2d9d201395faa4b61a96c8") },

    /* these two by Python's hmac */

    { "a use",
      ngx_string("correct horse battery staple"),
      ngx_string("oauthcc store 1"),
      ngx_string("669b0da2ee542dcd53a32de2b7c3488d7a694d94ce762d3fa890a472"
                 "e498443b") },

    { "more than two blocks",
      ngx_string("s"),
      ngx_string("another use"),
      ngx_string("75e122a0b8ed41d382e5f6eb8b44c8444206061c3c74cb4debdca302"
                 "874b54673deabcde887b89901f62f6b56e4159d19a66cc28a6df24bd"
                 "685a975011d03203b585b3d34cb8a0272d61ddd6ab3c8e6eec75") },

    { NULL, ngx_null_string, ngx_null_string, ngx_null_string }
};


ngx_int_t
oauthcc_unit_hkdf(oauthcc_unit_t *unit)
{
    u_char                key[OAUTHCC_UNIT_HKDF_MAX];
    u_char                hex[2 * OAUTHCC_UNIT_HKDF_MAX];
    ngx_str_t             got;
    oauthcc_unit_hkdf_t  *test;

    for (test = oauthcc_unit_hkdfs; test->name; test++) {

        ngx_memzero(key, sizeof(key));

        if (!oauthcc_unit_ok(unit,
                             oauthcc_hkdf(&test->secret, &test->info, key,
                                          test->expected.len / 2)
                             == NGX_OK,
                             "%s: derived", test->name))
        {
            continue;
        }

        got.data = hex;
        got.len = ngx_hex_dump(hex, key, test->expected.len / 2) - hex;

        oauthcc_unit_string(unit, &got, &test->expected, test->name);
    }

    return NGX_OK;
}
