
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_WAITER_COUNT_H_INCLUDED_
#define _OAUTHCC_WAITER_COUNT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_provider_conf.h"
#include "cache/oauthcc_zone.h"


/*
 * How many requests wait for an entry in this worker, in the zone, for who
 * wants to know it of all workers.
 */

/* The local entry has another number of waiters now: see nwaiters. */
void oauthcc_waiter_count_update(oauthcc_cache_t *cache, void *stats,
    u_char *digest, ngx_uint_t waiters, void **counted);

/* Frees that of a worker that was killed; to be called under the lock. */
void oauthcc_waiter_count_drop(oauthcc_cache_t *cache,
    oauthcc_waiter_count_t *gauge);


#endif /* _OAUTHCC_WAITER_COUNT_H_INCLUDED_ */
