
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_LOGIN_SIGNED_H_INCLUDED_
#define _OAUTHCC_LOGIN_SIGNED_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "token/oauthcc_login_job.h"


/*
 * A step of a login, see login_job: signs a JWT that is the token, for
 * "assertion_use token".  No server is asked.
 */
ngx_uint_t oauthcc_login_signed_due(oauthcc_login_job_t *job);
void oauthcc_login_signed_start(oauthcc_login_job_t *job);


#endif /* _OAUTHCC_LOGIN_SIGNED_H_INCLUDED_ */
