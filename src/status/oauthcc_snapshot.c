
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "status/oauthcc_snapshot.h"


uint64_t
ngx_http_oauthcc_report_logins(ngx_http_oauthcc_report_provider_t *provider)
{
    return provider->logins[NGX_HTTP_OAUTHCC_REPORT_SUCCESS]
           + ngx_http_oauthcc_report_failures(provider);
}


uint64_t
ngx_http_oauthcc_report_failures(ngx_http_oauthcc_report_provider_t *provider)
{
    uint64_t    n;
    ngx_uint_t  i;

    n = 0;

    for (i = NGX_HTTP_OAUTHCC_REPORT_SUCCESS + 1;
         i < NGX_HTTP_OAUTHCC_REPORT_RESULTS;
         i++)
    {
        n += provider->logins[i];
    }

    return n;
}
