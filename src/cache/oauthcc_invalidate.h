
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _NGX_HTTP_OAUTHCC_FORCE_H_INCLUDED_
#define _NGX_HTTP_OAUTHCC_FORCE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_cache.h"


/* What is done to entries besides asking for them: refused tokens, orders. */


/*
 * An upstream has refused the credential query->refused.  interval is the
 * least time in milliseconds between two logins that are forced this way; it
 * doubles as long as their tokens are refused too.  The state is
 *
 *     HIT: there is another credential already, or soon;
 *     LEAD: the caller has to log in;  WAIT: somebody does;
 *     BACKOFF: no login for now, the refusal stands.
 */
void ngx_http_oauthcc_force_refuse(ngx_http_oauthcc_cache_t *cache,
    u_char *digest, ngx_http_oauthcc_cache_query_t *query,
    ngx_msec_t interval, ngx_http_oauthcc_cache_result_t *result);

/* An upstream has taken a credential that was not proven. */
void ngx_http_oauthcc_force_prove(ngx_http_oauthcc_cache_t *cache,
    u_char *digest, uint64_t serial);


/* an order of an operator's: what has become of the entries it was about */

typedef struct {
    ngx_uint_t                          found;
    ngx_uint_t                          running;   /* a login is on its way */
    ngx_uint_t                          early;     /* the last was just now */
    ngx_uint_t                          wanted;    /* a login is, from now */
} ngx_http_oauthcc_force_order_t;


/*
 * Orders a login for the entry with this id, or for all of the account, the
 * most recently used first, at most NGX_HTTP_OAUTHCC_FORCE_ORDERS.  Any worker
 * may grant() it; if none can, the next request starts it.
 */
void ngx_http_oauthcc_force_refresh(ngx_http_oauthcc_cache_t *cache,
    u_char *account, uint64_t *id, ngx_http_oauthcc_force_order_t *order);

/*
 * Gives the caller the lease of the entry with this digest, in result->lease,
 * if a login was ordered: whatever the backoff says.
 */
void ngx_http_oauthcc_force_grant(ngx_http_oauthcc_cache_t *cache,
    u_char *digest, ngx_http_oauthcc_cache_query_t *query,
    ngx_http_oauthcc_cache_result_t *result);

/* Drops the entry with this id, or all of the account; how many that were. */
ngx_uint_t ngx_http_oauthcc_force_purge(ngx_http_oauthcc_cache_t *cache,
    u_char *account, uint64_t *id);

#define NGX_HTTP_OAUTHCC_FORCE_ORDERS  100


#endif /* _NGX_HTTP_OAUTHCC_FORCE_H_INCLUDED_ */
