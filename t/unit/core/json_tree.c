
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


/*
 * jansson without memory: whichever of its allocations fails, what is read is
 * an error or what would have been read with enough of it.  And how numbers
 * are written.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_json_tree.h"
#include "oauth/oauthcc_token_lifetime.h"
#include "oauth/oauthcc_token_members.h"
#include "oauth/oauthcc_token_response.h"
#include "store/oauthcc_store_payload.h"
#include "oauthcc_unit.h"


/* more allocations than any of the texts takes */
#define OAUTHCC_UNIT_CALLS  1000

#define OAUTHCC_UNIT_LIFE   ((ngx_msec_t) 300000)

/* jansson's buffer of 16 bytes grows twice for it */
#define OAUTHCC_UNIT_TOKEN  "abcdefghijklmnopqrstuvwxyz.0123456789-ABCDEFGHIJ"

#define OAUTHCC_UNIT_FLAGS  (JSON_REJECT_DUPLICATES|JSON_DECODE_ANY)


/* reads one thing, and tells it from others by a text */

typedef ngx_int_t (*oauthcc_unit_read_pt)(oauthcc_unit_t *unit,
    ngx_str_t *text, ngx_str_t *result);


typedef struct {
    char                  *name;
    oauthcc_unit_read_pt   read;
    ngx_str_t              text;
} oauthcc_unit_text_t;


/* a number, and as it is written, with as few digits as it needs */

typedef struct {
    ngx_str_t  text;
    ngx_str_t  written;
} oauthcc_unit_real_t;


static ngx_int_t oauthcc_unit_json_reals(oauthcc_unit_t *unit);
static ngx_int_t oauthcc_unit_json_fail(oauthcc_unit_t *unit,
    oauthcc_unit_text_t *text, ngx_uint_t failing);
static ngx_int_t oauthcc_unit_json_tree_read(oauthcc_unit_t *unit,
    ngx_str_t *text, ngx_str_t *result);
static ngx_int_t oauthcc_unit_json_response(oauthcc_unit_t *unit,
    ngx_str_t *text, ngx_str_t *result);
static ngx_int_t oauthcc_unit_json_members(oauthcc_unit_t *unit,
    ngx_str_t *text, ngx_str_t *result);
static ngx_int_t oauthcc_unit_json_jwt(oauthcc_unit_t *unit, ngx_str_t *text,
    ngx_str_t *result);
static ngx_int_t oauthcc_unit_json_payload(oauthcc_unit_t *unit,
    ngx_str_t *text, ngx_str_t *result);
static ngx_int_t oauthcc_unit_json_copy(oauthcc_unit_t *unit, ngx_str_t *text,
    ngx_str_t *result);
static void *oauthcc_unit_json_malloc(size_t size);
static void oauthcc_unit_json_free(void *p);


/* numbers at the end of what a buffer holds, and their ends */
#define oauthcc_unit_number_of(n)                                             \
    { "the number " n, oauthcc_unit_json_tree_read, ngx_string("[" n ",1]") }

static oauthcc_unit_text_t  oauthcc_unit_json_texts[] = {
    { "a list", oauthcc_unit_json_tree_read,
      ngx_string("[true, false, null, 1, -2.5, \"\", {}, [], [[1]]]") },
    { "a long list", oauthcc_unit_json_tree_read,
      ngx_string("[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]") },
    { "an object", oauthcc_unit_json_tree_read,
      ngx_string("{\"a\":1,\"b\":{\"c\":[\"" OAUTHCC_UNIT_TOKEN "\"]},"
                 "\"d\":2,\"e\":3,\"f\":4,\"g\":5,\"h\":6,\"i\":7,\"j\":8,"
                 "\"a long name of one member\":\"x\"}") },
    { "one string", oauthcc_unit_json_tree_read,
      ngx_string("\"" OAUTHCC_UNIT_TOKEN OAUTHCC_UNIT_TOKEN "\"") },
    { "escapes", oauthcc_unit_json_tree_read,
      ngx_string("[\"\\u0041\\ud834\\udd1e\\n\\\"\\\\ \\u00e4 \\t\\/\"]") },
    { "UTF-8", oauthcc_unit_json_tree_read,
      ngx_string("[\"\xc3\xa4\xf0\x9d\x84\x9e\xe2\x82\xac\xf0\x9d\x84\x9e"
                 "\xf0\x9d\x84\x9e\xf0\x9d\x84\x9e\xf0\x9d\x84\x9e\"]") },
    { "a word that is none", oauthcc_unit_json_tree_read,
      ngx_string("[truefalsetruefalsetruefalse]") },
    { "a text that ends", oauthcc_unit_json_tree_read,
      ngx_string("{\"abcdefghijklmnopqrs") },
    oauthcc_unit_number_of("12345678901234"),
    oauthcc_unit_number_of("123456789012345"),
    oauthcc_unit_number_of("1234567890123456"),
    oauthcc_unit_number_of("12345678901234567"),
    oauthcc_unit_number_of("123456789012345678901234567890123"),
    oauthcc_unit_number_of("1234567890123.5"),
    oauthcc_unit_number_of("12345678901234.5"),
    oauthcc_unit_number_of("123456789012345.5"),
    oauthcc_unit_number_of("123456789012e5"),
    oauthcc_unit_number_of("1234567890123e5"),
    oauthcc_unit_number_of("12345678901234e5"),
    oauthcc_unit_number_of("123456789012e+05"),
    oauthcc_unit_number_of("0.00000000000000000000000000000000000000000001"),
    { "a response", oauthcc_unit_json_response,
      ngx_string("{\"access_token\":\"" OAUTHCC_UNIT_TOKEN "\","
                 "\"token_type\":\"Bearer\",\"expires_in\":3600.5,"
                 "\"scope\":[\"read\",\"write all of it and more\"],"
                 "\"x\":12345678901234567890123}") },
    { "a life that is a text", oauthcc_unit_json_response,
      ngx_string("{\"access_token\":\"t\",\"expires_in\":\"3600.5\"}") },
    { "a life in the token", oauthcc_unit_json_response,
      ngx_string("{\"access_token\":\"eyJhbGciOiJub25lIn0."
                 "eyJpYXQiOjE3MDAwMDAwMDAsImV4cCI6MTcwMDAwMDYwMCwic3ViIjoid2hv"
                 "IGV2ZXIgaXQgaXMifQ.c2ln\"}") },
    { "an error", oauthcc_unit_json_response,
      ngx_string("{\"error\":\"invalid_client\",\"error_description\":"
                 "\"it is not known here\",\"nothing\":[1,2,3]}") },
    { "members", oauthcc_unit_json_members,
      ngx_string("{\"access_token\":\"t\",\"tenant\":\"" OAUTHCC_UNIT_TOKEN
                 "\",\"rate\":0.1,\"limit\":1234567890123456789}") },
    { "members beside a big number", oauthcc_unit_json_members,
      ngx_string("{\"tenant\":\"acme\",\"rate\":1.1,\"limit\":7,"
                 "\"x\":123456789012345678901234567890}") },
    { "a token", oauthcc_unit_json_jwt,
      ngx_string("eyJhbGciOiJub25lIn0."
                 "eyJpYXQiOjE3MDAwMDAwMDAsImV4cCI6MTcwMDAwMDYwMCwic3ViIjoid2hv"
                 "IGV2ZXIgaXQgaXMifQ.c2ln") },
    { "a token of the store", oauthcc_unit_json_payload,
      ngx_string("{\"format\":1,\"login\":250,\"content\":"
                 "\"0123456789abcdef\",\"reduced\":false,\"bound\":false,"
                 "\"token\":\"YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXo=\","
                 "\"members\":[[\"dGVuYW50\",\"YWNtZQ==\"]]}") },
};


static oauthcc_unit_real_t  oauthcc_unit_reals[] = {
    { ngx_string("[0.1]"), ngx_string("[0.1]") },
    { ngx_string("[0.30000000000000004]"),
      ngx_string("[0.30000000000000004]") },
    { ngx_string("[0.1,0.30000000000000004]"),
      ngx_string("[0.10000000000000001,0.30000000000000004]") },

    /* with 15 digits, and with 16, it would be too big a number */

    { ngx_string("[1.7976931348623157e308]"),
      ngx_string("[1.7976931348623157e308]") },
    { ngx_string("{\"a\":{\"b\":-1.7976931348623157e308}}"),
      ngx_string("{\"a\":{\"b\":-1.7976931348623157e308}}") },
    { ngx_string("[1.7976931348623155e308]"),
      ngx_string("[1.7976931348623155e308]") },
    { ngx_string("[5e-324]"), ngx_string("[4.94065645841247e-324]") },
    { ngx_string("[2.2250738585072014e-308]"),
      ngx_string("[2.2250738585072014e-308]") },
};


/* what is left until an allocation fails, and how many fail from there on */

static ngx_int_t   oauthcc_unit_json_left;
static ngx_uint_t  oauthcc_unit_json_failing;
static ngx_int_t   oauthcc_unit_json_used;


ngx_int_t
oauthcc_unit_json_tree(oauthcc_unit_t *unit)
{
    ngx_int_t   rc;
    ngx_uint_t  i, n;

    n = sizeof(oauthcc_unit_json_texts) / sizeof(oauthcc_unit_text_t);

    for (i = 0; i < n; i++) {

        rc = oauthcc_unit_json_fail(unit, &oauthcc_unit_json_texts[i], 1);

        if (rc == NGX_OK) {
            rc = oauthcc_unit_json_fail(unit, &oauthcc_unit_json_texts[i],
                                        OAUTHCC_UNIT_CALLS);
        }

        if (rc != NGX_OK) {
            return rc;
        }
    }

    return oauthcc_unit_json_reals(unit);
}


static ngx_int_t
oauthcc_unit_json_reals(oauthcc_unit_t *unit)
{
    char                  buf[128];
    json_t               *root;
    ngx_str_t             written;
    ngx_uint_t            i, digits;
    oauthcc_unit_real_t  *real;

    real = oauthcc_unit_reals;

    for (i = 0; i < sizeof(oauthcc_unit_reals) / sizeof(*real); i++) {

        if (oauthcc_json_tree_load(&root, real[i].text.data, real[i].text.len,
                                   0, NULL)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        digits = oauthcc_json_tree_digits(root, 15);

        written.data = (u_char *) buf;
        written.len = json_dumpb(root, buf, sizeof(buf),
                                 JSON_COMPACT|JSON_REAL_PRECISION(digits));

        oauthcc_unit_ok(unit, digits
                              && oauthcc_unit_equal(&written,
                                                    &real[i].written),
                        "the number of %V: %ui digits", &real[i].text, digits);

        oauthcc_json_tree_free(root);
    }

    return NGX_OK;
}


/* Has each allocation of jansson's fail in turn, and so many with it. */

static ngx_int_t
oauthcc_unit_json_fail(oauthcc_unit_t *unit, oauthcc_unit_text_t *text,
    ngx_uint_t failing)
{
    ngx_int_t      rc, expected, wrong, errors;
    ngx_str_t      good, result;
    ngx_uint_t     n;
    json_free_t    json_free, free_after;
    json_malloc_t  json_malloc, malloc_after;

    ngx_str_null(&good);

    expected = text->read(unit, &text->text, &good);

    json_get_alloc_funcs(&json_malloc, &json_free);
    json_set_alloc_funcs(oauthcc_unit_json_malloc, oauthcc_unit_json_free);

    wrong = 0;
    errors = 0;
    oauthcc_unit_json_used = 0;

    for (n = 0; n < OAUTHCC_UNIT_CALLS; n++) {
        oauthcc_unit_json_left = n;
        oauthcc_unit_json_failing = failing;

        ngx_str_null(&result);

        rc = text->read(unit, &text->text, &result);

        if (oauthcc_unit_json_left >= 0) {
            break;
        }

        if (rc == NGX_ERROR) {
            errors++;

        } else if (rc != expected || !oauthcc_unit_equal(&result, &good)) {
            wrong++;
            oauthcc_unit_diag("allocation %ui: %i, %V", n, rc, &result);
        }
    }

    json_get_alloc_funcs(&malloc_after, &free_after);
    json_set_alloc_funcs(json_malloc, json_free);

    oauthcc_unit_ok(unit, n > 1 && n < OAUTHCC_UNIT_CALLS && errors > 1,
                    "%s, %s: %i of %ui failures are errors", text->name,
                    failing > 1 ? "and all after it" : "one at a time",
                    errors, n);

    oauthcc_unit_number(unit, wrong, 0, "none gives anything else");
    oauthcc_unit_number(unit, oauthcc_unit_json_used, 0, "nothing is left");

    oauthcc_unit_ok(unit, malloc_after == oauthcc_unit_json_malloc
                          && free_after == oauthcc_unit_json_free,
                    "the functions are those of before");

    return NGX_OK;
}


static ngx_int_t
oauthcc_unit_json_tree_read(oauthcc_unit_t *unit, ngx_str_t *text,
    ngx_str_t *result)
{
    char          buf[512];
    json_t       *root;
    size_t        len;
    ngx_int_t     rc, left;
    ngx_str_t     dump;
    json_error_t  error;

    rc = oauthcc_json_tree_load(&root, text->data, text->len,
                                OAUTHCC_UNIT_FLAGS|JSON_DECODE_INT_AS_REAL,
                                &error);

    if (rc != NGX_OK) {
        return (root == NULL) ? rc : NGX_DONE;
    }

    /* only what is read is under test here */

    left = oauthcc_unit_json_left;
    oauthcc_unit_json_left = (left < 0) ? -1 : OAUTHCC_UNIT_CALLS;
    oauthcc_unit_json_failing = (left < 0) ? 0 : oauthcc_unit_json_failing;

    len = json_dumpb(root, buf, sizeof(buf),
                     JSON_COMPACT|JSON_ENCODE_ANY|JSON_SORT_KEYS);
    oauthcc_json_tree_free(root);

    oauthcc_unit_json_left = left;

    dump.data = (u_char *) buf;
    dump.len = ngx_min(len, sizeof(buf));

    return oauthcc_unit_json_copy(unit, &dump, result);
}


static ngx_int_t
oauthcc_unit_json_response(oauthcc_unit_t *unit, ngx_str_t *text,
    ngx_str_t *result)
{
    u_char                    buf[1024];
    ngx_int_t                 rc;
    ngx_str_t                 none, all;
    oauthcc_token_response_t  t;

    ngx_str_null(&none);

    rc = oauthcc_token_response_parse(unit->pool, 200, text->data, text->len,
                                      1700000000, &none, 0,
                                      OAUTHCC_UNIT_LIFE, &t);

    if (rc == NGX_ERROR) {
        return rc;
    }

    all.data = buf;
    all.len = ngx_slprintf(buf, buf + sizeof(buf), "%V %M %V %ui %s %V %V",
                           &t.access_token, t.life, &t.scope,
                           (ngx_uint_t) t.bad_expires,
                           t.reason ? t.reason : "", &t.said.error,
                           &t.said.description)
              - buf;

    return oauthcc_unit_json_copy(unit, &all, result) == NGX_OK
           ? rc : NGX_ERROR;
}


static ngx_int_t
oauthcc_unit_json_members(oauthcc_unit_t *unit, ngx_str_t *text,
    ngx_str_t *result)
{
    u_char           buf[1024], *p;
    ngx_int_t        rc;
    ngx_str_t        all;
    ngx_uint_t       i;
    ngx_array_t      names, pairs;
    oauthcc_pair_t  *pair;
    static ngx_str_t wanted[] = { ngx_string("tenant"), ngx_string("rate"),
                                  ngx_string("limit") };

    ngx_memzero(&names, sizeof(ngx_array_t));
    names.elts = wanted;
    names.nelts = 3;

    if (ngx_array_init(&pairs, unit->pool, 3, sizeof(oauthcc_pair_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    rc = oauthcc_token_members_read(unit->pool, &names, text->data, text->len,
                                    &pairs);
    if (rc != NGX_OK) {
        return rc;
    }

    p = buf;
    pair = pairs.elts;

    for (i = 0; i < pairs.nelts; i++) {
        p = ngx_slprintf(p, buf + sizeof(buf), "%V=%V ", &pair[i].name,
                         &pair[i].value);
    }

    all.data = buf;
    all.len = p - buf;

    return oauthcc_unit_json_copy(unit, &all, result);
}


static ngx_int_t
oauthcc_unit_json_jwt(oauthcc_unit_t *unit, ngx_str_t *text, ngx_str_t *result)
{
    u_char      buf[64];
    ngx_int_t   rc;
    ngx_str_t   all;
    ngx_msec_t  life;

    rc = oauthcc_token_lifetime_jwt(unit->pool, text, 1700000000, &life);

    if (rc != NGX_OK) {
        return rc;
    }

    all.data = buf;
    all.len = ngx_sprintf(buf, "%M", life) - buf;

    return oauthcc_unit_json_copy(unit, &all, result);
}


static ngx_int_t
oauthcc_unit_json_payload(oauthcc_unit_t *unit, ngx_str_t *text,
    ngx_str_t *result)
{
    ngx_int_t                rc;
    ngx_str_t                all;
    oauthcc_store_payload_t  payload;

    rc = oauthcc_store_payload_read(unit->pool, text, &payload);

    if (rc != NGX_OK) {
        return rc;
    }

    all.data = payload.packed.data;
    all.len = payload.packed.len;

    return oauthcc_unit_json_copy(unit, &all, result);
}


static ngx_int_t
oauthcc_unit_json_copy(oauthcc_unit_t *unit, ngx_str_t *text,
    ngx_str_t *result)
{
    result->data = ngx_pstrdup(unit->pool, text);
    if (result->data == NULL) {
        return NGX_ERROR;
    }

    result->len = text->len;

    return NGX_OK;
}


static void *
oauthcc_unit_json_malloc(size_t size)
{
    void  *p;

    if (oauthcc_unit_json_left <= 0 && oauthcc_unit_json_failing) {
        oauthcc_unit_json_left = -1;
        oauthcc_unit_json_failing--;

        return NULL;
    }

    if (oauthcc_unit_json_left > 0) {
        oauthcc_unit_json_left--;
    }

    p = ngx_alloc(size, ngx_cycle->log);

    if (p) {
        oauthcc_unit_json_used++;
    }

    return p;
}


static void
oauthcc_unit_json_free(void *p)
{
    if (p) {
        oauthcc_unit_json_used--;
    }

    ngx_free(p);
}
