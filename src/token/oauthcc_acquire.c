
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_clock.h"
#include "token/oauthcc_acquire.h"
#include "cache/oauthcc_cache.h"
#include "core/oauthcc_lifetime.h"
#include "token/oauthcc_caller_limit.h"
#include "token/oauthcc_local.h"
#include "cache/oauthcc_credential.h"
#include "token/oauthcc_per_request.h"
#include "cache/oauthcc_invalidate.h"
#include "token/oauthcc_login.h"
#include "token/oauthcc_login_message.h"
#include "token/oauthcc_rotation.h"
#include "token/oauthcc_waiter.h"
#include "token/oauthcc_login_queue.h"
#include "core/oauthcc_notify.h"


/* Retry-After where there is no room for a request, milliseconds */
#define OAUTHCC_ACQUIRE_LATER  1000


/* that a caller's token was refused is worth saying until it is tried again */

#define oauthcc_acquire_denied(failure)                                       \
    ((failure)->status == NGX_HTTP_UNAUTHORIZED                               \
     || (failure)->status == NGX_HTTP_FORBIDDEN)


static ngx_int_t oauthcc_acquire_found(oauthcc_local_t *local,
    oauthcc_acquire_t *acquire, oauthcc_cache_result_t *result);
static ngx_int_t oauthcc_acquire_wait(oauthcc_local_t *local,
    oauthcc_acquire_t *acquire, ngx_pool_t *pool,
    oauthcc_cache_result_t *result, oauthcc_resume_pt resume, void *data);
static void oauthcc_acquire_keep(oauthcc_local_t *local,
    oauthcc_cache_result_t *result);
static void oauthcc_acquire_renew(oauthcc_local_t *local,
    oauthcc_cache_result_t *result);
static void oauthcc_acquire_ask(oauthcc_local_t *local,
    oauthcc_cache_query_t *query, oauthcc_cache_result_t *result);
static void oauthcc_acquire_began(oauthcc_local_t *local,
    oauthcc_cache_result_t *result);
static ngx_int_t oauthcc_acquire_backoff(oauthcc_local_t *local,
    oauthcc_acquire_t *acquire, ngx_pool_t *pool,
    oauthcc_cache_result_t *result);
static ngx_int_t oauthcc_acquire_decline(oauthcc_acquire_t *acquire,
    ngx_pool_t *pool, oauthcc_failure_t *failure, ngx_msec_t retry_after);
static void oauthcc_acquire_failure(oauthcc_failure_t *failure,
    ngx_uint_t status, char *text);


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
    query.per_request = provider->document.per_request;
    query.timeout = provider->limits.wait_timeout;

    oauthcc_login_queue_ask(provider, &query.turn);

    query.turn.since = oauthcc_clock_msec();

    if (acquire->waiter) {
        query.turn.since = local->queued ? local->since
                                         : acquire->waiter->since;
        query.turn.first = (provider->runtime.asking == acquire->waiter);

        if (acquire->waiter->timed_out) {
            oauthcc_acquire_failure(&failure, NGX_HTTP_GATEWAY_TIME_OUT,
                                    "wait timed out");
            return oauthcc_acquire_decline(acquire, pool, &failure, 0);
        }

        query.waited = acquire->waiter->lease;
    }

    for ( ;; ) {

        result.told = 0;
        result.retry_after = 0;

        if (provider->document.per_request) {
            rc = oauthcc_per_request_get(local, acquire, pool, resume, data,
                                         &query, &result);
            if (rc != NGX_DECLINED) {
                return rc;
            }

        } else {
            query.known = local->credential ? local->credential->serial : 0;

            oauthcc_acquire_ask(local, &query, &result);
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

            oauthcc_acquire_began(local, &result);

            /* the login may end before this returns: ask again */

            oauthcc_login_start(local, acquire->caller, result.lease);
            continue;

        case OAUTHCC_CACHE_WAIT:
            return oauthcc_acquire_wait(local, acquire, pool, &result,
                                        resume, data);

        case OAUTHCC_CACHE_FAILED:

            /* the zone had no room for the token */

            full = (result.failure.status == NGX_HTTP_SERVICE_UNAVAILABLE);

            return oauthcc_acquire_decline(acquire, pool, &result.failure,
                                           full ? OAUTHCC_ACQUIRE_LATER : 0);

        case OAUTHCC_CACHE_BACKOFF:
            return oauthcc_acquire_backoff(local, acquire, pool, &result);

        case OAUTHCC_CACHE_FULL:
            ngx_log_error(NGX_LOG_ERR, pool->log, 0,
                          "oauthcc zone \"%V\" has no room for another "
                          "entry, increase \"oauthcc_zone\", "
                          "oauthcc provider: \"%V\"",
                          &provider->runtime.cache->name, &provider->name);

            oauthcc_acquire_failure(&failure, NGX_HTTP_SERVICE_UNAVAILABLE,
                                    "zone is full");
            return oauthcc_acquire_decline(acquire, pool, &failure,
                                           OAUTHCC_ACQUIRE_LATER);

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
    oauthcc_provider_t     *provider;
    oauthcc_cache_query_t   query;
    oauthcc_cache_result_t  result;

    provider = local->provider;

    oauthcc_local_query(local, &query);

    query.refused = acquire->credential->serial;

    oauthcc_login_queue_ask(provider, &query.turn);

    query.turn.since = oauthcc_clock_msec();

    oauthcc_invalidate_refuse(provider->runtime.cache, local->digest, &query,
                              location, provider->limits.replay_interval,
                              &result);

    if (result.state == OAUTHCC_CACHE_BACKOFF) {
        return NGX_DECLINED;
    }

    if (result.notify) {
        oauthcc_notify(ngx_cycle->log);
    }

    acquire->refused = acquire->credential->serial;
    acquire->awaited = result.waited;

    if (result.state == OAUTHCC_CACHE_LEAD) {
        oauthcc_login_start(local, acquire->caller, result.lease);
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
        && !oauthcc_lifetime_reached(oauthcc_clock_msec(),
                                     credential->note))
    {
        return;
    }

    wait = oauthcc_invalidate_taken(local->provider->runtime.cache,
                                    local->digest, credential->serial, healed);

    credential->watched = (wait != 0);
    credential->note = oauthcc_clock_msec() + wait;
}


static ngx_int_t
oauthcc_acquire_found(oauthcc_local_t *local, oauthcc_acquire_t *acquire,
    oauthcc_cache_result_t *result)
{
    oauthcc_acquire_keep(local, result);

    acquire->credential = local->credential;
    acquire->credential->refs++;

    oauthcc_waiter_leave(acquire);

    if (result->place && !oauthcc_local_called(local)) {

        /* else the next request asks: without one there is no login */

        oauthcc_login_queue_add(local, result->class, oauthcc_clock_msec());
    }

    if (result->lease) {

        if (acquire->status == OAUTHCC_CACHE_STATUS_NONE) {
            acquire->status = OAUTHCC_CACHE_STATUS_REFRESH;
        }

        oauthcc_login_start(local, acquire->caller, result->lease);

    } else if (acquire->status == OAUTHCC_CACHE_STATUS_NONE) {
        acquire->status = OAUTHCC_CACHE_STATUS_HIT;
    }

    return NGX_OK;
}


/* Takes the result of a hit over into the local entry. */

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
    ngx_uint_t           fresh, full;
    oauthcc_waiter_t    *waiter;
    oauthcc_failure_t    failure;
    oauthcc_provider_t  *provider;

    provider = local->provider;

    if (oauthcc_caller_limit_reached(local, acquire, result, pool->log)) {
        oauthcc_acquire_failure(&failure, NGX_HTTP_TOO_MANY_REQUESTS,
                                "too many waiters of this address");
        return oauthcc_acquire_decline(acquire, pool, &failure,
                                       OAUTHCC_ACQUIRE_LATER);
    }

    if (acquire->waiter == NULL) {

        fresh = (result->place && result->class == OAUTHCC_TURN_NEW
                 && !provider->document.per_request);

        full = oauthcc_waiter_full(provider, fresh);

        if (full && result->retry_after) {
            return oauthcc_acquire_backoff(local, acquire, pool, result);
        }

        if (full) {
            ngx_log_error(NGX_LOG_WARN, pool->log, 0,
                          "%ui requests wait for a login already, see "
                          "\"max_waiters\", oauthcc provider: \"%V\"",
                          provider->runtime.waiting, &provider->name);

            oauthcc_acquire_failure(&failure, NGX_HTTP_SERVICE_UNAVAILABLE,
                                    "too many waiters");
            return oauthcc_acquire_decline(acquire, pool, &failure,
                                           OAUTHCC_ACQUIRE_LATER);
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

    waiter = acquire->waiter;

    oauthcc_waiter_await(local, result->waited, result->leader,
                         result->deadline);

    if (result->place) {
        oauthcc_login_queue_add(local, result->class, waiter->since);

    } else if (local->queued && result->retry_after) {

        /* a backoff has begun: nobody's turn comes, each waits by itself */

        oauthcc_waiter_wake(local);

    } else {
        oauthcc_login_queue_remove(local);
    }

    oauthcc_waiter_limit(waiter, result->patience);
    oauthcc_waiter_join(waiter);

    oauthcc_login_queue_answer(waiter, !result->place);

    return NGX_AGAIN;
}


/* Asks the zone; its answer may mean that others have to ask again. */

static void
oauthcc_acquire_ask(oauthcc_local_t *local, oauthcc_cache_query_t *query,
    oauthcc_cache_result_t *result)
{
    oauthcc_cache_acquire(local->provider->runtime.cache, local->digest, query,
                          result);

    if (result->notify) {
        oauthcc_notify(ngx_cycle->log);
    }
}


/* A login begins: all waiters of the entry wait for it. */

static void
oauthcc_acquire_began(oauthcc_local_t *local, oauthcc_cache_result_t *result)
{
    oauthcc_acquire_renew(local, result);

    oauthcc_login_queue_remove(local);
    oauthcc_waiter_await(local, result->lease, result->leader,
                         result->deadline);
}


/*
 * The local entry has another version or generation now.  Requests that wait
 * for a change of the old one are woken here: the wake-up of the workers will
 * find no difference any more.
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
oauthcc_acquire_backoff(oauthcc_local_t *local, oauthcc_acquire_t *acquire,
    ngx_pool_t *pool, oauthcc_cache_result_t *result)
{
    oauthcc_rotation_watch(local->provider, result->retry_after);

    acquire->slow = (result->failure.status == NGX_HTTP_GATEWAY_TIME_OUT);

    if (oauthcc_acquire_denied(&result->failure)) {
        return oauthcc_acquire_decline(acquire, pool, &result->failure, 0);
    }

    result->failure.status = NGX_HTTP_SERVICE_UNAVAILABLE;

    return oauthcc_acquire_decline(acquire, pool, &result->failure,
                                   ngx_max(result->retry_after, 1));
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


ngx_msec_t
oauthcc_acquire_attend(oauthcc_local_t *local, ngx_uint_t *place)
{
    ngx_msec_t              wait;
    oauthcc_provider_t     *provider;
    oauthcc_cache_query_t   query;
    oauthcc_cache_result_t  result;

    provider = local->provider;

    if (oauthcc_local_called(local)) {

        /* there is no request that a login could take anything from */

        *place = 0;
        oauthcc_login_queue_remove(local);

        return OAUTHCC_ACQUIRE_LOOK;
    }

    oauthcc_local_query(local, &query);

    query.known = local->credential ? local->credential->serial : 0;

    oauthcc_login_queue_ask(provider, &query.turn);

    query.turn.since = local->queued ? local->since : oauthcc_clock_msec();
    query.turn.first = local->queued
                       && oauthcc_login_queue_first(provider, local->class)
                          == local;

    oauthcc_acquire_ask(local, &query, &result);

    if (result.told) {
        oauthcc_login_message_backoff(local, result.told, &result.failure);
    }

    wait = OAUTHCC_ACQUIRE_LOOK;

    switch (result.state) {

    case OAUTHCC_CACHE_HIT:
        oauthcc_acquire_keep(local, &result);

        if (local->nwaiters) {
            oauthcc_waiter_wake(local);
        }

        wait = local->attention - ngx_current_msec;
        break;

    case OAUTHCC_CACHE_LEAD:
        oauthcc_acquire_began(local, &result);
        break;

    case OAUTHCC_CACHE_WAIT:
        oauthcc_acquire_renew(local, &result);
        oauthcc_waiter_await(local, result.waited, result.leader,
                             result.deadline);
        break;

    case OAUTHCC_CACHE_BACKOFF:
        oauthcc_rotation_watch(provider, result.retry_after);

        wait = ngx_min(result.retry_after, wait);

        /* fall through */

    default:
        oauthcc_waiter_wake(local);
    }

    *place = result.place;

    if (result.place) {
        oauthcc_login_queue_add(local, result.class, query.turn.since);

    } else {
        oauthcc_login_queue_remove(local);
    }

    if (result.lease) {
        oauthcc_login_start(local, NULL, result.lease);
    }

    return wait;
}
