
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_LOCAL_STATS_H_INCLUDED_
#define _OAUTHCC_LOCAL_STATS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_cache_types.h"


/*
 * Request counts of this worker.  They are added to the zone a second after
 * the first change, so that a request costs no write to shared memory.
 */

/* Call it once in a worker. */
void oauthcc_local_stats_start(ngx_cycle_t *cycle, oauthcc_cache_t *cache);

/* Counts a finished request with this status. */
void oauthcc_local_stats_request(oauthcc_local_t *local,
    oauthcc_cache_status_e status);

/* Counts a request without a provider, and a replay. */
void oauthcc_local_stats_bypass(void);
void oauthcc_local_stats_replay(oauthcc_local_t *local);

/* Counts a refused token whose request is not replayed. */
void oauthcc_local_stats_refusal(oauthcc_local_t *local);

/* Counts a server's demand for another nonce in a DPoP proof. */
void oauthcc_local_stats_challenge(oauthcc_local_t *local,
    oauthcc_nonce_challenge_e challenge);

/*
 * Adds the counts to the zone, in slices; 1: the rest follows by itself, or
 * with the next call.
 */
ngx_uint_t oauthcc_local_stats_fold(void);


#endif /* _OAUTHCC_LOCAL_STATS_H_INCLUDED_ */
