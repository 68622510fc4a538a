
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_PROVIDER_DPOP_H_INCLUDED_
#define _OAUTHCC_PROVIDER_DPOP_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "upstream/oauthcc_context.h"


/* The dpop directives of a provider, and oauthcc_dpop_uri of locations. */


/* Checks the former when the block has been read, and reads the key. */
char *oauthcc_provider_dpop_check(ngx_conf_t *cf,
    oauthcc_provider_t *provider);

/* The directive "oauthcc_dpop_uri". */
char *oauthcc_provider_dpop_uri(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/*
 * Checks a location that passes requests, by the upstream module with this
 * gate, with tokens of a provider.
 */
ngx_int_t oauthcc_provider_dpop_location(ngx_conf_t *cf,
    ngx_http_oauthcc_loc_conf_t *olcf, ngx_uint_t gate);


#endif /* _OAUTHCC_PROVIDER_DPOP_H_INCLUDED_ */
