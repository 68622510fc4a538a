
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_CALLER_LIMIT_H_INCLUDED_
#define _OAUTHCC_CALLER_LIMIT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_cache_query.h"
#include "token/oauthcc_token_types.h"


/*
 * Whether a request may not wait for the place that the result is about: its
 * entry is a caller's new one, and too many of the client's address wait
 * already.  One address gets a part of max_waiters, so that others can wait,
 * too.  Logged, but not each time.
 */
ngx_uint_t oauthcc_caller_limit_reached(oauthcc_local_t *local,
    oauthcc_acquire_t *acquire, oauthcc_cache_result_t *result,
    ngx_log_t *log);


#endif /* _OAUTHCC_CALLER_LIMIT_H_INCLUDED_ */
