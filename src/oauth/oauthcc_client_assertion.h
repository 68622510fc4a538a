
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
 * An assertion is dated back by so many seconds: many servers take none that
 * comes from the future, by whatever little.
 */
#define OAUTHCC_CLIENT_ASSERTION_BACK  5


/* what an assertion says; belongs to the caller */

typedef struct {
    ngx_str_t     issuer;
    ngx_str_t     subject;   /* of these, an empty one is none */
    ngx_str_t     audience;
    ngx_str_t     kid;
    ngx_array_t  *claims;    /* oauthcc_claim_t; NULL: no more */
    ngx_str_t     scope;     /* in place of that claim's value */
    time_t        now;
    time_t        life;      /* seconds from iat to exp */
} oauthcc_client_assertion_t;


/*
 * Makes a JWT that is a grant, or proves who a client is (RFC 7523 sections
 * 2.1 and 2.2, OpenID Connect Core section 9), with an identifier of its own
 * each time.  *jwt lies in the pool and is for the caller to wipe.
 *
 * NGX_DECLINED with a text for the log in *err, which is static.  NGX_ERROR
 * when memory runs out.
 */
ngx_int_t oauthcc_client_assertion_build(ngx_pool_t *pool,
    oauthcc_signing_key_t *key, oauthcc_client_assertion_t *assertion,
    ngx_str_t *jwt, char **err);

/* Whether a text is JSON that may be the value of a claim. */
ngx_uint_t oauthcc_client_assertion_json(ngx_str_t *text);


#endif /* _OAUTHCC_CLIENT_ASSERTION_H_INCLUDED_ */
