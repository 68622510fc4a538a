
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "http/oauthcc_connection_isolation.h"
#include "core/oauthcc_main_conf.h"
#include "core/oauthcc_text.h"
#include "http/oauthcc_url.h"


extern ngx_module_t  ngx_http_oauthcc_module;


static ngx_uint_t oauthcc_connection_isolation_named(
    oauthcc_provider_t *provider, oauthcc_url_t *endpoint);
static ngx_uint_t oauthcc_connection_isolation_alike(ngx_array_t *one,
    ngx_array_t *two);


/*
 * Future names are not known.  An upstream{} named in the configuration
 * belongs to the providers that name it there, which nginx -t has compared;
 * one that is named by variables only belongs to the first provider in the
 * configuration, if no other could reach it.  So the result depends neither on
 * the order of logins nor on the worker process.
 */

oauthcc_provider_t *
oauthcc_connection_isolation_other(oauthcc_provider_t *provider,
    oauthcc_url_t *endpoint)
{
    ngx_uint_t                     i, own;
    oauthcc_provider_t           **other;
    ngx_http_oauthcc_main_conf_t  *omcf;

    if (provider->endpoint.forward_proxy.host.len
        || !oauthcc_url_is_upstream(provider->endpoint.ctx, endpoint))
    {
        return NULL;
    }

    omcf =
        provider->endpoint.ctx->main_conf[ngx_http_oauthcc_module.ctx_index];
    other = omcf->providers.elts;

    own = oauthcc_connection_isolation_named(provider, endpoint);

    for (i = 0; i < omcf->providers.nelts; i++) {

        if (other[i] == provider
            || other[i]->endpoint.forward_proxy.host.len
            || (!provider->endpoint.certificate
                && !other[i]->endpoint.certificate))
        {
            continue;
        }

        if (!oauthcc_connection_isolation_named(other[i], endpoint)
            && (own || (!other[i]->endpoint.issuer
                        && !other[i]->endpoint.url->varied)))
        {
            continue;
        }

        if (!oauthcc_connection_isolation_alike(&other[i]->endpoint.transport,
                                                &provider->endpoint.transport))
        {
            return other[i];
        }
    }

    return NULL;
}


/* Whether this is the host of the provider's own endpoint. */

static ngx_uint_t
oauthcc_connection_isolation_named(oauthcc_provider_t *provider,
    oauthcc_url_t *endpoint)
{
    oauthcc_url_t  *own;

    own = provider->endpoint.url;

    return !own->varied
           && own->no_port
           && oauthcc_text_ieq(&own->host, &endpoint->host);
}


static ngx_uint_t
oauthcc_connection_isolation_alike(ngx_array_t *one, ngx_array_t *two)
{
    ngx_str_t  *a, *b;
    ngx_uint_t  i;

    if (one->nelts != two->nelts) {
        return 0;
    }

    a = one->elts;
    b = two->elts;

    for (i = 0; i < one->nelts; i++) {

        if (!oauthcc_text_eq(&a[i], &b[i])) {
            return 0;
        }
    }

    return 1;
}
