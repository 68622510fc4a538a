
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_LOCATION_READY_H_INCLUDED_
#define _OAUTHCC_LOCATION_READY_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_main_conf.h"


/* The oauthcc_ready directive. */
char *oauthcc_location_ready(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/* All providers are known: those of the directives are found by name. */
ngx_int_t oauthcc_location_ready_find(ngx_conf_t *cf,
    ngx_http_oauthcc_main_conf_t *omcf);


#endif /* _OAUTHCC_LOCATION_READY_H_INCLUDED_ */
