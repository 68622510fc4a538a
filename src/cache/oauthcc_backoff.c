
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_backoff.h"
#include "cache/oauthcc_entry_text.h"
#include "cache/oauthcc_lease.h"
#include "cache/oauthcc_refusal.h"
#include "core/oauthcc_clock.h"
#include "core/oauthcc_lifetime.h"


/*
 * this close to its expiry, a token is used while another worker refreshes it,
 * milliseconds
 */
#define OAUTHCC_BACKOFF_LAST  1000

/* in a backoff a request waits for a try so long, in milliseconds */
#define OAUTHCC_BACKOFF_PATIENCE  1000


static ngx_uint_t oauthcc_backoff_last(oauthcc_entry_t *entry,
    oauthcc_cache_query_t *query);
static ngx_msec_t oauthcc_backoff_left(oauthcc_cache_query_t *query,
    ngx_msec_t most);


ngx_uint_t
oauthcc_backoff_usable(oauthcc_entry_t *entry)
{
    return entry->packed.data != NULL
           && !oauthcc_lifetime_reached(oauthcc_clock_msec(), entry->end);
}


ngx_uint_t
oauthcc_backoff_alive(oauthcc_entry_t *entry)
{
    return entry->packed.data != NULL
           && !oauthcc_lifetime_reached(oauthcc_clock_msec(), entry->expires);
}


ngx_msec_t
oauthcc_backoff_waits(oauthcc_entry_t *entry, ngx_uint_t outdated)
{
    int64_t             own;
    ngx_msec_t          all;
    oauthcc_history_t  *history;

    history = &entry->history;

    own = oauthcc_lease_failures(entry)
          ? (int64_t) (history->not_before - oauthcc_clock_msec()) : 0;
    all = oauthcc_lease_backoff(entry->client, oauthcc_backoff_alive(entry),
                                outdated);

    return ngx_max((ngx_msec_t) ngx_max(own, 0), all);
}


ngx_msec_t
oauthcc_backoff_held(oauthcc_entry_t *entry, ngx_uint_t forced,
    ngx_uint_t outdated)
{
    ngx_msec_t  wait;

    if (forced) {

        /* a forced login: earlier failures of this entry do not delay it */

        return oauthcc_lease_backoff(entry->client, 0, outdated);
    }

    wait = oauthcc_backoff_waits(entry, outdated);

    return wait ? wait : oauthcc_lease_pause(entry);
}


void
oauthcc_backoff_reason(oauthcc_entry_t *entry, oauthcc_failure_t *failure)
{
    if (oauthcc_lease_failures(entry)) {
        oauthcc_entry_text_get(entry, failure);
        return;
    }

    *failure = entry->client->failure;
}


ngx_uint_t
oauthcc_backoff_good(oauthcc_entry_t *entry, oauthcc_cache_query_t *query)
{
    if (entry->serial != query->refused && oauthcc_backoff_usable(entry)) {
        return 1;
    }

    if (!oauthcc_backoff_last(entry, query)) {
        return 0;
    }

    if (entry->client->failures || oauthcc_lease_failures(entry)
        || oauthcc_backoff_waits(entry, query->outdated)
        || oauthcc_backoff_margin(entry, query) == 0)
    {
        return 1;
    }

    return query->waited && entry->history.failed >= query->waited
           && !oauthcc_lease_leased(entry);
}


ngx_msec_t
oauthcc_backoff_margin(oauthcc_entry_t *entry, oauthcc_cache_query_t *query)
{
    int64_t  until;

    if (!oauthcc_backoff_last(entry, query)) {
        return 0;
    }

    until = (int64_t) (entry->expires - OAUTHCC_BACKOFF_LAST
                       - oauthcc_clock_msec());
    until = ngx_max(until, 0);

    return query->timeout
           ? ngx_min((ngx_msec_t) until,
                     oauthcc_backoff_left(query, query->timeout))
           : (ngx_msec_t) until;
}


void
oauthcc_backoff_wait(oauthcc_cache_query_t *query, ngx_msec_t due,
    oauthcc_cache_result_t *result)
{
    ngx_msec_t  left;

    left = oauthcc_backoff_left(query, ngx_min(query->timeout,
                                               OAUTHCC_BACKOFF_PATIENCE));

    result->retry_after = due ? due : OAUTHCC_BACKOFF_PATIENCE;

    if (left == 0 || due > left) {

        if (due || query->timeout) {
            result->state = OAUTHCC_CACHE_BACKOFF;
        }

        return;
    }

    result->patience = left;

    if (due) {
        result->state = OAUTHCC_CACHE_WAIT;
        result->patience = due;
        result->leader = ngx_pid;
        result->deadline = oauthcc_clock_msec() + due;
    }
}


/* Whether it has a token that may be used to its real end. */

static ngx_uint_t
oauthcc_backoff_last(oauthcc_entry_t *entry, oauthcc_cache_query_t *query)
{
    return entry->serial != query->refused && oauthcc_backoff_alive(entry)
           && !oauthcc_refusal_refused(entry);
}


/* Of so many milliseconds, those that a request has not waited yet. */

static ngx_msec_t
oauthcc_backoff_left(oauthcc_cache_query_t *query, ngx_msec_t most)
{
    int64_t  waited;

    waited = (int64_t) (oauthcc_clock_msec() - query->turn.since);
    waited = ngx_max(waited, 0);

    return most - (ngx_msec_t) ngx_min(waited, (int64_t) most);
}


ngx_uint_t
oauthcc_backoff_entry_only(oauthcc_client_node_t *client, uint32_t subject)
{
    ngx_uint_t  i;

    if (subject == 0) {
        oauthcc_backoff_succeeded(client);
        return 1;
    }

    for (i = 0; i < 2; i++) {

        if (client->broken[i] == 0) {
            client->broken[i] = subject;
            return 1;
        }

        if (client->broken[i] == subject) {
            return !client->broken_more;
        }
    }

    /* there is no room for the third one, and no need for it */

    client->broken_more = 1;

    return 0;
}


void
oauthcc_backoff_succeeded(oauthcc_client_node_t *client)
{
    client->broken_more = 0;
    client->broken[0] = 0;
    client->broken[1] = 0;
}
