
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "login_json/php/oauthcc_php_strtotime.h"
#include "login_json/php/oauthcc_php_date.h"
#include "login_json/php/oauthcc_php_time_formats.h"
#include "login_json/php/oauthcc_php_time_parser.h"
#include "login_json/php/oauthcc_php_time_relative.h"
#include "login_json/php/oauthcc_php_time_words.h"
#include "login_json/php/oauthcc_php_time_zone.h"


/* a longer text is no date; within this length no sum overflows */
#define OAUTHCC_PHP_STRTOTIME_TEXT    128

/* digits of a number of units */
#define OAUTHCC_PHP_STRTOTIME_DIGITS  9


static ngx_int_t oauthcc_php_strtotime_point(oauthcc_php_time_parser_t *st);
static ngx_int_t oauthcc_php_strtotime_number(oauthcc_php_time_parser_t *st);
static ngx_int_t oauthcc_php_strtotime_sign(oauthcc_php_time_parser_t *st);
static ngx_int_t oauthcc_php_strtotime_text(oauthcc_php_time_parser_t *st);
static void oauthcc_php_strtotime_ordinal(oauthcc_php_time_parser_t *st);
static ngx_int_t oauthcc_php_strtotime_month(oauthcc_php_time_parser_t *st,
    int64_t month);
static oauthcc_php_time_words_t *oauthcc_php_strtotime_word(
    oauthcc_php_time_parser_t *st);
static ngx_int_t oauthcc_php_strtotime_result(oauthcc_php_time_parser_t *st,
    int64_t now, int64_t *sec);


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

        } else if ((rc = oauthcc_php_time_formats_read(&st)) != NGX_DECLINED) {

            /* a word that stands for a whole moment */

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


/* "@1700000000": seconds that PHP adds to the epoch */

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

    /* fractions are rounded down, also before the epoch */

    st->seconds += minus ? -number - (fraction != 0) : number;

    oauthcc_php_time_relative_midnight(st);

    st->year = 1970;
    st->month = 1;
    st->day = 1;

    st->have_date = 1;
    st->have_year = 1;

    return oauthcc_php_time_zone_set(st, 0);
}


/* Reads what begins with a digit: a date, a time, or a number of units. */

static ngx_int_t
oauthcc_php_strtotime_number(oauthcc_php_time_parser_t *st)
{
    u_char                    *start, c;
    int64_t                    number;
    ngx_uint_t                 digits;
    oauthcc_php_time_words_t  *word;

    digits = oauthcc_php_time_parser_digits(st, &number);

    c = (st->pos < st->last) ? *st->pos : '\0';

    if (c == ':' && digits <= 2) {
        return oauthcc_php_time_parser_clock(st, number);
    }

    if (digits <= 2) {
        oauthcc_php_strtotime_ordinal(st);
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

        /* asctime() puts the year at the end */

        st->year = number;
        st->have_year = 1;

        return NGX_OK;
    }

    if ((digits == 4 || digits == 6) && st->have_year && !st->have_time) {
        number *= (digits == 4) ? 100 : 1;

        return oauthcc_php_time_parser_time(st, number / 10000,
                                            number / 100 % 100, number % 100);
    }

    start = st->pos;

    (void) oauthcc_php_time_parser_skip(st, " \t-");

    word = oauthcc_php_strtotime_word(st);

    if (word == NULL) {
        st->pos = start;
        return NGX_DECLINED;
    }

    if (word->type == OAUTHCC_PHP_TIME_WORDS_MONTH && digits <= 2) {
        return oauthcc_php_time_parser_named(st, number, word->value);
    }

    if (digits > OAUTHCC_PHP_STRTOTIME_DIGITS) {
        return NGX_DECLINED;
    }

    return oauthcc_php_time_relative_units(st, number, word);
}


/* "+1 day", or a zone after a time: "+02:00", "+0200", "+02" */

static ngx_int_t
oauthcc_php_strtotime_sign(oauthcc_php_time_parser_t *st)
{
    u_char                    *mark;
    int64_t                    number, minutes;
    ngx_int_t                  sign;
    ngx_uint_t                 digits;
    oauthcc_php_time_words_t  *word;

    sign = (*st->pos++ == '-') ? -1 : 1;

    (void) oauthcc_php_time_parser_skip(st, " \t");

    digits = oauthcc_php_time_parser_digits(st, &number);

    if (digits == 0 || digits > OAUTHCC_PHP_STRTOTIME_DIGITS) {
        return NGX_DECLINED;
    }

    mark = st->pos;

    (void) oauthcc_php_time_parser_skip(st, " \t");

    word = oauthcc_php_strtotime_word(st);

    if (word && word->type >= OAUTHCC_PHP_TIME_WORDS_SECONDS) {
        return oauthcc_php_time_relative_units(st, sign * number, word);
    }

    st->pos = mark;

    if (!st->have_time && !st->have_date && !st->midnight) {
        return NGX_DECLINED;
    }

    minutes = 0;

    if (digits == 4 || digits == 3) {
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

    return oauthcc_php_time_zone_set(st,
                                     sign * (number * 3600 + minutes * 60));
}


static ngx_int_t
oauthcc_php_strtotime_text(oauthcc_php_time_parser_t *st)
{
    oauthcc_php_time_words_t  *word;

    word = oauthcc_php_strtotime_word(st);

    if (word == NULL) {
        return oauthcc_php_time_zone_read(st);
    }

    switch (word->type) {

    case OAUTHCC_PHP_TIME_WORDS_MONTH:
        return oauthcc_php_strtotime_month(st, word->value);

    case OAUTHCC_PHP_TIME_WORDS_WEEKDAY:
        oauthcc_php_time_relative_weekday(st, word->value);
        st->after &= st->week;
        return NGX_OK;

    case OAUTHCC_PHP_TIME_WORDS_DAY:

        /* "tomorrow" resets relative parts before it, not those after it */

        if (word->value) {
            st->days = word->value;
        }

        oauthcc_php_time_relative_midnight(st);
        return NGX_OK;

    case OAUTHCC_PHP_TIME_WORDS_NOW:
        return NGX_OK;

    case OAUTHCC_PHP_TIME_WORDS_NOON:
        oauthcc_php_time_relative_midnight(st);
        return oauthcc_php_time_parser_time(st, word->value, 0, 0);

    case OAUTHCC_PHP_TIME_WORDS_ZONE:

        return (ngx_strcmp(word->name, "gmt") == 0
                && ngx_strncmp(st->pos - 3, "GMT", 3) == 0)
               ? oauthcc_php_time_zone_gmt(st)
               : oauthcc_php_time_zone_set(st, word->value * 3600);

    case OAUTHCC_PHP_TIME_WORDS_SHIFT:
        return oauthcc_php_time_relative_shift(st, word->value, 0);

    case OAUTHCC_PHP_TIME_WORDS_ORDINAL:
        return oauthcc_php_time_relative_shift(st, word->value, 1);

    case OAUTHCC_PHP_TIME_WORDS_SECONDS:

        /* "second" is a unit, and an ordinal between "first" and "third" */

        return (ngx_strcmp(word->name, "second") == 0)
               ? oauthcc_php_time_relative_shift(st, 2, 1) : NGX_DECLINED;

    case OAUTHCC_PHP_TIME_WORDS_AGO:
        oauthcc_php_time_relative_ago(st);
        return NGX_OK;

    default: /* a unit */
        return NGX_DECLINED;
    }
}


/* January 2, January 2 2024, January 2, 2024, Jan  2; the month is read */

static ngx_int_t
oauthcc_php_strtotime_month(oauthcc_php_time_parser_t *st, int64_t month)
{
    u_char     *mark;
    int64_t     day;
    ngx_uint_t  digits;

    mark = st->pos;

    (void) oauthcc_php_time_parser_skip(st, " \t.-");

    digits = oauthcc_php_time_parser_digits(st, &day);

    if ((digits == 0 || (st->pos < st->last && *st->pos == ':'))
        && !st->have_date)
    {
        /* "June", perhaps with a time: the day is the present one */

        st->pos = mark;
        st->month = month;
        st->have_date = 1;
        st->month_only = 1;

        return NGX_OK;
    }

    if (digits == 0 || digits > 2) {
        return NGX_DECLINED;
    }

    oauthcc_php_strtotime_ordinal(st);

    return oauthcc_php_time_parser_named(st, day, month);
}


/* the suffix of the number of a day: 1st, 2nd, 3rd, 4th */

static void
oauthcc_php_strtotime_ordinal(oauthcc_php_time_parser_t *st)
{
    ngx_uint_t  i;

    static char  *suffixes[] = { "st", "nd", "rd", "th", NULL };

    if (st->last - st->pos < 2
        || (st->last - st->pos > 2 && ngx_tolower(st->pos[2]) >= 'a'
            && ngx_tolower(st->pos[2]) <= 'z'))
    {
        return;
    }

    for (i = 0; suffixes[i]; i++) {

        if (ngx_strncasecmp(st->pos, (u_char *) suffixes[i], 2) == 0) {
            st->pos += 2;
            return;
        }
    }
}


static oauthcc_php_time_words_t *
oauthcc_php_strtotime_word(oauthcc_php_time_parser_t *st)
{
    return oauthcc_php_time_words_find(&st->pos, st->last);
}


static ngx_int_t
oauthcc_php_strtotime_result(oauthcc_php_time_parser_t *st, int64_t now,
    int64_t *sec)
{
    int64_t             days, time, local, zone;
    oauthcc_php_date_t  date;

    oauthcc_php_date_split(now, &date);

    time = date.hour * 3600 + date.minute * 60 + date.second;

    if (!st->have_date) {
        st->month = date.month;
        st->day = date.day;
    }

    if (st->month_only) {
        st->day = date.day;
    }

    if (st->first_of || st->last_of || st->of) {
        st->day = 1;
    }

    if (!st->have_year) {
        st->year = date.year;
    }

    if (st->have_time) {
        time = st->time;

    } else if (st->have_date || st->midnight) {
        time = 0;
    }

    if (st->year > OAUTHCC_PHP_TIME_RELATIVE_YEARS
        || st->year < -OAUTHCC_PHP_TIME_RELATIVE_YEARS)
    {
        return NGX_DECLINED;
    }

    /*
     * A day past the end of the month is in the next month, and 24:00 is on
     * the next day; normalize both before relative parts are added.
     */

    days = oauthcc_php_date_days_of(st->year, st->month, st->day)
           + time / 86400;

    if (oauthcc_php_time_relative_days(st, &days) != NGX_OK) {
        return NGX_DECLINED;
    }

    local = days * 86400 + time % 86400;

    if (oauthcc_php_time_zone_offset(st, local, &zone) != NGX_OK) {
        return NGX_DECLINED;
    }

    *sec = local + st->seconds - zone;

    return NGX_OK;
}
