
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_clock.h"
#include "cache/oauthcc_place.h"
#include "cache/oauthcc_backoff.h"
#include "cache/oauthcc_blocks.h"
#include "cache/oauthcc_content.h"
#include "cache/oauthcc_lock.h"
#include "cache/oauthcc_entry.h"
#include "cache/oauthcc_lease.h"
#include "cache/oauthcc_slot.h"
#include "core/oauthcc_lifetime.h"


/* a single login, until an outage of the server is over */
#define oauthcc_place_max(client, query)                                      \
    (((client)->failures || (client)->untried) ? 1 : (query)->max_logins)


static ngx_uint_t oauthcc_place_come(oauthcc_client_node_t *client,
    oauthcc_turn_e class, oauthcc_cache_query_t *query,
    oauthcc_cache_result_t *result);


void
oauthcc_place_leave(oauthcc_cache_t *cache, u_char *client_digest,
    oauthcc_turn_e class, ngx_uint_t *notify)
{
    oauthcc_client_node_t  *client;

    oauthcc_lock_take(cache);

    client = oauthcc_lease_lookup(cache, client_digest);

    *notify = client ? oauthcc_turn_leave(cache, client, class) : 0;

    oauthcc_lock_release(cache);
}


ngx_uint_t
oauthcc_place_take(oauthcc_cache_t *cache, oauthcc_entry_t *entry,
    oauthcc_cache_query_t *query, oauthcc_cache_result_t *result)
{
    oauthcc_turn_e          class;
    oauthcc_lease_t        *lease;
    oauthcc_client_node_t  *client;

    client = entry->client;
    class = oauthcc_turn_class(entry);

    if (!oauthcc_place_come(client, class, query, result)) {
        return 0;
    }

    while ((lease = oauthcc_lease_dead(client)) != NULL) {
        oauthcc_place_end(cache, client, lease);
    }

    lease = &entry->lease;

    if (query->per_request) {
        lease = oauthcc_entry_alloc(cache, sizeof(oauthcc_lease_t), entry);

        if (lease == NULL) {
            result->state = OAUTHCC_CACHE_FULL;
            return 0;
        }

        lease->per_request = 1;
        client->entries++;
    }

    oauthcc_lease_take(cache, client, lease, class, query->lease);

    result->notify = oauthcc_turn_taken(cache, client, class,
                                        oauthcc_place_max(client, query));

    entry->history.ordered = entry->history.wanted && !entry->history.news;
    entry->history.wanted = 0;

    if (query->refused && entry->serial == query->refused) {
        entry->history.was_forced = 1;
        entry->history.forcing = 1;
        entry->history.forced_at = oauthcc_clock_msec();

    } else if (oauthcc_lease_retries(entry)) {
        lease->retry = 1;
        oauthcc_lease_retried(client);
    }

    result->lease = lease->number;

    return 1;
}


void
oauthcc_place_lead(oauthcc_cache_t *cache, oauthcc_entry_t *entry,
    oauthcc_cache_query_t *query, oauthcc_cache_result_t *result)
{
    result->state = OAUTHCC_CACHE_WAIT;

    if (oauthcc_place_take(cache, entry, query, result)) {
        result->state = OAUTHCC_CACHE_LEAD;
        result->waited = result->lease;
        result->leader = ngx_pid;
        result->deadline = oauthcc_clock_msec() + query->lease;
    }
}


void
oauthcc_place_wait(oauthcc_entry_t *entry, oauthcc_cache_result_t *result)
{
    result->state = OAUTHCC_CACHE_WAIT;
    result->waited = entry->lease.number;
    result->leader = entry->lease.leader;
    result->deadline = entry->lease.deadline;
}


oauthcc_entry_t *
oauthcc_place_new(oauthcc_cache_t *cache, u_char *digest,
    oauthcc_cache_query_t *query, oauthcc_cache_result_t *result)
{
    oauthcc_client_node_t  *client;

    client = oauthcc_lease_lookup(cache, query->origin.client);

    if (client) {
        query->outdated = !oauthcc_content_newest(cache, client,
                                                  &query->content);

        result->retry_after = oauthcc_lease_backoff(client, 0,
                                                    query->outdated);

        if (result->retry_after) {
            result->failure = client->failure;
            result->told = oauthcc_lease_tell_new(client, result->retry_after);
            oauthcc_backoff_wait(query, result->retry_after, result);
            return NULL;
        }

        result->state = OAUTHCC_CACHE_WAIT;

        if (!oauthcc_place_come(client, OAUTHCC_TURN_NEW, query, result)) {
            return NULL;
        }

        if (!oauthcc_lease_may_grow(client)) {

            /* keep no place for an entry that must not be created yet */

            result->place = 1;
            result->class = OAUTHCC_TURN_NEW;
            return NULL;
        }
    }

    result->state = OAUTHCC_CACHE_FULL;

    return oauthcc_entry_create(cache, digest, &query->origin);
}


oauthcc_entry_t *
oauthcc_place_restore(oauthcc_cache_t *cache, u_char *digest,
    oauthcc_entry_t *entry, oauthcc_cache_query_t *query)
{
    oauthcc_issued_t       login;
    oauthcc_credential_t  *copy;

    copy = query->copy;

    if (cache->shared->dropped > cache->shared->reset
        || oauthcc_slot_before(cache->shared, query->version)
           != query->generation
        || oauthcc_lifetime_reached(oauthcc_clock_msec(), copy->usable)
        || copy->serial == query->refused)
    {
        return entry;
    }

    if (entry == NULL) {
        entry = oauthcc_entry_create(cache, digest, &query->origin);

        if (entry == NULL) {
            return NULL;
        }
    }

    ngx_memzero(&login, sizeof(oauthcc_issued_t));

    login.packed = copy->packed;
    login.expires = copy->expires;
    login.usable = copy->usable;
    login.refresh = oauthcc_clock_msec();
    login.login_time = copy->login_time;
    login.content = query->content;

    if (oauthcc_entry_store(cache, entry, &login) == NGX_OK) {
        entry->serial = copy->serial;
    }

    return entry;
}


void
oauthcc_place_end(oauthcc_cache_t *cache, oauthcc_client_node_t *client,
    oauthcc_lease_t *lease)
{
    oauthcc_lease_end(cache, client, lease);

    if (lease->per_request) {
        oauthcc_blocks_free(cache->shared, lease);
        oauthcc_entry_leave(cache, client);
    }
}


static ngx_uint_t
oauthcc_place_come(oauthcc_client_node_t *client, oauthcc_turn_e class,
    oauthcc_cache_query_t *query, oauthcc_cache_result_t *result)
{
    if (oauthcc_turn_come(client, class, oauthcc_place_max(client, query),
                          &query->turn))
    {
        return 1;
    }

    result->place = 1;
    result->class = class;

    if (client->failures) {
        oauthcc_backoff_wait(query, 0, result);
        result->failure = client->failure;
    }

    return 0;
}
