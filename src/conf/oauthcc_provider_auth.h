
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _NGX_HTTP_OAUTHCC_SETTER_AUTH_H_INCLUDED_
#define _NGX_HTTP_OAUTHCC_SETTER_AUTH_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_types.h"


/*
 * The directives of an oauthcc_provider block that say how it proves who it
 * is, as ngx_http_oauthcc_setters has the others.
 */
extern ngx_command_t  ngx_http_oauthcc_auth_setters[];

/*
 * At the end of the block: what the method and the grant need is there, and
 * nothing that they have no use for.  Sets the defaults, and reads the key.
 */
char *ngx_http_oauthcc_setter_auth_check(ngx_conf_t *cf,
    ngx_http_oauthcc_provider_t *provider);


#endif /* _NGX_HTTP_OAUTHCC_SETTER_AUTH_H_INCLUDED_ */
