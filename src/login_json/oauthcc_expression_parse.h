
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_EXPRESSION_PARSE_H_INCLUDED_
#define _OAUTHCC_EXPRESSION_PARSE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <jansson.h>
#include "login_json/oauthcc_expression.h"
#include "login_json/oauthcc_parse_error.h"


/*
 * Reads a scalar, or an object of "attr", "response" or "function"; where is
 * its path in the document.  An expression that depends neither on the
 * response nor on the clock nor on a file is evaluated here.  NGX_DECLINED:
 * reader->err has the reason, never a value.  NGX_ERROR: out of memory.
 */
ngx_int_t oauthcc_expression_parse_value(oauthcc_expression_parse_t *reader,
    json_t *value, ngx_str_t *where, oauthcc_expression_t **expression);

/* The same; a string may be a path in the response. */
ngx_int_t oauthcc_expression_parse_bare(oauthcc_expression_parse_t *reader,
    json_t *value, ngx_str_t *where, oauthcc_expression_t **expression);

/*
 * Whether an object is an expression ("attr", "response", "function") and not
 * an object of values with such a name.
 */
ngx_uint_t oauthcc_expression_parse_is(json_t *value);


#endif /* _OAUTHCC_EXPRESSION_PARSE_H_INCLUDED_ */
