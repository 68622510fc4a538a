
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_lease.h"
#include "core/oauthcc_lifetime.h"


/* so many new entries in so many milliseconds */
#define OAUTHCC_LEASE_CREATE  500
#define OAUTHCC_LEASE_TIME    1000

/* between two retries, in milliseconds */
#define OAUTHCC_LEASE_PAUSE   100


#define oauthcc_lease_digest(n)                                               \
    ((u_char *) (n) + offsetof(oauthcc_entry_t, digest))


static ngx_rbtree_key_t oauthcc_lease_hash(u_char *digest);


oauthcc_client_node_t *
oauthcc_lease_lookup(oauthcc_cache_t *cache, u_char *digest)
{
    oauthcc_zone_t  *shared;

    shared = cache->shared;

    return (oauthcc_client_node_t *)
               oauthcc_lease_find(&shared->clients, digest);
}


void
oauthcc_lease_add(oauthcc_cache_t *cache, oauthcc_client_node_t *client,
    oauthcc_origin_t *origin)
{
    oauthcc_zone_t  *shared;

    shared = cache->shared;

    ngx_memzero(client, sizeof(oauthcc_client_node_t));
    client->stats = origin->stats;

    client->not_before = ngx_current_msec;
    client->since = ngx_current_msec;
    client->retry_at = ngx_current_msec;
    client->told = (uint32_t) ngx_current_msec;

    ngx_queue_init(&client->siblings);
    ngx_queue_init(&client->logins);
    ngx_queue_init(&client->own);

    oauthcc_lease_insert(&shared->clients, &client->node, origin->client);
}


ngx_uint_t
oauthcc_lease_may_grow(oauthcc_client_node_t *client)
{
    if (oauthcc_lifetime_reached(ngx_current_msec,
                                 client->since
                                 + OAUTHCC_LEASE_TIME))
    {
        client->since = ngx_current_msec;
        client->created = 0;
    }

    if (client->created == OAUTHCC_LEASE_CREATE) {
        return 0;
    }

    client->created++;

    return 1;
}


void
oauthcc_lease_take(oauthcc_cache_t *cache, oauthcc_entry_t *entry,
    ngx_msec_t lease)
{
    oauthcc_zone_t  *shared;

    shared = cache->shared;

    oauthcc_lease_give(entry);

    entry->leader = ngx_pid;
    entry->deadline = ngx_current_msec + lease;
    entry->lease = ++shared->generation;

    ngx_queue_insert_tail(&entry->client->logins, &entry->login);
}


void
oauthcc_lease_give(oauthcc_entry_t *entry)
{
    if (entry->lease) {
        entry->lease = 0;
        ngx_queue_remove(&entry->login);
    }
}


ngx_uint_t
oauthcc_lease_leased(oauthcc_entry_t *entry)
{
    return entry->lease != 0
           && oauthcc_lease_held(entry->leader, entry->deadline);
}


ngx_uint_t
oauthcc_lease_held(ngx_pid_t leader, ngx_msec_t deadline)
{
    if (oauthcc_lifetime_reached(ngx_current_msec, deadline)) {
        return 0;
    }

    /* a worker that was killed does not come back to end its lease */

    return oauthcc_lease_alive(leader);
}


ngx_uint_t
oauthcc_lease_alive(ngx_pid_t worker)
{
    return worker == ngx_pid
           || kill(worker, 0) != -1
           || ngx_errno != NGX_ESRCH;
}


ngx_uint_t
oauthcc_lease_logins(oauthcc_client_node_t *client)
{
    ngx_uint_t        n;
    ngx_queue_t      *q, *next;
    oauthcc_entry_t  *entry;

    n = 0;

    for (q = ngx_queue_head(&client->logins);
         q != ngx_queue_sentinel(&client->logins);
         q = next)
    {
        next = ngx_queue_next(q);
        entry = ngx_queue_data(q, oauthcc_entry_t, login);

        if (oauthcc_lease_leased(entry)) {
            n++;

        } else {
            oauthcc_lease_give(entry);
        }
    }

    return n;
}


ngx_uint_t
oauthcc_lease_failures(oauthcc_entry_t *entry)
{
    oauthcc_history_t  *history;

    history = entry->history;

    return history->rotation == entry->client->rotations ? history->failures
                                                          : 0;
}


ngx_uint_t
oauthcc_lease_retries(oauthcc_entry_t *entry)
{
    return oauthcc_lease_failures(entry) != 0 && entry->history->shares;
}


ngx_msec_t
oauthcc_lease_turn(oauthcc_entry_t *entry)
{
    ngx_queue_t            *q;
    ngx_msec_int_t          left;
    oauthcc_login_slot_t   *own;
    oauthcc_entry_t        *other;
    oauthcc_client_node_t  *client;

    if (!oauthcc_lease_retries(entry)) {
        return 0;
    }

    client = entry->client;

    for (q = ngx_queue_head(&client->logins);
         q != ngx_queue_sentinel(&client->logins);
         q = ngx_queue_next(q))
    {
        other = ngx_queue_data(q, oauthcc_entry_t, login);

        if (oauthcc_lease_retries(other)
            && other->history->forced != other->lease
            && oauthcc_lease_leased(other))
        {
            return OAUTHCC_LEASE_PAUSE;
        }
    }

    for (q = ngx_queue_head(&client->own);
         q != ngx_queue_sentinel(&client->own);
         q = ngx_queue_next(q))
    {
        own = ngx_queue_data(q, oauthcc_login_slot_t, queue);

        if (own->retry
            && oauthcc_lease_held(own->leader, own->deadline))
        {
            return OAUTHCC_LEASE_PAUSE;
        }
    }

    /* a point that is long past may look like one to come */

    left = (ngx_msec_int_t) (client->retry_at - ngx_current_msec);

    return (left > 0 && left <= OAUTHCC_LEASE_PAUSE) ? left : 0;
}


void
oauthcc_lease_retried(oauthcc_client_node_t *client)
{
    client->retry_at = ngx_current_msec + OAUTHCC_LEASE_PAUSE;
}


ngx_msec_t
oauthcc_lease_tell(oauthcc_entry_t *entry, ngx_msec_t wait)
{
    oauthcc_history_t      *history;
    oauthcc_client_node_t  *client;

    client = entry->client;
    history = entry->history;

    /* a turn that is waited for is no backoff */

    if (wait <= OAUTHCC_LEASE_PAUSE
        || (uint32_t) ngx_current_msec - client->told < OAUTHCC_LEASE_TELL
        || (history->failed
            && !oauthcc_lifetime_reached(ngx_current_msec,
                                         history->failed_at
                                         + OAUTHCC_LEASE_TELL)))
    {
        return 0;
    }

    client->told = (uint32_t) ngx_current_msec;

    return wait;
}


ngx_uint_t
oauthcc_cache_stale(oauthcc_cache_t *cache, u_char *client_digest)
{
    uint32_t                now;
    ngx_uint_t              told;
    oauthcc_client_node_t  *client;

    now = (uint32_t) ngx_current_msec | 1;
    told = 1;

    ngx_shmtx_lock(&cache->shpool->mutex);

    client = oauthcc_lease_lookup(cache, client_digest);

    if (client
        && (client->stale == 0 || now - client->stale >= OAUTHCC_LEASE_TELL))
    {
        client->stale = now;
        told = 0;
    }

    ngx_shmtx_unlock(&cache->shpool->mutex);

    return !told;
}


void
oauthcc_lease_insert(ngx_rbtree_t *tree, ngx_rbtree_node_t *node,
    u_char *digest)
{
    node->key = oauthcc_lease_hash(digest);

    ngx_memcpy(oauthcc_lease_digest(node), digest + sizeof(ngx_rbtree_key_t),
               OAUTHCC_ZONE_DIGEST_REST);

    ngx_rbtree_insert(tree, node);
}


/* In the structs of both trees the digest follows the node. */

void
oauthcc_lease_insert_value(ngx_rbtree_node_t *temp, ngx_rbtree_node_t *node,
    ngx_rbtree_node_t *sentinel)
{
    ngx_int_t            rc;
    ngx_rbtree_node_t  **p;

    for ( ;; ) {

        if (node->key != temp->key) {
            p = (node->key < temp->key) ? &temp->left : &temp->right;

        } else {
            rc = ngx_memcmp(oauthcc_lease_digest(node),
                            oauthcc_lease_digest(temp),
                            OAUTHCC_ZONE_DIGEST_REST);
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


ngx_rbtree_node_t *
oauthcc_lease_find(ngx_rbtree_t *tree, u_char *digest)
{
    ngx_int_t           rc;
    ngx_rbtree_key_t    key;
    ngx_rbtree_node_t  *node;

    key = oauthcc_lease_hash(digest);
    node = tree->root;

    while (node != tree->sentinel) {

        if (key != node->key) {
            node = (key < node->key) ? node->left : node->right;
            continue;
        }

        rc = ngx_memcmp(digest + sizeof(ngx_rbtree_key_t),
                        oauthcc_lease_digest(node), OAUTHCC_ZONE_DIGEST_REST);

        if (rc == 0) {
            return node;
        }

        node = (rc < 0) ? node->left : node->right;
    }

    return NULL;
}


static ngx_rbtree_key_t
oauthcc_lease_hash(u_char *digest)
{
    ngx_rbtree_key_t  key;

    ngx_memcpy(&key, digest, sizeof(ngx_rbtree_key_t));

    return key;
}
