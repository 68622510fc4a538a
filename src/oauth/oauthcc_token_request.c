
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "oauth/oauthcc_token_request.h"
#include "core/oauthcc_text.h"
#include "core/oauthcc_version.h"
#include "oauth/oauthcc_discovery.h"
#include "http/oauthcc_url.h"
#include "oauth/oauthcc_client_auth.h"
#include "http/oauthcc_form.h"


static ngx_int_t oauthcc_token_request_discovered(oauthcc_provider_t *provider,
    ngx_pool_t *pool, oauthcc_http_request_t *request);
static ngx_int_t oauthcc_token_request_body(oauthcc_token_request_t *from,
    ngx_pool_t *pool, ngx_str_t *body);
static ngx_int_t oauthcc_token_request_grant(oauthcc_token_request_t *from,
    ngx_array_t *pairs);
static ngx_int_t oauthcc_token_request_subject(oauthcc_token_request_t *from,
    ngx_array_t *pairs);
static ngx_uint_t oauthcc_token_request_has(oauthcc_token_request_t *from,
    ngx_str_t *name);
static ngx_int_t oauthcc_token_request_headers(oauthcc_token_request_t *from,
    ngx_pool_t *pool, ngx_array_t *headers);
static ngx_uint_t oauthcc_token_request_basic(oauthcc_provider_t *provider);
static ngx_uint_t oauthcc_token_request_given(oauthcc_provider_t *provider,
    ngx_str_t *name);
static ngx_int_t oauthcc_token_request_pair(ngx_array_t *pairs, char *name,
    ngx_str_t *value);


static ngx_str_t  oauthcc_token_request_post = ngx_string("POST");

/* unless the configuration has others */

static oauthcc_pair_t  oauthcc_token_request_usual[] = {

    { ngx_string("Content-Type"),
      ngx_string("application/x-www-form-urlencoded") },

    { ngx_string("Accept"), ngx_string("application/json") },

    { ngx_string("User-Agent"),
      ngx_string("ngx_http_oauthcc/" OAUTHCC_VERSION) },

    { ngx_null_string, ngx_null_string }
};

static ngx_str_t  oauthcc_token_request_authorization =
                                               ngx_string("Authorization");


ngx_int_t
oauthcc_token_request_build(oauthcc_token_request_t *from, ngx_pool_t *pool,
    oauthcc_http_request_t *request)
{
    oauthcc_provider_t  *provider;

    provider = from->provider;

    request->method = NGX_HTTP_POST;
    request->method_name = oauthcc_token_request_post;

    if (from->endpoint) {
        request->url = from->pass;
        oauthcc_url_server(from->endpoint, request);

    } else if (provider->endpoint.issuer) {

        if (oauthcc_token_request_discovered(provider, pool, request)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

    } else {
        request->url = provider->endpoint.pass;
        oauthcc_url_server(provider->endpoint.url, request);
    }

    if (oauthcc_token_request_body(from, pool, &request->body)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return oauthcc_token_request_headers(from, pool, &request->headers);
}


ngx_uint_t
oauthcc_token_request_forms(oauthcc_provider_t *provider)
{
    oauthcc_client_auth_t  *auth;

    auth = &provider->client;

    return auth->basic_encoding == OAUTHCC_CLIENT_AUTH_AUTO
           && oauthcc_token_request_basic(provider)
           && oauthcc_form_forms(&auth->id.text, &auth->secret.text);
}


/* What is known of the issuer may change while the login is on its way. */

static ngx_int_t
oauthcc_token_request_discovered(oauthcc_provider_t *provider,
    ngx_pool_t *pool, oauthcc_http_request_t *request)
{
    oauthcc_metadata_t  *metadata;

    metadata = provider->runtime.metadata;

    if (metadata->pool == NULL) {
        return NGX_ERROR;
    }

    oauthcc_url_server(metadata->endpoint, request);

    request->url.data = ngx_pstrdup(pool, &metadata->url);
    if (request->url.data == NULL) {
        return NGX_ERROR;
    }

    request->url.len = metadata->url.len;
    request->owned = 1;

    request->authority.data = ngx_pstrdup(pool, &request->authority);
    request->host.data = ngx_pstrdup(pool, &request->host);

    return (request->authority.data == NULL || request->host.data == NULL)
           ? NGX_ERROR : NGX_OK;
}


static ngx_int_t
oauthcc_token_request_body(oauthcc_token_request_t *from, ngx_pool_t *pool,
    ngx_str_t *body)
{
    ngx_int_t                    rc;
    ngx_str_t                    scope, url;
    ngx_uint_t                   i;
    ngx_array_t                  pairs;
    oauthcc_pair_t              *pair;
    oauthcc_provider_t          *provider;
    oauthcc_client_auth_jwts_t   jwts;

    provider = from->provider;
    ngx_str_null(&scope);

    if (ngx_array_init(&pairs, pool, 8, sizeof(oauthcc_pair_t)) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (oauthcc_token_request_pair(&pairs, "grant_type",
                                   &provider->grant.type)
           != NGX_OK
        || oauthcc_token_request_grant(from, &pairs) != NGX_OK
        || oauthcc_token_request_subject(from, &pairs) != NGX_OK
        || (provider->client.method != OAUTHCC_CLIENT_AUTH_BASIC
            && oauthcc_token_request_pair(&pairs, "client_id",
                                          &provider->client.id.text)
               != NGX_OK)
        || (provider->client.method == OAUTHCC_CLIENT_AUTH_POST
            && oauthcc_token_request_pair(&pairs, "client_secret",
                                          &provider->client.secret.text)
               != NGX_OK))
    {
        return NGX_ERROR;
    }

    for (i = 0; i < from->nparameters; i++) {

        if (oauthcc_text_is(&from->parameters[i].name, "scope")
            && oauthcc_client_auth_scoped(provider))
        {
            scope = from->parameters[i].value;
            continue;
        }

        pair = ngx_array_push(&pairs);
        if (pair == NULL) {
            return NGX_ERROR;
        }

        *pair = from->parameters[i];
    }

    url = oauthcc_discovery_url(provider, from->endpoint)->url;

    if (oauthcc_client_auth_pairs(provider, &url, &scope, pool, &pairs,
                                  &jwts)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    rc = oauthcc_form_encode(pool, pairs.elts, pairs.nelts, body);

    oauthcc_client_auth_wipe(&jwts);

    return rc;
}


/* The provider's parameters, but those that the request has set. */

static ngx_int_t
oauthcc_token_request_grant(oauthcc_token_request_t *from, ngx_array_t *pairs)
{
    ngx_str_t           *resource;
    ngx_uint_t           i, first, n;
    oauthcc_pair_t      *pair;
    oauthcc_named_t     *param;
    oauthcc_provider_t  *provider;

    provider = from->provider;
    first = pairs->nelts;

    if (oauthcc_token_request_pair(pairs, "scope", &provider->grant.scope.text)
        != NGX_OK
        || oauthcc_token_request_pair(pairs, "audience",
                                      &provider->grant.audience.text)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    resource = provider->grant.resources.elts;

    for (i = 0; i < provider->grant.resources.nelts; i++) {
        if (oauthcc_token_request_pair(pairs, "resource", &resource[i])
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    param = provider->grant.params.elts;

    for (i = 0; i < provider->grant.params.nelts; i++) {

        pair = ngx_array_push(pairs);
        if (pair == NULL) {
            return NGX_ERROR;
        }

        pair->name = param[i].name;
        pair->value = param[i].value.text;
    }

    pair = pairs->elts;
    n = first;

    for (i = first; i < pairs->nelts; i++) {
        if (!oauthcc_token_request_has(from, &pair[i].name)) {
            pair[n++] = pair[i];
        }
    }

    pairs->nelts = n;

    return NGX_OK;
}


/*
 * The caller's token, and the type that an exchange requires, also of a token
 * of the configuration: RFC 8693 section 2.1, RFC 7523 section 2.1.
 */

static ngx_int_t
oauthcc_token_request_subject(oauthcc_token_request_t *from,
    ngx_array_t *pairs)
{
    ngx_str_t         type;
    ngx_uint_t        i;
    oauthcc_pair_t   *pair;
    oauthcc_grant_t  *grant;

    grant = &from->provider->grant;

    if (from->subject_token.len) {

        pair = ngx_array_push(pairs);
        if (pair == NULL) {
            return NGX_ERROR;
        }

        pair->name = grant->subject_parameter;
        pair->value = from->subject_token;
    }

    if (!oauthcc_text_is(&grant->type, OAUTHCC_TOKEN_REQUEST_EXCHANGE)) {
        return NGX_OK;
    }

    ngx_str_set(&type, "subject_token_type");

    pair = pairs->elts;

    for (i = 0; i < pairs->nelts; i++) {
        if (oauthcc_text_eq(&pair[i].name, &type)) {
            return NGX_OK;
        }
    }

    return oauthcc_token_request_has(from, &type)
           ? NGX_OK
           : oauthcc_token_request_pair(pairs, "subject_token_type",
                                        &grant->subject_token_type);
}


static ngx_uint_t
oauthcc_token_request_has(oauthcc_token_request_t *from, ngx_str_t *name)
{
    ngx_uint_t  i;

    for (i = 0; i < from->nparameters; i++) {
        if (oauthcc_text_eq(&from->parameters[i].name, name)) {
            return 1;
        }
    }

    return 0;
}


static ngx_int_t
oauthcc_token_request_headers(oauthcc_token_request_t *from, ngx_pool_t *pool,
    ngx_array_t *headers)
{
    ngx_str_t            basic;
    ngx_uint_t           i;
    oauthcc_pair_t      *pair;
    oauthcc_named_t     *header;
    oauthcc_provider_t  *provider;

    provider = from->provider;

    if (ngx_array_init(headers, pool, 8, sizeof(oauthcc_pair_t)) != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (pair = oauthcc_token_request_usual; pair->name.len; pair++) {

        if (!oauthcc_token_request_given(provider, &pair->name)
            && oauthcc_text_pair(headers, pool, &pair->name, &pair->value)
               != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    if (oauthcc_token_request_basic(provider)) {

        /* room for it first: a failure leaves nothing to be wiped */

        pair = ngx_array_push(headers);
        if (pair == NULL) {
            return NGX_ERROR;
        }

        pair->name = oauthcc_token_request_authorization;
        ngx_str_null(&pair->value);

        if (oauthcc_form_basic(pool, &provider->client.id.text,
                               &provider->client.secret.text,
                               from->raw, &basic)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        pair->value = basic;
    }

    /* copies: what was sent is wiped, the configuration's bytes are not */

    header = provider->grant.headers.elts;

    for (i = 0; i < provider->grant.headers.nelts; i++) {

        if (header[i].value.text.len
            && oauthcc_text_pair(headers, pool, &header[i].name,
                                 &header[i].value.text)
               != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_uint_t
oauthcc_token_request_basic(oauthcc_provider_t *provider)
{
    return provider->client.method == OAUTHCC_CLIENT_AUTH_BASIC
           && !oauthcc_token_request_given(provider,
                                         &oauthcc_token_request_authorization);
}


/* Whether the configuration has a header of this name, maybe an empty one. */

static ngx_uint_t
oauthcc_token_request_given(oauthcc_provider_t *provider, ngx_str_t *name)
{
    ngx_uint_t        i;
    oauthcc_named_t  *header;

    header = provider->grant.headers.elts;

    for (i = 0; i < provider->grant.headers.nelts; i++) {

        if (oauthcc_text_ieq(&header[i].name, name)) {
            return 1;
        }
    }

    return 0;
}


static ngx_int_t
oauthcc_token_request_pair(ngx_array_t *pairs, char *name, ngx_str_t *value)
{
    oauthcc_pair_t  *pair;

    pair = ngx_array_push(pairs);
    if (pair == NULL) {
        return NGX_ERROR;
    }

    pair->name.len = ngx_strlen(name);
    pair->name.data = (u_char *) name;
    pair->value = *value;

    return NGX_OK;
}
