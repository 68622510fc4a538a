
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
