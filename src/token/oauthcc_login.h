
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_LOGIN_H_INCLUDED_
#define _OAUTHCC_LOGIN_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "http/oauthcc_client.h"
#include "token/oauthcc_login_result.h"
#include "core/oauthcc_types.h"


/*
 * Logs in under this lease, and ends it, whatever happens: with a credential
 * in the zone, or with a failure and a line in the log.  All who wait are
 * told.  It may have ended when this returns.
 */
void oauthcc_login_start(oauthcc_local_t *local, uint64_t lease);

/*
 * The same for a login of a request's own: what it gave goes to the handler
 * alone.  *fetch is it while it is on its way, and is not touched after the
 * handler's call.
 */
void oauthcc_login_start_own(oauthcc_local_t *local, uint64_t lease,
    oauthcc_login_result_own_pt handler, void *data, oauthcc_client_t **fetch);

/* Reads files of the provider's that have changed; 1 if any has. */
ngx_uint_t oauthcc_login_reread(oauthcc_provider_t *provider);

/* Gives back what a provider has from files and discovery: the worker ends. */
void oauthcc_login_free(oauthcc_provider_t *provider);


#endif /* _OAUTHCC_LOGIN_H_INCLUDED_ */
