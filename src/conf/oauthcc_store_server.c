
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "conf/oauthcc_store_server.h"
#include "core/oauthcc_text.h"


#define OAUTHCC_STORE_SERVER_PORT  6379

/* digits of the number of a database */
#define OAUTHCC_STORE_SERVER_DB    4


static char *oauthcc_store_server_user(ngx_conf_t *cf, ngx_str_t *rest,
    oauthcc_store_server_t *server);
static char *oauthcc_store_server_database(ngx_str_t *rest,
    oauthcc_store_server_t *server);
static char *oauthcc_store_server_parse(ngx_conf_t *cf, ngx_str_t *rest,
    oauthcc_store_server_t *server);
static ngx_uint_t oauthcc_store_server_local(oauthcc_store_server_t *server);


char *
oauthcc_store_server_read(ngx_conf_t *cf, ngx_str_t *text,
    oauthcc_store_server_t *server)
{
    char       *err;
    u_char     *p;
    size_t      scheme;
    ngx_str_t   rest;

    ngx_memzero(server, sizeof(oauthcc_store_server_t));

    if (oauthcc_text_begins(text, "unix:")) {
        server->url = *text;
        server->local = 1;

        return oauthcc_store_server_parse(cf, text, server);
    }

    if (oauthcc_text_ibegins(text, "redis://")) {
        scheme = sizeof("redis://") - 1;

    } else if (oauthcc_text_ibegins(text, "rediss://")) {
        scheme = sizeof("rediss://") - 1;
        server->tls = 1;

    } else {
        return "has to begin with redis://, rediss:// or unix:";
    }

    rest.data = text->data + scheme;
    rest.len = text->len - scheme;

    err = oauthcc_store_server_user(cf, &rest, server);

    if (err == NULL) {
        err = oauthcc_store_server_database(&rest, server);
    }

    if (err) {
        return err;
    }

    /* what is shown has no user name */

    server->url.len = scheme + rest.len;
    server->url.data = ngx_pnalloc(cf->pool, server->url.len);

    if (server->url.data == NULL) {
        return "needs more memory than there is";
    }

    p = ngx_cpymem(server->url.data, text->data, scheme);
    ngx_memcpy(p, rest.data, rest.len);

    return oauthcc_store_server_parse(cf, &rest, server);
}


static char *
oauthcc_store_server_user(ngx_conf_t *cf, ngx_str_t *rest,
    oauthcc_store_server_t *server)
{
    u_char  *p, *at, *last, *src, *dst;

    last = rest->data + rest->len;
    at = NULL;

    for (p = rest->data; p < last; p++) {
        if (*p == '@') {
            at = p;
        }
    }

    if (at == NULL) {
        return NULL;
    }

    if (ngx_strlchr(rest->data, at, ':')) {
        return "contains a password: use \"password\" instead";
    }

    server->user.data = ngx_pnalloc(cf->pool, at - rest->data);
    if (server->user.data == NULL) {
        return "needs more memory than there is";
    }

    src = rest->data;
    dst = server->user.data;

    ngx_unescape_uri(&dst, &src, at - rest->data, 0);

    server->user.len = dst - server->user.data;

    if (server->user.len == 0 || oauthcc_text_control(&server->user)) {
        return "has an invalid user name";
    }

    rest->data = at + 1;
    rest->len = last - rest->data;

    return NULL;
}


static char *
oauthcc_store_server_database(ngx_str_t *rest, oauthcc_store_server_t *server)
{
    u_char     *p, *last;
    ngx_str_t   number;

    last = rest->data + rest->len;

    p = ngx_strlchr(rest->data, last, '/');
    if (p == NULL) {
        return NULL;
    }

    number.data = p + 1;
    number.len = last - number.data;

    rest->len = p - rest->data;

    if (number.len == 0) {
        return NULL;
    }

    if (number.len > OAUTHCC_STORE_SERVER_DB
        || ngx_atoi(number.data, number.len) == NGX_ERROR)
    {
        return "has an invalid number of a database";
    }

    /* that is the one of a new connection; a cluster has no other */

    if (ngx_atoi(number.data, number.len) != 0) {
        server->database = number;
    }

    return NULL;
}


static char *
oauthcc_store_server_parse(ngx_conf_t *cf, ngx_str_t *rest,
    oauthcc_store_server_t *server)
{
    ngx_url_t  u;

    ngx_memzero(&u, sizeof(ngx_url_t));

    u.url = *rest;
    u.default_port = OAUTHCC_STORE_SERVER_PORT;
    u.no_resolve = 1;

    if (ngx_parse_url(cf->pool, &u) != NGX_OK) {
        return "has an invalid host or port";
    }

    if (u.uri.len) {
        return "has something behind its port";
    }

    server->host = u.host;
    server->port = u.port;
    server->addrs = u.addrs;
    server->naddrs = u.naddrs;

    if (!server->local) {
        server->local = oauthcc_store_server_local(server);
    }

    return NULL;
}


static ngx_uint_t
oauthcc_store_server_local(oauthcc_store_server_t *server)
{
    struct sockaddr_in   *sin;
#if (NGX_HAVE_INET6)
    struct sockaddr_in6  *sin6;
#endif

    if (server->naddrs == 0) {
        return oauthcc_text_iis(&server->host, "localhost");
    }

    switch (server->addrs[0].sockaddr->sa_family) {

#if (NGX_HAVE_INET6)
    case AF_INET6:
        sin6 = (struct sockaddr_in6 *) server->addrs[0].sockaddr;

        return IN6_IS_ADDR_LOOPBACK(&sin6->sin6_addr);
#endif

    default: /* AF_INET */
        sin = (struct sockaddr_in *) server->addrs[0].sockaddr;

        return (ntohl(sin->sin_addr.s_addr) >> 24) == 127;
    }
}


ngx_int_t
oauthcc_store_server_resolve(ngx_conf_t *cf, oauthcc_store_t *store,
    oauthcc_store_server_t *server)
{
    ngx_url_t  u;

    if (server->naddrs
        || (store->resolver && !oauthcc_text_iis(&server->host, "localhost")))
    {
        return NGX_OK;
    }

    ngx_memzero(&u, sizeof(ngx_url_t));

    u.url = server->host;
    u.default_port = server->port;

    if (ngx_parse_url(cf->pool, &u) != NGX_OK) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "%s \"%V\" of \"server\" at the start of nginx, set a "
                      "\"resolver\" to have it resolved at each connect, in "
                      "the \"oauthcc_store\" block that begins in %V:%ui",
                      u.err ? u.err : "could not resolve", &server->host,
                      &store->file, store->line);
        return NGX_ERROR;
    }

    server->addrs = u.addrs;
    server->naddrs = u.naddrs;

    return NGX_OK;
}
