
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_CACHE_H_INCLUDED_
#define _OAUTHCC_CACHE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_cache_types.h"
#include "cache/oauthcc_credential.h"
#include "cache/oauthcc_cache_query.h"
#include "cache/oauthcc_zone.h"
#include "core/oauthcc_lifetime.h"


/* a last use is stored in the zone at most once in this time, in ms */
#define OAUTHCC_CACHE_NOTE    5000

/* a lease outlives the timeout of its login by this, in milliseconds */
#define OAUTHCC_CACHE_LEASE   1000


/*
 * States of an entry, and who moves it:
 *
 *             acquire()                publish()
 *     EMPTY ------------> login ---------------------> VALID
 *       ^      LEAD         |                            |  acquire(), from
 *       |                   | fail()                     |  "refresh" on: HIT
 *       |                   v                            |  with a lease; the
 *       +---------------- FAILED (until not_before)      |  credential is
 *       ^                                                |  used meanwhile
 *       +------------------------------------------------+  its end
 *
 * The lease belongs to the worker that got it until publish(), fail(), its
 * deadline or the worker's death, whatever comes first; then the next one to
 * ask takes it.
 */

/*
 * Asks for the credential of the entry with this digest, which is created if
 * needed.  known, refused and waited may be 0.  The credential "refused" is
 * not accepted.  With "own" it is a login per request: LEAD, with a lease for
 * finish(), never HIT.
 */
void oauthcc_cache_acquire(oauthcc_cache_t *cache, u_char *digest,
    oauthcc_cache_query_t *query, oauthcc_cache_result_t *result);

/*
 * Ends the lease with a credential.  It is stored even if the lease was lost
 * meanwhile, and its entry is created again if the zone was emptied.
 * NGX_DECLINED: no room in the zone; the caller still has the lease, and has
 * to fail() it.
 */
ngx_int_t oauthcc_cache_publish(oauthcc_cache_t *cache, u_char *digest,
    uint64_t lease, oauthcc_origin_t *origin, oauthcc_issued_t *login);

/*
 * Ends the lease without one.  NGX_DECLINED: the lease was lost, and nothing
 * changes.
 */
ngx_int_t oauthcc_cache_fail(oauthcc_cache_t *cache, u_char *digest,
    uint64_t lease, oauthcc_cache_failed_t *failed);

/*
 * Ends the lease of a login per request: with a failure, "done", or, with
 * neither, as if it never took place.  1: somebody waits for its place.
 */
ngx_uint_t oauthcc_cache_finish(oauthcc_cache_t *cache, u_char *digest,
    u_char *client_digest, uint64_t number, oauthcc_content_t *done,
    oauthcc_cache_failed_t *failed);

/*
 * Whether to repeat a cold login of this entry that failed for a transient
 * reason: once per provider, if its last login succeeded or there was none.
 * Counts the repeat.
 */
ngx_uint_t oauthcc_cache_repeat(oauthcc_cache_t *cache, u_char *digest);

/*
 * Releases the lease without a result: the next one to ask logs in.  For a
 * worker that exits before its login has ended.
 */
void oauthcc_cache_release(oauthcc_cache_t *cache, u_char *digest,
    uint64_t lease);


#endif /* _OAUTHCC_CACHE_H_INCLUDED_ */
