
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_clock.h"
#include "token/oauthcc_login_store_import.h"
#include "token/oauthcc_local.h"
#include "token/oauthcc_token_types.h"
#include "core/oauthcc_lifetime.h"


ngx_uint_t
oauthcc_login_store_import_usable(oauthcc_login_job_t *job,
    oauthcc_store_value_t *value)
{
    oauthcc_time_t       requested, usable, last;
    oauthcc_local_t     *local;
    oauthcc_provider_t  *provider;

    local = job->local;
    provider = local->provider;
    requested = value->expires - value->life;

    usable = oauthcc_lifetime_usable(requested, value->life,
                                     provider->lifetime.expiry_margin);
    usable = oauthcc_lifetime_least(usable, requested, value->expires);

    if (value->limited) {
        usable = value->expires;
    }

    if (local->subject) {
        last = oauthcc_local_last(local, requested);

        if (oauthcc_lifetime_reached(usable, last)) {
            usable = last;
        }
    }

    return !oauthcc_lifetime_reached(oauthcc_clock_msec(), usable);
}


void
oauthcc_login_store_import_take(oauthcc_login_job_t *job,
    oauthcc_store_value_t *value)
{
    if (job->packed.len) {
        ngx_explicit_memzero(job->packed.data, job->packed.len);
        job->packed.len = 0;
    }

    job->imported = value;
    job->packed = value->packed;
    job->packed.bound = (job->local->provider->dpop.on != 0);
    job->bound = 0;
    job->life = value->life;
    job->requested = value->expires - value->life;
    job->content = job->local->provider->runtime.content;
    job->scope = 0;
}
