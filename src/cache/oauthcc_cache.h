
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


/* a worker notes the use of an entry at most once in this time, in ms */
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
 * Gets the credential of the entry with this digest, or the lease to log in
 * for it; the entry is created if needed.  The credential query->refused is
 * not used.  With query->per_request the state is never HIT, and the lease has
 * to be ended by finish().
 */
void oauthcc_cache_acquire(oauthcc_cache_t *cache, u_char *digest,
    oauthcc_cache_query_t *query, oauthcc_cache_result_t *result);

/*
 * Stores the credential of a login, and ends its lease.  It is stored even if
 * the lease was lost meanwhile, unless another login was faster; the entry is
 * created again after a reset.  NGX_DECLINED: the zone has no room; the caller
 * has to call fail().
 */
ngx_int_t oauthcc_cache_publish(oauthcc_cache_t *cache, u_char *digest,
    uint64_t lease, oauthcc_origin_t *origin, oauthcc_issued_t *login);

/*
 * Records a failed login, and ends its lease.  NGX_DECLINED: the lease was
 * lost, and nothing has changed.
 */
ngx_int_t oauthcc_cache_fail(oauthcc_cache_t *cache, u_char *digest,
    uint64_t lease, oauthcc_cache_failed_t *failed);

/*
 * Ends the lease of a per-request login: with a failure, with "done", the
 * content that it succeeded with, or with neither (NULL), if it had no result.
 * 1: there is a waiter for its place.
 */
ngx_uint_t oauthcc_cache_finish(oauthcc_cache_t *cache, u_char *digest,
    u_char *client_digest, uint64_t number, oauthcc_content_t *done,
    oauthcc_cache_failed_t *failed);

/*
 * Whether a login that failed for a transient reason is repeated at once: if
 * the entry has no token, and only the first time since a login of its
 * provider succeeded.
 */
ngx_uint_t oauthcc_cache_repeat(oauthcc_cache_t *cache, u_char *digest);

/*
 * Ends the lease without a result, for a worker that exits: the next one that
 * asks logs in.
 */
void oauthcc_cache_release(oauthcc_cache_t *cache, u_char *digest,
    uint64_t lease);


#endif /* _OAUTHCC_CACHE_H_INCLUDED_ */
