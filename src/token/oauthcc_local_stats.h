
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_LOCAL_STATS_H_INCLUDED_
#define _OAUTHCC_LOCAL_STATS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_cache_types.h"


/*
 * What this worker has counted of its requests.  It is taken to the zone by a
 * timer, a second after the first change, so that a request costs no shared
 * write.
 */

/* To be called once in a worker. */
void oauthcc_local_stats_start(ngx_cycle_t *cycle, oauthcc_cache_t *cache);

/* A request has ended with this status. */
void oauthcc_local_stats_request(oauthcc_local_t *local,
    oauthcc_cache_status_e status);

/* One without a provider, and one that is sent once more. */
void oauthcc_local_stats_bypass(void);
void oauthcc_local_stats_replay(oauthcc_local_t *local);

/* The token of one was refused, and it is not sent once more. */
void oauthcc_local_stats_refusal(oauthcc_local_t *local);

/*
 * Takes it to the zone now, but no more than is soon done; 1: there is more,
 * which follows by itself, or by the next call.
 */
ngx_uint_t oauthcc_local_stats_fold(void);


#endif /* _OAUTHCC_LOCAL_STATS_H_INCLUDED_ */
