
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_VARIABLES_H_INCLUDED_
#define _OAUTHCC_VARIABLES_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_main_conf.h"


/* Adds the $oauthcc_* variables, before http{} is parsed. */
ngx_int_t oauthcc_variables_add(ngx_conf_t *cf);


/*
 * The names that are used with $oauthcc_response_NAME, sorted; valid when all
 * of http{} has been read.
 */
ngx_int_t oauthcc_variables_members(ngx_conf_t *cf,
    ngx_http_oauthcc_main_conf_t *omcf);


#endif /* _OAUTHCC_VARIABLES_H_INCLUDED_ */
