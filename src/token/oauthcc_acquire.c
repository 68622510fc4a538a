
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "token/oauthcc_acquire.h"
#include "cache/oauthcc_cache.h"
#include "core/oauthcc_lifetime.h"
#include "token/oauthcc_local.h"
#include "cache/oauthcc_credential.h"
#include "token/oauthcc_per_request.h"
#include "cache/oauthcc_invalidate.h"
#include "token/oauthcc_login.h"
#include "token/oauthcc_login_message.h"
#include "token/oauthcc_rotation.h"
#include "token/oauthcc_waiter.h"
#include "core/oauthcc_notify.h"
#include "token/oauthcc_refresh_request.h"


/* in milliseconds: how often a worker looks whether things have changed */
#define OAUTHCC_ACQUIRE_LOOK   1000


static ngx_int_t oauthcc_acquire_found(oauthcc_local_t *local,
    oauthcc_acquire_t *acquire, oauthcc_cache_result_t *result);
static ngx_int_t oauthcc_acquire_wait(oauthcc_local_t *local,
    oauthcc_acquire_t *acquire, ngx_pool_t *pool,
    oauthcc_cache_result_t *result, oauthcc_resume_pt resume, void *data);
static void oauthcc_acquire_keep(oauthcc_local_t *local,
    oauthcc_cache_result_t *result);
static void oauthcc_acquire_renew(oauthcc_local_t *local,
    oauthcc_cache_result_t *result);
static ngx_int_t oauthcc_acquire_decline(oauthcc_acquire_t *acquire,
    ngx_pool_t *pool, oauthcc_failure_t *failure, ngx_msec_t retry_after);
static void oauthcc_acquire_failure(oauthcc_failure_t *failure,
    ngx_uint_t status, char *text);
static void oauthcc_acquire_warm(ngx_event_t *ev);
static void oauthcc_acquire_changed(void);
static ngx_uint_t oauthcc_acquire_look(oauthcc_local_t *local);


/*
 * the worker's: the providers whose local entries the wake-up has to look at
 */

static ngx_array_t  *oauthcc_acquire_providers;


ngx_int_t
oauthcc_acquire_start(ngx_cycle_t *cycle, ngx_array_t *providers)
{
    ngx_uint_t            i;
    oauthcc_local_t      *local;
    oauthcc_provider_t  **provider;

    oauthcc_acquire_providers = providers;

    provider = providers->elts;

    for (i = 0; i < providers->nelts; i++) {
        local = provider[i]->runtime.local;

        local->poll.log = cycle->log;
        local->warm.log = cycle->log;

        if (provider[i]->lifetime.keep_warm) {
            ngx_add_timer(&local->warm, 1);
        }
    }

    return oauthcc_notify_listen(cycle, oauthcc_acquire_changed);
}


void
oauthcc_acquire_stop(ngx_array_t *providers)
{
    ngx_uint_t            i;
    oauthcc_provider_t  **provider;

    provider = providers->elts;

    for (i = 0; i < providers->nelts; i++) {
        oauthcc_local_free_all(provider[i]);
        oauthcc_login_free(provider[i]);
    }
}


void
oauthcc_acquire_init(oauthcc_provider_t *provider)
{
    oauthcc_local_t  *local;

    oauthcc_local_init(provider);
    oauthcc_rotation_init(provider);

    local = provider->runtime.local;

    local->warm.handler = oauthcc_acquire_warm;
    local->warm.data = local;
    local->warm.cancelable = 1;
}


ngx_int_t
oauthcc_acquire_get(oauthcc_local_t *local, oauthcc_acquire_t *acquire,
    ngx_pool_t *pool, oauthcc_resume_pt resume, void *data)
{
    ngx_int_t               rc;
    ngx_uint_t              full;
    oauthcc_failure_t       failure;
    oauthcc_cache_query_t   query;
    oauthcc_cache_result_t  result;
    oauthcc_provider_t     *provider;

    provider = local->provider;

    if (oauthcc_acquire_present(local)
        && local->credential->serial != acquire->refused)
    {
        if (acquire->status == OAUTHCC_CACHE_STATUS_NONE) {
            acquire->status = OAUTHCC_CACHE_STATUS_HIT;
        }

        oauthcc_waiter_leave(acquire);

        acquire->credential = local->credential;
        acquire->credential->refs++;

        return NGX_OK;
    }

    oauthcc_local_query(local, &query);

    query.refused = acquire->refused;
    query.waited = acquire->awaited;

    if (acquire->waiter) {

        if (acquire->waiter->timed_out) {
            oauthcc_acquire_failure(&failure, NGX_HTTP_GATEWAY_TIME_OUT,
                                    "wait timed out");
            return oauthcc_acquire_decline(acquire, pool, &failure, 0);
        }

        query.waited = acquire->waiter->lease;
    }

    for ( ;; ) {

        result.told = 0;

        if (provider->document.per_request) {
            rc = oauthcc_per_request_get(local, acquire, pool, resume, data,
                                         &query, &result);
            if (rc != NGX_DECLINED) {
                return rc;
            }

        } else {
            query.known = local->credential ? local->credential->serial : 0;

            oauthcc_cache_acquire(provider->runtime.cache, local->digest,
                                  &query, &result);
        }

        if (result.told) {
            oauthcc_login_message_backoff(local, result.told,
                                          &result.failure);
        }

        switch (result.state) {

        case OAUTHCC_CACHE_HIT:
            return oauthcc_acquire_found(local, acquire, &result);

        case OAUTHCC_CACHE_LEAD:
            acquire->status = OAUTHCC_CACHE_STATUS_MISS;
            query.waited = result.lease;

            /* it may have ended by the time it is started: look again */

            oauthcc_login_start(local, result.lease);
            continue;

        case OAUTHCC_CACHE_WAIT:
            return oauthcc_acquire_wait(local, acquire, pool, &result,
                                        resume, data);

        case OAUTHCC_CACHE_FAILED:

            /* the zone had no room for the token */

            full = (result.failure.status == NGX_HTTP_SERVICE_UNAVAILABLE);

            return oauthcc_acquire_decline(acquire, pool, &result.failure,
                                           full ? 1000 : 0);

        case OAUTHCC_CACHE_BACKOFF:
            acquire->slow = (result.failure.status
                             == NGX_HTTP_GATEWAY_TIME_OUT);
            oauthcc_rotation_watch(provider, result.retry_after);

            result.failure.status = NGX_HTTP_SERVICE_UNAVAILABLE;
            return oauthcc_acquire_decline(acquire, pool, &result.failure,
                                           ngx_max(result.retry_after, 1));

        case OAUTHCC_CACHE_FULL:
            ngx_log_error(NGX_LOG_ERR, pool->log, 0,
                          "oauthcc zone \"%V\" has no room for another "
                          "entry, or too many are new: increase "
                          "\"oauthcc_zone\", oauthcc provider: \"%V\"",
                          &provider->runtime.cache->name, &provider->name);

            oauthcc_acquire_failure(&failure, NGX_HTTP_SERVICE_UNAVAILABLE,
                                    "zone is full");
            return oauthcc_acquire_decline(acquire, pool, &failure, 1000);

        default: /* OAUTHCC_CACHE_ERROR */
            return NGX_ERROR;
        }
    }
}


void
oauthcc_acquire_leave(oauthcc_acquire_t *acquire)
{
    oauthcc_per_request_leave(acquire);
    oauthcc_waiter_leave(acquire);
}


void
oauthcc_acquire_end(oauthcc_acquire_t *acquire)
{
    if (acquire->credential) {
        oauthcc_credential_release(acquire->credential);
        acquire->credential = NULL;
    }
}


ngx_int_t
oauthcc_acquire_refuse(oauthcc_local_t *local, oauthcc_acquire_t *acquire,
    uint32_t location)
{
    oauthcc_cache_query_t   query;
    oauthcc_cache_result_t  result;

    oauthcc_local_query(local, &query);

    query.refused = acquire->credential->serial;

    oauthcc_invalidate_refuse(local->provider->runtime.cache, local->digest,
                              &query,
                             location, local->provider->limits.replay_interval,
                              &result);

    if (result.state == OAUTHCC_CACHE_BACKOFF) {
        return NGX_DECLINED;
    }

    acquire->refused = acquire->credential->serial;
    acquire->awaited = result.waited;

    if (result.state == OAUTHCC_CACHE_LEAD) {
        oauthcc_login_start(local, result.lease);
    }

    return NGX_OK;
}


void
oauthcc_acquire_taken(oauthcc_local_t *local, oauthcc_acquire_t *acquire)
{
    ngx_msec_t             wait;
    ngx_uint_t             healed;
    oauthcc_credential_t  *credential;

    credential = acquire->credential;

    healed = (acquire->refused && acquire->refused != credential->serial);

    if (!healed
        && !oauthcc_lifetime_reached(ngx_current_msec,
                                     credential->note))
    {
        return;
    }

    wait =
        oauthcc_invalidate_taken(local->provider->runtime.cache, local->digest,
                                    credential->serial, healed);

    credential->watched = (wait != 0);
    credential->note = ngx_current_msec + wait;
}


static ngx_int_t
oauthcc_acquire_found(oauthcc_local_t *local, oauthcc_acquire_t *acquire,
    oauthcc_cache_result_t *result)
{
    oauthcc_acquire_keep(local, result);

    acquire->credential = local->credential;
    acquire->credential->refs++;

    oauthcc_waiter_leave(acquire);

    if (result->lease) {

        if (acquire->status == OAUTHCC_CACHE_STATUS_NONE) {
            acquire->status = OAUTHCC_CACHE_STATUS_REFRESH;
        }

        oauthcc_login_start(local, result->lease);

    } else if (acquire->status == OAUTHCC_CACHE_STATUS_NONE) {
        acquire->status = OAUTHCC_CACHE_STATUS_HIT;
    }

    return NGX_OK;
}


/* Takes a hit over into the local entry. */

static void
oauthcc_acquire_keep(oauthcc_local_t *local, oauthcc_cache_result_t *result)
{
    if (result->credential) {
        oauthcc_local_drop(local);
        local->credential = result->credential;
    }

    oauthcc_acquire_renew(local, result);

    local->attention = result->attention;
}


static ngx_int_t
oauthcc_acquire_wait(oauthcc_local_t *local, oauthcc_acquire_t *acquire,
    ngx_pool_t *pool, oauthcc_cache_result_t *result, oauthcc_resume_pt resume,
    void *data)
{
    oauthcc_failure_t  failure;

    if (acquire->waiter == NULL) {

        if (oauthcc_waiter_full(local->provider)) {
            ngx_log_error(NGX_LOG_WARN, pool->log, 0,
                          "%ui requests wait for a login already, see "
                          "\"max_waiters\", oauthcc provider: \"%V\"",
                     local->provider->runtime.waiting, &local->provider->name);

            oauthcc_acquire_failure(&failure, NGX_HTTP_SERVICE_UNAVAILABLE,
                                    "too many waiters");
            return oauthcc_acquire_decline(acquire, pool, &failure, 1000);
        }

        if (oauthcc_waiter_create(local, acquire, pool, resume, data)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        if (acquire->status == OAUTHCC_CACHE_STATUS_NONE) {
            acquire->status = OAUTHCC_CACHE_STATUS_WAIT;
        }
    }

    if (local->generation != result->generation) {
        oauthcc_local_drop(local);
    }

    oauthcc_acquire_renew(local, result);

    local->wants_slot = (result->waited == 0);

    oauthcc_waiter_join(acquire->waiter, result->waited);

    return NGX_AGAIN;
}


/*
 * The local entry is of another generation now: those who wait for a change of
 * the old one are told here, the wake-up will find nothing new.
 */

static void
oauthcc_acquire_renew(oauthcc_local_t *local, oauthcc_cache_result_t *result)
{
    if (local->version == result->version
        && local->generation == result->generation)
    {
        return;
    }

    local->version = result->version;
    local->generation = result->generation;

    oauthcc_waiter_wake(local);
}


static ngx_int_t
oauthcc_acquire_decline(oauthcc_acquire_t *acquire, ngx_pool_t *pool,
    oauthcc_failure_t *failure, ngx_msec_t retry_after)
{
    oauthcc_per_request_leave(acquire);
    oauthcc_waiter_leave(acquire);

    acquire->status = OAUTHCC_CACHE_STATUS_ERROR;
    acquire->retry_after = retry_after;

    acquire->failure = ngx_palloc(pool, sizeof(oauthcc_failure_t));
    if (acquire->failure == NULL) {
        return NGX_ERROR;
    }

    *acquire->failure = *failure;

    return NGX_DECLINED;
}


static void
oauthcc_acquire_failure(oauthcc_failure_t *failure, ngx_uint_t status,
    char *text)
{
    failure->status = status;
    failure->len = ngx_min(ngx_strlen(text), OAUTHCC_ERROR_LEN);
    ngx_memcpy(failure->text, text, failure->len);
}


/*
 * "keep_warm": a request of nobody's, in every worker, each time that a local
 * entry wants attention.  The lease decides who logs in.
 */

static void
oauthcc_acquire_warm(ngx_event_t *ev)
{
    ngx_msec_t        wait;
    oauthcc_local_t  *local;

    if (ngx_exiting || ngx_terminate) {
        return;
    }

    local = ev->data;
    wait = oauthcc_acquire_attend(local);

    /* not at once, whatever the clock does */

    ngx_add_timer(ev, (ngx_msec_int_t) wait > 0 ? wait : 1);
}


ngx_msec_t
oauthcc_acquire_attend(oauthcc_local_t *local)
{
    ngx_msec_t              wait;
    oauthcc_provider_t     *provider;
    oauthcc_cache_query_t   query;
    oauthcc_cache_result_t  result;

    provider = local->provider;

    oauthcc_local_query(local, &query);

    query.known = local->credential ? local->credential->serial : 0;

    oauthcc_cache_acquire(provider->runtime.cache, local->digest, &query,
                          &result);

    if (result.told) {
        oauthcc_login_message_backoff(local, result.told, &result.failure);
    }

    wait = OAUTHCC_ACQUIRE_LOOK;

    if (result.state == OAUTHCC_CACHE_HIT) {
        oauthcc_acquire_keep(local, &result);

        wait = local->attention - ngx_current_msec;

    } else if (result.state == OAUTHCC_CACHE_BACKOFF) {
        oauthcc_rotation_watch(provider, result.retry_after);

        wait = ngx_min(result.retry_after, wait);
    }

    if (result.lease) {
        oauthcc_login_start(local, result.lease);
    }

    return wait;
}


/* Something in the zone is not as it was: the wake-up of all workers. */

static void
oauthcc_acquire_changed(void)
{
    ngx_uint_t            i;
    ngx_queue_t          *q, *next;
    oauthcc_local_t      *local;
    oauthcc_provider_t  **provider;

    provider = oauthcc_acquire_providers->elts;

    oauthcc_refresh_request_grant(oauthcc_acquire_providers);

    for (i = 0; i < oauthcc_acquire_providers->nelts; i++) {

        oauthcc_acquire_look(provider[i]->runtime.local);

        for (q = ngx_queue_head(&provider[i]->runtime.recent);
             q != ngx_queue_sentinel(&provider[i]->runtime.recent);
             q = next)
        {
            next = ngx_queue_next(q);
            local = ngx_queue_data(q, oauthcc_local_t, queue);

            if (oauthcc_acquire_look(local)) {
                oauthcc_local_free(local);
            }
        }
    }
}


/* Returns 1 if the entry is not as the local entry has it. */

static ngx_uint_t
oauthcc_acquire_look(oauthcc_local_t *local)
{
    if (local->version == NULL
        || oauthcc_version_load(local->version) == local->generation)
    {
        /* a login of another entry has ended: there may be room for one */

        if (local->wants_slot) {
            local->wants_slot = 0;
            oauthcc_waiter_wake(local);
        }

        return 0;
    }

    oauthcc_local_drop(local);
    oauthcc_waiter_wake(local);

    return 1;
}
