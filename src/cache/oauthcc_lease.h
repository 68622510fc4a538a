
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_LEASE_H_INCLUDED_
#define _OAUTHCC_LEASE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_provider_conf.h"
#include "cache/oauthcc_zone.h"


/*
 * What the entries of a provider share, and who logs in for them.  All calls
 * are made under the zone's lock.
 */


/* The client node with this digest, or NULL. */
oauthcc_client_node_t *oauthcc_lease_lookup(oauthcc_cache_t *cache,
    u_char *digest);

/* Makes this memory the client node of this origin. */
void oauthcc_lease_add(oauthcc_cache_t *cache, oauthcc_client_node_t *client,
    oauthcc_origin_t *origin);

/* Counts a new entry; 0 if there have been too many of late. */
ngx_uint_t oauthcc_lease_may_grow(oauthcc_client_node_t *client);

/* Gives this worker the lease of an entry, for so many milliseconds. */
void oauthcc_lease_take(oauthcc_cache_t *cache, oauthcc_entry_t *entry,
    ngx_msec_t lease);

/* Ends the lease, if there is one. */
void oauthcc_lease_give(oauthcc_entry_t *entry);

/* Whether somebody who is alive holds the lease. */
ngx_uint_t oauthcc_lease_leased(oauthcc_entry_t *entry);

/* Whether a worker has not been killed. */
ngx_uint_t oauthcc_lease_alive(ngx_pid_t worker);

/* Whether a lease until the deadline is that of a worker that is alive. */
ngx_uint_t oauthcc_lease_held(ngx_pid_t leader, ngx_msec_t deadline);

/* How many entries somebody who is alive holds the lease of. */
ngx_uint_t oauthcc_lease_logins(oauthcc_client_node_t *client);

/*
 * Entries whose own logins have failed share one place for their retries, and
 * ten of them a second: however many they are, they neither hammer the server
 * nor keep the places of others.
 */

/*
 * The failed logins of its own in a row, but for those before a rotation of
 * its provider's secrets has ended the backoff.
 */
ngx_uint_t oauthcc_lease_failures(oauthcc_entry_t *entry);

/* Whether a login of this entry would be such a retry. */
ngx_uint_t oauthcc_lease_retries(oauthcc_entry_t *entry);

/* In how many milliseconds it may be its turn; 0: it is, or needs none. */
ngx_msec_t oauthcc_lease_turn(oauthcc_entry_t *entry);

/* A retry begins, or has failed. */
void oauthcc_lease_retried(oauthcc_client_node_t *client);

/* in a backoff the log says each so many milliseconds that there is one */
#define OAUTHCC_LEASE_TELL  60000

/*
 * Whether it is to say now that no login is tried for so many milliseconds, as
 * a failure is told when it happens: returns them, or 0.
 */
ngx_msec_t oauthcc_lease_tell(oauthcc_entry_t *entry, ngx_msec_t wait);

/* A tree by digests: in entries and client nodes they follow the node. */

void oauthcc_lease_insert_value(ngx_rbtree_node_t *temp,
    ngx_rbtree_node_t *node, ngx_rbtree_node_t *sentinel);
ngx_rbtree_node_t *oauthcc_lease_find(ngx_rbtree_t *tree, u_char *digest);
void oauthcc_lease_insert(ngx_rbtree_t *tree, ngx_rbtree_node_t *node,
    u_char *digest);


#endif /* _OAUTHCC_LEASE_H_INCLUDED_ */
