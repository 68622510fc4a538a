
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "conf/oauthcc_localhost.h"
#include "http/oauthcc_url.h"
#include "http/oauthcc_client.h"


static ngx_int_t oauthcc_localhost_init(ngx_http_request_t *r,
    ngx_http_upstream_srv_conf_t *us);
#if (NGX_HAVE_INET6)
static ngx_uint_t oauthcc_localhost_has_inet6(void);
#endif


static struct sockaddr_in  oauthcc_localhost_sin;
#if (NGX_HAVE_INET6)
static struct sockaddr_in6  oauthcc_localhost_sin6;
#endif

/* 127.0.0.1 first, as most resolvers do */

static ngx_uint_t  oauthcc_localhost_naddrs;
static ngx_resolver_addr_t  oauthcc_localhost_addrs[2];


ngx_int_t
oauthcc_localhost_add(ngx_conf_t *cf)
{
    ngx_url_t                      u;
    ngx_resolver_addr_t           *addr;
    ngx_http_upstream_srv_conf_t  *uscf;

    ngx_memzero(&u, sizeof(ngx_url_t));

    ngx_str_set(&u.host, OAUTHCC_URL_LOCALHOST);
    u.no_port = 1;

    uscf = ngx_http_upstream_add(cf, &u, NGX_HTTP_UPSTREAM_CREATE);
    if (uscf == NULL) {
        return NGX_ERROR;
    }

    uscf->no_port = 1;
    uscf->peer.init = oauthcc_localhost_init;

    ngx_memzero(oauthcc_localhost_addrs, sizeof(oauthcc_localhost_addrs));

    addr = oauthcc_localhost_addrs;

    oauthcc_localhost_sin.sin_family = AF_INET;
    oauthcc_localhost_sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);

    addr->sockaddr = (struct sockaddr *) &oauthcc_localhost_sin;
    addr->socklen = sizeof(struct sockaddr_in);
    addr++;

#if (NGX_HAVE_INET6)

    /* nginx gives up at an address for which there is no socket */

    if (oauthcc_localhost_has_inet6()) {

        oauthcc_localhost_sin6.sin6_family = AF_INET6;
        oauthcc_localhost_sin6.sin6_addr = in6addr_loopback;

        addr->sockaddr = (struct sockaddr *) &oauthcc_localhost_sin6;
        addr->socklen = sizeof(struct sockaddr_in6);
        addr++;
    }

#endif

    oauthcc_localhost_naddrs =
                                     addr - oauthcc_localhost_addrs;

    return NGX_OK;
}


static ngx_int_t
oauthcc_localhost_init(ngx_http_request_t *r, ngx_http_upstream_srv_conf_t *us)
{
    oauthcc_client_t              *fetch;
    ngx_http_upstream_resolved_t  *ur;

    ur = r->upstream->resolved;
    fetch = oauthcc_client_of(r);

    /* a client may name it where proxy_pass has variables */

    if (fetch == NULL || ur == NULL) {
        return NGX_ERROR;
    }

    ur->port = fetch->request.port;
    ur->addrs = oauthcc_localhost_addrs;
    ur->naddrs = oauthcc_localhost_naddrs;

    return ngx_http_upstream_create_round_robin_peer(r, ur);
}


#if (NGX_HAVE_INET6)

static ngx_uint_t
oauthcc_localhost_has_inet6(void)
{
    ngx_socket_t  s;

    s = ngx_socket(AF_INET6, SOCK_STREAM, 0);

    if (s == (ngx_socket_t) -1) {
        return 0;
    }

    (void) ngx_close_socket(s);

    return 1;
}

#endif
