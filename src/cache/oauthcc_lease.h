
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

/* Makes this memory, of zeros, the client node of this origin. */
void oauthcc_lease_add(oauthcc_cache_t *cache, oauthcc_client_node_t *client,
    oauthcc_origin_t *origin);

/* Counts a new entry; 0 if there have been too many of late. */
ngx_uint_t oauthcc_lease_may_grow(oauthcc_client_node_t *client);

/* Gives this worker a lease that nobody has, for so many milliseconds. */
void oauthcc_lease_take(oauthcc_cache_t *cache, oauthcc_client_node_t *client,
    oauthcc_lease_t *lease, oauthcc_turn_e class, ngx_msec_t time);

/* Ends a lease, if anybody has it: its place is free. */
void oauthcc_lease_end(oauthcc_cache_t *cache, oauthcc_client_node_t *client,
    oauthcc_lease_t *lease);

/* The lease with this number, or NULL. */
oauthcc_lease_t *oauthcc_lease_get(oauthcc_client_node_t *client,
    uint64_t number);

/* Whether somebody who is alive holds the lease. */
ngx_uint_t oauthcc_lease_leased(oauthcc_entry_t *entry);

/* One that nobody will end: its worker has died, or its time is over. */
oauthcc_lease_t *oauthcc_lease_dead(oauthcc_client_node_t *client);

/* How many do, of this provider, and how many of them for new entries. */
ngx_uint_t oauthcc_lease_count(oauthcc_client_node_t *client,
    ngx_uint_t *fresh);

/*
 * Whether a worker has not been killed, as far as this one knows.  What is
 * older than 250 ms, oauthcc_lease_look() finds out.
 */
ngx_uint_t oauthcc_lease_alive(ngx_pid_t pid);

/*
 * To be called without the lock, after others of these: asks after the workers
 * of which too little was known.  1: one is dead, which may change the answer.
 */
ngx_uint_t oauthcc_lease_look(void);

/* A place has become free. */
void oauthcc_lease_free_place(oauthcc_cache_t *cache,
    oauthcc_client_node_t *client);

/*
 * A number that changes when one does; without the lock, and whether or not
 * there is such a client node.
 */
uint64_t oauthcc_lease_places(oauthcc_cache_t *cache, u_char *digest);

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

/*
 * For how many milliseconds no login of the provider is to be tried, because
 * the last ones have failed.  "outdated": by a worker whose secret files are
 * older than those of others.
 */
ngx_msec_t oauthcc_lease_backoff(oauthcc_client_node_t *client,
    ngx_uint_t alive, ngx_uint_t outdated);

/* Whether a login of this entry would be such a retry. */
ngx_uint_t oauthcc_lease_retries(oauthcc_entry_t *entry);

/* In how many milliseconds the next may begin; 0: now, or this is none. */
ngx_msec_t oauthcc_lease_pause(oauthcc_entry_t *entry);

/* A retry begins, or has failed. */
void oauthcc_lease_retried(oauthcc_client_node_t *client);

/* in a backoff the log says each so many milliseconds that there is one */
#define OAUTHCC_LEASE_TELL  60000

/*
 * Whether it is to say now that no login is tried for so many milliseconds, as
 * a failure is told when it happens: returns them, or 0.
 */
ngx_msec_t oauthcc_lease_tell(oauthcc_entry_t *entry, ngx_msec_t wait);

/* The same where there is no entry yet. */
ngx_msec_t oauthcc_lease_tell_new(oauthcc_client_node_t *client,
    ngx_msec_t wait);


#endif /* _OAUTHCC_LEASE_H_INCLUDED_ */
