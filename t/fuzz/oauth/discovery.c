
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


/* Metadata of issuers: "provider digit, body". */


#include "oauthcc_fuzz.h"
#include "oauth/oauthcc_discovery.h"
#include "oauth/oauthcc_token_request.h"


#define OAUTHCC_FUZZ_ISSUER                                                   \
    "issuer https://192.0.2.1/x; client_id gateway;"


char  *oauthcc_fuzz_providers =
    "upstream inner { server 192.0.2.2; }\n"
    "oauthcc_provider strict { " OAUTHCC_FUZZ_ISSUER
        " client_secret s3cret; dpop on; }\n"
    "oauthcc_provider clear { " OAUTHCC_FUZZ_ISSUER
        " client_secret s3cret; allow_http on; }\n"
    "oauthcc_provider tls { " OAUTHCC_FUZZ_ISSUER
        " auth_method tls_client_auth; proxy_ssl_certificate tls.crt;"
        " proxy_ssl_certificate_key tls.key; }\n"
    "oauthcc_provider names { " OAUTHCC_FUZZ_ISSUER
        " client_secret s3cret; resolver 192.0.2.3; }\n";


static void oauthcc_fuzz_wanted(oauthcc_fuzz_t *fuzz,
    oauthcc_provider_t *provider);


static char  *oauthcc_fuzz_names[] = {
    "strict", "clear", "tls", "names"
};


void
oauthcc_fuzz_run(oauthcc_fuzz_t *fuzz)
{
    char                    *reason;
    ngx_int_t                rc;
    ngx_str_t                body;
    ngx_uint_t               n, failed;
    oauthcc_http_request_t   request;
    oauthcc_token_request_t  from;
    oauthcc_url_t           *endpoint;
    oauthcc_provider_t      *provider;

    n = oauthcc_fuzz_pick(fuzz, 4);
    provider = oauthcc_fuzz_provider(oauthcc_fuzz_names[n]);

    oauthcc_fuzz_rest(fuzz, &body);

    oauthcc_fuzz_wanted(fuzz, provider);

    reason = NULL;

    oauthcc_fuzz_starve();

    rc = oauthcc_discovery_read(provider, body.len ? 200 : 404, body.data,
                                body.len, fuzz->log, &reason);

    failed = oauthcc_fuzz_starved();

    ngx_memset(body.data, 'x', body.len);
    ngx_free(body.data);

    oauthcc_fuzz_check(rc == NGX_OK || rc == NGX_DECLINED
                       || (rc == NGX_ERROR && failed));

    if (rc != NGX_OK) {
        oauthcc_fuzz_check(rc == NGX_ERROR || (reason && reason[0]));
        oauthcc_fuzz_check(provider->runtime.metadata->pool == NULL);
        return;
    }

    oauthcc_fuzz_check(oauthcc_discovery_known(provider));

    endpoint = oauthcc_discovery_url(provider, NULL);

    /* where the secret goes next */

    oauthcc_fuzz_check(endpoint->https
                       || (n != 2 && endpoint->loopback) || n == 1);

    ngx_memzero(&request, sizeof(oauthcc_http_request_t));

    rc = ngx_array_init(&request.headers, fuzz->pool, 4,
                        sizeof(oauthcc_pair_t));
    oauthcc_fuzz_check(rc == NGX_OK);

    ngx_memzero(&from, sizeof(oauthcc_token_request_t));
    from.provider = provider;

    oauthcc_fuzz_starve();
    rc = oauthcc_token_request_build(&from, fuzz->pool, &request);

    if (oauthcc_fuzz_starved()) {
        oauthcc_discovery_free(provider);
        return;
    }

    oauthcc_fuzz_check(rc == NGX_OK);

    oauthcc_fuzz_check(oauthcc_fuzz_word(&request.url));
    oauthcc_fuzz_check(oauthcc_fuzz_word(&request.authority));
    oauthcc_fuzz_check(oauthcc_fuzz_word(&request.host));

    oauthcc_discovery_doubt(provider);
    oauthcc_fuzz_check(!oauthcc_discovery_known(provider));

    oauthcc_discovery_free(provider);

    rc = oauthcc_token_request_build(&from, fuzz->pool, &request);
    oauthcc_fuzz_check(rc == NGX_ERROR);
}


/* The requests that the metadata are an answer to. */

static void
oauthcc_fuzz_wanted(oauthcc_fuzz_t *fuzz, oauthcc_provider_t *provider)
{
    ngx_int_t               rc;
    ngx_uint_t              step, failed;
    oauthcc_http_request_t  request;

    for (step = 0; step < 2; step++) {
        oauthcc_fuzz_starve();
        rc = oauthcc_discovery_request(provider, step, fuzz->pool, &request);
        failed = oauthcc_fuzz_starved();

        oauthcc_fuzz_check((rc == NGX_OK) != failed);

        if (rc == NGX_OK) {
            oauthcc_fuzz_check(oauthcc_fuzz_word(&request.url));
            oauthcc_fuzz_check(request.headers.nelts == 2);
        }
    }
}
