
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_PHP_TIME_ZONE_FILE_H_INCLUDED_
#define _OAUTHCC_PHP_TIME_ZONE_FILE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/*
 * How far a zone of the system's tz data, "Europe/Prague", is from UTC, in
 * seconds, when its clocks show a local time.  NGX_DECLINED if it has no such
 * zone.
 */
ngx_int_t oauthcc_php_time_zone_file_offset(ngx_str_t *name, int64_t local,
    int64_t *seconds);


#endif /* _OAUTHCC_PHP_TIME_ZONE_FILE_H_INCLUDED_ */
