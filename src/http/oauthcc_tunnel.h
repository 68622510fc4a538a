
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_TUNNEL_H_INCLUDED_
#define _OAUTHCC_TUNNEL_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_provider_conf.h"
#include "http/oauthcc_http_request.h"


typedef struct oauthcc_tunnel_s  oauthcc_tunnel_t;

/* Called once, from an event of its own, unless the pool is gone before. */
typedef void (*oauthcc_tunnel_done_pt)(oauthcc_tunnel_t *tunnel);


/*
 * A connection through the forward proxy of a provider, by CONNECT (RFC 9110
 * section 9.3.6), to the server of a login request.  Lives in a pool that ends
 * it, at any time, if nobody has taken the connection.
 */

struct oauthcc_tunnel_s {
    void              *data;        /* the caller's */

    char              *failure;     /* why there is none; NULL: it is open */
    unsigned           timed_out:1;
    unsigned           unresolved:1; /* a name server has not answered */
    unsigned           aborted:1;    /* the worker ends: no failure */

    ngx_connection_t  *connection;  /* to be taken */
    ngx_addr_t        *proxy;       /* which it is to */
    ngx_str_t          name;        /* where it leads, and by what */
};


/*
 * Begins one, for a login of the provider, to be open within timeout
 * milliseconds.  What nginx says of it goes to log, whose action changes
 * meanwhile.  NULL: no memory.
 */
oauthcc_tunnel_t *oauthcc_tunnel_open(ngx_pool_t *pool, ngx_log_t *log,
    oauthcc_provider_t *provider, oauthcc_http_request_t *request,
    ngx_msec_t timeout, oauthcc_tunnel_done_pt done);


#endif /* _OAUTHCC_TUNNEL_H_INCLUDED_ */
