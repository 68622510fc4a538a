
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "token/oauthcc_local.h"
#include "core/oauthcc_redact_url.h"
#include "cache/oauthcc_credential.h"
#include "http/oauthcc_url.h"
#include "token/oauthcc_cache_key.h"
#include "token/oauthcc_local_key.h"
#include "token/oauthcc_login_basic.h"
#include "http/oauthcc_connection_isolation.h"
#include "token/oauthcc_waiter.h"
#include "token/oauthcc_login_queue.h"


/*
 * local entries of a provider in a worker; the least recently used is evicted,
 * and sooner if it has no token any more
 */
#define OAUTHCC_LOCAL_MAX        16384

/* of a login for a caller's token that does not say when it ends, in ms */
#define OAUTHCC_LOCAL_SUBJECT    (5 * 60 * 1000)


static ngx_int_t oauthcc_local_subject(ngx_http_request_t *r,
    oauthcc_caller_t *caller, ngx_uint_t *ends, oauthcc_time_t *until);
static ngx_int_t oauthcc_local_endpoint(oauthcc_local_t *local,
    ngx_log_t *log);
static oauthcc_local_t *oauthcc_local_create(oauthcc_provider_t *provider,
    ngx_str_t *key, uint32_t hash, ngx_uint_t n);
static void oauthcc_local_make_room(oauthcc_provider_t *provider);
static ngx_uint_t oauthcc_local_useful(oauthcc_local_t *local);
static void oauthcc_local_free(oauthcc_local_t *local);


void
oauthcc_local_init(oauthcc_provider_t *provider)
{
    ngx_rbtree_init(&provider->runtime.locals, &provider->runtime.sentinel,
                    ngx_str_rbtree_insert_value);
    ngx_queue_init(&provider->runtime.recent);

    provider->runtime.local->provider = provider;

    oauthcc_waiter_init(provider->runtime.local);
    oauthcc_login_queue_init(provider);
}


ngx_int_t
oauthcc_local_get(ngx_http_request_t *r, oauthcc_provider_t *provider,
    ngx_array_t *parameters, oauthcc_caller_t **caller,
    oauthcc_local_t **local, ngx_str_t *name)
{
    uint32_t          hash;
    ngx_int_t         rc;
    ngx_str_t         key;
    ngx_uint_t        ends;
    oauthcc_time_t    until;
    oauthcc_local_t  *found;

    rc = oauthcc_local_key_make(r, provider, parameters, caller, &key, name);

    if (rc != NGX_OK) {
        return rc;
    }

    hash = ngx_murmur_hash2(key.data, key.len);

    found = (oauthcc_local_t *)
                ngx_str_rbtree_lookup(&provider->runtime.locals, &key, hash);

    if (found) {
        ngx_queue_remove(&found->queue);

    } else {
        rc = oauthcc_local_subject(r, *caller, &ends, &until);

        if (rc != NGX_OK) {
            return rc;
        }

        found = oauthcc_local_create(provider, &key, hash,
                                     parameters ? parameters->nelts
                                                        : 0);
        if (found == NULL) {
            return NGX_ERROR;
        }

        found->ends = ends;
        found->until = until;

        if (*caller && (*caller)->token.len) {
            ngx_memcpy(&found->subject, (*caller)->digest, sizeof(uint32_t));
            found->subject |= 1;
        }

        rc = oauthcc_local_endpoint(found, r->connection->log);

        if (rc != NGX_OK) {
            ngx_queue_insert_head(&provider->runtime.recent, &found->queue);
            oauthcc_local_free(found);

            ngx_str_set(name, "token_endpoint");
            return rc;
        }
    }

    ngx_queue_insert_head(&provider->runtime.recent, &found->queue);

    oauthcc_local_hold(found);
    *local = found;

    return NGX_OK;
}


oauthcc_time_t
oauthcc_local_last(oauthcc_local_t *local, oauthcc_time_t requested)
{
    ngx_msec_t      life;
    oauthcc_time_t  last;

    life = local->provider->grant.subject_token_lifetime;

    if (local->ends && life == NGX_CONF_UNSET_MSEC) {
        return local->until;
    }

    last = requested + (life == NGX_CONF_UNSET_MSEC ? OAUTHCC_LOCAL_SUBJECT
                                                    : life);

    return (local->ends && !oauthcc_lifetime_reached(local->until, last))
           ? local->until : last;
}


void
oauthcc_local_query(oauthcc_local_t *local, oauthcc_cache_query_t *query)
{
    oauthcc_provider_t  *provider;

    provider = local->provider;

    ngx_memzero(query, sizeof(oauthcc_cache_query_t));

    query->lease = provider->limits.timeout + OAUTHCC_CACHE_LEASE;
    query->content = provider->runtime.content;
    query->max_logins = oauthcc_login_basic_pending(provider)
                        ? 1 : provider->limits.max_logins;

    /* what is bound to a key of the zone is lost with it */

    query->copy = (provider->dpop.on && provider->dpop.key == NULL)
                  ? NULL : local->credential;
    query->version = local->version;
    query->generation = local->generation;

    query->origin.client = provider->runtime.local->digest;
    query->origin.stats = provider->runtime.stats;
    query->origin.parameters = local->parameters;
    query->origin.nparameters = local->nparameters;
}


void
oauthcc_local_free_all(oauthcc_provider_t *provider)
{
    ngx_queue_t  *q, *next;

    oauthcc_local_drop(provider->runtime.local);

    for (q = ngx_queue_head(&provider->runtime.recent);
         q != ngx_queue_sentinel(&provider->runtime.recent);
         q = next)
    {
        next = ngx_queue_next(q);

        oauthcc_local_free(ngx_queue_data(q, oauthcc_local_t, queue));
    }
}


void
oauthcc_local_doubt_all(oauthcc_provider_t *provider)
{
    ngx_queue_t      *q;
    oauthcc_local_t  *local;

    provider->runtime.local->attention = ngx_current_msec;

    for (q = ngx_queue_head(&provider->runtime.recent);
         q != ngx_queue_sentinel(&provider->runtime.recent);
         q = ngx_queue_next(q))
    {
        local = ngx_queue_data(q, oauthcc_local_t, queue);

        local->attention = ngx_current_msec;
    }
}


void
oauthcc_local_drop(oauthcc_local_t *local)
{
    if (local->credential) {
        oauthcc_credential_release(local->credential);
        local->credential = NULL;
    }
}


/*
 * Frees a local entry if it has no references and its counts are in the zone;
 * never the provider's own.
 */

static void
oauthcc_local_free(oauthcc_local_t *local)
{
    oauthcc_provider_t  *provider;

    provider = local->provider;

    if (local == provider->runtime.local || local->refs
        || local->stats.queued) {
        return;
    }

    oauthcc_local_drop(local);

    oauthcc_login_queue_remove(local);

    ngx_queue_remove(&local->queue);
    ngx_rbtree_delete(&provider->runtime.locals, &local->sn.node);
    provider->runtime.nlocals--;

    if (local->pool) {
        ngx_destroy_pool(local->pool);
    }

    ngx_free(local);
}


/* A token that was not seen before; until: as of an entry. */

static ngx_int_t
oauthcc_local_subject(ngx_http_request_t *r, oauthcc_caller_t *caller,
    ngx_uint_t *ends, oauthcc_time_t *until)
{
    ngx_int_t   rc;
    ngx_msec_t  life;

    *ends = 0;
    *until = 0;

    if (caller == NULL || caller->token.len == 0) {
        return NGX_OK;
    }

    if (!oauthcc_caller_valid(&caller->token)) {
        return NGX_ABORT;
    }

    rc = oauthcc_caller_life(r->pool, &caller->token, &life);

    if (rc == NGX_OK) {

        if (life == 0) {
            return NGX_ABORT;
        }

        *ends = 1;
        *until = oauthcc_clock_msec() + life;
    }

    return (rc == NGX_ERROR) ? NGX_ERROR : NGX_OK;
}


static oauthcc_local_t *
oauthcc_local_create(oauthcc_provider_t *provider, ngx_str_t *key,
    uint32_t hash, ngx_uint_t n)
{
    u_char           *p;
    oauthcc_local_t  *local;
    oauthcc_pair_t   *pair;

    oauthcc_local_make_room(provider);

    local = ngx_calloc(sizeof(oauthcc_local_t)
                       + n * sizeof(oauthcc_pair_t) + key->len,
                       ngx_cycle->log);
    if (local == NULL) {
        return NULL;
    }

    pair = (oauthcc_pair_t *) &local[1];
    p = (u_char *) &pair[n];

    ngx_memcpy(p, key->data, key->len);

    local->sn.node.key = hash;
    local->sn.str.data = p;
    local->sn.str.len = key->len;

    local->provider = provider;
    local->parameters = pair;
    local->nparameters = n;

    local->nlarge = oauthcc_local_key_read(provider, &local->sn.str, pair, n);

    if (oauthcc_cache_key_variant(provider, key, local->digest) != NGX_OK) {
        ngx_free(local);
        return NULL;
    }

    oauthcc_waiter_init(local);

    ngx_rbtree_insert(&provider->runtime.locals, &local->sn.node);
    provider->runtime.nlocals++;

    return local;
}


/* NGX_DECLINED: the value of the variables is not a valid token endpoint. */

static ngx_int_t
oauthcc_local_endpoint(oauthcc_local_t *local, ngx_log_t *log)
{
    char                *err;
    ngx_int_t            rc;
    ngx_str_t            url;
    oauthcc_provider_t  *provider, *other;

    provider = local->provider;

    if (provider->endpoint.value == NULL) {
        return NGX_OK;
    }

    local->pool = ngx_create_pool(1024, ngx_cycle->log);
    if (local->pool == NULL) {
        return NGX_ERROR;
    }

    local->endpoint = ngx_palloc(local->pool, sizeof(oauthcc_url_t));
    if (local->endpoint == NULL) {
        return NGX_ERROR;
    }

    oauthcc_local_key_url(provider, &local->sn.str, &url);

    err = oauthcc_url_parse(local->pool, &url, local->endpoint);

    if (err == NULL
        && local->endpoint->https != provider->endpoint.url->https) {
        err = "has another scheme than \"token_endpoint\"";
    }

    if (err == NULL) {
        err = oauthcc_url_refused(provider, local->endpoint);
    }

    if (err) {
        ngx_log_error(NGX_LOG_ERR, log, 0, "token endpoint \"%V\" %s",
                      oauthcc_redact_url(local->pool, &url), err);
        return NGX_DECLINED;
    }

    other = oauthcc_connection_isolation_other(provider, local->endpoint);

    if (other) {
        ngx_log_error(NGX_LOG_ERR, log, 0,
                      "token endpoint \"%V\" is an upstream whose connections "
                      "oauthcc_provider \"%V\" might share, and one of both "
                      "has a certificate: give each an upstream of its own, "
                      "without variables, oauthcc provider: \"%V\"",
                      oauthcc_redact_url(local->pool, &url),
                      &other->name, &provider->name);
        return NGX_DECLINED;
    }

    rc = oauthcc_url_target(local->pool, provider, local->endpoint,
                            &local->url);
    if (rc == NGX_DECLINED) {
        ngx_log_error(NGX_LOG_ERR, log, 0,
                      "token endpoint \"%V\" needs a \"resolver\"",
                      oauthcc_redact_url(local->pool, &url));
    }

    return rc;
}


/*
 * Two make room for one that comes, while they are of no use any more; as many
 * as it takes when there are too many.
 */

static void
oauthcc_local_make_room(oauthcc_provider_t *provider)
{
    ngx_uint_t        n;
    ngx_queue_t      *q, *prev;
    oauthcc_local_t  *local;

    n = 0;

    for (q = ngx_queue_last(&provider->runtime.recent);
         q != ngx_queue_sentinel(&provider->runtime.recent);
         q = prev)
    {
        prev = ngx_queue_prev(q);
        local = ngx_queue_data(q, oauthcc_local_t, queue);

        if (provider->runtime.nlocals < OAUTHCC_LOCAL_MAX
            && (n++ == 2 || oauthcc_local_useful(local)))
        {
            return;
        }

        oauthcc_local_free(local);
    }
}


static ngx_uint_t
oauthcc_local_useful(oauthcc_local_t *local)
{
    return local->refs
           || (local->credential
               && !oauthcc_lifetime_reached(oauthcc_clock_msec(),
                                            local->credential->expires));
}
