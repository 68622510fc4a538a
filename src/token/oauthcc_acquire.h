
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_ACQUIRE_H_INCLUDED_
#define _OAUTHCC_ACQUIRE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "token/oauthcc_token_types.h"


/*
 * Whether the local entry is up to date: the hot path, one atomic load.  Then
 * local->credential may be used at once.
 */
#define oauthcc_acquire_present(local)                                        \
    ((local)->credential                                                      \
     && oauthcc_version_load((local)->version) == (local)->generation         \
     && (ngx_msec_int_t) (ngx_current_msec - (local)->attention) < 0)

/* The same for the first time a request asks; counts a hit. */

#define oauthcc_acquire_at_hand(local, acquire)                               \
    ((acquire)->status == OAUTHCC_CACHE_STATUS_NONE && (acquire)->refused == 0\
     && oauthcc_acquire_present(local))

#define oauthcc_acquire_hit(local, acquire)                                   \
    (acquire)->status = OAUTHCC_CACHE_STATUS_HIT;                             \
    (acquire)->credential = (local)->credential;                              \
    (acquire)->credential->refs++

/*
 * Acquires the credential of an entry.  NGX_OK: acquire->credential is a
 * reference, to be released with acquire_end().  NGX_AGAIN: the request has to
 * wait; resume(data) is called, from an event of its own, whenever to ask
 * again, until acquire_leave().  NGX_DECLINED: there is none; acquire->failure
 * has the reason, acquire->retry_after the milliseconds until the next try (0:
 * unknown).  NGX_ERROR: out of memory.
 */
ngx_int_t oauthcc_acquire_get(oauthcc_local_t *local,
                              oauthcc_acquire_t *acquire,
    ngx_pool_t *pool, oauthcc_resume_pt resume, void *data);

/*
 * The upstream of this location has refused acquire->credential.  NGX_OK:
 * another one is available or requested: ask again.  NGX_DECLINED: there is
 * none, the refusal stands.
 */
ngx_int_t oauthcc_acquire_refuse(oauthcc_local_t *local,
    oauthcc_acquire_t *acquire, uint32_t location);

/* The upstream has accepted acquire->credential, which is watched. */
void oauthcc_acquire_taken(oauthcc_local_t *local, oauthcc_acquire_t *acquire);

/* interval of a worker's background checks, in milliseconds */
#define OAUTHCC_ACQUIRE_LOOK  1000

/*
 * Background check: starts a login if one is due.  Returns the milliseconds
 * until the next check.  *place: it is queued for one of max_logins.
 */
ngx_msec_t oauthcc_acquire_attend(oauthcc_local_t *local, ngx_uint_t *place);

/* Stops waiting, if it does: resume() will not be called any more. */
void oauthcc_acquire_leave(oauthcc_acquire_t *acquire);

/* Releases the reference. */
void oauthcc_acquire_end(oauthcc_acquire_t *acquire);


#endif /* _OAUTHCC_ACQUIRE_H_INCLUDED_ */
