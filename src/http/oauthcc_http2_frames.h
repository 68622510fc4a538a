
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
 * What nginx's proxy has built to be sent over HTTP/2: a buffer with the
 * preface, frames of the connection, and the header of one request in a
 * HEADERS frame and those that continue it.
 */


/*
 * The URI in it; *uri lies in the pool, or where it must not be changed.
 * NGX_DECLINED if there is none that is understood, NGX_ERROR if memory runs
 * out.
 */
ngx_int_t oauthcc_http2_frames_uri(ngx_pool_t *pool, ngx_buf_t *b,
    ngx_str_t *uri);

/*
 * Puts another URI there, and n headers behind those that it has: all in new
 * memory of the buffer, which stays the one buffer that it is.  As to what
 * they hold, receivers are told never to index them.  Returns as above; if
 * not NGX_OK, the buffer is unchanged.
 */
ngx_int_t oauthcc_http2_frames_change(ngx_pool_t *pool, ngx_buf_t *b,
    ngx_str_t *uri, oauthcc_pair_t *headers, ngx_uint_t n);


#endif /* _OAUTHCC_HTTP2_FRAMES_H_INCLUDED_ */
