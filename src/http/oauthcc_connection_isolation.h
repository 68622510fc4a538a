
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_CONNECTION_ISOLATION_H_INCLUDED_
#define _OAUTHCC_CONNECTION_ISOLATION_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_provider_conf.h"


/*
 * An upstream{} keeps connections alive for any request, and each carries the
 * client certificate that it was made with.  If the endpoint, from the
 * configuration, variables or metadata, is an upstream{}, returns another
 * provider that may log in over the same connections although it must not: one
 * of the two has a certificate, and they differ in how they connect.  NULL:
 * there is none.
 */
oauthcc_provider_t *oauthcc_connection_isolation_other(
    oauthcc_provider_t *provider, oauthcc_url_t *endpoint);


#endif /* _OAUTHCC_CONNECTION_ISOLATION_H_INCLUDED_ */
