
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
 * What nginx's proxy has built to be sent, wherever it took its URI from: in
 * front of the body, one buffer with the line and the header of the request,
 * or with the frames of HTTP/2.
 */


/*
 * The URI in it; *uri lies in the pool, or where it must not be changed.
 * NGX_DECLINED if what is there is not understood, NGX_ERROR if memory runs
 * out.
 */
ngx_int_t oauthcc_request_buffer_uri(ngx_http_request_t *r, ngx_str_t *uri);

/*
 * Puts another URI there, and n header lines behind those that it has.  What
 * is in front of the body stays one buffer, with its flags: the filters of
 * proxy take the first buffer for that, and all others for the body.  u->uri,
 * which nginx logs, stays as it was.  At most once a request that is built.
 * Returns as above; if not NGX_OK, nothing is changed.
 */
ngx_int_t oauthcc_request_buffer_change(ngx_http_request_t *r, ngx_str_t *uri,
    oauthcc_pair_t *headers, ngx_uint_t n);

/*
 * Wipes it when nothing is sent any more, and the URL that proxy_pass has made
 * of a variable alone: it was of this length.
 */
void oauthcc_request_buffer_wipe(ngx_http_request_t *r, size_t url);


#endif /* _OAUTHCC_REQUEST_BUFFER_H_INCLUDED_ */
