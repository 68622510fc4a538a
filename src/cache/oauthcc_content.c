
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_content.h"
#include "cache/oauthcc_lease.h"
#include "cache/oauthcc_lock.h"
#include "core/oauthcc_clock.h"


void
oauthcc_content_forgive(oauthcc_cache_t *cache, u_char *client_digest)
{
    oauthcc_client_node_t  *client;

    oauthcc_lock_take(cache);

    client = oauthcc_lease_lookup(cache, client_digest);

    if (client) {
        client->failures = 0;
        client->rotations++;

        oauthcc_lease_free_place(cache, client);
    }

    oauthcc_lock_release(cache);
}


ngx_uint_t
oauthcc_content_stale(oauthcc_cache_t *cache, u_char *client_digest)
{
    uint32_t                now;
    ngx_uint_t              told;
    oauthcc_client_node_t  *client;

    now = (uint32_t) oauthcc_clock_msec() | 1;
    told = 1;

    oauthcc_lock_take(cache);

    client = oauthcc_lease_lookup(cache, client_digest);

    if (client
        && (client->stale == 0 || now - client->stale >= OAUTHCC_LEASE_TELL))
    {
        client->stale = now;
        told = 0;
    }

    oauthcc_lock_release(cache);

    return !told;
}
