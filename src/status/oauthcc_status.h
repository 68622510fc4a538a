
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_STATUS_H_INCLUDED_
#define _OAUTHCC_STATUS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/* The content handler of "oauthcc_status". */
ngx_int_t oauthcc_status_handler(ngx_http_request_t *r);

/* The same where control is allowed: POST purges and refreshes. */
ngx_int_t oauthcc_status_control_handler(ngx_http_request_t *r);


#endif /* _OAUTHCC_STATUS_H_INCLUDED_ */
