
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <math.h>
#include "login_json/php/oauthcc_php_sprintf_number.h"


/* digits after the point, if the format does not say how many */
#define OAUTHCC_PHP_SPRINTF_NUMBER_PRECISION  6


static u_char *oauthcc_php_sprintf_number_decimal(u_char *p,
    oauthcc_php_sprintf_number_t *spec, int64_t value);
static u_char *oauthcc_php_sprintf_number_bits(u_char *p,
    oauthcc_php_sprintf_number_t *spec, uint64_t value, ngx_uint_t bits);
static u_char *oauthcc_php_sprintf_number_real(u_char *p,
    oauthcc_php_sprintf_number_t *spec, double real);
static u_char *oauthcc_php_sprintf_number_exponential(u_char *p, double real,
    size_t precision, u_char e);


u_char *
oauthcc_php_sprintf_number(u_char *p, oauthcc_php_sprintf_number_t *spec,
    oauthcc_php_scalar_t *arg)
{
    int64_t  n;

    spec->sign = 0;

    switch (spec->type) {

    case 'd':
    case 'u':
        n = oauthcc_php_scalar_integer(arg);
        return oauthcc_php_sprintf_number_decimal(p, spec, n);

    case 'x':
    case 'X':
        n = oauthcc_php_scalar_integer(arg);
        return oauthcc_php_sprintf_number_bits(p, spec, n, 4);

    case 'o':
        n = oauthcc_php_scalar_integer(arg);
        return oauthcc_php_sprintf_number_bits(p, spec, n, 3);

    case 'b':
        n = oauthcc_php_scalar_integer(arg);
        return oauthcc_php_sprintf_number_bits(p, spec, n, 1);

    default: /* f F e E g G h H */
        return oauthcc_php_sprintf_number_real(p, spec,
                                               oauthcc_php_scalar_real(arg));
    }
}


static u_char *
oauthcc_php_sprintf_number_decimal(u_char *p,
    oauthcc_php_sprintf_number_t *spec, int64_t value)
{
    uint64_t  number;

    number = (uint64_t) value;

    if (spec->type == 'd') {

        if (value < 0) {
            *p++ = '-';
            spec->sign = 1;
            number = 0 - number;

        } else if (spec->plus) {
            *p++ = '+';
            spec->sign = 1;
        }
    }

    /* padding with zeros on the right would change the number */

    if (spec->left && spec->padding == '0') {
        spec->padding = ' ';
    }

    return ngx_sprintf(p, "%uL", number);
}


static u_char *
oauthcc_php_sprintf_number_bits(u_char *p,
    oauthcc_php_sprintf_number_t *spec, uint64_t value, ngx_uint_t bits)
{
    u_char  *first, *last, *digits, text[64];

    /* as in PHP, any precision leaves only the padding */

    if (spec->precise) {
        return p;
    }

    digits = (u_char *) (spec->type == 'X' ? "0123456789ABCDEF"
                                           : "0123456789abcdef");
    last = text + sizeof(text);
    first = last;

    do {
        *--first = digits[value & ((1 << bits) - 1)];
        value >>= bits;
    } while (value);

    return ngx_cpymem(p, first, last - first);
}


static u_char *
oauthcc_php_sprintf_number_real(u_char *p,
    oauthcc_php_sprintf_number_t *spec, double real)
{
    u_char  e;
    size_t  precision;

    /* PHP has neither sign nor width for infinity and NaN */

    if (isnan(real)) {
        spec->width = 0;
        return ngx_cpymem(p, "NaN", 3);
    }

    if (isinf(real)) {
        spec->width = 0;
        return ngx_cpymem(p, "INF", 3);
    }

    precision = spec->precise ? spec->precision
                              : OAUTHCC_PHP_SPRINTF_NUMBER_PRECISION;
    precision = ngx_min(precision, OAUTHCC_PHP_SCALAR_DIGITS);

    /* negative zero has a sign only with %g */

    if (real < 0 || (signbit(real) && (spec->type | 0x20) >= 'g')) {
        *p++ = '-';
        spec->sign = 1;

    } else if (spec->plus) {
        *p++ = '+';
        spec->sign = 1;
    }

    real = fabs(real);

    switch (spec->type) {

    case 'f':
    case 'F':
        return p + snprintf((char *) p, OAUTHCC_PHP_SPRINTF_NUMBER_LEN,
                            "%.*f", (int) precision, real);

    case 'e':
    case 'E':
        return oauthcc_php_sprintf_number_exponential(p, real, precision,
                                                      spec->type);

    default: /* g G h H */
        e = (spec->type == 'g' || spec->type == 'h') ? 'e' : 'E';
        return oauthcc_php_scalar_print(p, real, ngx_max(precision, 1), e);
    }
}


/* Drops leading zeros of the exponent. */

static u_char *
oauthcc_php_sprintf_number_exponential(u_char *p, double real,
    size_t precision, u_char e)
{
    char    text[OAUTHCC_PHP_SCALAR_REAL_LEN + 1];
    size_t  len;

    (void) snprintf(text, sizeof(text), "%.*e", (int) precision, real);

    len = strcspn(text, "e");

    p = ngx_cpymem(p, text, len);
    *p++ = e;
    *p++ = text[len + 1];    /* the sign */

    return ngx_sprintf(p, "%l", strtol(&text[len + 2], NULL, 10));
}
