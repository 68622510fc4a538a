
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_text.h"
#include "store/oauthcc_store_moved.h"


static ngx_uint_t oauthcc_store_moved_host(ngx_str_t *host);


ngx_int_t
oauthcc_store_moved_read(ngx_str_t *text, oauthcc_store_server_t *server,
    u_char *node)
{
    u_char     *p, *last, *colon;
    size_t      len;
    ngx_int_t   port;
    ngx_str_t   host;

    p = text->data;
    last = text->data + text->len;

    p = ngx_strlchr(p, last, ' ');
    p = p ? ngx_strlchr(p + 1, last, ' ') : NULL;

    if (p == NULL || last - p - 1 > OAUTHCC_STORE_MOVED_NODE) {
        return NGX_ERROR;
    }

    p++;
    len = last - p;

    for (colon = last; colon > p && colon[-1] != ':'; colon--) {
        /* void */
    }

    if (colon == p) {
        return NGX_ERROR;
    }

    port = ngx_atoi(colon, last - colon);
    host.data = p;
    host.len = colon - 1 - p;

    if (port < 1 || port > 65535 || !oauthcc_store_moved_host(&host)) {
        return NGX_ERROR;
    }

    server->port = (in_port_t) port;

    /* without a name it is on the same machine */

    if (host.len == 0 || oauthcc_text_ieq(&host, &server->host)) {
        return NGX_OK;
    }

    /* node may hold the host of the server that was asked: not before this */

    ngx_memcpy(node, p, len);

    server->host.data = node;
    server->host.len = host.len;
    server->url.data = node;
    server->url.len = len;
    server->addrs = NULL;
    server->naddrs = 0;

    return NGX_OK;
}


/* A name or an address: it will be in the log, and be asked for. */

static ngx_uint_t
oauthcc_store_moved_host(ngx_str_t *host)
{
    u_char  ch;
    size_t  i;

    for (i = 0; i < host->len; i++) {
        ch = ngx_tolower(host->data[i]);

        if (!(ch >= 'a' && ch <= 'z') && !(ch >= '0' && ch <= '9')
            && ch != '-' && ch != '.' && ch != ':' && ch != '_')
        {
            return 0;
        }
    }

    return 1;
}
