
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "http/oauthcc_url.h"
#include "core/oauthcc_text.h"


static char *oauthcc_url_authority(ngx_pool_t *pool, ngx_str_t *text,
    oauthcc_url_t *endpoint);
static char *oauthcc_url_socket(ngx_str_t *text, oauthcc_url_t *endpoint,
    ngx_str_t *uri);
static void oauthcc_url_address(ngx_pool_t *pool, oauthcc_url_t *endpoint);
static ngx_uint_t oauthcc_url_is_localhost(ngx_str_t *name);
static ngx_int_t oauthcc_url_url(ngx_pool_t *pool, oauthcc_url_t *endpoint,
    char *upstream, char *suffix, ngx_str_t *url);
static ngx_int_t oauthcc_url_upstream(ngx_conf_t *cf,
    oauthcc_provider_t *provider, ngx_uint_t number);


char *
oauthcc_url_parse(ngx_pool_t *pool, ngx_str_t *url, oauthcc_url_t *endpoint)
{
    char      *err;
    u_char    *p, *last;
    ngx_str_t  rest, uri;

    ngx_memzero(endpoint, sizeof(oauthcc_url_t));

    endpoint->url = *url;

    last = url->data + url->len;

    for (p = url->data; p < last; p++) {

        if (*p <= ' ' || *p == 0x7f) {
            return "holds a space or a control character";
        }

        if (*p == '#') {
            return "has a fragment, which a token endpoint cannot have";
        }

        if (*p == '$') {
            return "may not hold variables";
        }
    }

    if (oauthcc_text_ibegins(url, "https://")) {
        endpoint->https = 1;
        endpoint->port = 443;
        rest.data = url->data + sizeof("https://") - 1;

    } else if (oauthcc_text_ibegins(url, "http://")) {
        endpoint->port = 80;
        rest.data = url->data + sizeof("http://") - 1;

    } else {
        return "has to begin with https:// or http://";
    }

    rest.len = last - rest.data;

    if (oauthcc_text_ibegins(&rest, "unix:")) {
        err = oauthcc_url_socket(&rest, endpoint, &uri);

    } else {
        for (p = rest.data; p < last; p++) {
            if (*p == '/' || *p == '?') {
                break;
            }
        }

        uri.data = p;
        uri.len = last - p;
        rest.len = p - rest.data;

        err = oauthcc_url_authority(pool, &rest, endpoint);
    }

    if (err) {
        return err;
    }

    endpoint->uri = uri;

    if (uri.len == 0 || uri.data[0] != '/') {

        endpoint->uri.len = uri.len + 1;
        endpoint->uri.data = ngx_pnalloc(pool, endpoint->uri.len);

        if (endpoint->uri.data == NULL) {
            return "needs more memory than there is";
        }

        p = endpoint->uri.data;
        *p++ = '/';
        ngx_memcpy(p, uri.data, uri.len);
    }

    return NULL;
}


ngx_int_t
oauthcc_url_resolve(ngx_conf_t *cf, oauthcc_provider_t *provider,
    ngx_uint_t number)
{
    ngx_int_t  rc;

    if (provider->endpoint.forward_proxy.host.len
        && oauthcc_url_is_upstream(provider->endpoint.ctx,
                                   provider->endpoint.url))
    {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"forward_proxy\" cannot connect to upstream \"%V\", "
                      "which nginx connects to itself, in %V:%ui, "
                      "oauthcc_provider \"%V\"",
                      &provider->endpoint.url->host,
                      &provider->endpoint.forward_proxy.file,
                      provider->endpoint.forward_proxy.line, &provider->name);
        return NGX_ERROR;
    }

    rc = oauthcc_url_target(cf->pool, provider, provider->endpoint.url,
                            &provider->endpoint.pass);
    if (rc != NGX_DECLINED) {
        return rc;
    }

    if (provider->endpoint.value || provider->endpoint.issuer) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "%s a \"resolver\", "
                      "in the block or in http{}, in %V:%ui, "
                      "oauthcc_provider \"%V\"",
                      provider->endpoint.issuer
                      ? "\"issuer\" needs"
                      : "variables in \"token_endpoint\" need",
                      &provider->endpoint.url->file,
                      provider->endpoint.url->line, &provider->name);
        return NGX_ERROR;
    }

    return oauthcc_url_upstream(cf, provider, number);
}


char *
oauthcc_url_refused(oauthcc_provider_t *provider, oauthcc_url_t *endpoint)
{
    ngx_uint_t  proxy;

    proxy = (provider->endpoint.forward_proxy.host.len != 0);

    /* through a proxy, what is called localhost is another machine */

    if (!endpoint->https
        && (proxy || !endpoint->loopback)
        && provider->endpoint.allow_http != 1)
    {
        return "would send the secret in clear text: use https, or "
               "\"allow_http on\" if the network is safe";
    }

    if (proxy && endpoint->local) {
        return "is a unix socket, which a \"forward_proxy\" cannot connect to";
    }

    return NULL;
}


ngx_int_t
oauthcc_url_target(ngx_pool_t *pool, oauthcc_provider_t *provider,
    oauthcc_url_t *endpoint, ngx_str_t *url)
{
    ngx_http_core_loc_conf_t  *clcf;

    if (provider->endpoint.forward_proxy.host.len) {
        return oauthcc_url_url(pool, endpoint, OAUTHCC_URL_FORWARD_PROXY, "",
                               url);
    }

    if (endpoint->localhost) {
        return oauthcc_url_url(pool, endpoint, OAUTHCC_URL_LOCALHOST, "", url);
    }

    if (endpoint->address
        || oauthcc_url_is_upstream(provider->endpoint.ctx, endpoint))
    {
        return oauthcc_url_url(pool, endpoint, NULL, "", url);
    }

    clcf = provider->endpoint.ctx->loc_conf[ngx_http_core_module.ctx_index];

    if (clcf->resolver == NULL || clcf->resolver->connections.nelts == 0) {
        return NGX_DECLINED;
    }

    /*
     * Absolute, with the dot of the root: a plain name would match an upstream
     * that a proxy_pass elsewhere has made of it, with the addresses of the
     * start of nginx.
     */

    return oauthcc_url_url(pool, endpoint, NULL,
                           endpoint->host.data[endpoint->host.len - 1] == '.'
                           ? "" : ".", url);
}


static char *
oauthcc_url_authority(ngx_pool_t *pool, ngx_str_t *text,
    oauthcc_url_t *endpoint)
{
    u_char    *p, *last;
    ngx_int_t  port;

    last = text->data + text->len;

    if (ngx_strlchr(text->data, last, '@')) {
        return "holds a user name, for which there is \"client_id\"";
    }

    endpoint->authority = *text;

    if (text->len && text->data[0] == '[') {

        p = ngx_strlchr(text->data, last, ']');

        if (p == NULL) {
            return "has no \"]\" after its IPv6 address";
        }

        endpoint->host.data = text->data + 1;
        endpoint->host.len = p - endpoint->host.data;

        if (++p < last && *p != ':') {
            return "has something between its address and its path";
        }

        /* nginx would take the text before the first ":" as a name */

        endpoint->name.data = text->data;
        endpoint->name.len = p - text->data;

    } else {
        p = ngx_strlchr(text->data, last, ':');

        if (p == NULL) {
            p = last;
        }

        endpoint->host.data = text->data;
        endpoint->host.len = p - text->data;

        /* SNI has no dot of the root, RFC 6066 section 3 */

        endpoint->name = endpoint->host;

        if (p - text->data > 1 && p[-1] == '.') {
            endpoint->name.len--;
        }
    }

    if (endpoint->host.len == 0) {
        return "has no host";
    }

    endpoint->no_port = (p == last);

    if (p < last) {
        p++;

        port = ngx_atoi(p, last - p);

        if (port < 1 || port > 65535) {
            return "has an invalid port";
        }

        endpoint->port = (in_port_t) port;
    }

    oauthcc_url_address(pool, endpoint);

    if (text->data[0] == '[' && !endpoint->address) {
        return "has an invalid IPv6 address";
    }

    return NULL;
}


static char *
oauthcc_url_socket(ngx_str_t *text, oauthcc_url_t *endpoint, ngx_str_t *uri)
{
    u_char             *p, *last;
    struct sockaddr_un  saun;

    last = text->data + text->len;

    endpoint->local = 1;
    endpoint->address = 1;
    endpoint->loopback = 1;

    ngx_str_set(&endpoint->authority, "localhost");
    endpoint->name = endpoint->authority;

    endpoint->host.data = text->data + sizeof("unix:") - 1;

    p = ngx_strlchr(endpoint->host.data, last, ':');

    if (p == NULL) {
        p = last;
    }

    endpoint->host.len = p - endpoint->host.data;

    if (endpoint->host.len == 0) {
        return "has no path of a unix socket";
    }

    if (endpoint->host.len + 1 > sizeof(saun.sun_path)) {
        return "has too long a path of a unix socket";
    }

    if (p < last) {
        p++;
    }

    uri->data = p;
    uri->len = last - p;

    return NULL;
}


static void
oauthcc_url_address(ngx_pool_t *pool, oauthcc_url_t *endpoint)
{
    ngx_addr_t           addr;
    struct sockaddr_in  *sin;
#if (NGX_HAVE_INET6)
    struct in6_addr     *in6;
#endif

    if (ngx_parse_addr(pool, &addr, endpoint->host.data,
                       endpoint->host.len)
        != NGX_OK)
    {
        endpoint->localhost =
                      oauthcc_url_is_localhost(&endpoint->host);
        endpoint->loopback = endpoint->localhost;
        return;
    }

    endpoint->address = 1;

    switch (addr.sockaddr->sa_family) {

#if (NGX_HAVE_INET6)
    case AF_INET6:
        in6 = &((struct sockaddr_in6 *) addr.sockaddr)->sin6_addr;

        endpoint->loopback = IN6_IS_ADDR_LOOPBACK(in6)
                             || (IN6_IS_ADDR_V4MAPPED(in6)
                                 && in6->s6_addr[12] == 127);
        break;
#endif

    default: /* AF_INET */
        sin = (struct sockaddr_in *) addr.sockaddr;

        endpoint->loopback = (ntohl(sin->sin_addr.s_addr) >> 24) == 127;
    }
}


/* localhost or a name below it, RFC 6761 section 6.3. */

static ngx_uint_t
oauthcc_url_is_localhost(ngx_str_t *name)
{
    size_t   len;
    u_char  *p;

    len = name->len;

    if (len && name->data[len - 1] == '.') {
        len--;
    }

    if (len < sizeof("localhost") - 1) {
        return 0;
    }

    p = name->data + len - (sizeof("localhost") - 1);

    return ngx_strncasecmp(p, (u_char *) "localhost", sizeof("localhost") - 1)
               == 0
           && (p == name->data || p[-1] == '.');
}


/* The URL for nginx's proxy, at an upstream or a host with a suffix. */

static ngx_int_t
oauthcc_url_url(ngx_pool_t *pool, oauthcc_url_t *endpoint, char *upstream,
    char *suffix, ngx_str_t *url)
{
    u_char    *p;
    ngx_str_t  tail;

    p = ngx_pnalloc(pool, sizeof("https://unix:.:"
                                 OAUTHCC_URL_FORWARD_PROXY)
                              + endpoint->host.len + endpoint->authority.len
                              + endpoint->uri.len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    url->data = p;

    p = ngx_sprintf(p, "%s://", endpoint->https ? "https" : "http");

    if (upstream) {
        p = ngx_sprintf(p, "%s", upstream);

    } else if (endpoint->local) {
        p = ngx_sprintf(p, "unix:%V:", &endpoint->host);

    } else if (endpoint->authority.data[0] == '[') {
        p = ngx_sprintf(p, "%V", &endpoint->authority);

    } else {
        tail.data = endpoint->authority.data + endpoint->host.len;
        tail.len = endpoint->authority.len - endpoint->host.len;

        p = ngx_sprintf(p, "%V%s%V", &endpoint->host, suffix, &tail);
    }

    p = ngx_sprintf(p, "%V", &endpoint->uri);

    url->len = p - url->data;

    return NGX_OK;
}


ngx_uint_t
oauthcc_url_is_upstream(ngx_http_conf_ctx_t *ctx, oauthcc_url_t *endpoint)
{
    ngx_uint_t                      i;
    ngx_http_upstream_srv_conf_t  **uscf;
    ngx_http_upstream_main_conf_t  *umcf;

    if (!endpoint->no_port || endpoint->localhost) {
        return 0;
    }

    umcf = ctx->main_conf[ngx_http_upstream_module.ctx_index];
    uscf = umcf->upstreams.elts;

    for (i = 0; i < umcf->upstreams.nelts; i++) {

        if ((uscf[i]->flags & NGX_HTTP_UPSTREAM_CREATE)
            && oauthcc_text_ieq(&uscf[i]->host, &endpoint->host))
        {
            return 1;
        }
    }

    return 0;
}


/*
 * Resolves the name now, as an upstream of the provider's own: it shares
 * nothing with other users of the same host.
 */

static ngx_int_t
oauthcc_url_upstream(ngx_conf_t *cf, oauthcc_provider_t *provider,
    ngx_uint_t number)
{
    u_char                        *p;
    ngx_url_t                      u;
    ngx_http_upstream_server_t    *server;
    oauthcc_url_t                 *endpoint;
    ngx_http_upstream_srv_conf_t  *uscf;

    endpoint = provider->endpoint.url;

    ngx_memzero(&u, sizeof(ngx_url_t));

    u.url = endpoint->host;
    u.default_port = endpoint->port;

    if (ngx_parse_url(cf->pool, &u) != NGX_OK) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "%s \"%V\" of the token endpoint at the start of "
                      "nginx, set a \"resolver\" to have it resolved at each "
                      "login, in %V:%ui, oauthcc_provider \"%V\"",
                      u.err ? u.err : "could not resolve", &endpoint->host,
                      &endpoint->file, endpoint->line, &provider->name);
        return NGX_ERROR;
    }

    ngx_memzero(&provider->endpoint.pass, sizeof(ngx_str_t));

    p = ngx_pnalloc(cf->pool, sizeof("https://oauthcc_provider_")
                              + NGX_INT_T_LEN + endpoint->uri.len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    provider->endpoint.pass.data = p;

    p = ngx_sprintf(p, "%s://", endpoint->https ? "https" : "http");

    u.host.data = p;
    p = ngx_sprintf(p, "oauthcc_provider_%ui", number);
    u.host.len = p - u.host.data;

    p = ngx_sprintf(p, "%V", &endpoint->uri);
    provider->endpoint.pass.len = p - provider->endpoint.pass.data;

    u.no_port = 1;
    u.port = 0;

    uscf = ngx_http_upstream_add(cf, &u, NGX_HTTP_UPSTREAM_CREATE
                                         |NGX_HTTP_UPSTREAM_WEIGHT
                                         |NGX_HTTP_UPSTREAM_MAX_FAILS
                                         |NGX_HTTP_UPSTREAM_FAIL_TIMEOUT);
    if (uscf == NULL) {
        return NGX_ERROR;
    }

    uscf->port = 0;
    uscf->no_port = 1;

    if (uscf->servers == NULL) {
        uscf->servers = ngx_array_create(cf->pool, 1,
                                         sizeof(ngx_http_upstream_server_t));
        if (uscf->servers == NULL) {
            return NGX_ERROR;
        }
    }

    server = ngx_array_push(uscf->servers);
    if (server == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(server, sizeof(ngx_http_upstream_server_t));

    server->name = endpoint->host;
    server->addrs = u.addrs;
    server->naddrs = u.naddrs;
    server->weight = 1;
    server->max_fails = 1;
    server->fail_timeout = 10;

    return ngx_http_upstream_init_round_robin(cf, uscf);
}


/* The name for TLS and Host. */

void
oauthcc_url_server(oauthcc_url_t *endpoint, oauthcc_http_request_t *request)
{
    request->authority = endpoint->authority;
    request->host = endpoint->name;
    request->port = endpoint->port;
}
