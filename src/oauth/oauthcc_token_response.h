
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_TOKEN_RESPONSE_H_INCLUDED_
#define _OAUTHCC_TOKEN_RESPONSE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_fields.h"
#include "oauth/oauthcc_token_error.h"
#include "oauth/oauthcc_token_lifetime.h"


#define OAUTHCC_TOKEN_RESPONSE_MAX_LIFE  OAUTHCC_TOKEN_LIFETIME_MAX


/* what a login response says; all strings lie in the pool of the call */

typedef struct {
    ngx_str_t          access_token;
    ngx_msec_t         life;  /* milliseconds, 0: it has ended */

    /* what was granted, if the server says so; then there is data */
    ngx_str_t          scope;

    oauthcc_token_error_t  said;

    /* why the response is refused: a static text, NULL if it is not */
    char              *reason;

    /* of a login by a document: where in it the reason is */
    ngx_str_t          where;

    /* what such a login puts on requests; NULL: the usual header */
    oauthcc_fields_t  *fields;

    /* expires_in was there and meant nothing: default_life is in life */
    unsigned           bad_expires:1;
} oauthcc_token_response_t;


/*
 * Reads a complete login response (RFC 6749 section 5).  status is the HTTP
 * status, date its Date or 0, token_type one more type to take as a bearer
 * token (may be empty), default_life the life in milliseconds of a token that
 * names none.  With dpop the only type is DPoP (RFC 9449 section 5).
 *
 * NGX_OK: t->access_token and t->life hold.  NGX_DECLINED: t->reason says
 * why not, t->said what the server has said.  NGX_ERROR: no memory.
 */
ngx_int_t oauthcc_token_response_parse(ngx_pool_t *pool, ngx_uint_t status,
    u_char *body, size_t len, time_t date, ngx_str_t *token_type,
    ngx_uint_t dpop, ngx_msec_t default_life, oauthcc_token_response_t *t);

/* The said of a response that is no token for another reason.  The same. */
ngx_int_t oauthcc_token_response_said(ngx_pool_t *pool, ngx_uint_t success,
    u_char *body, size_t len, oauthcc_token_error_t *said);

/*
 * How long a token is good that this response has, into t->life, which stays
 * as it is if nobody says it; t->bad_expires: "expires_in" means nothing.
 * NGX_ERROR: no memory.
 */
ngx_int_t oauthcc_token_response_life(ngx_pool_t *pool, json_t *root,
    ngx_str_t *token, time_t date, oauthcc_token_response_t *t);


#endif /* _OAUTHCC_TOKEN_RESPONSE_H_INCLUDED_ */
