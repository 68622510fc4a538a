
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_LOGIN_DPOP_H_INCLUDED_
#define _OAUTHCC_LOGIN_DPOP_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "http/oauthcc_http_request.h"
#include "oauth/oauthcc_token_response.h"
#include "token/oauthcc_login_job.h"


/*
 * DPoP at the token endpoint (RFC 9449 sections 5 and 8): a proof goes with
 * each token request, and a server that wants a nonce in it gets one.
 */


/* of a login; zeroed at first */

typedef struct {
    ngx_str_t   origin;      /* of the present request, in the job's pool */
    ngx_str_t   nonce;       /* that it was sent with */
    ngx_uint_t  challenged;  /* it was repeated for another nonce */
} oauthcc_login_dpop_t;


/* Adds a proof to a request that has been built.  NGX_ERROR: there is none. */
ngx_int_t oauthcc_login_dpop_add(oauthcc_login_job_t *job,
    oauthcc_login_dpop_t *dpop, ngx_pool_t *pool,
    oauthcc_http_request_t *request);

/* Keeps the nonce of a response.  Returns whether it is another one. */
ngx_uint_t oauthcc_login_dpop_learn(oauthcc_login_job_t *job,
    oauthcc_login_dpop_t *dpop, oauthcc_response_t *response);

/*
 * Whether a login that was refused is to be sent again, once, with the nonce
 * that has come with the refusal.
 */
ngx_uint_t oauthcc_login_dpop_again(oauthcc_login_job_t *job,
    oauthcc_login_dpop_t *dpop, ngx_uint_t learnt, ngx_uint_t status,
    ngx_str_t *error);

/* Logs what to check, if this error of a login says that it was the proof. */
void oauthcc_login_dpop_warn(oauthcc_login_job_t *job, ngx_str_t *error);


#endif /* _OAUTHCC_LOGIN_DPOP_H_INCLUDED_ */
