
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <math.h>
#include "login_json/php/oauthcc_php_scalar.h"
#include "oauthcc_unit.h"


typedef struct {
    oauthcc_php_scalar_t  scalar;
    ngx_str_t             string;
    int64_t               integer;
    double                real;
    ngx_uint_t            empty;
} oauthcc_unit_datum_t;


/* a long string: so many digits, a point, so many, and what is behind them */

typedef struct {
    char       *name;
    ngx_uint_t  before;
    ngx_uint_t  after;
    ngx_str_t   rest;
    u_char      digit;
    int64_t     integer;
    double      real;
} oauthcc_unit_long_t;


typedef struct {
    char    *name;
    double   real;
    int64_t  expected;
} oauthcc_unit_cut_t;


static void oauthcc_unit_datum_numeric(oauthcc_unit_t *unit);
static void oauthcc_unit_datum_real(oauthcc_unit_t *unit, double got,
    double expected, char *name);
static ngx_int_t oauthcc_unit_datum_long(oauthcc_unit_t *unit);
static ngx_int_t oauthcc_unit_datum_random(oauthcc_unit_t *unit);


/* what PHP makes of them */

static oauthcc_unit_datum_t  oauthcc_unit_datums[] = {

    { oauthcc_unit_null, ngx_string(""), 0, 0.0, 1 },
    { oauthcc_unit_bool(1), ngx_string("1"), 1, 1.0, 0 },
    { oauthcc_unit_bool(0), ngx_string(""), 0, 0.0, 1 },
    { oauthcc_unit_integer(0), ngx_string("0"), 0, 0.0, 1 },
    { oauthcc_unit_integer(1), ngx_string("1"), 1, 1.0, 0 },
    { oauthcc_unit_integer(-1), ngx_string("-1"), -1, -1.0, 0 },
    { oauthcc_unit_integer(42), ngx_string("42"), 42, 42.0, 0 },
    { oauthcc_unit_integer(INT64_MAX),
      ngx_string("9223372036854775807"), INT64_MAX, 9.223372036854776e+18, 0 },
    { oauthcc_unit_integer(INT64_MIN),
      ngx_string("-9223372036854775808"), INT64_MIN, -9.223372036854776e+18,
      0 },
    { oauthcc_unit_real(0.0), ngx_string("0"), 0, 0.0, 1 },
    { oauthcc_unit_real(-0.0), ngx_string("-0"), 0, -0.0, 1 },
    { oauthcc_unit_real(1.5), ngx_string("1.5"), 1, 1.5, 0 },
    { oauthcc_unit_real(-1.9), ngx_string("-1.9"), -1, -1.9, 0 },
    { oauthcc_unit_real(0.1), ngx_string("0.1"), 0, 0.1, 0 },
    { oauthcc_unit_real(0.30000000000000004),
      ngx_string("0.3"), 0, 0.30000000000000004, 0 },
    { oauthcc_unit_real(100000.0), ngx_string("100000"), 100000,
      100000.0, 0 },
    { oauthcc_unit_real(10000000000000000.0),
      ngx_string("1.0E+16"), 10000000000000000, 10000000000000000.0,
      0 },
    { oauthcc_unit_real(1.0e+17), ngx_string("1.0E+17"),
      100000000000000000, 1.0e+17, 0 },
    { oauthcc_unit_real(1.0e+25), ngx_string("1.0E+25"), INT64_MAX,
      1.0e+25, 0 },
    { oauthcc_unit_real(0.0001), ngx_string("0.0001"), 0, 0.0001, 0 },
    { oauthcc_unit_real(1.0e-5), ngx_string("1.0E-5"), 0, 1.0e-5, 0 },
    { oauthcc_unit_real(1.0e-10), ngx_string("1.0E-10"), 0, 1.0e-10,
      0 },
    { oauthcc_unit_real(-2.5e-7), ngx_string("-2.5E-7"), 0, -2.5e-7,
      0 },
    { oauthcc_unit_real(123456.789), ngx_string("123456.789"), 123456,
      123456.789, 0 },
    { oauthcc_unit_real(5.0e-324), ngx_string("4.9406564584125E-324"), 0,
      5.0e-324, 0 },
    { oauthcc_unit_real(2.2250738585072014e-308),
      ngx_string("2.2250738585072E-308"), 0, 2.2250738585072014e-308, 0 },
    { oauthcc_unit_real(1.7976931348623157e+308),
      ngx_string("1.7976931348623E+308"), INT64_MAX,
      1.7976931348623157e+308, 0 },
    { oauthcc_unit_real(5.960464477539063e-8),
      ngx_string("5.9604644775391E-8"), 0, 5.960464477539063e-8, 0 },
    { oauthcc_unit_real(9007199254740992.0),
      ngx_string("9.007199254741E+15"), 9007199254740992, 9007199254740992.0,
      0 },
    { oauthcc_unit_bytes(""), ngx_string(""), 0, 0.0, 1 },
    { oauthcc_unit_bytes("0"), ngx_string("0"), 0, 0.0, 1 },
    { oauthcc_unit_bytes("0.0"), ngx_string("0.0"), 0, 0.0, 0 },
    { oauthcc_unit_bytes("00"), ngx_string("00"), 0, 0.0, 0 },
    { oauthcc_unit_bytes(" "), ngx_string(" "), 0, 0.0, 0 },
    { oauthcc_unit_bytes("abc"), ngx_string("abc"), 0, 0.0, 0 },
    { oauthcc_unit_bytes("12abc"), ngx_string("12abc"), 12, 12.0, 0 },
    { oauthcc_unit_bytes("1e3"), ngx_string("1e3"), 1000, 1000.0, 0 },
    { oauthcc_unit_bytes(" 7"), ngx_string(" 7"), 7, 7.0, 0 },
    { oauthcc_unit_bytes(" \t\n\013\014\015+8"),
      ngx_string(" \t\n\013\014\015+8"), 8, 8.0, 0 },
    { oauthcc_unit_bytes("-12"), ngx_string("-12"), -12, -12.0, 0 },
    { oauthcc_unit_bytes("- 5"), ngx_string("- 5"), 0, 0.0, 0 },
    { oauthcc_unit_bytes("+-5"), ngx_string("+-5"), 0, 0.0, 0 },
    { oauthcc_unit_bytes(".5"), ngx_string(".5"), 0, 0.5, 0 },
    { oauthcc_unit_bytes("-.5e1x"), ngx_string("-.5e1x"), -5, -5.0,
      0 },
    { oauthcc_unit_bytes("."), ngx_string("."), 0, 0.0, 0 },
    { oauthcc_unit_bytes("-"), ngx_string("-"), 0, 0.0, 0 },
    { oauthcc_unit_bytes("-abc"), ngx_string("-abc"), 0, 0.0, 0 },
    { oauthcc_unit_bytes("1."), ngx_string("1."), 1, 1.0, 0 },
    { oauthcc_unit_bytes("1.e2"), ngx_string("1.e2"), 100, 100.0, 0 },
    { oauthcc_unit_bytes("1.5.2"), ngx_string("1.5.2"), 1, 1.5, 0 },
    { oauthcc_unit_bytes("1e"), ngx_string("1e"), 1, 1.0, 0 },
    { oauthcc_unit_bytes("1e+"), ngx_string("1e+"), 1, 1.0, 0 },
    { oauthcc_unit_bytes("1e5.5"), ngx_string("1e5.5"), 100000,
      100000.0, 0 },
    { oauthcc_unit_bytes("0x1A"), ngx_string("0x1A"), 0, 0.0, 0 },
    { oauthcc_unit_bytes("inf"), ngx_string("inf"), 0, 0.0, 0 },
    { oauthcc_unit_bytes("nan"), ngx_string("nan"), 0, 0.0, 0 },
    { oauthcc_unit_bytes("-0"), ngx_string("-0"), 0, -0.0, 0 },
    { oauthcc_unit_bytes("000012"), ngx_string("000012"), 12, 12.0,
      0 },
    { oauthcc_unit_bytes("1e-400"), ngx_string("1e-400"), 0, 0.0, 0 },
    { oauthcc_unit_bytes("9223372036854775807"),
      ngx_string("9223372036854775807"), INT64_MAX, 9.223372036854776e+18, 0 },
    { oauthcc_unit_bytes("9223372036854775808"),
      ngx_string("9223372036854775808"), INT64_MAX, 9.223372036854776e+18, 0 },
    { oauthcc_unit_bytes("-9223372036854775808"),
      ngx_string("-9223372036854775808"), INT64_MIN, -9.223372036854776e+18,
      0 },
    { oauthcc_unit_bytes("-9223372036854775809"),
      ngx_string("-9223372036854775809"), INT64_MIN, -9.223372036854776e+18,
      0 },
    { oauthcc_unit_bytes("18446744073709551616"),
      ngx_string("18446744073709551616"), INT64_MAX, 1.8446744073709552e+19,
      0 },
    { oauthcc_unit_bytes("123456789012345678901234567890"),
      ngx_string("123456789012345678901234567890"), INT64_MAX,
      1.2345678901234568e+29, 0 },
    { oauthcc_unit_bytes("1\000" "2"), ngx_string("1\000" "2"), 1,
      1.0, 0 },
    { oauthcc_unit_bytes("4.9e-324"), ngx_string("4.9e-324"), 0,
      5.0e-324, 0 },
    { oauthcc_unit_bytes("0.000000000000000000000000000000000001e36"),
      ngx_string("0.000000000000000000000000000000000001e36"), 1, 1.0, 0 },
    { oauthcc_unit_bytes("\205" "1"), ngx_string("\205" "1"), 0, 0.0,
      0 }
};


static oauthcc_unit_long_t  oauthcc_unit_longs[] = {

    { "zeros before a digit", 5000, 0, ngx_string("7"), '0', 7, 7.0 },
    { "zeros up to the exponent", 1, 5000, ngx_string("15e5001"), '0', 1,
      1.5 },
    { "digits less an exponent", 5000, 0, ngx_string("e-4999"), '2', 2,
      2.2222222222222223 },
    { "digits behind the point", 1, 100000, ngx_string(""), '3', 3,
      3.3333333333333335 },
    { "more digits than there are integers", 5000, 0, ngx_string(""), '9',
      INT64_MAX, HUGE_VAL },
    { "an exponent with many digits", 3, 3, ngx_string("e99999999999999999999"
                                                       "99999999999999999999"),
      '0', 0, 0.0 },

    { NULL, 0, 0, ngx_null_string, 0, 0, 0.0 }
};


/* where PHP has other numbers, or none that can be relied on */

static oauthcc_unit_cut_t  oauthcc_unit_cuts[] = {

    { "2 ^ 63", 9223372036854775808.0, INT64_MAX },
    { "the double before", 9223372036854774784.0, 9223372036854774784 },
    { "-2 ^ 63", -9223372036854775808.0, INT64_MIN },
    { "below -2 ^ 63", -9223372036854777856.0, INT64_MIN },
    { "1e300", 1e300, INT64_MAX },
    { "-1e300", -1e300, INT64_MIN },
    { "infinite", HUGE_VAL, INT64_MAX },
    { "infinite below zero", -HUGE_VAL, INT64_MIN },

    { NULL, 0.0, 0 }
};


ngx_int_t
oauthcc_unit_php_scalar(oauthcc_unit_t *unit)
{
    double                 real;
    u_char                *p, name[128];
    int64_t                integer;
    ngx_int_t              rc;
    ngx_str_t              string;
    ngx_uint_t             i, n, empty;
    oauthcc_php_scalar_t   scalar;
    oauthcc_unit_cut_t    *cut;
    oauthcc_unit_datum_t  *test;

    n = sizeof(oauthcc_unit_datums)
        / sizeof(oauthcc_unit_datums[0]);

    for (i = 0; i < n; i++) {
        test = &oauthcc_unit_datums[i];
        scalar = test->scalar;

        if (oauthcc_unit_copy(unit, &test->scalar.string, &scalar.string)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        rc = oauthcc_php_scalar_string(unit->pool, &scalar, &string);

        p = ngx_snprintf(name, sizeof(name) - 1, "%ui \"%V\": string", i,
                         &test->string);
        *p = '\0';

        if (oauthcc_unit_ok(unit, rc == NGX_OK, "%s made", name)) {
            oauthcc_unit_string(unit, &string, &test->string, (char *) name);
        }

        integer = oauthcc_php_scalar_integer(&scalar);
        real = oauthcc_php_scalar_real(&scalar);
        empty = oauthcc_php_scalar_empty(&scalar);

        ngx_free(scalar.string.data);

        p = ngx_snprintf(name, sizeof(name) - 1, "%ui \"%V\": integer", i,
                         &test->string);
        *p = '\0';

        oauthcc_unit_number(unit, integer, test->integer, (char *) name);

        p = ngx_snprintf(name, sizeof(name) - 1, "%ui \"%V\": real", i,
                         &test->string);
        *p = '\0';

        oauthcc_unit_datum_real(unit, real, test->real, (char *) name);

        p = ngx_snprintf(name, sizeof(name) - 1, "%ui \"%V\": empty", i,
                         &test->string);
        *p = '\0';

        oauthcc_unit_number(unit, empty, test->empty, (char *) name);
    }

    scalar.type = OAUTHCC_PHP_SCALAR_REAL;

    for (cut = oauthcc_unit_cuts; cut->name; cut++) {
        scalar.real = cut->real;
        oauthcc_unit_number(unit, oauthcc_php_scalar_integer(&scalar),
                            cut->expected, cut->name);
    }

    scalar.real = NAN;
    oauthcc_unit_number(unit, oauthcc_php_scalar_integer(&scalar),
                        0, "not a number");

    oauthcc_unit_datum_numeric(unit);

    if (oauthcc_unit_datum_long(unit) != NGX_OK) {
        return NGX_ERROR;
    }

    return oauthcc_unit_datum_random(unit);
}


/* The same bits: zero has two kinds. */

static void
oauthcc_unit_datum_real(oauthcc_unit_t *unit, double got, double expected,
    char *name)
{
    uint64_t  a, b;

    ngx_memcpy(&a, &got, sizeof(double));
    ngx_memcpy(&b, &expected, sizeof(double));

    if (!oauthcc_unit_ok(unit, a == b, "%s", name)) {
        oauthcc_unit_diag("got:      %016xL", a);
        oauthcc_unit_diag("expected: %016xL", b);
    }
}


static ngx_int_t
oauthcc_unit_datum_long(oauthcc_unit_t *unit)
{
    u_char               *p;
    oauthcc_php_scalar_t  scalar;
    oauthcc_unit_long_t  *test;

    scalar.type = OAUTHCC_PHP_SCALAR_STRING;

    for (test = oauthcc_unit_longs; test->name; test++) {
        scalar.string.len = test->before + (test->after ? 1 : 0) + test->after
                           + test->rest.len;
        scalar.string.data = ngx_alloc(scalar.string.len, unit->log);

        if (scalar.string.data == NULL) {
            return NGX_ERROR;
        }

        p = scalar.string.data;
        ngx_memset(p, test->digit, test->before);
        p += test->before;

        if (test->after) {
            *p++ = '.';
            ngx_memset(p, test->digit, test->after);
            p += test->after;
        }

        ngx_memcpy(p, test->rest.data, test->rest.len);

        oauthcc_unit_number(unit, oauthcc_php_scalar_integer(&scalar),
                            test->integer, test->name);
        oauthcc_unit_datum_real(unit, oauthcc_php_scalar_real(&scalar),
                                test->real, test->name);

        ngx_free(scalar.string.data);
    }

    return NGX_OK;
}


/* Is it a number, and nothing besides?  What PHP says. */

static void
oauthcc_unit_datum_numeric(oauthcc_unit_t *unit)
{
    ngx_uint_t            i;
    oauthcc_php_scalar_t  scalar;

    static char  *yes[] = {
        "0", "12", "-1", "+1", "1.", ".5", "-.5", "1.5", " 1", "1 ",
        "\t\n\r\v\f1\t\n\r\v\f", "1e5", "1E+5", "1.e-5", "000", NULL
    };

    static char  *no[] = {
        "", " ", "-", ".", "e5", "1e", "1e+", "1 2", "1x", "0x1A", "- 1",
        "1.2.3", "1,5", "--1", "INF", "1e5.5", NULL
    };

    scalar.type = OAUTHCC_PHP_SCALAR_STRING;

    for (i = 0; yes[i]; i++) {
        scalar.string.data = (u_char *) yes[i];
        scalar.string.len = ngx_strlen(yes[i]);

        oauthcc_unit_number(unit, oauthcc_php_scalar_numeric(&scalar), 1,
                            yes[i]);
    }

    for (i = 0; no[i]; i++) {
        scalar.string.data = (u_char *) no[i];
        scalar.string.len = ngx_strlen(no[i]);

        oauthcc_unit_number(unit, oauthcc_php_scalar_numeric(&scalar), 0,
                            no[i]);
    }

    scalar.type = OAUTHCC_PHP_SCALAR_INTEGER;
    oauthcc_unit_number(unit, oauthcc_php_scalar_numeric(&scalar), 1,
                        "integer");

    scalar.type = OAUTHCC_PHP_SCALAR_BOOL;
    oauthcc_unit_number(unit, oauthcc_php_scalar_numeric(&scalar), 0, "bool");
}


/* Whatever the bits are, the shortest text reads back as the same double. */

static ngx_int_t
oauthcc_unit_datum_random(oauthcc_unit_t *unit)
{
    u_char                buf[OAUTHCC_PHP_SCALAR_REAL_LEN];
    double                real;
    uint64_t              bits;
    ngx_uint_t            i, failed;
    oauthcc_php_scalar_t  scalar, text;

    failed = 0;

    scalar.type = OAUTHCC_PHP_SCALAR_REAL;
    text.type = OAUTHCC_PHP_SCALAR_STRING;

    for (i = 0; i < 20000; i++) {
        bits = ((uint64_t) ngx_random() << 42)
               ^ ((uint64_t) ngx_random() << 21) ^ (uint64_t) ngx_random();
        ngx_memcpy(&scalar.real, &bits, sizeof(double));

        if (!isfinite(scalar.real)) {
            continue;
        }

        text.string.data = buf;
        text.string.len = oauthcc_php_scalar_print(buf, scalar.real, 0, 'E')
                          - buf;

        real = oauthcc_php_scalar_real(&text);

        if (ngx_memcmp(&real, &scalar.real, sizeof(double)) != 0) {
            failed++;
        }
    }

    oauthcc_unit_number(unit, failed, 0, "there and back");

    return NGX_OK;
}
