
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_LOCK_H_INCLUDED_
#define _OAUTHCC_LOCK_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_zone.h"


/*
 * Sets up a new zone, or takes over what is in it.  To be called from the
 * zone's init callback.  NGX_ERROR: it is too small.
 */
ngx_int_t oauthcc_lock_init(oauthcc_cache_t *cache, ngx_shm_zone_t *shm_zone);

/*
 * Takes the lock of the zone for a change, and gives it back.  It is that of
 * the slab pool, as the master frees no other when a process is killed.  What
 * was killed within a change leaves anything behind: the next one to take the
 * lock then empties the zone.  No entry of before is there after that.
 */
void oauthcc_lock_take(oauthcc_cache_t *cache);
void oauthcc_lock_release(oauthcc_cache_t *cache);

/*
 * Takes the lock to read alone, or to write what may be left half written: a
 * process may be killed meanwhile.
 */
void oauthcc_lock_read(oauthcc_cache_t *cache);


#endif /* _OAUTHCC_LOCK_H_INCLUDED_ */
