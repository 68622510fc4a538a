
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_clock.h"
#include "cache/oauthcc_entry.h"
#include "cache/oauthcc_blocks.h"
#include "cache/oauthcc_chain.h"
#include "cache/oauthcc_index.h"
#include "cache/oauthcc_lease.h"
#include "cache/oauthcc_slot.h"
#include "core/oauthcc_lifetime.h"
#include "cache/oauthcc_entry_text.h"


/*
 * an entry without a token is evicted before those that were used this
 * recently
 */
#define OAUTHCC_ENTRY_EMPTY    (24 * 3600 * (ngx_msec_t) 1000)

/*
 * an entry that cannot be evicted now is looked at again later, milliseconds;
 * another key, in any case
 */
#define OAUTHCC_ENTRY_AGAIN    1024


/* a key of 32 bits: of seconds, since milliseconds wrap after 24 days */

#if (NGX_PTR_SIZE == 4)
#define oauthcc_entry_key(point)  ((ngx_rbtree_key_t) ((point) >> 10))
#else
#define oauthcc_entry_key(point)  ((ngx_rbtree_key_t) (point))
#endif


static void oauthcc_entry_idle(oauthcc_cache_t *cache,
    oauthcc_entry_t *entry);
static oauthcc_client_node_t *oauthcc_entry_client(oauthcc_cache_t *cache,
    oauthcc_origin_t *origin);
static void oauthcc_entry_label(oauthcc_cache_t *cache, oauthcc_entry_t *entry,
    oauthcc_origin_t *origin);
static oauthcc_entry_t *oauthcc_entry_new(oauthcc_cache_t *cache);
static ngx_uint_t oauthcc_entry_evict(oauthcc_cache_t *cache,
    oauthcc_entry_t *keep);
static void oauthcc_entry_sort(oauthcc_zone_t *shared, oauthcc_entry_t *entry,
    oauthcc_time_t point);


oauthcc_entry_t *
oauthcc_entry_lookup(oauthcc_cache_t *cache, u_char *digest)
{
    return oauthcc_index_find(cache->shared, digest, OAUTHCC_ZONE_ENTRY);
}


oauthcc_entry_t *
oauthcc_entry_leased(oauthcc_cache_t *cache, u_char *digest, uint64_t lease)
{
    oauthcc_entry_t  *entry;

    entry = oauthcc_entry_lookup(cache, digest);

    return entry && entry->lease.number == lease ? entry : NULL;
}


oauthcc_entry_t *
oauthcc_entry_next(oauthcc_client_node_t *client, oauthcc_entry_t *entry)
{
    ngx_queue_t  *q;

    q = ngx_queue_next(entry ? &entry->sibling : &client->siblings);

    return q == ngx_queue_sentinel(&client->siblings)
           ? NULL : ngx_queue_data(q, oauthcc_entry_t, sibling);
}


oauthcc_entry_t *
oauthcc_entry_create(oauthcc_cache_t *cache, u_char *digest,
    oauthcc_origin_t *origin)
{
    oauthcc_entry_t        *entry;
    oauthcc_client_node_t  *client;

    client = oauthcc_entry_client(cache, origin);

    if (client == NULL) {
        return NULL;
    }

    /* counted at once, so that the new node is not evicted as an empty one */

    client->entries++;

    entry = oauthcc_entry_new(cache);

    if (entry == NULL) {
        oauthcc_entry_leave(cache, client);
        return NULL;
    }

    entry->client = client;
    entry->used = oauthcc_clock_msec();
    entry->history.not_before = oauthcc_clock_msec();

    /* operators use the id to name the entry; it reveals nothing */

    entry->history.id = (uint64_t) ngx_random() << 32
                        ^ (uint64_t) ngx_random();

    oauthcc_entry_changed(cache, entry);

    ngx_queue_insert_head(&client->siblings, &entry->sibling);
    oauthcc_index_add(cache->shared, &entry->node, digest, OAUTHCC_ZONE_ENTRY);

    cache->shared->nentries++;
    client->nsiblings++;

    entry->idle.key = oauthcc_entry_key(entry->used);
    ngx_rbtree_insert(&cache->shared->idle, &entry->idle);
    oauthcc_entry_idle(cache, entry);

    oauthcc_entry_label(cache, entry, origin);

    return entry;
}


void
oauthcc_entry_use(oauthcc_cache_t *cache, oauthcc_entry_t *entry)
{
    entry->used = oauthcc_clock_msec();

    oauthcc_entry_idle(cache, entry);

    ngx_queue_remove(&entry->sibling);
    ngx_queue_insert_head(&entry->client->siblings, &entry->sibling);
}


/*
 * Updates the time when it may be evicted: the end of its token, or
 * OAUTHCC_ENTRY_IDLE after its last use.
 */

static void
oauthcc_entry_idle(oauthcc_cache_t *cache, oauthcc_entry_t *entry)
{
    oauthcc_time_t  point;

    if (entry->packed.data == NULL) {
        point = entry->used - OAUTHCC_ENTRY_EMPTY;

    } else {
        point = entry->used + OAUTHCC_ENTRY_IDLE;

        if (!oauthcc_lifetime_reached(entry->end, point)) {
            point = entry->end;
        }
    }

    oauthcc_entry_sort(cache->shared, entry, point);
}


void
oauthcc_entry_changed(oauthcc_cache_t *cache, oauthcc_entry_t *entry)
{
    oauthcc_slot_change(cache->shared, entry->version);
}


void
oauthcc_entry_end_lease(oauthcc_cache_t *cache, oauthcc_entry_t *entry)
{
    oauthcc_lease_end(cache, entry->client, &entry->lease);
    oauthcc_entry_idle(cache, entry);
    oauthcc_entry_changed(cache, entry);
}


ngx_int_t
oauthcc_entry_store(oauthcc_cache_t *cache, oauthcc_entry_t *entry,
    oauthcc_issued_t *login)
{
    size_t  has, wants, tag;

    tag = login->tag.version ? OAUTHCC_CREDENTIAL_TAG : 0;

    has = oauthcc_chain_parts(entry->history.label + entry->packed.len);
    wants = oauthcc_chain_parts(entry->history.label
                                + (size_t) login->packed.len + tag);

    if (wants > has
        && oauthcc_entry_room(cache, wants - has, entry) != NGX_OK)
    {
        return NGX_DECLINED;
    }

    oauthcc_chain_write(cache->shared, &entry->text, entry->history.label,
                        login->packed.data, login->packed.len);

    entry->packed = login->packed;

    /* not NULL: there is a token */

    entry->packed.data = cache->shared->blocks;

    if (tag) {
        oauthcc_chain_write(cache->shared, &entry->text,
                            entry->history.label + entry->packed.len,
                            (u_char *) &login->tag, tag);

        entry->packed.len += tag;
        entry->packed.tagged = 1;
    }

    entry->expires = login->expires;
    entry->refresh = login->refresh;
    entry->end = login->usable;
    entry->lease.took = ngx_min(login->login_time, OAUTHCC_ZONE_TOOK);
    entry->history.logged_in = oauthcc_clock_msec();
    entry->history.content = login->content.digest;
    entry->history.forced = 0;

    oauthcc_entry_changed(cache, entry);
    oauthcc_entry_idle(cache, entry);

    entry->serial = entry->version->generation;
    login->serial = entry->serial;

    return NGX_OK;
}


void
oauthcc_entry_read(oauthcc_cache_t *cache, oauthcc_entry_t *entry, u_char *to)
{
    oauthcc_chain_read(cache->shared, entry->text, entry->history.label, to,
                       entry->packed.len);
}


void
oauthcc_entry_copy(oauthcc_cache_t *cache, oauthcc_entry_t *entry,
    oauthcc_credential_t *credential)
{
    oauthcc_entry_read(cache, entry, oauthcc_credential_bytes(credential,
                                                             &entry->packed));

    oauthcc_credential_unpack(credential, &entry->packed);

    credential->serial = entry->serial;
    credential->expires = entry->expires;
    credential->usable = entry->end;
    credential->refresh = entry->refresh;
    credential->login_time = entry->lease.took;
    credential->watched = (entry->history.refusals != NULL);
    credential->note = oauthcc_clock_msec();
}


void *
oauthcc_entry_alloc(oauthcc_cache_t *cache, size_t size,
    oauthcc_entry_t *keep)
{
    void  *p;

    do {
        p = oauthcc_blocks_alloc(cache->shared, size);

    } while (p == NULL && oauthcc_entry_evict(cache, keep));

    return p;
}


ngx_int_t
oauthcc_entry_room(oauthcc_cache_t *cache, size_t parts, oauthcc_entry_t *keep)
{
    while (cache->shared->nfree < parts) {

        if (!oauthcc_entry_evict(cache, keep)) {
            return NGX_DECLINED;
        }
    }

    return NGX_OK;
}


/* The client node of this origin; it is created if there is none. */

static oauthcc_client_node_t *
oauthcc_entry_client(oauthcc_cache_t *cache, oauthcc_origin_t *origin)
{
    oauthcc_client_node_t  *client;

    client = oauthcc_lease_lookup(cache, origin->client);

    if (client == NULL) {
        client = oauthcc_entry_alloc(cache, sizeof(oauthcc_client_node_t),
                                     NULL);
        if (client) {
            oauthcc_lease_add(cache, client, origin);
        }
    }

    return client;
}


/* An entry is created without its label if there is no memory for one. */

static void
oauthcc_entry_label(oauthcc_cache_t *cache, oauthcc_entry_t *entry,
    oauthcc_origin_t *origin)
{
    size_t  len;
    u_char  label[OAUTHCC_ENTRY_TEXT_LABEL];

    len = oauthcc_entry_text_label_write(origin, label);

    if (len
        && oauthcc_entry_room(cache, oauthcc_chain_parts(len), entry)
           == NGX_OK)
    {
        oauthcc_chain_write(cache->shared, &entry->text, 0, label, len);
        entry->history.label = len;
    }
}


/* Returns a zeroed entry with a version. */

static oauthcc_entry_t *
oauthcc_entry_new(oauthcc_cache_t *cache)
{
    void             *block;
    oauthcc_zone_t   *shared;
    oauthcc_entry_t  *entry;

    shared = cache->shared;

    entry = oauthcc_entry_alloc(cache, sizeof(oauthcc_entry_t), NULL);

    if (entry == NULL) {
        return NULL;
    }

    if (shared->slots == NULL) {
        block = oauthcc_entry_alloc(cache, sizeof(oauthcc_slots_t), NULL);

        /* an eviction for this block may have freed a slot */

        if (block && shared->slots) {
            oauthcc_blocks_free(shared, block);

        } else if (block) {
            oauthcc_slot_more(shared, block);
        }
    }

    entry->version = oauthcc_slot_take(shared);

    if (entry->version == NULL) {
        oauthcc_blocks_free(shared, entry);
        return NULL;
    }

    return entry;
}


/*
 * Evicts the least recently used entry; returns 0 if there is none.  Entries
 * with a lease, and "keep", are put off for a second.
 */

static ngx_uint_t
oauthcc_entry_evict(oauthcc_cache_t *cache, oauthcc_entry_t *keep)
{
    oauthcc_zone_t     *shared;
    oauthcc_entry_t    *entry;
    ngx_rbtree_node_t  *node;

    shared = cache->shared;

    while (shared->idle.root != shared->idle.sentinel) {
        node = ngx_rbtree_min(shared->idle.root, shared->idle.sentinel);

        if ((ngx_rbtree_key_int_t) (oauthcc_entry_key(oauthcc_clock_msec())
                                    - node->key)
            < 0)
        {
            break;
        }

        entry = ngx_rbtree_data(node, oauthcc_entry_t, idle);

        if (entry != keep && !oauthcc_lease_leased(entry)) {
            oauthcc_zone_add(&entry->client->stats->evictions, 1);
            oauthcc_entry_drop(cache, entry);
            return 1;
        }

        oauthcc_entry_sort(shared, entry,
                           oauthcc_clock_msec() + OAUTHCC_ENTRY_AGAIN);
    }

    return 0;
}


static void
oauthcc_entry_sort(oauthcc_zone_t *shared, oauthcc_entry_t *entry,
    oauthcc_time_t point)
{
    ngx_rbtree_key_t  key;

    key = oauthcc_entry_key(point);

    if (entry->idle.key != key) {
        ngx_rbtree_delete(&shared->idle, &entry->idle);
        entry->idle.key = key;
        ngx_rbtree_insert(&shared->idle, &entry->idle);
    }
}


void
oauthcc_entry_drop(oauthcc_cache_t *cache, oauthcc_entry_t *entry)
{
    oauthcc_zone_t  *shared;

    shared = cache->shared;

    /* the new version makes the workers drop their local entries */

    oauthcc_entry_changed(cache, entry);
    shared->dropped = entry->version->generation;

    oauthcc_index_remove(shared, &entry->node, OAUTHCC_ZONE_ENTRY);
    ngx_rbtree_delete(&shared->idle, &entry->idle);
    ngx_queue_remove(&entry->sibling);

    shared->nentries--;
    entry->client->nsiblings--;

    oauthcc_lease_end(cache, entry->client, &entry->lease);

    oauthcc_entry_leave(cache, entry->client);

    oauthcc_slot_free(shared, entry->version);
    oauthcc_chain_free(shared, &entry->text);

    oauthcc_entry_text_drop(cache, entry);

    if (entry->history.refusals) {
        oauthcc_blocks_free(shared, entry->history.refusals);
    }

    oauthcc_blocks_free(shared, entry);
}


void
oauthcc_entry_leave(oauthcc_cache_t *cache, oauthcc_client_node_t *client)
{
    if (--client->entries == 0) {
        oauthcc_index_remove(cache->shared, &client->node,
                             OAUTHCC_ZONE_CLIENT);
        oauthcc_blocks_free(cache->shared, client);
    }
}
