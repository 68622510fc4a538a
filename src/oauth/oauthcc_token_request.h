
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_TOKEN_REQUEST_H_INCLUDED_
#define _OAUTHCC_TOKEN_REQUEST_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_provider_conf.h"
#include "http/oauthcc_http_request.h"


/* grants that take a token of a caller: RFC 8693 and RFC 7523 section 2.1 */
#define OAUTHCC_TOKEN_REQUEST_EXCHANGE                                        \
    "urn:ietf:params:oauth:grant-type:token-exchange"
#define OAUTHCC_TOKEN_REQUEST_BEARER                                          \
    "urn:ietf:params:oauth:grant-type:jwt-bearer"


/* what a token request is made of */

typedef struct {
    oauthcc_provider_t  *provider;

    /* of variables in token_endpoint; NULL: the provider's own */
    oauthcc_url_t       *endpoint;
    ngx_str_t            pass;

    /* in place of the provider's */
    oauthcc_pair_t      *parameters;
    ngx_uint_t           nparameters;

    ngx_str_t            subject_token; /* of the caller, or empty */
    ngx_uint_t           raw;        /* id and secret in Basic */
} oauthcc_token_request_t;


/*
 * Builds a token request (RFC 6749 section 4.4.2) in the pool.  NGX_ERROR if
 * memory runs out, or no assertion can be made: it has been logged.
 */
ngx_int_t oauthcc_token_request_build(oauthcc_token_request_t *from,
    ngx_pool_t *pool, oauthcc_http_request_t *request);

/*
 * Whether id and secret of the provider are sent in Basic, in a form that it
 * leaves to us, and which makes a difference.
 */
ngx_uint_t oauthcc_token_request_forms(oauthcc_provider_t *provider);


#endif /* _OAUTHCC_TOKEN_REQUEST_H_INCLUDED_ */
