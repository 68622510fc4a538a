
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_CLIENT_THUMBPRINT_H_INCLUDED_
#define _OAUTHCC_CLIENT_THUMBPRINT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_provider_conf.h"


/*
 * Notes the SHA-256 of the certificate that the provider's logins show in TLS,
 * if it has one: a token may be bound to it (RFC 8705 section 3).  To be
 * called when the hidden server is merged.
 */
ngx_int_t oauthcc_client_thumbprint_note(ngx_conf_t *cf,
    oauthcc_provider_t *provider);


#endif /* _OAUTHCC_CLIENT_THUMBPRINT_H_INCLUDED_ */
