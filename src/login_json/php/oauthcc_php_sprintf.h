
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_PHP_SPRINTF_H_INCLUDED_
#define _OAUTHCC_PHP_SPRINTF_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "login_json/php/oauthcc_php_scalar.h"


/*
 * The sprintf() of PHP 8, in bytes:
 *
 *     %[argument$][flags][width][.precision][l]specifier
 *
 * with the flags "-", "+", " ", "0" and "'" before a byte that pads, and the
 * specifiers s d u c x X o b f F e E g G h H; "%%" is a percent sign.  "*" as
 * a width or a precision is not known.  Arguments may be left over.
 */

/*
 * the maximum length of the result, in bytes; a larger precision of a real is
 * taken as 53
 */

#define OAUTHCC_PHP_SPRINTF_MAX_WIDTH  1024
#define OAUTHCC_PHP_SPRINTF_MAX_LEN    65536


/*
 * Formats the n arguments; *out lies in the pool.  NGX_DECLINED: *err, a
 * static text, says that the format is not valid or the result is too long.
 * NGX_ERROR: out of memory.
 */
ngx_int_t oauthcc_php_sprintf(ngx_pool_t *pool, ngx_str_t *format,
    oauthcc_php_scalar_t *args, ngx_uint_t n, ngx_str_t *out, char **err);

/*
 * Checks a format for n arguments: NGX_OK, or NGX_DECLINED with a static text
 * in *err.  A valid format fails later only if its result is too long or
 * memory runs out.
 */
ngx_int_t oauthcc_php_sprintf_check(ngx_str_t *format, ngx_uint_t n,
    char **err);


#endif /* _OAUTHCC_PHP_SPRINTF_H_INCLUDED_ */
