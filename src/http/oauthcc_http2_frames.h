
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_HTTP2_FRAMES_H_INCLUDED_
#define _OAUTHCC_HTTP2_FRAMES_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_pair.h"


/*
 * The output of nginx's proxy for HTTP/2: one buffer with the preface, frames
 * of the connection, and the header of one request in a HEADERS frame and its
 * CONTINUATION frames.
 */


/*
 * Reads the URI; *uri lies in the pool, or in a buffer that must not be
 * changed.  NGX_DECLINED if it cannot be parsed, NGX_ERROR if memory runs out.
 */
ngx_int_t oauthcc_http2_frames_uri(ngx_pool_t *pool, ngx_buf_t *b,
    ngx_str_t *uri);

/*
 * Reads the fields :method and :authority, or "host" where that is not there
 * (RFC 9113 section 8.3.1).  The same.
 */
ngx_int_t oauthcc_http2_frames_host(ngx_pool_t *pool, ngx_buf_t *b,
    ngx_str_t *method, ngx_str_t *host);

/*
 * Replaces the URI, and appends n headers, in new memory of the same buffer.
 * These fields are sent as "never indexed".  Returns as above; unless the
 * result is NGX_OK, the buffer is unchanged.
 */
ngx_int_t oauthcc_http2_frames_change(ngx_pool_t *pool, ngx_buf_t *b,
    ngx_str_t *uri, oauthcc_pair_t *headers, ngx_uint_t n);


#endif /* _OAUTHCC_HTTP2_FRAMES_H_INCLUDED_ */
