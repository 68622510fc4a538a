
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <float.h>
#include <math.h>
#include "login_json/php/oauthcc_php_scalar.h"


/* so many digits tell any two doubles apart */
#define OAUTHCC_PHP_SCALAR_SIGNIFICANT  768

/* exponents saturate here; no string can be that long */
#define OAUTHCC_PHP_SCALAR_MAX_EXPONENT  1000000000000000

/* an exponent beyond this is out of the range of doubles in any case */
#define OAUTHCC_PHP_SCALAR_FAR  9999

/* the shortest form has an exponent if the point is behind more digits */
#define OAUTHCC_PHP_SCALAR_SHORTEST  17

/* PHP's "precision": significant digits of a real converted to a string */
#define OAUTHCC_PHP_SCALAR_PRECISION  14


/* a parsed number: 0.DIGITS * 10 ^ exponent; no digits if it is zero */

typedef struct {
    int64_t     exponent;
    ngx_uint_t  n;
    u_char      digits[OAUTHCC_PHP_SCALAR_SIGNIFICANT + 1];

    unsigned    negative:1;
    unsigned    integral:1;  /* has neither a point nor an exponent */
} oauthcc_php_scalar_number_t;


static void oauthcc_php_scalar_scan(ngx_str_t *s,
    oauthcc_php_scalar_number_t *number);
static u_char *oauthcc_php_scalar_mantissa(u_char *p, u_char *last,
    oauthcc_php_scalar_number_t *number);
static int64_t oauthcc_php_scalar_exponent(u_char *p, u_char *last);
static int64_t oauthcc_php_scalar_whole(oauthcc_php_scalar_number_t *number);
static double oauthcc_php_scalar_double(oauthcc_php_scalar_number_t *number);
static int64_t oauthcc_php_scalar_truncate(double real);
static void oauthcc_php_scalar_up(char *text);
static u_char *oauthcc_php_scalar_place(u_char *p, u_char *digits, ngx_int_t n,
    ngx_int_t point);


#define oauthcc_php_scalar_digit(c)  ((c) >= '0' && (c) <= '9')
#define oauthcc_php_scalar_space(c)                                           \
    ((c) == ' ' || ((c) >= '\t' && (c) <= '\r'))


ngx_int_t
oauthcc_php_scalar_string(ngx_pool_t *pool, oauthcc_php_scalar_t *d,
    ngx_str_t *out)
{
    u_char   *p;
    uint64_t  number;

    switch (d->type) {

    case OAUTHCC_PHP_SCALAR_STRING:
        *out = d->string;
        return NGX_OK;

    case OAUTHCC_PHP_SCALAR_INTEGER:
        p = ngx_pnalloc(pool, NGX_INT64_LEN);
        if (p == NULL) {
            return NGX_ERROR;
        }

        out->data = p;
        number = (uint64_t) d->integer;

        /* ngx_sprintf() cannot negate the smallest integer */

        if (d->integer < 0) {
            *p++ = '-';
            number = 0 - number;
        }

        out->len = ngx_sprintf(p, "%uL", number) - out->data;
        return NGX_OK;

    case OAUTHCC_PHP_SCALAR_REAL:
        p = ngx_pnalloc(pool, OAUTHCC_PHP_SCALAR_REAL_LEN);
        if (p == NULL) {
            return NGX_ERROR;
        }

        out->data = p;
        out->len = oauthcc_php_scalar_print(p, d->real,
                                            OAUTHCC_PHP_SCALAR_PRECISION, 'E')
                   - p;
        return NGX_OK;

    case OAUTHCC_PHP_SCALAR_BOOL:

        if (d->integer) {
            ngx_str_set(out, "1");
            return NGX_OK;
        }

        break;

    default: /* OAUTHCC_PHP_SCALAR_NULL */
        break;
    }

    ngx_str_set(out, "");

    return NGX_OK;
}


int64_t
oauthcc_php_scalar_integer(oauthcc_php_scalar_t *d)
{
    oauthcc_php_scalar_number_t  number;

    switch (d->type) {

    case OAUTHCC_PHP_SCALAR_BOOL:
    case OAUTHCC_PHP_SCALAR_INTEGER:
        return d->integer;

    case OAUTHCC_PHP_SCALAR_REAL:
        return oauthcc_php_scalar_truncate(d->real);

    case OAUTHCC_PHP_SCALAR_STRING:
        oauthcc_php_scalar_scan(&d->string, &number);

        if (number.integral) {
            return oauthcc_php_scalar_whole(&number);
        }

        return oauthcc_php_scalar_truncate(oauthcc_php_scalar_double(&number));

    default: /* OAUTHCC_PHP_SCALAR_NULL */
        return 0;
    }
}


double
oauthcc_php_scalar_real(oauthcc_php_scalar_t *d)
{
    oauthcc_php_scalar_number_t  number;

    switch (d->type) {

    case OAUTHCC_PHP_SCALAR_BOOL:
    case OAUTHCC_PHP_SCALAR_INTEGER:
        return (double) d->integer;

    case OAUTHCC_PHP_SCALAR_REAL:
        return d->real;

    case OAUTHCC_PHP_SCALAR_STRING:
        oauthcc_php_scalar_scan(&d->string, &number);
        return oauthcc_php_scalar_double(&number);

    default: /* OAUTHCC_PHP_SCALAR_NULL */
        return 0;
    }
}


ngx_uint_t
oauthcc_php_scalar_numeric(oauthcc_php_scalar_t *d)
{
    u_char      *p, *last;
    ngx_uint_t   digits;

    if (d->type != OAUTHCC_PHP_SCALAR_STRING) {
        return d->type == OAUTHCC_PHP_SCALAR_INTEGER
               || d->type == OAUTHCC_PHP_SCALAR_REAL;
    }

    p = d->string.data;
    last = p + d->string.len;

    while (p < last && oauthcc_php_scalar_space(*p)) {
        p++;
    }

    if (p < last && (*p == '+' || *p == '-')) {
        p++;
    }

    for (digits = 0; p < last && oauthcc_php_scalar_digit(*p); p++) {
        digits++;
    }

    if (p < last && *p == '.') {
        for (p++; p < last && oauthcc_php_scalar_digit(*p); p++) {
            digits++;
        }
    }

    if (digits && p < last && (*p == 'e' || *p == 'E')) {
        p++;

        if (p < last && (*p == '+' || *p == '-')) {
            p++;
        }

        for (digits = 0; p < last && oauthcc_php_scalar_digit(*p); p++) {
            digits++;
        }
    }

    while (p < last && oauthcc_php_scalar_space(*p)) {
        p++;
    }

    return digits && p == last;
}


ngx_uint_t
oauthcc_php_scalar_empty(oauthcc_php_scalar_t *d)
{
    switch (d->type) {

    case OAUTHCC_PHP_SCALAR_BOOL:
    case OAUTHCC_PHP_SCALAR_INTEGER:
        return d->integer == 0;

    case OAUTHCC_PHP_SCALAR_REAL:
        return d->real == 0;

    case OAUTHCC_PHP_SCALAR_STRING:
        return d->string.len == 0
               || (d->string.len == 1 && d->string.data[0] == '0');

    default: /* OAUTHCC_PHP_SCALAR_NULL */
        return 1;
    }
}


u_char *
oauthcc_php_scalar_print(u_char *p, double real, ngx_uint_t digits, u_char e)
{
    char       text[OAUTHCC_PHP_SCALAR_REAL_LEN + 1], *q;
    u_char     mantissa[OAUTHCC_PHP_SCALAR_DIGITS];
    ngx_int_t  n, max, exponent;

    if (isnan(real)) {
        return ngx_cpymem(p, "NAN", sizeof("NAN") - 1);
    }

    if (signbit(real)) {
        *p++ = '-';
        real = -real;
    }

    if (isinf(real)) {
        return ngx_cpymem(p, "INF", sizeof("INF") - 1);
    }

    /*
     * A double preserves any decimal of 15 digits, so the shortest form is
     * among these once trailing zeros are dropped; only denormal numbers
     * preserve fewer.
     */

    n = digits ? (ngx_int_t) digits : (real < DBL_MIN ? 1 : DBL_DIG);
    max = digits ? n : OAUTHCC_PHP_SCALAR_SHORTEST;

    for ( ;; ) {
        (void) snprintf(text, sizeof(text), "%.*e", (int) n - 1, real);

        if (n >= max || strtod(text, NULL) == real) {
            break;
        }

        /*
         * below a power of two doubles are denser: try the next decimal as
         * well
         */

        if (n == OAUTHCC_PHP_SCALAR_SHORTEST - 1) {
            oauthcc_php_scalar_up(text);

            if (strtod(text, NULL) == real) {
                break;
            }
        }

        n++;
    }

    /* D.DDDe+XX: the digits, and the position of the point */

    n = 0;

    for (q = text; *q != 'e'; q++) {

        if (*q != '.') {
            mantissa[n++] = *q;
        }
    }

    q++;
    exponent = (ngx_int_t) strtol(q, NULL, 10);

    while (n > 1 && mantissa[n - 1] == '0') {
        n--;
    }

    if (exponent >= -4 && exponent < max) {
        return oauthcc_php_scalar_place(p, mantissa, n, exponent + 1);
    }

    *p++ = mantissa[0];
    *p++ = '.';

    if (n > 1) {
        p = ngx_cpymem(p, &mantissa[1], n - 1);

    } else {
        *p++ = '0';
    }

    *p++ = e;

    return ngx_sprintf(p, "%s%i", exponent < 0 ? "" : "+", exponent);
}


/* Increments the last digit of D.DDDe+XX; fails if all digits are nines. */

static void
oauthcc_php_scalar_up(char *text)
{
    char  *p;

    for (p = (char *) ngx_strchr(text, 'e') - 1; p > text; p--) {

        if (*p == '.') {
            continue;
        }

        if (*p != '9') {
            break;
        }

        *p = '0';
    }

    (*p)++;
}


/* Writes n digits with the point at this position. */

static u_char *
oauthcc_php_scalar_place(u_char *p, u_char *digits, ngx_int_t n,
    ngx_int_t point)
{
    ngx_int_t  i;

    if (point <= 0) {
        *p++ = '0';
        *p++ = '.';

        for (i = point; i < 0; i++) {
            *p++ = '0';
        }

        return ngx_cpymem(p, digits, n);
    }

    for (i = 0; i < point; i++) {
        *p++ = (i < n) ? digits[i] : '0';
    }

    if (n > point) {
        *p++ = '.';
        p = ngx_cpymem(p, &digits[point], n - point);
    }

    return p;
}


static void
oauthcc_php_scalar_scan(ngx_str_t *s, oauthcc_php_scalar_number_t *number)
{
    u_char  *p, *last;

    number->exponent = 0;
    number->n = 0;
    number->negative = 0;
    number->integral = 1;

    p = s->data;
    last = p + s->len;

    while (p < last && (*p == ' ' || (*p >= '\t' && *p <= '\r'))) {
        p++;
    }

    if (p < last && (*p == '-' || *p == '+')) {
        number->negative = (*p == '-');
        p++;
    }

    p = oauthcc_php_scalar_mantissa(p, last, number);

    if (p == NULL) {

        /* zero has no digits and no sign */

        number->negative = 0;
        return;
    }

    if (last - p < 2 || (*p != 'e' && *p != 'E')) {
        return;
    }

    p++;

    if (oauthcc_php_scalar_digit(*p)
        || (last - p > 1 && (*p == '-' || *p == '+')
            && oauthcc_php_scalar_digit(p[1])))
    {
        number->integral = 0;
        number->exponent += oauthcc_php_scalar_exponent(p, last);
    }
}


/* Returns the end of the digits and the point, NULL without any digit. */

static u_char *
oauthcc_php_scalar_mantissa(u_char *p, u_char *last,
    oauthcc_php_scalar_number_t *number)
{
    ngx_uint_t  seen, rest;

    seen = 0;
    rest = 0;

    for ( /* void */ ; p < last; p++) {

        if (*p == '.' && number->integral) {
            number->integral = 0;
            continue;
        }

        if (!oauthcc_php_scalar_digit(*p)) {
            break;
        }

        seen = 1;

        if (number->n == 0 && *p == '0') {
            number->exponent -= !number->integral;
            continue;
        }

        number->exponent += number->integral;

        if (number->n < OAUTHCC_PHP_SCALAR_SIGNIFICANT) {
            number->digits[number->n++] = *p;

        } else {
            rest |= (*p != '0');
        }
    }

    /* of the digits dropped it only matters whether all are zero */

    if (rest) {
        number->digits[number->n++] = '1';
    }

    return seen ? p : NULL;
}


static int64_t
oauthcc_php_scalar_exponent(u_char *p, u_char *last)
{
    int64_t     exponent;
    ngx_uint_t  negative;

    negative = (*p == '-');
    exponent = 0;

    if (*p == '-' || *p == '+') {
        p++;
    }

    for ( /* void */ ; p < last && oauthcc_php_scalar_digit(*p); p++) {

        if (exponent < OAUTHCC_PHP_SCALAR_MAX_EXPONENT) {
            exponent = exponent * 10 + (*p - '0');
        }
    }

    return negative ? -exponent : exponent;
}


static int64_t
oauthcc_php_scalar_whole(oauthcc_php_scalar_number_t *number)
{
    int64_t     value, digit;
    ngx_uint_t  i;

    /* accumulate as a negative number, whose range is larger by one */

    value = 0;

    for (i = 0; i < number->n; i++) {
        digit = number->digits[i] - '0';

        if (value < (INT64_MIN + digit) / 10) {
            return number->negative ? INT64_MIN : INT64_MAX;
        }

        value = value * 10 - digit;
    }

    if (number->negative) {
        return value;
    }

    return (value == INT64_MIN) ? INT64_MAX : -value;
}


static double
oauthcc_php_scalar_double(oauthcc_php_scalar_number_t *number)
{
    int64_t  exponent;
    u_char   text[sizeof("-0.e-9999") + sizeof(number->digits)];

    if (number->n == 0) {
        return number->negative ? -0.0 : 0.0;
    }

    exponent = ngx_min(number->exponent, OAUTHCC_PHP_SCALAR_FAR);
    exponent = ngx_max(exponent, -OAUTHCC_PHP_SCALAR_FAR);

    ngx_sprintf(text, "%s0.%*se%L%Z", number->negative ? "-" : "",
                (size_t) number->n, number->digits, exponent);

    return strtod((char *) text, NULL);
}


static int64_t
oauthcc_php_scalar_truncate(double real)
{
    if (isnan(real)) {
        return 0;
    }

    /* 2 ^ 63; there is no double between it and the largest integer */

    if (real >= 9223372036854775808.0) {
        return INT64_MAX;
    }

    if (real < -9223372036854775808.0) {
        return INT64_MIN;
    }

    return (int64_t) real;
}
