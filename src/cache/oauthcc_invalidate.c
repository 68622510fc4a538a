
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_clock.h"
#include "cache/oauthcc_invalidate.h"
#include "cache/oauthcc_backoff.h"
#include "cache/oauthcc_content.h"
#include "cache/oauthcc_lock.h"
#include "cache/oauthcc_lease.h"
#include "cache/oauthcc_outcome.h"
#include "cache/oauthcc_place.h"
#include "core/oauthcc_lifetime.h"
#include "cache/oauthcc_entry.h"
#include "cache/oauthcc_refusal.h"


/* an entry is refreshed on request at most once in this time, milliseconds */
#define OAUTHCC_INVALIDATE_EARLY         1000

/* entries that are dropped before the lock is released for a moment */
#define OAUTHCC_INVALIDATE_DROPS         100


static ngx_uint_t oauthcc_invalidate_due(oauthcc_entry_t *entry,
    oauthcc_refusal_t *refusal, ngx_msec_t interval);
static void oauthcc_invalidate_order(oauthcc_cache_t *cache,
    oauthcc_entry_t *entry, oauthcc_invalidate_order_t *order);
static void oauthcc_invalidate_await(oauthcc_entry_t *entry, uint64_t since,
    oauthcc_invalidate_order_t *order);


void
oauthcc_invalidate_refuse(oauthcc_cache_t *cache, u_char *digest,
    oauthcc_cache_query_t *query, uint32_t location, ngx_msec_t interval,
    oauthcc_cache_result_t *result)
{
    oauthcc_entry_t    *entry;
    oauthcc_refusal_t  *refusal;

    ngx_memzero(result, sizeof(oauthcc_cache_result_t));

    result->state = OAUTHCC_CACHE_HIT;

    oauthcc_lock_take(cache);

    entry = oauthcc_entry_lookup(cache, digest);

    if (entry == NULL || entry->serial != query->refused) {
        goto done;
    }

    refusal = oauthcc_refusal_note(cache, entry, location, interval);

    if (oauthcc_lease_leased(entry)) {
        oauthcc_place_wait(entry, result);
        goto done;
    }

    query->outdated = !oauthcc_content_newest(cache, entry->client,
                                              &query->content);

    if (oauthcc_backoff_held(entry, 1, query->outdated)
        || !oauthcc_invalidate_due(entry, refusal, interval))
    {
        result->state = OAUTHCC_CACHE_BACKOFF;
        goto done;
    }

    oauthcc_place_lead(cache, entry, query, result);

    if (refusal && result->state == OAUTHCC_CACHE_LEAD) {
        oauthcc_refusal_force(entry, refusal);
    }

done:

    oauthcc_lock_release(cache);
}


ngx_msec_t
oauthcc_invalidate_taken(oauthcc_cache_t *cache, u_char *digest,
    uint64_t serial, ngx_uint_t healed)
{
    ngx_msec_t        wait;
    oauthcc_entry_t  *entry;

    wait = 0;

    oauthcc_lock_take(cache);

    entry = oauthcc_entry_lookup(cache, digest);

    /* an answer about a token that was replaced is ignored */

    if (entry && entry->serial == serial) {
        wait = oauthcc_refusal_taken(cache, entry, healed);
    }

    oauthcc_lock_release(cache);

    return wait;
}


void
oauthcc_invalidate_refresh(oauthcc_cache_t *cache, u_char *client_digest,
    uint64_t *id, oauthcc_invalidate_order_t *order)
{
    oauthcc_entry_t        *entry;
    oauthcc_client_node_t  *client;

    order->found = 0;
    order->running = 0;
    order->early = 0;
    order->wanted = 0;
    order->ntargets = 0;

    oauthcc_lock_take(cache);

    client = oauthcc_lease_lookup(cache, client_digest);

    if (client == NULL) {
        goto done;
    }

    for (entry = oauthcc_entry_next(client, NULL);
         entry && order->found < OAUTHCC_INVALIDATE_ORDERS;
         entry = oauthcc_entry_next(client, entry))
    {
        if (id == NULL || entry->history.id == *id) {
            oauthcc_invalidate_order(cache, entry, order);
        }
    }

done:

    oauthcc_lock_release(cache);

    if (order->wanted) {
        oauthcc_zone_add(&cache->shared->wishes, 1);
    }
}


void
oauthcc_invalidate_grant(oauthcc_cache_t *cache, u_char *digest,
    oauthcc_cache_query_t *query, oauthcc_cache_result_t *result)
{
    oauthcc_entry_t  *entry;

    ngx_memzero(result, sizeof(oauthcc_cache_result_t));

    oauthcc_lock_take(cache);

    entry = oauthcc_entry_lookup(cache, digest);

    if (entry && entry->history.wanted) {

        if (oauthcc_lease_leased(entry)) {
            entry->history.wanted = 0;

        } else {
            (void) oauthcc_place_take(cache, entry, query, result);
        }
    }

    oauthcc_lock_release(cache);
}


ngx_uint_t
oauthcc_invalidate_purge(oauthcc_cache_t *cache, u_char *client_digest,
    uint64_t *id)
{
    ngx_uint_t              n, dropped;
    oauthcc_entry_t        *entry, *next;
    oauthcc_client_node_t  *client;

    dropped = 0;

    do {
        n = 0;

        oauthcc_lock_take(cache);

        /* after a reset it may be in no zone, but in a worker's copy */

        cache->shared->dropped = oauthcc_zone_next(cache->shared);

        client = oauthcc_lease_lookup(cache, client_digest);

        if (client == NULL) {
            oauthcc_lock_release(cache);
            break;
        }

        /* a purge of one entry does not end the backoff of the provider */

        if (id == NULL) {
            client->failures = 0;
        }

        /* keeps the node, which would be freed with its last entry */

        client->entries++;

        for (entry = oauthcc_entry_next(client, NULL);
             entry && n < OAUTHCC_INVALIDATE_DROPS;
             entry = next)
        {
            next = oauthcc_entry_next(client, entry);

            if (id == NULL || entry->history.id == *id) {
                oauthcc_entry_drop(cache, entry);
                n++;
            }
        }

        oauthcc_entry_leave(cache, client);

        oauthcc_lock_release(cache);

        dropped += n;

    } while (n == OAUTHCC_INVALIDATE_DROPS);

    return dropped;
}


/*
 * Whether a login may be forced: all locations together force at most one in
 * an interval.  refusal is NULL if the location has no record.
 */

static ngx_uint_t
oauthcc_invalidate_due(oauthcc_entry_t *entry, oauthcc_refusal_t *refusal,
    ngx_msec_t interval)
{
    oauthcc_history_t  *history;

    history = &entry->history;

    /* the worker of a forced login has died: the login is repeated */

    if (history->forcing) {
        return 1;
    }

    if (history->was_forced
        && !oauthcc_lifetime_reached(oauthcc_clock_msec(),
                                     history->forced_at + interval))
    {
        return 0;
    }

    return refusal == NULL || oauthcc_refusal_due(entry, refusal);
}


static void
oauthcc_invalidate_order(oauthcc_cache_t *cache, oauthcc_entry_t *entry,
    oauthcc_invalidate_order_t *order)
{
    oauthcc_history_t  *history;

    history = &entry->history;

    order->found++;

    if (oauthcc_lease_leased(entry)) {
        order->running++;
        oauthcc_invalidate_await(entry, entry->lease.number, order);
        return;
    }

    if (history->was_refreshed
        && (uint32_t) oauthcc_clock_msec() - history->refreshed
           < OAUTHCC_INVALIDATE_EARLY)
    {
        order->early++;
        return;
    }

    history->was_refreshed = 1;
    history->refreshed = (uint32_t) oauthcc_clock_msec();
    history->wanted = 1;
    entry->refresh = oauthcc_clock_msec();

    oauthcc_entry_changed(cache, entry);
    oauthcc_invalidate_await(entry, entry->version->generation, order);

    order->wanted++;
}


/* Somebody waits for the outcome of the login with this number, or later. */

static void
oauthcc_invalidate_await(oauthcc_entry_t *entry, uint64_t since,
    oauthcc_invalidate_order_t *order)
{
    if (order->targets == NULL) {
        return;
    }

    oauthcc_outcome_await(entry, since, &order->targets[order->ntargets++]);
}
