
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "conf/oauthcc_client_thumbprint.h"
#include "conf/oauthcc_nginx_directive.h"


ngx_int_t
oauthcc_client_thumbprint_note(ngx_conf_t *cf, oauthcc_provider_t *provider)
{
    X509                      *cert;
    u_char                    *verify, *digest;
    ngx_http_upstream_conf_t  *ucf;

    verify = oauthcc_nginx_directive_value(cf, "proxy_ssl_verify",
                                           provider->endpoint.ctx->loc_conf);
    if (verify == NULL) {
        return NGX_ERROR;
    }

    ucf = (ngx_http_upstream_conf_t *)
              (verify - offsetof(ngx_http_upstream_conf_t, ssl_verify));

    if (ucf->ssl == NULL || ucf->ssl->ctx == NULL) {
        return NGX_OK;
    }

    /* with variables there is none yet */

    cert = SSL_CTX_get0_certificate(ucf->ssl->ctx);
    if (cert == NULL) {
        return NGX_OK;
    }

    digest = ngx_pnalloc(cf->pool, EVP_MAX_MD_SIZE);
    if (digest == NULL) {
        return NGX_ERROR;
    }

    if (X509_digest(cert, EVP_sha256(), digest, NULL) != 1) {
        ngx_ssl_error(NGX_LOG_EMERG, cf->log, 0, "X509_digest() failed");
        return NGX_ERROR;
    }

    provider->endpoint.thumbprint.data = digest;
    provider->endpoint.thumbprint.len = 32;

    return NGX_OK;
}
