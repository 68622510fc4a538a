
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "login_json/php/oauthcc_php_time_zone.h"
#include "login_json/php/oauthcc_php_time_zone_file.h"


/* the maximum length of a zone without a slash */
#define OAUTHCC_PHP_TIME_ZONE_LETTERS  6


typedef struct {
    char       *name;
    ngx_int_t   minutes;
} oauthcc_php_time_zone_t;


static ngx_uint_t oauthcc_php_time_zone_letter(u_char *p, u_char *last);


/*
 * PHP's offsets of zone abbreviations.  IST, GST and KST are left out: PHP
 * reads them as Israel, Guam, and Korea of 2015.
 */

static oauthcc_php_time_zone_t  oauthcc_php_time_zones[] = {
    { "wet", 0 },
    { "west", 60 },
    { "cet", 60 },
    { "cest", 120 },
    { "met", 60 },
    { "mest", 120 },
    { "bst", 60 },
    { "eet", 120 },
    { "eest", 180 },
    { "msk", 180 },
    { "cat", 120 },
    { "eat", 180 },
    { "wat", 60 },
    { "sast", 120 },
    { "idt", 180 },
    { "hkt", 480 },
    { "jst", 540 },
    { "wib", 420 },
    { "awst", 480 },
    { "acst", 570 },
    { "acdt", 630 },
    { "aest", 600 },
    { "aedt", 660 },
    { "nzst", 720 },
    { "nzdt", 780 },
    { "nst", -210 },
    { "ast", -240 },
    { "adt", -180 },
    { "akst", -540 },
    { "akdt", -480 },
    { "hst", -600 },
    { "sst", -660 },
    { "uct", 0 },
    { NULL, 0 }
};


ngx_int_t
oauthcc_php_time_zone_read(oauthcc_php_time_parser_t *st)
{
    size_t                    len;
    u_char                   *p;
    ngx_uint_t                slash;
    oauthcc_php_time_zone_t  *zone;

    p = st->pos;

    if (*p == '(') {
        p++;
    }

    st->pos = p;
    slash = 0;

    while (oauthcc_php_time_zone_letter(p, st->last)
           || (p > st->pos && p < st->last
               && (*p == '/' || *p == '_' || *p == '-')
               && oauthcc_php_time_zone_letter(p + 1, st->last)))
    {
        slash |= (*p == '/');
        p++;
    }

    len = p - st->pos;

    if (len == 0 || (!slash && len > OAUTHCC_PHP_TIME_ZONE_LETTERS)) {
        return NGX_DECLINED;
    }

    for (zone = oauthcc_php_time_zones; zone->name; zone++) {

        if (ngx_strlen(zone->name) == len
            && ngx_strncasecmp(st->pos, (u_char *) zone->name, len) == 0)
        {
            break;
        }
    }

    /* names begin with a capital letter */

    if (zone->name == NULL && (*st->pos < 'A' || *st->pos > 'Z')) {
        return NGX_DECLINED;
    }

    if (zone->name == NULL && st->zones == 0) {
        st->zone_name.data = st->pos;
        st->zone_name.len = len;
    }

    st->pos = p;

    if (st->pos < st->last && *st->pos == ')') {
        st->pos++;
    }

    return oauthcc_php_time_zone_set(st, zone->name ? zone->minutes * 60 : 0);
}


ngx_int_t
oauthcc_php_time_zone_gmt(oauthcc_php_time_parser_t *st)
{
    int64_t     hours, minutes;
    ngx_int_t   sign;
    ngx_uint_t  digits;

    if (st->last - st->pos < 2 || (*st->pos != '+' && *st->pos != '-')
        || st->pos[1] < '0' || st->pos[1] > '9')
    {
        return oauthcc_php_time_zone_set(st, 0);
    }

    sign = (*st->pos++ == '-') ? -1 : 1;
    minutes = 0;

    digits = oauthcc_php_time_parser_digits(st, &hours);

    if (digits == 3 || digits == 4) {
        minutes = hours % 100;
        hours /= 100;

    } else if (digits > 2) {
        return NGX_DECLINED;

    } else if (oauthcc_php_time_parser_skip(st, ":")
               && oauthcc_php_time_parser_digits(st, &minutes) != 2)
    {
        return NGX_DECLINED;
    }

    if (hours > 24 || minutes > 59) {
        return NGX_DECLINED;
    }

    return oauthcc_php_time_zone_set(st, sign * (hours * 3600 + minutes * 60));
}


ngx_int_t
oauthcc_php_time_zone_set(oauthcc_php_time_parser_t *st, int64_t seconds)
{
    /* a second zone, as in "+0000 UTC", repeats the first */

    if (st->zones == 2) {
        return NGX_DECLINED;
    }

    if (st->zones++ == 0) {
        st->zone = seconds;
    }

    return NGX_OK;
}


ngx_int_t
oauthcc_php_time_zone_offset(oauthcc_php_time_parser_t *st, int64_t local,
    int64_t *seconds)
{
    *seconds = st->zone;

    return st->zone_name.len
           ? oauthcc_php_time_zone_file_offset(&st->zone_name, local, seconds)
           : NGX_OK;
}


static ngx_uint_t
oauthcc_php_time_zone_letter(u_char *p, u_char *last)
{
    return p < last && ((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z'));
}
