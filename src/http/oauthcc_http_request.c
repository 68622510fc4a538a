
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "http/oauthcc_http_request.h"


void
oauthcc_http_request_wipe(void *data)
{
    oauthcc_http_request_t *request = data;

    ngx_uint_t       i;
    oauthcc_pair_t  *pair;

    if (request->body.len) {
        ngx_explicit_memzero(request->body.data, request->body.len);
    }

    if (request->owned) {
        ngx_explicit_memzero(request->url.data, request->url.len);
    }

    /* which values are secret is not known here: all of them are copies */

    pair = request->headers.elts;

    for (i = 0; i < request->headers.nelts; i++) {
        if (pair[i].value.len) {
            ngx_explicit_memzero(pair[i].value.data, pair[i].value.len);
        }
    }
}
