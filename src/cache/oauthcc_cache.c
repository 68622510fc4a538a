
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_clock.h"
#include "cache/oauthcc_cache.h"
#include "cache/oauthcc_backoff.h"
#include "cache/oauthcc_claims.h"
#include "cache/oauthcc_content.h"
#include "cache/oauthcc_lock.h"
#include "cache/oauthcc_lease.h"
#include "cache/oauthcc_place.h"
#include "core/oauthcc_lifetime.h"
#include "cache/oauthcc_credential.h"
#include "cache/oauthcc_entry.h"
#include "cache/oauthcc_entry_text.h"
#include "cache/oauthcc_refusal.h"


/*
 * another worker refreshes: ask again after this time, in case it dies;
 * milliseconds
 */
#define OAUTHCC_CACHE_RETRY  1000

/*
 * so long after a failed try, at least, a request that waits causes the next
 * one, even if the backoff is shorter; milliseconds
 */
#define OAUTHCC_CACHE_PAUSE  100

/* limit of the count of tokens in a row that came expired */
#define OAUTHCC_CACHE_ENDED  31


static void oauthcc_cache_failed(oauthcc_cache_t *cache,
    oauthcc_entry_t *entry, uint64_t lease, oauthcc_cache_failed_t *failed);
static void oauthcc_cache_succeeded(oauthcc_cache_t *cache,
    oauthcc_client_node_t *client, oauthcc_content_t *content);
static void oauthcc_cache_miss(oauthcc_cache_t *cache, oauthcc_entry_t *entry,
    oauthcc_cache_query_t *query, oauthcc_cache_result_t *result);
static void oauthcc_cache_backoff(oauthcc_entry_t *entry,
    oauthcc_cache_query_t *query, ngx_msec_t wait,
    oauthcc_cache_result_t *result);
static void oauthcc_cache_hit(oauthcc_cache_t *cache, oauthcc_entry_t *entry,
    oauthcc_cache_query_t *query, oauthcc_cache_result_t *result);


void
oauthcc_cache_acquire(oauthcc_cache_t *cache, u_char *digest,
    oauthcc_cache_query_t *query, oauthcc_cache_result_t *result)
{
    size_t                 size, room;
    oauthcc_credential_t  *credential;
    oauthcc_entry_t       *entry;

    credential = NULL;
    room = 0;

again:
    for ( ;; ) {

        ngx_memzero(result, sizeof(oauthcc_cache_result_t));

        oauthcc_lock_take(cache);

        entry = oauthcc_entry_lookup(cache, digest);

        if ((entry == NULL || entry->serial == 0) && query->copy) {
            entry = oauthcc_place_restore(cache, digest, entry, query);
        }

        if (entry == NULL) {
            entry = oauthcc_place_new(cache, digest, query, result);

            if (entry == NULL) {
                break;
            }
        }

        oauthcc_entry_use(cache, entry);

        query->outdated = !oauthcc_content_newest(cache, entry->client,
                                                  &query->content);

        if (!oauthcc_backoff_good(entry, query)) {
            oauthcc_cache_miss(cache, entry, query, result);
            break;
        }

        size = oauthcc_credential_size(&entry->packed);

        if (entry->serial == query->known) {
            oauthcc_cache_hit(cache, entry, query, result);
            break;
        }

        if (credential && size <= room) {
            oauthcc_entry_copy(cache, entry, credential);
            oauthcc_cache_hit(cache, entry, query, result);

            result->credential = credential;
            credential = NULL;
            break;
        }

        oauthcc_lock_release(cache);

        /* memory of the worker is not allocated under the lock */

        if (credential) {
            ngx_free(credential);
        }

        credential = ngx_alloc(size, ngx_cycle->log);
        if (credential == NULL) {
            result->state = OAUTHCC_CACHE_ERROR;
            return;
        }

        room = size;
    }

    oauthcc_lock_release(cache);

    if (oauthcc_lease_look() && result->state == OAUTHCC_CACHE_WAIT) {
        goto again;
    }

    if (credential) {
        ngx_free(credential);
    }
}


ngx_int_t
oauthcc_cache_publish(oauthcc_cache_t *cache, u_char *digest, uint64_t lease,
    oauthcc_origin_t *origin, oauthcc_issued_t *login)
{
    ngx_uint_t          news, scoped;
    oauthcc_entry_t    *entry;
    oauthcc_history_t  *history;

    oauthcc_lock_take(cache);

    entry = oauthcc_entry_lookup(cache, digest);

    if ((entry == NULL && lease < cache->shared->dropped)
        || (login->bound && login->bound != cache->shared->reset))
    {
        /* purged with its entry, or bound to a key that a reset has changed */
        oauthcc_lock_release(cache);
        return NGX_OK;
    }

    if (entry == NULL) {

        /* the zone was emptied during the login */

        entry = oauthcc_entry_create(cache, digest, origin);

        if (entry == NULL) {
            oauthcc_lock_release(cache);
            return NGX_DECLINED;
        }
    }

    if (entry->lease.number != lease
        && entry->serial > lease
        && oauthcc_backoff_usable(entry))
    {
        /* another login was faster: this one lost its lease */

        oauthcc_lock_release(cache);
        return NGX_OK;
    }

    if (login->ended) {
        oauthcc_credential_ended(login, entry->history.ended_logins);
    }

    scoped = (entry->history.awaited && login->scope);

    if (scoped) {
        login->packed.len += login->scope;
    }

    if (oauthcc_entry_store(cache, entry, login) != NGX_OK) {
        oauthcc_lock_release(cache);
        return NGX_DECLINED;
    }

    if (entry->lease.number == lease) {
        oauthcc_lease_end(cache, entry->client, &entry->lease);
    }

    oauthcc_cache_succeeded(cache, entry->client, &login->content);

    if (!login->imported) {
        entry->client->succeeded = oauthcc_clock_msec();
    }

    oauthcc_backoff_succeeded(entry->client);

    history = &entry->history;

    history->awaited = 0;
    history->scoped = scoped;
    history->unstored = (login->tag.version && !login->imported);

    history->nlogins += !login->imported;
    history->failing = history->failing && lease < history->failed;

    news = login->reduced && !history->reduced;
    history->reduced = (login->reduced != 0);
    login->reduced = news;

    if (login->ended == 0) {
        history->ended_logins = 0;

    } else if (history->ended_logins < OAUTHCC_CACHE_ENDED) {
        history->ended_logins++;
    }

    oauthcc_refusal_stored(cache, entry, login);

    history->failures = 0;
    history->not_before = oauthcc_clock_msec();

    oauthcc_lock_release(cache);

    return NGX_OK;
}


ngx_uint_t
oauthcc_cache_finish(oauthcc_cache_t *cache, u_char *digest,
    u_char *client_digest, uint64_t number, oauthcc_content_t *done,
    oauthcc_cache_failed_t *failed)
{
    ngx_uint_t              wanted;
    oauthcc_entry_t        *entry;
    oauthcc_lease_t        *lease;
    oauthcc_client_node_t  *client;

    wanted = 0;

    oauthcc_lock_take(cache);

    client = oauthcc_lease_lookup(cache, client_digest);
    lease = client ? oauthcc_lease_get(client, number) : NULL;

    if (lease) {
        entry = oauthcc_entry_lookup(cache, digest);

        if (entry && failed) {
            oauthcc_cache_failed(cache, entry, number, failed);

        } else if (entry && done) {
            entry->history.failing = entry->history.failing
                                     && number < entry->history.failed;
            entry->history.nlogins++;
            entry->history.failures = 0;

            oauthcc_cache_succeeded(cache, client, done);
        }

        wanted = oauthcc_turn_wanted(client);
        oauthcc_place_end(cache, client, lease);
    }

    oauthcc_lock_release(cache);

    return wanted;
}


ngx_int_t
oauthcc_cache_fail(oauthcc_cache_t *cache, u_char *digest, uint64_t lease,
    oauthcc_cache_failed_t *failed)
{
    oauthcc_entry_t  *entry;

    oauthcc_lock_take(cache);

    entry = oauthcc_entry_leased(cache, digest, lease);

    if (entry) {
        oauthcc_cache_failed(cache, entry, lease, failed);
        oauthcc_entry_end_lease(cache, entry);
    }

    oauthcc_lock_release(cache);

    return entry ? NGX_OK : NGX_DECLINED;
}


/* Records a failure, and computes the backoff. */

static void
oauthcc_cache_failed(oauthcc_cache_t *cache, oauthcc_entry_t *entry,
    uint64_t lease, oauthcc_cache_failed_t *failed)
{
    ngx_msec_t              wait, probe;
    ngx_uint_t              failures;
    oauthcc_time_t          not_before;
    oauthcc_client_node_t  *client;
    oauthcc_history_t      *history;

    client = entry->client;
    history = &entry->history;

    /* retries pause, so that other entries get the place */

    if (oauthcc_lease_retries(entry) && !history->forcing) {
        oauthcc_lease_retried(client);
    }

    history->failed = lease;
    history->failed_at = oauthcc_clock_msec();
    history->in_vain = history->forcing;
    history->forcing = 0;
    history->awaited = 0;

    history->nlogins++;
    history->nfailures++;

    oauthcc_entry_text_set(cache, entry, failed);
    oauthcc_claims_set(cache, entry, &failed->claims);

    history->outdated = !oauthcc_content_newest(cache, client,
                                                &failed->content);
    if (history->outdated) {

        /* it says nothing of the secrets that others have */

        failed->wait = oauthcc_lifetime_backoff(failed->min, failed->max, 1,
                                                failed->retry_after,
                                                ngx_random());
        client->outdated = 1;
        client->outdated_until = oauthcc_clock_msec() + failed->wait;
        return;
    }

    history->failing = 1;
    client->untried = 0;

    failed->entry_only = failed->entry_only
                         && oauthcc_backoff_entry_only(client, failed->broken);

    failures = 1 + (failed->entry_only ? oauthcc_lease_failures(entry)
                                : client->failures);

    if (client->failures == 0) {
        client->down_since = (uint32_t) oauthcc_clock_msec();
    }

    failed->wait = oauthcc_lifetime_backoff(failed->min, failed->max, failures,
                                            failed->retry_after, ngx_random());
    probe = 0;

    if (failed->outage) {
        wait = oauthcc_lifetime_probe(failed->outage,
                                      (uint32_t) oauthcc_clock_msec()
                                      - client->down_since,
                                      failed->min, failed->max, ngx_random());
        wait = ngx_max(wait, failed->retry_after);
        probe = failed->wait - ngx_min(wait, failed->wait);
    }

    not_before = oauthcc_clock_msec() + failed->wait;

    if (!oauthcc_backoff_alive(entry)) {
        failed->wait -= probe;
    }

    if (failed->entry_only) {
        history->failures = ngx_min(failures,
                                    OAUTHCC_ZONE_FAILURES);
        history->rotation = client->rotations;
        history->not_before = oauthcc_clock_msec() + failed->wait;
        history->shares = (failed->shares != 0);

        /* the server answers: an outage is over */

        client->failures = 0;
        client->repeated = 0;

    } else {
        client->failures = ngx_min(failures, OAUTHCC_ZONE_FAILURES);
        client->not_before = not_before;
        client->probe = probe;
        client->told = (uint32_t) oauthcc_clock_msec();
    }
}


/* Of failures with other files this says nothing. */

static void
oauthcc_cache_succeeded(oauthcc_cache_t *cache, oauthcc_client_node_t *client,
    oauthcc_content_t *content)
{
    if (oauthcc_content_newest(cache, client, content)) {
        client->failures = 0;
        client->repeated = 0;
        client->untried = 0;
    }
}


ngx_uint_t
oauthcc_cache_repeat(oauthcc_cache_t *cache, u_char *digest)
{
    ngx_uint_t        repeat;
    oauthcc_entry_t  *entry;

    oauthcc_lock_take(cache);

    entry = oauthcc_entry_lookup(cache, digest);

    repeat = entry && !oauthcc_backoff_alive(entry)
             && entry->client->failures == 0 && !entry->client->repeated;

    if (repeat) {
        entry->client->repeated = 1;
    }

    oauthcc_lock_release(cache);

    return repeat;
}


void
oauthcc_cache_release(oauthcc_cache_t *cache, u_char *digest, uint64_t lease)
{
    oauthcc_entry_t  *entry;

    oauthcc_lock_take(cache);

    entry = oauthcc_entry_leased(cache, digest, lease);

    if (entry) {
        oauthcc_entry_end_lease(cache, entry);
    }

    oauthcc_lock_release(cache);
}


static void
oauthcc_cache_miss(oauthcc_cache_t *cache, oauthcc_entry_t *entry,
    oauthcc_cache_query_t *query, oauthcc_cache_result_t *result)
{
    ngx_uint_t          forced;
    ngx_msec_t          wait;
    oauthcc_history_t  *history;

    history = &entry->history;

    result->version = entry->version;
    result->generation = entry->version->generation;

    if (oauthcc_lease_leased(entry)) {
        oauthcc_place_wait(entry, result);

        if (entry->client->failures) {
            oauthcc_backoff_wait(query, 0, result);
            result->failure = entry->client->failure;

        } else {
            result->patience = oauthcc_backoff_margin(entry, query);
        }

        return;
    }

    /* lease numbers increase: a later failure answers a waiter, too */

    if (query->waited && history->failed >= query->waited
        && (query->outdated || !history->outdated))
    {
        oauthcc_entry_text_get(entry, &result->failure);

        if (oauthcc_lease_failures(entry) + entry->client->failures > 1) {

            /* a retry failed again: it is a backoff now */

            wait = oauthcc_backoff_waits(entry, query->outdated);
            oauthcc_cache_backoff(entry, query,
                                  ngx_max(wait, OAUTHCC_CACHE_PAUSE), result);
            return;
        }

        result->state = OAUTHCC_CACHE_FAILED;
        result->waited = history->failed;

        return;
    }

    /* a failed forced login is not repeated for each waiter that wanted it */

    forced = query->refused && entry->serial == query->refused
             && !history->in_vain;

    wait = oauthcc_backoff_held(entry, forced, query->outdated);

    if (wait) {
        result->told = oauthcc_lease_tell(entry, wait);
        oauthcc_backoff_reason(entry, &result->failure);
        oauthcc_cache_backoff(entry, query, wait, result);
        return;
    }

    oauthcc_place_lead(cache, entry, query, result);

    if (result->state == OAUTHCC_CACHE_WAIT && result->patience == 0) {
        result->patience = oauthcc_backoff_margin(entry, query);
    }
}


/* The next try is due in so many milliseconds. */

static void
oauthcc_cache_backoff(oauthcc_entry_t *entry, oauthcc_cache_query_t *query,
    ngx_msec_t wait, oauthcc_cache_result_t *result)
{
    result->state = OAUTHCC_CACHE_BACKOFF;
    result->retry_after = wait;

    if (oauthcc_lease_failures(entry) == 0) {

        /* an outage: those whose own logins fail do not take room */

        oauthcc_backoff_wait(query, wait, result);
    }
}


static void
oauthcc_cache_hit(oauthcc_cache_t *cache, oauthcc_entry_t *entry,
    oauthcc_cache_query_t *query, oauthcc_cache_result_t *result)
{
    ngx_msec_t      wait;
    oauthcc_time_t  now, next, end;

    now = oauthcc_clock_msec();
    next = entry->refresh;

    /* a token of older secrets is used until a new one is there */

    if (!query->outdated && query->content.digest != entry->history.content) {
        next = now;
    }

    if (oauthcc_lifetime_reached(now, next)) {

        next = now + OAUTHCC_CACHE_RETRY;
        wait = oauthcc_backoff_waits(entry, query->outdated);

        if (oauthcc_lease_leased(entry)) {
            /* void */

        } else if (wait) {
            next = now + ngx_min(wait, OAUTHCC_LEASE_TELL);
            result->told = oauthcc_lease_tell(entry, wait);
            oauthcc_backoff_reason(entry, &result->failure);

        } else if (oauthcc_lease_pause(entry) == 0) {
            (void) oauthcc_place_take(cache, entry, query, result);
        }
    }

    end = oauthcc_backoff_usable(entry) ? entry->end : entry->expires;

    if (!oauthcc_lifetime_reached(end, next)) {
        next = end;
    }

    if (!oauthcc_lifetime_reached(now + OAUTHCC_CACHE_NOTE, next)) {
        next = now + OAUTHCC_CACHE_NOTE;
    }

    result->state = OAUTHCC_CACHE_HIT;
    result->version = entry->version;
    result->generation = entry->version->generation;
    result->attention = oauthcc_clock_local(next);
}
