
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_PHP_FUNCTION_H_INCLUDED_
#define _OAUTHCC_PHP_FUNCTION_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "login_json/php/oauthcc_php_scalar.h"


/* the maximum of a function that takes any number of arguments */
#define OAUTHCC_PHP_FUNCTION_ANY  64


/*
 * A function of the JSON language.  call() returns NGX_DECLINED with a static
 * text in *err if its arguments are not valid, NGX_ERROR if memory runs out;
 * texts lie in the pool.  check(), which may be NULL, validates a first
 * argument that is known at configuration time; n is the number of all
 * arguments.
 */

typedef struct {
    ngx_str_t    name;
    ngx_uint_t   min;    /* number of arguments */
    ngx_uint_t   max;
    ngx_uint_t   clock;  /* depends on the clock */
    ngx_uint_t   list;   /* the last argument is a list */

    ngx_int_t  (*call)(ngx_pool_t *pool,
                                              oauthcc_php_scalar_t *args,
                                              ngx_uint_t n,
                                              oauthcc_php_scalar_t *out,
                                              char **err);
    ngx_int_t  (*check)(oauthcc_php_scalar_t *first,
                                               ngx_uint_t n, char **err);
} oauthcc_php_function_t;


/*
 * The function of this name, or NULL.  The elements of a list are passed as
 * separate arguments.
 */
oauthcc_php_function_t *oauthcc_php_function_find(ngx_str_t *name);


#endif /* _OAUTHCC_PHP_FUNCTION_H_INCLUDED_ */
