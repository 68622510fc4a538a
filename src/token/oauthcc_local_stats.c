
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>
#include "token/oauthcc_local_stats.h"
#include "token/oauthcc_token_types.h"
#include "cache/oauthcc_stats.h"
#include "cache/oauthcc_waiter_count.h"
#include "core/oauthcc_alarm.h"


/* counts are added to those of the zone after this delay, milliseconds */
#define OAUTHCC_LOCAL_STATS_DELAY  1000

/* local entries in one slice, and the pause between slices, milliseconds */
#define OAUTHCC_LOCAL_STATS_SLICE  1000
#define OAUTHCC_LOCAL_STATS_PAUSE  1


static void oauthcc_local_stats_changed(oauthcc_local_t *local);
static void oauthcc_local_stats_alarm(void);
static void oauthcc_local_stats_handler(ngx_event_t *ev);


/* of the worker: local entries whose counts the zone does not have yet */

static ngx_queue_t                oauthcc_local_stats_queue;
static uint64_t                   oauthcc_local_stats_bypasses;
static ngx_uint_t                 oauthcc_local_stats_awaited;
static ngx_event_t                oauthcc_local_stats_event;
static oauthcc_cache_t           *oauthcc_local_stats_cache;


void
oauthcc_local_stats_start(ngx_cycle_t *cycle, oauthcc_cache_t *cache)
{
    if (oauthcc_local_stats_cache) {

        /* a single process that goes on with a new configuration */

        while (oauthcc_local_stats_fold()) { /* void */ }

    } else {
        ngx_queue_init(&oauthcc_local_stats_queue);
    }

    oauthcc_local_stats_cache = cache;

    oauthcc_local_stats_event.handler = oauthcc_local_stats_handler;
    oauthcc_local_stats_event.data = &oauthcc_local_stats_event;
    oauthcc_local_stats_event.log = cycle->log;
    oauthcc_local_stats_event.cancelable = 1;

    oauthcc_alarm_start(cycle, oauthcc_local_stats_alarm);

    oauthcc_waiter_count_start(cache);
}


void
oauthcc_local_stats_request(oauthcc_local_t *local,
    oauthcc_cache_status_e status)
{
    local->stats.counts.requests[status]++;

    if (!local->stats.queued) {
        oauthcc_local_stats_changed(local);
    }
}


void
oauthcc_local_stats_replay(oauthcc_local_t *local)
{
    local->stats.counts.replays++;

    if (!local->stats.queued) {
        oauthcc_local_stats_changed(local);
    }
}


void
oauthcc_local_stats_refusal(oauthcc_local_t *local)
{
    local->stats.counts.refusals++;

    if (!local->stats.queued) {
        oauthcc_local_stats_changed(local);
    }
}


void
oauthcc_local_stats_challenge(oauthcc_local_t *local,
    oauthcc_nonce_challenge_e challenge)
{
    local->stats.counts.challenges[challenge]++;

    if (!local->stats.queued) {
        oauthcc_local_stats_changed(local);
    }
}


void
oauthcc_local_stats_bypass(void)
{
    oauthcc_local_stats_bypasses++;

    oauthcc_local_stats_changed(NULL);
}


ngx_uint_t
oauthcc_local_stats_fold(void)
{
    ngx_uint_t        n;
    ngx_queue_t      *q;
    oauthcc_local_t  *local;
    oauthcc_cache_t  *cache;

    cache = oauthcc_local_stats_cache;

    if (cache == NULL) {
        return 0;
    }

    oauthcc_local_stats_awaited = 0;

    if (oauthcc_local_stats_event.timer_set) {
        ngx_del_timer(&oauthcc_local_stats_event);
    }

    if (oauthcc_local_stats_bypasses) {
        oauthcc_zone_add(&cache->shared->bypasses,
                         oauthcc_local_stats_bypasses);
        oauthcc_local_stats_bypasses = 0;
    }

    for (n = 0; !ngx_queue_empty(&oauthcc_local_stats_queue); n++) {

        if (n == OAUTHCC_LOCAL_STATS_SLICE) {
            oauthcc_local_stats_awaited = 1;
            ngx_add_timer(&oauthcc_local_stats_event,
                          OAUTHCC_LOCAL_STATS_PAUSE);
            return 1;
        }

        q = ngx_queue_head(&oauthcc_local_stats_queue);
        ngx_queue_remove(q);

        local = ngx_queue_data(q, oauthcc_local_t, stats.queue);

        oauthcc_stats_add(local->provider->runtime.cache,
                          local->provider->runtime.stats,
                          local->version, &local->stats.counts);

        ngx_memzero(&local->stats, sizeof(oauthcc_local_stats_t));
    }

    return 0;
}


/* Queues the local entry, if any, to be added in a second. */

static void
oauthcc_local_stats_changed(oauthcc_local_t *local)
{
    if (local) {
        local->stats.queued = 1;
        ngx_queue_insert_tail(&oauthcc_local_stats_queue,
                              &local->stats.queue);
    }

    if (oauthcc_local_stats_awaited) {
        return;
    }

    oauthcc_local_stats_awaited = 1;

    if (oauthcc_alarm_set(OAUTHCC_LOCAL_STATS_DELAY) != NGX_OK) {
        ngx_add_timer(&oauthcc_local_stats_event, OAUTHCC_LOCAL_STATS_DELAY);
    }
}


static void
oauthcc_local_stats_alarm(void)
{
    (void) oauthcc_local_stats_fold();
}


static void
oauthcc_local_stats_handler(ngx_event_t *ev)
{
    (void) oauthcc_local_stats_fold();
}
