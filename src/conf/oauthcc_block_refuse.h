
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_BLOCK_REFUSE_H_INCLUDED_
#define _OAUTHCC_BLOCK_REFUSE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_provider_conf.h"


/*
 * Logs what is wrong with a block as a whole, and where it begins.  Returns
 * NGX_CONF_ERROR.
 */
char *oauthcc_block_refuse(ngx_conf_t *cf, oauthcc_provider_t *provider,
    const char *fmt, ...);


#endif /* _OAUTHCC_BLOCK_REFUSE_H_INCLUDED_ */
