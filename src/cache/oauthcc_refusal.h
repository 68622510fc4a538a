
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_REFUSAL_H_INCLUDED_
#define _OAUTHCC_REFUSAL_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_provider_conf.h"
#include "cache/oauthcc_zone.h"


/*
 * Where the tokens of an entry are refused, and what that may cost.  A
 * location that refuses them for a reason of its own, be it a user's wrong
 * password, is known by its refusing the token of a forced login too: it
 * forces the next one later and later.  All calls are made under the zone's
 * lock.
 */


/*
 * The present token of the entry was refused in this location.  interval is
 * the least time in milliseconds between two logins that it forces.  NULL:
 * there is no memory to keep it in mind.
 */
oauthcc_refusal_t *oauthcc_refusal_note(oauthcc_cache_t *cache,
    oauthcc_entry_t *entry, uint32_t location, ngx_msec_t interval);

/*
 * Whether the location may force a login now: its interval is over, or nobody
 * has got through of late, who did before.
 */
ngx_uint_t oauthcc_refusal_due(oauthcc_entry_t *entry,
    oauthcc_refusal_t *refusal);

/* Whether the present token of the entry was refused anywhere of late. */
ngx_uint_t oauthcc_refusal_refused(oauthcc_entry_t *entry);

/* It does. */
void oauthcc_refusal_force(oauthcc_entry_t *entry, oauthcc_refusal_t *refusal);

/* The entry has another token, which a forced login may have brought. */
void oauthcc_refusal_stored(oauthcc_cache_t *cache, oauthcc_entry_t *entry,
    oauthcc_issued_t *login);

/*
 * The present token was taken, with "healed" on a request for which another
 * one had been refused.  Returns in how many milliseconds that is to be told
 * again; 0: tokens are not refused any more, so it need not.
 */
ngx_msec_t oauthcc_refusal_taken(oauthcc_cache_t *cache,
    oauthcc_entry_t *entry, ngx_uint_t healed);


#endif /* _OAUTHCC_REFUSAL_H_INCLUDED_ */
