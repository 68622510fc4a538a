
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
 * those with waiting requests and those that are to be refreshed: a queue of
 * each class, first come, first served.  When a place becomes free, the event
 * provider->runtime.turn asks the zone for the first of each; one that gets no
 * place stays where it is, and nobody else is asked for.
 */

void oauthcc_login_queue_init(oauthcc_provider_t *provider);

/* Queues a local entry that waits since then, if it is not queued yet. */
void oauthcc_login_queue_add(oauthcc_local_t *local, oauthcc_turn_e class,
    ngx_msec_t since);

/* It waits no more. */
void oauthcc_login_queue_remove(oauthcc_local_t *local);

/* Whether its waiters are those of a new entry. */
#define oauthcc_login_queue_fresh(local)                                      \
    ((local)->queued && (local)->class == OAUTHCC_TURN_NEW                    \
     && !(local)->provider->document.per_request)

/* The first of a class, or NULL. */
oauthcc_local_t *oauthcc_login_queue_first(oauthcc_provider_t *provider,
    oauthcc_turn_e class);

/* What the zone is to know of who asks, see cache/turn.h. */
void oauthcc_login_queue_ask(oauthcc_provider_t *provider,
    oauthcc_turn_ask_t *ask);

/* It is worth while to ask for the first of all classes again. */
void oauthcc_login_queue_turn(oauthcc_provider_t *provider);

/* The waiter that asked got a place, or needs none; or it did not. */
void oauthcc_login_queue_answer(oauthcc_waiter_t *waiter, ngx_uint_t place);

/* A place of some provider may have become free, see notify. */
void oauthcc_login_queue_look(void);

/* The same, whether or not; returns 1 if anybody waits. */
ngx_uint_t oauthcc_login_queue_poll(void);


#endif /* _OAUTHCC_LOGIN_QUEUE_H_INCLUDED_ */
