
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_PROVIDER_AUTH_H_INCLUDED_
#define _OAUTHCC_PROVIDER_AUTH_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_provider_conf.h"


/*
 * At the end of the block: checks that everything that the method and the
 * grant need is set, and nothing that they do not use.  Sets the method, and
 * reads the key.
 */
char *oauthcc_provider_auth_check(ngx_conf_t *cf,
    oauthcc_provider_t *provider);


#endif /* _OAUTHCC_PROVIDER_AUTH_H_INCLUDED_ */
