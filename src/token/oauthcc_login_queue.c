
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>
#include "token/oauthcc_login_queue.h"
#include "token/oauthcc_caller_queue.h"
#include "core/oauthcc_clock.h"
#include "cache/oauthcc_lease.h"
#include "core/oauthcc_lifetime.h"


static void oauthcc_login_queue_insert(oauthcc_local_t *local);
static ngx_uint_t oauthcc_login_queue_any(oauthcc_runtime_t *runtime);
static ngx_queue_t *oauthcc_login_queue_providers(void);


void
oauthcc_login_queue_init(oauthcc_provider_t *provider)
{
    ngx_uint_t  i;

    for (i = 0; i < OAUTHCC_TURNS; i++) {
        ngx_queue_init(&provider->runtime.turns[i]);
    }

    provider->runtime.turn.data = provider;

    oauthcc_caller_queue_init(provider);
}


void
oauthcc_login_queue_add(oauthcc_local_t *local, oauthcc_turn_e class,
    oauthcc_time_t since)
{
    oauthcc_runtime_t  *runtime;

    if (local->queued) {

        if (local->class == class) {
            return;
        }

        oauthcc_login_queue_remove(local);
    }

    runtime = &local->provider->runtime;

    if (!oauthcc_login_queue_any(runtime)) {
        ngx_queue_insert_tail(oauthcc_login_queue_providers(),
                              &runtime->queue);
    }

    local->queued = 1;
    local->class = class;
    local->since = since;

    runtime->fresh += local->nwaiters * oauthcc_login_queue_fresh(local);

    /* a refresh is of a caller that has a token: it waits for nobody */

    if (local->subject == 0 || class == OAUTHCC_TURN_RENEW
        || oauthcc_caller_queue_add(local, class))
    {
        oauthcc_login_queue_insert(local);

    } else {
        local->behind = 1;
    }
}


void
oauthcc_login_queue_remove(oauthcc_local_t *local)
{
    ngx_uint_t          first;
    oauthcc_local_t    *next;
    oauthcc_runtime_t  *runtime;

    if (!local->queued) {
        return;
    }

    runtime = &local->provider->runtime;

    runtime->fresh -= local->nwaiters * oauthcc_login_queue_fresh(local);

    local->queued = 0;

    next = NULL;

    if (local->caller_queue) {
        next = oauthcc_caller_queue_remove(local);
    }

    if (local->behind) {

        /* it stands in the queue of its address alone */

        local->behind = 0;
        return;
    }

    first = (ngx_queue_head(&runtime->turns[local->class]) == &local->place);

    ngx_queue_remove(&local->place);

    if (next) {

        /* behind all who wait since before now */

        next->behind = 0;
        next->since = oauthcc_clock_msec();

        oauthcc_login_queue_insert(next);
    }

    if (first) {
        oauthcc_login_queue_turn(local->provider);
    }

    if (!oauthcc_login_queue_any(runtime)) {
        ngx_queue_remove(&runtime->queue);
    }
}


oauthcc_local_t *
oauthcc_login_queue_first(oauthcc_provider_t *provider, oauthcc_turn_e class)
{
    ngx_queue_t  *queue;

    queue = &provider->runtime.turns[class];

    if (ngx_queue_empty(queue)) {
        return NULL;
    }

    return ngx_queue_data(ngx_queue_head(queue), oauthcc_local_t, place);
}


void
oauthcc_login_queue_ask(oauthcc_provider_t *provider, oauthcc_turn_ask_t *ask)
{
    ngx_uint_t  i;

    ask->first = 0;
    ask->queues = 0;

    for (i = 0; i < OAUTHCC_TURNS; i++) {
        if (!ngx_queue_empty(&provider->runtime.turns[i])) {
            ask->queues |= 1 << i;
        }
    }
}


void
oauthcc_login_queue_turn(oauthcc_provider_t *provider)
{
    oauthcc_runtime_t  *runtime;

    runtime = &provider->runtime;

    if (!oauthcc_login_queue_any(runtime) && !runtime->noted) {
        return;
    }

    runtime->next = 0;

    if (!runtime->turn.posted) {
        runtime->turn.log = ngx_cycle->log;

        ngx_post_event(&runtime->turn, &ngx_posted_events);
    }
}


void
oauthcc_login_queue_answer(oauthcc_waiter_t *waiter, ngx_uint_t place)
{
    oauthcc_runtime_t   *runtime;
    oauthcc_provider_t  *provider;

    provider = waiter->local->provider;
    runtime = &provider->runtime;

    if (runtime->asking != waiter) {
        return;
    }

    runtime->asking = NULL;

    if (place) {
        oauthcc_login_queue_turn(provider);
        return;
    }

    runtime->noted |= 1 << waiter->local->class;

    if (!runtime->turn.posted) {

        /* go on with the next class, unless a new round is posted already */

        ngx_post_event(&runtime->turn, &ngx_posted_events);
    }
}


void
oauthcc_login_queue_look(void)
{
    ngx_queue_t         *q, *queue;
    oauthcc_runtime_t   *runtime;
    oauthcc_provider_t  *provider;

    queue = oauthcc_login_queue_providers();

    for (q = ngx_queue_head(queue);
         q != ngx_queue_sentinel(queue);
         q = ngx_queue_next(q))
    {
        runtime = ngx_queue_data(q, oauthcc_runtime_t, queue);
        provider = runtime->turn.data;

        if (oauthcc_lease_places(runtime->cache, runtime->local->digest)
            != runtime->places)
        {
            oauthcc_login_queue_turn(provider);
        }
    }
}


ngx_uint_t
oauthcc_login_queue_poll(void)
{
    ngx_queue_t        *q, *queue;
    oauthcc_runtime_t  *runtime;

    queue = oauthcc_login_queue_providers();

    for (q = ngx_queue_head(queue);
         q != ngx_queue_sentinel(queue);
         q = ngx_queue_next(q))
    {
        runtime = ngx_queue_data(q, oauthcc_runtime_t, queue);

        oauthcc_login_queue_turn(runtime->turn.data);
    }

    return !ngx_queue_empty(queue);
}


/* Puts it into the queue of its class, by the time since when it waits. */

static void
oauthcc_login_queue_insert(oauthcc_local_t *local)
{
    ngx_queue_t      *q, *queue;
    oauthcc_local_t  *other;

    queue = &local->provider->runtime.turns[local->class];

    /* usually it is the last */

    for (q = ngx_queue_last(queue);
         q != ngx_queue_sentinel(queue);
         q = ngx_queue_prev(q))
    {
        other = ngx_queue_data(q, oauthcc_local_t, place);

        if (oauthcc_lifetime_reached(local->since, other->since)) {
            break;
        }
    }

    ngx_queue_insert_after(q, &local->place);

    if (ngx_queue_head(queue) == &local->place) {
        oauthcc_login_queue_turn(local->provider);
    }
}


static ngx_uint_t
oauthcc_login_queue_any(oauthcc_runtime_t *runtime)
{
    ngx_uint_t  i;

    for (i = 0; i < OAUTHCC_TURNS; i++) {
        if (!ngx_queue_empty(&runtime->turns[i])) {
            return 1;
        }
    }

    return 0;
}


/* The worker's list of providers whose queues are not empty. */

static ngx_queue_t *
oauthcc_login_queue_providers(void)
{
    static ngx_queue_t  queue;

    if (queue.next == NULL) {
        ngx_queue_init(&queue);
    }

    return &queue;
}
