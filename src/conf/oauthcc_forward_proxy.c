
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "conf/oauthcc_forward_proxy.h"
#include "conf/oauthcc_block_refuse.h"
#include "conf/oauthcc_nginx_directive.h"
#include "core/oauthcc_redact_url.h"
#include "core/oauthcc_text.h"
#include "http/oauthcc_tunnel_peer.h"
#include "http/oauthcc_url.h"


static char *oauthcc_forward_proxy_parse(ngx_conf_t *cf, ngx_str_t *text,
    oauthcc_forward_proxy_t *proxy);
static char *oauthcc_forward_proxy_user(ngx_conf_t *cf, ngx_str_t *text,
    oauthcc_forward_proxy_t *proxy);
static ngx_int_t oauthcc_forward_proxy_transport(ngx_conf_t *cf,
    oauthcc_provider_t *provider);


char *
oauthcc_forward_proxy(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    oauthcc_provider_t *provider = conf;

    char                     *err;
    ngx_str_t                *value;
    oauthcc_forward_proxy_t  *proxy;

    proxy = &provider->endpoint.forward_proxy;

    if (proxy->host.data) {
        return "is duplicate";
    }

    value = cf->args->elts;

    err = oauthcc_forward_proxy_parse(cf, &value[1], proxy);

    if (err) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "\"%V %V\" %s", &cmd->name,
                           oauthcc_redact_url(cf->pool, &value[1]), err);
        return NGX_CONF_ERROR;
    }

    proxy->file = cf->conf_file->file.name;
    proxy->line = cf->conf_file->line;

    return NGX_CONF_OK;
}


/* http://USER@HOST:PORT/, where user name and slash may be left out. */

static char *
oauthcc_forward_proxy_parse(ngx_conf_t *cf, ngx_str_t *text,
    oauthcc_forward_proxy_t *proxy)
{
    char           *err;
    u_char         *p, *start, *last, *at;
    ngx_str_t       url;
    oauthcc_url_t   parts;

    if (!oauthcc_text_ibegins(text, "http://")) {
        return "has to begin with http://";
    }

    start = text->data + sizeof("http://") - 1;
    last = text->data + text->len;
    at = NULL;

    for (p = start; p < last && *p != '/' && *p != '?' && *p != '#'; p++) {
        if (*p == '@') {
            at = p;
        }
    }

    if (p < last && !(p == last - 1 && *p == '/')) {
        return "has something behind its port";
    }

    last = p;

    if (at) {
        url.data = start;
        url.len = at - start;

        err = oauthcc_forward_proxy_user(cf, &url, proxy);
        if (err) {
            return err;
        }

        start = at + 1;
    }

    url.len = sizeof("http://") - 1 + (last - start);
    url.data = ngx_pnalloc(cf->pool, url.len);

    if (url.data == NULL) {
        return "needs more memory than there is";
    }

    p = ngx_cpymem(url.data, text->data, sizeof("http://") - 1);
    ngx_memcpy(p, start, last - start);

    err = oauthcc_url_parse(cf->pool, &url, &parts);

    if (err) {
        return err;
    }

    if (parts.local) {
        return "is a unix socket, it has to be HOST:PORT";
    }

    if (parts.no_port) {
        return "has no port";
    }

    proxy->authority = parts.authority;
    proxy->host = parts.host;
    proxy->port = parts.port;

    /* it is this machine, or is none of a name */

    proxy->known = parts.address || parts.localhost;

    return NULL;
}


static char *
oauthcc_forward_proxy_user(ngx_conf_t *cf, ngx_str_t *text,
    oauthcc_forward_proxy_t *proxy)
{
    u_char  *src, *dst;

    if (ngx_strlchr(text->data, text->data + text->len, ':')) {
        return "holds a password, for which there is "
               "\"forward_proxy_password\"";
    }

    proxy->user.data = ngx_pnalloc(cf->pool, text->len);
    if (proxy->user.data == NULL) {
        return "needs more memory than there is";
    }

    src = text->data;
    dst = proxy->user.data;

    ngx_unescape_uri(&dst, &src, text->len, 0);

    proxy->user.len = dst - proxy->user.data;

    if (proxy->user.len == 0) {
        return "has an empty user name";
    }

    /* RFC 7617 section 2 */

    if (ngx_strlchr(proxy->user.data, dst, ':')
        || oauthcc_text_control(&proxy->user))
    {
        return "has a user name with a colon or a control character";
    }

    return NULL;
}


char *
oauthcc_forward_proxy_check(ngx_conf_t *cf, oauthcc_provider_t *provider)
{
    char                     *err;
    oauthcc_forward_proxy_t  *proxy;

    proxy = &provider->endpoint.forward_proxy;

    if (proxy->user.len && proxy->password.text.len == 0) {
        err = "no \"forward_proxy_password\" for the user name in "
              "\"forward_proxy\"";

    } else if (proxy->user.len == 0 && proxy->password.text.len) {
        err = "\"forward_proxy_password\" has no effect without a user name "
              "in \"forward_proxy\"";

    } else {
        return NGX_CONF_OK;
    }

    return oauthcc_block_refuse(cf, provider, "%s", err);
}


ngx_int_t
oauthcc_forward_proxy_add(ngx_conf_t *cf)
{
    ngx_url_t                      u;
    ngx_http_upstream_srv_conf_t  *uscf;

    ngx_memzero(&u, sizeof(ngx_url_t));

    ngx_str_set(&u.host, OAUTHCC_URL_FORWARD_PROXY);
    u.no_port = 1;

    uscf = ngx_http_upstream_add(cf, &u, NGX_HTTP_UPSTREAM_CREATE);
    if (uscf == NULL) {
        return NGX_ERROR;
    }

    uscf->no_port = 1;
    uscf->peer.init = oauthcc_tunnel_peer_init;

    return NGX_OK;
}


ngx_int_t
oauthcc_forward_proxy_resolve(ngx_conf_t *cf, oauthcc_provider_t *provider)
{
    ngx_url_t                  u;
    oauthcc_forward_proxy_t   *proxy;
    ngx_http_core_loc_conf_t  *clcf;

    proxy = &provider->endpoint.forward_proxy;

    if (proxy->host.len == 0) {
        return NGX_OK;
    }

    if (oauthcc_forward_proxy_transport(cf, provider) != NGX_OK) {
        return NGX_ERROR;
    }

    clcf = provider->endpoint.ctx->loc_conf[ngx_http_core_module.ctx_index];

    if (!proxy->known
        && clcf->resolver && clcf->resolver->connections.nelts)
    {
        return NGX_OK;
    }

    ngx_memzero(&u, sizeof(ngx_url_t));

    u.url = proxy->authority;

    if (ngx_parse_url(cf->pool, &u) != NGX_OK) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "%s \"%V\" of \"forward_proxy\" at the start of nginx, "
                      "set a \"resolver\" to have it resolved at each login, "
                      "in %V:%ui, oauthcc_provider \"%V\"",
                      u.err ? u.err : "could not resolve", &proxy->host,
                      &proxy->file, proxy->line, &provider->name);
        return NGX_ERROR;
    }

    proxy->addrs = u.addrs;
    proxy->naddrs = u.naddrs;

    return NGX_OK;
}


/* What nginx's own directives say of connections. */

static ngx_int_t
oauthcc_forward_proxy_transport(ngx_conf_t *cf, oauthcc_provider_t *provider)
{
    void                       **loc_conf;
    ngx_msec_t                  *timeout;
    ngx_flag_t                  *keepalive;
    oauthcc_forward_proxy_t     *proxy;
    ngx_http_upstream_local_t  **local;

    proxy = &provider->endpoint.forward_proxy;
    loc_conf = provider->endpoint.ctx->loc_conf;

    keepalive = oauthcc_nginx_directive_value(cf, "proxy_socket_keepalive",
                                              loc_conf);
    proxy->keepalive = (keepalive && *keepalive == 1);

    timeout = oauthcc_nginx_directive_value(cf, "proxy_connect_timeout",
                                            loc_conf);
    proxy->connect_timeout = timeout ? *timeout : provider->limits.timeout;

    local = oauthcc_nginx_directive_value(cf, "proxy_bind", loc_conf);

    if (local == NULL || *local == NULL || *local == NGX_CONF_UNSET_PTR) {
        return NGX_OK;
    }

    if ((*local)->value) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"proxy_bind\" with variables cannot be used with "
                      "\"forward_proxy\", in %V:%ui, oauthcc_provider \"%V\"",
                      &proxy->file, proxy->line, &provider->name);
        return NGX_ERROR;
    }

    proxy->local = (*local)->addr;

#if (NGX_HAVE_TRANSPARENT_PROXY)
    proxy->transparent = (*local)->transparent;
#endif

    return NGX_OK;
}
