
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_provider_values.h"
#include "core/oauthcc_value.h"


ngx_uint_t
oauthcc_provider_values_files(oauthcc_provider_t *provider)
{
    ngx_uint_t                 i;
    oauthcc_provider_value_t  *element;

    element = provider->values.elts;

    for (i = 0; i < provider->values.nelts; i++) {
        if (element[i].value->type == OAUTHCC_VALUE_FILE) {
            return 1;
        }
    }

    return 0;
}


ngx_uint_t
oauthcc_provider_values_reread(oauthcc_provider_t *provider, ngx_log_t *log)
{
    ngx_uint_t                 i, changed;
    oauthcc_provider_value_t  *element;

    changed = 0;
    element = provider->values.elts;

    for (i = 0; i < provider->values.nelts; i++) {
        if (oauthcc_value_reread(element[i].value, log)) {
            changed |= oauthcc_provider_values_use(element[i].flags);
        }
    }

    return changed;
}


ngx_uint_t
oauthcc_provider_values_stale(oauthcc_provider_t *provider)
{
    ngx_uint_t                 i;
    oauthcc_provider_value_t  *element;

    element = provider->values.elts;

    for (i = 0; i < provider->values.nelts; i++) {
        if (element[i].value->stale) {
            return 1;
        }
    }

    return 0;
}


ngx_uint_t
oauthcc_provider_values_tell(oauthcc_provider_t *provider, ngx_pool_t *pool,
    ngx_log_t *log)
{
    ngx_str_t                  err;
    ngx_uint_t                 i, n;
    oauthcc_provider_value_t  *element;

    n = 0;
    element = provider->values.elts;

    for (i = 0; i < provider->values.nelts; i++) {

        if (!oauthcc_value_stale(element[i].value, pool, &err)) {
            continue;
        }

        n++;

        if (log) {
            ngx_log_error(NGX_LOG_ERR, log, 0,
                          "\"%V\" directive: %V, what was read before stays "
                          "in use, oauthcc provider: \"%V\"",
                          element[i].name, &err, &provider->name);
        }
    }

    return n;
}


void
oauthcc_provider_values_free(oauthcc_provider_t *provider)
{
    ngx_uint_t                 i;
    oauthcc_provider_value_t  *element;

    element = provider->values.elts;

    for (i = 0; i < provider->values.nelts; i++) {
        oauthcc_value_free(element[i].value);
    }
}
