
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_CONF_H_INCLUDED_
#define _OAUTHCC_CONF_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_main_conf.h"


void *oauthcc_conf_create_main(ngx_conf_t *cf);
char *oauthcc_conf_init_main(ngx_conf_t *cf, void *conf);
void *oauthcc_conf_create_loc(ngx_conf_t *cf);
char *oauthcc_conf_merge_loc(ngx_conf_t *cf, void *parent, void *child);

/* Warns of what has no effect, when all of http{} is known. */
void oauthcc_conf_warn(ngx_conf_t *cf, ngx_http_oauthcc_main_conf_t *omcf);

/* The oauthcc_zone directive. */
char *oauthcc_conf_zone(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);


#endif /* _OAUTHCC_CONF_H_INCLUDED_ */
