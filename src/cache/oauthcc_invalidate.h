
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_INVALIDATE_H_INCLUDED_
#define _OAUTHCC_INVALIDATE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_cache.h"
#include "cache/oauthcc_outcome.h"


/* Refused tokens, and orders of operators: refresh and purge. */


/*
 * An upstream has refused the credential query->refused in this location.
 * interval: the shortest time in milliseconds between two logins that are
 * forced in this way, by all locations; see refusal.  The state is
 *
 *     HIT: there is another credential already;
 *     LEAD: the caller has to log in;
 *     WAIT: a login is in progress, or all places are in use;
 *     BACKOFF: no login for now, the client gets the refusal.
 */
void oauthcc_invalidate_refuse(oauthcc_cache_t *cache, u_char *digest,
    oauthcc_cache_query_t *query, uint32_t location, ngx_msec_t interval,
    oauthcc_cache_result_t *result);

/*
 * An upstream has accepted the credential with this serial; see
 * refusal_taken().
 */
ngx_msec_t oauthcc_invalidate_taken(oauthcc_cache_t *cache, u_char *digest,
    uint64_t serial, ngx_uint_t healed);


/* the result of an order: numbers of entries */

typedef struct {
    ngx_uint_t  found;
    ngx_uint_t  running;  /* a login is in progress */
    ngx_uint_t  early;    /* the last refresh is too recent */
    ngx_uint_t  wanted;   /* a login was ordered */

    /* memory of the caller for "running" and "wanted" entries, or NULL */
    oauthcc_outcome_target_t  *targets;
    ngx_uint_t                 ntargets;
} oauthcc_invalidate_order_t;


/*
 * Orders a login for the entry with this id, or, if id is NULL, for the
 * OAUTHCC_INVALIDATE_ORDERS most recently used ones of the client node.  A
 * worker that has a local entry starts it, see grant(), or the next request.
 */
void oauthcc_invalidate_refresh(oauthcc_cache_t *cache, u_char *client,
    uint64_t *id, oauthcc_invalidate_order_t *order);

/*
 * Gives the caller the lease of the entry, in result->lease, if a login was
 * ordered; a backoff does not delay it.
 */
void oauthcc_invalidate_grant(oauthcc_cache_t *cache, u_char *digest,
    oauthcc_cache_query_t *query, oauthcc_cache_result_t *result);

/*
 * Drops the entry with this id, or, if id is NULL, all of the client node.
 * Returns their number.
 */
ngx_uint_t oauthcc_invalidate_purge(oauthcc_cache_t *cache, u_char *client,
    uint64_t *id);

#define OAUTHCC_INVALIDATE_ORDERS  100


#endif /* _OAUTHCC_INVALIDATE_H_INCLUDED_ */
