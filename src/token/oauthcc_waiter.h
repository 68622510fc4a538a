
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_WAITER_H_INCLUDED_
#define _OAUTHCC_WAITER_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "token/oauthcc_token_types.h"


/* The queue of a local entry's waiters, at configuration time. */
void oauthcc_waiter_init(oauthcc_local_t *local);

/* Whether as many requests as may wait for this provider do. */
ngx_uint_t oauthcc_waiter_full(oauthcc_provider_t *provider);

/*
 * Makes acquire->waiter in the pool, its time runs from now: the provider's
 * wait_timeout.  NGX_ERROR if memory runs out.
 */
ngx_int_t oauthcc_waiter_create(oauthcc_local_t *local,
                                oauthcc_acquire_t *acquire,
    ngx_pool_t *pool, oauthcc_resume_pt resume, void *data);

/* Queues a waiter until the login of this lease ends. */
void oauthcc_waiter_join(oauthcc_waiter_t *waiter, uint64_t lease);

/* Ends the waiting, if there is any: resume() will not be called. */
void oauthcc_waiter_leave(oauthcc_acquire_t *acquire);

/* Posts the resumption of all who wait for this local entry. */
void oauthcc_waiter_wake(oauthcc_local_t *local);


#endif /* _OAUTHCC_WAITER_H_INCLUDED_ */
