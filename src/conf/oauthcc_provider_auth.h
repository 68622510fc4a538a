
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_PROVIDER_AUTH_H_INCLUDED_
#define _OAUTHCC_PROVIDER_AUTH_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_types.h"


/*
 * The directives of an oauthcc_provider block that say how it proves who it
 * is, as oauthcc_setters has the others.
 */
extern ngx_command_t  oauthcc_client_auth_setters[];

/*
 * At the end of the block: what the method and the grant need is there, and
 * nothing that they have no use for.  Sets the defaults, and reads the key.
 */
char *oauthcc_provider_auth_check(ngx_conf_t *cf,
    oauthcc_provider_t *provider);


#endif /* _OAUTHCC_PROVIDER_AUTH_H_INCLUDED_ */
