
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_entry.h"
#include "cache/oauthcc_lease.h"
#include "core/oauthcc_lifetime.h"
#include "cache/oauthcc_entry_text.h"
#include "cache/oauthcc_slab_chunks.h"


/* words are allocated in blocks of this many */
#define OAUTHCC_ENTRY_WORDS     32

/* so many entries are kept for those that have no token yet */
#define OAUTHCC_ENTRY_SPARE     4

/* before any end that is still of interest: 24 days, see the clock */
#define OAUTHCC_ENTRY_LONG_AGO  (24 * 24 * 3600 * (ngx_msec_t) 1000)


/* for a token's pieces */

typedef struct {
    oauthcc_cache_t  *cache;
    oauthcc_entry_t  *keep;
} oauthcc_entry_room_t;


static oauthcc_client_node_t *oauthcc_entry_account(oauthcc_cache_t *cache,
    oauthcc_origin_t *origin);
static void oauthcc_entry_label(oauthcc_cache_t *cache, oauthcc_entry_t *entry,
    oauthcc_origin_t *origin);
static oauthcc_entry_t *oauthcc_entry_new(oauthcc_cache_t *cache);
static void oauthcc_entry_save(oauthcc_cache_t *cache, oauthcc_entry_t *keep);
static oauthcc_entry_t *oauthcc_entry_make(oauthcc_cache_t *cache,
    ngx_uint_t live, oauthcc_entry_t *keep);
static void *oauthcc_entry_piece(void *data, size_t size);
static ngx_uint_t oauthcc_entry_evict_ended(oauthcc_cache_t *cache,
    oauthcc_entry_t *keep);
static ngx_uint_t oauthcc_entry_evict_idle(oauthcc_cache_t *cache,
    oauthcc_entry_t *keep);
static void oauthcc_entry_evict(oauthcc_cache_t *cache,
    oauthcc_entry_t *entry);
static oauthcc_entry_slot_t *oauthcc_entry_slot(oauthcc_cache_t *cache,
    oauthcc_entry_t *keep);
static void oauthcc_entry_free_slot(oauthcc_cache_t *cache,
    oauthcc_entry_slot_t *slot);


void
oauthcc_entry_init(oauthcc_zone_t *shared)
{
    ngx_rbtree_init(&shared->rbtree, &shared->sentinel,
                    oauthcc_lease_insert_value);
    ngx_rbtree_init(&shared->ends, &shared->ends_sentinel,
                    ngx_rbtree_insert_timer_value);
    ngx_rbtree_init(&shared->clients, &shared->accounts_sentinel,
                    oauthcc_lease_insert_value);
    ngx_rbtree_init(&shared->all_stats, &shared->tallies_sentinel,
                    ngx_str_rbtree_insert_value);
    ngx_queue_init(&shared->queue);
    ngx_queue_init(&shared->spare);
    ngx_queue_init(&shared->gauges);
}


oauthcc_entry_t *
oauthcc_entry_lookup(oauthcc_cache_t *cache, u_char *digest)
{
    oauthcc_zone_t  *shared;

    shared = cache->shared;

    return (oauthcc_entry_t *)
               oauthcc_lease_find(&shared->rbtree, digest);
}


oauthcc_entry_t *
oauthcc_entry_create(oauthcc_cache_t *cache, u_char *digest,
    oauthcc_origin_t *origin)
{
    oauthcc_entry_t        *entry;
    oauthcc_zone_t         *shared;
    oauthcc_client_node_t  *client;
    oauthcc_history_t      *history;

    shared = cache->shared;

    client = oauthcc_entry_account(cache, origin);

    if (client == NULL) {
        return NULL;
    }

    /* it counts from here on, so that it is not evicted as empty */

    client->entries++;

    entry = oauthcc_entry_new(cache);

    if (entry == NULL) {
        oauthcc_entry_leave(cache, client);
        return NULL;
    }

    entry->client = client;
    entry->used = ngx_current_msec;

    history = entry->history;
    history->not_before = ngx_current_msec;

    /* it names the entry to operators, and says nothing of it */

    history->id = (uint64_t) ngx_random() << 32 ^ (uint64_t) ngx_random();

    oauthcc_entry_changed(cache, entry);

    ngx_queue_insert_head(&shared->queue, &entry->queue);
    ngx_queue_insert_head(&client->siblings, &entry->sibling);
    oauthcc_lease_insert(&shared->rbtree, &entry->node, digest);

    shared->nentries++;
    client->nsiblings++;

    /* without a credential it is the first to go */

    entry->end.key = ngx_current_msec - OAUTHCC_ENTRY_LONG_AGO;
    ngx_rbtree_insert(&shared->ends, &entry->end);

    oauthcc_entry_label(cache, entry, origin);

    return entry;
}


void
oauthcc_entry_use(oauthcc_cache_t *cache, oauthcc_entry_t *entry)
{
    oauthcc_zone_t  *shared;

    shared = cache->shared;

    entry->used = ngx_current_msec;

    ngx_queue_remove(&entry->queue);
    ngx_queue_insert_head(&shared->queue, &entry->queue);

    ngx_queue_remove(&entry->sibling);
    ngx_queue_insert_head(&entry->client->siblings, &entry->sibling);
}


void
oauthcc_entry_changed(oauthcc_cache_t *cache, oauthcc_entry_t *entry)
{
    oauthcc_zone_t  *shared;

    shared = cache->shared;

    __atomic_store_n(&entry->slot->version.generation, ++shared->generation,
                     __ATOMIC_RELEASE);
}


ngx_int_t
oauthcc_entry_store(oauthcc_cache_t *cache, oauthcc_entry_t *entry,
    oauthcc_issued_t *login)
{
    u_char               *data;
    oauthcc_zone_t       *shared;
    oauthcc_packed_t      old;
    oauthcc_entry_room_t  room;

    shared = cache->shared;

    room.cache = cache;
    room.keep = entry;

    data = oauthcc_slab_chunks_write(cache->shpool, login->packed.data,
                                     login->packed.len,
                                     oauthcc_entry_piece, &room);
    if (data == NULL) {
        return NGX_DECLINED;
    }

    /* a worker may die at any line: an entry without a credential is whole */

    old = entry->packed;

    entry->packed.data = NULL;

    entry->packed.len = login->packed.len;
    entry->packed.token = login->packed.token;
    entry->packed.nheaders = login->packed.nheaders;
    entry->packed.narguments = login->packed.narguments;
    entry->packed.listed = login->packed.listed;
    entry->expires = login->expires;
    entry->refresh = login->refresh;
    entry->lease.took = ngx_min(login->login_time, OAUTHCC_ZONE_TOOK);
    entry->history->logged_in = ngx_current_msec;
    entry->history->content = login->content;
    entry->history->forced = 0;

    ngx_rbtree_delete(&shared->ends, &entry->end);
    entry->end.key = login->usable;
    ngx_rbtree_insert(&shared->ends, &entry->end);

    oauthcc_entry_changed(cache, entry);

    entry->serial = entry->slot->version.generation;
    entry->packed.data = data;

    if (old.data) {
        oauthcc_slab_chunks_free(cache->shpool, old.data, old.len);
    }

    oauthcc_entry_save(cache, entry);

    return NGX_OK;
}


/* The client node of this origin, which is made if there is none. */

static oauthcc_client_node_t *
oauthcc_entry_account(oauthcc_cache_t *cache, oauthcc_origin_t *origin)
{
    oauthcc_client_node_t  *client;

    client = oauthcc_lease_lookup(cache, origin->client);

    if (client == NULL) {
        client = oauthcc_entry_alloc(cache, sizeof(oauthcc_client_node_t),
                                     1, NULL);
        if (client == NULL) {
            return NULL;
        }

        oauthcc_lease_add(cache, client, origin);
    }

    return client;
}


/* No entry is refused for want of a label. */

static void
oauthcc_entry_label(oauthcc_cache_t *cache, oauthcc_entry_t *entry,
    oauthcc_origin_t *origin)
{
    size_t                  size;
    oauthcc_entry_label_t  *label;

    size = oauthcc_entry_text_label_size(origin);

    if (size == 0) {
        return;
    }

    label = oauthcc_entry_alloc(cache, size, 0, entry);

    if (label) {
        oauthcc_entry_text_label_write(label, origin);
        entry->history->label = label;
    }
}


/* A new one, or one that was kept for this; it evicts none that is good. */

static oauthcc_entry_t *
oauthcc_entry_new(oauthcc_cache_t *cache)
{
    ngx_queue_t      *q;
    oauthcc_entry_t  *entry;
    oauthcc_zone_t   *shared;

    shared = cache->shared;

    entry = oauthcc_entry_make(cache, 0, NULL);

    if (entry || ngx_queue_empty(&shared->spare)) {
        return entry;
    }

    q = ngx_queue_head(&shared->spare);
    ngx_queue_remove(q);
    shared->nspare--;

    return ngx_queue_data(q, oauthcc_entry_t, queue);
}


/*
 * The entry has a token now: it may take the room of one that nobody uses,
 * for the next one that has none yet.
 */

static void
oauthcc_entry_save(oauthcc_cache_t *cache, oauthcc_entry_t *keep)
{
    oauthcc_entry_t  *entry;
    oauthcc_zone_t   *shared;

    shared = cache->shared;

    while (shared->nspare < OAUTHCC_ENTRY_SPARE) {

        entry = oauthcc_entry_make(cache, 1, keep);
        if (entry == NULL) {
            return;
        }

        ngx_queue_insert_head(&shared->spare, &entry->queue);
        shared->nspare++;
    }
}


/* Memory and a word for an entry, whose other members are zero. */

static oauthcc_entry_t *
oauthcc_entry_make(oauthcc_cache_t *cache, ngx_uint_t live,
    oauthcc_entry_t *keep)
{
    oauthcc_entry_t       *entry;
    oauthcc_history_t     *history;
    oauthcc_entry_slot_t  *slot;

    slot = oauthcc_entry_slot(cache, keep);
    if (slot == NULL) {
        return NULL;
    }

    entry = oauthcc_entry_alloc(cache, sizeof(oauthcc_entry_t), live, keep);
    if (entry == NULL) {
        oauthcc_entry_free_slot(cache, slot);
        return NULL;
    }

    history = oauthcc_entry_alloc(cache, sizeof(oauthcc_history_t),
                                  live, keep);
    if (history == NULL) {
        ngx_slab_free_locked(cache->shpool, entry);
        oauthcc_entry_free_slot(cache, slot);
        return NULL;
    }

    ngx_memzero(entry, sizeof(oauthcc_entry_t));
    ngx_memzero(history, sizeof(oauthcc_history_t));

    entry->slot = slot;
    entry->history = history;

    return entry;
}


void *
oauthcc_entry_alloc(oauthcc_cache_t *cache, size_t size, ngx_uint_t live,
    oauthcc_entry_t *keep)
{
    void  *p;

    for ( ;; ) {
        p = ngx_slab_alloc_locked(cache->shpool, size);

        if (p) {
            return p;
        }

        if (!oauthcc_entry_evict_ended(cache, keep)
            && !(live && oauthcc_entry_evict_idle(cache, keep)))
        {
            return NULL;
        }
    }
}


/* The same for a piece of the token of an entry that is to be kept. */

static void *
oauthcc_entry_piece(void *data, size_t size)
{
    oauthcc_entry_room_t  *room = data;

    return oauthcc_entry_alloc(room->cache, size, 1, room->keep);
}


/* What has ended, longest ago first; few entries have a lease. */

static ngx_uint_t
oauthcc_entry_evict_ended(oauthcc_cache_t *cache, oauthcc_entry_t *keep)
{
    ngx_rbtree_node_t  *node;
    oauthcc_entry_t    *entry;
    oauthcc_zone_t     *shared;

    shared = cache->shared;

    if (shared->ends.root == &shared->ends_sentinel) {
        return 0;
    }

    for (node = ngx_rbtree_min(shared->ends.root, &shared->ends_sentinel);
         node;
         node = ngx_rbtree_next(&shared->ends, node))
    {
        if (!oauthcc_lifetime_reached(ngx_current_msec, node->key)) {
            break;
        }

        entry = ngx_rbtree_data(node, oauthcc_entry_t, end);

        if (entry != keep && !oauthcc_lease_leased(entry)) {
            oauthcc_entry_evict(cache, entry);
            return 1;
        }
    }

    return 0;
}


/* The least recently used, unless it is in use. */

static ngx_uint_t
oauthcc_entry_evict_idle(oauthcc_cache_t *cache, oauthcc_entry_t *keep)
{
    ngx_queue_t      *q;
    oauthcc_entry_t  *entry;
    oauthcc_zone_t   *shared;

    shared = cache->shared;

    for (q = ngx_queue_last(&shared->queue);
         q != ngx_queue_sentinel(&shared->queue);
         q = ngx_queue_prev(q))
    {
        entry = ngx_queue_data(q, oauthcc_entry_t, queue);

        if (!oauthcc_lifetime_reached(ngx_current_msec,
                                      entry->used + OAUTHCC_ENTRY_IDLE))
        {
            break;
        }

        if (entry != keep && !oauthcc_lease_leased(entry)) {
            oauthcc_entry_evict(cache, entry);
            return 1;
        }
    }

    return 0;
}


static void
oauthcc_entry_evict(oauthcc_cache_t *cache, oauthcc_entry_t *entry)
{
    oauthcc_zone_add(&entry->client->stats->evictions, 1);

    oauthcc_entry_drop(cache, entry);
}


static oauthcc_entry_slot_t *
oauthcc_entry_slot(oauthcc_cache_t *cache, oauthcc_entry_t *keep)
{
    ngx_uint_t             i;
    oauthcc_entry_slot_t  *slot;
    oauthcc_zone_t        *shared;

    shared = cache->shared;

    if (shared->free == NULL) {

        slot = ngx_slab_calloc_locked(cache->shpool, OAUTHCC_ENTRY_WORDS
                                      * sizeof(oauthcc_entry_slot_t));

        if (slot) {
            for (i = 0; i < OAUTHCC_ENTRY_WORDS; i++) {
                slot[i].next = shared->free;
                shared->free = &slot[i];
            }

        } else if (!oauthcc_entry_evict_ended(cache, keep)) {
            return NULL;
        }
    }

    slot = shared->free;

    if (slot) {
        shared->free = slot->next;
        slot->next = NULL;
    }

    return slot;
}


static void
oauthcc_entry_free_slot(oauthcc_cache_t *cache, oauthcc_entry_slot_t *slot)
{
    oauthcc_zone_t  *shared;

    shared = cache->shared;

    slot->next = shared->free;
    shared->free = slot;
}


void
oauthcc_entry_drop(oauthcc_cache_t *cache, oauthcc_entry_t *entry)
{
    u_char          *data;
    oauthcc_zone_t  *shared;

    shared = cache->shared;

    /* the workers' local entries end with it */

    oauthcc_entry_changed(cache, entry);

    ngx_rbtree_delete(&shared->rbtree, &entry->node);
    ngx_rbtree_delete(&shared->ends, &entry->end);
    ngx_queue_remove(&entry->queue);
    ngx_queue_remove(&entry->sibling);

    shared->nentries--;
    entry->client->nsiblings--;

    oauthcc_lease_end(cache, entry->client, &entry->lease);

    oauthcc_entry_leave(cache, entry->client);

    oauthcc_entry_free_slot(cache, entry->slot);

    data = entry->packed.data;

    if (data) {
        entry->packed.data = NULL;
        oauthcc_slab_chunks_free(cache->shpool, data, entry->packed.len);
    }

    if (entry->history->label) {
        ngx_slab_free_locked(cache->shpool, entry->history->label);
    }

    if (entry->history->reason) {
        ngx_slab_free_locked(cache->shpool, entry->history->reason);
    }

    if (entry->history->refusals) {
        ngx_slab_free_locked(cache->shpool, entry->history->refusals);
    }

    ngx_slab_free_locked(cache->shpool, entry->history);
    ngx_slab_free_locked(cache->shpool, entry);
}


void
oauthcc_entry_leave(oauthcc_cache_t *cache, oauthcc_client_node_t *client)
{
    oauthcc_zone_t  *shared;

    shared = cache->shared;

    if (--client->entries == 0) {
        ngx_rbtree_delete(&shared->clients, &client->node);
        ngx_slab_free_locked(cache->shpool, client);
    }
}
