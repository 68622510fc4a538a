
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_LOGIN_H_INCLUDED_
#define _OAUTHCC_LOGIN_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "token/oauthcc_login_job.h"


/*
 * Logs in under this lease, and ends it, whatever happens: with a credential
 * in the zone, or with a failure and a line in the log.  All who wait are
 * told.  It may have ended when this returns.
 */
void oauthcc_login_start(oauthcc_local_t *local, uint64_t lease);

/*
 * The same for a login of a request's own: what it gave goes to the handler
 * alone.  *job is it while it is on its way, to be aborted if need be, and is
 * not touched after the handler's call.
 */
void oauthcc_login_start_own(oauthcc_local_t *local, uint64_t lease,
    oauthcc_login_job_own_pt handler, void *data, oauthcc_login_job_t **job);

/* How many are on their way in this worker. */
ngx_uint_t oauthcc_login_running(void);

/* Gives back what a provider has from files and discovery: the worker ends. */
void oauthcc_login_free(oauthcc_provider_t *provider);


#endif /* _OAUTHCC_LOGIN_H_INCLUDED_ */
