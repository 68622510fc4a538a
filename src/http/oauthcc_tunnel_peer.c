
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "http/oauthcc_tunnel_peer.h"
#include "http/oauthcc_client.h"


static ngx_int_t oauthcc_tunnel_peer_get(ngx_peer_connection_t *pc,
    void *data);
static void oauthcc_tunnel_peer_free(ngx_peer_connection_t *pc, void *data,
    ngx_uint_t state);
static ngx_int_t oauthcc_tunnel_peer_set_session(ngx_peer_connection_t *pc,
    void *data);
static void oauthcc_tunnel_peer_save_session(ngx_peer_connection_t *pc,
    void *data);


ngx_int_t
oauthcc_tunnel_peer_init(ngx_http_request_t *r,
    ngx_http_upstream_srv_conf_t *us)
{
    oauthcc_client_t       *fetch;
    ngx_peer_connection_t  *pc;

    fetch = oauthcc_client_of(r);

    /* a client may have named it, where a proxy_pass lets him */

    if (fetch == NULL || fetch->tunnel == NULL) {
        return NGX_ERROR;
    }

    pc = &r->upstream->peer;

    pc->data = fetch->tunnel;
    pc->get = oauthcc_tunnel_peer_get;
    pc->free = oauthcc_tunnel_peer_free;
    pc->tries = 1;
    pc->set_session = oauthcc_tunnel_peer_set_session;
    pc->save_session = oauthcc_tunnel_peer_save_session;

    return NGX_OK;
}


static ngx_int_t
oauthcc_tunnel_peer_get(ngx_peer_connection_t *pc, void *data)
{
    oauthcc_tunnel_t *tunnel = data;

    pc->cached = 0;
    pc->connection = tunnel->connection;
    pc->sockaddr = tunnel->proxy->sockaddr;
    pc->socklen = tunnel->proxy->socklen;
    pc->name = &tunnel->name;

    tunnel->connection = NULL;

    return pc->connection ? NGX_DONE : NGX_BUSY;
}


static void
oauthcc_tunnel_peer_free(ngx_peer_connection_t *pc, void *data,
    ngx_uint_t state)
{
    pc->tries = 0;
}


/* A session would be that of the proxy's address, for all who are behind. */

static ngx_int_t
oauthcc_tunnel_peer_set_session(ngx_peer_connection_t *pc, void *data)
{
    return NGX_OK;
}


static void
oauthcc_tunnel_peer_save_session(ngx_peer_connection_t *pc, void *data)
{
    return;
}
