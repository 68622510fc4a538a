
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "login_json/php/oauthcc_php_time_formats.h"
#include "login_json/php/oauthcc_php_date.h"
#include "login_json/php/oauthcc_php_time_words.h"


#define OAUTHCC_PHP_TIME_FORMATS_DATE     0x01
#define OAUTHCC_PHP_TIME_FORMATS_YEAR     0x02
#define OAUTHCC_PHP_TIME_FORMATS_WEEK     0x04
#define OAUTHCC_PHP_TIME_FORMATS_YEARDAY  0x08
#define OAUTHCC_PHP_TIME_FORMATS_TIME     0x10


/* the numbers that a format has matched, and what they are parts of */

typedef struct {
    int64_t     year;
    int64_t     month;
    int64_t     day;
    int64_t     week;
    int64_t     weekday;
    int64_t     yearday;
    int64_t     hour;
    int64_t     minute;
    int64_t     second;

    ngx_uint_t  have;
} oauthcc_php_time_formats_t;


/* a letter that is a number: its digits, its range, and where it goes */

typedef struct {
    u_char      letter;
    u_char      least;
    u_char      most;
    int64_t     low;
    int64_t     high;
    size_t      offset;
    ngx_uint_t  have;
} oauthcc_php_time_formats_number_t;


static ngx_int_t oauthcc_php_time_formats_match(u_char *format, u_char **pos,
    u_char *last, oauthcc_php_time_formats_t *found);
static ngx_int_t oauthcc_php_time_formats_letter(u_char letter, u_char **pos,
    u_char *last, oauthcc_php_time_formats_t *found);
static ngx_uint_t oauthcc_php_time_formats_number(u_char **pos, u_char *last,
    ngx_uint_t least, ngx_uint_t most, int64_t *number);
static ngx_int_t oauthcc_php_time_formats_name(u_char **pos, u_char *last,
    int64_t *month);
static ngx_int_t oauthcc_php_time_formats_meridian(u_char **pos, u_char *last,
    int64_t *hour);
static ngx_int_t oauthcc_php_time_formats_take(oauthcc_php_time_parser_t *st,
    oauthcc_php_time_formats_t *found);
static ngx_int_t oauthcc_php_time_formats_week(oauthcc_php_time_formats_t
    *found);


/*
 * Y year, y of two digits, m month, n of one digit or two, M its name, d and j
 * day, z day of the year, V week, N day of the week, H and G hour, g hour of
 * half a day, i and I minute, s second, f a fraction, a "pm", _ blanks, ~
 * blanks, dots and dashes; all else is itself.
 *
 * Of two that fit, the first counts: the longer one, or a time, which is what
 * PHP takes "10.12.26" for.
 */

static char  *oauthcc_php_time_formats[] = {
    "YmdHis",
    "Y-WV-N", "YWVN", "Y-WV", "YWV",
    "Y-z", "Y.z",
    "j/M/Y:H:i:s",
    "Y-M-j", "Y~M",
    "g:i:s_a", "g.i.s_a", "g:i_a", "g.i_a", "g_a",
    "tH:i:sf", "tH:i", "tHis", "tHi", "tH",
    "n/j/y", "n/j",
    "y-m-d",
    "G.I.s", "j.n.y", "G.i",
    "M~Y",
    NULL
};


static oauthcc_php_time_formats_number_t  oauthcc_php_time_formats_numbers[] =
{
#define row(letter, least, most, low, high, field, have)                      \
    { letter, least, most, low, high,                                         \
      offsetof(oauthcc_php_time_formats_t, field), have }

    row('Y', 4, 4, 0, 9999, year, OAUTHCC_PHP_TIME_FORMATS_YEAR),
    row('y', 2, 2, 0, 99, year, OAUTHCC_PHP_TIME_FORMATS_YEAR),
    row('m', 2, 2, 1, 12, month, OAUTHCC_PHP_TIME_FORMATS_DATE),
    row('n', 1, 2, 1, 12, month, OAUTHCC_PHP_TIME_FORMATS_DATE),
    row('d', 2, 2, 1, 31, day, OAUTHCC_PHP_TIME_FORMATS_DATE),
    row('j', 1, 2, 1, 31, day, OAUTHCC_PHP_TIME_FORMATS_DATE),
    row('z', 3, 3, 0, 366, yearday, OAUTHCC_PHP_TIME_FORMATS_YEARDAY),
    row('V', 2, 2, 1, 53, week, OAUTHCC_PHP_TIME_FORMATS_WEEK),
    row('N', 1, 1, 0, 7, weekday, 0),
    row('H', 2, 2, 0, 24, hour, OAUTHCC_PHP_TIME_FORMATS_TIME),
    row('G', 1, 2, 0, 24, hour, OAUTHCC_PHP_TIME_FORMATS_TIME),
    row('g', 1, 2, 0, 24, hour, OAUTHCC_PHP_TIME_FORMATS_TIME),
    row('i', 2, 2, 0, 59, minute, 0),
    row('I', 1, 2, 0, 59, minute, 0),
    row('s', 2, 2, 0, 60, second, 0),

#undef row

    { 0, 0, 0, 0, 0, 0, 0 }
};


ngx_int_t
oauthcc_php_time_formats_read(oauthcc_php_time_parser_t *st)
{
    u_char                      *p;
    ngx_uint_t                   i;
    oauthcc_php_time_formats_t   found;

    for (i = 0; oauthcc_php_time_formats[i]; i++) {

        ngx_memzero(&found, sizeof(oauthcc_php_time_formats_t));
        found.weekday = 1;

        p = st->pos;

        if (oauthcc_php_time_formats_match(
                                       (u_char *) oauthcc_php_time_formats[i],
                                       &p, st->last, &found)
            != NGX_OK)
        {
            continue;
        }

        st->pos = p;

        return oauthcc_php_time_formats_take(st, &found);
    }

    return NGX_DECLINED;
}


static ngx_int_t
oauthcc_php_time_formats_match(u_char *format, u_char **pos, u_char *last,
    oauthcc_php_time_formats_t *found)
{
    u_char  *p;

    for ( /* void */ ; *format; format++) {

        if (oauthcc_php_time_formats_letter(*format, pos, last, found)
            != NGX_OK)
        {
            return NGX_DECLINED;
        }
    }

    p = *pos;

    /* reject a prefix of a longer form: 12/31/2024, 1.30 of 1.30.5, 3:04 */

    if (p == last) {
        return NGX_OK;
    }

    if ((*p >= '0' && *p <= '9') || *p == ':') {
        return NGX_DECLINED;
    }

    if ((*p == '.' || *p == '/' || *p == '-') && last - p > 1
        && p[1] >= '0' && p[1] <= '9')
    {
        /* a zone may follow a time */

        return ((found->have & OAUTHCC_PHP_TIME_FORMATS_TIME) && *p == '-')
               ? NGX_OK : NGX_DECLINED;
    }

    return NGX_OK;
}


static ngx_int_t
oauthcc_php_time_formats_letter(u_char letter, u_char **pos, u_char *last,
    oauthcc_php_time_formats_t *found)
{
    int64_t                             ignored, *number;
    oauthcc_php_time_formats_number_t  *n;

    for (n = oauthcc_php_time_formats_numbers; n->letter; n++) {

        if (n->letter != letter) {
            continue;
        }

        number = (int64_t *) ((char *) found + n->offset);
        found->have |= n->have;

        if (oauthcc_php_time_formats_number(pos, last, n->least, n->most,
                                            number)
            == 0
            || *number < n->low || *number > n->high)
        {
            return NGX_DECLINED;
        }

        if (letter == 'y') {
            *number += (*number < 70) ? 2000 : 1900;
        }

        return NGX_OK;
    }

    switch (letter) {

    case 'M':
        found->have |= OAUTHCC_PHP_TIME_FORMATS_DATE;
        return oauthcc_php_time_formats_name(pos, last, &found->month);

    case 'f':

        if (last - *pos > 1 && (**pos == '.' || **pos == ',')
            && (*pos)[1] >= '0' && (*pos)[1] <= '9')
        {
            (*pos)++;
            (void) oauthcc_php_time_formats_number(pos, last, 1, 9, &ignored);
        }

        return NGX_OK;

    case 'a':
        return oauthcc_php_time_formats_meridian(pos, last, &found->hour);

    case '_':
    case '~':

        while (*pos < last
               && (**pos == ' ' || **pos == '\t'
                   || (letter == '~' && (**pos == '-' || **pos == '.'))))
        {
            (*pos)++;
        }

        return NGX_OK;

    default:

        /* T may be lower case, W may not */

        if (*pos == last
            || (letter == 't' ? ngx_tolower(**pos) : **pos) != letter)
        {
            return NGX_DECLINED;
        }

        (*pos)++;

        return NGX_OK;
    }
}


/* The number of digits; 0 if there are fewer than the minimum. */

static ngx_uint_t
oauthcc_php_time_formats_number(u_char **pos, u_char *last, ngx_uint_t least,
    ngx_uint_t most, int64_t *number)
{
    ngx_uint_t  n;

    *number = 0;

    for (n = 0; n < most && *pos < last; n++, (*pos)++) {

        if (**pos < '0' || **pos > '9') {
            break;
        }

        *number = *number * 10 + (**pos - '0');
    }

    return (n >= least) ? n : 0;
}


static ngx_int_t
oauthcc_php_time_formats_name(u_char **pos, u_char *last, int64_t *month)
{
    oauthcc_php_time_words_t  *word;

    word = oauthcc_php_time_words_find(pos, last);

    if (word == NULL || word->type != OAUTHCC_PHP_TIME_WORDS_MONTH) {
        return NGX_DECLINED;
    }

    *month = word->value;

    return NGX_OK;
}


/* am, pm, a.m., P.M., followed by the end or a blank */

static ngx_int_t
oauthcc_php_time_formats_meridian(u_char **pos, u_char *last, int64_t *hour)
{
    u_char      *p;
    ngx_uint_t   pm;

    p = *pos;

    if (*hour < 1 || *hour > 12 || p == last
        || (ngx_tolower(*p) != 'a' && ngx_tolower(*p) != 'p'))
    {
        return NGX_DECLINED;
    }

    pm = (ngx_tolower(*p) == 'p');
    p++;

    if (p < last && *p == '.') {
        p++;
    }

    if (p == last || ngx_tolower(*p) != 'm') {
        return NGX_DECLINED;
    }

    p++;

    if (p < last && *p == '.') {
        p++;
    }

    if (p < last && *p != ' ' && *p != '\t') {
        return NGX_DECLINED;
    }

    *pos = p;
    *hour = *hour % 12 + (pm ? 12 : 0);

    return NGX_OK;
}


static ngx_int_t
oauthcc_php_time_formats_take(oauthcc_php_time_parser_t *st,
    oauthcc_php_time_formats_t *found)
{
    ngx_int_t  rc;

    rc = NGX_OK;

    if (found->have & (OAUTHCC_PHP_TIME_FORMATS_WEEK
                       |OAUTHCC_PHP_TIME_FORMATS_YEARDAY))
    {
        rc = oauthcc_php_time_formats_week(found);
    }

    if (rc == NGX_OK && (found->have & OAUTHCC_PHP_TIME_FORMATS_DATE)) {

        if (found->day == 0) {
            found->day = 1;
        }

        rc = oauthcc_php_time_parser_date(st, found->year, found->month,
                                          found->day);

        st->have_year = (found->have & OAUTHCC_PHP_TIME_FORMATS_YEAR) != 0;
    }

    if (rc == NGX_OK && (found->have & OAUTHCC_PHP_TIME_FORMATS_TIME)) {
        rc = oauthcc_php_time_parser_time(st, found->hour, found->minute,
                                          found->second);
    }

    return (rc == NGX_OK) ? NGX_OK : NGX_ERROR;
}


/* An ISO 8601 week has a Thursday of its year: January 4 is in week 1. */

static ngx_int_t
oauthcc_php_time_formats_week(oauthcc_php_time_formats_t *found)
{
    int64_t             days;
    oauthcc_php_date_t  date;

    if (found->have & OAUTHCC_PHP_TIME_FORMATS_YEARDAY) {
        days = oauthcc_php_date_days_of(found->year, 1, 1) + found->yearday
               - 1;

    } else {
        days = oauthcc_php_date_days_of(found->year, 1, 4);
        days += (found->week - 1) * 7 + found->weekday
                - ((days % 7 + 10) % 7 + 1);
    }

    oauthcc_php_date_split(days * 86400, &date);

    found->year = date.year;
    found->month = date.month;
    found->day = date.day;
    found->have |= OAUTHCC_PHP_TIME_FORMATS_DATE;

    return NGX_OK;
}
