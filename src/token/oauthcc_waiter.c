
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "token/oauthcc_waiter.h"
#include "cache/oauthcc_waiter_count.h"


/* waiters look whether the leader is alive this often, in milliseconds */
#define OAUTHCC_WAITER_POLL   250


static void oauthcc_waiter_unqueue(oauthcc_waiter_t *waiter);
static void oauthcc_waiter_wake_one(oauthcc_waiter_t *waiter);
static void oauthcc_waiter_poll(ngx_event_t *ev);
static void oauthcc_waiter_timeout(ngx_event_t *ev);
static void oauthcc_waiter_resume(ngx_event_t *ev);
static void oauthcc_waiter_count(oauthcc_local_t *local);


void
oauthcc_waiter_init(oauthcc_local_t *local)
{
    ngx_queue_init(&local->waiters);

    local->poll.handler = oauthcc_waiter_poll;
    local->poll.data = local;
    local->poll.cancelable = 1;
}


ngx_uint_t
oauthcc_waiter_full(oauthcc_provider_t *provider)
{
    ngx_uint_t  max;

    max = provider->limits.max_waiters
          ? (ngx_uint_t) provider->limits.max_waiters
                                : ngx_cycle->connection_n / 4;

    return provider->runtime.waiting >= max;
}


ngx_int_t
oauthcc_waiter_create(oauthcc_local_t *local, oauthcc_acquire_t *acquire,
    ngx_pool_t *pool, oauthcc_resume_pt resume, void *data)
{
    oauthcc_waiter_t  *waiter;

    waiter = ngx_pcalloc(pool, sizeof(oauthcc_waiter_t));
    if (waiter == NULL) {
        return NGX_ERROR;
    }

    waiter->local = local;
    waiter->resume = resume;
    waiter->data = data;

    waiter->timer.handler = oauthcc_waiter_timeout;
    waiter->timer.data = waiter;
    waiter->timer.log = ngx_cycle->log;

    waiter->wake.handler = oauthcc_waiter_resume;
    waiter->wake.data = waiter;
    waiter->wake.log = ngx_cycle->log;

    ngx_add_timer(&waiter->timer, local->provider->limits.wait_timeout);

    acquire->waiter = waiter;

    return NGX_OK;
}


void
oauthcc_waiter_join(oauthcc_waiter_t *waiter, uint64_t lease)
{
    oauthcc_local_t  *local;

    local = waiter->local;

    waiter->lease = lease;
    waiter->queued = 1;

    local->provider->runtime.waiting++;
    local->nwaiters++;

    ngx_queue_insert_tail(&local->waiters, &waiter->queue);

    oauthcc_waiter_count(local);

    if (!local->poll.timer_set) {
        ngx_add_timer(&local->poll, OAUTHCC_WAITER_POLL);
    }
}


void
oauthcc_waiter_leave(oauthcc_acquire_t *acquire)
{
    oauthcc_waiter_t  *waiter;

    waiter = acquire->waiter;

    if (waiter == NULL) {
        return;
    }

    if (waiter->queued) {
        oauthcc_waiter_unqueue(waiter);
    }

    if (waiter->timer.timer_set) {
        ngx_del_timer(&waiter->timer);
    }

    if (waiter->wake.posted) {
        ngx_delete_posted_event(&waiter->wake);
    }

    acquire->waiter = NULL;
}


void
oauthcc_waiter_wake(oauthcc_local_t *local)
{
    ngx_queue_t  *q;

    while (!ngx_queue_empty(&local->waiters)) {
        q = ngx_queue_head(&local->waiters);

        oauthcc_waiter_wake_one(ngx_queue_data(q, oauthcc_waiter_t, queue));
    }
}


static void
oauthcc_waiter_unqueue(oauthcc_waiter_t *waiter)
{
    oauthcc_local_t  *local;

    local = waiter->local;

    waiter->queued = 0;
    ngx_queue_remove(&waiter->queue);

    local->provider->runtime.waiting--;
    local->nwaiters--;

    oauthcc_waiter_count(local);
}


static void
oauthcc_waiter_wake_one(oauthcc_waiter_t *waiter)
{
    oauthcc_waiter_unqueue(waiter);

    ngx_post_event(&waiter->wake, &ngx_posted_events);
}


/*
 * A leader that was killed tells nobody.  One waiter asks again: it finds
 * the lease alive, or takes it.
 */

static void
oauthcc_waiter_poll(ngx_event_t *ev)
{
    ngx_queue_t      *q;
    oauthcc_local_t  *local;

    local = ev->data;

    if (ngx_queue_empty(&local->waiters)) {
        return;
    }

    if (oauthcc_version_load(local->version) != local->generation) {
        oauthcc_waiter_wake(local);
        return;
    }

    q = ngx_queue_head(&local->waiters);

    oauthcc_waiter_wake_one(ngx_queue_data(q, oauthcc_waiter_t, queue));

    ngx_add_timer(&local->poll, OAUTHCC_WAITER_POLL);
}


static void
oauthcc_waiter_timeout(ngx_event_t *ev)
{
    oauthcc_waiter_t  *waiter;

    waiter = ev->data;

    waiter->timed_out = 1;

    if (waiter->queued) {
        oauthcc_waiter_wake_one(waiter);

    } else if (!waiter->wake.posted) {

        /* it waits for a login of its own, in no queue */

        ngx_post_event(&waiter->wake, &ngx_posted_events);
    }
}


static void
oauthcc_waiter_resume(ngx_event_t *ev)
{
    oauthcc_waiter_t  *waiter;

    waiter = ev->data;

    waiter->resume(waiter->data);
}


/* Tells the zone how many wait, for the status page. */

static void
oauthcc_waiter_count(oauthcc_local_t *local)
{
    oauthcc_runtime_t  *runtime;

    runtime = &local->provider->runtime;

    oauthcc_waiter_count_update(runtime->cache, runtime->stats, local->digest,
                                local->nwaiters, &local->gauge);
}
