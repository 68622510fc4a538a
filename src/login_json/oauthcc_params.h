
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_PARAMS_H_INCLUDED_
#define _OAUTHCC_PARAMS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_pair.h"
#include "login_json/oauthcc_expression.h"
#include "login_json/oauthcc_expression_parse.h"


/* "params" of a document: a tree of objects, arrays and values */

typedef struct oauthcc_params_s  oauthcc_params_t;

struct oauthcc_params_s {
    ngx_str_t              name;     /* in an object */
    oauthcc_expression_t  *value;    /* of a leaf */
    ngx_array_t            members;  /* params_t, else */
    ngx_uint_t             list;     /* an array: members have no names */
};


/*
 * Reads an object or an array of "params", whatever the names of its members,
 * in the reader's pool.  Returns what oauthcc_expression_parse() does.
 */
ngx_int_t oauthcc_params_members(oauthcc_expression_parse_t *reader,
    json_t *value, ngx_str_t *where, oauthcc_params_t *params);

/* Whether one of the n pairs has this name. */
ngx_uint_t oauthcc_params_has(oauthcc_pair_t *pairs, ngx_uint_t n,
    ngx_str_t *name);


#endif /* _OAUTHCC_PARAMS_H_INCLUDED_ */
