
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_TUNNEL_PEER_H_INCLUDED_
#define _OAUTHCC_TUNNEL_PEER_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/*
 * The peer.init of the upstream that logins with a forward proxy pass to: it
 * has nginx's upstream take the connection of the login's tunnel, on which
 * TLS begins as on any other.  There is one try, and nothing is kept of it.
 */
ngx_int_t oauthcc_tunnel_peer_init(ngx_http_request_t *r,
    ngx_http_upstream_srv_conf_t *us);


#endif /* _OAUTHCC_TUNNEL_PEER_H_INCLUDED_ */
