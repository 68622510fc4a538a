
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_PHP_TIME_ZONE_H_INCLUDED_
#define _OAUTHCC_PHP_TIME_ZONE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "login_json/php/oauthcc_php_time_parser.h"


/*
 * The zone of a time: its abbreviation or its name, at st->pos, which it moves
 * behind it.  NGX_DECLINED if there is none.
 */
ngx_int_t oauthcc_php_time_zone_read(oauthcc_php_time_parser_t *st);

/* What may be behind "GMT": +2, +0200, +02:00. */
ngx_int_t oauthcc_php_time_zone_gmt(oauthcc_php_time_parser_t *st);

/* Seconds from UTC, unless a zone was said before; NGX_DECLINED: a third. */
ngx_int_t oauthcc_php_time_zone_set(oauthcc_php_time_parser_t *st,
    int64_t seconds);

/*
 * How far the zone is from UTC, in seconds, when its clocks show a local time.
 * NGX_DECLINED if nobody knows the zone.
 */
ngx_int_t oauthcc_php_time_zone_offset(oauthcc_php_time_parser_t *st,
    int64_t local, int64_t *seconds);


#endif /* _OAUTHCC_PHP_TIME_ZONE_H_INCLUDED_ */
