
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_REQUEST_BUFFER_H_INCLUDED_
#define _OAUTHCC_REQUEST_BUFFER_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_pair.h"


/*
 * The output of nginx's proxy, whatever its URI was taken from: before the
 * body, one buffer with the request line and header, or with HTTP/2 frames.
 */


/*
 * Reads the URI; *uri lies in the pool, or in a buffer that must not be
 * changed.  NGX_DECLINED if it cannot be parsed, NGX_ERROR if memory runs out.
 */
ngx_int_t oauthcc_request_buffer_uri(ngx_http_request_t *r, ngx_str_t *uri);

/*
 * Reads the method and the host, with its port, that the request names; an
 * empty host: none.  Otherwise the same.
 */
ngx_int_t oauthcc_request_buffer_host(ngx_http_request_t *r, ngx_str_t *method,
    ngx_str_t *host);

/*
 * Replaces the URI, and inserts n header lines.  All before the body stays one
 * buffer with its flags, since the filters of proxy take the first buffer for
 * the header and all others for the body.  u->uri, which nginx logs, is
 * unchanged.  Call it at most once for each request that is built.  Returns as
 * above; unless the result is NGX_OK, nothing is changed.
 */
ngx_int_t oauthcc_request_buffer_change(ngx_http_request_t *r, ngx_str_t *uri,
    oauthcc_pair_t *headers, ngx_uint_t n);

/*
 * Wipes it once nothing is sent any more, and the URL of this length that
 * proxy_pass has made of variables.
 */
void oauthcc_request_buffer_wipe(ngx_http_request_t *r, size_t url);


#endif /* _OAUTHCC_REQUEST_BUFFER_H_INCLUDED_ */
