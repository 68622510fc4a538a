
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_LOGIN_STORE_PUT_H_INCLUDED_
#define _OAUTHCC_LOGIN_STORE_PUT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "token/oauthcc_login_job.h"


/* The other gateways learn what has become of a login, see login_store. */


/*
 * Stores the token that was published.  1: the job ends itself later, DONE, or
 * FOUND if a newer token is to be published in its place; 0: there is nothing
 * to wait for.
 */
ngx_uint_t oauthcc_login_store_put_start(oauthcc_login_job_t *job);

/* The zone learns that the store has the token, or that it was purged. */
void oauthcc_login_store_put_settle(oauthcc_login_job_t *job);

/* Tells of a failure, whose backoff is known. */
void oauthcc_login_store_put_fail(oauthcc_login_job_t *job);


#endif /* _OAUTHCC_LOGIN_STORE_PUT_H_INCLUDED_ */
