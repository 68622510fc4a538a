
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
 * The locations in which tokens of an entry are refused, and when each may
 * force a login.  A location that refuses the token of a forced login too has
 * another reason, such as a user's wrong password: its interval doubles each
 * time.  All calls are made under the zone's lock; durations are in
 * milliseconds.
 */


/*
 * Records that the present token of the entry was refused in this location.
 * interval: the shortest time between two logins that it forces.  NULL: the
 * zone has no memory for a record.
 */
oauthcc_refusal_t *oauthcc_refusal_note(oauthcc_cache_t *cache,
    oauthcc_entry_t *entry, uint32_t location, ngx_msec_t interval);

/*
 * Whether the location may force a login now: its interval is over, or no
 * request of the entry was accepted lately, while some had been before.
 */
ngx_uint_t oauthcc_refusal_due(oauthcc_entry_t *entry,
    oauthcc_refusal_t *refusal);

/* Whether the present token of the entry was refused anywhere lately. */
ngx_uint_t oauthcc_refusal_refused(oauthcc_entry_t *entry);

/* Records that the location has forced a login. */
void oauthcc_refusal_force(oauthcc_entry_t *entry, oauthcc_refusal_t *refusal);

/* To be called when the entry has a new token. */
void oauthcc_refusal_stored(oauthcc_cache_t *cache, oauthcc_entry_t *entry,
    oauthcc_issued_t *login);

/*
 * Records that the present token was accepted.  "healed": on a request for
 * which the token before had been refused.  Returns the time until that has to
 * be reported again; 0: never, since there are no refusals any more.
 */
ngx_msec_t oauthcc_refusal_taken(oauthcc_cache_t *cache,
    oauthcc_entry_t *entry, ngx_uint_t healed);


#endif /* _OAUTHCC_REFUSAL_H_INCLUDED_ */
