
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _NGX_HTTP_OAUTHCC_BROKER_H_INCLUDED_
#define _NGX_HTTP_OAUTHCC_BROKER_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_types.h"


/* To be called once in a worker: the providers of its cycle. */
ngx_int_t ngx_http_oauthcc_broker_start(ngx_cycle_t *cycle,
    ngx_array_t *providers);

/* The worker ends: gives back what it has of them. */
void ngx_http_oauthcc_broker_stop(ngx_array_t *providers);

/* Prepares a provider, at configuration time. */
void ngx_http_oauthcc_broker_init(ngx_http_oauthcc_provider_t *provider);

/*
 * Whether the worker's copy is the present one: the hot path, one atomic
 * load.  Then copy->credential may be used at once.
 */
#define ngx_http_oauthcc_broker_present(copy)                                 \
    ((copy)->credential                                                       \
     && ngx_http_oauthcc_word_load((copy)->word) == (copy)->generation        \
     && (ngx_msec_int_t) (ngx_current_msec - (copy)->attention) < 0)

/* The same for a request that has never asked: then it is a hit. */

#define ngx_http_oauthcc_broker_at_hand(copy, ask)                            \
    ((ask)->status == NGX_HTTP_OAUTHCC_STATUS_NONE && (ask)->refused == 0     \
     && ngx_http_oauthcc_broker_present(copy))

#define ngx_http_oauthcc_broker_hit(copy, ask)                                \
    (ask)->status = NGX_HTTP_OAUTHCC_STATUS_HIT;                              \
    (ask)->credential = (copy)->credential;                                   \
    (ask)->credential->refs++

/*
 * Asks for the credential of an entry.
 *
 * NGX_OK: ask->credential is a reference, to be released with broker_end().
 * NGX_AGAIN: the request has to wait; resume(data) is called, from an event
 * of its own, when it is worth while to ask again, until broker_leave().
 * NGX_DECLINED: none can be had; ask->failure says why, ask->retry_after in
 * milliseconds when to come back (0: unknown).
 * NGX_ERROR: no memory.
 */
ngx_int_t ngx_http_oauthcc_broker_get(ngx_http_oauthcc_copy_t *copy,
    ngx_http_oauthcc_ask_t *ask, ngx_pool_t *pool,
    ngx_http_oauthcc_resume_pt resume, void *data);

/*
 * The upstream has refused ask->credential.  NGX_OK: another one is there, or
 * on its way, so it is worth while to ask again.  NGX_DECLINED: it is not,
 * the refusal stands.
 */
ngx_int_t ngx_http_oauthcc_broker_refuse(ngx_http_oauthcc_copy_t *copy,
    ngx_http_oauthcc_ask_t *ask);

/* The upstream has taken a credential that was not proven. */
void ngx_http_oauthcc_broker_prove(ngx_http_oauthcc_copy_t *copy,
    ngx_http_oauthcc_credential_t *credential);

/*
 * Asks for nobody: logs in if that is due.  Returns in how many milliseconds
 * to look again.
 */
ngx_msec_t ngx_http_oauthcc_broker_attend(ngx_http_oauthcc_copy_t *copy);

/* Stops waiting, if it does: resume() will not be called any more. */
void ngx_http_oauthcc_broker_leave(ngx_http_oauthcc_ask_t *ask);

/* Drops the reference. */
void ngx_http_oauthcc_broker_end(ngx_http_oauthcc_ask_t *ask);


#endif /* _NGX_HTTP_OAUTHCC_BROKER_H_INCLUDED_ */
