
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_FORWARD_PROXY_H_INCLUDED_
#define _OAUTHCC_FORWARD_PROXY_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_provider_conf.h"


/* The setter of "forward_proxy". */
char *oauthcc_forward_proxy(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);

/* Whether it goes with the rest of the block, at the end of that. */
char *oauthcc_forward_proxy_check(ngx_conf_t *cf,
    oauthcc_provider_t *provider);

/*
 * Adds the upstream that is whatever tunnel a login has made.  It is for
 * logins only.
 */
ngx_int_t oauthcc_forward_proxy_add(ngx_conf_t *cf);

/*
 * Decides how the name of the provider's proxy, if it has one, becomes an
 * address: at each login where a resolver is in force, and now where not.  To
 * be called when all of http{} has been merged.
 */
ngx_int_t oauthcc_forward_proxy_resolve(ngx_conf_t *cf,
    oauthcc_provider_t *provider);


#endif /* _OAUTHCC_FORWARD_PROXY_H_INCLUDED_ */
