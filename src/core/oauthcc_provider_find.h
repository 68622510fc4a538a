
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_PROVIDER_FIND_H_INCLUDED_
#define _OAUTHCC_PROVIDER_FIND_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_context.h"


/*
 * The provider of this name, NULL if there is none.  Costs a search in a
 * tree.
 */
oauthcc_provider_t *oauthcc_provider_find(ngx_http_oauthcc_main_conf_t *omcf,
    ngx_str_t *name);


#endif /* _OAUTHCC_PROVIDER_FIND_H_INCLUDED_ */
