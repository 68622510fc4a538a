
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_LOGIN_QUEUE_H_INCLUDED_
#define _OAUTHCC_LOGIN_QUEUE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_turn.h"
#include "token/oauthcc_token_types.h"


/*
 * The local entries of a worker that wait for one of a provider's max_logins,
 * those with waiting requests and those to be refreshed: a queue per class,
 * first come, first served.  When a place becomes free, the event
 * provider->runtime.turn asks the zone for the first of each class; one that
 * gets no place stays queued, and no other is asked for.
 */

void oauthcc_login_queue_init(oauthcc_provider_t *provider);

/* Queues a local entry that has waited since then, unless it is queued. */
void oauthcc_login_queue_add(oauthcc_local_t *local, oauthcc_turn_e class,
    oauthcc_time_t since);

/* Removes it from its queue. */
void oauthcc_login_queue_remove(oauthcc_local_t *local);

/* Whether it is in the class of new entries. */
#define oauthcc_login_queue_fresh(local)                                      \
    ((local)->queued && (local)->class == OAUTHCC_TURN_NEW                    \
     && !(local)->provider->document.per_request)

/* The first of a class, or NULL. */
oauthcc_local_t *oauthcc_login_queue_first(oauthcc_provider_t *provider,
    oauthcc_turn_e class);

/* What the zone is to know of who asks, see cache/turn.h. */
void oauthcc_login_queue_ask(oauthcc_provider_t *provider,
    oauthcc_turn_ask_t *ask);

/* Posts the event to ask for the first of each class again. */
void oauthcc_login_queue_turn(oauthcc_provider_t *provider);

/* The waiter that asked got a place, or needs none; or it did not. */
void oauthcc_login_queue_answer(oauthcc_waiter_t *waiter, ngx_uint_t place);

/* Checks whether a place of some provider has become free, see notify. */
void oauthcc_login_queue_look(void);

/* The same without the check; returns 1 if any entry waits. */
ngx_uint_t oauthcc_login_queue_poll(void);


#endif /* _OAUTHCC_LOGIN_QUEUE_H_INCLUDED_ */
