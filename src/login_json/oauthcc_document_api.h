
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_DOCUMENT_API_H_INCLUDED_
#define _OAUTHCC_DOCUMENT_API_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_provider_conf.h"
#include "login_json/oauthcc_expression.h"
#include "login_json/oauthcc_params.h"


typedef enum {
    OAUTHCC_DOCUMENT_GET = 0,       /* params in the query */
    OAUTHCC_DOCUMENT_POST,          /* as JSON */
    OAUTHCC_DOCUMENT_FORM
} oauthcc_document_method_e;


typedef enum {
    OAUTHCC_DOCUMENT_USUAL = 0,     /* expires_in of the response */
    OAUTHCC_DOCUMENT_FIXED,
    OAUTHCC_DOCUMENT_EACH,          /* a login per request */
    OAUTHCC_DOCUMENT_POINT,         /* a point in time */
    OAUTHCC_DOCUMENT_RELATIVE
} oauthcc_document_expires_e;


/* a header or an argument; its value may depend on the login */

typedef struct {
    ngx_str_t              name;
    oauthcc_expression_t  *value;
} oauthcc_document_item_t;


/* a checked login_json document; lives as long as its provider */

struct oauthcc_document_request_s {
    oauthcc_document_method_e   method;
    ngx_str_t                   endpoint;      /* absolute */
    ngx_str_t                   endpoint_where;
    ngx_array_t                 headers;       /* items */
    oauthcc_params_t            params;
    ngx_uint_t                  text;          /* format */

    ngx_array_t                 api_headers;
    ngx_array_t                 api_query;

    oauthcc_document_expires_e  expires;
    ngx_msec_t                  life;          /* if fixed, in ms */
    oauthcc_expression_t       *point;
    ngx_uint_t                  milliseconds;  /* if it is a number */
    ngx_str_t                   where;         /* of expires */

    ngx_str_t                   key;           /* part of the cache key */
};


/* state while a document is read */

typedef struct {
    oauthcc_expression_parse_t   reader;
    ngx_log_t                   *log;
    oauthcc_document_request_t  *login;

    json_t                      *authentication;
    json_t                      *base;    /* baseUrl */
    ngx_str_t                    where;   /* of authentication */
    ngx_str_t                    parent;  /* of that */
} oauthcc_document_t;


/*
 * Reads the parts "apiRequest" and "expires" of a document into doc->login.
 * Returns what oauthcc_document_read() does.
 */
ngx_int_t oauthcc_document_api_api(oauthcc_document_t *doc);
ngx_int_t oauthcc_document_api_expires(oauthcc_document_t *doc);

/*
 * Reads the headers or arguments below "where".  Where the response is
 * available, a bare string may be a path in it.
 */
ngx_int_t oauthcc_document_api_items(oauthcc_document_t *doc, json_t *parent,
    ngx_str_t *where, const char *member, ngx_uint_t header,
    ngx_array_t *fields);

/* PHP's empty(): true of [], {}, null, false, 0, "" and "0". */
ngx_uint_t oauthcc_document_api_empty(json_t *value);

/* Whether this is no object; PHP writes an empty object as []. */
ngx_uint_t oauthcc_document_api_none(json_t *value);

/* Warns of each member of an object whose name is not in the list. */
void oauthcc_document_api_known(oauthcc_document_t *doc, json_t *object,
    ngx_str_t *where, const char **names);

/*
 * The names of the headers and arguments that its credentials set; they lie in
 * the pool.  NGX_ERROR: out of memory.
 */
ngx_int_t oauthcc_document_api_absent(oauthcc_document_request_t *login_json,
    ngx_pool_t *pool, oauthcc_fields_t *stripped);


#endif /* _OAUTHCC_DOCUMENT_API_H_INCLUDED_ */
