
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_login_slot.h"
#include "cache/oauthcc_lease.h"
#include "cache/oauthcc_entry.h"


static uint64_t oauthcc_login_slot_take(oauthcc_cache_t *cache,
    oauthcc_entry_t *entry, ngx_msec_t lease, ngx_uint_t max,
    ngx_uint_t *full);
static ngx_uint_t oauthcc_login_slot_give(oauthcc_cache_t *cache,
    u_char *client_digest, uint64_t lease);
static void oauthcc_login_slot_drop(oauthcc_cache_t *cache,
    oauthcc_client_node_t *client, oauthcc_login_slot_t *own);


void
oauthcc_login_slot_ask(oauthcc_cache_t *cache, u_char *digest,
    oauthcc_cache_query_t *query, oauthcc_cache_result_t *result)
{
    ngx_msec_t        wait;
    ngx_uint_t        full, max;
    oauthcc_entry_t  *entry;

    ngx_memzero(result, sizeof(oauthcc_cache_result_t));

    result->state = OAUTHCC_CACHE_FULL;

    ngx_shmtx_lock(&cache->shpool->mutex);

    entry = oauthcc_entry_lookup(cache, digest);

    if (entry == NULL) {
        entry = oauthcc_entry_create(cache, digest, &query->origin);
    }

    if (entry == NULL) {
        goto done;
    }

    oauthcc_entry_use(cache, entry);

    result->version = &entry->slot->version;
    result->generation = entry->slot->version.generation;

    wait = oauthcc_cache_held(entry, 0);

    if (wait) {
        result->state = OAUTHCC_CACHE_BACKOFF;
        result->retry_after = wait;
        result->told = oauthcc_lease_tell(entry, wait);
        oauthcc_cache_reason(entry, &result->failure);
        goto done;
    }

    full = 0;
    max = entry->client->failures ? 1 : query->max_logins;

    result->lease = oauthcc_login_slot_take(cache, entry, query->lease, max,
                                            &full);

    if (result->lease) {
        result->state = OAUTHCC_CACHE_LEAD;

    } else if (!full) {
        result->state = OAUTHCC_CACHE_WAIT;
    }

done:

    ngx_shmtx_unlock(&cache->shpool->mutex);
}


void
oauthcc_login_slot_end(oauthcc_cache_t *cache, u_char *digest, u_char *client,
    uint64_t lease, ngx_uint_t done, oauthcc_cache_failed_t *failed)
{
    oauthcc_entry_t  *entry;

    ngx_shmtx_lock(&cache->shpool->mutex);

    entry = oauthcc_entry_lookup(cache, digest);

    if (oauthcc_login_slot_give(cache, client, lease) && entry) {

        if (failed) {
            oauthcc_cache_failed(cache, entry, lease, failed);

        } else if (done) {
            entry->history->nlogins++;
            entry->history->failures = 0;
            entry->client->failures = 0;
        }
    }

    ngx_shmtx_unlock(&cache->shpool->mutex);
}


/*
 * The lease; 0 if the client node has "max" of them that are alive, or if
 * there is no room: then *full is set.
 */

static uint64_t
oauthcc_login_slot_take(oauthcc_cache_t *cache, oauthcc_entry_t *entry,
    ngx_msec_t lease, ngx_uint_t max, ngx_uint_t *full)
{
    ngx_uint_t              n;
    ngx_queue_t            *q, *next;
    oauthcc_login_slot_t   *own;
    oauthcc_zone_t         *shared;
    oauthcc_client_node_t  *client;

    shared = cache->shared;
    client = entry->client;

    n = 0;

    for (q = ngx_queue_head(&client->own);
         q != ngx_queue_sentinel(&client->own);
         q = next)
    {
        next = ngx_queue_next(q);
        own = ngx_queue_data(q, oauthcc_login_slot_t, queue);

        if (oauthcc_lease_held(own->leader, own->deadline)) {
            n++;

        } else {
            oauthcc_login_slot_drop(cache, client, own);
        }
    }

    if (n >= max) {
        return 0;
    }

    own = oauthcc_entry_alloc(cache, sizeof(oauthcc_login_slot_t), 1, entry);
    if (own == NULL) {
        *full = 1;
        return 0;
    }

    own->leader = ngx_pid;
    own->retry = oauthcc_lease_retries(entry);
    own->deadline = ngx_current_msec + lease;
    own->lease = ++shared->generation;

    ngx_queue_insert_tail(&client->own, &own->queue);

    client->entries++;

    if (own->retry) {
        oauthcc_lease_retried(client);
    }

    return own->lease;
}


static ngx_uint_t
oauthcc_login_slot_give(oauthcc_cache_t *cache, u_char *client_digest,
    uint64_t lease)
{
    ngx_queue_t            *q;
    oauthcc_login_slot_t   *own;
    oauthcc_client_node_t  *client;

    client = oauthcc_lease_lookup(cache, client_digest);

    if (client == NULL) {
        return 0;
    }

    for (q = ngx_queue_head(&client->own);
         q != ngx_queue_sentinel(&client->own);
         q = ngx_queue_next(q))
    {
        own = ngx_queue_data(q, oauthcc_login_slot_t, queue);

        if (own->lease == lease) {
            oauthcc_login_slot_drop(cache, client, own);
            return 1;
        }
    }

    return 0;
}


/* The client node may go with it. */

static void
oauthcc_login_slot_drop(oauthcc_cache_t *cache, oauthcc_client_node_t *client,
    oauthcc_login_slot_t *own)
{
    ngx_queue_remove(&own->queue);
    ngx_slab_free_locked(cache->shpool, own);

    oauthcc_entry_leave(cache, client);
}
