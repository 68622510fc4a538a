
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_RETRY_AFTER_H_INCLUDED_
#define _OAUTHCC_RETRY_AFTER_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/*
 * Puts a Retry-After header, of so many milliseconds, on a request that is
 * refused with this status, unless an error page is another answer.
 */
ngx_int_t oauthcc_retry_after_add(ngx_http_request_t *r, ngx_uint_t status,
    ngx_msec_t after);

/*
 * To be called from postconfiguration: what is sent in place of the refusal
 * in the end does not have the header.
 */
void oauthcc_retry_after_init(void);

/*
 * Takes the header off a response that is none of a refusal.  Not static: its
 * caller, which is in the way of every response, would save registers for it.
 */
void oauthcc_retry_after_settle(ngx_http_request_t *r);


#endif /* _OAUTHCC_RETRY_AFTER_H_INCLUDED_ */
