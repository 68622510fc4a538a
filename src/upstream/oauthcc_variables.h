
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _NGX_HTTP_OAUTHCC_VARIABLES_H_INCLUDED_
#define _NGX_HTTP_OAUTHCC_VARIABLES_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/* Adds the $oauthcc_* variables, before http{} is parsed. */
ngx_int_t ngx_http_oauthcc_variables_add(ngx_conf_t *cf);


#endif /* _NGX_HTTP_OAUTHCC_VARIABLES_H_INCLUDED_ */
