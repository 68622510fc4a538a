
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "oauth/oauthcc_token_response.h"
#include "oauthcc_unit.h"


/* the life of a token that names none, five minutes */
#define OAUTHCC_UNIT_LIFE  ((ngx_msec_t) 300000)

/* the Date of all responses, 2023-11-14 22:13:20 GMT */
#define OAUTHCC_UNIT_DATE  1700000000

/* an expires_in that means nothing */
#define OAUTHCC_UNIT_BAD   ((ngx_msec_t) -1)

#define OAUTHCC_UNIT_MAX   OAUTHCC_TOKEN_RESPONSE_MAX_LIFE


typedef struct {
    char      *name;
    ngx_str_t  body;
    char      *token;
} oauthcc_unit_good_t;


typedef struct {
    char       *name;
    ngx_uint_t  status;
    ngx_str_t   body;
    char       *reason;
    char       *error;
    char       *description;
} oauthcc_unit_bad_t;


/* an expires_in as it stands in the body; no life: it means nothing */

typedef struct {
    char       *json;
    ngx_msec_t  life;
} oauthcc_unit_life_t;


/*
 * a token_type as it stands in the body, and one more that is configured, or
 * DPoP, which is "dpop on"
 */

typedef struct {
    char       *json;
    char       *configured;
    ngx_uint_t  good;
} oauthcc_unit_type_t;


static ngx_int_t oauthcc_unit_token_good(oauthcc_unit_t *unit);
static ngx_int_t oauthcc_unit_token_bad(oauthcc_unit_t *unit);
static ngx_int_t oauthcc_unit_token_lives(oauthcc_unit_t *unit);
static char *oauthcc_unit_type_reason(oauthcc_unit_type_t *type);
static ngx_int_t oauthcc_unit_token_types(oauthcc_unit_t *unit);
static ngx_int_t oauthcc_unit_token_status(oauthcc_unit_t *unit);
static ngx_int_t oauthcc_unit_token_bytes(oauthcc_unit_t *unit);
static ngx_int_t oauthcc_unit_token_byte(oauthcc_unit_t *unit,
    ngx_str_t *written, ngx_uint_t c, ngx_uint_t *wrong);
static ngx_int_t oauthcc_unit_token_sizes(oauthcc_unit_t *unit);
static ngx_int_t oauthcc_unit_token_texts(oauthcc_unit_t *unit);
static ngx_int_t oauthcc_unit_token_text(oauthcc_unit_t *unit, char *text,
    size_t n, char *tail, size_t error, size_t description, char *name);
static ngx_int_t oauthcc_unit_token_cut(oauthcc_unit_t *unit);
static ngx_int_t oauthcc_unit_token_deep(oauthcc_unit_t *unit);
static ngx_int_t oauthcc_unit_token_parse(oauthcc_unit_t *unit,
    ngx_uint_t status, ngx_str_t *body, char *token_type,
    oauthcc_token_response_t *t);
static ngx_uint_t oauthcc_unit_token_sane(ngx_int_t rc,
    oauthcc_token_response_t *t);
static ngx_uint_t oauthcc_unit_token_is(ngx_str_t *got, char *expected);
static void oauthcc_unit_token_diag(ngx_int_t rc, oauthcc_token_response_t *t);


#define OAUTHCC_UNIT_CHARS                                                    \
    "access_token holds characters that are not allowed in a header"


static oauthcc_unit_good_t  oauthcc_unit_goods[] = {

    { "the least",
      ngx_string("{\"access_token\":\"t\"}"), "t" },

    { "the example of RFC 6749",
      ngx_string("{\"access_token\":\"2YotnFZFEjr1zCsicMWpAA\","
                 "\"token_type\":\"example\",\"expires_in\":3600,"
                 "\"example_parameter\":\"example_value\"}"),
      "2YotnFZFEjr1zCsicMWpAA" },

    { "whitespace",
      ngx_string(" \r\n\t{ \"access_token\" :\n\t\"t-1\" } \r\n\t"), "t-1" },

    { "a byte order mark",
      ngx_string("\xef\xbb\xbf{\"access_token\":\"t\"}"), "t" },

    { "escapes",
      ngx_string("{\"access_token\":\"\\u0061b\\/c\\\\\\\"\"}"),
      "ab/c\\\"" },

    { "an escaped name",
      ngx_string("{\"\\u0061ccess_token\":\"t\"}"), "t" },

    { "a token within",
      ngx_string("{\"a\":{\"access_token\":\"evil\"},\"access_token\":\"t\","
                 "\"b\":[{\"access_token\":\"evil\"}]}"), "t" },

    { "another case of a name is another name",
      ngx_string("{\"Access_Token\":\"evil\",\"access_token\":\"t\"}"),
      "t" },

    { "a JWT",
      ngx_string("{\"access_token\":\"eyJh.eyJp._-09\"}"),
      "eyJh.eyJp._-09" },

    { "Base64", ngx_string("{\"access_token\":\"a+/b==\"}"), "a+/b==" },

    { "UTF-8 elsewhere",
      ngx_string("{\"access_token\":\"t\",\"scope\":\"\xc3\xa4\"}"), "t" },

    { "error is null",
      ngx_string("{\"access_token\":\"t\",\"error\":null}"), "t" },

    { "error is empty",
      ngx_string("{\"access_token\":\"t\",\"error\":\"\"}"), "t" },

    { "error is false",
      ngx_string("{\"access_token\":\"t\",\"error\":false}"), "t" },

    { "error is zero",
      ngx_string("{\"access_token\":\"t\",\"error\":0}"), "t" },

    { "error has no members",
      ngx_string("{\"access_token\":\"t\",\"error\":{}}"), "t" },

    { "a description without an error",
      ngx_string("{\"access_token\":\"t\",\"error_description\":\"none\"}"),
      "t" },

    { "big numbers elsewhere",
      ngx_string("{\"access_token\":\"t\",\"a\":123456789012345678901234567,"
                 "\"b\":-1e300,\"c\":1e-999}"), "t" },

    { "other lives",
      ngx_string("{\"access_token\":\"t\",\"expires_on\":\"1\","
                 "\"ext_expires_in\":1,\"refresh_expires_in\":1,"
                 "\"expires\":1,\"Expires_In\":1}"), "t" },

    { "an empty name", ngx_string("{\"\":1,\"access_token\":\"t\"}"), "t" },

    { NULL, ngx_null_string, NULL }
};


static oauthcc_unit_bad_t  oauthcc_unit_bads[] = {

    /* what is no JSON object */

    { "empty", 200, ngx_string(""), "body is empty", "", "" },
    { "a byte order mark alone", 200, ngx_string("\xef\xbb\xbf"),
      "body is empty", "", "" },
    { "spaces", 200, ngx_string("  \r\n "), "body is not JSON", "", "" },
    { "half a byte order mark", 200, ngx_string("\xef\xbb"),
      "body is not UTF-8", "", "" },
    { "two byte order marks", 200,
      ngx_string("\xef\xbb\xbf\xef\xbb\xbf{\"access_token\":\"t\"}"),
      "body is not JSON", "", "" },
    { "HTML", 200, ngx_string("<html><body>Login</body></html>"),
      "body is not JSON", "", "" },
    { "a form", 200, ngx_string("access_token=t&token_type=bearer"),
      "body is not JSON", "", "" },
    { "UTF-16", 200, ngx_string("{\0\"\0a\0\"\0:\0" "1\0}\0"),
      "body is not JSON", "", "" },
    { "gzip", 200, ngx_string("\x1f\x8b\x08\0"), "body is not JSON", "", "" },
    { "a bracket", 200, ngx_string("{"), "body is not JSON", "", "" },
    { "a cut token", 200, ngx_string("{\"access_token\":\"cut"),
      "body is not JSON", "", "" },
    { "no end", 200, ngx_string("{\"access_token\":\"t\""),
      "body is not JSON", "", "" },
    { "a comma at the end", 200, ngx_string("{\"access_token\":\"t\",}"),
      "body is not JSON", "", "" },
    { "single quotes", 200, ngx_string("{'access_token':'t'}"),
      "body is not JSON", "", "" },
    { "a comment", 200, ngx_string("{\"access_token\":\"t\"/**/}"),
      "body is not JSON", "", "" },
    { "something behind", 200, ngx_string("{\"access_token\":\"t\"} x"),
      "body is not JSON", "", "" },
    { "a zero byte behind", 200, ngx_string("{\"access_token\":\"t\"}\0"),
      "body is not JSON", "", "" },
    { "two objects", 200,
      ngx_string("{\"access_token\":\"t\"}{\"access_token\":\"t\"}"),
      "body is not JSON", "", "" },
    { "NaN", 200, ngx_string("{\"access_token\":\"t\",\"expires_in\":NaN}"),
      "body is not JSON", "", "" },
    { "Infinity", 200,
      ngx_string("{\"access_token\":\"t\",\"expires_in\":Infinity}"),
      "body is not JSON", "", "" },
    { "a number with a zero in front", 200,
      ngx_string("{\"access_token\":\"t\",\"expires_in\":03600}"),
      "body is not JSON", "", "" },
    { "Latin-1", 200, ngx_string("{\"access_token\":\"t\xe9\"}"),
      "body is not UTF-8", "", "" },
    { "an overlong character", 200,
      ngx_string("{\"access_token\":\"t\xc0\x8d\"}"),
      "body is not UTF-8", "", "" },
    { "half a surrogate pair", 200,
      ngx_string("{\"access_token\":\"t\\ud800\"}"),
      "body is not JSON", "", "" },
    { "a line end as it is", 200, ngx_string("{\"access_token\":\"t\n\"}"),
      "body is not JSON", "", "" },
    { "a zero byte as it is", 200, ngx_string("{\"access_token\":\"t\0\"}"),
      "body is not JSON", "", "" },
    { "a number of no size", 200,
      ngx_string("{\"access_token\":\"t\",\"expires_in\":1e999}"),
      "a number is too big", "", "" },
    { "another below zero", 200,
      ngx_string("{\"access_token\":\"t\",\"expires_in\":-1e999}"),
      "a number is too big", "", "" },

    { "array", 200, ngx_string("[{\"access_token\":\"t\"}]"),
      "body is not a JSON object", "", "" },
    { "string", 200, ngx_string("\"t\""),
      "body is not a JSON object", "", "" },
    { "null", 200, ngx_string("null"), "body is not a JSON object", "", "" },
    { "number", 200, ngx_string("17"), "body is not a JSON object", "", "" },

    /* keys that are there twice */

    { "two tokens", 200,
      ngx_string("{\"access_token\":\"a\",\"access_token\":\"b\"}"),
      "a key is duplicate", "", "" },
    { "the same token twice", 200,
      ngx_string("{\"access_token\":\"a\",\"access_token\":\"a\"}"),
      "a key is duplicate", "", "" },
    { "two tokens, one escaped", 200,
      ngx_string("{\"access_token\":\"a\",\"access\\u005ftoken\":\"b\"}"),
      "a key is duplicate", "", "" },
    { "two lives", 200,
      ngx_string("{\"access_token\":\"a\",\"expires_in\":1,"
                 "\"expires_in\":2}"),
      "a key is duplicate", "", "" },
    { "within", 200,
      ngx_string("{\"access_token\":\"a\",\"b\":{\"c\":1,\"c\":2}}"),
      "a key is duplicate", "", "" },

    /* tokens */

    { "nothing", 200, ngx_string("{}"), "no access_token", "", "" },
    { "other things", 200,
      ngx_string("{\"token_type\":\"Bearer\",\"expires_in\":1}"),
      "no access_token", "", "" },
    { "an id_token", 200, ngx_string("{\"id_token\":\"t\"}"),
      "no access_token", "", "" },
    { "upper case", 200, ngx_string("{\"ACCESS_TOKEN\":\"t\"}"),
      "no access_token", "", "" },
    { "a space in the name", 200, ngx_string("{\"access_token \":\"t\"}"),
      "no access_token", "", "" },
    { "within alone", 200,
      ngx_string("{\"data\":{\"access_token\":\"t\"}}"),
      "no access_token", "", "" },
    { "empty token", 200, ngx_string("{\"access_token\":\"\"}"),
      "no access_token", "", "" },
    { "null token", 200, ngx_string("{\"access_token\":null}"),
      "no access_token", "", "" },
    { "number token", 200, ngx_string("{\"access_token\":5}"),
      "no access_token", "", "" },
    { "true token", 200, ngx_string("{\"access_token\":true}"),
      "no access_token", "", "" },
    { "object token", 200, ngx_string("{\"access_token\":{\"t\":\"t\"}}"),
      "no access_token", "", "" },
    { "array token", 200, ngx_string("{\"access_token\":[\"t\"]}"),
      "no access_token", "", "" },
    { "CR LF", 200, ngx_string("{\"access_token\":\"t\\r\\nX-Evil: 1\"}"),
      OAUTHCC_UNIT_CHARS, "", "" },
    { "a space in front", 200, ngx_string("{\"access_token\":\" t\"}"),
      OAUTHCC_UNIT_CHARS, "", "" },
    { "a space behind", 200, ngx_string("{\"access_token\":\"t \"}"),
      OAUTHCC_UNIT_CHARS, "", "" },
    { "UTF-8", 200, ngx_string("{\"access_token\":\"t\xc3\xa9\"}"),
      OAUTHCC_UNIT_CHARS, "", "" },
    { "a zero", 200, ngx_string("{\"access_token\":\"t\\u0000\"}"),
      "a string holds a zero byte", "", "" },
    { "a zero in a name", 200,
      ngx_string("{\"access_token\\u0000\":\"t\"}"),
      "a string holds a zero byte", "", "" },

    /* errors with a good status */

    { "an error", 200,
      ngx_string("{\"error\":\"invalid_scope\","
                 "\"error_description\":\"no such scope\"}"),
      "it holds an error", "invalid_scope", "no such scope" },
    { "an error and a token", 200,
      ngx_string("{\"access_token\":\"t\",\"error\":\"server_error\"}"),
      "it holds an error", "server_error", "" },
    { "an error of a space", 200,
      ngx_string("{\"access_token\":\"t\",\"error\":\" \"}"),
      "it holds an error", " ", "" },
    { "an error that is true", 200,
      ngx_string("{\"access_token\":\"t\",\"error\":true}"),
      "it holds an error", "", "" },
    { "an error of an object", 200,
      ngx_string("{\"access_token\":\"t\",\"error\":{\"code\":\"x\"}}"),
      "it holds an error", "", "" },
    { "an error of a number", 200,
      ngx_string("{\"access_token\":\"t\",\"error\":7,"
                 "\"error_description\":\"seven\"}"),
      "it holds an error", "", "" },
    { "a description of a number", 200,
      ngx_string("{\"error\":\"x\",\"error_description\":5}"),
      "it holds an error", "x", "" },

    /* errors with a bad one */

    { "400", 400,
      ngx_string("{\"error\":\"invalid_client\","
                 "\"error_description\":\"unknown client\","
                 "\"error_uri\":\"http://x/\"}"),
      "status is not 2xx", "invalid_client", "unknown client" },
    { "401, no description", 401, ngx_string("{\"error\":\"x\"}"),
      "status is not 2xx", "x", "" },
    { "400, no error", 400, ngx_string("{\"error_description\":\"d\"}"),
      "status is not 2xx", "", "d" },
    { "400, an error of an object", 400,
      ngx_string("{\"error\":{\"message\":\"m\"},"
                 "\"error_description\":[\"d\"]}"),
      "status is not 2xx", "", "" },
    { "400, error is null", 400,
      ngx_string("{\"error\":null,\"error_description\":null}"),
      "status is not 2xx", "", "" },
    { "400, a byte order mark", 400,
      ngx_string("\xef\xbb\xbf{\"error\":\"x\"}"),
      "status is not 2xx", "x", "" },
    { "500, HTML", 500, ngx_string("<html>"), "status is not 2xx", "", "" },
    { "503, empty", 503, ngx_string(""), "status is not 2xx", "", "" },
    { "400, array", 400, ngx_string("[\"error\"]"),
      "status is not 2xx", "", "" },
    { "400, cut", 400, ngx_string("{\"error\":\"x\""),
      "status is not 2xx", "", "" },
    { "400, two errors", 400, ngx_string("{\"error\":\"x\",\"error\":\"y\"}"),
      "status is not 2xx", "", "" },
    { "400, a token", 400, ngx_string("{\"access_token\":\"t\"}"),
      "status is not 2xx", "", "" },

    /* what a log can not bear */

    { "control characters", 400,
      ngx_string("{\"error\":\"e\\u0001vil\\n\","
                 "\"error_description\":\"a\\u001b[31m\\r\\n\\u007f\"}"),
      "status is not 2xx", "e\\x01vil\\x0A", "a\\x1B[31m\\x0D\\x0A\\x7F" },
    { "quotes", 400,
      ngx_string("{\"error\":\"a\\\"b\\\\x41\",\"error_description\":\"'\"}"),
      "status is not 2xx", "a\\x22b\\x5Cx41", "'" },
    { "other alphabets", 400,
      ngx_string("{\"error\":\"\xc3\xa9\","
                 "\"error_description\":\"\\u20ac \\ud83d\\ude00\"}"),
      "status is not 2xx", "\\xC3\\xA9",
      "\\xE2\\x82\\xAC \\xF0\\x9F\\x98\\x80" },
    { "formats", 400, ngx_string("{\"error\":\"%s%n%V$uri\"}"),
      "status is not 2xx", "%s%n%V$uri", "" },

    { NULL, 0, ngx_null_string, NULL, NULL, NULL }
};


static oauthcc_unit_life_t  oauthcc_unit_lives[] = {

    { "3600", 3600000 },
    { "1", 1000 },
    { "3600.0", 3600000 },
    { "3599.5", 3599500 },
    { "0.25", 250 },
    { "0.001", 1 },
    { "36e2", 3600000 },
    { "3.6E+3", 3600000 },
    { "2073599", 2073599000 },
    { "2073600", OAUTHCC_UNIT_MAX },
    { "2073601", OAUTHCC_UNIT_MAX },
    { "31536000", OAUTHCC_UNIT_MAX },
    { "2147483648", OAUTHCC_UNIT_MAX },
    { "4294967296", OAUTHCC_UNIT_MAX },
    { "4294968", OAUTHCC_UNIT_MAX },
    { "9223372036854775807", OAUTHCC_UNIT_MAX },
    { "9223372036854775808", OAUTHCC_UNIT_MAX },
    { "18446744073709551617", OAUTHCC_UNIT_MAX },
    { "18446744073709552", OAUTHCC_UNIT_MAX },
    { "99999999999999999999999999999999999999", OAUTHCC_UNIT_MAX },
    { "1e300", OAUTHCC_UNIT_MAX },

    { "\"3600\"", 3600000 },
    { "\"3600.0\"", 3600000 },
    { "\"3599.5\"", 3599500 },
    { "\"3599.123456789\"", 3599123 },
    { "\"0.25\"", 250 },
    { "\"0.01\"", 10 },
    { "\"  3600 \"", 3600000 },
    { "\"03600\"", 3600000 },
    { "\"2073600\"", OAUTHCC_UNIT_MAX },
    { "\"20736009\"", OAUTHCC_UNIT_MAX },
    { "\"4294967297\"", OAUTHCC_UNIT_MAX },
    { "\"18446744073709551617\"", OAUTHCC_UNIT_MAX },
    { "\"99999999999999999999999999999999999999.9\"",
      OAUTHCC_UNIT_MAX },

    /* the point of time, as some servers have it there */

    { "1700003600", 3600000 },
    { "1700003600.5", 3600500 },
    { "1700003600000", 3600000 },
    { "1700003600500", 3600500 },
    { "\"1700003600\"", 3600000 },
    { "\"1700003600000\"", 3600000 },
    { "1700000000", 0 },
    { "1699999999", 0 },
    { "1699999999000", 0 },
    { "1400000000", 0 },
    { "2000000000", OAUTHCC_UNIT_MAX },

    /* farther than ten years from Date, or of other sizes: seconds */

    { "1300000000", OAUTHCC_UNIT_MAX },
    { "2100000000", OAUTHCC_UNIT_MAX },
    { "1300000000000", OAUTHCC_UNIT_MAX },
    { "17000000", OAUTHCC_UNIT_MAX },
    { "170000000000", OAUTHCC_UNIT_MAX },
    { "17000000000000", OAUTHCC_UNIT_MAX },

    /* these say that it has ended */

    { "0", 0 },
    { "-0", 0 },
    { "0.0", 0 },
    { "-1", 0 },
    { "-3600.5", 0 },
    { "-9223372036854775809", 0 },
    { "-1e300", 0 },
    { "0.0009", 0 },
    { "1e-999", 0 },
    { "\"0\"", 0 },
    { "\"0.0\"", 0 },
    { "\"0.0009\"", 0 },
    { "\"-1\"", 0 },
    { "\"-0\"", 0 },
    { "\"-12.5\"", 0 },
    { "\" -1 \"", 0 },

    /* these mean nothing */

    { "true", OAUTHCC_UNIT_BAD },
    { "false", OAUTHCC_UNIT_BAD },
    { "{}", OAUTHCC_UNIT_BAD },
    { "[3600]", OAUTHCC_UNIT_BAD },
    { "\"\"", OAUTHCC_UNIT_BAD },
    { "\" \"", OAUTHCC_UNIT_BAD },
    { "\"+1\"", OAUTHCC_UNIT_BAD },
    { "\"abc\"", OAUTHCC_UNIT_BAD },
    { "\"nan\"", OAUTHCC_UNIT_BAD },
    { "\"inf\"", OAUTHCC_UNIT_BAD },
    { "\"0x10\"", OAUTHCC_UNIT_BAD },
    { "\"1e3\"", OAUTHCC_UNIT_BAD },
    { "\"3600s\"", OAUTHCC_UNIT_BAD },
    { "\"3600.\"", OAUTHCC_UNIT_BAD },
    { "\".5\"", OAUTHCC_UNIT_BAD },
    { "\".\"", OAUTHCC_UNIT_BAD },
    { "\"1.2.3\"", OAUTHCC_UNIT_BAD },
    { "\"3 600\"", OAUTHCC_UNIT_BAD },
    { "\"3,600\"", OAUTHCC_UNIT_BAD },
    { "\"\\u0663\"", OAUTHCC_UNIT_BAD },
    { "\"1 hour\"", OAUTHCC_UNIT_BAD },
    { "\"--1\"", OAUTHCC_UNIT_BAD },
    { "\"-\"", OAUTHCC_UNIT_BAD },
    { "\"- 1\"", OAUTHCC_UNIT_BAD },

    { NULL, 0 }
};


static oauthcc_unit_type_t  oauthcc_unit_types[] = {

    { "\"Bearer\"", "", 1 },
    { "\"bearer\"", "", 1 },
    { "\"BEARER\"", "", 1 },
    { "\"bEaReR\"", "BearerToken", 1 },
    { "null", "", 1 },
    { "null", "BearerToken", 1 },
    { "\"BearerToken\"", "BearerToken", 1 },
    { "\"bearertoken\"", "BearerToken", 1 },
    { "\"application access token\"", "Application Access Token", 1 },
    { "\"Bearer\"", "BearerToken", 1 },
    { "\"DPoP\"", "DPoP", 1 },
    { "\"dpop\"", "DPoP", 1 },

    { "\"Bearer\"", "DPoP", 0 },
    { "\"DPoPs\"", "DPoP", 0 },
    { "\"mac\"", "DPoP", 0 },
    { "null", "DPoP", 0 },
    { "1", "DPoP", 0 },
    { "\"\"", "", 0 },
    { "\"\"", "BearerToken", 0 },
    { "\"BearerToken\"", "", 0 },
    { "\"BearerToke\"", "BearerToken", 0 },
    { "\"BearerTokens\"", "BearerToken", 0 },
    { "\"Beare\"", "", 0 },
    { "\"Bearers\"", "", 0 },
    { "\" Bearer\"", "", 0 },
    { "\"Bearer \"", "", 0 },
    { "\"DPoP\"", "", 0 },
    { "\"mac\"", "", 0 },
    { "\"mac\"", "mac", 0 },
    { "\"MAC\"", "mac", 0 },
    { "\"N_A\"", "", 0 },
    { "5", "", 0 },
    { "true", "", 0 },
    { "{}", "", 0 },
    { "[\"Bearer\"]", "", 0 },

    { NULL, NULL, 0 }
};


ngx_int_t
oauthcc_unit_token_response(oauthcc_unit_t *unit)
{
    if (oauthcc_unit_token_good(unit) != NGX_OK
        || oauthcc_unit_token_bad(unit) != NGX_OK
        || oauthcc_unit_token_lives(unit) != NGX_OK
        || oauthcc_unit_token_types(unit) != NGX_OK
        || oauthcc_unit_token_status(unit) != NGX_OK
        || oauthcc_unit_token_bytes(unit) != NGX_OK
        || oauthcc_unit_token_sizes(unit) != NGX_OK
        || oauthcc_unit_token_texts(unit) != NGX_OK
        || oauthcc_unit_token_cut(unit) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return oauthcc_unit_token_deep(unit);
}


static ngx_int_t
oauthcc_unit_token_good(oauthcc_unit_t *unit)
{
    ngx_int_t                 rc;
    oauthcc_token_response_t  t;
    oauthcc_unit_good_t      *good;

    for (good = oauthcc_unit_goods; good->name; good++) {

        rc = oauthcc_unit_token_parse(unit, 200, &good->body, "example", &t);
        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }

        if (!oauthcc_unit_ok(unit,
                             rc == NGX_OK
                             && oauthcc_unit_token_sane(rc, &t)
                             && oauthcc_unit_token_is(&t.access_token,
                                                      good->token)
                             && (t.life == OAUTHCC_UNIT_LIFE
                                 || t.life == 3600000),
                             "taken: %s", good->name))
        {
            oauthcc_unit_token_diag(rc, &t);
        }
    }

    return NGX_OK;
}


static ngx_int_t
oauthcc_unit_token_bad(oauthcc_unit_t *unit)
{
    ngx_int_t                 rc;
    oauthcc_token_response_t  t;
    oauthcc_unit_bad_t       *bad;

    for (bad = oauthcc_unit_bads; bad->name; bad++) {

        rc = oauthcc_unit_token_parse(unit, bad->status, &bad->body, "", &t);
        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }

        if (!oauthcc_unit_ok(unit,
                             rc == NGX_DECLINED
                             && oauthcc_unit_token_sane(rc, &t)
                             && ngx_strcmp(t.reason, bad->reason) == 0
                             && oauthcc_unit_token_is(&t.said.error,
                                                      bad->error)
                             && oauthcc_unit_token_is(&t.said.description,
                                                      bad->description),
                             "refused: %s", bad->name))
        {
            oauthcc_unit_token_diag(rc, &t);
        }
    }

    return NGX_OK;
}


static ngx_int_t
oauthcc_unit_token_lives(oauthcc_unit_t *unit)
{
    u_char                   *p, text[256];
    ngx_int_t                 rc;
    ngx_str_t                 body;
    ngx_msec_t                expected;
    oauthcc_token_response_t  t;
    oauthcc_unit_life_t      *life;

    body.data = text;

    for (life = oauthcc_unit_lives; life->json; life++) {

        p = ngx_snprintf(text, sizeof(text),
                         "{\"access_token\":\"t\",\"expires_in\":%s}",
                         life->json);
        body.len = p - text;

        rc = oauthcc_unit_token_parse(unit, 200, &body, "", &t);

        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }

        expected = (life->life == OAUTHCC_UNIT_BAD) ? OAUTHCC_UNIT_LIFE
                                                    : life->life;

        if (!oauthcc_unit_ok(unit,
                             rc == NGX_OK
                             && oauthcc_unit_token_sane(rc, &t)
                             && t.life == expected
                             && t.bad_expires
                                == (life->life == OAUTHCC_UNIT_BAD),
                             "expires_in: %s", life->json))
        {
            oauthcc_unit_token_diag(rc, &t);
        }
    }

    ngx_str_set(&body, "{\"access_token\":\"t\",\"expires_in\":null}");

    rc = oauthcc_unit_token_parse(unit, 200, &body, "", &t);

    oauthcc_unit_ok(unit,
                    rc == NGX_OK
                    && t.life == OAUTHCC_UNIT_LIFE
                    && !t.bad_expires,
                    "expires_in: null is as good as missing");

    return (rc == NGX_ERROR) ? NGX_ERROR : NGX_OK;
}


static char *
oauthcc_unit_type_reason(oauthcc_unit_type_t *type)
{
    if (type->good) {
        return "";
    }

    if (ngx_strcmp(type->configured, "DPoP") == 0) {
        return "token_type is not DPoP, the server has not bound the token";
    }

    return ngx_strcasecmp((u_char *) type->json, (u_char *) "\"DPoP\"") == 0
           ? "token_type is DPoP: set \"dpop on\""
           : "token_type is not bearer";
}


static ngx_int_t
oauthcc_unit_token_types(oauthcc_unit_t *unit)
{
    char                     *reason;
    u_char                   *p, text[256];
    ngx_int_t                 rc;
    ngx_str_t                 body;
    oauthcc_token_response_t  t;
    oauthcc_unit_type_t      *type;

    body.data = text;

    for (type = oauthcc_unit_types; type->json; type++) {

        p = ngx_snprintf(text, sizeof(text),
                         "{\"access_token\":\"t\",\"token_type\":%s}",
                         type->json);
        body.len = p - text;

        rc = oauthcc_unit_token_parse(unit, 200, &body, type->configured, &t);
        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }

        reason = t.reason ? t.reason : "";

        if (!oauthcc_unit_ok(unit, rc == (type->good ? NGX_OK : NGX_DECLINED)
                             && oauthcc_unit_token_sane(rc, &t)
                             && ngx_strcmp(reason,
                                           oauthcc_unit_type_reason(type))
                                == 0,
                             "token_type: %s, configured \"%s\"",
                             type->json, type->configured))
        {
            oauthcc_unit_token_diag(rc, &t);
        }
    }

    return NGX_OK;
}


static ngx_int_t
oauthcc_unit_token_status(oauthcc_unit_t *unit)
{
    ngx_int_t                 rc;
    ngx_str_t                 body;
    ngx_uint_t                i;
    oauthcc_token_response_t  t;
    static ngx_uint_t         status[] = { 200, 201, 203, 299, 0, 100, 199,
                                            204, 300, 302, 304, 400, 500, 999
                                          };

    for (i = 0; i < sizeof(status) / sizeof(status[0]); i++) {
        ngx_str_set(&body, "{\"access_token\":\"t\"}");

        if (status[i] == 204) {
            body.len = 0;
        }

        rc = oauthcc_unit_token_parse(unit, status[i], &body, "",
                                      &t);
        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }

        if (!oauthcc_unit_ok(unit, rc == (i < 4 ? NGX_OK : NGX_DECLINED)
                             && oauthcc_unit_token_sane(rc, &t),
                             "status %ui", status[i]))
        {
            oauthcc_unit_token_diag(rc, &t);
        }
    }

    return NGX_OK;
}


/* Each character, in a token and as an escape. */

static ngx_int_t
oauthcc_unit_token_bytes(oauthcc_unit_t *unit)
{
    u_char      text[sizeof("\\u0000")];
    ngx_str_t   written;
    ngx_uint_t  c, wrong;

    wrong = 0;
    written.data = text;

    for (c = 0; c < 0x300; c++) {
        written.len = ngx_sprintf(text, "\\u%04xi", c) - text;

        if (oauthcc_unit_token_byte(unit, &written, c, &wrong) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    oauthcc_unit_number(unit, wrong, 0, "each character up to U+02FF escaped");

    wrong = 0;

    for (c = 0; c < 0x100; c++) {

        if (c == '"' || c == '\\') {
            continue;
        }

        text[0] = (u_char) c;
        written.len = 1;

        if (oauthcc_unit_token_byte(unit, &written, c, &wrong) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    oauthcc_unit_number(unit, wrong, 0, "each byte as it is");

    return NGX_OK;
}


/* A character between two others, as it is written: VSCHAR is taken. */

static ngx_int_t
oauthcc_unit_token_byte(oauthcc_unit_t *unit, ngx_str_t *written,
    ngx_uint_t c, ngx_uint_t *wrong)
{
    u_char                    text[64];
    ngx_int_t                 rc, expected;
    ngx_str_t                 body;
    oauthcc_token_response_t  t;

    body.data = text;
    body.len = ngx_sprintf(text, "{\"access_token\":\"a%Vb\"}", written)
               - text;

    rc = oauthcc_unit_token_parse(unit, 200, &body, "", &t);

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    expected = (c > 0x20 && c < 0x7f) ? NGX_OK : NGX_DECLINED;

    if (rc != expected
        || !oauthcc_unit_token_sane(rc, &t)
        || (rc == NGX_OK && (t.access_token.len != 3
                             || t.access_token.data[1] != c)))
    {
        oauthcc_unit_diag("U+%04xi, of %uz bytes: %i", c, written->len, rc);
        (*wrong)++;
    }

    return NGX_OK;
}


static ngx_int_t
oauthcc_unit_token_sizes(oauthcc_unit_t *unit)
{
    u_char                   *p;
    ngx_int_t                 rc;
    ngx_str_t                 body, token;
    ngx_uint_t                i, k;
    oauthcc_token_response_t  t;
    static size_t             sizes[] = { 255, 4095, 4096, 16384, 65536,
                                           1048576 };

    for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {

        body.data = ngx_pnalloc(unit->pool, sizes[i] + 64);
        if (body.data == NULL) {
            return NGX_ERROR;
        }

        p = ngx_cpymem(body.data, "{\"access_token\":\"",
                       sizeof("{\"access_token\":\"") - 1);

        token.data = p;
        token.len = sizes[i];

        for (k = 0; k < sizes[i]; k++) {
            *p++ = (u_char) ('a' + k % 26);
        }

        p = ngx_cpymem(p, "\",\"expires_in\":60}",
                       sizeof("\",\"expires_in\":60}") - 1);
        body.len = p - body.data;

        rc = oauthcc_unit_token_parse(unit, 200, &body, "", &t);

        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }

        if (!oauthcc_unit_ok(unit,
                             rc == NGX_OK
                             && oauthcc_unit_token_sane(rc, &t)
                             && oauthcc_unit_equal(&t.access_token, &token)
                             && t.life == 60000,
                             "a token of %uz bytes", sizes[i]))
        {
            oauthcc_unit_diag("%i, %uz bytes", rc, t.access_token.len);
        }
    }

    return NGX_OK;
}


/* Long texts are cut, an escape never. */

static ngx_int_t
oauthcc_unit_token_texts(oauthcc_unit_t *unit)
{
    if (oauthcc_unit_token_text(unit, "x", 64, "", 64, 64, "64 characters")
           != NGX_OK
        || oauthcc_unit_token_text(unit, "x", 65, "", 64, 65, "65 characters")
           != NGX_OK
        || oauthcc_unit_token_text(unit, "x", 256, "", 64, 256,
                                   "256 characters")
           != NGX_OK
        || oauthcc_unit_token_text(unit, "x", 257, "", 64, 256,
                                   "257 characters")
           != NGX_OK
        || oauthcc_unit_token_text(unit, "x", 100000, "", 64, 256,
                                   "100000 characters")
           != NGX_OK
        || oauthcc_unit_token_text(unit, "\\n", 16, "", 64, 64,
                                   "escapes that fill it")
           != NGX_OK
        || oauthcc_unit_token_text(unit, "\\n", 1000, "", 64, 256,
                                   "very many escapes")
           != NGX_OK
        || oauthcc_unit_token_text(unit, "x", 60, "\\n", 64, 64,
                                   "an escape that just fits") != NGX_OK
        || oauthcc_unit_token_text(unit, "x", 61, "\\n", 61, 65,
                                   "an escape, a byte too long") != NGX_OK
        || oauthcc_unit_token_text(unit, "x", 63, "\\n", 63, 67,
                                   "an escape, three too long") != NGX_OK
        || oauthcc_unit_token_text(unit, "x", 62, "\\nxx", 62, 68,
                                   "nothing follows a cut")
           != NGX_OK
        || oauthcc_unit_token_text(unit, "x", 253, "\\n", 64, 253,
                                   "an escape at the end of 256") != NGX_OK
        || oauthcc_unit_token_text(unit, "x", 252, "\\nx", 64, 256,
                                   "a full text of 256")
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


/*
 * Both members are n times the text, then the tail; error and description say
 * how long they come out.
 */

static ngx_int_t
oauthcc_unit_token_text(oauthcc_unit_t *unit, char *text, size_t n, char *tail,
    size_t error, size_t description, char *name)
{
    u_char                   *p;
    size_t                    i;
    ngx_int_t                 rc;
    ngx_str_t                 body;
    ngx_uint_t                k;
    oauthcc_token_response_t  t;

    body.len = 2 * (n * ngx_strlen(text) + ngx_strlen(tail)) + 128;

    body.data = ngx_pnalloc(unit->pool, body.len);
    if (body.data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_sprintf(body.data, "{\"error\":\"");

    for (k = 0; k < 2; k++) {

        for (i = 0; i < n; i++) {
            p = ngx_sprintf(p, "%s", text);
        }

        p = ngx_sprintf(p, "%s\"%s", tail,
                        k ? "}" : ",\"error_description\":\"");
    }

    body.len = p - body.data;

    rc = oauthcc_unit_token_parse(unit, 400, &body, "", &t);

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (!oauthcc_unit_ok(unit,
                         rc == NGX_DECLINED
                         && oauthcc_unit_token_sane(rc, &t)
                         && t.said.error.len == error
                         && t.said.description.len == description,
                         "error: %s", name))
    {
        oauthcc_unit_token_diag(rc, &t);
    }

    return NGX_OK;
}


/* Nothing that is cut is taken, wherever that is. */

static ngx_int_t
oauthcc_unit_token_cut(oauthcc_unit_t *unit)
{
    size_t                    len;
    ngx_int_t                 rc;
    ngx_str_t                 body;
    ngx_uint_t                wrong;
    oauthcc_token_response_t  t;

    ngx_str_set(&body, "{\"access_token\":\"t-\\u0041\",\"scope\":\"\xc3\xa4\""
                       ",\"token_type\":\"Bearer\",\"expires_in\":3600.5e0,"
                       "\"x\":[true,null,{\"y\":-1}]}");
    len = body.len;
    wrong = 0;

    for (body.len = 0; body.len < len; body.len++) {
        rc = oauthcc_unit_token_parse(unit, 200, &body, "", &t);

        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }

        if (rc != NGX_DECLINED || !oauthcc_unit_token_sane(rc, &t)) {
            oauthcc_unit_diag("%uz bytes: %i", body.len, rc);
            wrong++;
        }
    }

    oauthcc_unit_number(unit, wrong, 0, "cut after each byte");

    rc = oauthcc_unit_token_parse(unit, 200, &body, "", &t);

    oauthcc_unit_ok(unit, rc == NGX_OK && t.life == 3600500, "and whole");

    return (rc == NGX_ERROR) ? NGX_ERROR : NGX_OK;
}


static ngx_int_t
oauthcc_unit_token_deep(oauthcc_unit_t *unit)
{
    u_char                   *p;
    ngx_int_t                 rc;
    ngx_str_t                 body;
    ngx_uint_t                i;
    oauthcc_token_response_t  t;
    static size_t             depths[] = { 1000, 5000, 1000000 };

    for (i = 0; i < sizeof(depths) / sizeof(depths[0]); i++) {

        body.data = ngx_pnalloc(unit->pool, 2 * depths[i] + 64);
        if (body.data == NULL) {
            return NGX_ERROR;
        }

        p = ngx_sprintf(body.data, "{\"access_token\":\"t\",\"x\":");

        ngx_memset(p, '[', depths[i]);
        p += depths[i];

        ngx_memset(p, ']', depths[i]);
        p += depths[i];

        *p++ = '}';
        body.len = p - body.data;

        rc = oauthcc_unit_token_parse(unit, 200, &body, "", &t);

        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }

        if (!oauthcc_unit_ok(unit, rc == (i == 0 ? NGX_OK : NGX_DECLINED)
                             && oauthcc_unit_token_sane(rc, &t),
                             "%uz arrays in each other", depths[i]))
        {
            oauthcc_unit_token_diag(rc, &t);
        }
    }

    return NGX_OK;
}


/* The body has memory of its own, so that a byte too far is seen by ASan. */

static ngx_int_t
oauthcc_unit_token_parse(oauthcc_unit_t *unit, ngx_uint_t status,
    ngx_str_t *body, char *token_type, oauthcc_token_response_t *t)
{
    u_char    *p;
    ngx_int_t  rc;
    ngx_str_t  type;

    type.len = ngx_strlen(token_type);
    type.data = (u_char *) token_type;

    p = ngx_alloc(body->len, unit->log);
    if (p == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(p, body->data, body->len);

    /* whatever was in it does not count */

    ngx_memset(t, 0xa5, sizeof(oauthcc_token_response_t));

    rc = oauthcc_token_response_parse(unit->pool, status, p, body->len,
                                      OAUTHCC_UNIT_DATE, &type,
                                      ngx_strcmp(token_type, "DPoP") == 0,
                                      OAUTHCC_UNIT_LIFE, t);

    ngx_memset(p, 0x5a, body->len);
    ngx_free(p);

    return rc;
}


static ngx_uint_t
oauthcc_unit_token_sane(ngx_int_t rc, oauthcc_token_response_t *t)
{
    size_t      i;
    ngx_str_t   text;
    ngx_uint_t  n;

    for (n = 0; n < 2; n++) {
        text = n ? t->said.description : t->said.error;

        if (text.len > (n ? 256 : 64)) {
            return 0;
        }

        for (i = 0; i < text.len; i++) {

            if (text.data[i] < 0x20
                || text.data[i] >= 0x7f
                || text.data[i] == '"')
            {
                return 0;
            }

            if (text.data[i] == '\\' && i + 3 >= text.len) {
                return 0;
            }
        }
    }

    if (rc == NGX_OK) {
        return t->reason == NULL
               && t->access_token.len
               && t->life <= OAUTHCC_TOKEN_RESPONSE_MAX_LIFE;
    }

    return t->reason && t->reason[0] && t->access_token.len == 0;
}


static ngx_uint_t
oauthcc_unit_token_is(ngx_str_t *got, char *expected)
{
    ngx_str_t  text;

    text.len = ngx_strlen(expected);
    text.data = (u_char *) expected;

    return oauthcc_unit_equal(got, &text);
}


static void
oauthcc_unit_token_diag(ngx_int_t rc, oauthcc_token_response_t *t)
{
    oauthcc_unit_diag("%i, token \"%V\", life %M, bad_expires %ui",
                      rc, &t->access_token, t->life,
                      (ngx_uint_t) t->bad_expires);
    oauthcc_unit_diag("reason \"%s\", error \"%V\", "
                      "description \"%V\"",
                      t->reason ? t->reason : "", &t->said.error,
                      &t->said.description);
}
