
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_TUNNEL_ADDRESS_H_INCLUDED_
#define _OAUTHCC_TUNNEL_ADDRESS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_provider_conf.h"


typedef struct oauthcc_tunnel_address_s  oauthcc_tunnel_address_t;

/* Called once, maybe before find() returns. */
typedef void (*oauthcc_tunnel_address_pt)(oauthcc_tunnel_address_t *address);


/* where a forward proxy is; zeroed before, lives in a pool */

struct oauthcc_tunnel_address_s {
    void                       *data;      /* the caller's */

    ngx_int_t                   state;     /* NGX_OK, NGX_ERROR: no memory, */
    ngx_addr_t                 *addrs;     /* or NGX_RESOLVE_* */
    ngx_uint_t                  naddrs;

    ngx_pool_t                 *pool;
    ngx_resolver_ctx_t         *resolver;  /* while it is asked */
    in_port_t                   port;
    oauthcc_tunnel_address_pt   found;
};


/*
 * Finds the provider's proxy: as it was found when nginx started, or by the
 * resolver, within timeout milliseconds.
 */
void oauthcc_tunnel_address_find(oauthcc_tunnel_address_t *address,
    ngx_pool_t *pool, oauthcc_provider_t *provider, ngx_msec_t timeout,
    oauthcc_tunnel_address_pt found);

/* Stops asking, if it does. */
void oauthcc_tunnel_address_free(oauthcc_tunnel_address_t *address);


#endif /* _OAUTHCC_TUNNEL_ADDRESS_H_INCLUDED_ */
