
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "ngx_http_oauthcc_copy.h"
#include "ngx_http_oauthcc_credential.h"
#include "ngx_http_oauthcc_request.h"
#include "ngx_http_oauthcc_waiter.h"


/* of a provider in a worker; those that were idle for the longest time go */
#define NGX_HTTP_OAUTHCC_COPY_MAX        16384

/* of a value that a request sets, in bytes */
#define NGX_HTTP_OAUTHCC_COPY_MAX_VALUE  1024


static ngx_int_t ngx_http_oauthcc_copy_key(ngx_http_request_t *r,
    ngx_array_t *parameters, ngx_str_t *key, ngx_str_t *name);
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

    if (parameters == NULL) {
        *copy = &provider->copy;
        ngx_http_oauthcc_copy_hold(*copy);

        return NGX_OK;
    }

    rc = ngx_http_oauthcc_copy_key(r, parameters, &key, name);

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
                                             parameters->nelts);
        if (found == NULL) {
            return NGX_ERROR;
        }
    }

    ngx_queue_insert_head(&provider->recent, &found->queue);

    ngx_http_oauthcc_copy_hold(found);
    *copy = found;

    return NGX_OK;
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

    if (copy == &provider->copy || copy->refs) {
        return;
    }

    ngx_http_oauthcc_copy_drop(copy);

    if (copy->poll.timer_set) {
        ngx_del_timer(&copy->poll);
    }

    ngx_queue_remove(&copy->queue);
    ngx_rbtree_delete(&provider->copies, &copy->sn.node);
    provider->ncopies--;

    ngx_free(copy);
}


/*
 * Names and values, each after its length: no two sets of parameters read
 * alike.
 */

static ngx_int_t
ngx_http_oauthcc_copy_key(ngx_http_request_t *r, ngx_array_t *parameters,
    ngx_str_t *key, ngx_str_t *name)
{
    size_t                         len;
    u_char                        *p;
    uint16_t                       n;
    ngx_str_t                     *value;
    ngx_uint_t                     i;
    ngx_http_oauthcc_parameter_t  *parameter;

    parameter = parameters->elts;

    value = ngx_palloc(r->pool, parameters->nelts * sizeof(ngx_str_t));
    if (value == NULL) {
        return NGX_ERROR;
    }

    len = 0;

    for (i = 0; i < parameters->nelts; i++) {

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

    for (i = 0; i < parameters->nelts; i++) {
        n = (uint16_t) parameter[i].name.len;
        p = ngx_cpymem(p, &n, sizeof(uint16_t));
        p = ngx_cpymem(p, parameter[i].name.data, n);

        n = (uint16_t) value[i].len;
        p = ngx_cpymem(p, &n, sizeof(uint16_t));
        p = ngx_cpymem(p, value[i].data, n);
    }

    return NGX_OK;
}


static ngx_http_oauthcc_copy_t *
ngx_http_oauthcc_copy_create(ngx_http_oauthcc_provider_t *provider,
    ngx_str_t *key, uint32_t hash, ngx_uint_t n)
{
    u_char                   *p;
    uint16_t                  len;
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

    for (i = 0; i < n; i++) {
        ngx_memcpy(&len, p, sizeof(uint16_t));
        p += sizeof(uint16_t);

        pair[i].name.len = len;
        pair[i].name.data = p;
        p += len;

        ngx_memcpy(&len, p, sizeof(uint16_t));
        p += sizeof(uint16_t);

        pair[i].value.len = len;
        pair[i].value.data = p;
        p += len;
    }

    ngx_http_oauthcc_request_variant(provider->copy.digest, key,
                                     copy->digest);

    ngx_http_oauthcc_waiter_init(copy);
    copy->poll.log = ngx_cycle->log;

    ngx_rbtree_insert(&provider->copies, &copy->sn.node);
    provider->ncopies++;

    return copy;
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
