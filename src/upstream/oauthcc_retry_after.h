
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_RETRY_AFTER_H_INCLUDED_
#define _OAUTHCC_RETRY_AFTER_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/*
 * Adds a Retry-After header, of so many milliseconds, to the response of a
 * request that is rejected with this status, unless an error page replaces it.
 */
ngx_int_t oauthcc_retry_after_add(ngx_http_request_t *r, ngx_uint_t status,
    ngx_msec_t after);

/*
 * Call it from postconfiguration: it removes the header from any response that
 * replaces the rejection.
 */
void oauthcc_retry_after_init(void);

/*
 * Takes the header off a response that is none of a refusal.  Not static: its
 * caller, which is in the way of every response, would save registers for it.
 */
void oauthcc_retry_after_settle(ngx_http_request_t *r);


#endif /* _OAUTHCC_RETRY_AFTER_H_INCLUDED_ */
