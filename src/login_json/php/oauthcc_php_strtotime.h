
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_PHP_STRTOTIME_H_INCLUDED_
#define _OAUTHCC_PHP_STRTOTIME_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/*
 * PHP's strtotime() in UTC, relative to now (seconds since the epoch). NGX_OK,
 * or NGX_DECLINED if the text is not understood.
 */
ngx_int_t oauthcc_php_strtotime(ngx_str_t *text, int64_t now, int64_t *sec);


#endif /* _OAUTHCC_PHP_STRTOTIME_H_INCLUDED_ */
