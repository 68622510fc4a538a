
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "token/oauthcc_waiter.h"
#include "cache/oauthcc_waiter_count.h"


/* waiters look whether the leader is alive this often, in milliseconds */
#define NGX_HTTP_OAUTHCC_WAITER_POLL   250


static void ngx_http_oauthcc_waiter_unqueue(ngx_http_oauthcc_waiter_t *waiter);
static void ngx_http_oauthcc_waiter_wake_one(
    ngx_http_oauthcc_waiter_t *waiter);
static void ngx_http_oauthcc_waiter_poll(ngx_event_t *ev);
static void ngx_http_oauthcc_waiter_timeout(ngx_event_t *ev);
static void ngx_http_oauthcc_waiter_resume(ngx_event_t *ev);


void
ngx_http_oauthcc_waiter_init(ngx_http_oauthcc_copy_t *copy)
{
    ngx_queue_init(&copy->waiters);

    copy->poll.handler = ngx_http_oauthcc_waiter_poll;
    copy->poll.data = copy;
    copy->poll.cancelable = 1;
}


ngx_uint_t
ngx_http_oauthcc_waiter_full(ngx_http_oauthcc_provider_t *provider)
{
    ngx_uint_t  max;

    max = provider->max_waiters ? (ngx_uint_t) provider->max_waiters
                                : ngx_cycle->connection_n / 4;

    return provider->waiting >= max;
}


ngx_int_t
ngx_http_oauthcc_waiter_create(ngx_http_oauthcc_copy_t *copy,
    ngx_http_oauthcc_ask_t *ask, ngx_pool_t *pool,
    ngx_http_oauthcc_resume_pt resume, void *data)
{
    ngx_http_oauthcc_waiter_t  *waiter;

    waiter = ngx_pcalloc(pool, sizeof(ngx_http_oauthcc_waiter_t));
    if (waiter == NULL) {
        return NGX_ERROR;
    }

    waiter->copy = copy;
    waiter->resume = resume;
    waiter->data = data;

    waiter->timer.handler = ngx_http_oauthcc_waiter_timeout;
    waiter->timer.data = waiter;
    waiter->timer.log = ngx_cycle->log;

    waiter->wake.handler = ngx_http_oauthcc_waiter_resume;
    waiter->wake.data = waiter;
    waiter->wake.log = ngx_cycle->log;

    ngx_add_timer(&waiter->timer, copy->provider->wait_timeout);

    ask->waiter = waiter;

    return NGX_OK;
}


void
ngx_http_oauthcc_waiter_join(ngx_http_oauthcc_waiter_t *waiter,
    uint64_t lease)
{
    ngx_http_oauthcc_copy_t  *copy;

    copy = waiter->copy;

    waiter->lease = lease;
    waiter->queued = 1;

    copy->provider->waiting++;
    copy->nwaiters++;

    ngx_queue_insert_tail(&copy->waiters, &waiter->queue);

    ngx_http_oauthcc_presence_update(copy);

    if (!copy->poll.timer_set) {
        ngx_add_timer(&copy->poll, NGX_HTTP_OAUTHCC_WAITER_POLL);
    }
}


void
ngx_http_oauthcc_waiter_leave(ngx_http_oauthcc_ask_t *ask)
{
    ngx_http_oauthcc_waiter_t  *waiter;

    waiter = ask->waiter;

    if (waiter == NULL) {
        return;
    }

    if (waiter->queued) {
        ngx_http_oauthcc_waiter_unqueue(waiter);
    }

    if (waiter->timer.timer_set) {
        ngx_del_timer(&waiter->timer);
    }

    if (waiter->wake.posted) {
        ngx_delete_posted_event(&waiter->wake);
    }

    ask->waiter = NULL;
}


void
ngx_http_oauthcc_waiter_wake(ngx_http_oauthcc_copy_t *copy)
{
    ngx_queue_t  *q;

    while (!ngx_queue_empty(&copy->waiters)) {
        q = ngx_queue_head(&copy->waiters);

        ngx_http_oauthcc_waiter_wake_one(ngx_queue_data(q,
                                         ngx_http_oauthcc_waiter_t, queue));
    }
}


static void
ngx_http_oauthcc_waiter_unqueue(ngx_http_oauthcc_waiter_t *waiter)
{
    ngx_http_oauthcc_copy_t  *copy;

    copy = waiter->copy;

    waiter->queued = 0;
    ngx_queue_remove(&waiter->queue);

    copy->provider->waiting--;
    copy->nwaiters--;

    ngx_http_oauthcc_presence_update(copy);
}


static void
ngx_http_oauthcc_waiter_wake_one(ngx_http_oauthcc_waiter_t *waiter)
{
    ngx_http_oauthcc_waiter_unqueue(waiter);

    ngx_post_event(&waiter->wake, &ngx_posted_events);
}


/*
 * A leader that was killed tells nobody.  One waiter asks again: it finds
 * the lease alive, or takes it.
 */

static void
ngx_http_oauthcc_waiter_poll(ngx_event_t *ev)
{
    ngx_queue_t              *q;
    ngx_http_oauthcc_copy_t  *copy;

    copy = ev->data;

    if (ngx_queue_empty(&copy->waiters)) {
        return;
    }

    if (ngx_http_oauthcc_word_load(copy->word) != copy->generation) {
        ngx_http_oauthcc_waiter_wake(copy);
        return;
    }

    q = ngx_queue_head(&copy->waiters);

    ngx_http_oauthcc_waiter_wake_one(ngx_queue_data(q,
                                     ngx_http_oauthcc_waiter_t, queue));

    ngx_add_timer(&copy->poll, NGX_HTTP_OAUTHCC_WAITER_POLL);
}


static void
ngx_http_oauthcc_waiter_timeout(ngx_event_t *ev)
{
    ngx_http_oauthcc_waiter_t  *waiter;

    waiter = ev->data;

    waiter->timed_out = 1;

    if (waiter->queued) {
        ngx_http_oauthcc_waiter_wake_one(waiter);

    } else if (!waiter->wake.posted) {

        /* it waits for a login of its own, in no queue */

        ngx_post_event(&waiter->wake, &ngx_posted_events);
    }
}


static void
ngx_http_oauthcc_waiter_resume(ngx_event_t *ev)
{
    ngx_http_oauthcc_waiter_t  *waiter;

    waiter = ev->data;

    waiter->resume(waiter->data);
}
