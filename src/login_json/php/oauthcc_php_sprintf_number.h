
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_PHP_SPRINTF_NUMBER_H_INCLUDED_
#define _OAUTHCC_PHP_SPRINTF_NUMBER_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "login_json/php/oauthcc_php_scalar.h"


/* the longest %f: 309 digits of the largest double, point, fraction, zero */
#define OAUTHCC_PHP_SPRINTF_NUMBER_LEN                                        \
    (309 + 1 + OAUTHCC_PHP_SCALAR_DIGITS + 1)


/* a specification of a format of PHP's sprintf() */

typedef struct {
    size_t    width;
    size_t    precision;
    u_char    type;       /* s c, or of a number d u x X o b f F e E g G h H */
    u_char    padding;

    unsigned  left:1;
    unsigned  plus:1;
    unsigned  precise:1;  /* it has a precision */
    unsigned  sign:1;     /* the result begins with a sign */
} oauthcc_php_sprintf_number_t;


/*
 * Converts an argument to a number and writes it as the specification says,
 * without the padding, whose width and character it may change.  p has room
 * for a sign and OAUTHCC_PHP_SPRINTF_NUMBER_LEN bytes.  Returns the end.
 */
u_char *oauthcc_php_sprintf_number(u_char *p,
    oauthcc_php_sprintf_number_t *spec, oauthcc_php_scalar_t *arg);


#endif /* _OAUTHCC_PHP_SPRINTF_NUMBER_H_INCLUDED_ */
