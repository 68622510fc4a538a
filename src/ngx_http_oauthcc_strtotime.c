
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "ngx_http_oauthcc_strtotime.h"
#include "ngx_http_oauthcc_date.h"
#include "ngx_http_oauthcc_words.h"


/* a longer text is no date; the sums below cannot overflow within it */
#define NGX_HTTP_OAUTHCC_STRTOTIME_TEXT    128

/* digits of a number of units, and of a timestamp */
#define NGX_HTTP_OAUTHCC_STRTOTIME_DIGITS  9
#define NGX_HTTP_OAUTHCC_STRTOTIME_POINT   15

/* years that are still of use */
#define NGX_HTTP_OAUTHCC_STRTOTIME_YEARS   100000000


/* what the text has said so far */

typedef struct {
    u_char                             *pos;
    u_char                             *last;

    int64_t                             year;
    int64_t                             month;
    int64_t                             day;
    int64_t                             time;      /* seconds of the day */
    int64_t                             zone;      /* seconds from UTC */

    int64_t                             months;    /* to be added */
    int64_t                             days;
    int64_t                             seconds;

    ngx_int_t                           weekday;   /* -1: none */
    ngx_int_t                           shift;     /* next or last of them */

    unsigned                            have_year:1;
    unsigned                            have_date:1;
    unsigned                            have_time:1;
    unsigned                            have_zone:1;
    unsigned                            midnight:1;
    unsigned                            week:1;    /* from its Monday */
} ngx_http_oauthcc_strtotime_t;


static ngx_int_t ngx_http_oauthcc_strtotime_point(
    ngx_http_oauthcc_strtotime_t *st);
static ngx_int_t ngx_http_oauthcc_strtotime_number(
    ngx_http_oauthcc_strtotime_t *st);
static ngx_int_t ngx_http_oauthcc_strtotime_date(
    ngx_http_oauthcc_strtotime_t *st, int64_t year, int64_t month,
    int64_t day);
static ngx_int_t ngx_http_oauthcc_strtotime_parts(
    ngx_http_oauthcc_strtotime_t *st, int64_t first, ngx_uint_t digits,
    u_char separator);
static ngx_int_t ngx_http_oauthcc_strtotime_named(
    ngx_http_oauthcc_strtotime_t *st, int64_t day, int64_t month);
static ngx_int_t ngx_http_oauthcc_strtotime_clock(
    ngx_http_oauthcc_strtotime_t *st, int64_t hour);
static ngx_int_t ngx_http_oauthcc_strtotime_compact(
    ngx_http_oauthcc_strtotime_t *st, int64_t number, ngx_uint_t digits);
static ngx_int_t ngx_http_oauthcc_strtotime_set_time(
    ngx_http_oauthcc_strtotime_t *st, int64_t hour, int64_t minute,
    int64_t second);
static ngx_int_t ngx_http_oauthcc_strtotime_sign(
    ngx_http_oauthcc_strtotime_t *st);
static ngx_int_t ngx_http_oauthcc_strtotime_text(
    ngx_http_oauthcc_strtotime_t *st);
static ngx_int_t ngx_http_oauthcc_strtotime_month(
    ngx_http_oauthcc_strtotime_t *st, int64_t month);
static ngx_int_t ngx_http_oauthcc_strtotime_units(
    ngx_http_oauthcc_strtotime_t *st, int64_t n,
    ngx_http_oauthcc_words_t *word);
static ngx_http_oauthcc_words_t *ngx_http_oauthcc_strtotime_word(
    ngx_http_oauthcc_strtotime_t *st);
static ngx_uint_t ngx_http_oauthcc_strtotime_digits(
    ngx_http_oauthcc_strtotime_t *st, int64_t *number);
static ngx_uint_t ngx_http_oauthcc_strtotime_skip(
    ngx_http_oauthcc_strtotime_t *st, char *bytes);
static ngx_int_t ngx_http_oauthcc_strtotime_result(
    ngx_http_oauthcc_strtotime_t *st, int64_t now, int64_t *sec);


ngx_int_t
ngx_http_oauthcc_strtotime(ngx_str_t *text, int64_t now, int64_t *sec)
{
    u_char                        c;
    ngx_int_t                     rc;
    ngx_http_oauthcc_strtotime_t  st;

    if (text->len > NGX_HTTP_OAUTHCC_STRTOTIME_TEXT) {
        return NGX_DECLINED;
    }

    ngx_memzero(&st, sizeof(ngx_http_oauthcc_strtotime_t));

    st.pos = text->data;
    st.last = text->data + text->len;
    st.weekday = -1;

    (void) ngx_http_oauthcc_strtotime_skip(&st, " \t");

    if (st.pos == st.last) {
        return NGX_DECLINED;
    }

    while (st.pos < st.last) {

        c = *st.pos;

        if (c == '@') {
            rc = ngx_http_oauthcc_strtotime_point(&st);

        } else if (c >= '0' && c <= '9') {
            rc = ngx_http_oauthcc_strtotime_number(&st);

        } else if (c == '+' || c == '-') {
            rc = ngx_http_oauthcc_strtotime_sign(&st);

        } else {
            rc = ngx_http_oauthcc_strtotime_text(&st);
        }

        if (rc != NGX_OK) {
            return NGX_DECLINED;
        }

        (void) ngx_http_oauthcc_strtotime_skip(&st, " \t,");
    }

    return ngx_http_oauthcc_strtotime_result(&st, now, sec);
}


/* "@1700000000" */

static ngx_int_t
ngx_http_oauthcc_strtotime_point(ngx_http_oauthcc_strtotime_t *st)
{
    int64_t                  number, ignored;
    ngx_uint_t               minus, digits;
    ngx_http_oauthcc_date_t  date;

    if (st->have_date || st->have_time) {
        return NGX_DECLINED;
    }

    st->pos++;

    minus = ngx_http_oauthcc_strtotime_skip(st, "-");
    digits = ngx_http_oauthcc_strtotime_digits(st, &number);

    if (minus > 1 || digits == 0
        || digits > NGX_HTTP_OAUTHCC_STRTOTIME_POINT)
    {
        return NGX_DECLINED;
    }

    if (ngx_http_oauthcc_strtotime_skip(st, ".")) {
        (void) ngx_http_oauthcc_strtotime_digits(st, &ignored);
    }

    ngx_http_oauthcc_date_split(minus ? -number : number, &date);

    st->year = date.year;
    st->month = date.month;
    st->day = date.day;
    st->time = date.hour * 3600 + date.minute * 60 + date.second;

    st->have_date = 1;
    st->have_year = 1;
    st->have_time = 1;
    st->have_zone = 1;

    return NGX_OK;
}


/* What begins with a digit: a date, a time, or a number of units. */

static ngx_int_t
ngx_http_oauthcc_strtotime_number(ngx_http_oauthcc_strtotime_t *st)
{
    u_char                    *start, c;
    int64_t                    number;
    ngx_uint_t                 digits;
    ngx_http_oauthcc_words_t  *word;

    digits = ngx_http_oauthcc_strtotime_digits(st, &number);

    c = (st->pos < st->last) ? *st->pos : '\0';

    if (c == ':' && digits <= 2) {
        return ngx_http_oauthcc_strtotime_clock(st, number);
    }

    if ((c == '-' || c == '/' || c == '.') && st->pos + 1 < st->last
        && st->pos[1] >= '0' && st->pos[1] <= '9')
    {
        return ngx_http_oauthcc_strtotime_parts(st, number, digits, c);
    }

    if (digits == 8 && !st->have_date) {
        return ngx_http_oauthcc_strtotime_compact(st, number, digits);
    }

    if (digits == 4 && st->have_date && !st->have_year && st->have_time) {

        /* asctime() has the year at its end */

        st->year = number;
        st->have_year = 1;

        return NGX_OK;
    }

    start = st->pos;

    (void) ngx_http_oauthcc_strtotime_skip(st, " \t-");

    word = ngx_http_oauthcc_strtotime_word(st);

    if (word == NULL) {
        st->pos = start;
        return NGX_DECLINED;
    }

    if (word->type == NGX_HTTP_OAUTHCC_WORDS_MONTH && digits <= 2) {
        return ngx_http_oauthcc_strtotime_named(st, number, word->value);
    }

    if (digits > NGX_HTTP_OAUTHCC_STRTOTIME_DIGITS) {
        return NGX_DECLINED;
    }

    return ngx_http_oauthcc_strtotime_units(st, number, word);
}


static ngx_int_t
ngx_http_oauthcc_strtotime_date(ngx_http_oauthcc_strtotime_t *st,
    int64_t year, int64_t month, int64_t day)
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

static ngx_int_t
ngx_http_oauthcc_strtotime_parts(ngx_http_oauthcc_strtotime_t *st,
    int64_t first, ngx_uint_t digits, u_char separator)
{
    u_char     *mark;
    int64_t     second, third, hour;
    ngx_int_t   rc;
    ngx_uint_t  n, m;

    st->pos++;

    m = ngx_http_oauthcc_strtotime_digits(st, &second);

    if (digits == 4 && separator == '-' && m == 2
        && (st->pos == st->last || *st->pos != separator))
    {
        return ngx_http_oauthcc_strtotime_date(st, first, second, 1);
    }

    if (m > 2 || st->pos == st->last || *st->pos != separator) {
        return NGX_DECLINED;
    }

    st->pos++;

    n = ngx_http_oauthcc_strtotime_digits(st, &third);

    if (digits == 4 && separator != '.' && (n == 1 || n == 2)) {
        rc = ngx_http_oauthcc_strtotime_date(st, first, second, third);

    } else if (digits <= 2 && n == 4) {

        rc = (separator == '/')
             ? ngx_http_oauthcc_strtotime_date(st, third, first, second)
             : ngx_http_oauthcc_strtotime_date(st, third, second, first);

    } else {
        return NGX_DECLINED;
    }

    if (rc != NGX_OK || st->pos == st->last
        || (*st->pos != 'T' && *st->pos != 't'))
    {
        return rc;
    }

    mark = ++st->pos;

    n = ngx_http_oauthcc_strtotime_digits(st, &hour);

    if (n == 2 && st->pos < st->last && *st->pos == ':') {
        return ngx_http_oauthcc_strtotime_clock(st, hour);
    }

    st->pos = mark;

    return NGX_DECLINED;
}


/* 02 Jan 2024, 02-Jan-24, 2 January; the month has been read */

static ngx_int_t
ngx_http_oauthcc_strtotime_named(ngx_http_oauthcc_strtotime_t *st,
    int64_t day, int64_t month)
{
    u_char     *mark;
    int64_t     year;
    ngx_int_t   rc;
    ngx_uint_t  n;

    rc = ngx_http_oauthcc_strtotime_date(st, 0, month, day);

    if (rc != NGX_OK) {
        return rc;
    }

    mark = st->pos;

    (void) ngx_http_oauthcc_strtotime_skip(st, " \t-,.");

    n = ngx_http_oauthcc_strtotime_digits(st, &year);

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

static ngx_int_t
ngx_http_oauthcc_strtotime_clock(ngx_http_oauthcc_strtotime_t *st,
    int64_t hour)
{
    u_char     *mark;
    int64_t     minute, second, ignored;
    ngx_uint_t  pm;

    st->pos++;

    second = 0;

    if (ngx_http_oauthcc_strtotime_digits(st, &minute) != 2) {
        return NGX_DECLINED;
    }

    if (st->pos < st->last && *st->pos == ':') {
        st->pos++;

        if (ngx_http_oauthcc_strtotime_digits(st, &second) != 2) {
            return NGX_DECLINED;
        }

        if (st->pos < st->last && (*st->pos == '.' || *st->pos == ',')) {
            mark = st->pos++;

            if (ngx_http_oauthcc_strtotime_digits(st, &ignored) == 0) {
                st->pos = mark;
            }
        }
    }

    mark = st->pos;

    (void) ngx_http_oauthcc_strtotime_skip(st, " \t");

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

    return ngx_http_oauthcc_strtotime_set_time(st, hour, minute, second);
}


/* 20240131, 20240131T030405 */

static ngx_int_t
ngx_http_oauthcc_strtotime_compact(ngx_http_oauthcc_strtotime_t *st,
    int64_t number, ngx_uint_t digits)
{
    int64_t    time;
    ngx_int_t  rc;

    rc = ngx_http_oauthcc_strtotime_date(st, number / 10000,
                                         number / 100 % 100, number % 100);

    if (rc != NGX_OK || st->pos == st->last
        || (*st->pos != 'T' && *st->pos != 't'))
    {
        return rc;
    }

    st->pos++;

    digits = ngx_http_oauthcc_strtotime_digits(st, &time);

    if (digits == 4) {
        time *= 100;

    } else if (digits == 2 && st->pos < st->last && *st->pos == ':') {
        return ngx_http_oauthcc_strtotime_clock(st, time);

    } else if (digits != 6) {
        return NGX_DECLINED;
    }

    return ngx_http_oauthcc_strtotime_set_time(st, time / 10000,
                                               time / 100 % 100, time % 100);
}


static ngx_int_t
ngx_http_oauthcc_strtotime_set_time(ngx_http_oauthcc_strtotime_t *st,
    int64_t hour, int64_t minute, int64_t second)
{
    if (st->have_time || hour > 24 || minute > 59 || second > 60) {
        return NGX_DECLINED;
    }

    st->time = hour * 3600 + minute * 60 + second;
    st->have_time = 1;

    return NGX_OK;
}


/* "+1 day", or the zone of a time: "+02:00", "+0200", "+02" */

static ngx_int_t
ngx_http_oauthcc_strtotime_sign(ngx_http_oauthcc_strtotime_t *st)
{
    u_char                    *mark;
    int64_t                    number, minutes;
    ngx_int_t                  sign;
    ngx_uint_t                 digits;
    ngx_http_oauthcc_words_t  *word;

    sign = (*st->pos++ == '-') ? -1 : 1;

    (void) ngx_http_oauthcc_strtotime_skip(st, " \t");

    digits = ngx_http_oauthcc_strtotime_digits(st, &number);

    if (digits == 0 || digits > NGX_HTTP_OAUTHCC_STRTOTIME_DIGITS) {
        return NGX_DECLINED;
    }

    mark = st->pos;

    (void) ngx_http_oauthcc_strtotime_skip(st, " \t");

    word = ngx_http_oauthcc_strtotime_word(st);

    if (word && word->type >= NGX_HTTP_OAUTHCC_WORDS_SECONDS) {
        return ngx_http_oauthcc_strtotime_units(st, sign * number, word);
    }

    st->pos = mark;

    if (!st->have_time || st->have_zone) {
        return NGX_DECLINED;
    }

    minutes = 0;

    if (digits == 4) {
        minutes = number % 100;
        number /= 100;

    } else if (digits > 2) {
        return NGX_DECLINED;

    } else if (st->pos < st->last && *st->pos == ':') {
        st->pos++;

        if (ngx_http_oauthcc_strtotime_digits(st, &minutes) != 2) {
            return NGX_DECLINED;
        }
    }

    if (number > 24 || minutes > 59) {
        return NGX_DECLINED;
    }

    st->zone = sign * (number * 3600 + minutes * 60);
    st->have_zone = 1;

    return NGX_OK;
}


static ngx_int_t
ngx_http_oauthcc_strtotime_text(ngx_http_oauthcc_strtotime_t *st)
{
    ngx_int_t                  shift;
    ngx_http_oauthcc_words_t  *word;

    word = ngx_http_oauthcc_strtotime_word(st);

    if (word == NULL) {
        return NGX_DECLINED;
    }

    switch (word->type) {

    case NGX_HTTP_OAUTHCC_WORDS_MONTH:
        return ngx_http_oauthcc_strtotime_month(st, word->value);

    case NGX_HTTP_OAUTHCC_WORDS_WEEKDAY:
        st->weekday = word->value;
        st->midnight = 1;
        return NGX_OK;

    case NGX_HTTP_OAUTHCC_WORDS_DAY:
        st->days += word->value;
        st->midnight = 1;
        return NGX_OK;

    case NGX_HTTP_OAUTHCC_WORDS_NOW:
        return NGX_OK;

    case NGX_HTTP_OAUTHCC_WORDS_NOON:
        return ngx_http_oauthcc_strtotime_set_time(st, word->value, 0, 0);

    case NGX_HTTP_OAUTHCC_WORDS_ZONE:

        if (st->have_zone) {
            return NGX_DECLINED;
        }

        st->zone = word->value * 3600;
        st->have_zone = 1;
        return NGX_OK;

    case NGX_HTTP_OAUTHCC_WORDS_SHIFT:
        shift = word->value;

        (void) ngx_http_oauthcc_strtotime_skip(st, " \t");

        word = ngx_http_oauthcc_strtotime_word(st);

        if (word && word->type == NGX_HTTP_OAUTHCC_WORDS_WEEKDAY) {
            st->weekday = word->value;
            st->shift = shift;
            st->midnight = 1;
            return NGX_OK;
        }

        if (word == NULL) {
            return NGX_DECLINED;
        }

        st->week |= (word->type == NGX_HTTP_OAUTHCC_WORDS_DAYS
                     && word->value == 7);

        return ngx_http_oauthcc_strtotime_units(st, shift, word);

    case NGX_HTTP_OAUTHCC_WORDS_AGO:
        st->months = -st->months;
        st->days = -st->days;
        st->seconds = -st->seconds;
        return NGX_OK;

    default: /* a unit */
        return NGX_DECLINED;
    }
}


/* January 2, January 2 2024, January 2, 2024, Jan  2; the month was read */

static ngx_int_t
ngx_http_oauthcc_strtotime_month(ngx_http_oauthcc_strtotime_t *st,
    int64_t month)
{
    int64_t     day;
    ngx_uint_t  digits;

    (void) ngx_http_oauthcc_strtotime_skip(st, " \t.-");

    digits = ngx_http_oauthcc_strtotime_digits(st, &day);

    if (digits == 0 || digits > 2) {
        return NGX_DECLINED;
    }

    return ngx_http_oauthcc_strtotime_named(st, day, month);
}


static ngx_int_t
ngx_http_oauthcc_strtotime_units(ngx_http_oauthcc_strtotime_t *st, int64_t n,
    ngx_http_oauthcc_words_t *word)
{
    switch (word->type) {

    case NGX_HTTP_OAUTHCC_WORDS_SECONDS:
        st->seconds += n * word->value;
        return NGX_OK;

    case NGX_HTTP_OAUTHCC_WORDS_DAYS:
        st->days += n * word->value;
        return NGX_OK;

    case NGX_HTTP_OAUTHCC_WORDS_MONTHS:
        st->months += n * word->value;
        return NGX_OK;

    default:
        return NGX_DECLINED;
    }
}


static ngx_http_oauthcc_words_t *
ngx_http_oauthcc_strtotime_word(ngx_http_oauthcc_strtotime_t *st)
{
    return ngx_http_oauthcc_words_find(&st->pos, st->last);
}


/* How many digits there are; of more than 15 the number is of no use. */

static ngx_uint_t
ngx_http_oauthcc_strtotime_digits(ngx_http_oauthcc_strtotime_t *st,
    int64_t *number)
{
    ngx_uint_t  n;

    *number = 0;

    for (n = 0;
         st->pos < st->last && *st->pos >= '0' && *st->pos <= '9';
         n++, st->pos++)
    {
        if (n < NGX_HTTP_OAUTHCC_STRTOTIME_POINT) {
            *number = *number * 10 + (*st->pos - '0');
        }
    }

    return n;
}


static ngx_uint_t
ngx_http_oauthcc_strtotime_skip(ngx_http_oauthcc_strtotime_t *st, char *bytes)
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


static ngx_int_t
ngx_http_oauthcc_strtotime_result(ngx_http_oauthcc_strtotime_t *st,
    int64_t now, int64_t *sec)
{
    int64_t                  days, month, time, back;
    ngx_http_oauthcc_date_t  date;

    ngx_http_oauthcc_date_split(now, &date);

    time = date.hour * 3600 + date.minute * 60 + date.second;

    if (!st->have_date) {
        st->month = date.month;
        st->day = date.day;
    }

    if (!st->have_year) {
        st->year = date.year;
    }

    if (st->have_time) {
        time = st->time;

    } else if (st->have_date || st->midnight) {
        time = 0;
    }

    month = st->year * 12 + st->month - 1 + st->months;

    if (month / 12 > NGX_HTTP_OAUTHCC_STRTOTIME_YEARS
        || month / 12 < -NGX_HTTP_OAUTHCC_STRTOTIME_YEARS)
    {
        return NGX_DECLINED;
    }

    st->year = (month >= 0 ? month : month - 11) / 12;
    st->month = month - st->year * 12 + 1;

    /* a day that the month has not is one of the next month */

    days = ngx_http_oauthcc_date_days_of(st->year, st->month, st->day)
           + st->days;

    if (st->week) {
        days -= ((days % 7) + 10) % 7;
        days += (st->weekday >= 0) ? (st->weekday + 6) % 7 : 0;

    } else if (st->weekday >= 0) {
        back = ((days % 7) + 11) % 7;

        /* the day itself, unless it is to be the next or the last one */

        if (st->shift < 0) {
            days -= (back - st->weekday + 6) % 7 + 1;

        } else if (st->shift > 0) {
            days += (st->weekday - back + 6) % 7 + 1;

        } else {
            days += (st->weekday - back + 7) % 7;
        }
    }

    *sec = days * 86400 + time + st->seconds - st->zone;

    return NGX_OK;
}
