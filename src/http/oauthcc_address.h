
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_ADDRESS_H_INCLUDED_
#define _OAUTHCC_ADDRESS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


typedef struct oauthcc_address_s  oauthcc_address_t;

/* Called once, maybe before find() returns. */
typedef void (*oauthcc_address_pt)(oauthcc_address_t *address);


/* where a server is that the module connects to itself; lives in a pool */

struct oauthcc_address_s {
    void                *data;      /* the caller's */

    /* set by the caller: its name, or the addresses of nginx's start */
    ngx_str_t            host;
    in_port_t            port;
    ngx_resolver_t      *resolver;
    ngx_msec_t           resolver_timeout;  /* 0: none */
    ngx_addr_t          *addrs;
    ngx_uint_t           naddrs;    /* 0: to be resolved */

    ngx_int_t            state;     /* NGX_OK, NGX_ERROR: no memory, or
                                       NGX_RESOLVE_* */

    ngx_pool_t          *pool;
    ngx_resolver_ctx_t  *ctx;       /* while it is asked */
    oauthcc_address_pt   found;
};


/* Finds the addresses, within timeout milliseconds. */
void oauthcc_address_find(oauthcc_address_t *address, ngx_pool_t *pool,
    ngx_msec_t timeout, oauthcc_address_pt found);

/* Stops asking, if it does. */
void oauthcc_address_free(oauthcc_address_t *address);

/* After connect(), at its first event: the error of it, 0: it is connected. */
ngx_err_t oauthcc_address_error(ngx_connection_t *c);


#endif /* _OAUTHCC_ADDRESS_H_INCLUDED_ */
