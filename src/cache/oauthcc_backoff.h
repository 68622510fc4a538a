
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
 * How long no login is tried after a failed one, and whether the token of an
 * entry is used meanwhile.  All calls are made under the zone's lock.
 */


/* Whether the entry has a credential that is valid with its margin. */
ngx_uint_t oauthcc_backoff_usable(oauthcc_entry_t *entry);

/* Whether it has one that has not expired. */
ngx_uint_t oauthcc_backoff_alive(oauthcc_entry_t *entry);

/* The reason for the backoff, if there is one. */
void oauthcc_backoff_reason(oauthcc_entry_t *entry,
    oauthcc_failure_t *failure);

/*
 * The milliseconds until the next login may be tried after failures of the
 * entry or of its provider; 0: now.  "outdated": see lease_backoff().
 */
ngx_msec_t oauthcc_backoff_waits(oauthcc_entry_t *entry, ngx_uint_t outdated);

/*
 * The same including the turn of a retry.  A login that a refused token forces
 * is delayed only by failures of its provider.
 */
ngx_msec_t oauthcc_backoff_held(oauthcc_entry_t *entry, ngx_uint_t forced,
    ngx_uint_t outdated);

/*
 * Whether the token of an entry is used: until its margin, and, where no newer
 * one can be had, until it expires.  Never one that was refused.  Within the
 * margin a request waits for a login, but not after a login has failed, not
 * within a second of the end, and not for longer than its timeout.
 */
ngx_uint_t oauthcc_backoff_good(oauthcc_entry_t *entry,
    oauthcc_cache_query_t *query);

/*
 * For how many milliseconds a request waits within the margin of a token that
 * may be used then; 0: there is none.
 */
ngx_msec_t oauthcc_backoff_margin(oauthcc_entry_t *entry,
    oauthcc_cache_query_t *query);

/*
 * In a backoff of the provider a request waits for the next try, which is due
 * in so many milliseconds, or, 0, for one on its way: *result is WAIT for a
 * second in all, then BACKOFF.  Without a timeout *result is left as it is for
 * one on its way.
 */
void oauthcc_backoff_wait(oauthcc_cache_query_t *query, ngx_msec_t due,
    oauthcc_cache_result_t *result);

/*
 * Whether a failure remains that of the entry alone.  subject: the caller's
 * token, if it was an error of the server, else 0.  For the third such caller
 * in a row it is not about the token.
 */
ngx_uint_t oauthcc_backoff_own(oauthcc_client_node_t *client,
    uint32_t subject);

/* A login has succeeded. */
void oauthcc_backoff_well(oauthcc_client_node_t *client);


#endif /* _OAUTHCC_BACKOFF_H_INCLUDED_ */
