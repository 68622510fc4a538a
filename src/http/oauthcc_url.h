
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_URL_H_INCLUDED_
#define _OAUTHCC_URL_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_provider_conf.h"
#include "http/oauthcc_http_request.h"


/* a token endpoint in its parts; lives as long as the configuration */

struct oauthcc_url_s {
    ngx_str_t   url;       /* as written in the configuration */
    ngx_str_t   file;      /* where it was, and */
    ngx_str_t   authority; /* host[:port], for Host */
    ngx_str_t   host;      /* or a socket's path */
    ngx_str_t   name;      /* of it, for TLS */
    ngx_str_t   uri;       /* with arguments */
    in_port_t   port;
    ngx_uint_t  line;      /* in which line */
    unsigned    https:1;
    unsigned    local:1;   /* a unix socket */
    unsigned    address:1; /* needs no DNS */
    unsigned    loopback:1;
    unsigned    localhost:1; /* localhost, or a name below it */
    unsigned    no_port:1;
    unsigned    varied:1;  /* the host has variables */
};


/* the upstream that is localhost, see oauthcc_localhost_add() */
#define OAUTHCC_URL_LOCALHOST  "oauthcc_localhost"

/* that which is a tunnel, see oauthcc_forward_proxy_add() */
#define OAUTHCC_URL_FORWARD_PROXY  "oauthcc_forward_proxy"


/*
 * Parses the URL of a token endpoint, within the pool.  NULL, or a message for
 * the user that says what is not valid.
 */
char *oauthcc_url_parse(ngx_pool_t *pool, ngx_str_t *url,
    oauthcc_url_t *endpoint);

/*
 * Decides how the name of the provider's endpoint becomes an address, and
 * sets endpoint.pass to what the hidden server is to pass to: names are
 * looked up at each login where a resolver is in force or an upstream{} has
 * the name, and now where not; localhost is never.  number is unique to the
 * provider.  To be called when all of http{} has been read.
 */
ngx_int_t oauthcc_url_resolve(ngx_conf_t *cf, oauthcc_provider_t *provider,
    ngx_uint_t number);

/*
 * What a login of the provider at this endpoint is refused for, a text for the
 * user: a secret in clear text, or no way to get there.  NULL: it is not.
 */
char *oauthcc_url_refused(oauthcc_provider_t *provider,
    oauthcc_url_t *endpoint);

/*
 * The URL that the provider's hidden server is to pass to, in the pool.
 * NGX_DECLINED: it is a name, and there is no resolver.
 */
ngx_int_t oauthcc_url_target(ngx_pool_t *pool, oauthcc_provider_t *provider,
    oauthcc_url_t *endpoint, ngx_str_t *url);

/*
 * Whether it is the name of an upstream{}; valid once all of http{} is read.
 */
ngx_uint_t oauthcc_url_is_upstream(ngx_http_conf_ctx_t *ctx,
    oauthcc_url_t *endpoint);

/* The name of the server in a request to it. */
void oauthcc_url_server(oauthcc_url_t *endpoint,
    oauthcc_http_request_t *request);


#endif /* _OAUTHCC_URL_H_INCLUDED_ */
