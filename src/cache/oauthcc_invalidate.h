
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_INVALIDATE_H_INCLUDED_
#define _OAUTHCC_INVALIDATE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_cache.h"
#include "cache/oauthcc_outcome.h"


/* What is done to entries besides asking for them: refused tokens, orders. */


/*
 * An upstream has refused the credential query->refused in this location.
 * interval is the least time in milliseconds between two logins that are
 * forced this way, whoever does; it doubles for a location that refuses what
 * they bring too.  The state is
 *
 *     HIT: there is another credential already, or soon;
 *     LEAD: the caller has to log in;  WAIT: somebody does;
 *     BACKOFF: no login for now, the refusal stands.
 */
void oauthcc_invalidate_refuse(oauthcc_cache_t *cache, u_char *digest,
    oauthcc_cache_query_t *query, uint32_t location, ngx_msec_t interval,
    oauthcc_cache_result_t *result);

/*
 * An upstream has taken a credential of an entry some of whose are refused,
 * with "healed" after it had refused another one for the same request.
 * Returns in how many milliseconds that is worth telling again; 0: it is not.
 */
ngx_msec_t oauthcc_invalidate_taken(oauthcc_cache_t *cache, u_char *digest,
    uint64_t serial, ngx_uint_t healed);


/* an order of an operator's: what has become of the entries it was about */

typedef struct {
    ngx_uint_t  found;
    ngx_uint_t  running;  /* a login is on its way */
    ngx_uint_t  early;    /* the last was just now */
    ngx_uint_t  wanted;   /* a login is, from now */

    /* the caller's, NULL or room for all: those that run or are wanted */
    oauthcc_outcome_target_t  *targets;
    ngx_uint_t                 ntargets;
} oauthcc_invalidate_order_t;


/*
 * Orders a login for the entry with this id, or for all of the client node,
 * the most recently used first, at most OAUTHCC_INVALIDATE_ORDERS.  Any worker
 * may grant() it; if none can, the next request starts it.
 */
void oauthcc_invalidate_refresh(oauthcc_cache_t *cache, u_char *client,
    uint64_t *id, oauthcc_invalidate_order_t *order);

/*
 * Gives the caller the lease of the entry with this digest, in result->lease,
 * if a login was ordered: whatever the backoff says.
 */
void oauthcc_invalidate_grant(oauthcc_cache_t *cache, u_char *digest,
    oauthcc_cache_query_t *query, oauthcc_cache_result_t *result);

/*
 * Drops the entry with this id, or all of the client node; how many that were.
 */
ngx_uint_t oauthcc_invalidate_purge(oauthcc_cache_t *cache, u_char *client,
    uint64_t *id);

#define OAUTHCC_INVALIDATE_ORDERS  100


#endif /* _OAUTHCC_INVALIDATE_H_INCLUDED_ */
