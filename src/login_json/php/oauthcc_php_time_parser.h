
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_PHP_TIME_PARSER_H_INCLUDED_
#define _OAUTHCC_PHP_TIME_PARSER_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* the maximum number of digits with a valid value */
#define OAUTHCC_PHP_TIME_PARSER_DIGITS  15


/* the parts of a date and time that were read so far */

typedef struct {
    u_char    *pos;
    u_char    *last;

    int64_t    year;
    int64_t    month;
    int64_t    day;
    int64_t    time;     /* seconds of the day */
    int64_t    zone;     /* seconds east of UTC */
    ngx_str_t  zone_name;
    ngx_uint_t zones;    /* how many zones were read; the first one counts */

    int64_t    months;   /* relative parts */
    int64_t    days;
    int64_t    seconds;
    int64_t    weekdays; /* weekdays, Monday to Friday */

    ngx_int_t  weekday;  /* from 0 (Sunday) */

    unsigned   have_year:1;
    unsigned   have_date:1;
    unsigned   have_time:1;
    unsigned   have_weekday:1;
    unsigned   midnight:1;
    unsigned   after:1;  /* the day itself does not count */
    unsigned   week:1;   /* counted from the Monday of the week */
    unsigned   month_only:1;  /* no day was read: it is the present one */
    unsigned   have_weekdays:1;
    unsigned   first_of:1;  /* day of the month */
    unsigned   last_of:1;
    unsigned   of:2;     /* 1: from its first day, 2: from that of the next */
} oauthcc_php_time_parser_t;


/*
 * Parsers of the parts of dates and times.  Each reads at moment->pos and
 * moves behind what it has read; NGX_DECLINED if the text is not understood,
 * or the part was read before.
 */

/* A date in numbers. */
ngx_int_t oauthcc_php_time_parser_date(oauthcc_php_time_parser_t *st,
    int64_t year, int64_t month, int64_t day);

/*
 * 2024-01-31, 01/31/2024 and the like, and a time; the first number is read.
 */
ngx_int_t oauthcc_php_time_parser_parts(oauthcc_php_time_parser_t *st,
    int64_t first, ngx_uint_t digits, u_char separator);

/* An optional year after a day and a month. */
ngx_int_t oauthcc_php_time_parser_named(oauthcc_php_time_parser_t *st,
    int64_t day, int64_t month);

/* 03:04, 03:04:05.678, 3:04 pm; the hour is read. */
ngx_int_t oauthcc_php_time_parser_clock(oauthcc_php_time_parser_t *st,
    int64_t hour);

/* 20240131, 20240131T030405; the number is read. */
ngx_int_t oauthcc_php_time_parser_compact(oauthcc_php_time_parser_t *st,
    int64_t number, ngx_uint_t digits);

/* Sets the time of day. */
ngx_int_t oauthcc_php_time_parser_time(oauthcc_php_time_parser_t *st,
    int64_t hour, int64_t minute, int64_t second);

/* The number of digits, and their value. */
ngx_uint_t oauthcc_php_time_parser_digits(oauthcc_php_time_parser_t *st,
    int64_t *number);

/* Skips these bytes and returns their number. */
ngx_uint_t oauthcc_php_time_parser_skip(oauthcc_php_time_parser_t *st,
    char *bytes);


#endif /* _OAUTHCC_PHP_TIME_PARSER_H_INCLUDED_ */
