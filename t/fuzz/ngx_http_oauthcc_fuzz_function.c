
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


/*
 * Functions of the JSON language, "name, separator, argument, separator...":
 * an argument is a text, or what stands behind "#" is a number, and "!" is
 * true or null.
 */


#include "ngx_http_oauthcc_fuzz.h"
#include "login_json/php/oauthcc_php_function.h"


char  *ngx_http_oauthcc_fuzz_providers = "";


static void ngx_http_oauthcc_fuzz_argument(ngx_str_t *text,
    ngx_http_oauthcc_datum_t *arg);


void
ngx_http_oauthcc_fuzz_run(ngx_http_oauthcc_fuzz_t *fuzz)
{
    char                         *err;
    ngx_int_t                     rc, checked;
    ngx_str_t                     name, text;
    ngx_uint_t                    n;
    ngx_http_oauthcc_datum_t      out, args[NGX_HTTP_OAUTHCC_FUNCTION_ANY];
    ngx_http_oauthcc_function_t  *function;

    ngx_http_oauthcc_fuzz_record(fuzz, &name);

    function = ngx_http_oauthcc_function_find(&name);

    if (function == NULL) {
        return;
    }

    for (n = 0; n < function->max && fuzz->pos < fuzz->last; n++) {
        ngx_http_oauthcc_fuzz_record(fuzz, &text);
        ngx_http_oauthcc_fuzz_argument(&text, &args[n]);
    }

    if (n < function->min) {
        return;
    }

    checked = NGX_OK;

    if (function->check && n) {
        err = NULL;
        checked = function->check(&args[0], n, &err);

        ngx_http_oauthcc_fuzz_check(checked == NGX_OK
                                    || (checked == NGX_DECLINED && err));
    }

    ngx_memzero(&out, sizeof(ngx_http_oauthcc_datum_t));
    err = NULL;

    rc = function->call(fuzz->pool, args, n, &out, &err);

    ngx_http_oauthcc_fuzz_check(rc == NGX_OK
                                || (rc == NGX_DECLINED && err && err[0]));

    /* what is refused beforehand would have failed later */

    if (checked == NGX_DECLINED) {
        ngx_http_oauthcc_fuzz_check(rc == NGX_DECLINED);
    }

    if (rc != NGX_OK) {
        return;
    }

    rc = ngx_http_oauthcc_datum_string(fuzz->pool, &out, &text);

    ngx_http_oauthcc_fuzz_check(rc == NGX_OK);
    ngx_http_oauthcc_fuzz_check(text.len <= 64 * 65536);

    (void) ngx_http_oauthcc_datum_integer(&out);
    (void) ngx_http_oauthcc_datum_real(&out);
    (void) ngx_http_oauthcc_datum_empty(&out);
}


static void
ngx_http_oauthcc_fuzz_argument(ngx_str_t *text, ngx_http_oauthcc_datum_t *arg)
{
    ngx_memzero(arg, sizeof(ngx_http_oauthcc_datum_t));

    arg->type = NGX_HTTP_OAUTHCC_DATUM_STRING;
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
            arg->real = ngx_http_oauthcc_datum_real(arg);
            arg->type = NGX_HTTP_OAUTHCC_DATUM_REAL;

        } else {
            arg->integer = ngx_http_oauthcc_datum_integer(arg);
            arg->type = NGX_HTTP_OAUTHCC_DATUM_INTEGER;
        }

        ngx_str_null(&arg->string);
        break;

    case '!':
        arg->integer = text->len > 1;
        arg->type = text->len > 2 ? NGX_HTTP_OAUTHCC_DATUM_NULL
                                  : NGX_HTTP_OAUTHCC_DATUM_BOOL;
        ngx_str_null(&arg->string);
        break;

    default:
        break;
    }
}
