
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "conf/oauthcc_ca_bundle.h"
#include "conf/oauthcc_store_tls.h"


/* certificates between that of a server and one that is trusted */
#define OAUTHCC_STORE_TLS_DEPTH  9


char *
oauthcc_store_tls(ngx_conf_t *cf, oauthcc_store_t *store)
{
    char                    *bundle;
    ngx_uint_t               i;
    ngx_pool_cleanup_t      *cln;
    oauthcc_store_server_t  *server;

    server = store->servers.elts;

    for (i = 0; i < store->servers.nelts && !server[i].tls; i++) {
        /* void */
    }

    if (i == store->servers.nelts) {
        return NGX_CONF_OK;
    }

    store->ssl = ngx_pcalloc(cf->pool, sizeof(ngx_ssl_t));
    cln = ngx_pool_cleanup_add(cf->pool, 0);

    if (store->ssl == NULL || cln == NULL) {
        return NGX_CONF_ERROR;
    }

    store->ssl->log = cf->log;

    if (ngx_ssl_create(store->ssl, NGX_SSL_TLSv1_2|NGX_SSL_TLSv1_3, NULL)
        != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    cln->handler = ngx_ssl_cleanup_ctx;
    cln->data = store->ssl;

    if (store->ssl_certificate.data
        && ngx_ssl_certificate(cf, store->ssl, &store->ssl_certificate,
                               &store->ssl_key, NULL)
           != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (!store->ssl_verify) {
        return NGX_CONF_OK;
    }

    if (store->ssl_trusted.data == NULL) {
        bundle = oauthcc_ca_bundle_bundle();

        if (bundle == NULL) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "the system has no CA bundle to verify servers "
                          "with: set \"ssl_trusted_certificate\" in the "
                          "\"oauthcc_store\" block that begins in %V:%ui",
                          &store->file, store->line);
            return NGX_CONF_ERROR;
        }

        store->ssl_trusted.data = (u_char *) bundle;
        store->ssl_trusted.len = ngx_strlen(bundle);
    }

    return ngx_ssl_trusted_certificate(cf, store->ssl, &store->ssl_trusted,
                                       OAUTHCC_STORE_TLS_DEPTH)
           == NGX_OK
           ? NGX_CONF_OK : NGX_CONF_ERROR;
}
