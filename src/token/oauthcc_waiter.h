
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_WAITER_H_INCLUDED_
#define _OAUTHCC_WAITER_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "token/oauthcc_token_types.h"


/* Prepares the queue of a local entry's waiters, at configuration time. */
void oauthcc_waiter_init(oauthcc_local_t *local);

/* How many requests may wait, see max_waiters. */
ngx_uint_t oauthcc_waiter_max(oauthcc_provider_t *provider);

/*
 * Whether the provider has max_waiters waiting requests; those of new entries
 * that wait for one of max_logins may be half of them.
 */
ngx_uint_t oauthcc_waiter_full(oauthcc_provider_t *provider, ngx_uint_t fresh);

/*
 * Creates acquire->waiter in the pool; wait_timeout begins now.  NGX_ERROR:
 * out of memory.
 */
ngx_int_t oauthcc_waiter_create(oauthcc_local_t *local,
                                oauthcc_acquire_t *acquire,
    ngx_pool_t *pool, oauthcc_resume_pt resume, void *data);

/*
 * It is resumed after so many milliseconds at the latest, to ask again; 0:
 * after wait_timeout, and has timed out then.
 */
void oauthcc_waiter_limit(oauthcc_waiter_t *waiter, ngx_msec_t patience);

/* Queues a waiter. */
void oauthcc_waiter_join(oauthcc_waiter_t *waiter);

/*
 * All waiters of this local entry wait for this lease from now on, until its
 * deadline or the death of its worker.
 */
void oauthcc_waiter_await(oauthcc_local_t *local, uint64_t lease,
    ngx_pid_t leader, oauthcc_time_t deadline);

/* Stops waiting: resume() will not be called. */
void oauthcc_waiter_leave(oauthcc_acquire_t *acquire);

/*
 * Posts the resumption of all waiters of this local entry, or of the first
 * one, which is returned, or NULL.
 */
void oauthcc_waiter_wake(oauthcc_local_t *local);
oauthcc_waiter_t *oauthcc_waiter_wake_first(oauthcc_local_t *local);

/* Calls look() for each local entry of this worker that has waiters. */
void oauthcc_waiter_each(void (*look)(oauthcc_local_t *local));

/*
 * Calls a handler each 250 ms while there are waiters, for which it returns 1.
 */
void oauthcc_waiter_start(ngx_log_t *log, ngx_uint_t (*poll)(void));


#endif /* _OAUTHCC_WAITER_H_INCLUDED_ */
