
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
#include "login_json/oauthcc_expression_parse.h"


typedef enum {
    OAUTHCC_DOCUMENT_GET = 0,       /* params in the query */
    OAUTHCC_DOCUMENT_POST,          /* as JSON */
    OAUTHCC_DOCUMENT_FORM
} oauthcc_document_method_e;


typedef enum {
    OAUTHCC_DOCUMENT_USUAL = 0,     /* expires_in of the response */
    OAUTHCC_DOCUMENT_FIXED,
    OAUTHCC_DOCUMENT_EACH,          /* a login for each request */
    OAUTHCC_DOCUMENT_POINT,         /* a point of time */
    OAUTHCC_DOCUMENT_RELATIVE
} oauthcc_document_expires_e;


/* a header or an argument; what it is worth may be known at a login only */

typedef struct {
    ngx_str_t              name;
    oauthcc_expression_t  *value;
} oauthcc_document_item_t;


/* a login_json document, checked; lives as long as its provider */

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

    ngx_str_t                   key;           /* all that shapes it */
};


/* a document while it is taken apart */

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
 * What a document says of the requests to the API, "apiRequest" and
 * "expires", into doc->login.  The results are as those of reader_value().
 */
ngx_int_t oauthcc_document_api_api(oauthcc_document_t *doc);
ngx_int_t oauthcc_document_api_expires(oauthcc_document_t *doc);

/*
 * The headers, or arguments, that are a member of what is at "where".  Where
 * a response may be asked for, bare strings may be its paths.
 */
ngx_int_t oauthcc_document_api_items(oauthcc_document_t *doc, json_t *parent,
    ngx_str_t *where, const char *member, ngx_uint_t header,
    ngx_array_t *fields);

/* What PHP's empty() is true of: [], {}, null, false, 0, "" and "0" are. */
ngx_uint_t oauthcc_document_api_empty(json_t *value);

/* Whether there is no object: PHP writes one without members as []. */
ngx_uint_t oauthcc_document_api_none(json_t *value);

/* Warns of members of an object that have none of these names. */
void oauthcc_document_api_known(oauthcc_document_t *doc, json_t *object,
    ngx_str_t *where, const char **names);

/*
 * The names of what its credentials put on requests, in the pool.  NGX_ERROR:
 * no memory.
 */
ngx_int_t oauthcc_document_api_absent(oauthcc_document_request_t *login_json,
    ngx_pool_t *pool, oauthcc_fields_t *stripped);


#endif /* _OAUTHCC_DOCUMENT_API_H_INCLUDED_ */
