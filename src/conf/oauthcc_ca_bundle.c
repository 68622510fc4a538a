
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "conf/oauthcc_ca_bundle.h"
#include "conf/oauthcc_nginx_directive.h"
#include "http/oauthcc_tls_verify.h"


static ngx_http_upstream_conf_t *oauthcc_ca_bundle_upstream(ngx_conf_t *cf,
    oauthcc_provider_t *provider);
static X509_STORE *oauthcc_ca_bundle_store(ngx_conf_t *cf);
static void oauthcc_ca_bundle_store_cleanup(void *data);


static char  *oauthcc_ca_bundle_bundles[] = {
    "/etc/ssl/certs/ca-certificates.crt",          /* Debian, Alpine */
    "/etc/pki/tls/certs/ca-bundle.crt",            /* RHEL */
    "/etc/ssl/ca-bundle.pem",                      /* SUSE */
    "/etc/ssl/cert.pem",                           /* Alpine, BSD */
    NULL
};


char *
oauthcc_ca_bundle_bundle(void)
{
    char  **path;

    for (path = oauthcc_ca_bundle_bundles; *path; path++) {
        if (access(*path, R_OK) == 0) {
            return *path;
        }
    }

    return NULL;
}


ngx_int_t
oauthcc_ca_bundle_set(ngx_conf_t *cf, oauthcc_provider_t *provider,
    X509_STORE **store)
{
    ngx_uint_t                *depth;
    ngx_http_upstream_conf_t  *ucf;

    ucf = oauthcc_ca_bundle_upstream(cf, provider);
    depth = oauthcc_nginx_directive_value(cf, "proxy_ssl_verify_depth",
                                          provider->endpoint.ctx->loc_conf);

    if (ucf == NULL || depth == NULL) {
        return NGX_ERROR;
    }

    if (*store == NULL) {
        *store = oauthcc_ca_bundle_store(cf);

        if (*store == NULL) {
            return NGX_ERROR;
        }
    }

    /* not SSL_CTX_set1_cert_store(), which BoringSSL does not have */

    X509_STORE_up_ref(*store);
    SSL_CTX_set_cert_store(ucf->ssl->ctx, *store);
    SSL_CTX_set_verify_depth(ucf->ssl->ctx, *depth);

    return NGX_OK;
}


ngx_int_t
oauthcc_ca_bundle_verify(ngx_conf_t *cf, oauthcc_provider_t *provider)
{
    ngx_http_upstream_conf_t  *ucf;

    ucf = oauthcc_ca_bundle_upstream(cf, provider);
    if (ucf == NULL) {
        return NGX_ERROR;
    }

    oauthcc_tls_verify_set(ucf->ssl->ctx);

    /* nginx would compare an address with DNS names only */

    ucf->ssl_verify = 0;

    return NGX_OK;
}


/* proxy's own configuration is private, its upstream part is not */

static ngx_http_upstream_conf_t *
oauthcc_ca_bundle_upstream(ngx_conf_t *cf, oauthcc_provider_t *provider)
{
    u_char  *verify;

    verify = oauthcc_nginx_directive_value(cf, "proxy_ssl_verify",
                                           provider->endpoint.ctx->loc_conf);
    if (verify == NULL) {
        return NULL;
    }

    return (ngx_http_upstream_conf_t *)
               (verify - offsetof(ngx_http_upstream_conf_t, ssl_verify));
}


static X509_STORE *
oauthcc_ca_bundle_store(ngx_conf_t *cf)
{
    char                *path;
    X509_STORE          *store;
    ngx_pool_cleanup_t  *cln;

    path = oauthcc_ca_bundle_bundle();

    if (path == NULL) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "the system's CA bundle is not there any more");
        return NULL;
    }

    cln = ngx_pool_cleanup_add(cf->pool, 0);
    if (cln == NULL) {
        return NULL;
    }

    store = X509_STORE_new();
    if (store == NULL) {
        ngx_ssl_error(NGX_LOG_EMERG, cf->log, 0, "X509_STORE_new() failed");
        return NULL;
    }

    cln->handler = oauthcc_ca_bundle_store_cleanup;
    cln->data = store;

    if (X509_STORE_load_locations(store, path, NULL) == 0) {
        ngx_ssl_error(NGX_LOG_EMERG, cf->log, 0,
                      "X509_STORE_load_locations(\"%s\") failed", path);
        return NULL;
    }

    /* a bundle may contain a certificate twice: clear that error */

    ERR_clear_error();

    return store;
}


static void
oauthcc_ca_bundle_store_cleanup(void *data)
{
    X509_STORE_free(data);
}
