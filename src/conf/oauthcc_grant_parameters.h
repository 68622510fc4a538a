
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_GRANT_PARAMETERS_H_INCLUDED_
#define _OAUTHCC_GRANT_PARAMETERS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "upstream/oauthcc_context.h"


/*
 * Whether each login has the parameters that its grant requires, from the
 * block of the provider or from the "oauthcc" directive.  To be called after
 * subject_use_check().  NGX_ERROR: a message was logged.
 */
ngx_int_t oauthcc_grant_parameters_check(ngx_conf_t *cf,
    ngx_http_oauthcc_main_conf_t *omcf);


#endif /* _OAUTHCC_GRANT_PARAMETERS_H_INCLUDED_ */
