
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_VARIABLES_H_INCLUDED_
#define _OAUTHCC_VARIABLES_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/* Adds the $oauthcc_* variables, before http{} is parsed. */
ngx_int_t oauthcc_variables_add(ngx_conf_t *cf);


#endif /* _OAUTHCC_VARIABLES_H_INCLUDED_ */
