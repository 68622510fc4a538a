
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_zone_key.h"
#include "cache/oauthcc_lock.h"


/*
 * What a worker leaves half written when it is killed is not "made": the next
 * one writes it anew, and the zone need not be emptied for it.
 */

void
oauthcc_zone_key_get(oauthcc_cache_t *cache, u_char key[OAUTHCC_ZONE_KEY])
{
    oauthcc_zone_t  *shared;

    shared = cache->shared;

    oauthcc_lock_read(cache);

    if (shared->key.made) {
        ngx_memcpy(key, shared->key.bytes, OAUTHCC_ZONE_KEY);

    } else {
        ngx_memcpy(shared->key.bytes, key, OAUTHCC_ZONE_KEY);
        __atomic_store_n(&shared->key.made, 1, __ATOMIC_RELEASE);
    }

    oauthcc_lock_release(cache);
}


ngx_uint_t
oauthcc_zone_key_made(oauthcc_cache_t *cache)
{
    return __atomic_load_n(&cache->shared->key.made, __ATOMIC_ACQUIRE);
}


uint64_t
oauthcc_zone_key_generation(oauthcc_cache_t *cache)
{
    return __atomic_load_n(&cache->shared->reset, __ATOMIC_RELAXED);
}
