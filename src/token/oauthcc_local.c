
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "token/oauthcc_local.h"
#include "cache/oauthcc_credential.h"
#include "http/oauthcc_url.h"
#include "token/oauthcc_cache_key.h"
#include "http/oauthcc_connection_isolation.h"
#include "token/oauthcc_waiter.h"


/* of a provider in a worker; those that were idle for the longest time go */
#define NGX_HTTP_OAUTHCC_COPY_MAX        16384

/* of a value that a request sets, in bytes */
#define NGX_HTTP_OAUTHCC_COPY_MAX_VALUE  1024


static ngx_int_t ngx_http_oauthcc_copy_key(ngx_http_request_t *r,
    ngx_http_oauthcc_provider_t *provider, ngx_array_t *parameters,
    ngx_str_t *key, ngx_str_t *name);
static u_char *ngx_http_oauthcc_copy_field(u_char *p, ngx_str_t *text);
static u_char *ngx_http_oauthcc_copy_text(u_char *p, ngx_str_t *text);
static ngx_int_t ngx_http_oauthcc_copy_endpoint(ngx_http_oauthcc_copy_t *copy,
    ngx_log_t *log);
static ngx_http_oauthcc_copy_t *ngx_http_oauthcc_copy_create(
    ngx_http_oauthcc_provider_t *provider, ngx_str_t *key, uint32_t hash,
    ngx_uint_t n);
static void ngx_http_oauthcc_copy_make_room(
    ngx_http_oauthcc_provider_t *provider);
static ngx_uint_t ngx_http_oauthcc_copy_valid(ngx_str_t *value);


void
ngx_http_oauthcc_copy_init(ngx_http_oauthcc_provider_t *provider)
{
    ngx_rbtree_init(&provider->copies, &provider->sentinel,
                    ngx_str_rbtree_insert_value);
    ngx_queue_init(&provider->recent);

    provider->copy.provider = provider;

    ngx_http_oauthcc_waiter_init(&provider->copy);
}


ngx_int_t
ngx_http_oauthcc_copy_get(ngx_http_request_t *r,
    ngx_http_oauthcc_provider_t *provider, ngx_array_t *parameters,
    ngx_http_oauthcc_copy_t **copy, ngx_str_t *name)
{
    uint32_t                  hash;
    ngx_int_t                 rc;
    ngx_str_t                 key;
    ngx_http_oauthcc_copy_t  *found;

    rc = ngx_http_oauthcc_copy_key(r, provider, parameters, &key, name);

    if (rc != NGX_OK) {
        return rc;
    }

    hash = ngx_murmur_hash2(key.data, key.len);

    found = (ngx_http_oauthcc_copy_t *)
                ngx_str_rbtree_lookup(&provider->copies, &key, hash);

    if (found) {
        ngx_queue_remove(&found->queue);

    } else {
        found = ngx_http_oauthcc_copy_create(provider, &key, hash,
                                             parameters ? parameters->nelts
                                                        : 0);
        if (found == NULL) {
            return NGX_ERROR;
        }

        rc = ngx_http_oauthcc_copy_endpoint(found, r->connection->log);

        if (rc != NGX_OK) {
            ngx_queue_insert_head(&provider->recent, &found->queue);
            ngx_http_oauthcc_copy_free(found);

            ngx_str_set(name, "token_endpoint");
            return rc;
        }
    }

    ngx_queue_insert_head(&provider->recent, &found->queue);

    ngx_http_oauthcc_copy_hold(found);
    *copy = found;

    return NGX_OK;
}


void
ngx_http_oauthcc_copy_query(ngx_http_oauthcc_copy_t *copy,
    ngx_http_oauthcc_cache_query_t *query)
{
    ngx_http_oauthcc_provider_t  *provider;

    provider = copy->provider;

    ngx_memzero(query, sizeof(ngx_http_oauthcc_cache_query_t));

    query->lease = provider->timeout + NGX_HTTP_OAUTHCC_CACHE_LEASE;
    query->content = provider->content;
    query->max_logins = provider->max_logins;

    query->origin.account = provider->copy.digest;
    query->origin.tally = provider->tally;
    query->origin.parameters = copy->parameters;
    query->origin.nparameters = copy->nparameters;
}


void
ngx_http_oauthcc_copy_free_all(ngx_http_oauthcc_provider_t *provider)
{
    ngx_queue_t  *q, *next;

    ngx_http_oauthcc_copy_drop(&provider->copy);

    for (q = ngx_queue_head(&provider->recent);
         q != ngx_queue_sentinel(&provider->recent);
         q = next)
    {
        next = ngx_queue_next(q);

        ngx_http_oauthcc_copy_free(ngx_queue_data(q, ngx_http_oauthcc_copy_t,
                                                  queue));
    }
}


void
ngx_http_oauthcc_copy_drop(ngx_http_oauthcc_copy_t *copy)
{
    if (copy->credential) {
        ngx_http_oauthcc_credential_release(copy->credential);
        copy->credential = NULL;
    }
}


void
ngx_http_oauthcc_copy_free(ngx_http_oauthcc_copy_t *copy)
{
    ngx_http_oauthcc_provider_t  *provider;

    provider = copy->provider;

    if (copy == &provider->copy || copy->refs || copy->counts.queued) {
        return;
    }

    ngx_http_oauthcc_copy_drop(copy);

    if (copy->poll.timer_set) {
        ngx_del_timer(&copy->poll);
    }

    ngx_queue_remove(&copy->queue);
    ngx_rbtree_delete(&provider->copies, &copy->sn.node);
    provider->ncopies--;

    if (copy->pool) {
        ngx_destroy_pool(copy->pool);
    }

    ngx_free(copy);
}


/*
 * The endpoint, if it has variables, then names and values, each after its
 * length: no two sets of parameters read alike.
 */

static ngx_int_t
ngx_http_oauthcc_copy_key(ngx_http_request_t *r,
    ngx_http_oauthcc_provider_t *provider, ngx_array_t *parameters,
    ngx_str_t *key, ngx_str_t *name)
{
    size_t                         len;
    u_char                        *p;
    ngx_str_t                     *value, endpoint;
    ngx_uint_t                     i, n;
    ngx_http_oauthcc_parameter_t  *parameter;

    n = parameters ? parameters->nelts : 0;
    parameter = parameters ? parameters->elts : NULL;

    ngx_str_null(&endpoint);
    len = 0;

    if (provider->endpoint_value) {

        if (ngx_http_complex_value(r, provider->endpoint_value, &endpoint)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        if (!ngx_http_oauthcc_copy_valid(&endpoint)) {
            ngx_str_set(name, "token_endpoint");
            return NGX_DECLINED;
        }

        len += sizeof(uint16_t) + endpoint.len;
    }

    value = ngx_palloc(r->pool, (n + 1) * sizeof(ngx_str_t));
    if (value == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < n; i++) {

        if (ngx_http_complex_value(r, &parameter[i].value, &value[i])
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        if (!ngx_http_oauthcc_copy_valid(&value[i])) {
            *name = parameter[i].name;
            return NGX_DECLINED;
        }

        len += 2 * sizeof(uint16_t) + parameter[i].name.len + value[i].len;
    }

    p = ngx_pnalloc(r->pool, len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    key->data = p;
    key->len = len;

    if (provider->endpoint_value) {
        p = ngx_http_oauthcc_copy_field(p, &endpoint);
    }

    for (i = 0; i < n; i++) {
        p = ngx_http_oauthcc_copy_field(p, &parameter[i].name);
        p = ngx_http_oauthcc_copy_field(p, &value[i]);
    }

    return NGX_OK;
}


static u_char *
ngx_http_oauthcc_copy_field(u_char *p, ngx_str_t *text)
{
    uint16_t  n;

    n = (uint16_t) text->len;
    p = ngx_cpymem(p, &n, sizeof(uint16_t));

    return ngx_cpymem(p, text->data, n);
}


/* The field at p; returns what is behind it. */

static u_char *
ngx_http_oauthcc_copy_text(u_char *p, ngx_str_t *text)
{
    uint16_t  n;

    ngx_memcpy(&n, p, sizeof(uint16_t));

    text->len = n;
    text->data = p + sizeof(uint16_t);

    return text->data + n;
}


static ngx_http_oauthcc_copy_t *
ngx_http_oauthcc_copy_create(ngx_http_oauthcc_provider_t *provider,
    ngx_str_t *key, uint32_t hash, ngx_uint_t n)
{
    u_char                   *p;
    ngx_str_t                 endpoint;
    ngx_uint_t                i;
    ngx_http_oauthcc_copy_t  *copy;
    ngx_http_oauthcc_pair_t  *pair;

    ngx_http_oauthcc_copy_make_room(provider);

    copy = ngx_calloc(sizeof(ngx_http_oauthcc_copy_t)
                      + n * sizeof(ngx_http_oauthcc_pair_t) + key->len,
                      ngx_cycle->log);
    if (copy == NULL) {
        return NULL;
    }

    pair = (ngx_http_oauthcc_pair_t *) &copy[1];
    p = (u_char *) &pair[n];

    ngx_memcpy(p, key->data, key->len);

    copy->sn.node.key = hash;
    copy->sn.str.data = p;
    copy->sn.str.len = key->len;

    copy->provider = provider;
    copy->parameters = pair;
    copy->nparameters = n;

    if (provider->endpoint_value) {
        p = ngx_http_oauthcc_copy_text(p, &endpoint);
    }

    for (i = 0; i < n; i++) {
        p = ngx_http_oauthcc_copy_text(p, &pair[i].name);
        p = ngx_http_oauthcc_copy_text(p, &pair[i].value);
    }

    ngx_http_oauthcc_digest_variant(provider->copy.digest, key,
                                     copy->digest);

    ngx_http_oauthcc_waiter_init(copy);
    copy->poll.log = ngx_cycle->log;

    ngx_rbtree_insert(&provider->copies, &copy->sn.node);
    provider->ncopies++;

    return copy;
}


/* NGX_DECLINED: what the variables make is no token endpoint. */

static ngx_int_t
ngx_http_oauthcc_copy_endpoint(ngx_http_oauthcc_copy_t *copy, ngx_log_t *log)
{
    char                         *err;
    ngx_int_t                     rc;
    ngx_str_t                     url;
    ngx_http_oauthcc_provider_t  *provider, *other;

    provider = copy->provider;

    if (provider->endpoint_value == NULL) {
        return NGX_OK;
    }

    copy->pool = ngx_create_pool(1024, ngx_cycle->log);
    if (copy->pool == NULL) {
        return NGX_ERROR;
    }

    copy->endpoint = ngx_palloc(copy->pool,
                                sizeof(ngx_http_oauthcc_endpoint_t));
    if (copy->endpoint == NULL) {
        return NGX_ERROR;
    }

    (void) ngx_http_oauthcc_copy_text(copy->sn.str.data, &url);

    err = ngx_http_oauthcc_endpoint_parse(copy->pool, &url, copy->endpoint);

    if (err == NULL && copy->endpoint->https != provider->endpoint.https) {
        err = "has another scheme than \"token_endpoint\"";
    }

    if (err == NULL
        && !copy->endpoint->https
        && !copy->endpoint->loopback
        && !provider->allow_http)
    {
        err = "would send the secret in clear text";
    }

    if (err) {
        ngx_log_error(NGX_LOG_ERR, log, 0, "token endpoint \"%V\" %s", &url,
                      err);
        return NGX_DECLINED;
    }

    other = ngx_http_oauthcc_isolation_other(provider, copy->endpoint);

    if (other) {
        ngx_log_error(NGX_LOG_ERR, log, 0,
                      "token endpoint \"%V\" is an upstream whose connections "
                      "oauthcc_provider \"%V\" might share, and one of both "
                      "has a certificate: give each an upstream of its own, "
                      "without variables, oauthcc provider: \"%V\"", &url,
                      &other->name, &provider->name);
        return NGX_DECLINED;
    }

    rc = ngx_http_oauthcc_endpoint_target(copy->pool, provider->ctx,
                                          copy->endpoint, &copy->url);
    if (rc == NGX_DECLINED) {
        ngx_log_error(NGX_LOG_ERR, log, 0,
                      "token endpoint \"%V\" needs a \"resolver\"", &url);
    }

    return rc;
}


static void
ngx_http_oauthcc_copy_make_room(ngx_http_oauthcc_provider_t *provider)
{
    ngx_queue_t  *q, *prev;

    for (q = ngx_queue_last(&provider->recent);
         q != ngx_queue_sentinel(&provider->recent)
         && provider->ncopies >= NGX_HTTP_OAUTHCC_COPY_MAX;
         q = prev)
    {
        prev = ngx_queue_prev(q);

        ngx_http_oauthcc_copy_free(ngx_queue_data(q, ngx_http_oauthcc_copy_t,
                                                  queue));
    }
}


static ngx_uint_t
ngx_http_oauthcc_copy_valid(ngx_str_t *value)
{
    ngx_uint_t  i;

    if (value->len > NGX_HTTP_OAUTHCC_COPY_MAX_VALUE) {
        return 0;
    }

    for (i = 0; i < value->len; i++) {

        if (value->data[i] < ' ' || value->data[i] == 0x7f) {
            return 0;
        }
    }

    return 1;
}
