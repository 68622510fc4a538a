
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


/*
 * Functions of the JSON language, "name, separator, argument, separator...":
 * an argument is a text, or what stands behind "#" is a number, and "!" is
 * true or null.
 */


#include "oauthcc_fuzz.h"
#include "login_json/php/oauthcc_php_function.h"


char  *oauthcc_fuzz_providers = "";


static void oauthcc_fuzz_argument(ngx_str_t *text, oauthcc_php_scalar_t *arg);


void
oauthcc_fuzz_run(oauthcc_fuzz_t *fuzz)
{
    char                    *err;
    ngx_int_t                rc, checked;
    ngx_str_t                name, text;
    ngx_uint_t               n;
    oauthcc_php_scalar_t     out, args[OAUTHCC_PHP_FUNCTION_ANY];
    oauthcc_php_function_t  *function;

    oauthcc_fuzz_record(fuzz, &name);

    function = oauthcc_php_function_find(&name);

    if (function == NULL) {
        return;
    }

    for (n = 0; n < function->max && fuzz->pos < fuzz->last; n++) {
        oauthcc_fuzz_record(fuzz, &text);
        oauthcc_fuzz_argument(&text, &args[n]);
    }

    if (n < function->min) {
        return;
    }

    checked = NGX_OK;

    if (function->check && n) {
        err = NULL;
        checked = function->check(&args[0], n, &err);

        oauthcc_fuzz_check(checked == NGX_OK
                           || (checked == NGX_DECLINED && err));
    }

    ngx_memzero(&out, sizeof(oauthcc_php_scalar_t));
    err = NULL;

    oauthcc_fuzz_starve();
    rc = function->call(fuzz->pool, args, n, &out, &err);

    if (oauthcc_fuzz_starved() && rc == NGX_ERROR) {
        return;
    }

    oauthcc_fuzz_check(rc == NGX_OK
                       || (rc == NGX_DECLINED && err && err[0]));

    /* what is refused beforehand would have failed later */

    if (checked == NGX_DECLINED) {
        oauthcc_fuzz_check(rc == NGX_DECLINED);
    }

    if (rc != NGX_OK) {
        return;
    }

    rc = oauthcc_php_scalar_string(fuzz->pool, &out, &text);

    oauthcc_fuzz_check(rc == NGX_OK);
    oauthcc_fuzz_check(text.len <= 64 * 65536);

    (void) oauthcc_php_scalar_integer(&out);
    (void) oauthcc_php_scalar_real(&out);
    (void) oauthcc_php_scalar_empty(&out);
}


static void
oauthcc_fuzz_argument(ngx_str_t *text, oauthcc_php_scalar_t *arg)
{
    ngx_memzero(arg, sizeof(oauthcc_php_scalar_t));

    arg->type = OAUTHCC_PHP_SCALAR_STRING;
    arg->string = *text;

    if (text->len == 0) {
        return;
    }

    switch (text->data[0]) {

    case '#':
        arg->string.data++;
        arg->string.len--;

        /* both are what PHP makes of the text */

        if (ngx_strlchr(text->data, text->data + text->len, '.')) {
            arg->real = oauthcc_php_scalar_real(arg);
            arg->type = OAUTHCC_PHP_SCALAR_REAL;

        } else {
            arg->integer = oauthcc_php_scalar_integer(arg);
            arg->type = OAUTHCC_PHP_SCALAR_INTEGER;
        }

        ngx_str_null(&arg->string);
        break;

    case '!':
        arg->integer = text->len > 1;
        arg->type = text->len > 2 ? OAUTHCC_PHP_SCALAR_NULL
                                  : OAUTHCC_PHP_SCALAR_BOOL;
        ngx_str_null(&arg->string);
        break;

    default:
        break;
    }
}
