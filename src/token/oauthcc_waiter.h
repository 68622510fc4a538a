
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _NGX_HTTP_OAUTHCC_WAITER_H_INCLUDED_
#define _NGX_HTTP_OAUTHCC_WAITER_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_types.h"


/* The queue of a copy's waiters, at configuration time. */
void ngx_http_oauthcc_waiter_init(ngx_http_oauthcc_copy_t *copy);

/* Whether as many requests as may wait for this provider do. */
ngx_uint_t ngx_http_oauthcc_waiter_full(
    ngx_http_oauthcc_provider_t *provider);

/*
 * Makes ask->waiter in the pool, its time runs from now: the provider's
 * wait_timeout.  NGX_ERROR if memory runs out.
 */
ngx_int_t ngx_http_oauthcc_waiter_create(ngx_http_oauthcc_copy_t *copy,
    ngx_http_oauthcc_ask_t *ask, ngx_pool_t *pool,
    ngx_http_oauthcc_resume_pt resume, void *data);

/* Queues a waiter until the login of this lease ends. */
void ngx_http_oauthcc_waiter_join(ngx_http_oauthcc_waiter_t *waiter,
    uint64_t lease);

/* Ends the waiting, if there is any: resume() will not be called. */
void ngx_http_oauthcc_waiter_leave(ngx_http_oauthcc_ask_t *ask);

/* Posts the resumption of all who wait for this copy. */
void ngx_http_oauthcc_waiter_wake(ngx_http_oauthcc_copy_t *copy);


#endif /* _NGX_HTTP_OAUTHCC_WAITER_H_INCLUDED_ */
