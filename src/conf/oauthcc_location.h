
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _NGX_HTTP_OAUTHCC_USE_H_INCLUDED_
#define _NGX_HTTP_OAUTHCC_USE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_types.h"


/* The oauthcc directive: which provider is used here, and how. */
char *ngx_http_oauthcc_use_directive(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* The oauthcc_replay directive: what an upstream's refusal looks like. */
char *ngx_http_oauthcc_use_replay(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* The directives that say where the credential of a location goes. */
char *ngx_http_oauthcc_use_header(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_oauthcc_use_query(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* "oauthcc_status" */
char *ngx_http_oauthcc_use_status(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);


#endif /* _NGX_HTTP_OAUTHCC_USE_H_INCLUDED_ */
