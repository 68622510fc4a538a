
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_PHP_DATE_H_INCLUDED_
#define _OAUTHCC_PHP_DATE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* a moment in UTC, broken down */

typedef struct {
    int64_t     year;
    ngx_uint_t  month;    /* from 1 */
    ngx_uint_t  day;      /* from 1 */
    ngx_uint_t  hour;
    ngx_uint_t  minute;
    ngx_uint_t  second;
    ngx_uint_t  weekday;  /* from 0 (Sunday) */
    ngx_uint_t  yearday;  /* from 0 */
} oauthcc_php_date_t;


/*
 * PHP's date() in UTC; the text lies in the pool.  NGX_ERROR: out of memory.
 */
ngx_int_t oauthcc_php_date(ngx_pool_t *pool, ngx_str_t *format, int64_t sec,
    ngx_str_t *out);

/* Breaks a moment down. */
void oauthcc_php_date_split(int64_t sec, oauthcc_php_date_t *date);

/* Days from the epoch to a date; month is 1 to 12, day may be any number. */
int64_t oauthcc_php_date_days_of(int64_t year, int64_t month, int64_t day);

/* The number of days of a month, 1 to 12. */
ngx_uint_t oauthcc_php_date_month_days(int64_t year, int64_t month);


#endif /* _OAUTHCC_PHP_DATE_H_INCLUDED_ */
