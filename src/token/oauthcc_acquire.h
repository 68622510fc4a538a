
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_ACQUIRE_H_INCLUDED_
#define _OAUTHCC_ACQUIRE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "token/oauthcc_token_types.h"


/*
 * Whether the local entry is the present one: the hot path, one atomic
 * load.  Then local->credential may be used at once.
 */
#define oauthcc_acquire_present(local)                                        \
    ((local)->credential                                                      \
     && oauthcc_version_load((local)->version) == (local)->generation         \
     && (ngx_msec_int_t) (ngx_current_msec - (local)->attention) < 0)

/* The same for a request that has never asked: then it is a hit. */

#define oauthcc_acquire_at_hand(local, acquire)                               \
    ((acquire)->status == OAUTHCC_CACHE_STATUS_NONE && (acquire)->refused == 0\
     && oauthcc_acquire_present(local))

#define oauthcc_acquire_hit(local, acquire)                                   \
    (acquire)->status = OAUTHCC_CACHE_STATUS_HIT;                             \
    (acquire)->credential = (local)->credential;                              \
    (acquire)->credential->refs++

/*
 * Asks for the credential of an entry.
 *
 * NGX_OK: acquire->credential is a reference, to be released with
 * acquire_end(). NGX_AGAIN: the request has to wait; resume(data) is called,
 * from an event of its own, when it is worth while to ask again, until
 * acquire_leave(). NGX_DECLINED: none can be had; acquire->failure says why,
 * acquire->retry_after in milliseconds when to come back (0: unknown).
 * NGX_ERROR: no memory.
 */
ngx_int_t oauthcc_acquire_get(oauthcc_local_t *local,
                              oauthcc_acquire_t *acquire,
    ngx_pool_t *pool, oauthcc_resume_pt resume, void *data);

/*
 * The upstream of this location has refused acquire->credential.  NGX_OK:
 * another one is there, or on its way, so it is worth while to ask again.
 * NGX_DECLINED: it is not, the refusal stands.
 */
ngx_int_t oauthcc_acquire_refuse(oauthcc_local_t *local,
    oauthcc_acquire_t *acquire, uint32_t location);

/* The upstream has taken acquire->credential, which is watched. */
void oauthcc_acquire_taken(oauthcc_local_t *local, oauthcc_acquire_t *acquire);

/* in milliseconds: how often a worker looks whether things have changed */
#define OAUTHCC_ACQUIRE_LOOK  1000

/*
 * Background check: starts a login if one is due.  Returns in how many
 * milliseconds to check again.  *place: it waits for one of max_logins, in the
 * queue of those.
 */
ngx_msec_t oauthcc_acquire_attend(oauthcc_local_t *local, ngx_uint_t *place);

/* Stops waiting, if it does: resume() will not be called any more. */
void oauthcc_acquire_leave(oauthcc_acquire_t *acquire);

/* Drops the reference. */
void oauthcc_acquire_end(oauthcc_acquire_t *acquire);


#endif /* _OAUTHCC_ACQUIRE_H_INCLUDED_ */
