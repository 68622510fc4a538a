
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_CA_BUNDLE_H_INCLUDED_
#define _OAUTHCC_CA_BUNDLE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_provider_conf.h"


/*
 * The path of the system's CA bundle, at the places of the distributions, or
 * NULL.
 */
char *oauthcc_ca_bundle_bundle(void);

/*
 * Makes the hidden server trust the CAs of the system's bundle, which is read
 * once for all providers: *store is NULL or the result of an earlier call.  It
 * is freed with the configuration.
 */
ngx_int_t oauthcc_ca_bundle_set(ngx_conf_t *cf, oauthcc_provider_t *provider,
    X509_STORE **store);

/* Makes the hidden server verify the name or the address, instead of nginx. */
ngx_int_t oauthcc_ca_bundle_verify(ngx_conf_t *cf,
    oauthcc_provider_t *provider);


#endif /* _OAUTHCC_CA_BUNDLE_H_INCLUDED_ */
