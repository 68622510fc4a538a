
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_PLACE_H_INCLUDED_
#define _OAUTHCC_PLACE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_cache_query.h"


/* Places: a lease for one of max_logins, or a turn to wait for it. */


/*
 * This worker has no more waiters for a place in this class.  *notify: all
 * workers have to be notified.  Takes the lock.
 */
void oauthcc_place_leave(oauthcc_cache_t *cache, u_char *client_digest,
    oauthcc_turn_e class, ngx_uint_t *notify);

/* The other calls are made under the lock. */

/*
 * Gives the caller the lease of the entry, or one for its per-request login,
 * in result->lease.  0: all places are in use, which result->place says, or
 * the zone is full.  After a failure of the provider there is only one place
 * until a login succeeds.
 */
ngx_uint_t oauthcc_place_take(oauthcc_cache_t *cache, oauthcc_entry_t *entry,
    oauthcc_cache_query_t *query, oauthcc_cache_result_t *result);

/* The same; the state of *result is LEAD, WAIT for a place, or FULL. */
void oauthcc_place_lead(oauthcc_cache_t *cache, oauthcc_entry_t *entry,
    oauthcc_cache_query_t *query, oauthcc_cache_result_t *result);

/* Sets *result to WAIT for the login in progress. */
void oauthcc_place_wait(oauthcc_entry_t *entry,
    oauthcc_cache_result_t *result);

/*
 * Creates an entry if its login may begin now.  NULL: it may not, and *result
 * is WAIT, BACKOFF or FULL.
 */
oauthcc_entry_t *oauthcc_place_new(oauthcc_cache_t *cache, u_char *digest,
    oauthcc_cache_query_t *query, oauthcc_cache_result_t *result);

/*
 * Ends a lease, and frees one of a per-request login.  The client node is
 * freed if that was its last user.
 */
void oauthcc_place_end(oauthcc_cache_t *cache, oauthcc_client_node_t *client,
    oauthcc_lease_t *lease);

/*
 * After a reset: stores the worker's copy of the credential in the entry,
 * which is created if it is NULL, until there is a new one.  Not if the copy
 * was replaced before the reset, is expired or refused, or if any entry was
 * dropped since: it might be a purged one.  Returns the entry, or NULL.
 */
oauthcc_entry_t *oauthcc_place_restore(oauthcc_cache_t *cache, u_char *digest,
    oauthcc_entry_t *entry, oauthcc_cache_query_t *query);


#endif /* _OAUTHCC_PLACE_H_INCLUDED_ */
