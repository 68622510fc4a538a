
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _NGX_HTTP_OAUTHCC_SENT_H_INCLUDED_
#define _NGX_HTTP_OAUTHCC_SENT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "ngx_http_oauthcc_types.h"


/*
 * Whether a text, which the server of this login request has written, repeats
 * a secret: a value of the request, but for those that are none by their
 * name, or one of its provider, which may be in the request as a hash only.
 * As it was sent, or decoded.
 */
ngx_uint_t ngx_http_oauthcc_sent_repeats(ngx_http_oauthcc_provider_t *provider,
    ngx_http_oauthcc_request_t *request, ngx_str_t *text);


#endif /* _NGX_HTTP_OAUTHCC_SENT_H_INCLUDED_ */
