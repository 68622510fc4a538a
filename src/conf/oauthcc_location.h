
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_LOCATION_H_INCLUDED_
#define _OAUTHCC_LOCATION_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/* The oauthcc directive: the provider of a location, and its parameters. */
char *oauthcc_location_directive(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* The directives that place the credential of a location. */
char *oauthcc_location_header(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *oauthcc_location_query(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/* "oauthcc_status" */
char *oauthcc_location_status(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);


#endif /* _OAUTHCC_LOCATION_H_INCLUDED_ */
