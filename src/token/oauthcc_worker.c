
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>
#include "core/oauthcc_clock.h"
#include "token/oauthcc_worker.h"
#include "token/oauthcc_clock_watch.h"
#include "token/oauthcc_acquire.h"
#include "token/oauthcc_fleet_news.h"
#include "token/oauthcc_local.h"
#include "token/oauthcc_login.h"
#include "token/oauthcc_login_queue.h"
#include "token/oauthcc_refresh_request.h"
#include "token/oauthcc_rotation.h"
#include "token/oauthcc_waiter.h"
#include "cache/oauthcc_lease.h"
#include "cache/oauthcc_place.h"
#include "core/oauthcc_lifetime.h"
#include "core/oauthcc_notify.h"


/*
 * "keep_warm" waits while logins take one of so many connections of a worker
 */
#define OAUTHCC_WORKER_WARM   8

/* entries of a queue that are asked for in a row, before other events run */
#define OAUTHCC_WORKER_ASKS   32

/* pause before "keep_warm" tries again, milliseconds */
#define OAUTHCC_WORKER_STEP   100


static void oauthcc_worker_warm(ngx_event_t *ev);
static void oauthcc_worker_changed(void);
static ngx_uint_t oauthcc_worker_poll(void);
static void oauthcc_worker_look(oauthcc_local_t *local);
static void oauthcc_worker_leader(oauthcc_local_t *local);
static void oauthcc_worker_turn(ngx_event_t *ev);
static ngx_uint_t oauthcc_worker_first(oauthcc_provider_t *provider,
    oauthcc_turn_e class);


/* of the worker: the providers of its cycle */

static ngx_array_t  *oauthcc_worker_providers;


void
oauthcc_worker_init(oauthcc_provider_t *provider)
{
    oauthcc_local_t  *local;

    oauthcc_local_init(provider);
    oauthcc_rotation_init(provider);

    provider->runtime.turn.handler = oauthcc_worker_turn;

    local = provider->runtime.local;

    local->warm.handler = oauthcc_worker_warm;
    local->warm.data = local;
    local->warm.cancelable = 1;
}


ngx_int_t
oauthcc_worker_start(ngx_cycle_t *cycle, ngx_array_t *providers)
{
    ngx_uint_t            i;
    oauthcc_local_t      *local;
    oauthcc_provider_t  **provider;

    oauthcc_worker_providers = providers;

    oauthcc_clock_watch_start(providers);

    provider = providers->elts;

    for (i = 0; i < providers->nelts; i++) {
        local = provider[i]->runtime.local;

        local->warm.log = cycle->log;

        if (provider[i]->lifetime.keep_warm) {
            ngx_add_timer(&local->warm, 1);
        }
    }

    oauthcc_waiter_start(cycle->log, oauthcc_worker_poll);

    if (oauthcc_fleet_news_start(cycle, providers) != NGX_OK) {
        return NGX_ERROR;
    }

    return oauthcc_notify_listen(cycle, oauthcc_worker_changed);
}


void
oauthcc_worker_stop(ngx_array_t *providers)
{
    ngx_uint_t            i;
    oauthcc_provider_t  **provider;

    oauthcc_fleet_news_stop();

    provider = providers->elts;

    for (i = 0; i < providers->nelts; i++) {
        oauthcc_local_free_all(provider[i]);
        oauthcc_login_free(provider[i]);
    }
}


/*
 * "keep_warm": acts like a client request, in every worker, whenever a local
 * entry needs a refresh.  The lease decides which worker logs in.  Logins are
 * limited, so that clients find connections.
 */

static void
oauthcc_worker_warm(ngx_event_t *ev)
{
    ngx_uint_t        place;
    ngx_msec_t        wait;
    oauthcc_local_t  *local;

    if (ngx_exiting || ngx_terminate) {
        return;
    }

    local = ev->data;

    oauthcc_clock_watch();

    if (oauthcc_login_running() * OAUTHCC_WORKER_WARM
        >= ngx_cycle->connection_n)
    {
        wait = OAUTHCC_WORKER_STEP;

    } else {
        wait = oauthcc_acquire_attend(local, &place);
    }

    /* at least 1 ms, even if the clock jumps */

    ngx_add_timer(ev, (ngx_msec_int_t) wait > 0 ? wait : 1);
}


/* The wake-up of all workers: something in the zone has changed. */

static void
oauthcc_worker_changed(void)
{
    oauthcc_refresh_request_grant(oauthcc_worker_providers);

    oauthcc_waiter_each(oauthcc_worker_look);

    oauthcc_login_queue_look();

    oauthcc_fleet_news_notified();
}


/* Polled while requests wait: finds changes that nobody notifies of. */

static ngx_uint_t
oauthcc_worker_poll(void)
{
    oauthcc_waiter_each(oauthcc_worker_look);

    /* note which leaders to check, check them, then act on the result */

    oauthcc_waiter_each(oauthcc_worker_leader);

    if (oauthcc_lease_look()) {
        oauthcc_waiter_each(oauthcc_worker_leader);
    }

    return oauthcc_login_queue_poll();
}


static void
oauthcc_worker_look(oauthcc_local_t *local)
{
    if (local->version == NULL
        || oauthcc_version_load(local->version) == local->generation)
    {
        return;
    }

    oauthcc_local_drop(local);
    oauthcc_waiter_wake(local);
}


/* If the leader is dead, or late, one waiter asks again and takes over. */

static void
oauthcc_worker_leader(oauthcc_local_t *local)
{
    if (local->queued
        || (oauthcc_lease_alive(local->leader)
            && !oauthcc_lifetime_reached(oauthcc_clock_msec(),
                                         local->deadline)))
    {
        return;
    }

    (void) oauthcc_waiter_wake_first(local);
}


/*
 * Asks the zone for a place for the first entry of each queue of a provider,
 * see login_queue.
 */

static void
oauthcc_worker_turn(ngx_event_t *ev)
{
    ngx_uint_t           n, class, notify;
    oauthcc_runtime_t   *runtime;
    oauthcc_provider_t  *provider;

    provider = ev->data;
    runtime = &provider->runtime;

    if (runtime->asking) {

        /* the answer posts this event again */

        return;
    }

    if (runtime->next == 0) {
        runtime->places = oauthcc_lease_places(runtime->cache,
                                               runtime->local->digest);
    }

    for (n = 0; runtime->next < OAUTHCC_TURNS; n++) {
        class = runtime->next;

        if (n == OAUTHCC_WORKER_ASKS) {
            ngx_post_event(ev, &ngx_posted_next_events);
            return;
        }

        if (oauthcc_login_queue_first(provider, class)) {

            if (!oauthcc_worker_first(provider, class)) {
                return;
            }

            continue;
        }

        if (runtime->noted & (1 << class)) {
            runtime->noted &= ~(1 << class);

            oauthcc_place_leave(runtime->cache, runtime->local->digest, class,
                                &notify);
            if (notify) {
                oauthcc_notify(ngx_cycle->log);
            }
        }

        runtime->next++;
    }
}


/*
 * Asks for the first entry of a class.  Returns 0 if a waiting request asks,
 * which then continues the round.
 */

static ngx_uint_t
oauthcc_worker_first(oauthcc_provider_t *provider, oauthcc_turn_e class)
{
    ngx_uint_t        place;
    oauthcc_local_t  *local;

    local = oauthcc_login_queue_first(provider, class);

    provider->runtime.asking = oauthcc_waiter_wake_first(local);

    if (provider->runtime.asking) {
        provider->runtime.next = class + 1;
        return 0;
    }

    /* a background refresh: no request waits for it */

    (void) oauthcc_acquire_attend(local, &place);

    if (place) {
        provider->runtime.noted |= 1 << class;
        provider->runtime.next = class + 1;

    } else {
        provider->runtime.next = 0;
    }

    return 1;
}
