
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_PHP_TIME_RELATIVE_H_INCLUDED_
#define _OAUTHCC_PHP_TIME_RELATIVE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "login_json/php/oauthcc_php_time_parser.h"
#include "login_json/php/oauthcc_php_time_words.h"


/* the range of valid years */
#define OAUTHCC_PHP_TIME_RELATIVE_YEARS  100000000


/*
 * Reads what follows "next", "last", "this", or an ordinal such as "third": a
 * weekday, a unit, or "day of" and the like.  NGX_DECLINED if it is not
 * understood.
 */
ngx_int_t oauthcc_php_time_relative_shift(oauthcc_php_time_parser_t *st,
    ngx_int_t shift, ngx_uint_t ordinal);

/* Adds a number of units. */
ngx_int_t oauthcc_php_time_relative_units(oauthcc_php_time_parser_t *st,
    int64_t n, oauthcc_php_time_words_t *word);

/* Moves to the next day that is this weekday, from 0 (Sunday). */
void oauthcc_php_time_relative_weekday(oauthcc_php_time_parser_t *st,
    ngx_int_t weekday);

/*
 * Resets the time of day: "tomorrow 10:00" is at ten, "10:00 tomorrow" is at
 * midnight.
 */
void oauthcc_php_time_relative_midnight(oauthcc_php_time_parser_t *st);

/* Inverts all relative parts read so far, weekdays included ("ago"). */
void oauthcc_php_time_relative_ago(oauthcc_php_time_parser_t *st);

/*
 * Applies all relative parts to a day, in days since the epoch.  NGX_DECLINED
 * if the result is out of range.
 */
ngx_int_t oauthcc_php_time_relative_days(oauthcc_php_time_parser_t *st,
    int64_t *days);


#endif /* _OAUTHCC_PHP_TIME_RELATIVE_H_INCLUDED_ */
