
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
#include "core/oauthcc_value.h"
#include "token/oauthcc_waiter.h"
#include "core/oauthcc_notify.h"
#include "token/oauthcc_refresh_request.h"


/* in milliseconds: how often a worker looks whether things have changed */
#define NGX_HTTP_OAUTHCC_BROKER_LOOK   1000


static ngx_int_t ngx_http_oauthcc_broker_found(ngx_http_oauthcc_copy_t *copy,
    ngx_http_oauthcc_ask_t *ask, ngx_http_oauthcc_cache_result_t *result);
static ngx_int_t ngx_http_oauthcc_broker_wait(ngx_http_oauthcc_copy_t *copy,
    ngx_http_oauthcc_ask_t *ask, ngx_pool_t *pool,
    ngx_http_oauthcc_cache_result_t *result,
    ngx_http_oauthcc_resume_pt resume, void *data);
static ngx_uint_t ngx_http_oauthcc_broker_query(
    ngx_http_oauthcc_copy_t *copy,
    ngx_http_oauthcc_cache_query_t *query);
static void ngx_http_oauthcc_broker_keep(ngx_http_oauthcc_copy_t *copy,
    ngx_http_oauthcc_cache_result_t *result);
static void ngx_http_oauthcc_broker_renew(ngx_http_oauthcc_copy_t *copy,
    ngx_http_oauthcc_cache_result_t *result);
static ngx_int_t ngx_http_oauthcc_broker_decline(
    ngx_http_oauthcc_ask_t *ask, ngx_pool_t *pool,
    ngx_http_oauthcc_failure_t *failure, ngx_msec_t retry_after);
static void ngx_http_oauthcc_broker_failure(
    ngx_http_oauthcc_failure_t *failure, ngx_uint_t status, char *text);
static void ngx_http_oauthcc_broker_warm(ngx_event_t *ev);
static void ngx_http_oauthcc_broker_changed(void);
static ngx_uint_t ngx_http_oauthcc_broker_look(
    ngx_http_oauthcc_copy_t *copy);


/* the worker's: the providers whose copies the wake-up has to look at */

static ngx_array_t  *ngx_http_oauthcc_broker_providers;


ngx_int_t
ngx_http_oauthcc_broker_start(ngx_cycle_t *cycle, ngx_array_t *providers)
{
    ngx_uint_t                     i;
    ngx_http_oauthcc_copy_t       *copy;
    ngx_http_oauthcc_provider_t  **provider;

    ngx_http_oauthcc_broker_providers = providers;

    provider = providers->elts;

    for (i = 0; i < providers->nelts; i++) {
        copy = &provider[i]->copy;

        copy->poll.log = cycle->log;
        copy->warm.log = cycle->log;

        if (provider[i]->keep_warm) {
            ngx_add_timer(&copy->warm, 1);
        }
    }

    return ngx_http_oauthcc_wake_listen(cycle,
                                        ngx_http_oauthcc_broker_changed);
}


void
ngx_http_oauthcc_broker_stop(ngx_array_t *providers)
{
    ngx_uint_t                     i;
    ngx_http_oauthcc_provider_t  **provider;

    provider = providers->elts;

    for (i = 0; i < providers->nelts; i++) {
        ngx_http_oauthcc_copy_free_all(provider[i]);
        ngx_http_oauthcc_login_free(provider[i]);
    }
}


void
ngx_http_oauthcc_broker_init(ngx_http_oauthcc_provider_t *provider)
{
    ngx_http_oauthcc_copy_t  *copy;

    ngx_http_oauthcc_copy_init(provider);

    copy = &provider->copy;

    copy->warm.handler = ngx_http_oauthcc_broker_warm;
    copy->warm.data = copy;
    copy->warm.cancelable = 1;
}


ngx_int_t
ngx_http_oauthcc_broker_get(ngx_http_oauthcc_copy_t *copy,
    ngx_http_oauthcc_ask_t *ask, ngx_pool_t *pool,
    ngx_http_oauthcc_resume_pt resume, void *data)
{
    ngx_int_t                        rc;
    ngx_uint_t                       full, forgiven;
    ngx_http_oauthcc_failure_t       failure;
    ngx_http_oauthcc_cache_query_t   query;
    ngx_http_oauthcc_cache_result_t  result;
    ngx_http_oauthcc_provider_t     *provider;

    provider = copy->provider;

    if (ngx_http_oauthcc_broker_present(copy)
        && copy->credential->serial != ask->refused)
    {
        if (ask->status == NGX_HTTP_OAUTHCC_STATUS_NONE) {
            ask->status = NGX_HTTP_OAUTHCC_STATUS_HIT;
        }

        ngx_http_oauthcc_waiter_leave(ask);

        ask->credential = copy->credential;
        ask->credential->refs++;

        return NGX_OK;
    }

    forgiven = ngx_http_oauthcc_broker_query(copy, &query);

    query.refused = ask->refused;
    query.waited = ask->awaited;

    if (ask->waiter) {

        if (ask->waiter->timed_out) {
            ngx_http_oauthcc_broker_failure(&failure,
                                            NGX_HTTP_GATEWAY_TIME_OUT,
                                            "wait timed out");
            return ngx_http_oauthcc_broker_decline(ask, pool, &failure, 0);
        }

        query.waited = ask->waiter->lease;
    }

    if (forgiven) {
        query.waited = 0;
    }

    for ( ;; ) {

        if (provider->each) {
            rc = ngx_http_oauthcc_each_get(copy, ask, pool, resume, data,
                                           &query, &result);
            if (rc != NGX_DECLINED) {
                return rc;
            }

        } else {
            query.known = copy->credential ? copy->credential->serial : 0;

            ngx_http_oauthcc_cache_acquire(provider->cache, copy->digest,
                                           &query, &result);
        }

        switch (result.state) {

        case NGX_HTTP_OAUTHCC_CACHE_HIT:
            return ngx_http_oauthcc_broker_found(copy, ask, &result);

        case NGX_HTTP_OAUTHCC_CACHE_LEAD:
            ask->status = NGX_HTTP_OAUTHCC_STATUS_MISS;
            query.waited = result.lease;

            /* it may have ended by the time it is started: look again */

            ngx_http_oauthcc_login_start(copy, result.lease);
            continue;

        case NGX_HTTP_OAUTHCC_CACHE_WAIT:
            return ngx_http_oauthcc_broker_wait(copy, ask, pool, &result,
                                                resume, data);

        case NGX_HTTP_OAUTHCC_CACHE_FAILED:

            /* the zone had no room for the token */

            full = (result.failure.status == NGX_HTTP_SERVICE_UNAVAILABLE);

            return ngx_http_oauthcc_broker_decline(ask, pool, &result.failure,
                                                   full ? 1000 : 0);

        case NGX_HTTP_OAUTHCC_CACHE_BACKOFF:
            result.failure.status = NGX_HTTP_SERVICE_UNAVAILABLE;
            return ngx_http_oauthcc_broker_decline(ask, pool, &result.failure,
                                                   ngx_max(result.retry_after,
                                                           1));

        case NGX_HTTP_OAUTHCC_CACHE_FULL:
            ngx_log_error(NGX_LOG_ERR, pool->log, 0,
                          "oauthcc zone \"%V\" has no room for another "
                          "entry, or too many are new: increase "
                          "\"oauthcc_zone\", oauthcc provider: \"%V\"",
                          &provider->cache->name, &provider->name);

            ngx_http_oauthcc_broker_failure(&failure,
                                            NGX_HTTP_SERVICE_UNAVAILABLE,
                                            "zone is full");
            return ngx_http_oauthcc_broker_decline(ask, pool, &failure, 1000);

        default: /* NGX_HTTP_OAUTHCC_CACHE_ERROR */
            return NGX_ERROR;
        }
    }
}


void
ngx_http_oauthcc_broker_leave(ngx_http_oauthcc_ask_t *ask)
{
    ngx_http_oauthcc_each_leave(ask);
    ngx_http_oauthcc_waiter_leave(ask);
}


void
ngx_http_oauthcc_broker_end(ngx_http_oauthcc_ask_t *ask)
{
    if (ask->credential) {
        ngx_http_oauthcc_credential_release(ask->credential);
        ask->credential = NULL;
    }
}


ngx_int_t
ngx_http_oauthcc_broker_refuse(ngx_http_oauthcc_copy_t *copy,
    ngx_http_oauthcc_ask_t *ask)
{
    ngx_http_oauthcc_cache_query_t   query;
    ngx_http_oauthcc_cache_result_t  result;

    ngx_http_oauthcc_copy_query(copy, &query);

    query.refused = ask->credential->serial;

    ngx_http_oauthcc_force_refuse(copy->provider->cache, copy->digest, &query,
                                  copy->provider->replay_interval, &result);

    if (result.state == NGX_HTTP_OAUTHCC_CACHE_BACKOFF) {
        return NGX_DECLINED;
    }

    ask->refused = ask->credential->serial;
    ask->awaited = result.waited;

    if (result.state == NGX_HTTP_OAUTHCC_CACHE_LEAD) {
        ngx_http_oauthcc_login_start(copy, result.lease);
    }

    return NGX_OK;
}


void
ngx_http_oauthcc_broker_prove(ngx_http_oauthcc_copy_t *copy,
    ngx_http_oauthcc_credential_t *credential)
{
    credential->unproven = 0;

    ngx_http_oauthcc_force_prove(copy->provider->cache, copy->digest,
                                 credential->serial);
}


static ngx_int_t
ngx_http_oauthcc_broker_found(ngx_http_oauthcc_copy_t *copy,
    ngx_http_oauthcc_ask_t *ask, ngx_http_oauthcc_cache_result_t *result)
{
    ngx_http_oauthcc_broker_keep(copy, result);

    ask->credential = copy->credential;
    ask->credential->refs++;

    ngx_http_oauthcc_waiter_leave(ask);

    if (result->lease) {

        if (ask->status == NGX_HTTP_OAUTHCC_STATUS_NONE) {
            ask->status = NGX_HTTP_OAUTHCC_STATUS_REFRESH;
        }

        ngx_http_oauthcc_login_start(copy, result->lease);

    } else if (ask->status == NGX_HTTP_OAUTHCC_STATUS_NONE) {
        ask->status = NGX_HTTP_OAUTHCC_STATUS_HIT;
    }

    return NGX_OK;
}


/*
 * Without a credential that may be used the files are looked at first: they
 * may be others by now, which another worker has logged in with, or which are
 * worth a login after those that failed.  Returns 1 if they are.
 */

static ngx_uint_t
ngx_http_oauthcc_broker_query(ngx_http_oauthcc_copy_t *copy,
    ngx_http_oauthcc_cache_query_t *query)
{
    ngx_uint_t                    changed;
    ngx_http_oauthcc_provider_t  *provider;

    provider = copy->provider;

    changed = (copy->credential == NULL
               || ngx_http_oauthcc_clock_reached(ngx_current_msec,
                                                 copy->credential->usable))
              && ngx_http_oauthcc_login_reread(provider);

    if (changed) {
        ngx_http_oauthcc_cache_forgive(provider->cache, copy->digest);
    }

    ngx_http_oauthcc_copy_query(copy, query);

    return changed;
}


/* Takes a hit over into the worker's copy. */

static void
ngx_http_oauthcc_broker_keep(ngx_http_oauthcc_copy_t *copy,
    ngx_http_oauthcc_cache_result_t *result)
{
    if (result->credential) {
        ngx_http_oauthcc_copy_drop(copy);
        copy->credential = result->credential;
    }

    ngx_http_oauthcc_broker_renew(copy, result);

    copy->attention = result->attention;
}


static ngx_int_t
ngx_http_oauthcc_broker_wait(ngx_http_oauthcc_copy_t *copy,
    ngx_http_oauthcc_ask_t *ask, ngx_pool_t *pool,
    ngx_http_oauthcc_cache_result_t *result,
    ngx_http_oauthcc_resume_pt resume, void *data)
{
    ngx_http_oauthcc_failure_t  failure;

    if (ask->waiter == NULL) {

        if (ngx_http_oauthcc_waiter_full(copy->provider)) {
            ngx_log_error(NGX_LOG_WARN, pool->log, 0,
                          "%ui requests wait for a login already, see "
                          "\"max_waiters\", oauthcc provider: \"%V\"",
                          copy->provider->waiting, &copy->provider->name);

            ngx_http_oauthcc_broker_failure(&failure,
                                            NGX_HTTP_SERVICE_UNAVAILABLE,
                                            "too many waiters");
            return ngx_http_oauthcc_broker_decline(ask, pool, &failure, 1000);
        }

        if (ngx_http_oauthcc_waiter_create(copy, ask, pool, resume, data)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        if (ask->status == NGX_HTTP_OAUTHCC_STATUS_NONE) {
            ask->status = NGX_HTTP_OAUTHCC_STATUS_WAIT;
        }
    }

    if (copy->generation != result->generation) {
        ngx_http_oauthcc_copy_drop(copy);
    }

    ngx_http_oauthcc_broker_renew(copy, result);

    copy->crowded = (result->waited == 0);

    ngx_http_oauthcc_waiter_join(ask->waiter, result->waited);

    return NGX_AGAIN;
}


/*
 * The copy is of another generation now: those who wait for a change of the
 * old one are told here, the wake-up will find nothing new.
 */

static void
ngx_http_oauthcc_broker_renew(ngx_http_oauthcc_copy_t *copy,
    ngx_http_oauthcc_cache_result_t *result)
{
    if (copy->word == result->word
        && copy->generation == result->generation)
    {
        return;
    }

    copy->word = result->word;
    copy->generation = result->generation;

    ngx_http_oauthcc_waiter_wake(copy);
}


static ngx_int_t
ngx_http_oauthcc_broker_decline(ngx_http_oauthcc_ask_t *ask, ngx_pool_t *pool,
    ngx_http_oauthcc_failure_t *failure, ngx_msec_t retry_after)
{
    ngx_http_oauthcc_each_leave(ask);
    ngx_http_oauthcc_waiter_leave(ask);

    ask->status = NGX_HTTP_OAUTHCC_STATUS_ERROR;
    ask->retry_after = retry_after;

    ask->failure = ngx_palloc(pool, sizeof(ngx_http_oauthcc_failure_t));
    if (ask->failure == NULL) {
        return NGX_ERROR;
    }

    *ask->failure = *failure;

    return NGX_DECLINED;
}


static void
ngx_http_oauthcc_broker_failure(ngx_http_oauthcc_failure_t *failure,
    ngx_uint_t status, char *text)
{
    failure->status = status;
    failure->len = ngx_min(ngx_strlen(text), NGX_HTTP_OAUTHCC_ERROR_LEN);
    ngx_memcpy(failure->text, text, failure->len);
}


/*
 * "keep_warm": a request of nobody's, in every worker, each time that a copy
 * wants attention.  The lease decides who logs in.
 */

static void
ngx_http_oauthcc_broker_warm(ngx_event_t *ev)
{
    ngx_msec_t                wait;
    ngx_http_oauthcc_copy_t  *copy;

    if (ngx_exiting || ngx_terminate) {
        return;
    }

    copy = ev->data;
    wait = ngx_http_oauthcc_broker_attend(copy);

    /* not at once, whatever the clock does */

    ngx_add_timer(ev, (ngx_msec_int_t) wait > 0 ? wait : 1);
}


ngx_msec_t
ngx_http_oauthcc_broker_attend(ngx_http_oauthcc_copy_t *copy)
{
    ngx_msec_t                       wait;
    ngx_http_oauthcc_provider_t     *provider;
    ngx_http_oauthcc_cache_query_t   query;
    ngx_http_oauthcc_cache_result_t  result;

    provider = copy->provider;

    (void) ngx_http_oauthcc_broker_query(copy, &query);

    query.known = copy->credential ? copy->credential->serial : 0;

    ngx_http_oauthcc_cache_acquire(provider->cache, copy->digest, &query,
                                   &result);

    wait = NGX_HTTP_OAUTHCC_BROKER_LOOK;

    if (result.state == NGX_HTTP_OAUTHCC_CACHE_HIT) {
        ngx_http_oauthcc_broker_keep(copy, &result);

        wait = copy->attention - ngx_current_msec;

    } else if (result.state == NGX_HTTP_OAUTHCC_CACHE_BACKOFF) {
        wait = ngx_min(result.retry_after, wait);
    }

    if (result.lease) {
        ngx_http_oauthcc_login_start(copy, result.lease);
    }

    return wait;
}


/* Something in the zone is not as it was: the wake-up of all workers. */

static void
ngx_http_oauthcc_broker_changed(void)
{
    ngx_uint_t                     i;
    ngx_queue_t                   *q, *next;
    ngx_http_oauthcc_copy_t       *copy;
    ngx_http_oauthcc_provider_t  **provider;

    provider = ngx_http_oauthcc_broker_providers->elts;

    ngx_http_oauthcc_wish_grant(ngx_http_oauthcc_broker_providers);

    for (i = 0; i < ngx_http_oauthcc_broker_providers->nelts; i++) {

        ngx_http_oauthcc_broker_look(&provider[i]->copy);

        for (q = ngx_queue_head(&provider[i]->recent);
             q != ngx_queue_sentinel(&provider[i]->recent);
             q = next)
        {
            next = ngx_queue_next(q);
            copy = ngx_queue_data(q, ngx_http_oauthcc_copy_t, queue);

            if (ngx_http_oauthcc_broker_look(copy)) {
                ngx_http_oauthcc_copy_free(copy);
            }
        }
    }
}


/* Returns 1 if the entry is not as the copy has it. */

static ngx_uint_t
ngx_http_oauthcc_broker_look(ngx_http_oauthcc_copy_t *copy)
{
    if (copy->word == NULL
        || ngx_http_oauthcc_word_load(copy->word) == copy->generation)
    {
        /* a login of another entry has ended: there may be room for one */

        if (copy->crowded) {
            copy->crowded = 0;
            ngx_http_oauthcc_waiter_wake(copy);
        }

        return 0;
    }

    ngx_http_oauthcc_copy_drop(copy);
    ngx_http_oauthcc_waiter_wake(copy);

    return 1;
}
