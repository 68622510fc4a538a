
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_ASSERTION_USE_H_INCLUDED_
#define _OAUTHCC_ASSERTION_USE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_provider_conf.h"


/*
 * What a block that has assertion_use may not have, or has to have; and what
 * it has if it says nothing.  NULL, or a text for the user, that goes on after
 * *name if there is one.
 */
char *oauthcc_assertion_use_check(oauthcc_provider_t *provider,
    ngx_str_t **name);

/*
 * The parameters that a location sets for a provider whose token is a JWT of
 * its own: the first that is of no use, or NULL.
 */
ngx_str_t *oauthcc_assertion_use_useless(oauthcc_provider_t *provider,
    ngx_array_t *parameters);


#endif /* _OAUTHCC_ASSERTION_USE_H_INCLUDED_ */
