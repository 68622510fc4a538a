
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_SUBJECT_USE_H_INCLUDED_
#define _OAUTHCC_SUBJECT_USE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "upstream/oauthcc_context.h"


/* What "subject_token=" of the oauthcc directive may stand beside. */


/*
 * Reads the parameter; arg is all of it, value what stands behind "=".
 * NGX_ERROR: the log has the reason.
 */
ngx_int_t oauthcc_subject_use_parameter(ngx_conf_t *cf,
    oauthcc_binding_t *binding, ngx_str_t *arg, ngx_str_t *value);

/*
 * Checks all providers and directives of a configuration, and notes in
 * provider->grant how a caller's token is sent, and whether it has to be.
 * NGX_ERROR: the log has the reason.
 */
ngx_int_t oauthcc_subject_use_check(ngx_conf_t *cf,
    ngx_http_oauthcc_main_conf_t *omcf);


#endif /* _OAUTHCC_SUBJECT_USE_H_INCLUDED_ */
