
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_PROVIDER_ASSERTION_H_INCLUDED_
#define _OAUTHCC_PROVIDER_ASSERTION_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* Setters of the directives that begin with "assertion_". */

char *oauthcc_provider_assertion_lifetime(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *oauthcc_provider_assertion_claim(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);


#endif /* _OAUTHCC_PROVIDER_ASSERTION_H_INCLUDED_ */
