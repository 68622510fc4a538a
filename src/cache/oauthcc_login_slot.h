
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _NGX_HTTP_OAUTHCC_OWN_H_INCLUDED_
#define _NGX_HTTP_OAUTHCC_OWN_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_cache.h"


/* Logins of requests' own, for providers with one for each request. */

/*
 * Asks for a login of a request's own.  The state is LEAD, with the lease;
 * WAIT: there are as many as may be; BACKOFF or FULL.
 */
void ngx_http_oauthcc_own_ask(ngx_http_oauthcc_cache_t *cache,
    u_char *digest, ngx_http_oauthcc_cache_query_t *query,
    ngx_http_oauthcc_cache_result_t *result);

/*
 * Ends it: with a failure, "done", or, with neither, as if it had never been.
 */
void ngx_http_oauthcc_own_end(ngx_http_oauthcc_cache_t *cache,
    u_char *digest, u_char *account, uint64_t lease, ngx_uint_t done,
    ngx_http_oauthcc_cache_failed_t *failed);


#endif /* _NGX_HTTP_OAUTHCC_OWN_H_INCLUDED_ */
