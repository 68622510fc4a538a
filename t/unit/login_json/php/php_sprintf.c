
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "login_json/php/oauthcc_php_sprintf.h"
#include "oauthcc_unit.h"


#define OAUTHCC_UNIT_ARGS  2


typedef struct {
    ngx_str_t             format;
    ngx_uint_t            n;
    oauthcc_php_scalar_t  args[OAUTHCC_UNIT_ARGS];
    ngx_str_t             expected;
} oauthcc_unit_sprintf_t;


typedef struct {
    ngx_str_t   format;
    ngx_uint_t  n;
    char       *err;
} oauthcc_unit_refused_t;


static ngx_int_t oauthcc_unit_sprintf_good(oauthcc_unit_t *unit,
    oauthcc_unit_sprintf_t *test);
static ngx_int_t oauthcc_unit_sprintf_refused(oauthcc_unit_t *unit,
    oauthcc_unit_refused_t *test);
static ngx_int_t oauthcc_unit_sprintf_sizes(oauthcc_unit_t *unit);
static void oauthcc_unit_sprintf_says(oauthcc_unit_t *unit, ngx_int_t rc,
    char *got, char *expected, char *name);


/* what PHP makes of them */

static oauthcc_unit_sprintf_t  oauthcc_unit_sprintfs[] = {

    { ngx_string("plain"), 0, { oauthcc_unit_null },
      ngx_string("plain") },
    { ngx_string(""), 0, { oauthcc_unit_null }, ngx_string("") },
    { ngx_string("100%%"), 0, { oauthcc_unit_null },
      ngx_string("100%") },
    { ngx_string("%%%s%%"), 1, { oauthcc_unit_bytes("x") },
      ngx_string("%x%") },
    { ngx_string("%s"), 1, { oauthcc_unit_bytes("Bearer") },
      ngx_string("Bearer") },
    { ngx_string("%s:%s"), 2,
      { oauthcc_unit_bytes("a"), oauthcc_unit_bytes("b") },
      ngx_string("a:b") },
    { ngx_string("%2$s:%1$s"), 2,
      { oauthcc_unit_bytes("a"), oauthcc_unit_bytes("b") },
      ngx_string("b:a") },
    { ngx_string("%1$s%1$s%2$s"), 2,
      { oauthcc_unit_bytes("a"), oauthcc_unit_bytes("b") },
      ngx_string("aab") },
    { ngx_string("%2$s%s"), 2,
      { oauthcc_unit_bytes("a"), oauthcc_unit_bytes("b") },
      ngx_string("ba") },
    { ngx_string("%s"), 2,
      { oauthcc_unit_bytes("a"), oauthcc_unit_bytes("b") },
      ngx_string("a") },
    { ngx_string("%s"), 1, { oauthcc_unit_null }, ngx_string("") },
    { ngx_string("%s"), 1, { oauthcc_unit_bool(1) },
      ngx_string("1") },
    { ngx_string("%s"), 1, { oauthcc_unit_bool(0) }, ngx_string("") },
    { ngx_string("%s"), 1, { oauthcc_unit_integer(-7) },
      ngx_string("-7") },
    { ngx_string("%s"), 1, { oauthcc_unit_real(1.5) },
      ngx_string("1.5") },
    { ngx_string("%s"), 1, { oauthcc_unit_real(1.0e+25) },
      ngx_string("1.0E+25") },
    { ngx_string("%5s|"), 1, { oauthcc_unit_bytes("ab") },
      ngx_string("   ab|") },
    { ngx_string("%-5s|"), 1, { oauthcc_unit_bytes("ab") },
      ngx_string("ab   |") },
    { ngx_string("%05s|"), 1, { oauthcc_unit_bytes("ab") },
      ngx_string("000ab|") },
    { ngx_string("%-05s|"), 1, { oauthcc_unit_bytes("ab") },
      ngx_string("ab000|") },
    { ngx_string("%'*5s|"), 1, { oauthcc_unit_bytes("ab") },
      ngx_string("***ab|") },
    { ngx_string("%-'*5s|"), 1, { oauthcc_unit_bytes("ab") },
      ngx_string("ab***|") },
    { ngx_string("%1s"), 1, { oauthcc_unit_bytes("abc") },
      ngx_string("abc") },
    { ngx_string("%.2s"), 1, { oauthcc_unit_bytes("abc") },
      ngx_string("ab") },
    { ngx_string("%5.2s|"), 1, { oauthcc_unit_bytes("abc") },
      ngx_string("   ab|") },
    { ngx_string("%-5.2s|"), 1, { oauthcc_unit_bytes("abc") },
      ngx_string("ab   |") },
    { ngx_string("%.0s|"), 1, { oauthcc_unit_bytes("abc") },
      ngx_string("|") },
    { ngx_string("%.s|"), 1, { oauthcc_unit_bytes("abc") },
      ngx_string("abc|") },
    { ngx_string("%.5s|"), 1, { oauthcc_unit_bytes("abc") },
      ngx_string("abc|") },
    { ngx_string("%+05s|"), 1, { oauthcc_unit_bytes("ab") },
      ngx_string("000ab|") },
    { ngx_string("%''5s"), 1, { oauthcc_unit_bytes("ab") },
      ngx_string("'''ab") },
    { ngx_string("%'%5s"), 1, { oauthcc_unit_bytes("ab") },
      ngx_string("%%%ab") },
    { ngx_string("%d"), 1, { oauthcc_unit_integer(0) },
      ngx_string("0") },
    { ngx_string("%d"), 1, { oauthcc_unit_integer(42) },
      ngx_string("42") },
    { ngx_string("%d"), 1, { oauthcc_unit_integer(-42) },
      ngx_string("-42") },
    { ngx_string("%+d"), 1, { oauthcc_unit_integer(42) },
      ngx_string("+42") },
    { ngx_string("%+d"), 1, { oauthcc_unit_integer(-42) },
      ngx_string("-42") },
    { ngx_string("%+d"), 1, { oauthcc_unit_integer(0) },
      ngx_string("+0") },
    { ngx_string("%5d|"), 1, { oauthcc_unit_integer(42) },
      ngx_string("   42|") },
    { ngx_string("%-5d|"), 1, { oauthcc_unit_integer(42) },
      ngx_string("42   |") },
    { ngx_string("%05d"), 1, { oauthcc_unit_integer(42) },
      ngx_string("00042") },
    { ngx_string("%05d"), 1, { oauthcc_unit_integer(-42) },
      ngx_string("-0042") },
    { ngx_string("%+05d"), 1, { oauthcc_unit_integer(42) },
      ngx_string("+0042") },
    { ngx_string("%-05d|"), 1, { oauthcc_unit_integer(42) },
      ngx_string("42   |") },
    { ngx_string("%'x6d"), 1, { oauthcc_unit_integer(-42) },
      ngx_string("xxx-42") },
    { ngx_string("%+'06d"), 1, { oauthcc_unit_integer(42) },
      ngx_string("+00042") },
    { ngx_string("%-'x6d"), 1, { oauthcc_unit_integer(42) },
      ngx_string("42xxxx") },
    { ngx_string("%5.1d"), 1, { oauthcc_unit_integer(123) },
      ngx_string("  123") },
    { ngx_string("%ld"), 1, { oauthcc_unit_integer(7) },
      ngx_string("7") },
    { ngx_string("%d"), 1, { oauthcc_unit_bytes("12abc") },
      ngx_string("12") },
    { ngx_string("%d"), 1, { oauthcc_unit_bytes("1e3") },
      ngx_string("1000") },
    { ngx_string("%d"), 1, { oauthcc_unit_bytes(" 7") },
      ngx_string("7") },
    { ngx_string("%d"), 1, { oauthcc_unit_real(1.9) },
      ngx_string("1") },
    { ngx_string("%d"), 1, { oauthcc_unit_real(-1.9) },
      ngx_string("-1") },
    { ngx_string("%d"), 1, { oauthcc_unit_bool(1) },
      ngx_string("1") },
    { ngx_string("%d"), 1, { oauthcc_unit_null }, ngx_string("0") },
    { ngx_string("%d"), 1, { oauthcc_unit_integer(INT64_MAX) },
      ngx_string("9223372036854775807") },
    { ngx_string("%d"), 1, { oauthcc_unit_integer(INT64_MIN) },
      ngx_string("-9223372036854775808") },
    { ngx_string("%d"), 1,
      { oauthcc_unit_bytes("9999999999999999999999") },
      ngx_string("9223372036854775807") },
    { ngx_string("%u"), 1, { oauthcc_unit_integer(42) },
      ngx_string("42") },
    { ngx_string("%u"), 1, { oauthcc_unit_integer(-1) },
      ngx_string("18446744073709551615") },
    { ngx_string("%u"), 1, { oauthcc_unit_integer(INT64_MIN) },
      ngx_string("9223372036854775808") },
    { ngx_string("%+u"), 1, { oauthcc_unit_integer(7) },
      ngx_string("7") },
    { ngx_string("%06u"), 1, { oauthcc_unit_integer(7) },
      ngx_string("000007") },
    { ngx_string("%x"), 1, { oauthcc_unit_integer(255) },
      ngx_string("ff") },
    { ngx_string("%X"), 1, { oauthcc_unit_integer(255) },
      ngx_string("FF") },
    { ngx_string("%x"), 1, { oauthcc_unit_integer(0) },
      ngx_string("0") },
    { ngx_string("%x"), 1, { oauthcc_unit_integer(-1) },
      ngx_string("ffffffffffffffff") },
    { ngx_string("%o"), 1, { oauthcc_unit_integer(8) },
      ngx_string("10") },
    { ngx_string("%o"), 1, { oauthcc_unit_integer(-1) },
      ngx_string("1777777777777777777777") },
    { ngx_string("%b"), 1, { oauthcc_unit_integer(5) },
      ngx_string("101") },
    { ngx_string("%b"), 1, { oauthcc_unit_integer(-1) },
      ngx_string("111111111111111111111111111111111111111111111111111111111111"
                 "1111") },
    { ngx_string("%08b"), 1, { oauthcc_unit_integer(5) },
      ngx_string("00000101") },
    { ngx_string("%-05x|"), 1, { oauthcc_unit_integer(255) },
      ngx_string("ff000|") },
    { ngx_string("%+x"), 1, { oauthcc_unit_integer(255) },
      ngx_string("ff") },
    { ngx_string("%.2x|"), 1, { oauthcc_unit_integer(255) },
      ngx_string("|") },
    { ngx_string("%5.2x|"), 1, { oauthcc_unit_integer(255) },
      ngx_string("     |") },
    { ngx_string("%c%c"), 2,
      { oauthcc_unit_integer(72), oauthcc_unit_bytes("105") },
      ngx_string("Hi") },
    { ngx_string("%c"), 1, { oauthcc_unit_integer(321) },
      ngx_string("A") },
    { ngx_string("%5c|"), 1, { oauthcc_unit_integer(65) },
      ngx_string("A|") },
    { ngx_string("%c"), 1, { oauthcc_unit_integer(0) },
      ngx_string("\000") },
    { ngx_string("%f"), 1, { oauthcc_unit_real(1.5) },
      ngx_string("1.500000") },
    { ngx_string("%F"), 1, { oauthcc_unit_real(-1.5) },
      ngx_string("-1.500000") },
    { ngx_string("%f"), 1, { oauthcc_unit_integer(0) },
      ngx_string("0.000000") },
    { ngx_string("%f"), 1, { oauthcc_unit_real(-0.0) },
      ngx_string("0.000000") },
    { ngx_string("%.2f"), 1, { oauthcc_unit_real(-0.001) },
      ngx_string("-0.00") },
    { ngx_string("%.2f"), 1, { oauthcc_unit_real(1.005) },
      ngx_string("1.00") },
    { ngx_string("%.0f"), 1, { oauthcc_unit_real(0.5) },
      ngx_string("0") },
    { ngx_string("%.0f"), 1, { oauthcc_unit_real(1.5) },
      ngx_string("2") },
    { ngx_string("%.f"), 1, { oauthcc_unit_real(1.5) },
      ngx_string("1.500000") },
    { ngx_string("%.1f"), 1, { oauthcc_unit_bytes("2.25") },
      ngx_string("2.2") },
    { ngx_string("%08.2f"), 1, { oauthcc_unit_real(-1.5) },
      ngx_string("-0001.50") },
    { ngx_string("%+.1f"), 1, { oauthcc_unit_real(1.5) },
      ngx_string("+1.5") },
    { ngx_string("%+08.2f"), 1, { oauthcc_unit_real(1.5) },
      ngx_string("+0001.50") },
    { ngx_string("%-8.2f|"), 1, { oauthcc_unit_real(1.5) },
      ngx_string("1.50    |") },
    { ngx_string("%-08.2f|"), 1, { oauthcc_unit_real(1.5) },
      ngx_string("1.500000|") },
    { ngx_string("%'*10.2f"), 1, { oauthcc_unit_real(3.14159) },
      ngx_string("******3.14") },
    { ngx_string("%f"), 1, { oauthcc_unit_real(1.0e+22) },
      ngx_string("10000000000000000000000.000000") },
    { ngx_string("%.53f"), 1, { oauthcc_unit_real(0.1) },
      ngx_string("0.10000000000000000555111512312578270211815834045410156") },
    { ngx_string("%.60f"), 1, { oauthcc_unit_real(0.1) },
      ngx_string("0.10000000000000000555111512312578270211815834045410156") },
    { ngx_string("%f"), 1, { oauthcc_unit_bytes("1e3x") },
      ngx_string("1000.000000") },
    { ngx_string("%.0f"), 1, { oauthcc_unit_real(1.0e+300) },
      ngx_string("100000000000000005250476025520442024870446858110815915491585"
                 "411551180245798890819578637137508044786404370444383288387817"
                 "694252323536043057564479218478670698284838720092657580373783"
                 "023379478809005936895323497079994508111903896764088007465274"
                 "278014249457925878882005684283811566947219638686545940054016"
                 "0") },
    { ngx_string("%f"), 1, { oauthcc_unit_bytes("1e999") },
      ngx_string("INF") },
    { ngx_string("%08f"), 1, { oauthcc_unit_bytes("1e999") },
      ngx_string("INF") },
    { ngx_string("%e"), 1, { oauthcc_unit_integer(15) },
      ngx_string("1.500000e+1") },
    { ngx_string("%E"), 1, { oauthcc_unit_integer(15) },
      ngx_string("1.500000E+1") },
    { ngx_string("%e"), 1, { oauthcc_unit_integer(0) },
      ngx_string("0.000000e+0") },
    { ngx_string("%.2e"), 1, { oauthcc_unit_real(123456.789) },
      ngx_string("1.23e+5") },
    { ngx_string("%.0e"), 1, { oauthcc_unit_real(1.5) },
      ngx_string("2e+0") },
    { ngx_string("%e"), 1, { oauthcc_unit_real(1.0e-10) },
      ngx_string("1.000000e-10") },
    { ngx_string("%e"), 1, { oauthcc_unit_real(1.0e+100) },
      ngx_string("1.000000e+100") },
    { ngx_string("%+e"), 1, { oauthcc_unit_real(1.5) },
      ngx_string("+1.500000e+0") },
    { ngx_string("%012.2e"), 1, { oauthcc_unit_real(-1.5) },
      ngx_string("-00001.50e+0") },
    { ngx_string("%.3e"), 1, { oauthcc_unit_real(-0.00123) },
      ngx_string("-1.230e-3") },
    { ngx_string("%g"), 1, { oauthcc_unit_real(0.0001) },
      ngx_string("0.0001") },
    { ngx_string("%g"), 1, { oauthcc_unit_real(1.0e-5) },
      ngx_string("1.0e-5") },
    { ngx_string("%g"), 1, { oauthcc_unit_integer(123456) },
      ngx_string("123456") },
    { ngx_string("%g"), 1, { oauthcc_unit_integer(1234567) },
      ngx_string("1.23457e+6") },
    { ngx_string("%G"), 1, { oauthcc_unit_real(1.0e-10) },
      ngx_string("1.0E-10") },
    { ngx_string("%.3g"), 1, { oauthcc_unit_real(1.0e+20) },
      ngx_string("1.0e+20") },
    { ngx_string("%.0g"), 1, { oauthcc_unit_integer(15) },
      ngx_string("2.0e+1") },
    { ngx_string("%g"), 1, { oauthcc_unit_real(-0.0) },
      ngx_string("-0") },
    { ngx_string("%+g"), 1, { oauthcc_unit_real(1.5) },
      ngx_string("+1.5") },
    { ngx_string("%010g"), 1, { oauthcc_unit_real(-1.5) },
      ngx_string("-0000001.5") },
    { ngx_string("%.20g"), 1, { oauthcc_unit_real(0.1) },
      ngx_string("0.10000000000000000555") },
    { ngx_string("%h"), 1, { oauthcc_unit_real(1.5) },
      ngx_string("1.5") },
    { ngx_string("%H"), 1, { oauthcc_unit_real(1.0e-10) },
      ngx_string("1.0E-10") },
    { ngx_string("%-%|"), 1, { oauthcc_unit_bytes("x") },
      ngx_string("%|") },
    { ngx_string("%-+'x 6d|"), 1, { oauthcc_unit_integer(5) },
      ngx_string("+5    |") },
    { ngx_string("a\000b%s"), 1, { oauthcc_unit_bytes("c\000d") },
      ngx_string("a\000bc\000d") },

    { ngx_null_string, 0, { oauthcc_unit_null }, ngx_null_string }
};


static oauthcc_unit_refused_t  oauthcc_unit_refuseds[] = {

    { ngx_string("%s"), 0, "too few arguments for the format" },
    { ngx_string("%s%s"), 1, "too few arguments for the format" },
    { ngx_string("%2$s"), 1, "too few arguments for the format" },
    { ngx_string("%99999999999999999999$s"), 2,
      "too few arguments for the format" },
    { ngx_string("%1$s%s%s"), 1, "too few arguments for the format" },
    { ngx_string("%5%"), 0, "too few arguments for the format" },
    { ngx_string("%0$s"), 1, "the number of an argument is zero" },
    { ngx_string("%00$s"), 1, "the number of an argument is zero" },
    { ngx_string("%$s"), 1, "the number of an argument is zero" },
    { ngx_string("%"), 1, "the format ends in a specifier" },
    { ngx_string("abc%"), 1, "the format ends in a specifier" },
    { ngx_string("%%%"), 1, "the format ends in a specifier" },
    { ngx_string("%1$"), 1, "the format ends in a specifier" },
    { ngx_string("%-"), 1, "the format ends in a specifier" },
    { ngx_string("%'"), 1, "the format ends in a specifier" },
    { ngx_string("%'x"), 1, "the format ends in a specifier" },
    { ngx_string("%05"), 1, "the format ends in a specifier" },
    { ngx_string("%5."), 1, "the format ends in a specifier" },
    { ngx_string("%.5"), 1, "the format ends in a specifier" },
    { ngx_string("%l"), 1, "the format ends in a specifier" },
    { ngx_string("%y"), 1, "unknown specifier in the format" },
    { ngx_string("%i"), 1, "unknown specifier in the format" },
    { ngx_string("%n"), 1, "unknown specifier in the format" },
    { ngx_string("%lld"), 1, "unknown specifier in the format" },
    { ngx_string("%*d"), 2, "unknown specifier in the format" },
    { ngx_string("%.*f"), 2, "unknown specifier in the format" },
    { ngx_string("%-1$s"), 1, "unknown specifier in the format" },
    { ngx_string("%.-5s"), 1, "unknown specifier in the format" },
    { ngx_string("% \0"), 1, "unknown specifier in the format" },
    { ngx_string("%\377"), 1, "unknown specifier in the format" },
    { ngx_string("%s %5 %z"), 2, "unknown specifier in the format" },
    { ngx_string("%1025s"), 1, "too big a width in the format" },
    { ngx_string("%99999999999999999999s"), 1,
      "too big a width in the format" },
    { ngx_string("%.1025s"), 1, "too big a precision in the format" },
    { ngx_string("%.99999999999999999999f"), 1,
      "too big a precision in the format" },

    { ngx_null_string, 0, NULL }
};


ngx_int_t
oauthcc_unit_php_sprintf(oauthcc_unit_t *unit)
{
    oauthcc_unit_refused_t  *refused;
    oauthcc_unit_sprintf_t  *test;

    for (test = oauthcc_unit_sprintfs; test->format.data; test++) {
        if (oauthcc_unit_sprintf_good(unit, test) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    for (refused = oauthcc_unit_refuseds; refused->format.data; refused++)
    {
        if (oauthcc_unit_sprintf_refused(unit, refused) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return oauthcc_unit_sprintf_sizes(unit);
}


static ngx_int_t
oauthcc_unit_sprintf_good(oauthcc_unit_t *unit, oauthcc_unit_sprintf_t *test)
{
    char                 *err;
    u_char               *p, name[128];
    ngx_int_t             rc;
    ngx_str_t             format, out;
    ngx_uint_t            i;
    oauthcc_php_scalar_t  args[OAUTHCC_UNIT_ARGS];

    if (oauthcc_unit_copy(unit, &test->format, &format) != NGX_OK) {
        return NGX_ERROR;
    }

    for (i = 0; i < test->n; i++) {
        args[i] = test->args[i];

        if (oauthcc_unit_copy(unit, &test->args[i].string, &args[i].string)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    err = NULL;
    ngx_str_null(&out);

    rc = oauthcc_php_sprintf_check(&format, test->n, &err);

    p = ngx_snprintf(name, sizeof(name) - 1, "\"%V\" for \"%V\"",
                     &test->format, &test->expected);
    *p = '\0';

    if (!oauthcc_unit_ok(unit, rc == NGX_OK, "%s: checked", name)) {
        oauthcc_unit_diag("%s", err ? err : "no error");
    }

    rc = oauthcc_php_sprintf(unit->pool, &format, args, test->n, &out, &err);

    if (!oauthcc_unit_ok(unit, rc == NGX_OK, "%s: made", name)) {
        oauthcc_unit_diag("%s", err ? err : "no error");
    }

    oauthcc_unit_string(unit, &out, &test->expected, (char *) name);

    for (i = 0; i < test->n; i++) {
        ngx_free(args[i].string.data);
    }

    ngx_free(format.data);

    return NGX_OK;
}


static ngx_int_t
oauthcc_unit_sprintf_refused(oauthcc_unit_t *unit,
    oauthcc_unit_refused_t *test)
{
    char                 *err;
    u_char               *p, name[128];
    ngx_int_t             rc;
    ngx_str_t             format, out;
    oauthcc_php_scalar_t  args[OAUTHCC_UNIT_ARGS];

    if (oauthcc_unit_copy(unit, &test->format, &format) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_memzero(args, sizeof(args));

    p = ngx_snprintf(name, sizeof(name) - 1, "\"%V\" and %ui", &test->format,
                     test->n);
    *p = '\0';

    err = NULL;
    rc = oauthcc_php_sprintf_check(&format, test->n, &err);
    oauthcc_unit_sprintf_says(unit, rc, err, test->err, (char *) name);

    err = NULL;
    rc = oauthcc_php_sprintf(unit->pool, &format, args, test->n, &out, &err);
    oauthcc_unit_sprintf_says(unit, rc, err, test->err, (char *) name);

    ngx_free(format.data);

    return NGX_OK;
}


/* Up to the bounds, and one byte beyond. */

static ngx_int_t
oauthcc_unit_sprintf_sizes(oauthcc_unit_t *unit)
{
    char                 *err;
    u_char               *p;
    ngx_int_t             rc;
    ngx_str_t             format, out;
    ngx_uint_t            i;
    oauthcc_php_scalar_t  arg;

    err = NULL;
    ngx_memzero(&arg, sizeof(oauthcc_php_scalar_t));

    ngx_str_set(&format, "%1024s%-1024d%1024.1024f");
    ngx_str_null(&out);

    rc = oauthcc_php_sprintf(unit->pool, &format, &arg, 1, &out, &err);
    oauthcc_unit_sprintf_says(unit, rc, err,
                              "too few arguments for the format",
                              "the widest, too few arguments");

    ngx_str_set(&format, "%1$1024s%1$-1024d%1$1024.1024f");

    rc = oauthcc_php_sprintf(unit->pool, &format, &arg, 1, &out, &err);
    oauthcc_unit_number(unit, rc, NGX_OK, "the widest");
    oauthcc_unit_number(unit, out.len, 3 * 1024, "the widest: bytes");

    /* an argument */

    arg.type = OAUTHCC_PHP_SCALAR_STRING;
    arg.string.len = OAUTHCC_PHP_SPRINTF_MAX_LEN;
    arg.string.data = ngx_alloc(arg.string.len, unit->log);

    if (arg.string.data == NULL) {
        return NGX_ERROR;
    }

    ngx_memset(arg.string.data, 'x', arg.string.len);

    ngx_str_set(&format, "%s");

    rc = oauthcc_php_sprintf(unit->pool, &format, &arg, 1, &out, &err);
    oauthcc_unit_number(unit, rc, NGX_OK, "the longest argument");
    oauthcc_unit_string(unit, &out, &arg.string,
                        "the longest argument: bytes");

    ngx_str_set(&format, "%s!");

    rc = oauthcc_php_sprintf(unit->pool, &format, &arg, 1, &out, &err);
    oauthcc_unit_sprintf_says(unit, rc, err, "the result is too long",
                              "a byte more");

    rc = oauthcc_php_sprintf_check(&format, 1, &err);
    oauthcc_unit_number(unit, rc, NGX_OK, "a byte more: the format is good");

    /* nothing but the format */

    format = arg.string;

    rc = oauthcc_php_sprintf_check(&format, 0, &err);
    oauthcc_unit_number(unit, rc, NGX_OK, "the longest format");

    format.data = arg.string.data;
    format.len--;

    for (i = 0; i < 2; i++) {
        p = format.data + format.len - 3;
        *p++ = '%';
        *p++ = '4' + i;
        *p = 's';

        err = NULL;
        rc = oauthcc_php_sprintf_check(&format, 1, &err);

        if (i == 0) {
            oauthcc_unit_number(unit, rc, NGX_OK, "format and width");

        } else {
            oauthcc_unit_sprintf_says(unit, rc, err, "the result is too long",
                                      "format and a wider one");
        }
    }

    ngx_free(arg.string.data);

    return NGX_OK;
}


static void
oauthcc_unit_sprintf_says(oauthcc_unit_t *unit, ngx_int_t rc, char *got,
    char *expected, char *name)
{
    ngx_str_t  a, b;

    oauthcc_unit_ok(unit, rc == NGX_DECLINED, "%s: refused", name);

    a.data = (u_char *) (got ? got : "no error");
    a.len = ngx_strlen(a.data);
    b.data = (u_char *) expected;
    b.len = ngx_strlen(b.data);

    oauthcc_unit_string(unit, &a, &b, name);
}
