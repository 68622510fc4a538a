
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_TUNNEL_RESPONSE_H_INCLUDED_
#define _OAUTHCC_TUNNEL_RESPONSE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/* what a forward proxy answers to CONNECT; lives in the pool of init() */

typedef struct {
    ngx_buf_t            in;         /* what was received, pos to last */
    ngx_uint_t           code;       /* 0: not known yet */
    ngx_str_t            line;       /* "403 Forbidden", printable */
    ngx_str_t            challenge;  /* Proxy-Authenticate, printable */

    ngx_http_request_t  *state;      /* where nginx's parsers keep theirs */
    ngx_http_status_t    status;
    unsigned             headers:1;  /* the status line is read */
} oauthcc_tunnel_response_t;


/* Readies an empty one.  NGX_ERROR: no memory. */
ngx_int_t oauthcc_tunnel_response_init(ngx_pool_t *pool,
    oauthcc_tunnel_response_t *response);

/*
 * Reads on, after more was put behind in.last.  NGX_AGAIN: there is more to
 * come.  NGX_OK: the header has ended, and in.pos is behind it.  NGX_DECLINED:
 * it is none of HTTP, or too large, as *reason says.
 */
ngx_int_t oauthcc_tunnel_response_read(oauthcc_tunnel_response_t *response,
    char **reason);


#endif /* _OAUTHCC_TUNNEL_RESPONSE_H_INCLUDED_ */
