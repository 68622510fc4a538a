
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_PARSE_ERROR_H_INCLUDED_
#define _OAUTHCC_PARSE_ERROR_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <jansson.h>


/* a document that is nested deeper is rejected */
#define OAUTHCC_PARSE_ERROR_DEPTH  64


/* state of the reader of a document */

typedef struct {
    ngx_pool_t   *pool;
    json_t       *config;    /* NULL: there is none */
    ngx_array_t  *attrs;     /* attr_t */
    ngx_uint_t    response;  /* whether "response" is allowed */
    ngx_uint_t    depth;

    ngx_array_t  *key;       /* bytes: which attrs are used */

    ngx_str_t    *err;       /* "PATH: reason" */
} oauthcc_expression_parse_t;


/* The path of a member of the object at "parent". */
ngx_int_t oauthcc_parse_error_member(ngx_pool_t *pool, ngx_str_t *parent,
    const char *member, ngx_str_t *path);

/* The path of an element of an array. */
ngx_int_t oauthcc_parse_error_index(ngx_pool_t *pool, ngx_str_t *parent,
    ngx_uint_t i, ngx_str_t *path);

/* Sets the reader's message to "PATH: reason" and returns NGX_DECLINED. */
ngx_int_t oauthcc_parse_error_refuse(oauthcc_expression_parse_t *reader,
    ngx_str_t *where, const char *fmt, ...);


#endif /* _OAUTHCC_PARSE_ERROR_H_INCLUDED_ */
