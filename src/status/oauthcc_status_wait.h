
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_STATUS_WAIT_H_INCLUDED_
#define _OAUTHCC_STATUS_WAIT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <jansson.h>
#include "cache/oauthcc_invalidate.h"
#include "core/oauthcc_provider_conf.h"


/* An order to refresh whose answer waits for the logins. */


/* how long it may, in seconds */
#define OAUTHCC_STATUS_WAIT_MAX  60


/*
 * Answers the request with the answer, to which what has become of the logins
 * is added, when all of them have ended, or after so many milliseconds.  Takes
 * the answer, and the targets, which lie in the pool of the request.
 * NGX_DONE: it will; or a result for the request.
 */
ngx_int_t oauthcc_status_wait(ngx_http_request_t *r,
    oauthcc_provider_t *provider, oauthcc_outcome_target_t *targets,
    ngx_uint_t n, ngx_msec_t wait, json_t *answer);


#endif /* _OAUTHCC_STATUS_WAIT_H_INCLUDED_ */
