
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_LOCALHOST_H_INCLUDED_
#define _OAUTHCC_LOCALHOST_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/*
 * Adds an upstream of 127.0.0.1 and [::1] with the port of the endpoint.  It
 * is for logins only.
 */
ngx_int_t oauthcc_localhost_add(ngx_conf_t *cf);


#endif /* _OAUTHCC_LOCALHOST_H_INCLUDED_ */
