
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "token/oauthcc_caller_limit.h"
#include "token/oauthcc_caller_queue.h"
#include "token/oauthcc_login_message.h"
#include "token/oauthcc_waiter.h"


/* the part of max_waiters that one address may have: a quarter */
#define OAUTHCC_CALLER_LIMIT_PART  4


ngx_uint_t
oauthcc_caller_limit_reached(oauthcc_local_t *local,
    oauthcc_acquire_t *acquire, oauthcc_cache_result_t *result, ngx_log_t *log)
{
    ngx_uint_t           untold;
    oauthcc_provider_t  *provider;

    if (local->subject == 0 || local->queued) {
        return 0;
    }

    provider = local->provider;

    local->address = acquire->caller->address;

    if (acquire->waiter || !result->place
        || result->class != OAUTHCC_TURN_NEW
        || !oauthcc_caller_queue_full(local, oauthcc_waiter_max(provider)
                                             / OAUTHCC_CALLER_LIMIT_PART))
    {
        return 0;
    }

    if (oauthcc_login_message_due(&provider->runtime.crowded, &untold)) {
        ngx_log_error(NGX_LOG_WARN, log, 0,
                      "too many new tokens of this client's address wait for "
                      "a login already, %ui other requests were refused since "
                      "this was logged last, oauthcc provider: \"%V\"",
                      untold, &provider->name);
    }

    return 1;
}
