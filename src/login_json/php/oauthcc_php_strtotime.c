
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "login_json/php/oauthcc_php_strtotime.h"
#include "login_json/php/oauthcc_php_date.h"
#include "login_json/php/oauthcc_php_time_parser.h"


/* a longer text is no date; the sums below cannot overflow within it */
#define OAUTHCC_PHP_STRTOTIME_TEXT    128

/* digits of a number of units */
#define OAUTHCC_PHP_STRTOTIME_DIGITS  9

/* years that are still of use */
#define OAUTHCC_PHP_STRTOTIME_YEARS   100000000


static ngx_int_t oauthcc_php_strtotime_point(oauthcc_php_time_parser_t *st);
static ngx_int_t oauthcc_php_strtotime_number(oauthcc_php_time_parser_t *st);
static ngx_int_t oauthcc_php_strtotime_sign(oauthcc_php_time_parser_t *st);
static ngx_int_t oauthcc_php_strtotime_text(oauthcc_php_time_parser_t *st);
static ngx_int_t oauthcc_php_strtotime_shift(oauthcc_php_time_parser_t *st,
    ngx_int_t shift);
static void oauthcc_php_strtotime_weekday(oauthcc_php_time_parser_t *st,
    ngx_int_t weekday);
static void oauthcc_php_strtotime_midnight(oauthcc_php_time_parser_t *st);
static void oauthcc_php_strtotime_ago(oauthcc_php_time_parser_t *st);
static ngx_int_t oauthcc_php_strtotime_month(oauthcc_php_time_parser_t *st,
    int64_t month);
static ngx_int_t oauthcc_php_strtotime_units(oauthcc_php_time_parser_t *st,
    int64_t n, oauthcc_php_time_word_t *word);
static ngx_int_t oauthcc_php_strtotime_result(oauthcc_php_time_parser_t *st,
    int64_t now, int64_t *sec);
static int64_t oauthcc_php_strtotime_ahead(oauthcc_php_time_parser_t *st,
    int64_t days);


ngx_int_t
oauthcc_php_strtotime(ngx_str_t *text, int64_t now, int64_t *sec)
{
    u_char                     c;
    ngx_int_t                  rc;
    oauthcc_php_time_parser_t  st;

    if (text->len > OAUTHCC_PHP_STRTOTIME_TEXT) {
        return NGX_DECLINED;
    }

    ngx_memzero(&st, sizeof(oauthcc_php_time_parser_t));

    st.pos = text->data;
    st.last = text->data + text->len;

    (void) oauthcc_php_time_parser_skip(&st, " \t");

    if (st.pos == st.last) {
        return NGX_DECLINED;
    }

    while (st.pos < st.last) {

        c = *st.pos;

        if (c == '@') {
            rc = oauthcc_php_strtotime_point(&st);

        } else if (c >= '0' && c <= '9') {
            rc = oauthcc_php_strtotime_number(&st);

        } else if (c == '+' || c == '-') {
            rc = oauthcc_php_strtotime_sign(&st);

        } else {
            rc = oauthcc_php_strtotime_text(&st);
        }

        if (rc != NGX_OK) {
            return NGX_DECLINED;
        }

        (void) oauthcc_php_time_parser_skip(&st, " \t,");
    }

    return oauthcc_php_strtotime_result(&st, now, sec);
}


/* "@1700000000": so many seconds to be added to the epoch, as PHP has it */

static ngx_int_t
oauthcc_php_strtotime_point(oauthcc_php_time_parser_t *st)
{
    int64_t     number, fraction;
    ngx_uint_t  minus, digits;

    if (st->have_date || st->have_time) {
        return NGX_DECLINED;
    }

    st->pos++;

    minus = oauthcc_php_time_parser_skip(st, "-");
    digits = oauthcc_php_time_parser_digits(st, &number);

    if (minus > 1 || digits == 0
        || digits > OAUTHCC_PHP_TIME_PARSER_DIGITS)
    {
        return NGX_DECLINED;
    }

    fraction = 0;

    if (oauthcc_php_time_parser_skip(st, ".")) {
        (void) oauthcc_php_time_parser_digits(st, &fraction);
    }

    /* a fraction is rounded down, also before the epoch */

    st->seconds += minus ? -number - (fraction != 0) : number;

    oauthcc_php_strtotime_midnight(st);

    st->year = 1970;
    st->month = 1;
    st->day = 1;

    st->have_date = 1;
    st->have_year = 1;
    st->have_zone = 1;

    return NGX_OK;
}


/* What begins with a digit: a date, a time, or a number of units. */

static ngx_int_t
oauthcc_php_strtotime_number(oauthcc_php_time_parser_t *st)
{
    u_char                    *start, c;
    int64_t                    number;
    ngx_uint_t                 digits;
    oauthcc_php_time_word_t  *word;

    digits = oauthcc_php_time_parser_digits(st, &number);

    c = (st->pos < st->last) ? *st->pos : '\0';

    if (c == ':' && digits <= 2) {
        return oauthcc_php_time_parser_clock(st, number);
    }

    if ((c == '-' || c == '/' || c == '.') && st->pos + 1 < st->last
        && st->pos[1] >= '0' && st->pos[1] <= '9')
    {
        return oauthcc_php_time_parser_parts(st, number, digits, c);
    }

    if (digits == 8 && !st->have_date) {
        return oauthcc_php_time_parser_compact(st, number, digits);
    }

    if (digits == 4 && st->have_date && !st->have_year && st->have_time) {

        /* asctime() has the year at its end */

        st->year = number;
        st->have_year = 1;

        return NGX_OK;
    }

    start = st->pos;

    (void) oauthcc_php_time_parser_skip(st, " \t-");

    word = oauthcc_php_time_parser_word(st);

    if (word == NULL) {
        st->pos = start;
        return NGX_DECLINED;
    }

    if (word->type == OAUTHCC_PHP_TIME_MONTH && digits <= 2) {
        return oauthcc_php_time_parser_named(st, number, word->value);
    }

    if (digits > OAUTHCC_PHP_STRTOTIME_DIGITS) {
        return NGX_DECLINED;
    }

    return oauthcc_php_strtotime_units(st, number, word);
}


/* "+1 day", or the zone of a time: "+02:00", "+0200", "+02" */

static ngx_int_t
oauthcc_php_strtotime_sign(oauthcc_php_time_parser_t *st)
{
    u_char                    *mark;
    int64_t                    number, minutes;
    ngx_int_t                  sign;
    ngx_uint_t                 digits;
    oauthcc_php_time_word_t  *word;

    sign = (*st->pos++ == '-') ? -1 : 1;

    (void) oauthcc_php_time_parser_skip(st, " \t");

    digits = oauthcc_php_time_parser_digits(st, &number);

    if (digits == 0 || digits > OAUTHCC_PHP_STRTOTIME_DIGITS) {
        return NGX_DECLINED;
    }

    mark = st->pos;

    (void) oauthcc_php_time_parser_skip(st, " \t");

    word = oauthcc_php_time_parser_word(st);

    if (word && word->type >= OAUTHCC_PHP_TIME_SECONDS) {
        return oauthcc_php_strtotime_units(st, sign * number, word);
    }

    st->pos = mark;

    if ((!st->have_time && !st->have_date && !st->midnight) || st->have_zone) {
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

        if (oauthcc_php_time_parser_digits(st, &minutes) != 2) {
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
oauthcc_php_strtotime_text(oauthcc_php_time_parser_t *st)
{
    oauthcc_php_time_word_t  *word;

    word = oauthcc_php_time_parser_word(st);

    if (word == NULL) {
        return NGX_DECLINED;
    }

    switch (word->type) {

    case OAUTHCC_PHP_TIME_MONTH:
        return oauthcc_php_strtotime_month(st, word->value);

    case OAUTHCC_PHP_TIME_WEEKDAY:
        oauthcc_php_strtotime_weekday(st, word->value);
        st->after &= st->week;
        return NGX_OK;

    case OAUTHCC_PHP_TIME_DAY:

        /* "+3 days tomorrow" is tomorrow, "tomorrow +3 days" is not */

        if (word->value) {
            st->days = word->value;
        }

        oauthcc_php_strtotime_midnight(st);
        return NGX_OK;

    case OAUTHCC_PHP_TIME_NOW:
        return NGX_OK;

    case OAUTHCC_PHP_TIME_NOON:
        oauthcc_php_strtotime_midnight(st);
        return oauthcc_php_time_parser_time(st, word->value, 0, 0);

    case OAUTHCC_PHP_TIME_ZONE:

        if (st->have_zone) {
            return NGX_DECLINED;
        }

        st->zone = word->value * 3600;
        st->have_zone = 1;
        return NGX_OK;

    case OAUTHCC_PHP_TIME_SHIFT:
        return oauthcc_php_strtotime_shift(st, word->value);

    case OAUTHCC_PHP_TIME_AGO:
        oauthcc_php_strtotime_ago(st);
        return NGX_OK;

    default: /* a unit */
        return NGX_DECLINED;
    }
}


/* next, last or this: a weekday, the weekdays of a week, or a unit */

static ngx_int_t
oauthcc_php_strtotime_shift(oauthcc_php_time_parser_t *st, ngx_int_t shift)
{
    oauthcc_php_time_word_t  *word;

    (void) oauthcc_php_time_parser_skip(st, " \t");

    word = oauthcc_php_time_parser_word(st);

    if (word == NULL) {
        return NGX_DECLINED;
    }

    if (word->type == OAUTHCC_PHP_TIME_WEEKDAY) {
        oauthcc_php_strtotime_weekday(st, word->value);

        st->after = (shift != 0);
        st->week = 0;
        st->days -= (shift < 0) ? 7 : 0;

        return NGX_OK;
    }

    /* "next weeks" is just seven days from now */

    if (ngx_strcmp(word->name, "week") == 0) {
        st->week = 1;

        if (!st->have_weekday) {
            st->weekday = 1;
            st->have_weekday = 1;
        }
    }

    return oauthcc_php_strtotime_units(st, shift, word);
}


static void
oauthcc_php_strtotime_weekday(oauthcc_php_time_parser_t *st, ngx_int_t weekday)
{
    st->weekday = weekday;
    st->have_weekday = 1;

    oauthcc_php_strtotime_midnight(st);
}


/* Forgets a time: "tomorrow 10:00" is at ten, "10:00 tomorrow" is not. */

static void
oauthcc_php_strtotime_midnight(oauthcc_php_time_parser_t *st)
{
    st->have_time = 0;
    st->midnight = 1;
}


/* Turns round all that was said before, a weekday as well. */

static void
oauthcc_php_strtotime_ago(oauthcc_php_time_parser_t *st)
{
    st->months = -st->months;
    st->days = -st->days;
    st->seconds = -st->seconds;

    if (st->have_weekday) {
        st->weekday = st->weekday ? -st->weekday : -7;
    }
}


/* January 2, January 2 2024, January 2, 2024, Jan  2; the month was read */

static ngx_int_t
oauthcc_php_strtotime_month(oauthcc_php_time_parser_t *st, int64_t month)
{
    int64_t     day;
    ngx_uint_t  digits;

    (void) oauthcc_php_time_parser_skip(st, " \t.-");

    digits = oauthcc_php_time_parser_digits(st, &day);

    if (digits == 0 || digits > 2) {
        return NGX_DECLINED;
    }

    return oauthcc_php_time_parser_named(st, day, month);
}


static ngx_int_t
oauthcc_php_strtotime_units(oauthcc_php_time_parser_t *st, int64_t n,
    oauthcc_php_time_word_t *word)
{
    switch (word->type) {

    case OAUTHCC_PHP_TIME_SECONDS:
        st->seconds += n * word->value;
        return NGX_OK;

    case OAUTHCC_PHP_TIME_DAYS:
        st->days += n * word->value;
        return NGX_OK;

    case OAUTHCC_PHP_TIME_MONTHS:
        st->months += n * word->value;
        return NGX_OK;

    default:
        return NGX_DECLINED;
    }
}


static ngx_int_t
oauthcc_php_strtotime_result(oauthcc_php_time_parser_t *st, int64_t now,
    int64_t *sec)
{
    int64_t             days, month, time;
    oauthcc_php_date_t  date;

    oauthcc_php_date_split(now, &date);

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

    if (st->year > OAUTHCC_PHP_STRTOTIME_YEARS
        || st->year < -OAUTHCC_PHP_STRTOTIME_YEARS)
    {
        return NGX_DECLINED;
    }

    /*
     * A day that the month has not is one of the next month, and 24:00 is of
     * the next day, before anything is added to them.
     */

    days = oauthcc_php_date_days_of(st->year, st->month, st->day)
           + time / 86400;

    if (st->have_weekday) {
        days += oauthcc_php_strtotime_ahead(st, days);
    }

    oauthcc_php_date_split(days * 86400, &date);

    month = date.year * 12 + (int64_t) date.month - 1 + st->months;

    if (month / 12 > OAUTHCC_PHP_STRTOTIME_YEARS
        || month / 12 < -OAUTHCC_PHP_STRTOTIME_YEARS)
    {
        return NGX_DECLINED;
    }

    st->year = (month >= 0 ? month : month - 11) / 12;
    st->month = month - st->year * 12 + 1;

    days = oauthcc_php_date_days_of(st->year, st->month, date.day)
           + st->days;

    *sec = days * 86400 + time % 86400 + st->seconds - st->zone;

    return NGX_OK;
}


/* How far a day of so many days since the epoch is from the weekday. */

static int64_t
oauthcc_php_strtotime_ahead(oauthcc_php_time_parser_t *st, int64_t days)
{
    int64_t  from, ahead;

    from = ((days % 7) + 11) % 7;
    ahead = st->weekday - from;

    if (st->week) {

        /* a Sunday is the last day of its week */

        if (from == 0 && st->weekday != 0) {
            return ahead - 7;
        }

        return (from != 0 && st->weekday == 0) ? ahead + 7 : ahead;
    }

    if (st->weekday < 0) {
        return -st->weekday - from - 7;
    }

    /* as the days before it are still to be taken off, it may be the day */

    if (ahead < 0 || (ahead == 0 && st->after && st->days >= 0)) {
        ahead += 7;
    }

    return ahead;
}
