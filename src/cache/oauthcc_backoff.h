
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_BACKOFF_H_INCLUDED_
#define _OAUTHCC_BACKOFF_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
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
 * entry or of its provider; 0: now.
 */
ngx_msec_t oauthcc_backoff_waits(oauthcc_entry_t *entry);

/*
 * The same including the turn of a retry.  A login that a refused token forces
 * is delayed only by failures of its provider.
 */
ngx_msec_t oauthcc_backoff_held(oauthcc_entry_t *entry, ngx_uint_t forced);

/*
 * Whether the token of an entry is used: until its margin, and, where no newer
 * one can be had, until it expires.  Never one that was refused, nor, until a
 * second before its end, while a login is in flight, except for a request that
 * has waited for that login in vain.
 */
ngx_uint_t oauthcc_backoff_good(oauthcc_entry_t *entry, uint64_t refused,
    uint64_t waited);


#endif /* _OAUTHCC_BACKOFF_H_INCLUDED_ */
