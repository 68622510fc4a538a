
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "http/oauthcc_tunnel_address.h"


static void oauthcc_tunnel_address_resolve(oauthcc_tunnel_address_t *address,
    oauthcc_provider_t *provider, ngx_msec_t timeout);
static void oauthcc_tunnel_address_resolved(ngx_resolver_ctx_t *resolver);
static ngx_int_t oauthcc_tunnel_address_copy(oauthcc_tunnel_address_t *address,
    ngx_resolver_ctx_t *resolver);
static void oauthcc_tunnel_address_found(oauthcc_tunnel_address_t *address,
    ngx_int_t state);


void
oauthcc_tunnel_address_find(oauthcc_tunnel_address_t *address,
    ngx_pool_t *pool, oauthcc_provider_t *provider, ngx_msec_t timeout,
    oauthcc_tunnel_address_pt found)
{
    oauthcc_forward_proxy_t  *proxy;

    proxy = &provider->endpoint.forward_proxy;

    address->pool = pool;
    address->port = proxy->port;
    address->found = found;

    if (proxy->naddrs) {
        address->addrs = proxy->addrs;
        address->naddrs = proxy->naddrs;

        oauthcc_tunnel_address_found(address, NGX_OK);
        return;
    }

    oauthcc_tunnel_address_resolve(address, provider, timeout);
}


static void
oauthcc_tunnel_address_resolve(oauthcc_tunnel_address_t *address,
    oauthcc_provider_t *provider, ngx_msec_t timeout)
{
    ngx_resolver_ctx_t        *resolver, temp;
    ngx_http_core_loc_conf_t  *clcf;

    clcf = provider->endpoint.ctx->loc_conf[ngx_http_core_module.ctx_index];

    temp.name = provider->endpoint.forward_proxy.host;

    resolver = ngx_resolve_start(clcf->resolver, &temp);

    if (resolver == NULL || resolver == NGX_NO_RESOLVER) {
        oauthcc_tunnel_address_found(address, NGX_ERROR);
        return;
    }

    resolver->name = temp.name;
    resolver->handler = oauthcc_tunnel_address_resolved;
    resolver->data = address;
    resolver->timeout = timeout;

    /* 0 is for ever */

    if (clcf->resolver_timeout && clcf->resolver_timeout < timeout) {
        resolver->timeout = clcf->resolver_timeout;
    }

    address->resolver = resolver;

    if (ngx_resolve_name(resolver) != NGX_OK) {
        address->resolver = NULL;
        oauthcc_tunnel_address_found(address, NGX_ERROR);
    }
}


static void
oauthcc_tunnel_address_resolved(ngx_resolver_ctx_t *resolver)
{
    ngx_int_t                  state;
    oauthcc_tunnel_address_t  *address;

    address = resolver->data;
    state = resolver->state;

    if (state == NGX_OK) {
        state = oauthcc_tunnel_address_copy(address, resolver);
    }

    ngx_resolve_name_done(resolver);
    address->resolver = NULL;

    oauthcc_tunnel_address_found(address, state);
}


/* Those of the resolver are gone when it is done. */

static ngx_int_t
oauthcc_tunnel_address_copy(oauthcc_tunnel_address_t *address,
    ngx_resolver_ctx_t *resolver)
{
    u_char      *p;
    ngx_uint_t   i;
    ngx_addr_t  *addr;

    addr = ngx_pcalloc(address->pool, resolver->naddrs * sizeof(ngx_addr_t));
    if (addr == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < resolver->naddrs; i++) {

        addr[i].socklen = resolver->addrs[i].socklen;
        addr[i].sockaddr = ngx_palloc(address->pool, addr[i].socklen);
        p = ngx_pnalloc(address->pool, NGX_SOCKADDR_STRLEN);

        if (addr[i].sockaddr == NULL || p == NULL) {
            return NGX_ERROR;
        }

        ngx_memcpy(addr[i].sockaddr, resolver->addrs[i].sockaddr,
                   addr[i].socklen);
        ngx_inet_set_port(addr[i].sockaddr, address->port);

        addr[i].name.data = p;
        addr[i].name.len = ngx_sock_ntop(addr[i].sockaddr, addr[i].socklen, p,
                                         NGX_SOCKADDR_STRLEN, 1);
    }

    address->addrs = addr;
    address->naddrs = resolver->naddrs;

    return NGX_OK;
}


static void
oauthcc_tunnel_address_found(oauthcc_tunnel_address_t *address,
    ngx_int_t state)
{
    address->state = state;
    address->found(address);
}


void
oauthcc_tunnel_address_free(oauthcc_tunnel_address_t *address)
{
    if (address->resolver) {
        ngx_resolve_name_done(address->resolver);
        address->resolver = NULL;
    }
}
