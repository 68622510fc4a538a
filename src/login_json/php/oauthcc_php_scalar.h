
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_PHP_SCALAR_H_INCLUDED_
#define _OAUTHCC_PHP_SCALAR_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/*
 * A scalar of JSON, and what PHP 8 makes of it when it is converted.  Only
 * the member that the type names is read.  A string is not terminated, may
 * hold any bytes, and belongs to whoever made the datum.
 */

typedef enum {
    OAUTHCC_PHP_SCALAR_NULL = 0,
    OAUTHCC_PHP_SCALAR_BOOL,
    OAUTHCC_PHP_SCALAR_INTEGER,
    OAUTHCC_PHP_SCALAR_REAL,
    OAUTHCC_PHP_SCALAR_STRING
} oauthcc_php_scalar_type_e;


typedef struct {
    oauthcc_php_scalar_type_e  type;
    int64_t                    integer;  /* of a bool too: 0 or 1 */
    double                     real;
    ngx_str_t                  string;
} oauthcc_php_scalar_t;


/* room for the longest text of a real, with as many digits as are possible */

#define OAUTHCC_PHP_SCALAR_DIGITS    53
#define OAUTHCC_PHP_SCALAR_REAL_LEN                                           \
    (sizeof("-0.000e+308") - 1 + OAUTHCC_PHP_SCALAR_DIGITS)


/*
 * As (string): true is "1", false and null are "", an integer is decimal, a
 * real has 14 significant digits (PHP's own "precision"), as 0.1, 100000 or
 * 1.0E+25.  A string is returned as it
 * is, without a copy, other texts lie in the pool or are static.  NGX_ERROR
 * when memory runs out.
 */
ngx_int_t oauthcc_php_scalar_string(ngx_pool_t *pool, oauthcc_php_scalar_t *d,
    ngx_str_t *out);

/*
 * As (int): of a string the number that it begins with, after white space,
 * or 0; a real is truncated.  What does not fit is the nearest integer that
 * does (PHP wraps or has 0 here); not a number is 0.
 */
int64_t oauthcc_php_scalar_integer(oauthcc_php_scalar_t *d);

/*
 * As (float): of a string the number that it begins with, after white space,
 * or 0.  Out of range is infinite.
 */
double oauthcc_php_scalar_real(oauthcc_php_scalar_t *d);

/*
 * As is_numeric(): a number, or a string that is one and nothing besides, but
 * for white space around it.
 */
ngx_uint_t oauthcc_php_scalar_numeric(oauthcc_php_scalar_t *d);

/*
 * As empty(): null, false, 0, 0.0, -0.0, "" and "0".
 */
ngx_uint_t oauthcc_php_scalar_empty(oauthcc_php_scalar_t *d);

/*
 * Writes a real with so many significant digits, 1 to
 * OAUTHCC_PHP_SCALAR_DIGITS, or with 0 as few as read back as the same
 * double; e stands before an exponent.  p has room for
 * OAUTHCC_PHP_SCALAR_REAL_LEN bytes.  Returns the end.
 */
u_char *oauthcc_php_scalar_print(u_char *p, double real, ngx_uint_t digits,
    u_char e);


#endif /* _OAUTHCC_PHP_SCALAR_H_INCLUDED_ */
