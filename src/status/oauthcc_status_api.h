
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_STATUS_API_H_INCLUDED_
#define _OAUTHCC_STATUS_API_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/*
 * The content handler for orders of an operator: a POST with a form that
 * purges or refreshes entries.
 */
ngx_int_t oauthcc_status_api_handler(ngx_http_request_t *r);


#endif /* _OAUTHCC_STATUS_API_H_INCLUDED_ */
