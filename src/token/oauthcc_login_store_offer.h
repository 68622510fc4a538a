
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_LOGIN_STORE_OFFER_H_INCLUDED_
#define _OAUTHCC_LOGIN_STORE_OFFER_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "token/oauthcc_login_job.h"


/*
 * The step in place of a login where a gateway has got a token while the store
 * was away: it is put there with the lease that login_store has got.
 */

ngx_uint_t oauthcc_login_store_offer_due(oauthcc_login_job_t *job);

void oauthcc_login_store_offer_start(oauthcc_login_job_t *job);


#endif /* _OAUTHCC_LOGIN_STORE_OFFER_H_INCLUDED_ */
