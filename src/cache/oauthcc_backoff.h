
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_BACKOFF_H_INCLUDED_
#define _OAUTHCC_BACKOFF_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_zone.h"


/*
 * For how long there is no login after one that failed, and whether the token
 * of an entry is used meanwhile.  All calls are made under the zone's lock.
 */


/* Whether it has a credential that may be used, with its margin. */
ngx_uint_t oauthcc_backoff_usable(oauthcc_entry_t *entry);

/* Whether it has one that has not ended. */
ngx_uint_t oauthcc_backoff_alive(oauthcc_entry_t *entry);

/* Why no login is to be tried, when that is so. */
void oauthcc_backoff_reason(oauthcc_entry_t *entry,
    oauthcc_failure_t *failure);

/*
 * For how many milliseconds no login is to be tried, because the last ones
 * failed: the entry's own, or those of its provider.
 */
ngx_msec_t oauthcc_backoff_waits(oauthcc_entry_t *entry);

/*
 * The same, with the turn of a retry.  A login that a refused token forces is
 * held up by its provider's failures alone.
 */
ngx_msec_t oauthcc_backoff_held(oauthcc_entry_t *entry, ngx_uint_t forced);

/*
 * Whether the token of an entry is to be used: up to its margin, and where no
 * newer one can be had up to its end.  Not one that was refused, nor, up to a
 * second before its end, while somebody logs in, but for who has waited for
 * that in vain.
 */
ngx_uint_t oauthcc_backoff_good(oauthcc_entry_t *entry, uint64_t refused,
    uint64_t waited);


#endif /* _OAUTHCC_BACKOFF_H_INCLUDED_ */
