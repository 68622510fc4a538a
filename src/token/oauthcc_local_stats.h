
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _NGX_HTTP_OAUTHCC_COUNTS_H_INCLUDED_
#define _NGX_HTTP_OAUTHCC_COUNTS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_types.h"


/*
 * What this worker has counted of its requests.  It is taken to the zone by a
 * timer, a second after the first change, so that a request costs no shared
 * write.
 */

/* To be called once in a worker. */
void ngx_http_oauthcc_counts_start(ngx_cycle_t *cycle,
    ngx_http_oauthcc_cache_t *cache);

/* A request has ended with this status. */
void ngx_http_oauthcc_counts_request(ngx_http_oauthcc_copy_t *copy,
    ngx_http_oauthcc_status_e status);

/* One without a provider, and one that is sent once more. */
void ngx_http_oauthcc_counts_bypass(void);
void ngx_http_oauthcc_counts_replay(ngx_http_oauthcc_copy_t *copy);

/* Takes all of it to the zone now. */
void ngx_http_oauthcc_counts_fold(void);


#endif /* _NGX_HTTP_OAUTHCC_COUNTS_H_INCLUDED_ */
