
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _NGX_HTTP_OAUTHCC_SOURCE_H_INCLUDED_
#define _NGX_HTTP_OAUTHCC_SOURCE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_types.h"


/* The login_json and attr directives of a provider. */
char *ngx_http_oauthcc_source_login_json(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_oauthcc_source_attr(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/*
 * Reads the document of a provider that has one, and takes its endpoint; to be
 * called at the end of the block, before defaults are set.  Errors are logged.
 */
char *ngx_http_oauthcc_source_read(ngx_conf_t *cf,
    ngx_http_oauthcc_provider_t *provider);


#endif /* _NGX_HTTP_OAUTHCC_SOURCE_H_INCLUDED_ */
