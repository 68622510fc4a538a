
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_LOCAL_H_INCLUDED_
#define _OAUTHCC_LOCAL_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "cache/oauthcc_cache.h"


/* Prepares a provider's local entries, at configuration time. */
void oauthcc_local_init(oauthcc_provider_t *provider);

/* Frees and wipes those without references; for the end of a worker. */
void oauthcc_local_free_all(oauthcc_provider_t *provider);

/* Whether all requests use the provider's own local entry: skip the search. */
#define oauthcc_local_fixed(provider, parameters)                             \
    ((parameters) == NULL && (provider)->endpoint.value == NULL)

/*
 * The worker's local entry for a request, by its parameters in "oauthcc" and
 * the variables in "token_endpoint".  *local is a reference.  NGX_DECLINED: a
 * value has control characters or is too long, *name is its parameter.
 * NGX_ERROR: out of memory.
 */
ngx_int_t oauthcc_local_get(ngx_http_request_t *r,
    oauthcc_provider_t *provider, ngx_array_t *parameters,
    oauthcc_local_t **local, ngx_str_t *name);

/* What there is to tell the zone of its entry. */
void oauthcc_local_query(oauthcc_local_t *local, oauthcc_cache_query_t *query);

/* Acquires and releases a reference. */
#define oauthcc_local_hold(local)     (local)->refs++
#define oauthcc_local_release(local)  (local)->refs--

/* Makes the next request of each local entry of a provider ask the zone. */
void oauthcc_local_doubt_all(oauthcc_provider_t *provider);

/* Releases the credential. */
void oauthcc_local_drop(oauthcc_local_t *local);

/*
 * Frees a local entry if it has no references and its counts are in the zone;
 * never the provider's own.
 */
void oauthcc_local_free(oauthcc_local_t *local);


#endif /* _OAUTHCC_LOCAL_H_INCLUDED_ */
