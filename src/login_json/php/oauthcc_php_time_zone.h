
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_PHP_TIME_ZONE_H_INCLUDED_
#define _OAUTHCC_PHP_TIME_ZONE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "login_json/php/oauthcc_php_time_parser.h"


/*
 * Reads a zone at st->pos, an abbreviation or a name, and moves behind it.
 * NGX_DECLINED if there is none.
 */
ngx_int_t oauthcc_php_time_zone_read(oauthcc_php_time_parser_t *st);

/* Reads an offset behind "GMT": +2, +0200, +02:00. */
ngx_int_t oauthcc_php_time_zone_gmt(oauthcc_php_time_parser_t *st);

/*
 * Sets the offset, in seconds east of UTC, unless one was read before;
 * NGX_DECLINED for a third one.
 */
ngx_int_t oauthcc_php_time_zone_set(oauthcc_php_time_parser_t *st,
    int64_t seconds);

/*
 * The zone's offset from UTC, in seconds, at a local time.  NGX_DECLINED if
 * the zone is unknown.
 */
ngx_int_t oauthcc_php_time_zone_offset(oauthcc_php_time_parser_t *st,
    int64_t local, int64_t *seconds);


#endif /* _OAUTHCC_PHP_TIME_ZONE_H_INCLUDED_ */
