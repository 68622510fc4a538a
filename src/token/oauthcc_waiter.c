
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_clock.h"
#include "token/oauthcc_waiter.h"
#include "token/oauthcc_login_queue.h"
#include "cache/oauthcc_waiter_count.h"
#include "core/oauthcc_lifetime.h"


/* how often waiters check that their leaders are alive, milliseconds */
#define OAUTHCC_WAITER_POLL   250


static void oauthcc_waiter_poll(void);
static void oauthcc_waiter_unqueue(oauthcc_waiter_t *waiter);
static void oauthcc_waiter_wake_one(oauthcc_waiter_t *waiter);
static void oauthcc_waiter_look(ngx_event_t *ev);
static void oauthcc_waiter_timeout(ngx_event_t *ev);
static void oauthcc_waiter_resume(ngx_event_t *ev);
static void oauthcc_waiter_count(oauthcc_local_t *local);
static ngx_queue_t *oauthcc_waiter_locals(void);


/* of the worker */

static ngx_event_t   oauthcc_waiter_event;
static ngx_uint_t  (*oauthcc_waiter_handler)(void);


void
oauthcc_waiter_init(oauthcc_local_t *local)
{
    ngx_queue_init(&local->waiters);
}


void
oauthcc_waiter_start(ngx_log_t *log, ngx_uint_t (*poll)(void))
{
    oauthcc_waiter_handler = poll;

    oauthcc_waiter_event.handler = oauthcc_waiter_look;
    oauthcc_waiter_event.data = &oauthcc_waiter_event;
    oauthcc_waiter_event.log = log;
    oauthcc_waiter_event.cancelable = 1;
}


static void
oauthcc_waiter_poll(void)
{
    if (!oauthcc_waiter_event.timer_set) {
        ngx_add_timer(&oauthcc_waiter_event, OAUTHCC_WAITER_POLL);
    }
}


ngx_uint_t
oauthcc_waiter_max(oauthcc_provider_t *provider)
{
    return provider->limits.max_waiters
           ? (ngx_uint_t) provider->limits.max_waiters
           : ngx_cycle->connection_n / 4;
}


ngx_uint_t
oauthcc_waiter_full(oauthcc_provider_t *provider, ngx_uint_t fresh)
{
    ngx_uint_t  max;

    max = oauthcc_waiter_max(provider);

    return provider->runtime.waiting >= max
           || (fresh && provider->runtime.fresh >= ngx_max(max / 2, 1));
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
    waiter->since = oauthcc_clock_msec();

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
oauthcc_waiter_limit(oauthcc_waiter_t *waiter, ngx_msec_t patience)
{
    ngx_msec_t      timeout;
    oauthcc_time_t  elapsed;

    if (patience == 0) {

        if (!waiter->patient) {
            return;
        }

        timeout = waiter->local->provider->limits.wait_timeout;
        elapsed = oauthcc_clock_msec() - waiter->since;
        patience = timeout - ngx_min(elapsed, timeout);

        waiter->patient = 0;

    } else {
        waiter->patient = 1;
    }

    /* a timer that is set is not moved by a little */

    if (waiter->timer.timer_set) {
        ngx_del_timer(&waiter->timer);
    }

    ngx_add_timer(&waiter->timer, ngx_max(patience, 1));
}


void
oauthcc_waiter_join(oauthcc_waiter_t *waiter)
{
    oauthcc_local_t   *local;
    oauthcc_waiter_t  *first;

    local = waiter->local;

    waiter->lease = local->lease;
    waiter->queued = 1;

    local->provider->runtime.waiting++;
    local->provider->runtime.fresh += oauthcc_login_queue_fresh(local);

    if (local->nwaiters++ == 0) {
        ngx_queue_insert_tail(oauthcc_waiter_locals(), &local->waiting);
    }

    first = ngx_queue_data(ngx_queue_head(&local->waiters), oauthcc_waiter_t,
                           queue);

    if (!ngx_queue_empty(&local->waiters)
        && oauthcc_lifetime_reached(first->since, waiter->since))
    {
        /* it asked and has to wait again: it keeps its place in the queue */

        ngx_queue_insert_head(&local->waiters, &waiter->queue);

    } else {
        ngx_queue_insert_tail(&local->waiters, &waiter->queue);
    }

    oauthcc_waiter_count(local);
    oauthcc_waiter_poll();
}


void
oauthcc_waiter_await(oauthcc_local_t *local, uint64_t lease, ngx_pid_t leader,
    oauthcc_time_t deadline)
{
    ngx_queue_t       *q;
    oauthcc_waiter_t  *waiter;

    local->leader = leader;
    local->deadline = deadline;

    if (local->lease == lease) {
        return;
    }

    local->lease = lease;

    for (q = ngx_queue_head(&local->waiters);
         q != ngx_queue_sentinel(&local->waiters);
         q = ngx_queue_next(q))
    {
        waiter = ngx_queue_data(q, oauthcc_waiter_t, queue);
        waiter->lease = lease;
    }
}


void
oauthcc_waiter_leave(oauthcc_acquire_t *acquire)
{
    oauthcc_local_t   *local;
    oauthcc_waiter_t  *waiter;

    waiter = acquire->waiter;

    if (waiter == NULL) {
        return;
    }

    local = waiter->local;

    if (waiter->queued) {
        oauthcc_waiter_unqueue(waiter);
    }

    if (local->nwaiters == 0) {
        oauthcc_login_queue_remove(local);
    }

    oauthcc_login_queue_answer(waiter, 1);

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
    oauthcc_login_queue_remove(local);

    while (oauthcc_waiter_wake_first(local)) {
        /* void */
    }
}


oauthcc_waiter_t *
oauthcc_waiter_wake_first(oauthcc_local_t *local)
{
    oauthcc_waiter_t  *waiter;

    if (ngx_queue_empty(&local->waiters)) {
        return NULL;
    }

    waiter = ngx_queue_data(ngx_queue_head(&local->waiters), oauthcc_waiter_t,
                            queue);

    oauthcc_waiter_wake_one(waiter);

    return waiter;
}


void
oauthcc_waiter_each(void (*look)(oauthcc_local_t *local))
{
    ngx_queue_t  *q, *next, *locals;

    locals = oauthcc_waiter_locals();

    for (q = ngx_queue_head(locals);
         q != ngx_queue_sentinel(locals);
         q = next)
    {
        next = ngx_queue_next(q);

        look(ngx_queue_data(q, oauthcc_local_t, waiting));
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
    local->provider->runtime.fresh -= oauthcc_login_queue_fresh(local);

    if (--local->nwaiters == 0) {
        ngx_queue_remove(&local->waiting);
    }

    oauthcc_waiter_count(local);
}


static void
oauthcc_waiter_wake_one(oauthcc_waiter_t *waiter)
{
    oauthcc_waiter_unqueue(waiter);

    ngx_post_event(&waiter->wake, &ngx_posted_events);
}


/* A killed leader cannot notify anybody, and notify may not work. */

static void
oauthcc_waiter_look(ngx_event_t *ev)
{
    if (oauthcc_waiter_handler()
        || !ngx_queue_empty(oauthcc_waiter_locals()))
    {
        oauthcc_waiter_poll();
    }
}


static void
oauthcc_waiter_timeout(ngx_event_t *ev)
{
    oauthcc_waiter_t  *waiter;

    waiter = ev->data;

    waiter->timed_out = !waiter->patient;

    if (waiter->queued) {
        oauthcc_waiter_wake_one(waiter);

    } else if (!waiter->wake.posted) {

        /* a waiter for a per-request login is in no queue */

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


/* Updates the number of waiters in the zone, for the status page. */

static void
oauthcc_waiter_count(oauthcc_local_t *local)
{
    oauthcc_runtime_t  *runtime;

    runtime = &local->provider->runtime;

    oauthcc_waiter_count_update(runtime->cache, runtime->stats,
                                local->version, local->nwaiters,
                                &local->counted);
}


/*
 * The worker's local entries with waiters, in the order of the first waiter.
 */

static ngx_queue_t *
oauthcc_waiter_locals(void)
{
    static ngx_queue_t  queue;

    if (queue.next == NULL) {
        ngx_queue_init(&queue);
    }

    return &queue;
}
