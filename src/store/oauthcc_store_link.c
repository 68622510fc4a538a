
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "store/oauthcc_store_link.h"


static void oauthcc_store_link_resolved(oauthcc_address_t *address);
static void oauthcc_store_link_connect(oauthcc_store_link_t *link);
static void oauthcc_store_link_event(ngx_event_t *ev);
static void oauthcc_store_link_connected(oauthcc_store_link_t *link);
#if (NGX_SSL)
static void oauthcc_store_link_tls(oauthcc_store_link_t *link);
static ngx_int_t oauthcc_store_link_expect(oauthcc_store_link_t *link);
static void oauthcc_store_link_shaken(ngx_connection_t *c);
static ngx_uint_t oauthcc_store_link_trusted(oauthcc_store_link_t *link);
#endif
static void oauthcc_store_link_disconnect(oauthcc_store_link_t *link);
static void oauthcc_store_link_fail(oauthcc_store_link_t *link, ngx_err_t err,
    char *failure);


void
oauthcc_store_link_open(oauthcc_store_link_t *link, oauthcc_store_t *store,
    oauthcc_store_server_t *server, oauthcc_store_link_pt done)
{
    link->store = store;
    link->server = server;
    link->done = done;
    link->next = 0;
    link->err = 0;
    link->failure = NULL;

    /* what nginx says of each try would be in the log with each */

    link->log = *ngx_cycle->log;
    link->log.next = NULL;

    if (!(link->log.log_level & NGX_LOG_DEBUG_ALL)) {
        link->log.log_level = NGX_LOG_ALERT;
    }

    link->pool = ngx_create_pool(1024, &link->log);

    if (link->pool == NULL) {
        oauthcc_store_link_fail(link, 0, "no memory");
        return;
    }

    ngx_memzero(&link->address, sizeof(oauthcc_address_t));

    link->address.data = link;
    link->address.host = server->host;
    link->address.port = server->port;
    link->address.addrs = server->addrs;
    link->address.naddrs = server->naddrs;
    link->address.resolver = store->resolver;
    link->address.resolver_timeout = store->resolver_timeout;

    if (server->naddrs == 0 && store->resolver == NULL) {
        oauthcc_store_link_fail(link, 0, "its name cannot be resolved "
                                "without a resolver");
        return;
    }

    oauthcc_address_find(&link->address, link->pool, store->timeout,
                         oauthcc_store_link_resolved);
}


void
oauthcc_store_link_close(oauthcc_store_link_t *link)
{
    oauthcc_address_free(&link->address);

    oauthcc_store_link_disconnect(link);

    if (link->pool) {
        ngx_destroy_pool(link->pool);
        link->pool = NULL;
    }
}


static void
oauthcc_store_link_resolved(oauthcc_address_t *address)
{
    oauthcc_store_link_t  *link;

    link = address->data;

    if (address->state != NGX_OK) {
        oauthcc_store_link_fail(link, 0, "its name could not be resolved");
        return;
    }

    oauthcc_store_link_connect(link);
}


/* Tries the addresses from the next one on. */

static void
oauthcc_store_link_connect(oauthcc_store_link_t *link)
{
    ngx_int_t               rc;
    ngx_addr_t             *addr;
    ngx_connection_t       *c;
    ngx_peer_connection_t  *pc;

    pc = &link->peer;

    while (link->next < link->address.naddrs) {

        addr = &link->address.addrs[link->next++];

        ngx_memcpy(&link->sockaddr, addr->sockaddr, addr->socklen);

        /* of another node on the same machine it is another one */

        ngx_inet_set_port(&link->sockaddr.sockaddr, link->server->port);

        ngx_memzero(pc, sizeof(ngx_peer_connection_t));

        pc->sockaddr = &link->sockaddr.sockaddr;
        pc->socklen = addr->socklen;
        pc->name = &addr->name;
        pc->get = ngx_event_get_peer;
        pc->log = &link->log;
        pc->log_error = NGX_ERROR_ERR;

        ngx_set_socket_errno(0);

        rc = ngx_event_connect_peer(pc);

        if (rc != NGX_OK && rc != NGX_AGAIN) {
            link->err = ngx_socket_errno;
            continue;
        }

        c = pc->connection;

        c->data = link;
        c->pool = link->pool;
        c->log = &link->log;
        c->read->log = c->log;
        c->write->log = c->log;
        c->read->handler = oauthcc_store_link_event;
        c->write->handler = oauthcc_store_link_event;

        link->connection = c;

        if (rc == NGX_OK) {
            oauthcc_store_link_connected(link);
        }

        return;
    }

    oauthcc_store_link_fail(link, link->err, "connect() failed");
}


static void
oauthcc_store_link_event(ngx_event_t *ev)
{
    ngx_connection_t      *c;
    oauthcc_store_link_t  *link;

    c = ev->data;
    link = c->data;

    if (!ev->write) {
        return;
    }

    link->err = oauthcc_address_error(c);

    if (link->err) {
        oauthcc_store_link_disconnect(link);
        oauthcc_store_link_connect(link);
        return;
    }

    oauthcc_store_link_connected(link);
}


static void
oauthcc_store_link_connected(oauthcc_store_link_t *link)
{
    if (link->sockaddr.sockaddr.sa_family != AF_UNIX
        && ngx_tcp_nodelay(link->connection) != NGX_OK)
    {
        oauthcc_store_link_fail(link, ngx_socket_errno,
                                "setsockopt() failed");
        return;
    }

#if (NGX_SSL)
    if (link->server->tls) {
        oauthcc_store_link_tls(link);
        return;
    }
#endif

    link->done(link);
}


#if (NGX_SSL)

static void
oauthcc_store_link_tls(oauthcc_store_link_t *link)
{
    ngx_int_t          rc;
    ngx_connection_t  *c;

    c = link->connection;

    if (ngx_ssl_create_connection(link->store->ssl, c, NGX_SSL_CLIENT)
        != NGX_OK
        || oauthcc_store_link_expect(link) != NGX_OK)
    {
        oauthcc_store_link_fail(link, 0, "TLS could not be begun");
        return;
    }

    rc = ngx_ssl_handshake(c);

    if (rc == NGX_AGAIN) {
        c->ssl->handler = oauthcc_store_link_shaken;
        return;
    }

    oauthcc_store_link_shaken(c);
}


/* What is verified: the name is asked for, an address is only compared. */

static ngx_int_t
oauthcc_store_link_expect(oauthcc_store_link_t *link)
{
    u_char             *name, address[16];
    ngx_str_t          *host;
    ngx_connection_t   *c;
    X509_VERIFY_PARAM  *param;

    c = link->connection;
    host = link->store->ssl_name.len ? &link->store->ssl_name
                                     : &link->server->host;

    name = ngx_pnalloc(link->pool, host->len + 1);
    if (name == NULL) {
        return NGX_ERROR;
    }

    *ngx_cpymem(name, host->data, host->len) = '\0';

    param = SSL_get0_param(c->ssl->connection);

    if (ngx_inet_addr(host->data, host->len) != INADDR_NONE
        || ngx_inet6_addr(host->data, host->len, address) == NGX_OK)
    {
        return X509_VERIFY_PARAM_set1_ip_asc(param, (char *) name) == 1
               ? NGX_OK : NGX_ERROR;
    }

    if (SSL_set_tlsext_host_name(c->ssl->connection, (char *) name) != 1
        || X509_VERIFY_PARAM_set1_host(param, (char *) name, host->len) != 1)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


static void
oauthcc_store_link_shaken(ngx_connection_t *c)
{
    oauthcc_store_link_t  *link;

    link = c->data;

    if (!c->ssl->handshaked) {
        oauthcc_store_link_fail(link, 0, "the TLS handshake failed");
        return;
    }

    if (link->store->ssl_verify && !oauthcc_store_link_trusted(link)) {
        return;
    }

    link->done(link);
}


static ngx_uint_t
oauthcc_store_link_trusted(oauthcc_store_link_t *link)
{
    long   rc;
    SSL   *ssl;
    X509  *cert;

    ssl = link->connection->ssl->connection;

    cert = SSL_get_peer_certificate(ssl);
    rc = SSL_get_verify_result(ssl);

    if (cert == NULL) {
        oauthcc_store_link_fail(link, 0, "it has no certificate");
        return 0;
    }

    X509_free(cert);

    switch (rc) {

    case X509_V_OK:
        return 1;

    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        oauthcc_store_link_fail(link, 0, "its certificate is for another "
                                "host");
        return 0;

    default:
        oauthcc_store_link_fail(link, 0, "its certificate is not trusted");
        return 0;
    }
}

#endif


static void
oauthcc_store_link_disconnect(oauthcc_store_link_t *link)
{
    ngx_connection_t  *c;

    c = link->connection;

    if (c == NULL) {
        return;
    }

    link->connection = NULL;

#if (NGX_SSL)
    if (c->ssl) {
        c->ssl->no_wait_shutdown = 1;
        c->ssl->no_send_shutdown = 1;

        (void) ngx_ssl_shutdown(c);
    }
#endif

    ngx_close_connection(c);
}


static void
oauthcc_store_link_fail(oauthcc_store_link_t *link, ngx_err_t err,
    char *failure)
{
    oauthcc_store_link_disconnect(link);

    link->err = err;
    link->failure = failure;

    link->done(link);
}
