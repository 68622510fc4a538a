
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_WAITER_COUNT_H_INCLUDED_
#define _OAUTHCC_WAITER_COUNT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_zone.h"


/*
 * How many requests wait, in all workers, for an entry and for the entries of
 * a provider: for operators.  Nothing of it needs the lock.
 *
 * A worker that was killed leaves its own behind.  So a number counts only
 * together with how many workers have been started by then: with each new one,
 * such as the successor of that, all begin at zero, and who still has waiters
 * adds them again when he looks after them.
 */


/* what a worker has added, at first zeros; nobody else looks into it */

typedef struct {
    oauthcc_version_t  *version;
    uint32_t            workers;
    uint32_t            waiters;
} oauthcc_waiter_count_t;


/* A worker starts. */
void oauthcc_waiter_count_start(oauthcc_cache_t *cache);

/* So many of this worker wait now for the entry with this version. */
void oauthcc_waiter_count_update(oauthcc_cache_t *cache,
    oauthcc_stats_t *stats, oauthcc_version_t *version, ngx_uint_t waiters,
    oauthcc_waiter_count_t *counted);

/* How many wait: *count is that of a slot, or of a provider. */
uint32_t oauthcc_waiter_count_get(oauthcc_cache_t *cache, uint64_t *count);


#endif /* _OAUTHCC_WAITER_COUNT_H_INCLUDED_ */
