
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_STATS_H_INCLUDED_
#define _OAUTHCC_STATS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_cache.h"


/*
 * What is counted of the providers, in the zone.  Nothing of it needs the
 * lock but the making of counters.
 */

/*
 * The counters of the providers of this name, which is made if there is
 * none.  It lives as long as the zone.  NULL if the zone has no room.
 */
oauthcc_stats_t *oauthcc_stats_get(oauthcc_cache_t *cache, ngx_str_t *name);

/*
 * Adds what a worker has counted, to the entry with this version as well, if
 * there is one.
 */
void oauthcc_stats_add(oauthcc_cache_t *cache, oauthcc_stats_t *stats,
    oauthcc_version_t *version, oauthcc_counts_t *counts);

/* Counts a login that has ended after so many milliseconds. */
void oauthcc_stats_login(oauthcc_stats_t *stats, oauthcc_result_e result,
    ngx_msec_t duration);


#endif /* _OAUTHCC_STATS_H_INCLUDED_ */
