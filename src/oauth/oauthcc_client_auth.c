
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
static ngx_int_t oauthcc_client_auth_build(ngx_pool_t *pool,
    oauthcc_provider_t *provider, ngx_str_t *endpoint,
    oauthcc_signing_key_t *key, ngx_str_t *jwt, char **reason);
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

    /* a worker puts other keys in this place */

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

    /* key, password and certificate may be replaced one after the other */

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
        ngx_log_error(NGX_LOG_WARN, log, 0,
                      "%V, the key that was read before stays in use, "
                      "oauthcc provider: \"%V\"", &err, &provider->name);
    }

    ngx_destroy_pool(pool);

    return changed;
}


ngx_int_t
oauthcc_client_auth_pairs(oauthcc_provider_t *provider, ngx_str_t *endpoint,
    ngx_pool_t *pool, ngx_array_t *pairs, ngx_str_t *assertion)
{
    oauthcc_client_auth_t  *auth;
    oauthcc_pair_t         *pair;

    auth = &provider->client;

    /* room for all first: nothing is left to be wiped by a failure */

    pair = ngx_array_push_n(pairs, 4);

    if (pair == NULL
        || oauthcc_client_auth_assertion(provider, endpoint, pool,
                                         assertion)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    /* one without a value is not sent */

    ngx_str_set(&pair[0].name, "username");
    pair[0].value = provider->grant.username.text;

    ngx_str_set(&pair[1].name, "password");
    pair[1].value = provider->grant.password.text;

    ngx_str_set(&pair[2].name, "client_assertion_type");
    ngx_str_null(&pair[2].value);

    if (assertion->len) {
        pair[2].value = auth->assertion_type;
    }

    ngx_str_set(&pair[3].name, "client_assertion");
    pair[3].value = *assertion;

    return NGX_OK;
}


static ngx_int_t
oauthcc_client_auth_assertion(oauthcc_provider_t *provider,
    ngx_str_t *endpoint, ngx_pool_t *pool, ngx_str_t *jwt)
{
    char                   *reason;
    ngx_int_t               rc;
    oauthcc_client_auth_t  *auth;

    auth = &provider->client;

    ngx_str_null(jwt);

    if (auth->assertion.text.len) {

        jwt->data = ngx_pstrdup(pool, &auth->assertion.text);
        if (jwt->data == NULL) {
            return NGX_ERROR;
        }

        jwt->len = auth->assertion.text.len;

        return NGX_OK;
    }

    if (auth->key == NULL) {
        return NGX_OK;
    }

    rc = oauthcc_client_auth_build(pool, provider, endpoint, auth->key, jwt,
                                   &reason);

    if (rc == NGX_DECLINED) {
        ngx_log_error(NGX_LOG_ERR, pool->log, 0,
                      "no assertion could be made: %s", reason);
    }

    return rc == NGX_OK ? NGX_OK : NGX_ERROR;
}


static ngx_int_t
oauthcc_client_auth_load(ngx_pool_t *pool, oauthcc_provider_t *provider,
    oauthcc_signing_key_t *key, ngx_str_t *err)
{
    char                   *reason;
    ngx_int_t               rc;
    ngx_str_t               jwt;
    oauthcc_client_auth_t  *auth;

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

    rc =
        oauthcc_client_auth_build(pool, provider, &provider->endpoint.url->url,
                                   key, &jwt, &reason);

    if (rc == NGX_OK) {
        ngx_explicit_memzero(jwt.data, jwt.len);
        return NGX_OK;
    }

    oauthcc_signing_key_free(key);

    if (rc == NGX_DECLINED) {
        return oauthcc_text_error(pool, err, 0,
                                  "no assertion could be made: %s", reason);
    }

    return rc;
}


static ngx_int_t
oauthcc_client_auth_read(ngx_pool_t *pool, oauthcc_client_auth_t *auth,
    oauthcc_signing_key_t *key, ngx_str_t *err)
{
    ngx_int_t  rc;

    rc = oauthcc_signing_key_read(pool, &auth->key_file.text,
                                  &auth->key_password.text, &auth->alg, key,
                                  err);

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


static ngx_int_t
oauthcc_client_auth_build(ngx_pool_t *pool, oauthcc_provider_t *provider,
    ngx_str_t *endpoint, oauthcc_signing_key_t *key, ngx_str_t *jwt,
    char **reason)
{
    oauthcc_client_assertion_t  assertion;

    assertion.id = provider->client.id.text;
    assertion.kid = provider->client.kid;
    assertion.now = ngx_time();
    assertion.life = provider->client.assertion_lifetime / 1000;

    assertion.audience = provider->client.assertion_audience.len
                         ? provider->client.assertion_audience : *endpoint;

    /* it may be another one than last time */

    key->secret = provider->client.secret.text;

    return oauthcc_client_assertion_build(pool, key, &assertion, jwt, reason);
}


static void
oauthcc_client_auth_cleanup(void *data)
{
    oauthcc_signing_key_free(data);
}
