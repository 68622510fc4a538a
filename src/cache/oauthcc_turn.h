
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_TURN_H_INCLUDED_
#define _OAUTHCC_TURN_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_zone.h"


/*
 * Who logs in first, when all of max_logins are taken: entries whose last
 * login succeeded, then those that had none, then those whose last login
 * failed.  A class that others have passed often enough is first for once, and
 * a quarter of the places is for new entries alone.
 *
 * In a class it is who has waited longest.  Each worker has a queue of its own
 * and asks for its first; the zone knows the first of all workers, as far as
 * they have asked.  It is their first while it asks again each second, and its
 * worker is alive.
 *
 * All calls are made under the zone's lock.
 */


/* who asks for a place */

typedef struct {
    oauthcc_time_t  since;     /* it waits since then */
    unsigned        first:1;   /* in the queue of this worker */
    unsigned        queues:3;  /* else: bits of the classes that have one */
} oauthcc_turn_ask_t;


/* The class of an entry. */
oauthcc_turn_e oauthcc_turn_class(oauthcc_entry_t *entry);

/*
 * Whether a login of this class may begin now, at most max being on their way.
 * If not, it is noted who waits.
 */
ngx_uint_t oauthcc_turn_come(oauthcc_client_node_t *client,
    oauthcc_turn_e class, ngx_uint_t max, oauthcc_turn_ask_t *ask);

/*
 * It has begun.  Returns 1 if somebody who was passed over has to ask again:
 * all workers are to be notified.
 */
ngx_uint_t oauthcc_turn_taken(oauthcc_cache_t *cache,
    oauthcc_client_node_t *client, oauthcc_turn_e class, ngx_uint_t max);

/*
 * Nobody of this worker waits in this class any more.  Returns 1 as above.
 */
ngx_uint_t oauthcc_turn_leave(oauthcc_cache_t *cache,
    oauthcc_client_node_t *client, oauthcc_turn_e class);

/* Whether somebody waits for a place. */
ngx_uint_t oauthcc_turn_wanted(oauthcc_client_node_t *client);


#endif /* _OAUTHCC_TURN_H_INCLUDED_ */
