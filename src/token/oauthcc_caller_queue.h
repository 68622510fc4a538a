
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_CALLER_QUEUE_H_INCLUDED_
#define _OAUTHCC_CALLER_QUEUE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "token/oauthcc_token_types.h"


/*
 * Fairness among the entries of callers that wait for one of a provider's
 * max_logins: of each client address only one entry at a time stands in the
 * queue of its class, see login_queue, and the address whose last one has left
 * that queue earlier comes first.  An address with many entries gets no more
 * places than one with few.
 */


/* so many entries of an address may wait in a worker */
#define OAUTHCC_CALLER_QUEUE_MAX  64


/* Prepares a provider, at configuration time. */
void oauthcc_caller_queue_init(oauthcc_provider_t *provider);

/*
 * Whether a new entry that does not wait yet may not: max of its address do,
 * or OAUTHCC_CALLER_QUEUE_MAX.
 */
ngx_uint_t oauthcc_caller_queue_full(oauthcc_local_t *local, ngx_uint_t max);

/*
 * Adds an entry of local->address that waits in this class.  1: it is to stand
 * in the queue of the class; 0: it waits behind others of its address.
 */
ngx_uint_t oauthcc_caller_queue_add(oauthcc_local_t *local,
    oauthcc_turn_e class);

/*
 * Removes one.  If it stood in the queue of the class, returns the next of its
 * address, which is to stand there from now on; or NULL.
 */
oauthcc_local_t *oauthcc_caller_queue_remove(oauthcc_local_t *local);


#endif /* _OAUTHCC_CALLER_QUEUE_H_INCLUDED_ */
