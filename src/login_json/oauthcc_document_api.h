
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _NGX_HTTP_OAUTHCC_TERMS_H_INCLUDED_
#define _NGX_HTTP_OAUTHCC_TERMS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "login_json/oauthcc_expression.h"
#include "login_json/oauthcc_params.h"
#include "login_json/oauthcc_expression_parse.h"
#include "core/oauthcc_types.h"


typedef enum {
    NGX_HTTP_OAUTHCC_DOCUMENT_GET = 0,       /* params in the query */
    NGX_HTTP_OAUTHCC_DOCUMENT_POST,          /* as JSON */
    NGX_HTTP_OAUTHCC_DOCUMENT_FORM
} ngx_http_oauthcc_document_method_e;


typedef enum {
    NGX_HTTP_OAUTHCC_DOCUMENT_USUAL = 0,     /* expires_in of the response */
    NGX_HTTP_OAUTHCC_DOCUMENT_FIXED,
    NGX_HTTP_OAUTHCC_DOCUMENT_EACH,          /* a login for each request */
    NGX_HTTP_OAUTHCC_DOCUMENT_POINT,         /* a point of time */
    NGX_HTTP_OAUTHCC_DOCUMENT_RELATIVE
} ngx_http_oauthcc_document_expires_e;


/* a header or an argument; what it is worth may be known at a login only */

typedef struct {
    ngx_str_t                           name;
    ngx_http_oauthcc_expression_t      *value;
} ngx_http_oauthcc_document_item_t;


/* a login_json document, checked; lives as long as its provider */

struct ngx_http_oauthcc_login_json_s {
    ngx_http_oauthcc_document_method_e  method;
    ngx_str_t                           endpoint;  /* absolute */
    ngx_str_t                           endpoint_where;
    ngx_array_t                         headers;   /* items */
    ngx_http_oauthcc_params_t           params;
    ngx_uint_t                          text;      /* format */

    ngx_array_t                         api_headers;
    ngx_array_t                         api_query;

    ngx_http_oauthcc_document_expires_e  expires;
    ngx_msec_t                          life;      /* if fixed, in ms */
    ngx_http_oauthcc_expression_t      *point;
    ngx_str_t                           where;     /* of expires */

    ngx_str_t                           key;       /* all that shapes it */
};


/* a document while it is taken apart */

typedef struct {
    ngx_http_oauthcc_reader_t           reader;
    ngx_log_t                          *log;
    ngx_http_oauthcc_login_json_t      *login;

    json_t                             *authentication;
    json_t                             *base;      /* baseUrl */
    ngx_str_t                           where;     /* of authentication */
    ngx_str_t                           parent;    /* of that */
} ngx_http_oauthcc_document_t;


/*
 * What a document says of the requests to the API, "apiRequest" and
 * "expires", into doc->login.  The results are as those of reader_value().
 */
ngx_int_t ngx_http_oauthcc_terms_api(ngx_http_oauthcc_document_t *doc);
ngx_int_t ngx_http_oauthcc_terms_expires(ngx_http_oauthcc_document_t *doc);

/*
 * The headers, or arguments, that are a member of what is at "where".  Where
 * a response may be asked for, bare strings may be its paths.
 */
ngx_int_t ngx_http_oauthcc_terms_items(ngx_http_oauthcc_document_t *doc,
    json_t *parent, ngx_str_t *where, const char *member, ngx_uint_t header,
    ngx_array_t *items);

/* Warns of members of an object that have none of these names. */
void ngx_http_oauthcc_terms_known(ngx_http_oauthcc_document_t *doc,
    json_t *object, ngx_str_t *where, const char **names);

/*
 * The names of what its credentials put on requests, in the pool.  NGX_ERROR:
 * no memory.
 */
ngx_int_t ngx_http_oauthcc_terms_absent(
    ngx_http_oauthcc_login_json_t *login_json, ngx_pool_t *pool,
    ngx_http_oauthcc_items_t *absent);


#endif /* _NGX_HTTP_OAUTHCC_TERMS_H_INCLUDED_ */
