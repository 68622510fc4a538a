
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "oauth/oauthcc_client_auth.h"
#include "http/oauthcc_url.h"
#include "core/oauthcc_text.h"
#include "oauth/oauthcc_client_assertion.h"
#include "oauth/oauthcc_signing_key.h"


static ngx_int_t oauthcc_client_auth_assertion(oauthcc_provider_t *provider,
    ngx_str_t *endpoint, ngx_pool_t *pool, ngx_str_t *jwt);
static ngx_int_t oauthcc_client_auth_load(ngx_pool_t *pool,
    oauthcc_provider_t *provider, oauthcc_signing_key_t *key, ngx_str_t *err);
static ngx_int_t oauthcc_client_auth_read(ngx_pool_t *pool,
    oauthcc_client_auth_t *auth, oauthcc_signing_key_t *key, ngx_str_t *err);
static ngx_int_t oauthcc_client_auth_jwt(oauthcc_provider_t *provider,
    ngx_str_t *audience, ngx_str_t *scope, ngx_pool_t *pool, ngx_str_t *jwt);
static void oauthcc_client_auth_describe(oauthcc_provider_t *provider,
    ngx_str_t *endpoint, oauthcc_client_assertion_t *assertion);
static ngx_int_t oauthcc_client_auth_build(ngx_pool_t *pool,
    oauthcc_client_auth_t *auth, oauthcc_client_assertion_t *assertion,
    ngx_str_t *jwt);
static void oauthcc_client_auth_cleanup(void *data);


ngx_int_t
oauthcc_client_auth_init(ngx_pool_t *pool, oauthcc_provider_t *provider,
    ngx_str_t *err)
{
    ngx_pool_cleanup_t     *cln;
    oauthcc_signing_key_t  *key;

    cln = ngx_pool_cleanup_add(pool, sizeof(oauthcc_signing_key_t));
    if (cln == NULL) {
        return NGX_ERROR;
    }

    key = cln->data;
    ngx_memzero(key, sizeof(oauthcc_signing_key_t));

    /* a worker replaces this key */

    cln->handler = oauthcc_client_auth_cleanup;
    provider->client.key = key;

    return oauthcc_client_auth_load(pool, provider, key, err);
}


ngx_uint_t
oauthcc_client_auth_renew(oauthcc_provider_t *provider, ngx_log_t *log)
{
    ngx_int_t               rc;
    ngx_str_t               err;
    ngx_uint_t              changed;
    ngx_pool_t             *pool;
    oauthcc_signing_key_t   key;
    oauthcc_client_auth_t  *auth;

    auth = &provider->client;
    changed = 0;

    pool = ngx_create_pool(4096, log);
    if (pool == NULL) {
        return 0;
    }

    /* key, password and certificate may be replaced one after another */

    rc = oauthcc_client_auth_load(pool, provider, &key, &err);

    if (rc == NGX_OK) {
        oauthcc_signing_key_free(auth->key);
        *auth->key = key;
        changed = 1;

        if (key.expired) {
            ngx_log_error(NGX_LOG_WARN, log, 0,
                          "the certificate in \"%V\" has expired, "
                          "oauthcc provider: \"%V\"",
                          &auth->certificate.source, &provider->name);
        }

    } else if (rc == NGX_DECLINED) {
        /* at the default level of error_log: it is seen before an outage */

        ngx_log_error(NGX_LOG_ERR, log, 0,
                      "%V, the key that was read before stays in use, "
                      "oauthcc provider: \"%V\"", &err, &provider->name);
    }

    ngx_destroy_pool(pool);

    return changed;
}


ngx_int_t
oauthcc_client_auth_pairs(oauthcc_provider_t *provider, ngx_str_t *endpoint,
    ngx_str_t *scope, ngx_pool_t *pool, ngx_array_t *pairs,
    oauthcc_client_auth_jwts_t *jwts)
{
    ngx_int_t               rc;
    oauthcc_client_auth_t  *auth;
    oauthcc_pair_t         *pair;

    auth = &provider->client;

    ngx_memzero(jwts, sizeof(oauthcc_client_auth_jwts_t));

    /* allocate everything first, so that a failure leaves nothing to wipe */

    pair = ngx_array_push_n(pairs, 5);

    if (pair == NULL
        || oauthcc_client_auth_assertion(provider, endpoint, pool,
                                         &jwts->client)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (auth->assertion_use == OAUTHCC_CLIENT_AUTH_USE_GRANT) {

        rc = oauthcc_client_auth_jwt(provider, endpoint, scope, pool,
                                     &jwts->grant);

        if (rc != NGX_OK) {
            oauthcc_client_auth_wipe(jwts);
            return NGX_ERROR;
        }
    }

    /* an empty parameter is not sent */

    ngx_str_set(&pair[0].name, "username");
    pair[0].value = provider->grant.username.text;

    ngx_str_set(&pair[1].name, "password");
    pair[1].value = provider->grant.password.text;

    ngx_str_set(&pair[2].name, "client_assertion_type");
    ngx_str_null(&pair[2].value);

    if (jwts->client.len) {
        pair[2].value = auth->assertion_type;
    }

    ngx_str_set(&pair[3].name, "client_assertion");
    pair[3].value = jwts->client;

    ngx_str_set(&pair[4].name, "assertion");
    pair[4].value = jwts->grant;

    return NGX_OK;
}


void
oauthcc_client_auth_wipe(oauthcc_client_auth_jwts_t *jwts)
{
    if (jwts->client.len) {
        ngx_explicit_memzero(jwts->client.data, jwts->client.len);
    }

    if (jwts->grant.len) {
        ngx_explicit_memzero(jwts->grant.data, jwts->grant.len);
    }
}


ngx_uint_t
oauthcc_client_auth_scoped(oauthcc_provider_t *provider)
{
    ngx_uint_t        i;
    oauthcc_claim_t  *claim;

    if (provider->client.assertion_use == OAUTHCC_CLIENT_AUTH_USE_CLIENT) {
        return 0;
    }

    claim = provider->client.assertion_claims.elts;

    for (i = 0; i < provider->client.assertion_claims.nelts; i++) {
        if (oauthcc_text_is(&claim[i].name, "scope")) {
            return 1;
        }
    }

    return 0;
}


ngx_int_t
oauthcc_client_auth_token(oauthcc_provider_t *provider, ngx_str_t *scope,
    ngx_str_t *audience, ngx_pool_t *pool, ngx_str_t *jwt, ngx_msec_t *life)
{
    ngx_time_t  *tp;

    /* exp is a whole second, and the present one is partly over */

    tp = ngx_timeofday();

    *life = provider->client.assertion_lifetime / 1000 * 1000
            - OAUTHCC_CLIENT_ASSERTION_BACK * 1000 - tp->msec;

    return oauthcc_client_auth_jwt(provider, audience, scope, pool, jwt);
}


/* Adds the parameters that authenticate the client. */

static ngx_int_t
oauthcc_client_auth_assertion(oauthcc_provider_t *provider,
    ngx_str_t *endpoint, ngx_pool_t *pool, ngx_str_t *jwt)
{
    oauthcc_client_auth_t       *auth;
    oauthcc_client_assertion_t   assertion;

    auth = &provider->client;

    if (auth->assertion.text.len) {

        jwt->data = ngx_pstrdup(pool, &auth->assertion.text);
        if (jwt->data == NULL) {
            return NGX_ERROR;
        }

        jwt->len = auth->assertion.text.len;

        return NGX_OK;
    }

    if (auth->method != OAUTHCC_CLIENT_AUTH_KEY_JWT
        && auth->method != OAUTHCC_CLIENT_AUTH_SECRET_JWT)
    {
        return NGX_OK;
    }

    oauthcc_client_auth_describe(provider, endpoint, &assertion);

    if (auth->assertion_use != OAUTHCC_CLIENT_AUTH_USE_CLIENT) {

        /* the claims of the other assertion are not for this one */

        assertion.issuer = auth->id.text;
        assertion.subject = auth->id.text;
        assertion.claims = NULL;
    }

    return oauthcc_client_auth_build(pool, auth, &assertion, jwt);
}


/* Makes the JWT that is the grant, or the token. */

static ngx_int_t
oauthcc_client_auth_jwt(oauthcc_provider_t *provider, ngx_str_t *audience,
    ngx_str_t *scope, ngx_pool_t *pool, ngx_str_t *jwt)
{
    oauthcc_client_assertion_t  assertion;

    oauthcc_client_auth_describe(provider, audience, &assertion);

    assertion.scope = *scope;

    if (provider->client.assertion_use == OAUTHCC_CLIENT_AUTH_USE_TOKEN
        && audience->len)
    {
        assertion.audience = *audience;
    }

    return oauthcc_client_auth_build(pool, &provider->client, &assertion, jwt);
}


/* The claims that the directives set for the JWT of assertion_use. */

static void
oauthcc_client_auth_describe(oauthcc_provider_t *provider,
    ngx_str_t *endpoint, oauthcc_client_assertion_t *assertion)
{
    oauthcc_client_auth_t  *auth;

    auth = &provider->client;

    ngx_memzero(assertion, sizeof(oauthcc_client_assertion_t));

    assertion->issuer = auth->assertion_issuer.text.len
                        ? auth->assertion_issuer.text : auth->id.text;

    assertion->subject = auth->assertion_subject.text;

    if (assertion->subject.len == 0
        && auth->assertion_use == OAUTHCC_CLIENT_AUTH_USE_CLIENT)
    {
        assertion->subject = auth->id.text;
    }

    assertion->audience = auth->assertion_audience.len
                          ? auth->assertion_audience : *endpoint;

    assertion->kid = auth->kid;
    assertion->claims = &auth->assertion_claims;
    assertion->now = ngx_time();
    assertion->life = auth->assertion_lifetime / 1000;
}


static ngx_int_t
oauthcc_client_auth_build(ngx_pool_t *pool, oauthcc_client_auth_t *auth,
    oauthcc_client_assertion_t *assertion, ngx_str_t *jwt)
{
    ngx_int_t  rc;
    ngx_str_t  reason;

    /* it may differ from the last one */

    auth->key->secret = auth->secret.text;

    rc = oauthcc_client_assertion_build(pool, auth->key, assertion, jwt,
                                        &reason);

    if (rc == NGX_DECLINED) {
        ngx_log_error(NGX_LOG_ERR, pool->log, 0,
                      "no assertion could be made: %V", &reason);
    }

    return rc == NGX_OK ? NGX_OK : NGX_ERROR;
}


static ngx_int_t
oauthcc_client_auth_load(ngx_pool_t *pool, oauthcc_provider_t *provider,
    oauthcc_signing_key_t *key, ngx_str_t *err)
{
    ngx_int_t                    rc;
    ngx_str_t                    jwt, reason;
    oauthcc_client_auth_t       *auth;
    oauthcc_client_assertion_t   assertion;

    auth = &provider->client;

    if (provider->client.method == OAUTHCC_CLIENT_AUTH_SECRET_JWT) {
        rc = oauthcc_signing_key_hmac(&auth->alg, key);

        if (rc == NGX_DECLINED) {
            ngx_str_set(err, "\"assertion_alg\" has to be HS256, HS384 or "
                             "HS512 with \"auth_method client_secret_jwt\"");
        }

    } else {
        rc = oauthcc_client_auth_read(pool, auth, key, err);
    }

    if (rc != NGX_OK) {
        return rc;
    }

    oauthcc_client_auth_describe(provider, &provider->endpoint.url->url,
                                 &assertion);

    key->secret = auth->secret.text;

    rc = oauthcc_client_assertion_build(pool, key, &assertion, &jwt, &reason);

    if (rc == NGX_OK) {
        ngx_explicit_memzero(jwt.data, jwt.len);
        return NGX_OK;
    }

    oauthcc_signing_key_free(key);

    if (rc == NGX_DECLINED) {
        return oauthcc_text_error(pool, err, 0,
                                  "no assertion could be made: %V", &reason);
    }

    return rc;
}


static ngx_int_t
oauthcc_client_auth_read(ngx_pool_t *pool, oauthcc_client_auth_t *auth,
    oauthcc_signing_key_t *key, ngx_str_t *err)
{
    ngx_int_t  rc;

    rc = oauthcc_signing_key_read(pool, &auth->key_file.text,
                                  &auth->key_password.text, &auth->alg,
                                  "assertion", key, err);

    if (rc == NGX_DECLINED) {
        return oauthcc_text_error(pool, err, 0,
                                  "\"%s\": file \"%V\" %V", "assertion_key",
                                  &auth->key_file.source, err);
    }

    if (rc != NGX_OK || auth->certificate.text.len == 0) {
        return rc;
    }

    rc = oauthcc_signing_key_certify(pool, &auth->certificate.text, key, err);

    if (rc == NGX_OK) {
        return NGX_OK;
    }

    oauthcc_signing_key_free(key);

    if (rc == NGX_DECLINED) {
        return oauthcc_text_error(pool, err, 0,
                                  "\"%s\": file \"%V\" %V",
                                  "assertion_certificate",
                                  &auth->certificate.source, err);
    }

    return rc;
}


static void
oauthcc_client_auth_cleanup(void *data)
{
    oauthcc_signing_key_free(data);
}
