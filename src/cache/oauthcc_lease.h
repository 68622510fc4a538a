
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
 * Client nodes, which the entries of a provider share, and leases.  All calls
 * but lease_look() and lease_places() are made under the zone's lock;
 * durations are in milliseconds.
 */


/* The client node with this digest, or NULL. */
oauthcc_client_node_t *oauthcc_lease_lookup(oauthcc_cache_t *cache,
    u_char *digest);

/* Initializes a client node in zeroed memory. */
void oauthcc_lease_add(oauthcc_cache_t *cache, oauthcc_client_node_t *client,
    oauthcc_origin_t *origin);

/* Counts a new entry; 0: the rate of new entries is too high. */
ngx_uint_t oauthcc_lease_may_grow(oauthcc_client_node_t *client);

/* Gives this worker a lease that is not held, for this time. */
void oauthcc_lease_take(oauthcc_cache_t *cache, oauthcc_client_node_t *client,
    oauthcc_lease_t *lease, oauthcc_turn_e class, ngx_msec_t time);

/* Ends a lease if it is held, and frees its place. */
void oauthcc_lease_end(oauthcc_cache_t *cache, oauthcc_client_node_t *client,
    oauthcc_lease_t *lease);

/* The lease with this number, or NULL. */
oauthcc_lease_t *oauthcc_lease_get(oauthcc_client_node_t *client,
    uint64_t number);

/* Whether a worker that is alive holds the lease, before its deadline. */
ngx_uint_t oauthcc_lease_leased(oauthcc_entry_t *entry);

/* A lease whose worker has died, or whose deadline is over; or NULL. */
oauthcc_lease_t *oauthcc_lease_dead(oauthcc_client_node_t *client);

/* The number of leases that are held, and of those for new entries. */
ngx_uint_t oauthcc_lease_count(oauthcc_client_node_t *client,
    ngx_uint_t *fresh);

/*
 * Whether a worker is alive, as far as this one knows.  If its knowledge is
 * older than 250 ms, lease_look() renews it.
 */
ngx_uint_t oauthcc_lease_alive(ngx_pid_t pid);

/*
 * Checks the workers that lease_alive() was asked about; to be called later,
 * without the lock.  1: one of them is dead, which may change the result.
 */
ngx_uint_t oauthcc_lease_look(void);

/* Notes that a place has become free. */
void oauthcc_lease_free_place(oauthcc_cache_t *cache,
    oauthcc_client_node_t *client);

/*
 * A number that changes when a place becomes free.  Takes no lock; the client
 * node need not exist.
 */
uint64_t oauthcc_lease_places(oauthcc_cache_t *cache, u_char *digest);

/*
 * Entries whose failures concern them only share one place for retries, at
 * most ten a second: however many they are, they neither overload the server
 * nor use the places of other entries.
 */

/*
 * The failed logins in a row that concern this entry only, since the last
 * rotation of its provider's secrets.
 */
ngx_uint_t oauthcc_lease_failures(oauthcc_entry_t *entry);

/*
 * The time until the next login of the provider may be tried after failures;
 * 0: now.  "alive": the entry has a token that has not expired.  "outdated":
 * another worker has newer secret files.
 */
ngx_msec_t oauthcc_lease_backoff(oauthcc_client_node_t *client,
    ngx_uint_t alive, ngx_uint_t outdated);

/* Whether the next login of this entry is such a retry. */
ngx_uint_t oauthcc_lease_retries(oauthcc_entry_t *entry);

/* The time until it may begin; 0: now, or it is no retry. */
ngx_msec_t oauthcc_lease_pause(oauthcc_entry_t *entry);

/* Begins the pause after a retry was started or has failed. */
void oauthcc_lease_retried(oauthcc_client_node_t *client);

/* during a backoff a message is logged once in this time */
#define OAUTHCC_LEASE_TELL  60000

/*
 * The time to be logged, for which no login is tried; 0: nothing, since a
 * message or the failure itself was logged a short time ago.
 */
ngx_msec_t oauthcc_lease_tell(oauthcc_entry_t *entry, ngx_msec_t wait);

/* The same for a provider, if there is no entry yet. */
ngx_msec_t oauthcc_lease_tell_new(oauthcc_client_node_t *client,
    ngx_msec_t wait);


#endif /* _OAUTHCC_LEASE_H_INCLUDED_ */
