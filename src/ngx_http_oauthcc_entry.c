
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "ngx_http_oauthcc_entry.h"
#include "ngx_http_oauthcc_clock.h"


/* words are allocated in blocks of this many */
#define NGX_HTTP_OAUTHCC_ENTRY_WORDS   32


static void ngx_http_oauthcc_entry_insert_value(ngx_rbtree_node_t *temp,
    ngx_rbtree_node_t *node, ngx_rbtree_node_t *sentinel);
static ngx_rbtree_key_t ngx_http_oauthcc_entry_hash(u_char *digest);
static void *ngx_http_oauthcc_entry_alloc(ngx_http_oauthcc_cache_t *cache,
    size_t size, ngx_http_oauthcc_entry_t *keep);
static ngx_uint_t ngx_http_oauthcc_entry_evict(
    ngx_http_oauthcc_cache_t *cache, ngx_http_oauthcc_entry_t *keep);
static ngx_http_oauthcc_entry_slot_t *ngx_http_oauthcc_entry_slot(
    ngx_http_oauthcc_cache_t *cache);
static void ngx_http_oauthcc_entry_drop(ngx_http_oauthcc_cache_t *cache,
    ngx_http_oauthcc_entry_t *entry);
static void ngx_http_oauthcc_entry_forget(ngx_http_oauthcc_cache_t *cache,
    u_char *token, size_t len);


void
ngx_http_oauthcc_entry_init(ngx_http_oauthcc_entry_shared_t *shared)
{
    ngx_rbtree_init(&shared->rbtree, &shared->sentinel,
                    ngx_http_oauthcc_entry_insert_value);
    ngx_rbtree_init(&shared->ends, &shared->ends_sentinel,
                    ngx_rbtree_insert_timer_value);
    ngx_queue_init(&shared->queue);
}


ngx_http_oauthcc_entry_t *
ngx_http_oauthcc_entry_lookup(ngx_http_oauthcc_cache_t *cache, u_char *digest)
{
    ngx_int_t                         rc;
    ngx_rbtree_key_t                  key;
    ngx_rbtree_node_t                *node, *sentinel;
    ngx_http_oauthcc_entry_t         *entry;
    ngx_http_oauthcc_entry_shared_t  *shared;

    shared = cache->shared;

    key = ngx_http_oauthcc_entry_hash(digest);

    node = shared->rbtree.root;
    sentinel = shared->rbtree.sentinel;

    while (node != sentinel) {

        if (key != node->key) {
            node = (key < node->key) ? node->left : node->right;
            continue;
        }

        entry = (ngx_http_oauthcc_entry_t *) node;

        rc = ngx_memcmp(digest, entry->digest, NGX_HTTP_OAUTHCC_DIGEST_LEN);

        if (rc == 0) {
            return entry;
        }

        node = (rc < 0) ? node->left : node->right;
    }

    return NULL;
}


ngx_http_oauthcc_entry_t *
ngx_http_oauthcc_entry_create(ngx_http_oauthcc_cache_t *cache, u_char *digest)
{
    ngx_http_oauthcc_entry_slot_t    *slot;
    ngx_http_oauthcc_entry_t         *entry;
    ngx_http_oauthcc_entry_shared_t  *shared;

    shared = cache->shared;

    slot = ngx_http_oauthcc_entry_slot(cache);
    if (slot == NULL) {
        return NULL;
    }

    entry = ngx_http_oauthcc_entry_alloc(cache,
                                       sizeof(ngx_http_oauthcc_entry_t),
                                       NULL);
    if (entry == NULL) {
        slot->next = shared->free;
        shared->free = slot;
        return NULL;
    }

    ngx_memzero(entry, sizeof(ngx_http_oauthcc_entry_t));
    ngx_memcpy(entry->digest, digest, NGX_HTTP_OAUTHCC_DIGEST_LEN);

    entry->slot = slot;
    entry->not_before = ngx_current_msec;
    entry->used = ngx_current_msec;

    ngx_http_oauthcc_entry_changed(cache, entry);

    entry->node.key = ngx_http_oauthcc_entry_hash(digest);

    ngx_queue_insert_head(&shared->queue, &entry->queue);
    ngx_rbtree_insert(&shared->rbtree, &entry->node);

    /* without a credential it counts as ended */

    entry->end.key = ngx_current_msec;
    ngx_rbtree_insert(&shared->ends, &entry->end);

    return entry;
}


void
ngx_http_oauthcc_entry_use(ngx_http_oauthcc_cache_t *cache,
    ngx_http_oauthcc_entry_t *entry)
{
    ngx_http_oauthcc_entry_shared_t  *shared;

    shared = cache->shared;

    entry->used = ngx_current_msec;

    ngx_queue_remove(&entry->queue);
    ngx_queue_insert_head(&shared->queue, &entry->queue);
}


ngx_uint_t
ngx_http_oauthcc_entry_leased(ngx_http_oauthcc_entry_t *entry)
{
    if (entry->lease == 0) {
        return 0;
    }

    if (ngx_http_oauthcc_clock_reached(ngx_current_msec, entry->deadline)) {
        return 0;
    }

    /* a worker that was killed does not come back to end its lease */

    if (entry->leader != ngx_pid
        && kill(entry->leader, 0) == -1 && ngx_errno == NGX_ESRCH)
    {
        return 0;
    }

    return 1;
}


void
ngx_http_oauthcc_entry_changed(ngx_http_oauthcc_cache_t *cache,
    ngx_http_oauthcc_entry_t *entry)
{
    ngx_http_oauthcc_entry_shared_t  *shared;

    shared = cache->shared;

    __atomic_store_n(&entry->slot->word.generation, ++shared->generation,
                     __ATOMIC_RELEASE);
}


ngx_int_t
ngx_http_oauthcc_entry_store(ngx_http_oauthcc_cache_t *cache,
    ngx_http_oauthcc_entry_t *entry, ngx_http_oauthcc_login_t *login)
{
    u_char                           *token, *old;
    size_t                            len;
    ngx_http_oauthcc_entry_shared_t  *shared;

    shared = cache->shared;

    token = ngx_http_oauthcc_entry_alloc(cache, login->access_token.len,
                                         entry);
    if (token == NULL) {
        return NGX_DECLINED;
    }

    ngx_memcpy(token, login->access_token.data, login->access_token.len);

    /* a worker may die at any line: an entry without a token is whole */

    old = entry->token;
    len = entry->len;

    entry->token = NULL;

    entry->len = login->access_token.len;
    entry->expires = login->expires;
    entry->usable = login->usable;
    entry->refresh = login->refresh;
    entry->login_time = login->login_time;

    ngx_rbtree_delete(&shared->ends, &entry->end);
    entry->end.key = entry->usable;
    ngx_rbtree_insert(&shared->ends, &entry->end);

    ngx_http_oauthcc_entry_changed(cache, entry);

    entry->serial = entry->slot->word.generation;
    entry->token = token;

    if (old) {
        ngx_http_oauthcc_entry_forget(cache, old, len);
    }

    return NGX_OK;
}


static void
ngx_http_oauthcc_entry_insert_value(ngx_rbtree_node_t *temp,
    ngx_rbtree_node_t *node, ngx_rbtree_node_t *sentinel)
{
    ngx_int_t                  rc;
    ngx_rbtree_node_t        **p;
    ngx_http_oauthcc_entry_t  *n, *t;

    for ( ;; ) {

        if (node->key != temp->key) {
            p = (node->key < temp->key) ? &temp->left : &temp->right;

        } else {
            n = (ngx_http_oauthcc_entry_t *) node;
            t = (ngx_http_oauthcc_entry_t *) temp;

            rc = ngx_memcmp(n->digest, t->digest, NGX_HTTP_OAUTHCC_DIGEST_LEN);
            p = (rc < 0) ? &temp->left : &temp->right;
        }

        if (*p == sentinel) {
            break;
        }

        temp = *p;
    }

    *p = node;
    node->parent = temp;
    node->left = sentinel;
    node->right = sentinel;
    ngx_rbt_red(node);
}


static ngx_rbtree_key_t
ngx_http_oauthcc_entry_hash(u_char *digest)
{
    ngx_rbtree_key_t  key;

    ngx_memcpy(&key, digest, sizeof(ngx_rbtree_key_t));

    return key;
}


static void *
ngx_http_oauthcc_entry_alloc(ngx_http_oauthcc_cache_t *cache, size_t size,
    ngx_http_oauthcc_entry_t *keep)
{
    void  *p;

    for ( ;; ) {
        p = ngx_slab_alloc_locked(cache->shpool, size);

        if (p || ngx_http_oauthcc_entry_evict(cache, keep) == 0) {
            return p;
        }
    }
}


static ngx_uint_t
ngx_http_oauthcc_entry_evict(ngx_http_oauthcc_cache_t *cache,
    ngx_http_oauthcc_entry_t *keep)
{
    ngx_queue_t                      *q;
    ngx_rbtree_node_t                *node;
    ngx_http_oauthcc_entry_t         *entry;
    ngx_http_oauthcc_entry_shared_t  *shared;

    shared = cache->shared;

    /* what has ended, longest ago first; few entries have a lease */

    if (shared->ends.root != &shared->ends_sentinel) {

        for (node = ngx_rbtree_min(shared->ends.root, &shared->ends_sentinel);
             node;
             node = ngx_rbtree_next(&shared->ends, node))
        {
            if (!ngx_http_oauthcc_clock_reached(ngx_current_msec, node->key)) {
                break;
            }

            entry = ngx_rbtree_data(node, ngx_http_oauthcc_entry_t, end);

            if (entry != keep && !ngx_http_oauthcc_entry_leased(entry)) {
                ngx_http_oauthcc_entry_drop(cache, entry);
                return 1;
            }
        }
    }

    /* then the least recently used, unless it is in use */

    for (q = ngx_queue_last(&shared->queue);
         q != ngx_queue_sentinel(&shared->queue);
         q = ngx_queue_prev(q))
    {
        entry = ngx_queue_data(q, ngx_http_oauthcc_entry_t, queue);

        if (!ngx_http_oauthcc_clock_reached(ngx_current_msec,
                                    entry->used + NGX_HTTP_OAUTHCC_ENTRY_IDLE))
        {
            break;
        }

        if (entry != keep && !ngx_http_oauthcc_entry_leased(entry)) {
            ngx_http_oauthcc_entry_drop(cache, entry);
            return 1;
        }
    }

    return 0;
}


static ngx_http_oauthcc_entry_slot_t *
ngx_http_oauthcc_entry_slot(ngx_http_oauthcc_cache_t *cache)
{
    ngx_uint_t                        i;
    ngx_http_oauthcc_entry_slot_t    *slot;
    ngx_http_oauthcc_entry_shared_t  *shared;

    shared = cache->shared;

    if (shared->free == NULL) {

        slot = ngx_slab_calloc_locked(cache->shpool,
                                      NGX_HTTP_OAUTHCC_ENTRY_WORDS
                                      * sizeof(ngx_http_oauthcc_entry_slot_t));

        if (slot) {
            for (i = 0; i < NGX_HTTP_OAUTHCC_ENTRY_WORDS; i++) {
                slot[i].next = shared->free;
                shared->free = &slot[i];
            }

        } else if (ngx_http_oauthcc_entry_evict(cache, NULL) == 0) {
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
ngx_http_oauthcc_entry_drop(ngx_http_oauthcc_cache_t *cache,
    ngx_http_oauthcc_entry_t *entry)
{
    u_char                           *token;
    ngx_http_oauthcc_entry_shared_t  *shared;

    shared = cache->shared;

    /* the workers' copies end with it */

    ngx_http_oauthcc_entry_changed(cache, entry);

    ngx_rbtree_delete(&shared->rbtree, &entry->node);
    ngx_rbtree_delete(&shared->ends, &entry->end);
    ngx_queue_remove(&entry->queue);

    entry->slot->next = shared->free;
    shared->free = entry->slot;

    token = entry->token;

    if (token) {
        entry->token = NULL;
        ngx_http_oauthcc_entry_forget(cache, token, entry->len);
    }

    ngx_slab_free_locked(cache->shpool, entry);
}


static void
ngx_http_oauthcc_entry_forget(ngx_http_oauthcc_cache_t *cache, u_char *token,
    size_t len)
{
    ngx_explicit_memzero(token, len);
    ngx_slab_free_locked(cache->shpool, token);
}
