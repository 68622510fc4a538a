
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


/* how often the clocks are compared, milliseconds */
#define OAUTHCC_CLOCK_WATCH_LOOK  1000


/* of the worker: the time of the next comparison, and its providers */

ngx_msec_t           oauthcc_clock_watch_due;

static ngx_array_t  *oauthcc_clock_watch_providers;


#if (NGX_PTR_SIZE == 4)

/*
 * ngx_current_msec wraps after 49 days: without a request, the clocks are
 * compared and local entries are doubted once a day, so that no point of it
 * is ever older than that.
 */

#define OAUTHCC_CLOCK_WATCH_DAY  (24 * 3600 * 1000)

static void oauthcc_clock_watch_day(ngx_event_t *ev);

static ngx_event_t  oauthcc_clock_watch_event;

#endif


static void oauthcc_clock_watch_doubt(void);


void
oauthcc_clock_watch_start(ngx_array_t *providers)
{
    ngx_uint_t            i;
    oauthcc_zone_t       *shared;
    oauthcc_provider_t  **provider;

    if (providers->nelts == 0) {
        return;
    }

    provider = providers->elts;
    shared = provider[0]->runtime.cache->shared;

    (void) oauthcc_clock_look(&shared->clock);

    for (i = 0; i < providers->nelts; i++) {

        /* files were read before the zone and its clock existed */

        provider[i]->runtime.content.read_at += shared->clock.jumped;
    }

    oauthcc_clock_watch_due = ngx_current_msec + OAUTHCC_CLOCK_WATCH_LOOK;
    oauthcc_clock_watch_providers = providers;

#if (NGX_PTR_SIZE == 4)
    oauthcc_clock_watch_event.handler = oauthcc_clock_watch_day;
    oauthcc_clock_watch_event.data = providers;
    oauthcc_clock_watch_event.log = ngx_cycle->log;
    oauthcc_clock_watch_event.cancelable = 1;

    ngx_add_timer(&oauthcc_clock_watch_event, OAUTHCC_CLOCK_WATCH_DAY);
#endif
}


#if (NGX_PTR_SIZE == 4)

static void
oauthcc_clock_watch_day(ngx_event_t *ev)
{
    oauthcc_clock_watch_look();
    oauthcc_clock_watch_doubt();

    ngx_add_timer(ev, OAUTHCC_CLOCK_WATCH_DAY);
}

#endif


/*
 * After a jump, the worker's tokens may have expired: the zone is asked. The
 * timers of a machine that was suspended have stood still.
 */

void
oauthcc_clock_watch_look(void)
{
    oauthcc_zone_t       *shared;
    oauthcc_provider_t  **provider;

    oauthcc_clock_watch_due = ngx_current_msec + OAUTHCC_CLOCK_WATCH_LOOK;

    provider = oauthcc_clock_watch_providers->elts;
    shared = provider[0]->runtime.cache->shared;

    if (!oauthcc_clock_look(&shared->clock)) {
        return;
    }

    ngx_log_error(NGX_LOG_NOTICE, ngx_cycle->log, 0,
                  "oauthcc: the clock has jumped forward, tokens that have "
                  "expired meanwhile are not used");

    oauthcc_clock_watch_doubt();
}


static void
oauthcc_clock_watch_doubt(void)
{
    ngx_uint_t            i;
    oauthcc_provider_t  **provider;

    provider = oauthcc_clock_watch_providers->elts;

    for (i = 0; i < oauthcc_clock_watch_providers->nelts; i++) {
        oauthcc_local_doubt_all(provider[i]);

        if (provider[i]->lifetime.keep_warm) {
            ngx_add_timer(&provider[i]->runtime.local->warm, 1);
        }
    }
}
