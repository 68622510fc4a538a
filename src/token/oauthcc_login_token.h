
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_LOGIN_TOKEN_H_INCLUDED_
#define _OAUTHCC_LOGIN_TOKEN_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "token/oauthcc_login_job.h"


/* The step that requests a token from the token endpoint: always due. */
ngx_uint_t oauthcc_login_token_due(oauthcc_login_job_t *job);
void oauthcc_login_token_start(oauthcc_login_job_t *job);


#endif /* _OAUTHCC_LOGIN_TOKEN_H_INCLUDED_ */
