
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _NGX_HTTP_OAUTHCC_EXPRESSION_H_INCLUDED_
#define _NGX_HTTP_OAUTHCC_EXPRESSION_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <jansson.h>
#include "login_json/php/oauthcc_php_scalar.h"
#include "login_json/php/oauthcc_php_function.h"
#include "core/oauthcc_types.h"


typedef enum {
    NGX_HTTP_OAUTHCC_EXPRESSION_CONSTANT = 0,
    NGX_HTTP_OAUTHCC_EXPRESSION_VALUE,       /* of a file, read again */
    NGX_HTTP_OAUTHCC_EXPRESSION_RESPONSE,
    NGX_HTTP_OAUTHCC_EXPRESSION_BARE,        /* of the response, or itself */
    NGX_HTTP_OAUTHCC_EXPRESSION_FUNCTION
} ngx_http_oauthcc_expression_type_e;


/* a value of the JSON language; lives in the pool that it was read into */

typedef struct {
    ngx_http_oauthcc_expression_type_e  type;
    ngx_str_t                           where;     /* in the document */
    ngx_http_oauthcc_datum_t            constant;
    ngx_str_t                           path;      /* in the response */
    ngx_http_oauthcc_value_t           *value;
    ngx_http_oauthcc_function_t        *function;
    ngx_array_t                         args;      /* expression pointers */
} ngx_http_oauthcc_expression_t;


/* why an expression has no value: a static text, and where in the document */

typedef struct {
    char                               *reason;
    ngx_str_t                          *where;
} ngx_http_oauthcc_expression_fault_t;


/*
 * Evaluates it; response may be NULL where none may be asked for.  Texts lie
 * in the pool, in the response, or in the configuration.  NGX_DECLINED: fault
 * says why.  NGX_ERROR: no memory.
 */
ngx_int_t ngx_http_oauthcc_expression_evaluate(ngx_pool_t *pool,
    ngx_http_oauthcc_expression_t *expression, json_t *response,
    ngx_http_oauthcc_datum_t *out, ngx_http_oauthcc_expression_fault_t *fault);

/* A scalar of JSON; NGX_DECLINED if it is none, or null. */
ngx_int_t ngx_http_oauthcc_expression_scalar(json_t *value,
    ngx_http_oauthcc_datum_t *out);

/*
 * Whether the response has something at the path of an expression of that
 * kind; what it is may be of no use.
 */
ngx_uint_t ngx_http_oauthcc_expression_present(
    ngx_http_oauthcc_expression_t *expression, json_t *response);


#endif /* _NGX_HTTP_OAUTHCC_EXPRESSION_H_INCLUDED_ */
