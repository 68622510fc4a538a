
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_PHP_TIME_PARSER_H_INCLUDED_
#define _OAUTHCC_PHP_TIME_PARSER_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* more digits than these make no number of use */
#define OAUTHCC_PHP_TIME_PARSER_DIGITS  15


/* what the text has said so far */

typedef struct {
    u_char    *pos;
    u_char    *last;

    int64_t    year;
    int64_t    month;
    int64_t    day;
    int64_t    time;     /* seconds of the day */
    int64_t    zone;     /* seconds from UTC */
    ngx_str_t  zone_name;
    ngx_uint_t zones;    /* how many were said, the first counts */

    int64_t    months;   /* to be added */
    int64_t    days;
    int64_t    seconds;
    int64_t    weekdays; /* none of them Saturday or Sunday */

    ngx_int_t  weekday;  /* from 0, a Sunday */

    unsigned   have_year:1;
    unsigned   have_date:1;
    unsigned   have_time:1;
    unsigned   have_weekday:1;
    unsigned   midnight:1;
    unsigned   after:1;  /* not the day itself */
    unsigned   week:1;   /* from its Monday */
    unsigned   month_only:1;  /* the day is that of now */
    unsigned   have_weekdays:1;
    unsigned   first_of:1;  /* day of the month */
    unsigned   last_of:1;
    unsigned   of:2;     /* from its first day, or that of the next one */
} oauthcc_php_time_parser_t;


/*
 * The parts of dates and times, as texts have them.  Each reads what is at
 * moment->pos and moves behind it; NGX_DECLINED if it is not understood, or
 * was said already.
 */

/* A date, in numbers. */
ngx_int_t oauthcc_php_time_parser_date(oauthcc_php_time_parser_t *st,
    int64_t year, int64_t month, int64_t day);

/* 2024-01-31, 01/31/2024 and the like, and a time; the first was read. */
ngx_int_t oauthcc_php_time_parser_parts(oauthcc_php_time_parser_t *st,
    int64_t first, ngx_uint_t digits, u_char separator);

/* A year, if there is one, after a day and a month that were read. */
ngx_int_t oauthcc_php_time_parser_named(oauthcc_php_time_parser_t *st,
    int64_t day, int64_t month);

/* 03:04, 03:04:05.678, 3:04 pm; the hour was read. */
ngx_int_t oauthcc_php_time_parser_clock(oauthcc_php_time_parser_t *st,
    int64_t hour);

/* 20240131, 20240131T030405; the number was read. */
ngx_int_t oauthcc_php_time_parser_compact(oauthcc_php_time_parser_t *st,
    int64_t number, ngx_uint_t digits);

/* Sets the time of the day. */
ngx_int_t oauthcc_php_time_parser_time(oauthcc_php_time_parser_t *st,
    int64_t hour, int64_t minute, int64_t second);

/* How many digits there are, and their number. */
ngx_uint_t oauthcc_php_time_parser_digits(oauthcc_php_time_parser_t *st,
    int64_t *number);

/* Skips these bytes, and says how many there were. */
ngx_uint_t oauthcc_php_time_parser_skip(oauthcc_php_time_parser_t *st,
    char *bytes);


#endif /* _OAUTHCC_PHP_TIME_PARSER_H_INCLUDED_ */
