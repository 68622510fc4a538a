
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_TURN_H_INCLUDED_
#define _OAUTHCC_TURN_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_zone.h"


/*
 * The order of logins while all of max_logins are in use.  There are three
 * classes: entries whose last login succeeded come first, then new entries,
 * then entries whose last login failed.  A class that was overtaken often
 * enough comes first once, and a quarter of the places is reserved for new
 * entries.
 *
 * Within a class the longest waiter comes first.  Each worker has a queue for
 * each class and asks for the first of each; the zone keeps the longest waiter
 * of all workers, which has to ask again each second and whose worker has to
 * be alive.
 *
 * All calls are made under the zone's lock.
 */


/* a request for a place */

typedef struct {
    oauthcc_time_t  since;     /* it waits since this point */
    unsigned        first:1;   /* in the queue of its class in this worker */
    unsigned        queues:3;  /* if not: a bit for each class with a queue */
} oauthcc_turn_ask_t;


/* The class of an entry. */
oauthcc_turn_e oauthcc_turn_class(oauthcc_entry_t *entry);

/*
 * Whether a login of this class may begin now, with at most max logins in
 * progress.  If not, the waiter is noted.
 */
ngx_uint_t oauthcc_turn_come(oauthcc_client_node_t *client,
    oauthcc_turn_e class, ngx_uint_t max, oauthcc_turn_ask_t *ask);

/*
 * To be called when it has begun.  1: all workers have to be notified, since a
 * place is left for a waiter.
 */
ngx_uint_t oauthcc_turn_taken(oauthcc_cache_t *cache,
    oauthcc_client_node_t *client, oauthcc_turn_e class, ngx_uint_t max);

/* This worker has no more waiters in this class.  Returns 1 as above. */
ngx_uint_t oauthcc_turn_leave(oauthcc_cache_t *cache,
    oauthcc_client_node_t *client, oauthcc_turn_e class);

/* Whether there is a waiter for a place. */
ngx_uint_t oauthcc_turn_wanted(oauthcc_client_node_t *client);


#endif /* _OAUTHCC_TURN_H_INCLUDED_ */
