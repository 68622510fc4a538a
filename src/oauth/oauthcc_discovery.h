
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


/* what is known of an issuer; private to the worker, its pool NULL at first */

struct oauthcc_metadata_s {
    ngx_pool_t     *pool;
    oauthcc_url_t  *endpoint;
    ngx_str_t       url;  /* what is passed to */
    ngx_msec_t      until;
};


/* where metadata may be, in the order in which it is asked for */
#define OAUTHCC_DISCOVERY_STEPS  2


/*
 * A request for the metadata of the provider's issuer, in the pool: step 0 as
 * RFC 8414 section 3 says, step 1 as OpenID Connect Discovery section 4.
 * NGX_ERROR: no memory, or no resolver for a name.
 */
ngx_int_t oauthcc_discovery_request(oauthcc_provider_t *provider,
    ngx_uint_t step, ngx_pool_t *pool, oauthcc_http_request_t *request);

/*
 * Takes the token endpoint from a complete response, for a day.  With a TLS
 * method it is that of mtls_endpoint_aliases (RFC 8705 section 5), if there is
 * one.  NGX_DECLINED: *reason says why not, and what was known stays.
 * NGX_ERROR: no memory.
 */
ngx_int_t oauthcc_discovery_read(oauthcc_provider_t *provider,
    ngx_uint_t status, u_char *body, size_t len, ngx_log_t *log,
    char **reason);

/* Whether there is a token endpoint that need not be asked for. */
ngx_uint_t oauthcc_discovery_known(oauthcc_provider_t *provider);

/* The token endpoint has failed: it is asked for before the next login. */
void oauthcc_discovery_doubt(oauthcc_provider_t *provider);

/* Gives back what is known: the worker ends. */
void oauthcc_discovery_free(oauthcc_provider_t *provider);


#endif /* _OAUTHCC_DISCOVERY_H_INCLUDED_ */
