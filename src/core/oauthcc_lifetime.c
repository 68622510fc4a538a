
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_lifetime.h"


/* a server in trouble is tried at least so often, while requests ask */
#define OAUTHCC_LIFETIME_PROBE    5000

/* fits into the positive half of 32 bits of milliseconds */
#define OAUTHCC_LIFETIME_MAX_SEC  (24 * 24 * 3600)


ngx_msec_t
oauthcc_lifetime_usable(ngx_msec_t requested, ngx_msec_t life,
    ngx_msec_t margin)
{
    return requested + life - ngx_min(margin, life / 10);
}


ngx_msec_t
oauthcc_lifetime_refresh(ngx_msec_t usable, ngx_msec_t life, ngx_msec_t before,
    ngx_uint_t random)
{
    before = ngx_min(before, life / 5);

    return usable - before - random % (before / 4 + 1);
}


ngx_msec_t
oauthcc_lifetime_least(ngx_msec_t point, ngx_msec_t requested, ngx_msec_t last)
{
    ngx_msec_t  least;

    least = requested + OAUTHCC_LIFETIME_LEAST;

    if (!oauthcc_lifetime_reached(last, least)) {
        return last;
    }

    return oauthcc_lifetime_reached(point, least) ? point : least;
}


ngx_msec_t
oauthcc_lifetime_ended(ngx_uint_t n, ngx_msec_t most)
{
    ngx_msec_t  life;

    for (life = OAUTHCC_LIFETIME_LEAST; n && life < most; n--) {
        life = (life > most / 2) ? most : life * 2;
    }

    return life;
}


/*
 * The jitter leaves half of min at least: with none left at all, a gateway
 * that draws low a few times in a row would hammer a server in trouble.
 */

ngx_msec_t
oauthcc_lifetime_backoff(ngx_msec_t min, ngx_msec_t max, ngx_uint_t failures,
    ngx_msec_t retry_after, ngx_uint_t random)
{
    ngx_msec_t  base, floor, wait;

    base = ngx_min(min, max);
    floor = base / 2;

    for ( /* void */ ; failures > 1 && base && base < max; failures--) {
        base = (base > max / 2) ? max : base * 2;
    }

    wait = floor + random % (base - floor + 1);
    wait = ngx_max(wait, retry_after);

    return ngx_max(wait, 1);
}


ngx_msec_t
oauthcc_lifetime_probe(oauthcc_lifetime_outage_e outage, ngx_msec_t lasted,
    ngx_msec_t min, ngx_msec_t max, ngx_uint_t random)
{
    ngx_msec_t  most;

    most = min;

    if (outage == OAUTHCC_LIFETIME_OUTAGE_DOWN) {
        most = ngx_max(min, ngx_min(OAUTHCC_LIFETIME_PROBE, lasted / 10));
    }

    most = ngx_min(most, max);

    return ngx_max(most / 2 + random % (most - most / 2 + 1), 1);
}


ngx_msec_t
oauthcc_lifetime_retry_after(ngx_str_t *value, time_t now_sec)
{
    time_t   sec;
    u_char  *p, *last;

    last = value->data + value->len;
    sec = 0;

    for (p = value->data; p < last && *p >= '0' && *p <= '9'; p++) {

        if (sec < OAUTHCC_LIFETIME_MAX_SEC) {
            sec = sec * 10 + (*p - '0');
        }
    }

    if (p < last) {
        sec = ngx_parse_http_time(value->data, value->len);

        if (sec == NGX_ERROR || sec <= now_sec) {
            return 0;
        }

        sec -= now_sec;
    }

    sec = ngx_min(sec, OAUTHCC_LIFETIME_MAX_SEC);

    return (ngx_msec_t) sec * 1000;
}
