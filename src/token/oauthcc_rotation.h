
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_ROTATION_H_INCLUDED_
#define _OAUTHCC_ROTATION_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_types.h"


/* Reads files of the provider's that have changed; 1 if any has. */
ngx_uint_t oauthcc_rotation_read(oauthcc_provider_t *provider);


#endif /* _OAUTHCC_ROTATION_H_INCLUDED_ */
