
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_LOCAL_H_INCLUDED_
#define _OAUTHCC_LOCAL_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "cache/oauthcc_cache.h"
#include "core/oauthcc_clock.h"
#include "core/oauthcc_lifetime.h"
#include "token/oauthcc_token_types.h"


/* Prepares a provider's local entries, at configuration time. */
void oauthcc_local_init(oauthcc_provider_t *provider);

/* Frees and wipes those without references; for the end of a worker. */
void oauthcc_local_free_all(oauthcc_provider_t *provider);

/* Whether all requests use the provider's own local entry: skip the search. */
#define oauthcc_local_fixed(provider, parameters)                             \
    ((parameters) == NULL && (provider)->endpoint.value == NULL)

/*
 * The worker's local entry for a request, by its parameters in "oauthcc", the
 * variables in "token_endpoint", and the caller's token, see local_key.
 * *local is a reference.  NGX_DECLINED: a value has control characters or is
 * too long, *name is its parameter.  NGX_ABORT: the caller's token is not
 * valid, or has expired.  NGX_ERROR: out of memory.
 */
ngx_int_t oauthcc_local_get(ngx_http_request_t *r,
    oauthcc_provider_t *provider, ngx_array_t *parameters,
    oauthcc_caller_t **caller, oauthcc_local_t **local, ngx_str_t *name);

/* Whether a login of this entry needs something of a request. */
#define oauthcc_local_called(local)  ((local)->subject || (local)->nlarge)

/* Whether the caller's token of this entry has ended. */
#define oauthcc_local_ended(local)                                            \
    ((local)->ends                                                            \
     && oauthcc_lifetime_reached(oauthcc_clock_msec(), (local)->until))

/*
 * The last point at which a credential of a login that was requested then may
 * be used, for a caller's token: its end, and as the configuration says.
 */
oauthcc_time_t oauthcc_local_last(oauthcc_local_t *local,
    oauthcc_time_t requested);

/* What there is to tell the zone of its entry. */
void oauthcc_local_query(oauthcc_local_t *local, oauthcc_cache_query_t *query);

/* Acquires and releases a reference. */
#define oauthcc_local_hold(local)     (local)->refs++
#define oauthcc_local_release(local)  (local)->refs--

/* Makes the next request of each local entry of a provider ask the zone. */
void oauthcc_local_doubt_all(oauthcc_provider_t *provider);

/* Releases the credential. */
void oauthcc_local_drop(oauthcc_local_t *local);


#endif /* _OAUTHCC_LOCAL_H_INCLUDED_ */
