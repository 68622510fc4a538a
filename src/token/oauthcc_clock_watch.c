
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "token/oauthcc_clock_watch.h"
#include "token/oauthcc_local.h"
#include "token/oauthcc_token_types.h"
#include "cache/oauthcc_zone.h"
#include "core/oauthcc_clock.h"


/* in milliseconds: how often clocks are compared */
#define OAUTHCC_CLOCK_WATCH_LOOK  1000


static void oauthcc_clock_watch_look(ngx_event_t *ev);


/* the worker's */

static ngx_event_t  oauthcc_clock_watch_event;


void
oauthcc_clock_watch_start(ngx_cycle_t *cycle, ngx_array_t *providers)
{
    ngx_uint_t            i;
    ngx_event_t          *ev;
    oauthcc_zone_t       *shared;
    oauthcc_provider_t  **provider;

    if (providers->nelts == 0) {
        return;
    }

    provider = providers->elts;
    shared = provider[0]->runtime.cache->shared;

    (void) oauthcc_clock_look(&shared->clock);

    for (i = 0; i < providers->nelts; i++) {

        /* files were read when the zone was not there yet */

        provider[i]->runtime.read_at += shared->clock.jumped;
    }

    ev = &oauthcc_clock_watch_event;

    ngx_memzero(ev, sizeof(ngx_event_t));

    ev->handler = oauthcc_clock_watch_look;
    ev->data = providers;
    ev->log = cycle->log;
    ev->cancelable = 1;

    ngx_add_timer(ev, OAUTHCC_CLOCK_WATCH_LOOK);
}


/*
 * After a jump, what the worker has may have ended: it asks the zone.  The
 * timers of a machine that was suspended have stood still.
 */

static void
oauthcc_clock_watch_look(ngx_event_t *ev)
{
    ngx_uint_t            i;
    ngx_array_t          *providers;
    oauthcc_zone_t       *shared;
    oauthcc_provider_t  **provider;

    providers = ev->data;
    provider = providers->elts;
    shared = provider[0]->runtime.cache->shared;

    ngx_add_timer(ev, OAUTHCC_CLOCK_WATCH_LOOK);

    if (!oauthcc_clock_look(&shared->clock)) {
        return;
    }

    ngx_log_error(NGX_LOG_NOTICE, ev->log, 0,
                  "oauthcc: the clock has jumped forward, tokens that have "
                  "ended meanwhile are not used");

    for (i = 0; i < providers->nelts; i++) {
        oauthcc_local_doubt_all(provider[i]);

        if (provider[i]->lifetime.keep_warm) {
            ngx_add_timer(&provider[i]->runtime.local->warm, 1);
        }
    }
}
