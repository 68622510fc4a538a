
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _NGX_HTTP_OAUTHCC_UNIT_H_INCLUDED_
#define _NGX_HTTP_OAUTHCC_UNIT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* a run of the cases of one room; the pool ends with it */

typedef struct {
    ngx_pool_t                         *pool;
    ngx_log_t                          *log;
    ngx_str_t                           dir;       /* with a last slash */
    ngx_uint_t                          number;    /* of cases so far */
} ngx_http_oauthcc_unit_t;


/* Prints "ok N - ..." or "not ok N - ...", and gives passed back. */

ngx_uint_t ngx_http_oauthcc_unit_ok(ngx_http_oauthcc_unit_t *unit,
    ngx_uint_t passed, const char *fmt, ...);

/* Prints a line that explains. */

void ngx_http_oauthcc_unit_diag(const char *fmt, ...);

/* A case that compares two strings, or two numbers. */

void ngx_http_oauthcc_unit_string(ngx_http_oauthcc_unit_t *unit,
    ngx_str_t *got, ngx_str_t *expected, char *name);
void ngx_http_oauthcc_unit_number(ngx_http_oauthcc_unit_t *unit, int64_t got,
    int64_t expected, char *name);

ngx_uint_t ngx_http_oauthcc_unit_equal(ngx_str_t *a, ngx_str_t *b);


ngx_int_t ngx_http_oauthcc_unit_form(ngx_http_oauthcc_unit_t *unit);
ngx_int_t ngx_http_oauthcc_unit_token(ngx_http_oauthcc_unit_t *unit);
ngx_int_t ngx_http_oauthcc_unit_clock(ngx_http_oauthcc_unit_t *unit);
ngx_int_t ngx_http_oauthcc_unit_value(ngx_http_oauthcc_unit_t *unit);


#endif /* _NGX_HTTP_OAUTHCC_UNIT_H_INCLUDED_ */
