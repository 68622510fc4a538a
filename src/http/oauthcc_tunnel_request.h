
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_TUNNEL_REQUEST_H_INCLUDED_
#define _OAUTHCC_TUNNEL_REQUEST_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_provider_conf.h"
#include "http/oauthcc_http_request.h"


/* what a forward proxy is sent: CONNECT; zeroed before, lives in a pool */

typedef struct {
    ngx_buf_t  *out;
    ngx_str_t   target;      /* host:port */
    ngx_str_t   password;
    ngx_str_t   credential;  /* as it is sent */
} oauthcc_tunnel_request_t;


/*
 * Builds that for the server of a login request.  NGX_ERROR: no memory.  It is
 * to be wiped in any case.
 */
ngx_int_t oauthcc_tunnel_request_build(oauthcc_tunnel_request_t *request,
    ngx_pool_t *pool, oauthcc_forward_proxy_t *proxy,
    oauthcc_http_request_t *login);

/* Replaces a text of the proxy's that repeats what it was sent. */
void oauthcc_tunnel_request_redact(oauthcc_tunnel_request_t *request,
    ngx_str_t *text);

/* Wipes what is secret of it. */
void oauthcc_tunnel_request_wipe(oauthcc_tunnel_request_t *request);


#endif /* _OAUTHCC_TUNNEL_REQUEST_H_INCLUDED_ */
