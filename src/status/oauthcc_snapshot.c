
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "status/oauthcc_snapshot.h"


uint64_t
oauthcc_snapshot_logins(oauthcc_snapshot_provider_t *provider)
{
    return provider->logins[OAUTHCC_RESULT_SUCCESS]
           + oauthcc_snapshot_failures(provider);
}


uint64_t
oauthcc_snapshot_failures(oauthcc_snapshot_provider_t *provider)
{
    uint64_t    n;
    ngx_uint_t  i;

    n = 0;

    for (i = OAUTHCC_RESULT_SUCCESS + 1; i < OAUTHCC_RESULTS; i++)
    {
        n += provider->logins[i];
    }

    return n;
}
