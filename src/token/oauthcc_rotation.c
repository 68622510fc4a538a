
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_clock.h"
#include "token/oauthcc_rotation.h"
#include "token/oauthcc_token_types.h"
#include "token/oauthcc_cache_key.h"
#include "token/oauthcc_local.h"
#include "cache/oauthcc_content.h"
#include "core/oauthcc_lifetime.h"
#include "core/oauthcc_provider_values.h"
#include "oauth/oauthcc_client_auth.h"


/* how often files are looked at during a backoff, milliseconds */
#define OAUTHCC_ROTATION_LOOK  1000

/* and for how long after a file could not be read */
#define OAUTHCC_ROTATION_STALE  70000


static void oauthcc_rotation_look(ngx_event_t *ev);
static void oauthcc_rotation_stale(oauthcc_provider_t *provider);


void
oauthcc_rotation_init(oauthcc_provider_t *provider)
{
    provider->runtime.watch.handler = oauthcc_rotation_look;
    provider->runtime.watch.data = provider;
    provider->runtime.watch.cancelable = 1;
}


ngx_uint_t
oauthcc_rotation_read(oauthcc_provider_t *provider)
{
    ngx_uint_t  use, stale, changed;

    use = oauthcc_provider_values_reread(provider, ngx_cycle->log);
    stale = oauthcc_provider_values_stale(provider);

    if (stale) {
        oauthcc_rotation_stale(provider);
    }

    changed = ((use & ~OAUTHCC_PROVIDER_VALUES_KEY) != 0);

    if ((use & OAUTHCC_PROVIDER_VALUES_KEY)
        && oauthcc_client_auth_renew(provider, ngx_cycle->log))
    {
        changed = 1;
    }

    if (!changed) {

        if (!stale) {

            /* other workers may have seen another content in between */

            provider->runtime.content.read_at = oauthcc_clock_msec();
        }

        return 0;
    }

    provider->runtime.content.digest = oauthcc_cache_key_content(provider);
    provider->runtime.content.read_at = oauthcc_clock_msec();

    if (provider->runtime.watch.timer_set) {

        /*
         * the backoff was for the old secrets, whoever noticed the change
         * first
         */

        ngx_del_timer(&provider->runtime.watch);

        oauthcc_content_forgive(provider->runtime.cache,
                                provider->runtime.local->digest,
                                &provider->runtime.content);

        /* requests with a token ask the zone, where a refresh is due */

        oauthcc_local_doubt_all(provider);
    }

    return 1;
}


void
oauthcc_rotation_watch(oauthcc_provider_t *provider, ngx_msec_t wait)
{
    ngx_event_t     *ev;
    oauthcc_time_t   until;

    ev = &provider->runtime.watch;
    until = oauthcc_clock_msec() + wait;

    if (ev->timer_set) {

        if (oauthcc_lifetime_reached(until, provider->runtime.watch_until)) {
            provider->runtime.watch_until = until;
        }

        return;
    }

    if (wait == 0 || !oauthcc_provider_values_files(provider)) {
        return;
    }

    provider->runtime.watch_until = until;

    ev->log = ngx_cycle->log;

    ngx_add_timer(ev, OAUTHCC_ROTATION_LOOK);
}


/*
 * Logs an unreadable file once a minute, in one of the workers, and goes on
 * looking.
 */

static void
oauthcc_rotation_stale(oauthcc_provider_t *provider)
{
    ngx_pool_t                *pool;
    ngx_http_core_loc_conf_t  *clcf;

    oauthcc_rotation_watch(provider, OAUTHCC_ROTATION_STALE);

    if (!oauthcc_content_stale(provider->runtime.cache,
                               provider->runtime.local->digest))
    {
        return;
    }

    pool = ngx_create_pool(1024, ngx_cycle->log);
    if (pool == NULL) {
        return;
    }

    clcf = provider->endpoint.ctx->loc_conf[ngx_http_core_module.ctx_index];

    (void) oauthcc_provider_values_tell(provider, pool, clcf->error_log);

    ngx_destroy_pool(pool);
}


static void
oauthcc_rotation_look(ngx_event_t *ev)
{
    oauthcc_provider_t  *provider;

    provider = ev->data;

    if (!oauthcc_lifetime_reached(oauthcc_clock_msec(),
                                  provider->runtime.watch_until)) {
        ngx_add_timer(ev, OAUTHCC_ROTATION_LOOK);
    }

    (void) oauthcc_rotation_read(provider);
}
