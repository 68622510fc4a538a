
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_STORE_TLS_H_INCLUDED_
#define _OAUTHCC_STORE_TLS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "store/oauthcc_store_types.h"


/*
 * Reads certificates, if a server has TLS; it is freed with the configuration.
 */
char *oauthcc_store_tls(ngx_conf_t *cf, oauthcc_store_t *store);


#endif /* _OAUTHCC_STORE_TLS_H_INCLUDED_ */
