
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_ACQUIRE_H_INCLUDED_
#define _OAUTHCC_ACQUIRE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "token/oauthcc_token_types.h"


/* To be called once in a worker: the providers of its cycle. */
ngx_int_t oauthcc_acquire_start(ngx_cycle_t *cycle, ngx_array_t *providers);

/* The worker ends: gives back what it has of them. */
void oauthcc_acquire_stop(ngx_array_t *providers);

/* Prepares a provider, at configuration time. */
void oauthcc_acquire_init(oauthcc_provider_t *provider);

/*
 * Whether the worker's copy is the present one: the hot path, one atomic
 * load.  Then copy->credential may be used at once.
 */
#define oauthcc_acquire_present(local)                                        \
    ((local)->credential                                                      \
     && oauthcc_version_load((local)->word) == (local)->generation            \
     && (ngx_msec_int_t) (ngx_current_msec - (local)->attention) < 0)

/* The same for a request that has never asked: then it is a hit. */

#define oauthcc_acquire_at_hand(local, ask)                                   \
    ((ask)->status == OAUTHCC_CACHE_STATUS_NONE && (ask)->refused == 0        \
     && oauthcc_acquire_present(local))

#define oauthcc_acquire_hit(local, ask)                                       \
    (ask)->status = OAUTHCC_CACHE_STATUS_HIT;                                 \
    (ask)->credential = (local)->credential;                                  \
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
ngx_int_t oauthcc_acquire_get(oauthcc_local_t *local, oauthcc_acquire_t *ask,
    ngx_pool_t *pool, oauthcc_resume_pt resume, void *data);

/*
 * The upstream of this location has refused ask->credential.  NGX_OK: another
 * one is there, or on its way, so it is worth while to ask again.
 * NGX_DECLINED: it is not, the refusal stands.
 */
ngx_int_t oauthcc_acquire_refuse(oauthcc_local_t *local,
    oauthcc_acquire_t *ask, uint32_t location);

/* The upstream has taken ask->credential, which is watched. */
void oauthcc_acquire_taken(oauthcc_local_t *local, oauthcc_acquire_t *ask);

/*
 * Asks for nobody: logs in if that is due.  Returns in how many milliseconds
 * to look again.
 */
ngx_msec_t oauthcc_acquire_attend(oauthcc_local_t *local);

/* Stops waiting, if it does: resume() will not be called any more. */
void oauthcc_acquire_leave(oauthcc_acquire_t *ask);

/* Drops the reference. */
void oauthcc_acquire_end(oauthcc_acquire_t *ask);


#endif /* _OAUTHCC_ACQUIRE_H_INCLUDED_ */
