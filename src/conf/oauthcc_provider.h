
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_PROVIDER_H_INCLUDED_
#define _OAUTHCC_PROVIDER_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_types.h"


/* The oauthcc_provider directive: makes a provider and its hidden server. */
char *oauthcc_provider_block(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/*
 * What can be decided only when the whole of http{} has been read: how the
 * name of a token endpoint is resolved.  To be called from init_main_conf.
 */
ngx_int_t oauthcc_provider_resolve(ngx_conf_t *cf,
    ngx_http_oauthcc_main_conf_t *omcf);

/*
 * What has to wait until nginx has merged all configurations.  To be called
 * from postconfiguration.
 */
ngx_int_t oauthcc_provider_finish(ngx_conf_t *cf,
    ngx_http_oauthcc_main_conf_t *omcf);


#endif /* _OAUTHCC_PROVIDER_H_INCLUDED_ */
