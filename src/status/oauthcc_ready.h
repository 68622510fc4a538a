
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_READY_H_INCLUDED_
#define _OAUTHCC_READY_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/*
 * Answers whether these providers (oauthcc_provider_t *) are ready, which
 * makes no login: 503 if the last login of one has failed and it has no usable
 * token.  Returns the result for the content handler.
 */
ngx_int_t oauthcc_ready_answer(ngx_http_request_t *r, ngx_array_t *providers);


#endif /* _OAUTHCC_READY_H_INCLUDED_ */
