
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <jansson.h>
#include "oauth/oauthcc_discovery.h"
#include "core/oauthcc_json_tree.h"
#include "core/oauthcc_version.h"
#include "oauth/oauthcc_client_auth.h"
#include "oauth/oauthcc_signing_key.h"
#include "core/oauthcc_lifetime.h"
#include "core/oauthcc_text.h"
#include "http/oauthcc_url.h"
#include "http/oauthcc_connection_isolation.h"


/* metadata are requested again after a day, in milliseconds */
#define OAUTHCC_DISCOVERY_LIFE  (24 * 3600 * (ngx_msec_t) 1000)


static ngx_int_t oauthcc_discovery_endpoint(oauthcc_provider_t *provider,
    json_t *root, json_t **endpoint, char **reason);
static ngx_int_t oauthcc_discovery_store(oauthcc_provider_t *provider,
    json_t *endpoint, ngx_log_t *log, char **reason);
static void oauthcc_discovery_dpop(oauthcc_provider_t *provider, json_t *root,
    ngx_log_t *log);


ngx_int_t
oauthcc_discovery_request(oauthcc_provider_t *provider, ngx_uint_t step,
    ngx_pool_t *pool, oauthcc_http_request_t *request)
{
    u_char        *p;
    ngx_str_t      path;
    oauthcc_url_t  endpoint;

    ngx_memzero(request, sizeof(oauthcc_http_request_t));

    endpoint = *provider->endpoint.url;
    path = endpoint.uri;

    if (path.data[path.len - 1] == '/') {
        path.len--;
    }

    p = ngx_pnalloc(pool, path.len
                    + sizeof("/.well-known/oauth-authorization-server") - 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    endpoint.uri.data = p;

    p = (step == 0)
        ? ngx_sprintf(p, "/.well-known/oauth-authorization-server%V", &path)
        : ngx_sprintf(p, "%V/.well-known/openid-configuration", &path);

    endpoint.uri.len = p - endpoint.uri.data;

    if (oauthcc_url_target(pool, provider, &endpoint, &request->url)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    request->method = NGX_HTTP_GET;
    ngx_str_set(&request->method_name, "GET");

    request->authority = endpoint.authority;
    request->host = endpoint.name;
    request->port = endpoint.port;

    if (ngx_array_init(&request->headers, pool, 2, sizeof(oauthcc_pair_t))
           != NGX_OK
        || oauthcc_text_default(&request->headers, pool, "Accept",
                                "application/json")
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    return oauthcc_text_default(&request->headers, pool, "User-Agent",
                                "ngx_http_oauthcc/" OAUTHCC_VERSION);
}


ngx_int_t
oauthcc_discovery_read(oauthcc_provider_t *provider, ngx_uint_t status,
    u_char *body, size_t len, ngx_log_t *log, char **reason)
{
    json_t    *root, *endpoint;
    ngx_int_t  rc;

    if (status != NGX_HTTP_OK) {
        *reason = "status is not 200";
        return NGX_DECLINED;
    }

    rc = oauthcc_json_tree_load(&root, body, len, JSON_REJECT_DUPLICATES
                                |JSON_DECODE_INT_AS_REAL, NULL);

    if (rc == NGX_DECLINED) {
        *reason = "metadata is not JSON";
    }

    if (rc != NGX_OK) {
        return rc;
    }

    rc = oauthcc_discovery_endpoint(provider, root, &endpoint, reason);

    if (rc == NGX_OK) {
        rc = oauthcc_discovery_store(provider, endpoint, log, reason);
    }

    if (rc == NGX_OK && provider->dpop.on) {
        oauthcc_discovery_dpop(provider, root, log);
    }

    json_decref(root);

    return rc;
}


oauthcc_url_t *
oauthcc_discovery_url(oauthcc_provider_t *provider, oauthcc_url_t *chosen)
{
    if (chosen) {
        return chosen;
    }

    return provider->endpoint.issuer ? provider->runtime.metadata->endpoint
                                     : provider->endpoint.url;
}


ngx_uint_t
oauthcc_discovery_known(oauthcc_provider_t *provider)
{
    oauthcc_metadata_t  *metadata;

    metadata = provider->runtime.metadata;

    return metadata->pool
           && !oauthcc_lifetime_reached(oauthcc_clock_msec(),
                                        metadata->until);
}


void
oauthcc_discovery_doubt(oauthcc_provider_t *provider)
{
    provider->runtime.metadata->until = oauthcc_clock_msec();
}


void
oauthcc_discovery_free(oauthcc_provider_t *provider)
{
    if (provider->runtime.metadata->pool) {
        ngx_destroy_pool(provider->runtime.metadata->pool);
        provider->runtime.metadata->pool = NULL;
    }
}


static ngx_int_t
oauthcc_discovery_endpoint(oauthcc_provider_t *provider, json_t *root,
    json_t **endpoint, char **reason)
{
    json_t     *issuer, *aliases;
    ngx_str_t  *url;

    url = &provider->endpoint.url->url;

    /* metadata of another issuer could redirect our secret */

    issuer = json_object_get(root, "issuer");

    if (!json_is_string(issuer)
        || json_string_length(issuer) != url->len
        || ngx_memcmp(json_string_value(issuer), url->data, url->len) != 0)
    {
        *reason = "metadata is of another issuer";
        return NGX_DECLINED;
    }

    *endpoint = json_object_get(root, "token_endpoint");

    if (provider->client.method == OAUTHCC_CLIENT_AUTH_TLS
        || provider->client.method == OAUTHCC_CLIENT_AUTH_SELF_SIGNED_TLS)
    {
        aliases = json_object_get(root, "mtls_endpoint_aliases");

        if (json_object_get(aliases, "token_endpoint")) {
            *endpoint = json_object_get(aliases, "token_endpoint");
        }
    }

    if (!json_is_string(*endpoint)) {
        *reason = "metadata has no token_endpoint";
        return NGX_DECLINED;
    }

    return NGX_OK;
}


static ngx_int_t
oauthcc_discovery_store(oauthcc_provider_t *provider, json_t *endpoint,
    ngx_log_t *log, char **reason)
{
    ngx_int_t            rc;
    ngx_str_t            url, local;
    ngx_pool_t          *pool;
    oauthcc_url_t       *found;
    oauthcc_provider_t  *other;
    oauthcc_metadata_t  *metadata;

    metadata = provider->runtime.metadata;

    pool = ngx_create_pool(1024, ngx_cycle->log);
    if (pool == NULL) {
        return NGX_ERROR;
    }

    url.data = (u_char *) json_string_value(endpoint);
    url.len = json_string_length(endpoint);

    found = ngx_palloc(pool, sizeof(oauthcc_url_t));
    local.len = url.len;
    local.data = ngx_pstrdup(pool, &url);

    if (found == NULL || local.data == NULL) {
        ngx_destroy_pool(pool);
        return NGX_ERROR;
    }

    *reason = oauthcc_url_parse(pool, &local, found);

    if (*reason == NULL && !found->https
        && (provider->client.method == OAUTHCC_CLIENT_AUTH_TLS
            || provider->client.method == OAUTHCC_CLIENT_AUTH_SELF_SIGNED_TLS))
    {
        *reason = "is not https, which the \"auth_method\" needs";
    }

    if (*reason == NULL) {
        *reason = oauthcc_url_refused(provider, found);
    }

    other = NULL;

    if (*reason) {
        ngx_log_error(NGX_LOG_ERR, log, 0,
                      "the token endpoint of the issuer %s", *reason);

    } else {
        other = oauthcc_connection_isolation_other(provider, found);
    }

    if (other) {
        ngx_log_error(NGX_LOG_ERR, log, 0,
                      "the token endpoint of the issuer is upstream \"%V\", "
                      "whose connections oauthcc_provider \"%V\" might share, "
                      "and one of both has a certificate: set "
                      "\"token_endpoint\" to an upstream of its own",
                      &found->host, &other->name);
    }

    if (*reason || other) {
        *reason = "the issuer's token endpoint is not usable";

        ngx_destroy_pool(pool);
        return NGX_DECLINED;
    }

    rc = oauthcc_url_target(pool, provider, found, &url);

    if (rc != NGX_OK) {
        ngx_destroy_pool(pool);

        *reason = "the issuer's token endpoint needs a \"resolver\"";
        return rc;
    }

    if (metadata->pool) {
        ngx_destroy_pool(metadata->pool);
    }

    metadata->pool = pool;
    metadata->endpoint = found;
    metadata->url = url;
    metadata->until = oauthcc_clock_msec() + OAUTHCC_DISCOVERY_LIFE;

    return NGX_OK;
}


/*
 * RFC 9449 section 5.1.  A server that lists no algorithms may take ours, and
 * one that lists others might: it is tried.
 */

static void
oauthcc_discovery_dpop(oauthcc_provider_t *provider, json_t *root,
    ngx_log_t *log)
{
    size_t      i;
    json_t     *list, *value;
    ngx_str_t   name, alg;

    list = json_object_get(root, "dpop_signing_alg_values_supported");

    if (!json_is_array(list)) {
        return;
    }

    ngx_str_set(&alg, OAUTHCC_DPOP_ALG);

    if (provider->dpop.key) {
        alg = provider->dpop.key->alg->name;
    }

    json_array_foreach(list, i, value) {

        name.data = (u_char *) json_string_value(value);
        name.len = json_string_length(value);

        if (name.data && oauthcc_text_eq(&name, &alg)) {
            return;
        }
    }

    ngx_log_error(NGX_LOG_WARN, log, 0,
                  "the issuer does not list %V in "
                  "\"dpop_signing_alg_values_supported\", it may reject the "
                  "DPoP proofs", &alg);
}
