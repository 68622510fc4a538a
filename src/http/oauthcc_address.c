
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "http/oauthcc_address.h"


static void oauthcc_address_resolve(oauthcc_address_t *address,
    ngx_msec_t timeout);
static void oauthcc_address_resolved(ngx_resolver_ctx_t *ctx);
static ngx_int_t oauthcc_address_copy(oauthcc_address_t *address,
    ngx_resolver_ctx_t *ctx);
static void oauthcc_address_found(oauthcc_address_t *address, ngx_int_t state);


void
oauthcc_address_find(oauthcc_address_t *address, ngx_pool_t *pool,
    ngx_msec_t timeout, oauthcc_address_pt found)
{
    address->pool = pool;
    address->found = found;

    if (address->naddrs) {
        oauthcc_address_found(address, NGX_OK);
        return;
    }

    oauthcc_address_resolve(address, timeout);
}


static void
oauthcc_address_resolve(oauthcc_address_t *address, ngx_msec_t timeout)
{
    ngx_resolver_ctx_t  *ctx, temp;

    temp.name = address->host;

    ctx = ngx_resolve_start(address->resolver, &temp);

    if (ctx == NULL || ctx == NGX_NO_RESOLVER) {
        oauthcc_address_found(address, NGX_ERROR);
        return;
    }

    ctx->name = temp.name;
    ctx->handler = oauthcc_address_resolved;
    ctx->data = address;
    ctx->timeout = timeout;

    if (address->resolver_timeout && address->resolver_timeout < timeout) {
        ctx->timeout = address->resolver_timeout;
    }

    address->ctx = ctx;

    if (ngx_resolve_name(ctx) != NGX_OK) {
        address->ctx = NULL;
        oauthcc_address_found(address, NGX_ERROR);
    }
}


static void
oauthcc_address_resolved(ngx_resolver_ctx_t *ctx)
{
    ngx_int_t           state;
    oauthcc_address_t  *address;

    address = ctx->data;
    state = ctx->state;

    if (state == NGX_OK) {
        state = oauthcc_address_copy(address, ctx);
    }

    ngx_resolve_name_done(ctx);
    address->ctx = NULL;

    oauthcc_address_found(address, state);
}


/* Those of the resolver are gone when it is done. */

static ngx_int_t
oauthcc_address_copy(oauthcc_address_t *address,
    ngx_resolver_ctx_t *ctx)
{
    u_char      *p;
    ngx_uint_t   i;
    ngx_addr_t  *addr;

    addr = ngx_pcalloc(address->pool, ctx->naddrs * sizeof(ngx_addr_t));
    if (addr == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < ctx->naddrs; i++) {

        addr[i].socklen = ctx->addrs[i].socklen;
        addr[i].sockaddr = ngx_palloc(address->pool, addr[i].socklen);
        p = ngx_pnalloc(address->pool, NGX_SOCKADDR_STRLEN);

        if (addr[i].sockaddr == NULL || p == NULL) {
            return NGX_ERROR;
        }

        ngx_memcpy(addr[i].sockaddr, ctx->addrs[i].sockaddr,
                   addr[i].socklen);
        ngx_inet_set_port(addr[i].sockaddr, address->port);

        addr[i].name.data = p;
        addr[i].name.len = ngx_sock_ntop(addr[i].sockaddr, addr[i].socklen, p,
                                         NGX_SOCKADDR_STRLEN, 1);
    }

    address->addrs = addr;
    address->naddrs = ctx->naddrs;

    return NGX_OK;
}


static void
oauthcc_address_found(oauthcc_address_t *address, ngx_int_t state)
{
    address->state = state;
    address->found(address);
}


void
oauthcc_address_free(oauthcc_address_t *address)
{
    if (address->ctx) {
        ngx_resolve_name_done(address->ctx);
        address->ctx = NULL;
    }
}


ngx_err_t
oauthcc_address_error(ngx_connection_t *c)
{
    int        err;
    socklen_t  len;

    err = 0;
    len = sizeof(int);

    if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, (void *) &err, &len) == -1) {
        err = ngx_socket_errno;
    }

    return err;
}
