
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "token/oauthcc_rotation.h"
#include "token/oauthcc_cache_key.h"
#include "core/oauthcc_provider_values.h"
#include "oauth/oauthcc_client_auth.h"


ngx_uint_t
oauthcc_rotation_read(oauthcc_provider_t *provider)
{
    ngx_uint_t  use, changed;

    use = oauthcc_provider_values_reread(provider, ngx_cycle->log);

    changed = ((use & ~OAUTHCC_PROVIDER_VALUES_KEY) != 0);

    if ((use & OAUTHCC_PROVIDER_VALUES_KEY)
        && oauthcc_client_auth_renew(provider, ngx_cycle->log))
    {
        changed = 1;
    }

    if (!changed) {
        return 0;
    }

    provider->content = oauthcc_cache_key_content(provider);
    provider->read_at = ngx_current_msec;

    return 1;
}
