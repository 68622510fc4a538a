
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_LOGIN_STORE_IMPORT_H_INCLUDED_
#define _OAUTHCC_LOGIN_STORE_IMPORT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "store/oauthcc_store.h"
#include "token/oauthcc_login_job.h"


/* A token of another gateway, from the store. */


/* Whether it is good for longer than the margin of this gateway. */
ngx_uint_t oauthcc_login_store_import_usable(oauthcc_login_job_t *job,
    oauthcc_store_value_t *value);

/* Makes it the result of the job. */
void oauthcc_login_store_import_take(oauthcc_login_job_t *job,
    oauthcc_store_value_t *value);


#endif /* _OAUTHCC_LOGIN_STORE_IMPORT_H_INCLUDED_ */
