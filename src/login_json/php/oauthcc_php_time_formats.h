
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_PHP_TIME_FORMATS_H_INCLUDED_
#define _OAUTHCC_PHP_TIME_FORMATS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "login_json/php/oauthcc_php_time_parser.h"


/*
 * Reads a date or a time of a fixed form at st->pos and moves behind it:
 * 20240131030405, 2024-W05-3, 31/Jan/2024:03:04:05, 31.1.24, 3 p.m., 3.04.05.
 * NGX_DECLINED if it has none of the forms, NGX_ERROR if a date, or a time,
 * was read before.
 */
ngx_int_t oauthcc_php_time_formats_read(oauthcc_php_time_parser_t *st);


#endif /* _OAUTHCC_PHP_TIME_FORMATS_H_INCLUDED_ */
