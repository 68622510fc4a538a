
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "login_json/php/oauthcc_php_time_parser.h"
#include "core/oauthcc_text.h"


static ngx_int_t oauthcc_php_time_parser_date(oauthcc_php_time_parser_t *st,
    int64_t year, int64_t month, int64_t day);


static oauthcc_php_time_word_t  oauthcc_php_time_parser_words[] = {
    { "january", OAUTHCC_PHP_TIME_MONTH, 1 },
    { "jan", OAUTHCC_PHP_TIME_MONTH, 1 },
    { "february", OAUTHCC_PHP_TIME_MONTH, 2 },
    { "feb", OAUTHCC_PHP_TIME_MONTH, 2 },
    { "march", OAUTHCC_PHP_TIME_MONTH, 3 },
    { "mar", OAUTHCC_PHP_TIME_MONTH, 3 },
    { "april", OAUTHCC_PHP_TIME_MONTH, 4 },
    { "apr", OAUTHCC_PHP_TIME_MONTH, 4 },
    { "may", OAUTHCC_PHP_TIME_MONTH, 5 },
    { "june", OAUTHCC_PHP_TIME_MONTH, 6 },
    { "jun", OAUTHCC_PHP_TIME_MONTH, 6 },
    { "july", OAUTHCC_PHP_TIME_MONTH, 7 },
    { "jul", OAUTHCC_PHP_TIME_MONTH, 7 },
    { "august", OAUTHCC_PHP_TIME_MONTH, 8 },
    { "aug", OAUTHCC_PHP_TIME_MONTH, 8 },
    { "september", OAUTHCC_PHP_TIME_MONTH, 9 },
    { "sept", OAUTHCC_PHP_TIME_MONTH, 9 },
    { "sep", OAUTHCC_PHP_TIME_MONTH, 9 },
    { "october", OAUTHCC_PHP_TIME_MONTH, 10 },
    { "oct", OAUTHCC_PHP_TIME_MONTH, 10 },
    { "november", OAUTHCC_PHP_TIME_MONTH, 11 },
    { "nov", OAUTHCC_PHP_TIME_MONTH, 11 },
    { "december", OAUTHCC_PHP_TIME_MONTH, 12 },
    { "dec", OAUTHCC_PHP_TIME_MONTH, 12 },
    { "sunday", OAUTHCC_PHP_TIME_WEEKDAY, 0 },
    { "sun", OAUTHCC_PHP_TIME_WEEKDAY, 0 },
    { "monday", OAUTHCC_PHP_TIME_WEEKDAY, 1 },
    { "mon", OAUTHCC_PHP_TIME_WEEKDAY, 1 },
    { "tuesday", OAUTHCC_PHP_TIME_WEEKDAY, 2 },
    { "tue", OAUTHCC_PHP_TIME_WEEKDAY, 2 },
    { "wednesday", OAUTHCC_PHP_TIME_WEEKDAY, 3 },
    { "wed", OAUTHCC_PHP_TIME_WEEKDAY, 3 },
    { "thursday", OAUTHCC_PHP_TIME_WEEKDAY, 4 },
    { "thu", OAUTHCC_PHP_TIME_WEEKDAY, 4 },
    { "friday", OAUTHCC_PHP_TIME_WEEKDAY, 5 },
    { "fri", OAUTHCC_PHP_TIME_WEEKDAY, 5 },
    { "saturday", OAUTHCC_PHP_TIME_WEEKDAY, 6 },
    { "sat", OAUTHCC_PHP_TIME_WEEKDAY, 6 },
    { "now", OAUTHCC_PHP_TIME_NOW, 0 },
    { "today", OAUTHCC_PHP_TIME_DAY, 0 },
    { "midnight", OAUTHCC_PHP_TIME_DAY, 0 },
    { "tomorrow", OAUTHCC_PHP_TIME_DAY, 1 },
    { "yesterday", OAUTHCC_PHP_TIME_DAY, -1 },
    { "noon", OAUTHCC_PHP_TIME_NOON, 12 },
    { "z", OAUTHCC_PHP_TIME_ZONE, 0 },
    { "utc", OAUTHCC_PHP_TIME_ZONE, 0 },
    { "gmt", OAUTHCC_PHP_TIME_ZONE, 0 },
    { "est", OAUTHCC_PHP_TIME_ZONE, -5 },
    { "edt", OAUTHCC_PHP_TIME_ZONE, -4 },
    { "cst", OAUTHCC_PHP_TIME_ZONE, -6 },
    { "cdt", OAUTHCC_PHP_TIME_ZONE, -5 },
    { "mst", OAUTHCC_PHP_TIME_ZONE, -7 },
    { "mdt", OAUTHCC_PHP_TIME_ZONE, -6 },
    { "pst", OAUTHCC_PHP_TIME_ZONE, -8 },
    { "pdt", OAUTHCC_PHP_TIME_ZONE, -7 },
    { "next", OAUTHCC_PHP_TIME_SHIFT, 1 },
    { "last", OAUTHCC_PHP_TIME_SHIFT, -1 },
    { "previous", OAUTHCC_PHP_TIME_SHIFT, -1 },
    { "this", OAUTHCC_PHP_TIME_SHIFT, 0 },
    { "ago", OAUTHCC_PHP_TIME_AGO, 0 },
    { "sec", OAUTHCC_PHP_TIME_SECONDS, 1 },
    { "secs", OAUTHCC_PHP_TIME_SECONDS, 1 },
    { "second", OAUTHCC_PHP_TIME_SECONDS, 1 },
    { "seconds", OAUTHCC_PHP_TIME_SECONDS, 1 },
    { "min", OAUTHCC_PHP_TIME_SECONDS, 60 },
    { "mins", OAUTHCC_PHP_TIME_SECONDS, 60 },
    { "minute", OAUTHCC_PHP_TIME_SECONDS, 60 },
    { "minutes", OAUTHCC_PHP_TIME_SECONDS, 60 },
    { "hour", OAUTHCC_PHP_TIME_SECONDS, 3600 },
    { "hours", OAUTHCC_PHP_TIME_SECONDS, 3600 },
    { "day", OAUTHCC_PHP_TIME_DAYS, 1 },
    { "days", OAUTHCC_PHP_TIME_DAYS, 1 },
    { "week", OAUTHCC_PHP_TIME_DAYS, 7 },
    { "weeks", OAUTHCC_PHP_TIME_DAYS, 7 },
    { "fortnight", OAUTHCC_PHP_TIME_DAYS, 14 },
    { "fortnights", OAUTHCC_PHP_TIME_DAYS, 14 },
    { "month", OAUTHCC_PHP_TIME_MONTHS, 1 },
    { "months", OAUTHCC_PHP_TIME_MONTHS, 1 },
    { "year", OAUTHCC_PHP_TIME_MONTHS, 12 },
    { "years", OAUTHCC_PHP_TIME_MONTHS, 12 },
    { NULL, 0, 0 }
};


static ngx_int_t
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


/* 02 Jan 2024, 02-Jan-24, 2 January; the month has been read */

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


/* 03:04, 03:04:05, 03:04:05.678, 3:04 pm; the hour has been read */

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


/* How many digits there are; of more than 15 the number is of no use. */

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


oauthcc_php_time_word_t *
oauthcc_php_time_parser_word(oauthcc_php_time_parser_t *st)
{
    u_char                   *p;
    ngx_str_t                 text;
    oauthcc_php_time_word_t  *word;

    for (p = st->pos; p < st->last; p++) {
        if (ngx_tolower(*p) < 'a' || ngx_tolower(*p) > 'z') {
            break;
        }
    }

    text.data = st->pos;
    text.len = p - st->pos;

    for (word = oauthcc_php_time_parser_words; word->name; word++) {

        if (oauthcc_text_iis(&text, word->name)) {
            st->pos = p;
            return word;
        }
    }

    return NULL;
}
