
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_ZONE_KEY_H_INCLUDED_
#define _OAUTHCC_ZONE_KEY_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_zone.h"


/*
 * Copies the secret of the zone to key; where there is none yet, the bytes in
 * key become it.  It is the same in all workers, and lives as long as the
 * zone.
 */
void oauthcc_zone_key_get(oauthcc_cache_t *cache,
    u_char key[OAUTHCC_ZONE_KEY]);

/*
 * The number of the last reset of the zone, without the lock, never 0: all
 * that was in the zone before is gone.
 */
uint64_t oauthcc_zone_key_generation(oauthcc_cache_t *cache);

/* Whether there is one. */
ngx_uint_t oauthcc_zone_key_made(oauthcc_cache_t *cache);


#endif /* _OAUTHCC_ZONE_KEY_H_INCLUDED_ */
