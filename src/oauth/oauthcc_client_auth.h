
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_CLIENT_AUTH_H_INCLUDED_
#define _OAUTHCC_CLIENT_AUTH_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_provider_conf.h"


typedef enum {
    OAUTHCC_CLIENT_AUTH_BASIC = 0,
    OAUTHCC_CLIENT_AUTH_POST,
    OAUTHCC_CLIENT_AUTH_NONE,
    OAUTHCC_CLIENT_AUTH_KEY_JWT,
    OAUTHCC_CLIENT_AUTH_SECRET_JWT,
    OAUTHCC_CLIENT_AUTH_TLS,
    OAUTHCC_CLIENT_AUTH_SELF_SIGNED_TLS,
    OAUTHCC_CLIENT_AUTH_ASSERTION        /* client_assertion says so */
} oauthcc_client_auth_e;


/* values of assertion_use: the role of the JWT */

typedef enum {
    OAUTHCC_CLIENT_AUTH_USE_CLIENT = 0,
    OAUTHCC_CLIENT_AUTH_USE_GRANT,
    OAUTHCC_CLIENT_AUTH_USE_TOKEN
} oauthcc_client_auth_use_e;


/* the JWTs of a login, which the caller wipes; unused ones are empty */

typedef struct {
    ngx_str_t  client;
    ngx_str_t  grant;
} oauthcc_client_auth_jwts_t;


/* forms of id and secret in an Authorization header */

typedef enum {
    OAUTHCC_CLIENT_AUTH_AUTO = 0,
    OAUTHCC_CLIENT_AUTH_RFC6749,
    OAUTHCC_CLIENT_AUTH_RAW
} oauthcc_client_auth_encoding_e;


/*
 * Makes the key of a provider with private_key_jwt or client_secret_jwt from
 * its directives, and a trial assertion.  The key is freed with the pool.
 * NGX_DECLINED: *err has a message for the user, NGX_ERROR: out of memory.
 */
ngx_int_t oauthcc_client_auth_init(ngx_pool_t *pool,
    oauthcc_provider_t *provider, ngx_str_t *err);

/*
 * Makes the key again, from files that have changed; returns 1 if it is new.
 * If the new one is not valid, that is logged, and the old one stays in use.
 */
ngx_uint_t oauthcc_client_auth_renew(oauthcc_provider_t *provider,
    ngx_log_t *log);

/*
 * Adds what authenticates the client, except for its id and secret, to the
 * parameters of a login at this endpoint: a new assertion, or that of
 * client_assertion; also the assertion that is the grant, with this scope if
 * it has a claim for it, or the user of "grant_type password".  The caller
 * wipes *jwts when the parameters are written.  NGX_ERROR: the log has the
 * reason.
 */
ngx_int_t oauthcc_client_auth_pairs(oauthcc_provider_t *provider,
    ngx_str_t *endpoint, ngx_str_t *scope, ngx_pool_t *pool,
    ngx_array_t *pairs, oauthcc_client_auth_jwts_t *jwts);

void oauthcc_client_auth_wipe(oauthcc_client_auth_jwts_t *jwts);

/* Whether the scope of a request is a claim of the JWT. */
ngx_uint_t oauthcc_client_auth_scoped(oauthcc_provider_t *provider);

/*
 * Makes the JWT that is the token itself; scope and audience replace those of
 * the provider unless they are empty.  *life is its life in milliseconds from
 * now.  NGX_ERROR: the log has the reason.
 */
ngx_int_t oauthcc_client_auth_token(oauthcc_provider_t *provider,
    ngx_str_t *scope, ngx_str_t *audience, ngx_pool_t *pool, ngx_str_t *jwt,
    ngx_msec_t *life);


#endif /* _OAUTHCC_CLIENT_AUTH_H_INCLUDED_ */
