
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_PHP_TIME_ZONE_FILE_H_INCLUDED_
#define _OAUTHCC_PHP_TIME_ZONE_FILE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/*
 * The offset from UTC, in seconds, of a zone of the system's tz database, such
 * as "Europe/Prague", at a local time.  NGX_DECLINED if the zone is unknown.
 */
ngx_int_t oauthcc_php_time_zone_file_offset(ngx_str_t *name, int64_t local,
    int64_t *seconds);


#endif /* _OAUTHCC_PHP_TIME_ZONE_FILE_H_INCLUDED_ */
