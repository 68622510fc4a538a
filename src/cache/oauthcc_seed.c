
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include "cache/oauthcc_seed.h"


ngx_int_t
oauthcc_seed_init(oauthcc_zone_t *shared)
{
    if (RAND_bytes(shared->seed, OAUTHCC_SEED_LEN) != 1) {
        ERR_clear_error();
        return NGX_ERROR;
    }

    return NGX_OK;
}


u_char *
oauthcc_seed_get(oauthcc_cache_t *cache, uint64_t *generation)
{
    oauthcc_zone_t  *shared;

    shared = cache->shared;

    *generation = __atomic_load_n(&shared->reset, __ATOMIC_RELAXED);

    return shared->seed;
}
