
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_STORE_LINK_H_INCLUDED_
#define _OAUTHCC_STORE_LINK_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>
#include <ngx_event_connect.h>
#include "http/oauthcc_address.h"
#include "store/oauthcc_store_types.h"


typedef struct oauthcc_store_link_s  oauthcc_store_link_t;

/* Called once, maybe before open() returns. */
typedef void (*oauthcc_store_link_pt)(oauthcc_store_link_t *link);


/* a connection to a server, with TLS if it has that; zeroed before */

struct oauthcc_store_link_s {
    void                    *data;        /* the caller's */

    ngx_connection_t        *connection;  /* NULL: there is none */
    char                    *failure;     /* why, */
    ngx_err_t                err;         /* and the system's error or 0 */

    /* internal */

    oauthcc_store_t         *store;
    oauthcc_store_server_t  *server;
    oauthcc_store_link_pt    done;
    ngx_pool_t              *pool;
    ngx_log_t                log;
    oauthcc_address_t        address;
    ngx_uint_t               next;        /* address to try */
    ngx_peer_connection_t    peer;
    ngx_sockaddr_t           sockaddr;
};


/*
 * Resolves the name of a server, connects to it, and verifies its certificate.
 * The caller limits the time, by close().
 */
void oauthcc_store_link_open(oauthcc_store_link_t *link,
    oauthcc_store_t *store, oauthcc_store_server_t *server,
    oauthcc_store_link_pt done);

/* Closes it, whatever it is at; done is not called any more. */
void oauthcc_store_link_close(oauthcc_store_link_t *link);


#endif /* _OAUTHCC_STORE_LINK_H_INCLUDED_ */
