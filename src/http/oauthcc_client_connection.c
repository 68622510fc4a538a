
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <sys/eventfd.h>
#include "http/oauthcc_client_connection.h"


/*
 * Whether the counter exists depends on options of nginx's configure that
 * --with-compat does not cover.
 */

extern ngx_atomic_t  *ngx_stat_active __attribute__((weak));


ngx_connection_t *
oauthcc_client_connection_create(ngx_pool_t *pool, ngx_log_t *log,
    struct sockaddr_in *sin)
{
    int                fd;
    ngx_connection_t  *c;

    static ngx_str_t  address = ngx_string("127.0.0.1");

    fd = eventfd(0, EFD_NONBLOCK|EFD_CLOEXEC);

    if (fd == -1) {
        ngx_log_error(NGX_LOG_CRIT, log, ngx_errno, "eventfd() failed");
        return NULL;
    }

    c = ngx_get_connection(fd, log);

    if (c == NULL) {
        if (close(fd) == -1) {
            ngx_log_error(NGX_LOG_ALERT, log, ngx_errno,
                          "close() eventfd failed");
        }

        return NULL;
    }

    if (&ngx_stat_active && ngx_stat_active) {
        (void) ngx_atomic_fetch_add(ngx_stat_active, 1);
    }

    c->pool = pool;
    c->log = log;
    c->number = ngx_atomic_fetch_add(ngx_connection_counter, 1);

    c->read->log = log;
    c->write->log = log;
    c->write->ready = 1;

    c->tcp_nodelay = NGX_TCP_NODELAY_DISABLED;
    c->tcp_nopush = NGX_TCP_NOPUSH_DISABLED;

    /* ip_hash, $remote_addr and others read it without a check */

    sin->sin_family = AF_INET;
    sin->sin_addr.s_addr = htonl(INADDR_LOOPBACK);

    c->sockaddr = (struct sockaddr *) sin;
    c->socklen = sizeof(struct sockaddr_in);
    c->local_sockaddr = c->sockaddr;
    c->local_socklen = c->socklen;
    c->addr_text = address;

    return c;
}
