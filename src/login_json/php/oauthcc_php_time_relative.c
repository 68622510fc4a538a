
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "login_json/php/oauthcc_php_time_relative.h"
#include "login_json/php/oauthcc_php_date.h"


static ngx_uint_t oauthcc_php_time_relative_of(oauthcc_php_time_parser_t *st);
static ngx_int_t oauthcc_php_time_relative_month(oauthcc_php_time_parser_t *st,
    int64_t days, int64_t months, oauthcc_php_date_t *date);
static int64_t oauthcc_php_time_relative_business(int64_t days, int64_t n);
static int64_t oauthcc_php_time_relative_ahead(oauthcc_php_time_parser_t *st,
    int64_t days);


ngx_int_t
oauthcc_php_time_relative_shift(oauthcc_php_time_parser_t *st, ngx_int_t shift,
    ngx_uint_t ordinal)
{
    u_char                    *mark;
    oauthcc_php_time_words_t  *word;

    (void) oauthcc_php_time_parser_skip(st, " \t");

    mark = st->pos;
    word = oauthcc_php_time_words_find(&st->pos, st->last);

    if (word == NULL) {
        return NGX_DECLINED;
    }

    if (word->type == OAUTHCC_PHP_TIME_WORDS_WEEKDAY) {
        oauthcc_php_time_relative_weekday(st, word->value);

        st->after = (shift != 0);
        st->week = 0;
        st->days += ((shift > 0) ? shift - 1 : shift) * 7;

        /* "first monday of", but not "next monday of" */

        if (oauthcc_php_time_relative_of(st)) {
            st->of = (shift > 0) ? 1 : 2;
            st->after = 0;

            return (ordinal || shift < 0) ? NGX_OK : NGX_DECLINED;
        }

        return NGX_OK;
    }

    if (st->pos - mark == 3 && word->type == OAUTHCC_PHP_TIME_WORDS_DAYS
        && (shift == 1 || shift == -1)
        && oauthcc_php_time_relative_of(st))
    {
        st->first_of = (shift > 0);
        st->last_of = (shift < 0);

        return (ordinal || shift < 0) ? NGX_OK : NGX_DECLINED;
    }

    /* "next weeks" is seven days from now, "third week" is not valid */

    if (ngx_strcmp(word->name, "week") == 0) {

        if (ordinal) {
            return NGX_DECLINED;
        }

        st->week = 1;

        if (!st->have_weekday) {
            st->weekday = 1;
            st->have_weekday = 1;
        }
    }

    if (word->type == OAUTHCC_PHP_TIME_WORDS_WEEKDAYS) {
        oauthcc_php_time_relative_midnight(st);
    }

    return oauthcc_php_time_relative_units(st, shift, word);
}


/* Whether "of" follows. */

static ngx_uint_t
oauthcc_php_time_relative_of(oauthcc_php_time_parser_t *st)
{
    u_char  *p;

    for (p = st->pos; p < st->last && (*p == ' ' || *p == '\t'); p++) {
        /* void */
    }

    if (p == st->pos || st->last - p < 2
        || ngx_strncasecmp(p, (u_char *) "of", 2) != 0
        || (st->last - p > 2 && p[2] != ' ' && p[2] != '\t'))
    {
        return 0;
    }

    st->pos = p + 2;

    return 1;
}


void
oauthcc_php_time_relative_weekday(oauthcc_php_time_parser_t *st,
    ngx_int_t weekday)
{
    st->weekday = weekday;
    st->have_weekday = 1;

    oauthcc_php_time_relative_midnight(st);
}


void
oauthcc_php_time_relative_midnight(oauthcc_php_time_parser_t *st)
{
    st->have_time = 0;
    st->midnight = 1;
}


void
oauthcc_php_time_relative_ago(oauthcc_php_time_parser_t *st)
{
    st->months = -st->months;
    st->days = -st->days;
    st->seconds = -st->seconds;
    st->weekdays = -st->weekdays;

    if (st->have_weekday) {
        st->weekday = st->weekday ? -st->weekday : -7;
    }
}


ngx_int_t
oauthcc_php_time_relative_units(oauthcc_php_time_parser_t *st, int64_t n,
    oauthcc_php_time_words_t *word)
{
    switch (word->type) {

    case OAUTHCC_PHP_TIME_WORDS_SECONDS:
        st->seconds += n * word->value;
        return NGX_OK;

    case OAUTHCC_PHP_TIME_WORDS_DAYS:
        st->days += n * word->value;
        return NGX_OK;

    case OAUTHCC_PHP_TIME_WORDS_MONTHS:
        st->months += n * word->value;
        return NGX_OK;

    case OAUTHCC_PHP_TIME_WORDS_WEEKDAYS:
        st->weekdays = n;
        st->have_weekdays = 1;
        return NGX_OK;

    default:
        return NGX_DECLINED;
    }
}


ngx_int_t
oauthcc_php_time_relative_days(oauthcc_php_time_parser_t *st, int64_t *days)
{
    int64_t             months;
    oauthcc_php_date_t  date;

    months = st->months;

    if (st->of) {

        /* from the first day of the month, or of the next month */

        if (oauthcc_php_time_relative_month(st, *days, months + st->of - 1,
                                            &date)
            != NGX_OK)
        {
            return NGX_DECLINED;
        }

        *days = oauthcc_php_date_days_of(date.year, date.month, 1);
        months = 0;
    }

    if (st->have_weekday) {
        *days += oauthcc_php_time_relative_ahead(st, *days);
    }

    if (oauthcc_php_time_relative_month(st, *days, months, &date) != NGX_OK) {
        return NGX_DECLINED;
    }

    if (st->first_of) {
        *days = oauthcc_php_date_days_of(date.year, date.month, 1);

    } else if (st->last_of) {
        *days = oauthcc_php_date_days_of(date.year, date.month,
                                         oauthcc_php_date_month_days(date.year,
                                                                 date.month));

    } else {
        *days = oauthcc_php_date_days_of(date.year, date.month, date.day)
                + st->days;
    }

    if (st->have_weekdays) {
        *days += oauthcc_php_time_relative_business(*days, st->weekdays);
    }

    return NGX_OK;
}


/* The same day a number of months later; it may not exist. */

static ngx_int_t
oauthcc_php_time_relative_month(oauthcc_php_time_parser_t *st, int64_t days,
    int64_t months, oauthcc_php_date_t *date)
{
    int64_t  month;

    oauthcc_php_date_split(days * 86400, date);

    month = date->year * 12 + (int64_t) date->month - 1 + months;

    if (month / 12 > OAUTHCC_PHP_TIME_RELATIVE_YEARS
        || month / 12 < -OAUTHCC_PHP_TIME_RELATIVE_YEARS)
    {
        return NGX_DECLINED;
    }

    date->year = (month >= 0 ? month : month - 11) / 12;
    date->month = month - date->year * 12 + 1;

    return NGX_OK;
}


/* The distance, in days, of the n-th weekday (Monday to Friday). */

static int64_t
oauthcc_php_time_relative_business(int64_t days, int64_t n)
{
    int64_t  dow, rest, add;

    dow = ((days % 7) + 11) % 7;

    add = n / 5 * 7;
    rest = n % 5;

    if (n > 0) {

        if (rest == 0) {
            add -= (dow == 0) ? 2 : (dow == 6);

        } else if (dow == 6) {
            add += 1;

        } else if (dow + rest > 5) {
            add += 2;
        }

    } else if (rest == 0) {
        add += (dow == 6) ? 2 : (dow == 0);

    } else if (dow == 0) {
        add -= 1;

    } else if (dow + rest < 1) {
        add -= 2;
    }

    return add + rest;
}


/* The distance, in days, from a day since the epoch to the weekday. */

static int64_t
oauthcc_php_time_relative_ahead(oauthcc_php_time_parser_t *st, int64_t days)
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

    /* the days before it are subtracted later, so it may be this day */

    if (ahead < 0 || (ahead == 0 && st->after && st->days >= 0)) {
        ahead += 7;
    }

    return ahead;
}
