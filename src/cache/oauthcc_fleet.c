
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_fleet.h"
#include "cache/oauthcc_backoff.h"
#include "cache/oauthcc_chain.h"
#include "cache/oauthcc_entry.h"
#include "cache/oauthcc_entry_text.h"
#include "cache/oauthcc_index.h"
#include "cache/oauthcc_lease.h"
#include "cache/oauthcc_lock.h"
#include "core/oauthcc_clock.h"
#include "core/oauthcc_lifetime.h"


/* entries of a provider that are looked after at once */
#define OAUTHCC_FLEET_DOUBTS  100

/* an entry is not in use after so many milliseconds without a request */
#define OAUTHCC_FLEET_UNUSED  60000


static uint64_t oauthcc_fleet_tag(oauthcc_cache_t *cache,
    oauthcc_entry_t *entry, oauthcc_credential_tag_t *tag);
static ngx_uint_t oauthcc_fleet_siblings(oauthcc_cache_t *cache,
    u_char *client_digest, ngx_uint_t unstored);
static ngx_uint_t oauthcc_fleet_want(oauthcc_entry_t *entry);
static void oauthcc_fleet_wanted(oauthcc_cache_t *cache, ngx_uint_t n);


ngx_int_t
oauthcc_fleet_look(oauthcc_cache_t *cache, u_char *digest, uint64_t lease,
    oauthcc_fleet_entry_t *known)
{
    ngx_uint_t          fresh;
    oauthcc_entry_t    *entry;
    oauthcc_history_t  *history;

    ngx_memzero(known, sizeof(oauthcc_fleet_entry_t));

    oauthcc_lock_take(cache);

    entry = oauthcc_entry_leased(cache, digest, lease);

    if (entry) {
        history = &entry->history;

        (void) oauthcc_fleet_tag(cache, entry, &known->tag);
        known->content = history->content;
        known->succeeded = entry->client->succeeded;
        known->only = (oauthcc_lease_count(entry->client, &fresh) == 1);
        known->forced = history->forcing;
        known->good = !history->forcing && oauthcc_backoff_usable(entry);
        known->news = history->news;
        known->ordered = history->ordered;
        known->unstored = history->unstored && !history->scoped;

        history->news = 0;
        history->ordered = 0;
    }

    oauthcc_lock_release(cache);

    return entry ? NGX_OK : NGX_DECLINED;
}


ngx_int_t
oauthcc_fleet_extend(oauthcc_cache_t *cache, u_char *digest, uint64_t lease,
    ngx_msec_t time)
{
    oauthcc_entry_t  *entry;

    oauthcc_lock_take(cache);

    entry = oauthcc_entry_leased(cache, digest, lease);

    if (entry) {
        entry->lease.deadline = oauthcc_clock_msec() + time;
    }

    oauthcc_lock_release(cache);

    return entry ? NGX_OK : NGX_DECLINED;
}


ngx_int_t
oauthcc_fleet_postpone(oauthcc_cache_t *cache, u_char *digest, uint64_t lease,
    ngx_msec_t refresh_before)
{
    ngx_int_t         rc;
    ngx_msec_t        life, window;
    oauthcc_time_t    refresh;
    oauthcc_entry_t  *entry;

    rc = NGX_DECLINED;

    oauthcc_lock_take(cache);

    entry = oauthcc_entry_leased(cache, digest, lease);

    if (entry == NULL) {
        goto done;
    }

    life = entry->expires - (entry->history.logged_in - entry->lease.took);
    window = entry->end - oauthcc_lifetime_refresh(entry->end, life,
                                                   refresh_before, 0);

    /* the gateways of a fleet do not log in all at the same point */

    refresh = entry->end - window / 4 - ngx_random() % (window / 8 + 1);

    if (oauthcc_lifetime_reached(oauthcc_clock_msec(),
                                 entry->end - window / 4 - window / 8))
    {
        goto done;
    }

    entry->refresh = refresh;

    oauthcc_entry_end_lease(cache, entry);

    rc = NGX_OK;

done:

    oauthcc_lock_release(cache);

    return rc;
}


void
oauthcc_fleet_defer(oauthcc_cache_t *cache, u_char *digest, uint64_t lease,
    oauthcc_cache_failed_t *failed, ngx_uint_t count)
{
    oauthcc_time_t          now;
    oauthcc_entry_t        *entry;
    oauthcc_history_t      *history;
    oauthcc_client_node_t  *client;

    oauthcc_lock_take(cache);

    entry = oauthcc_entry_leased(cache, digest, lease);

    if (entry) {
        now = oauthcc_clock_msec();
        count = ngx_max(ngx_min(count, OAUTHCC_ZONE_FAILURES), 1);

        client = entry->client;
        history = &entry->history;

        history->failed = lease;
        history->failed_at = now;
        history->failing = 1;
        history->outdated = 0;
        history->in_vain = history->forcing;
        history->forcing = 0;
        history->awaited = 0;

        failed->took = 0;
        oauthcc_entry_text_set(cache, entry, failed);

        if (failed->entry_only) {
            history->failures = count;
            history->rotation = client->rotations;
            history->not_before = now + failed->wait;
            history->shares = 1;

        } else {
            if (client->failures == 0) {
                client->down_since = (uint32_t) now;
            }

            client->failures = count;
            client->not_before = now + failed->wait;
            client->probe = 0;
            client->told = (uint32_t) now;
        }

        oauthcc_entry_end_lease(cache, entry);
    }

    oauthcc_lock_release(cache);
}


/* Memory is taken without the lock, for what the token had before. */

ngx_int_t
oauthcc_fleet_token(oauthcc_cache_t *cache, u_char *digest, uint64_t lease,
    ngx_pool_t *pool, oauthcc_fleet_token_t *token)
{
    size_t            size;
    u_char           *p;
    ngx_uint_t        read;
    oauthcc_entry_t  *entry;

    p = NULL;
    size = 0;

    for ( ;; ) {
        read = 0;

        oauthcc_lock_take(cache);

        entry = oauthcc_entry_leased(cache, digest, lease);

        if (entry && entry->packed.data && entry->packed.tagged) {

            read = (p && size == entry->packed.len);
            size = entry->packed.len;

        } else {
            size = 0;
        }

        if (read) {
            oauthcc_entry_read(cache, entry, p);

            token->packed = entry->packed;
            token->packed.data = p;
            token->packed.tagged = 0;
            token->packed.len -= OAUTHCC_CREDENTIAL_TAG;
            token->serial = entry->serial;
            token->expires = entry->expires;
            token->login_time = entry->lease.took;
            token->reduced = entry->history.reduced;
        }

        oauthcc_lock_release(cache);

        if (read) {
            return NGX_OK;
        }

        if (size == 0) {
            return NGX_DECLINED;
        }

        p = ngx_pnalloc(pool, size);
        if (p == NULL) {
            return NGX_ERROR;
        }
    }
}


void
oauthcc_fleet_stored(oauthcc_cache_t *cache, u_char *digest, uint64_t serial)
{
    oauthcc_entry_t  *entry;

    oauthcc_lock_take(cache);

    entry = oauthcc_entry_lookup(cache, digest);

    if (entry && entry->serial == serial) {
        entry->history.unstored = 0;
    }

    oauthcc_lock_release(cache);
}


void
oauthcc_fleet_discard(oauthcc_cache_t *cache, u_char *digest, uint64_t serial)
{
    oauthcc_entry_t  *entry;

    oauthcc_lock_take(cache);

    entry = oauthcc_entry_lookup(cache, digest);

    if (entry && entry->serial == serial) {
        oauthcc_entry_drop(cache, entry);
    }

    oauthcc_lock_release(cache);
}


ngx_uint_t
oauthcc_fleet_news(oauthcc_cache_t *cache, u_char *name, uint64_t version)
{
    ngx_uint_t                 n;
    oauthcc_entry_t           *entry;
    oauthcc_credential_tag_t   tag;

    n = 0;

    oauthcc_lock_take(cache);

    for (entry = oauthcc_index_next(cache->shared, name, OAUTHCC_FLEET_NAME,
                                    OAUTHCC_ZONE_ENTRY, NULL);
         entry;
         entry = oauthcc_index_next(cache->shared, name, OAUTHCC_FLEET_NAME,
                                    OAUTHCC_ZONE_ENTRY, entry))
    {
        if (oauthcc_fleet_tag(cache, entry, &tag) != version) {
            n += oauthcc_fleet_want(entry);
        }
    }

    oauthcc_lock_release(cache);

    oauthcc_fleet_wanted(cache, n);

    return n;
}


ngx_uint_t
oauthcc_fleet_doubt(oauthcc_cache_t *cache, u_char *client_digest)
{
    return oauthcc_fleet_siblings(cache, client_digest, 0);
}


ngx_uint_t
oauthcc_fleet_back(oauthcc_cache_t *cache, u_char *client_digest)
{
    return oauthcc_fleet_siblings(cache, client_digest, 1);
}


ngx_uint_t
oauthcc_fleet_offer(oauthcc_cache_t *cache, u_char *digest)
{
    ngx_uint_t        n;
    oauthcc_entry_t  *entry;

    oauthcc_lock_take(cache);

    entry = oauthcc_entry_lookup(cache, digest);

    n = (entry && entry->history.unstored) ? oauthcc_fleet_want(entry) : 0;

    oauthcc_lock_release(cache);

    oauthcc_fleet_wanted(cache, n);

    return n;
}


static ngx_uint_t
oauthcc_fleet_siblings(oauthcc_cache_t *cache, u_char *client_digest,
    ngx_uint_t unstored)
{
    ngx_uint_t                 n;
    oauthcc_entry_t           *entry;
    oauthcc_client_node_t     *client;
    oauthcc_credential_tag_t   tag;

    n = 0;

    oauthcc_lock_take(cache);

    client = oauthcc_lease_lookup(cache, client_digest);

    if (client) {
        for (entry = oauthcc_entry_next(client, NULL);
             entry && n < OAUTHCC_FLEET_DOUBTS;
             entry = oauthcc_entry_next(client, entry))
        {
            if (oauthcc_fleet_tag(cache, entry, &tag)
                && (!unstored || entry->history.unstored))
            {
                n += oauthcc_fleet_want(entry);
            }
        }
    }

    oauthcc_lock_release(cache);

    oauthcc_fleet_wanted(cache, n);

    return n;
}


ngx_uint_t
oauthcc_fleet_purge(oauthcc_cache_t *cache, u_char *name)
{
    ngx_uint_t        n;
    oauthcc_entry_t  *entry;

    n = 0;

    oauthcc_lock_take(cache);

    for ( ;; ) {
        entry = oauthcc_index_next(cache->shared, name, OAUTHCC_FLEET_NAME,
                                   OAUTHCC_ZONE_ENTRY, NULL);
        if (entry == NULL) {
            break;
        }

        oauthcc_entry_drop(cache, entry);
        n++;
    }

    oauthcc_lock_release(cache);

    return n;
}


ngx_int_t
oauthcc_fleet_name(oauthcc_cache_t *cache, u_char *client_digest, uint64_t id,
    u_char *name)
{
    ngx_int_t               rc;
    oauthcc_entry_t        *entry;
    oauthcc_client_node_t  *client;

    rc = NGX_DECLINED;

    oauthcc_lock_take(cache);

    client = oauthcc_lease_lookup(cache, client_digest);

    if (client) {
        for (entry = oauthcc_entry_next(client, NULL);
             entry;
             entry = oauthcc_entry_next(client, entry))
        {
            if (entry->history.id == id) {
                ngx_memcpy(name, entry->node.digest, OAUTHCC_FLEET_NAME);
                rc = NGX_OK;
                break;
            }
        }
    }

    oauthcc_lock_release(cache);

    return rc;
}


/* Returns the version, 0: it has none. */

static uint64_t
oauthcc_fleet_tag(oauthcc_cache_t *cache, oauthcc_entry_t *entry,
    oauthcc_credential_tag_t *tag)
{
    ngx_memzero(tag, sizeof(oauthcc_credential_tag_t));

    if (entry->packed.data && entry->packed.tagged) {
        oauthcc_chain_read(cache->shared, entry->text,
                           entry->history.label + entry->packed.len
                           - OAUTHCC_CREDENTIAL_TAG,
                           (u_char *) tag, OAUTHCC_CREDENTIAL_TAG);
    }

    return tag->version;
}


/* Who has not used it lately learns what there is when he uses it again. */

static ngx_uint_t
oauthcc_fleet_want(oauthcc_entry_t *entry)
{
    if (oauthcc_lease_leased(entry)
        || oauthcc_lifetime_reached(oauthcc_clock_msec(),
                                    entry->used + OAUTHCC_FLEET_UNUSED))
    {
        return 0;
    }

    entry->history.wanted = 1;
    entry->history.news = 1;

    return 1;
}


static void
oauthcc_fleet_wanted(oauthcc_cache_t *cache, ngx_uint_t n)
{
    if (n) {
            oauthcc_zone_add(&cache->shared->wishes, 1);
    }
}
