
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_content.h"
#include "cache/oauthcc_lease.h"
#include "cache/oauthcc_lock.h"
#include "core/oauthcc_clock.h"
#include "core/oauthcc_lifetime.h"


ngx_uint_t
oauthcc_content_newest(oauthcc_cache_t *cache, oauthcc_client_node_t *client,
    oauthcc_content_t *content)
{
    ngx_uint_t          older;
    oauthcc_content_t  *newest;

    newest = &client->content;

    older = oauthcc_lifetime_reached(newest->read_at, content->read_at);

    if (content->digest == newest->digest) {

        if (!older) {
            newest->read_at = content->read_at;
        }

        return 1;
    }

    if (newest->digest) {

        if (older) {
            return 0;
        }

        client->failures = 0;
        client->rotations++;
        client->untried = 1;
        client->outdated = 0;

        oauthcc_lease_free_place(cache, client);
    }

    *newest = *content;

    return 1;
}


void
oauthcc_content_forgive(oauthcc_cache_t *cache, u_char *client_digest,
    oauthcc_content_t *content)
{
    oauthcc_client_node_t  *client;

    oauthcc_lock_take(cache);

    client = oauthcc_lease_lookup(cache, client_digest);

    if (client) {
        (void) oauthcc_content_newest(cache, client, content);
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
