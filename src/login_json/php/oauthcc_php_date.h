
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_PHP_DATE_H_INCLUDED_
#define _OAUTHCC_PHP_DATE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* a moment of UTC, seconds since the epoch, in its parts */

typedef struct {
    int64_t     year;
    ngx_uint_t  month;    /* from 1 */
    ngx_uint_t  day;      /* from 1 */
    ngx_uint_t  hour;
    ngx_uint_t  minute;
    ngx_uint_t  second;
    ngx_uint_t  weekday;  /* from 0, a Sunday */
    ngx_uint_t  yearday;  /* from 0 */
} oauthcc_php_date_t;


/* PHP's date() in UTC: the text lies in the pool.  NGX_ERROR: no memory. */
ngx_int_t oauthcc_php_date(ngx_pool_t *pool, ngx_str_t *format, int64_t sec,
    ngx_str_t *out);

/* The parts of a moment. */
void oauthcc_php_date_split(int64_t sec, oauthcc_php_date_t *date);

/*
 * Days since the epoch of a date; the month is from 1 to 12, the day may be
 * any.
 */
int64_t oauthcc_php_date_days_of(int64_t year, int64_t month, int64_t day);

/* How many days a month has, from 1 to 12. */
ngx_uint_t oauthcc_php_date_month_days(int64_t year, int64_t month);


#endif /* _OAUTHCC_PHP_DATE_H_INCLUDED_ */
