
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_BACKOFF_H_INCLUDED_
#define _OAUTHCC_BACKOFF_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_cache_query.h"
#include "cache/oauthcc_zone.h"


/*
 * The backoff: how long no login is tried after a failed one, and whether the
 * token of an entry is used meanwhile.  All calls are made under the zone's
 * lock; durations are in milliseconds.
 */


/* Whether the entry has a credential that is valid with its margin. */
ngx_uint_t oauthcc_backoff_usable(oauthcc_entry_t *entry);

/* Whether it has one that has not expired, margin or not. */
ngx_uint_t oauthcc_backoff_alive(oauthcc_entry_t *entry);

/* The failure that the backoff is due to. */
void oauthcc_backoff_reason(oauthcc_entry_t *entry,
    oauthcc_failure_t *failure);

/*
 * The time until the next login may be tried after failures of the entry or of
 * its provider; 0: now.  "outdated": see lease_backoff().
 */
ngx_msec_t oauthcc_backoff_waits(oauthcc_entry_t *entry, ngx_uint_t outdated);

/*
 * The same, and the pause between retries.  A login that a refused token
 * forces is delayed only by failures of its provider.
 */
ngx_msec_t oauthcc_backoff_held(oauthcc_entry_t *entry, ngx_uint_t forced,
    ngx_uint_t outdated);

/*
 * Whether the token of an entry is used: until its margin begins, or until it
 * expires if no newer one is available.  A refused one is never used.  Within
 * the margin a request waits for a login, unless a login has failed, less than
 * a second is left, or its timeout is over.
 */
ngx_uint_t oauthcc_backoff_good(oauthcc_entry_t *entry,
    oauthcc_cache_query_t *query);

/*
 * How long a request waits within the margin of a token that it may use
 * afterwards; 0: there is no such token.
 */
ngx_msec_t oauthcc_backoff_margin(oauthcc_entry_t *entry,
    oauthcc_cache_query_t *query);

/*
 * During a backoff of the provider a request waits for the next try, in the
 * time "due", or for one that is in progress, "due" 0.  *result is WAIT for at
 * most a second in all, then BACKOFF.  If the request does not wait at all, it
 * is unchanged for one in progress.
 */
void oauthcc_backoff_wait(oauthcc_cache_query_t *query, ngx_msec_t due,
    oauthcc_cache_result_t *result);

/*
 * Whether a failure that seems to concern one entry only does so.  subject:
 * hash of the caller's token if the server has answered with an error of its
 * own, else 0.  With three such callers in a row the server has a problem.
 */
ngx_uint_t oauthcc_backoff_entry_only(oauthcc_client_node_t *client,
    uint32_t subject);

/* Forgets these callers, after a login that succeeded. */
void oauthcc_backoff_succeeded(oauthcc_client_node_t *client);


#endif /* _OAUTHCC_BACKOFF_H_INCLUDED_ */
