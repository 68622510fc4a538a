
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_PHP_TIME_RELATIVE_H_INCLUDED_
#define _OAUTHCC_PHP_TIME_RELATIVE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "login_json/php/oauthcc_php_time_parser.h"
#include "login_json/php/oauthcc_php_time_words.h"


/* years that are still of use */
#define OAUTHCC_PHP_TIME_RELATIVE_YEARS  100000000


/*
 * What is behind "next", "last", "this", or "third", an ordinal: a weekday, a
 * unit, or "day of" and the like.  NGX_DECLINED if it is not understood.
 */
ngx_int_t oauthcc_php_time_relative_shift(oauthcc_php_time_parser_t *st,
    ngx_int_t shift, ngx_uint_t ordinal);

/* Adds so many units. */
ngx_int_t oauthcc_php_time_relative_units(oauthcc_php_time_parser_t *st,
    int64_t n, oauthcc_php_time_words_t *word);

/* The next day that is a weekday, from 0, a Sunday. */
void oauthcc_php_time_relative_weekday(oauthcc_php_time_parser_t *st,
    ngx_int_t weekday);

/* Forgets a time: "tomorrow 10:00" is at ten, "10:00 tomorrow" is not. */
void oauthcc_php_time_relative_midnight(oauthcc_php_time_parser_t *st);

/* Turns round all that was said before, a weekday as well. */
void oauthcc_php_time_relative_ago(oauthcc_php_time_parser_t *st);

/*
 * Moves a day, in days since the epoch, by all that was said.  NGX_DECLINED if
 * it is too far away.
 */
ngx_int_t oauthcc_php_time_relative_days(oauthcc_php_time_parser_t *st,
    int64_t *days);


#endif /* _OAUTHCC_PHP_TIME_RELATIVE_H_INCLUDED_ */
