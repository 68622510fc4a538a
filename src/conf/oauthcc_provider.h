
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_PROVIDER_H_INCLUDED_
#define _OAUTHCC_PROVIDER_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_main_conf.h"


/* The oauthcc_provider directive: creates a provider and its hidden server. */
char *oauthcc_provider_block(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/*
 * Completes all providers when the whole of http{} has been read and nginx has
 * merged all configurations but those of hidden servers.  Call it from
 * postconfiguration.
 */
ngx_int_t oauthcc_provider_finish(ngx_conf_t *cf,
    ngx_http_oauthcc_main_conf_t *omcf);


#endif /* _OAUTHCC_PROVIDER_H_INCLUDED_ */
