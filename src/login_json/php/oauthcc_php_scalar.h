
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_PHP_SCALAR_H_INCLUDED_
#define _OAUTHCC_PHP_SCALAR_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/*
 * A scalar of JSON, and its conversions as in PHP 8.  Only the member that the
 * type names is valid.  A string is not terminated, may contain any bytes, and
 * belongs to the caller.
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


/* the longest text of a real with the maximum number of digits */

#define OAUTHCC_PHP_SCALAR_DIGITS    53
#define OAUTHCC_PHP_SCALAR_REAL_LEN                                           \
    (sizeof("-0.000e+308") - 1 + OAUTHCC_PHP_SCALAR_DIGITS)


/*
 * As (string): true is "1", false and null are "", an integer is decimal, a
 * real has 14 significant digits (PHP's "precision"), such as 0.1, 100000 or
 * 1.0E+25.  A string is returned without a copy, other texts lie in the pool
 * or are static.  NGX_ERROR: out of memory.
 */
ngx_int_t oauthcc_php_scalar_string(ngx_pool_t *pool, oauthcc_php_scalar_t *d,
    ngx_str_t *out);

/*
 * As (int): the leading number of a string, after white space, or 0; a real is
 * truncated.  An overflow gives the nearest integer (PHP wraps or gives 0
 * here), NaN gives 0.
 */
int64_t oauthcc_php_scalar_integer(oauthcc_php_scalar_t *d);

/*
 * As (float): the leading number of a string, after white space, or 0.  An
 * overflow is infinite.
 */
double oauthcc_php_scalar_real(oauthcc_php_scalar_t *d);

/*
 * As is_numeric(): a number, or a string that is a number with optional white
 * space around it.
 */
ngx_uint_t oauthcc_php_scalar_numeric(oauthcc_php_scalar_t *d);

/*
 * As empty(): null, false, 0, 0.0, -0.0, "" and "0".
 */
ngx_uint_t oauthcc_php_scalar_empty(oauthcc_php_scalar_t *d);

/*
 * Writes a real with this number of significant digits, 1 to
 * OAUTHCC_PHP_SCALAR_DIGITS, or, with 0, as few as read back as the same
 * double; e precedes an exponent.  p has room for OAUTHCC_PHP_SCALAR_REAL_LEN
 * bytes.  Returns the end.
 */
u_char *oauthcc_php_scalar_print(u_char *p, double real, ngx_uint_t digits,
    u_char e);


#endif /* _OAUTHCC_PHP_SCALAR_H_INCLUDED_ */
