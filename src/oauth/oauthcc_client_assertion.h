
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_CLIENT_ASSERTION_H_INCLUDED_
#define _OAUTHCC_CLIENT_ASSERTION_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_provider_conf.h"
#include "oauth/oauthcc_signing_key.h"


/*
 * Assertions are dated back by this many seconds: many servers reject one that
 * is issued in the future, however little.
 */
#define OAUTHCC_CLIENT_ASSERTION_BACK  5


/* the claims of an assertion; belongs to the caller */

typedef struct {
    ngx_str_t     issuer;
    ngx_str_t     subject;   /* an empty one of these is left out */
    ngx_str_t     audience;
    ngx_str_t     kid;
    ngx_array_t  *claims;    /* oauthcc_claim_t; NULL: none */
    ngx_str_t     scope;     /* replaces the value of that claim */
    time_t        now;
    time_t        life;      /* seconds from iat to exp */
} oauthcc_client_assertion_t;


/*
 * Makes a JWT that is a grant, or that authenticates the client (RFC 7523
 * sections 2.1 and 2.2, OpenID Connect Core section 9), each with a new
 * identifier.  *jwt lies in the pool; the caller wipes it.  NGX_DECLINED: *err
 * is a text for the log, pool memory.  NGX_ERROR: out of memory.
 */
ngx_int_t oauthcc_client_assertion_build(ngx_pool_t *pool,
    oauthcc_signing_key_t *key, oauthcc_client_assertion_t *assertion,
    ngx_str_t *jwt, ngx_str_t *err);

/* Whether a text is JSON that is valid as the value of a claim. */
ngx_uint_t oauthcc_client_assertion_json(ngx_str_t *text);


#endif /* _OAUTHCC_CLIENT_ASSERTION_H_INCLUDED_ */
