
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_readiness.h"
#include "cache/oauthcc_cache.h"
#include "cache/oauthcc_entry.h"


oauthcc_readiness_e
oauthcc_readiness_get(oauthcc_cache_t *cache, u_char *digest)
{
    oauthcc_entry_t      *entry;
    oauthcc_history_t    *history;
    oauthcc_readiness_e   state;

    state = OAUTHCC_READINESS_NO_TOKEN;

    ngx_shmtx_lock(&cache->shpool->mutex);

    entry = oauthcc_entry_lookup(cache, digest);

    if (entry) {
        history = entry->history;

        if (oauthcc_cache_usable(entry)) {
            state = OAUTHCC_READINESS_TOKEN;

        } else if (entry->client->failures
                   || (history->failed && history->failed == history->ended))
        {
            state = OAUTHCC_READINESS_FAILING;
        }
    }

    ngx_shmtx_unlock(&cache->shpool->mutex);

    return state;
}
