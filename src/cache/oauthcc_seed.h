
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_SEED_H_INCLUDED_
#define _OAUTHCC_SEED_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_zone.h"


/*
 * Random bytes of a zone, which live as long as it does: keys are derived from
 * them in each worker, so that all have the same ones, after a reload too.
 */


/* Makes them, with the zone.  NGX_ERROR: there is no randomness. */
ngx_int_t oauthcc_seed_init(oauthcc_zone_t *shared);

/*
 * OAUTHCC_SEED_LEN bytes, without the lock.  *generation is never 0, and is
 * another one after a reset of the zone: all tokens that are bound to a key of
 * the old one are gone.
 */
u_char *oauthcc_seed_get(oauthcc_cache_t *cache, uint64_t *generation);


#endif /* _OAUTHCC_SEED_H_INCLUDED_ */
