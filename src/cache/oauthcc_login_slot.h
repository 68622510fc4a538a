
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_LOGIN_SLOT_H_INCLUDED_
#define _OAUTHCC_LOGIN_SLOT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_cache.h"


/* Logins of requests' own, for providers with one for each request. */

/*
 * Asks for a login of a request's own.  The state is LEAD, with the lease;
 * WAIT: there are as many as may be; BACKOFF or FULL.
 */
void oauthcc_login_slot_ask(oauthcc_cache_t *cache, u_char *digest,
    oauthcc_cache_query_t *query, oauthcc_cache_result_t *result);

/*
 * Ends it: with a failure, "done", or, with neither, as if it had never been.
 */
void oauthcc_login_slot_end(oauthcc_cache_t *cache, u_char *digest,
    u_char *client, uint64_t lease, ngx_uint_t done,
    oauthcc_cache_failed_t *failed);


#endif /* _OAUTHCC_LOGIN_SLOT_H_INCLUDED_ */
