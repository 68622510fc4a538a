
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_EXPRESSION_H_INCLUDED_
#define _OAUTHCC_EXPRESSION_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <jansson.h>
#include "core/oauthcc_value.h"
#include "login_json/php/oauthcc_php_scalar.h"
#include "login_json/php/oauthcc_php_function.h"


typedef enum {
    OAUTHCC_EXPRESSION_CONSTANT = 0,
    OAUTHCC_EXPRESSION_VALUE,       /* of a file, read again */
    OAUTHCC_EXPRESSION_RESPONSE,
    OAUTHCC_EXPRESSION_HEADER,      /* of the response */
    OAUTHCC_EXPRESSION_BARE,        /* a path in the response, or a literal */
    OAUTHCC_EXPRESSION_FUNCTION
} oauthcc_expression_type_e;


/* an expression of the JSON language; allocated from the reader's pool */

typedef struct {
    oauthcc_expression_type_e  type;
    ngx_str_t                  where;  /* in the document */
    oauthcc_php_scalar_t       constant;
    const char                *path;   /* in the response, or a header */
    oauthcc_value_t           *value;
    oauthcc_php_function_t    *function;
    ngx_array_t                args;   /* expression pointers */
} oauthcc_expression_t;


/* its input: the body and headers of a login response */

typedef struct {
    json_t                    *root;
    ngx_list_t                *headers;  /* NULL: there are none */
} oauthcc_expression_response_t;


/* why an expression has no value: a static text, and its place */

typedef struct {
    char       *reason;
    ngx_str_t  *where;
} oauthcc_expression_fault_t;


/*
 * Evaluates an expression; response may be NULL where none is allowed.  Texts
 * lie in the pool, in the response, or in the configuration.  NGX_DECLINED:
 * fault has the reason.  NGX_ERROR: out of memory.
 */
ngx_int_t oauthcc_expression_evaluate(ngx_pool_t *pool,
    oauthcc_expression_t *expression, oauthcc_expression_response_t *response,
    oauthcc_php_scalar_t *out, oauthcc_expression_fault_t *fault);

/* Converts a scalar of JSON; NGX_DECLINED for null, arrays and objects. */
ngx_int_t oauthcc_expression_scalar(json_t *value, oauthcc_php_scalar_t *out);

/*
 * Looks up a path of members and indices joined by dots; names of members may
 * contain dots.  NULL if nothing is there.
 */
json_t *oauthcc_expression_at(json_t *root, const char *path);

/*
 * Whether the response has anything at the path of such an expression, even if
 * its value cannot be used.
 */
ngx_uint_t oauthcc_expression_present(oauthcc_expression_t *expression,
    json_t *response);


#endif /* _OAUTHCC_EXPRESSION_H_INCLUDED_ */
