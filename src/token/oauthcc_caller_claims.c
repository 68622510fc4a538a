
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "token/oauthcc_caller_claims.h"
#include "cache/oauthcc_claims.h"
#include "oauth/oauthcc_discovery.h"


ngx_int_t
oauthcc_caller_claims_get(oauthcc_local_t *local, oauthcc_acquire_t *acquire,
    ngx_pool_t *pool, ngx_str_t *claims)
{
    u_char  buf[OAUTHCC_CLAIMS_MAX];

    if (local == NULL || acquire->failure == NULL
        || acquire->failure->status != NGX_HTTP_UNAUTHORIZED)
    {
        return NGX_DECLINED;
    }

    claims->len = oauthcc_claims_get(local->provider->runtime.cache,
                                     local->digest, buf);
    if (claims->len == 0) {
        return NGX_DECLINED;
    }

    claims->data = ngx_pnalloc(pool, claims->len);
    if (claims->data == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(claims->data, buf, claims->len);

    return NGX_OK;
}


void
oauthcc_caller_claims_endpoint(oauthcc_local_t *local, ngx_str_t *url)
{
    oauthcc_url_t  *endpoint;

    endpoint = oauthcc_discovery_url(local->provider, local->endpoint);

    if (endpoint) {
        *url = endpoint->url;

    } else {
        ngx_str_null(url);
    }
}
