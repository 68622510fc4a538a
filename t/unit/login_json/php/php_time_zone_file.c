
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "login_json/php/oauthcc_php_time_zone_file.h"
#include "oauthcc_unit.h"


/* a zone, what its clocks show, and how far that is from UTC, by PHP 8.2 */

typedef struct {
    char     *name;
    int64_t   local;
    int64_t   offset;
} oauthcc_unit_zone_t;


static oauthcc_unit_zone_t  oauthcc_unit_zones[] = {

    /* 1985-07-01 12:00 */
    { "Europe/Prague", 489067200, 7200 },
    /* 2026-01-28 10:00 */
    { "Europe/Prague", 1769594400, 3600 },
    /* 2026-07-28 10:00 */
    { "Europe/Prague", 1785232800, 7200 },
    /* 2026-03-29 01:59:59 */
    { "Europe/Prague", 1774749599, 3600 },
    /* 2026-03-29 02:30 */
    { "Europe/Prague", 1774751400, 3600 },
    /* 2026-03-29 03:00 */
    { "Europe/Prague", 1774753200, 7200 },
    /* 2026-10-25 01:59:59 */
    { "Europe/Prague", 1792893599, 7200 },
    /* 2026-10-25 02:30 */
    { "Europe/Prague", 1792895400, 7200 },
    /* 2026-10-25 03:00 */
    { "Europe/Prague", 1792897200, 3600 },
    /* 2026-03-08 02:30 */
    { "Europe/Prague", 1772937000, 3600 },
    /* 2026-11-01 01:30 */
    { "Europe/Prague", 1793496600, 3600 },
    /* 2026-11-01 02:00 */
    { "Europe/Prague", 1793498400, 3600 },
    /* 2050-01-28 10:00 */
    { "Europe/Prague", 2526976800, 3600 },
    /* 2050-07-28 10:00 */
    { "Europe/Prague", 2542615200, 7200 },
    /* 2050-10-30 02:30 */
    { "Europe/Prague", 2550709800, 7200 },
    /* 2050-03-27 02:30 */
    { "Europe/Prague", 2531961000, 3600 },
    /* 2026-04-05 02:30 */
    { "Europe/Prague", 1775356200, 7200 },
    /* 2026-10-04 02:30 */
    { "Europe/Prague", 1791081000, 7200 },
    /* 1985-07-01 12:00 */
    { "America/New_York", 489067200, -14400 },
    /* 2026-01-28 10:00 */
    { "America/New_York", 1769594400, -18000 },
    /* 2026-07-28 10:00 */
    { "America/New_York", 1785232800, -14400 },
    /* 2026-03-29 01:59:59 */
    { "America/New_York", 1774749599, -14400 },
    /* 2026-03-29 02:30 */
    { "America/New_York", 1774751400, -14400 },
    /* 2026-03-29 03:00 */
    { "America/New_York", 1774753200, -14400 },
    /* 2026-10-25 01:59:59 */
    { "America/New_York", 1792893599, -14400 },
    /* 2026-10-25 02:30 */
    { "America/New_York", 1792895400, -14400 },
    /* 2026-10-25 03:00 */
    { "America/New_York", 1792897200, -14400 },
    /* 2026-03-08 02:30 */
    { "America/New_York", 1772937000, -18000 },
    /* 2026-11-01 01:30 */
    { "America/New_York", 1793496600, -14400 },
    /* 2026-11-01 02:00 */
    { "America/New_York", 1793498400, -18000 },
    /* 2050-01-28 10:00 */
    { "America/New_York", 2526976800, -18000 },
    /* 2050-07-28 10:00 */
    { "America/New_York", 2542615200, -14400 },
    /* 2050-10-30 02:30 */
    { "America/New_York", 2550709800, -14400 },
    /* 2050-03-27 02:30 */
    { "America/New_York", 2531961000, -14400 },
    /* 2026-04-05 02:30 */
    { "America/New_York", 1775356200, -14400 },
    /* 2026-10-04 02:30 */
    { "America/New_York", 1791081000, -14400 },
    /* 1985-07-01 12:00 */
    { "Australia/Sydney", 489067200, 36000 },
    /* 2026-01-28 10:00 */
    { "Australia/Sydney", 1769594400, 39600 },
    /* 2026-07-28 10:00 */
    { "Australia/Sydney", 1785232800, 36000 },
    /* 2026-03-29 01:59:59 */
    { "Australia/Sydney", 1774749599, 39600 },
    /* 2026-03-29 02:30 */
    { "Australia/Sydney", 1774751400, 39600 },
    /* 2026-03-29 03:00 */
    { "Australia/Sydney", 1774753200, 39600 },
    /* 2026-10-25 01:59:59 */
    { "Australia/Sydney", 1792893599, 39600 },
    /* 2026-10-25 02:30 */
    { "Australia/Sydney", 1792895400, 39600 },
    /* 2026-10-25 03:00 */
    { "Australia/Sydney", 1792897200, 39600 },
    /* 2026-03-08 02:30 */
    { "Australia/Sydney", 1772937000, 39600 },
    /* 2026-11-01 01:30 */
    { "Australia/Sydney", 1793496600, 39600 },
    /* 2026-11-01 02:00 */
    { "Australia/Sydney", 1793498400, 39600 },
    /* 2050-01-28 10:00 */
    { "Australia/Sydney", 2526976800, 39600 },
    /* 2050-07-28 10:00 */
    { "Australia/Sydney", 2542615200, 36000 },
    /* 2050-10-30 02:30 */
    { "Australia/Sydney", 2550709800, 39600 },
    /* 2050-03-27 02:30 */
    { "Australia/Sydney", 2531961000, 39600 },
    /* 2026-04-05 02:30 */
    { "Australia/Sydney", 1775356200, 39600 },
    /* 2026-10-04 02:30 */
    { "Australia/Sydney", 1791081000, 36000 },
    /* 1985-07-01 12:00 */
    { "Asia/Kolkata", 489067200, 19800 },
    /* 2026-01-28 10:00 */
    { "Asia/Kolkata", 1769594400, 19800 },
    /* 2026-07-28 10:00 */
    { "Asia/Kolkata", 1785232800, 19800 },
    /* 2026-03-29 01:59:59 */
    { "Asia/Kolkata", 1774749599, 19800 },
    /* 2026-03-29 02:30 */
    { "Asia/Kolkata", 1774751400, 19800 },
    /* 2026-03-29 03:00 */
    { "Asia/Kolkata", 1774753200, 19800 },
    /* 2026-10-25 01:59:59 */
    { "Asia/Kolkata", 1792893599, 19800 },
    /* 2026-10-25 02:30 */
    { "Asia/Kolkata", 1792895400, 19800 },
    /* 2026-10-25 03:00 */
    { "Asia/Kolkata", 1792897200, 19800 },
    /* 2026-03-08 02:30 */
    { "Asia/Kolkata", 1772937000, 19800 },
    /* 2026-11-01 01:30 */
    { "Asia/Kolkata", 1793496600, 19800 },
    /* 2026-11-01 02:00 */
    { "Asia/Kolkata", 1793498400, 19800 },
    /* 2050-01-28 10:00 */
    { "Asia/Kolkata", 2526976800, 19800 },
    /* 2050-07-28 10:00 */
    { "Asia/Kolkata", 2542615200, 19800 },
    /* 2050-10-30 02:30 */
    { "Asia/Kolkata", 2550709800, 19800 },
    /* 2050-03-27 02:30 */
    { "Asia/Kolkata", 2531961000, 19800 },
    /* 2026-04-05 02:30 */
    { "Asia/Kolkata", 1775356200, 19800 },
    /* 2026-10-04 02:30 */
    { "Asia/Kolkata", 1791081000, 19800 },

    { NULL, 0, 0 }
};


ngx_int_t
oauthcc_unit_php_time_zone_file(oauthcc_unit_t *unit)
{
    int64_t               offset;
    ngx_str_t             name;
    ngx_uint_t            i;
    ngx_file_info_t       info;
    oauthcc_unit_zone_t  *zone;

    static char  *bad[] = { "Nowhere/Else", "Europe", "", NULL };

    for (i = 0; bad[i]; i++) {
        name.data = (u_char *) bad[i];
        name.len = ngx_strlen(bad[i]);

        oauthcc_unit_number(unit,
                            oauthcc_php_time_zone_file_offset(&name, 0,
                                                              &offset),
                            NGX_DECLINED, bad[i]);
    }

    if (ngx_file_info("/usr/share/zoneinfo/Europe/Prague", &info)
        == NGX_FILE_ERROR)
    {
        oauthcc_unit_diag("no tz data here");
        return NGX_OK;
    }

    for (zone = oauthcc_unit_zones; zone->name; zone++) {
        name.data = (u_char *) zone->name;
        name.len = ngx_strlen(zone->name);

        offset = -1;

        oauthcc_unit_number(unit,
                            oauthcc_php_time_zone_file_offset(&name,
                                                              zone->local,
                                                              &offset),
                            NGX_OK, zone->name);
        oauthcc_unit_number(unit, offset, zone->offset, zone->name);
    }

    return NGX_OK;
}
