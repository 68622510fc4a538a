
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


/* Metadata of issuers: "provider digit, body". */


#include "ngx_http_oauthcc_fuzz.h"
#include "oauth/oauthcc_discovery.h"
#include "oauth/oauthcc_token_request.h"


#define NGX_HTTP_OAUTHCC_FUZZ_ISSUER                                          \
    "issuer https://192.0.2.1/x; client_id gateway;"


char  *ngx_http_oauthcc_fuzz_providers =
    "upstream inner { server 192.0.2.2; }\n"
    "oauthcc_provider strict { " NGX_HTTP_OAUTHCC_FUZZ_ISSUER
        " client_secret s3cret; }\n"
    "oauthcc_provider clear { " NGX_HTTP_OAUTHCC_FUZZ_ISSUER
        " client_secret s3cret; allow_http on; }\n"
    "oauthcc_provider tls { " NGX_HTTP_OAUTHCC_FUZZ_ISSUER
        " auth_method tls_client_auth; proxy_ssl_certificate tls.crt;"
        " proxy_ssl_certificate_key tls.key; }\n"
    "oauthcc_provider names { " NGX_HTTP_OAUTHCC_FUZZ_ISSUER
        " client_secret s3cret; resolver 192.0.2.3; }\n";


static char  *ngx_http_oauthcc_fuzz_names[] = {
    "strict", "clear", "tls", "names"
};


void
ngx_http_oauthcc_fuzz_run(ngx_http_oauthcc_fuzz_t *fuzz)
{
    char                         *reason;
    ngx_int_t                     rc;
    ngx_str_t                     body;
    ngx_uint_t                    n;
    ngx_http_oauthcc_request_t    request;
    ngx_http_oauthcc_endpoint_t  *endpoint;
    ngx_http_oauthcc_provider_t  *provider;

    n = ngx_http_oauthcc_fuzz_pick(fuzz, 4);
    provider = ngx_http_oauthcc_fuzz_provider(ngx_http_oauthcc_fuzz_names[n]);

    ngx_http_oauthcc_fuzz_rest(fuzz, &body);

    reason = NULL;

    rc = ngx_http_oauthcc_discovery_read(provider, 200, body.data, body.len,
                                         fuzz->log, &reason);

    ngx_memset(body.data, 'x', body.len);
    ngx_free(body.data);

    ngx_http_oauthcc_fuzz_check(rc == NGX_OK || rc == NGX_DECLINED);

    if (rc == NGX_DECLINED) {
        ngx_http_oauthcc_fuzz_check(reason && reason[0]);
        ngx_http_oauthcc_fuzz_check(provider->metadata.pool == NULL);
        return;
    }

    endpoint = provider->metadata.endpoint;

    /* where the secret goes next */

    ngx_http_oauthcc_fuzz_check(endpoint->https
                                || (n != 2 && endpoint->loopback) || n == 1);

    ngx_memzero(&request, sizeof(ngx_http_oauthcc_request_t));

    rc = ngx_array_init(&request.headers, fuzz->pool, 4,
                        sizeof(ngx_http_oauthcc_pair_t));
    ngx_http_oauthcc_fuzz_check(rc == NGX_OK);

    rc = ngx_http_oauthcc_request_build(&provider->copy, fuzz->pool,
                                        &request);
    ngx_http_oauthcc_fuzz_check(rc == NGX_OK);

    ngx_http_oauthcc_fuzz_check(ngx_http_oauthcc_fuzz_word(&request.url));
    ngx_http_oauthcc_fuzz_check(
                            ngx_http_oauthcc_fuzz_word(&request.authority));
    ngx_http_oauthcc_fuzz_check(ngx_http_oauthcc_fuzz_word(&request.host));

    ngx_http_oauthcc_discovery_free(provider);
}
