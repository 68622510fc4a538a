
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_LOGIN_H_INCLUDED_
#define _OAUTHCC_LOGIN_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "token/oauthcc_caller.h"
#include "token/oauthcc_login_job.h"


/*
 * Logs in under this lease, and always ends the lease: with a credential in
 * the zone, or with a failure and a line in the log.  All waiters are told.
 * The login may have ended when this returns.  It copies what it needs of the
 * caller, NULL: nobody's request has started it.
 */
void oauthcc_login_start(oauthcc_local_t *local, oauthcc_caller_t *caller,
    uint64_t lease);

/*
 * The same for a login per request, whose credential goes to the handler only.
 * *job is set while the login is in flight, so that it can be aborted, and is
 * not touched after the handler was called.
 */
void oauthcc_login_start_per_request(oauthcc_local_t *local,
    oauthcc_caller_t *caller, uint64_t lease,
    oauthcc_login_job_give_pt handler, void *data, oauthcc_login_job_t **job);

/* The number of logins in flight in this worker. */
ngx_uint_t oauthcc_login_running(void);

/*
 * Frees what a provider has read from files and metadata; for the end of a
 * worker.
 */
void oauthcc_login_free(oauthcc_provider_t *provider);


#endif /* _OAUTHCC_LOGIN_H_INCLUDED_ */
