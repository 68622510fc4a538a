
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_CLIENT_CONNECTION_H_INCLUDED_
#define _OAUTHCC_CLIENT_CONNECTION_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/*
 * Creates a connection with a descriptor of its own and without a peer, for a
 * request that no client has sent; the caller sets data and handlers. *sin is
 * its address, and lives as long as the pool. ngx_http_close_connection()
 * closes it.  NULL: the log has the reason.
 */
ngx_connection_t *oauthcc_client_connection_create(ngx_pool_t *pool,
    ngx_log_t *log, struct sockaddr_in *sin);


#endif /* _OAUTHCC_CLIENT_CONNECTION_H_INCLUDED_ */
