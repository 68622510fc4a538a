
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_PLACE_H_INCLUDED_
#define _OAUTHCC_PLACE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_cache_query.h"


/* One of max_logins: an entry's, or that of a request's own login. */


/*
 * Nobody of this worker waits for a place in this class any more.  *notify: as
 * in a result.
 */
void oauthcc_place_leave(oauthcc_cache_t *cache, u_char *client_digest,
    oauthcc_turn_e class, ngx_uint_t *notify);

/* For the rooms that have the lock. */

/*
 * Gives the caller the lease, in *result, or says there that one of max_logins
 * is to be waited for: of one, while it is not known that the server is well.
 */
ngx_uint_t oauthcc_place_take(oauthcc_cache_t *cache, oauthcc_entry_t *entry,
    oauthcc_cache_query_t *query, oauthcc_cache_result_t *result);

/* The same; *result is LEAD, WAIT for a place, or FULL. */
void oauthcc_place_lead(oauthcc_cache_t *cache, oauthcc_entry_t *entry,
    oauthcc_cache_query_t *query, oauthcc_cache_result_t *result);

/* *result is WAIT for the present lease. */
void oauthcc_place_wait(oauthcc_entry_t *entry,
    oauthcc_cache_result_t *result);

/*
 * Makes an entry for a login that may begin now.  NULL: it may not, *result is
 * WAIT, BACKOFF or FULL.
 */
oauthcc_entry_t *oauthcc_place_new(oauthcc_cache_t *cache, u_char *digest,
    oauthcc_cache_query_t *query, oauthcc_cache_result_t *result);

/* Ends a lease.  The client node may go with one of a request's own. */
void oauthcc_place_end(oauthcc_cache_t *cache, oauthcc_client_node_t *client,
    oauthcc_lease_t *lease);

/*
 * The zone was emptied: what a worker has is used until there is a new one, if
 * it was the present one until then, and nothing has gone since that may have
 * been purged or refused.  Returns the entry, which may be NULL as before.
 */
oauthcc_entry_t *oauthcc_place_restore(oauthcc_cache_t *cache, u_char *digest,
    oauthcc_entry_t *entry, oauthcc_cache_query_t *query);


#endif /* _OAUTHCC_PLACE_H_INCLUDED_ */
