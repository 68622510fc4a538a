
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

/* no date is longer, in whichever of its three forms */
#define OAUTHCC_LIFETIME_DATE     40


oauthcc_time_t
oauthcc_lifetime_usable(oauthcc_time_t requested, ngx_msec_t life,
    ngx_msec_t margin)
{
    return requested + life - ngx_min(margin, life / 10);
}


oauthcc_time_t
oauthcc_lifetime_refresh(oauthcc_time_t usable, ngx_msec_t life,
    ngx_msec_t before, ngx_uint_t random)
{
    before = ngx_min(before, life / 5);

    return usable - before - random % (before / 4 + 1);
}


oauthcc_time_t
oauthcc_lifetime_least(oauthcc_time_t point, oauthcc_time_t requested,
    oauthcc_time_t last)
{
    oauthcc_time_t  least;

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

#if (NGX_TIME_T_SIZE <= 4)
        if (sec == NGX_ERROR && oauthcc_lifetime_beyond(value)) {
            sec = NGX_MAX_INT32_VALUE;
        }
#endif

        if (sec == NGX_ERROR || sec <= now_sec) {
            return 0;
        }

        sec -= now_sec;
    }

    sec = ngx_min(sec, OAUTHCC_LIFETIME_MAX_SEC);

    return (ngx_msec_t) sec * 1000;
}


ngx_uint_t
oauthcc_lifetime_beyond(ngx_str_t *date)
{
    u_char     *p, *last, text[OAUTHCC_LIFETIME_DATE];
    size_t      n;
    ngx_int_t   year;
    ngx_uint_t  leap;

    if (date->len > sizeof(text)) {
        return 0;
    }

    last = ngx_cpymem(text, date->data, date->len);

    /* nginx does not look at what is before the first comma or space */

    for (p = text; p < last && *p != ',' && *p != ' '; p++) { /* void */ }

    /* the first four digits in a row, or the two between "-" and a space */

    for ( /* void */ ; last - p >= 4; p++) {

        /* a digit more, and nginx reads another year than these four are */

        if (p > text && p[-1] >= '0' && p[-1] <= '9') {
            continue;
        }

        n = 4;
        year = ngx_atoi(p, n);

        if (year == NGX_ERROR && p[0] == '-' && p[3] == ' ') {
            p++;
            n = 2;
            year = ngx_atoi(p, n);
            year += (year == NGX_ERROR || year >= 70) ? 0 : 2000;
        }

        if (year == NGX_ERROR) {
            continue;
        }

        if (year <= 2037) {
            return 0;
        }

        /* the rest is valid if it is so in a year of the same length */

        leap = (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
        ngx_memcpy(p, (leap ? "2000" : "2001") + 4 - n, n);

        return ngx_parse_http_time(text, date->len) != NGX_ERROR;
    }

    return 0;
}
