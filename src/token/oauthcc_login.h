
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _NGX_HTTP_OAUTHCC_LOGIN_H_INCLUDED_
#define _NGX_HTTP_OAUTHCC_LOGIN_H_INCLUDED_


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
void ngx_http_oauthcc_login_start(ngx_http_oauthcc_copy_t *copy,
    uint64_t lease);

/*
 * The same for a login of a request's own: what it gave goes to the handler
 * alone.  *fetch is it while it is on its way, and is not touched after the
 * handler's call.
 */
void ngx_http_oauthcc_login_start_own(ngx_http_oauthcc_copy_t *copy,
    uint64_t lease, ngx_http_oauthcc_outcome_own_pt handler, void *data,
    ngx_http_oauthcc_fetch_t **fetch);

/* Reads files of the provider's that have changed; 1 if any has. */
ngx_uint_t ngx_http_oauthcc_login_reread(
    ngx_http_oauthcc_provider_t *provider);

/* Gives back what a provider has from files and discovery: the worker ends. */
void ngx_http_oauthcc_login_free(ngx_http_oauthcc_provider_t *provider);


#endif /* _NGX_HTTP_OAUTHCC_LOGIN_H_INCLUDED_ */
