
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
 * An upstream{} keeps connections for whoever comes next, and with them goes
 * the client certificate that they were made with.  Where the endpoint, of
 * the configuration or one that variables or an issuer have made of it, is an
 * upstream{}, gives another provider that might log in by those connections
 * and may not: one of the two has a certificate, and they differ in how they
 * connect.  NULL: there is none.
 */
oauthcc_provider_t *oauthcc_connection_isolation_other(
    oauthcc_provider_t *provider, oauthcc_url_t *endpoint);


#endif /* _OAUTHCC_CONNECTION_ISOLATION_H_INCLUDED_ */
