
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_readiness.h"
#include "cache/oauthcc_backoff.h"
#include "cache/oauthcc_entry.h"
#include "cache/oauthcc_lock.h"


oauthcc_readiness_e
oauthcc_readiness_get(oauthcc_cache_t *cache, u_char *digest)
{
    oauthcc_entry_t      *entry;
    oauthcc_readiness_e   state;

    state = OAUTHCC_READINESS_NO_TOKEN;

    oauthcc_lock_read(cache);

    entry = oauthcc_entry_lookup(cache, digest);

    if (entry) {
        if (oauthcc_backoff_usable(entry)) {
            state = OAUTHCC_READINESS_TOKEN;

        } else if (entry->client->failures || entry->history.failing) {
            state = OAUTHCC_READINESS_FAILING;
        }
    }

    oauthcc_lock_release(cache);

    return state;
}
