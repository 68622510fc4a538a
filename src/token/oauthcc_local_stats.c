
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>
#include "token/oauthcc_local_stats.h"
#include "cache/oauthcc_stats.h"


/* this long after a change, in milliseconds, the zone knows of it */
#define NGX_HTTP_OAUTHCC_COUNTS_DELAY  1000


static void ngx_http_oauthcc_counts_changed(ngx_http_oauthcc_copy_t *copy);
static void ngx_http_oauthcc_counts_handler(ngx_event_t *ev);


/* the worker's: copies with counts that the zone does not know */

static ngx_queue_t                ngx_http_oauthcc_counts_queue;
static uint64_t                   ngx_http_oauthcc_counts_bypasses;
static ngx_event_t                ngx_http_oauthcc_counts_event;
static ngx_http_oauthcc_cache_t  *ngx_http_oauthcc_counts_cache;


void
ngx_http_oauthcc_counts_start(ngx_cycle_t *cycle,
    ngx_http_oauthcc_cache_t *cache)
{
    if (ngx_http_oauthcc_counts_cache) {

        /* a single process, which goes on with another configuration */

        ngx_http_oauthcc_counts_fold();

    } else {
        ngx_queue_init(&ngx_http_oauthcc_counts_queue);
    }

    ngx_http_oauthcc_counts_cache = cache;

    ngx_http_oauthcc_counts_event.handler = ngx_http_oauthcc_counts_handler;
    ngx_http_oauthcc_counts_event.data = &ngx_http_oauthcc_counts_event;
    ngx_http_oauthcc_counts_event.log = cycle->log;
    ngx_http_oauthcc_counts_event.cancelable = 1;
}


void
ngx_http_oauthcc_counts_request(ngx_http_oauthcc_copy_t *copy,
    ngx_http_oauthcc_status_e status)
{
    copy->counts.requests[status]++;

    if (!copy->counts.queued) {
        ngx_http_oauthcc_counts_changed(copy);
    }
}


void
ngx_http_oauthcc_counts_replay(ngx_http_oauthcc_copy_t *copy)
{
    copy->counts.replays++;

    if (!copy->counts.queued) {
        ngx_http_oauthcc_counts_changed(copy);
    }
}


void
ngx_http_oauthcc_counts_bypass(void)
{
    ngx_http_oauthcc_counts_bypasses++;

    ngx_http_oauthcc_counts_changed(NULL);
}


void
ngx_http_oauthcc_counts_fold(void)
{
    ngx_queue_t               *q;
    ngx_http_oauthcc_copy_t   *copy;
    ngx_http_oauthcc_zone_t   *shared;
    ngx_http_oauthcc_cache_t  *cache;

    cache = ngx_http_oauthcc_counts_cache;

    if (cache == NULL) {
        return;
    }

    shared = cache->shared;

    if (ngx_http_oauthcc_counts_event.timer_set) {
        ngx_del_timer(&ngx_http_oauthcc_counts_event);
    }

    if (ngx_http_oauthcc_counts_bypasses) {
        ngx_http_oauthcc_zone_add(&shared->bypasses,
                                  ngx_http_oauthcc_counts_bypasses);
        ngx_http_oauthcc_counts_bypasses = 0;
    }

    while (!ngx_queue_empty(&ngx_http_oauthcc_counts_queue)) {
        q = ngx_queue_head(&ngx_http_oauthcc_counts_queue);
        ngx_queue_remove(q);

        copy = ngx_queue_data(q, ngx_http_oauthcc_copy_t, counts.queue);

        ngx_http_oauthcc_tally_add(copy->provider->cache,
                                   copy->provider->tally, copy->digest,
                                   &copy->counts);

        ngx_memzero(&copy->counts, sizeof(ngx_http_oauthcc_counts_t));
    }
}


/* The copy, if there is one, has to be looked at. */

static void
ngx_http_oauthcc_counts_changed(ngx_http_oauthcc_copy_t *copy)
{
    if (copy) {
        copy->counts.queued = 1;
        ngx_queue_insert_tail(&ngx_http_oauthcc_counts_queue,
                              &copy->counts.queue);
    }

    if (!ngx_http_oauthcc_counts_event.timer_set) {
        ngx_add_timer(&ngx_http_oauthcc_counts_event,
                      NGX_HTTP_OAUTHCC_COUNTS_DELAY);
    }
}


static void
ngx_http_oauthcc_counts_handler(ngx_event_t *ev)
{
    ngx_http_oauthcc_counts_fold();
}
