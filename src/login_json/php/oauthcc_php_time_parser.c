
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "login_json/php/oauthcc_php_time_parser.h"


ngx_int_t
oauthcc_php_time_parser_date(oauthcc_php_time_parser_t *st, int64_t year,
    int64_t month, int64_t day)
{
    if (st->have_date || month < 1 || month > 12 || day < 1 || day > 31) {
        return NGX_DECLINED;
    }

    st->year = year;
    st->month = month;
    st->day = day;

    st->have_date = 1;
    st->have_year = 1;

    return NGX_OK;
}


/* 2024-01-31, 2024/01/31, 01/31/2024, 31.01.2024, 31-01-2024, and a time */

ngx_int_t
oauthcc_php_time_parser_parts(oauthcc_php_time_parser_t *st, int64_t first,
    ngx_uint_t digits, u_char separator)
{
    u_char     *mark;
    int64_t     second, third, hour;
    ngx_int_t   rc;
    ngx_uint_t  n, m;

    st->pos++;

    m = oauthcc_php_time_parser_digits(st, &second);

    if (digits == 4 && separator == '-' && m == 2
        && (st->pos == st->last || *st->pos != separator))
    {
        return oauthcc_php_time_parser_date(st, first, second, 1);
    }

    if (m > 2 || st->pos == st->last || *st->pos != separator) {
        return NGX_DECLINED;
    }

    st->pos++;

    n = oauthcc_php_time_parser_digits(st, &third);

    if (digits == 4 && separator != '.' && (n == 1 || n == 2)) {
        rc = oauthcc_php_time_parser_date(st, first, second, third);

    } else if (digits <= 2 && n == 4) {

        rc = (separator == '/')
             ? oauthcc_php_time_parser_date(st, third, first, second)
             : oauthcc_php_time_parser_date(st, third, second, first);

    } else {
        return NGX_DECLINED;
    }

    if (rc != NGX_OK || st->pos == st->last
        || (*st->pos != 'T' && *st->pos != 't'))
    {
        return rc;
    }

    mark = ++st->pos;

    n = oauthcc_php_time_parser_digits(st, &hour);

    if (n == 2 && st->pos < st->last && *st->pos == ':') {
        return oauthcc_php_time_parser_clock(st, hour);
    }

    st->pos = mark;

    return NGX_DECLINED;
}


/* 02 Jan 2024, 02-Jan-24, 2 January; the month is read */

ngx_int_t
oauthcc_php_time_parser_named(oauthcc_php_time_parser_t *st, int64_t day,
    int64_t month)
{
    u_char     *mark;
    int64_t     year;
    ngx_int_t   rc;
    ngx_uint_t  n;

    rc = oauthcc_php_time_parser_date(st, 0, month, day);

    if (rc != NGX_OK) {
        return rc;
    }

    mark = st->pos;

    (void) oauthcc_php_time_parser_skip(st, " \t-,.");

    n = oauthcc_php_time_parser_digits(st, &year);

    if ((n == 4 || n == 2) && (st->pos == st->last || *st->pos != ':')) {

        if (n == 2) {
            year += (year < 70) ? 2000 : 1900;
        }

        st->year = year;

        return NGX_OK;
    }

    st->pos = mark;
    st->have_year = 0;

    return NGX_OK;
}


/* 03:04, 03:04:05, 03:04:05.678, 3:04 pm; the hour is read */

ngx_int_t
oauthcc_php_time_parser_clock(oauthcc_php_time_parser_t *st, int64_t hour)
{
    u_char     *mark;
    int64_t     minute, second, ignored;
    ngx_uint_t  pm;

    st->pos++;

    second = 0;

    if (oauthcc_php_time_parser_digits(st, &minute) != 2) {
        return NGX_DECLINED;
    }

    if (st->pos < st->last && *st->pos == ':') {
        st->pos++;

        if (oauthcc_php_time_parser_digits(st, &second) != 2) {
            return NGX_DECLINED;
        }

        if (st->pos < st->last && (*st->pos == '.' || *st->pos == ',')) {
            mark = st->pos++;

            if (oauthcc_php_time_parser_digits(st, &ignored) == 0) {
                st->pos = mark;
            }
        }
    }

    mark = st->pos;

    (void) oauthcc_php_time_parser_skip(st, " \t");

    if (st->last - st->pos >= 2
        && ngx_tolower(st->pos[1]) == 'm'
        && (ngx_tolower(st->pos[0]) == 'a' || ngx_tolower(st->pos[0]) == 'p')
        && (st->last - st->pos == 2 || st->pos[2] == ' '))
    {
        if (hour < 1 || hour > 12) {
            return NGX_DECLINED;
        }

        pm = (ngx_tolower(st->pos[0]) == 'p');
        hour = hour % 12 + (pm ? 12 : 0);
        st->pos += 2;

    } else {
        st->pos = mark;
    }

    return oauthcc_php_time_parser_time(st, hour, minute, second);
}


/* 20240131, 20240131T030405 */

ngx_int_t
oauthcc_php_time_parser_compact(oauthcc_php_time_parser_t *st, int64_t number,
    ngx_uint_t digits)
{
    int64_t    time;
    ngx_int_t  rc;

    rc = oauthcc_php_time_parser_date(st, number / 10000,
                                      number / 100 % 100, number % 100);

    if (rc != NGX_OK || st->pos == st->last
        || (*st->pos != 'T' && *st->pos != 't'))
    {
        return rc;
    }

    st->pos++;

    digits = oauthcc_php_time_parser_digits(st, &time);

    if (digits == 4) {
        time *= 100;

    } else if (digits == 2 && st->pos < st->last && *st->pos == ':') {
        return oauthcc_php_time_parser_clock(st, time);

    } else if (digits != 6) {
        return NGX_DECLINED;
    }

    return oauthcc_php_time_parser_time(st, time / 10000,
                                        time / 100 % 100, time % 100);
}


ngx_int_t
oauthcc_php_time_parser_time(oauthcc_php_time_parser_t *st, int64_t hour,
    int64_t minute, int64_t second)
{
    if (st->have_time || hour > 24 || minute > 59 || second > 60) {
        return NGX_DECLINED;
    }

    st->time = hour * 3600 + minute * 60 + second;
    st->have_time = 1;

    return NGX_OK;
}


/* The number of digits; of more than 15 the value is not valid. */

ngx_uint_t
oauthcc_php_time_parser_digits(oauthcc_php_time_parser_t *st, int64_t *number)
{
    ngx_uint_t  n;

    *number = 0;

    for (n = 0;
         st->pos < st->last && *st->pos >= '0' && *st->pos <= '9';
         n++, st->pos++)
    {
        if (n < OAUTHCC_PHP_TIME_PARSER_DIGITS) {
            *number = *number * 10 + (*st->pos - '0');
        }
    }

    return n;
}


ngx_uint_t
oauthcc_php_time_parser_skip(oauthcc_php_time_parser_t *st, char *bytes)
{
    ngx_uint_t  n;

    for (n = 0;
         st->pos < st->last && *st->pos && ngx_strchr(bytes, *st->pos);
         n++)
    {
        st->pos++;
    }

    return n;
}
