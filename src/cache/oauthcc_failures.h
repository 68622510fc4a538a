
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_FAILURES_H_INCLUDED_
#define _OAUTHCC_FAILURES_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_cache.h"


/* The most recent failed logins, of all workers. */


/* Records a failed login of this entry, which may be gone. */
void oauthcc_failures_add(oauthcc_cache_t *cache, oauthcc_stats_t *stats,
    u_char *digest, oauthcc_cache_failed_t *failed);

/*
 * Copies up to n records, the most recent first; returns how many.  What is
 * recorded meanwhile is not among them.
 */
ngx_uint_t oauthcc_failures_read(oauthcc_cache_t *cache,
    oauthcc_zone_failed_t *to, ngx_uint_t n);

/* Whose it was: the counters of the provider. */
oauthcc_stats_t *oauthcc_failures_stats(oauthcc_cache_t *cache,
    oauthcc_zone_failed_t *record);


#endif /* _OAUTHCC_FAILURES_H_INCLUDED_ */
