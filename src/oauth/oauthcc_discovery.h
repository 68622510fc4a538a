
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_DISCOVERY_H_INCLUDED_
#define _OAUTHCC_DISCOVERY_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_provider_conf.h"
#include "http/oauthcc_url.h"


/*
 * the metadata of an issuer; private to the worker, its pool is NULL at first
 */

struct oauthcc_metadata_s {
    ngx_pool_t     *pool;
    oauthcc_url_t  *endpoint;
    ngx_str_t       url;  /* what is passed to */
    oauthcc_time_t  until;
};


/* possible locations of metadata, in the order of requests */
#define OAUTHCC_DISCOVERY_STEPS  2


/*
 * Makes a request for the metadata of the provider's issuer, in the pool: step
 * 0 by RFC 8414 section 3, step 1 by OpenID Connect Discovery section 4.
 * NGX_ERROR: out of memory, or no resolver for a name.
 */
ngx_int_t oauthcc_discovery_request(oauthcc_provider_t *provider,
    ngx_uint_t step, ngx_pool_t *pool, oauthcc_http_request_t *request);

/*
 * Reads the token endpoint from a complete response; it is valid for a day.
 * With a TLS method it is that of mtls_endpoint_aliases (RFC 8705 section 5),
 * if there is one.  NGX_DECLINED: *reason has the reason, the old metadata
 * stay.  NGX_ERROR: out of memory.
 */
ngx_int_t oauthcc_discovery_read(oauthcc_provider_t *provider,
    ngx_uint_t status, u_char *body, size_t len, ngx_log_t *log,
    char **reason);

/*
 * Where logins go: to the URL that the variables of token_endpoint have given,
 * if it is not NULL, else to that of the metadata or of the directive.  NULL:
 * it is not known yet.  Lives as long as the metadata, or the configuration.
 */
oauthcc_url_t *oauthcc_discovery_url(oauthcc_provider_t *provider,
    oauthcc_url_t *chosen);

/* Whether a valid token endpoint is known. */
ngx_uint_t oauthcc_discovery_known(oauthcc_provider_t *provider);

/* The token endpoint has failed: request metadata before the next login. */
void oauthcc_discovery_doubt(oauthcc_provider_t *provider);

/* Frees the metadata; for the end of a worker. */
void oauthcc_discovery_free(oauthcc_provider_t *provider);


#endif /* _OAUTHCC_DISCOVERY_H_INCLUDED_ */
