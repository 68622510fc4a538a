
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _NGX_HTTP_OAUTHCC_PRESENCE_H_INCLUDED_
#define _NGX_HTTP_OAUTHCC_PRESENCE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_types.h"
#include "cache/oauthcc_zone.h"


/*
 * How many requests wait for an entry in this worker, in the zone, for who
 * wants to know it of all workers.
 */

/* The copy has another number of waiters now: see nwaiters. */
void ngx_http_oauthcc_presence_update(ngx_http_oauthcc_copy_t *copy);

/* Frees that of a worker that was killed; to be called under the lock. */
void ngx_http_oauthcc_presence_drop(ngx_http_oauthcc_cache_t *cache,
    ngx_http_oauthcc_presence_t *presence);


#endif /* _NGX_HTTP_OAUTHCC_PRESENCE_H_INCLUDED_ */
