
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "login_json/php/oauthcc_php_time_formats.h"
#include "login_json/php/oauthcc_php_date.h"
#include "login_json/php/oauthcc_php_time_words.h"


/* the numbers that a format has matched */

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

    unsigned    have_date:1;
    unsigned    have_year:1;
    unsigned    have_week:1;
    unsigned    have_yearday:1;
    unsigned    have_time:1;
} oauthcc_php_time_formats_t;


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


ngx_int_t
oauthcc_php_time_formats_read(oauthcc_php_time_parser_t *st)
{
    u_char                      *p;
    ngx_uint_t                   i;
    oauthcc_php_time_formats_t   found;

    for (i = 0; oauthcc_php_time_formats[i]; i++) {

        ngx_memzero(&found, sizeof(oauthcc_php_time_formats_t));

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

        return (found->have_time && *p == '-') ? NGX_OK : NGX_DECLINED;
    }

    return NGX_OK;
}


static ngx_int_t
oauthcc_php_time_formats_letter(u_char letter, u_char **pos, u_char *last,
    oauthcc_php_time_formats_t *found)
{
    int64_t     ignored;
    ngx_uint_t  digits;

    switch (letter) {

    case 'Y':
        found->have_year = 1;
        digits = oauthcc_php_time_formats_number(pos, last, 4, 4,
                                                 &found->year);
        break;

    case 'y':
        found->have_year = 1;
        digits = oauthcc_php_time_formats_number(pos, last, 2, 2,
                                                 &found->year);
        found->year += (found->year < 70) ? 2000 : 1900;
        break;

    case 'm':
    case 'n':
        found->have_date = 1;
        digits = oauthcc_php_time_formats_number(pos, last,
                                                 letter == 'm' ? 2 : 1, 2,
                                                 &found->month);
        return (digits && found->month >= 1 && found->month <= 12)
               ? NGX_OK : NGX_DECLINED;

    case 'd':
    case 'j':
        found->have_date = 1;
        digits = oauthcc_php_time_formats_number(pos, last,
                                                 letter == 'd' ? 2 : 1, 2,
                                                 &found->day);
        return (digits && found->day >= 1 && found->day <= 31)
               ? NGX_OK : NGX_DECLINED;

    case 'M':
        found->have_date = 1;
        return oauthcc_php_time_formats_name(pos, last, &found->month);

    case 'z':
        found->have_yearday = 1;
        digits = oauthcc_php_time_formats_number(pos, last, 3, 3,
                                                 &found->yearday);
        return (digits && found->yearday <= 366) ? NGX_OK : NGX_DECLINED;

    case 'V':
        found->have_week = 1;
        found->weekday = 1;
        digits = oauthcc_php_time_formats_number(pos, last, 2, 2,
                                                 &found->week);
        return (digits && found->week >= 1 && found->week <= 53)
               ? NGX_OK : NGX_DECLINED;

    case 'N':
        digits = oauthcc_php_time_formats_number(pos, last, 1, 1,
                                                 &found->weekday);
        return (digits && found->weekday <= 7) ? NGX_OK : NGX_DECLINED;

    case 'H':
    case 'G':
    case 'g':
        found->have_time = 1;
        digits = oauthcc_php_time_formats_number(pos, last,
                                                 letter == 'H' ? 2 : 1, 2,
                                                 &found->hour);
        return (digits && found->hour <= 24) ? NGX_OK : NGX_DECLINED;

    case 'i':
    case 'I':
        digits = oauthcc_php_time_formats_number(pos, last,
                                                 letter == 'i' ? 2 : 1, 2,
                                                 &found->minute);
        return (digits && found->minute <= 59) ? NGX_OK : NGX_DECLINED;

    case 's':
        digits = oauthcc_php_time_formats_number(pos, last, 2, 2,
                                                 &found->second);
        return (digits && found->second <= 60) ? NGX_OK : NGX_DECLINED;

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

    return digits ? NGX_OK : NGX_DECLINED;
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

    if (found->have_week || found->have_yearday) {
        rc = oauthcc_php_time_formats_week(found);
    }

    if (rc == NGX_OK && found->have_date) {

        if (found->day == 0) {
            found->day = 1;
        }

        rc = oauthcc_php_time_parser_date(st, found->year, found->month,
                                          found->day);

        st->have_year = found->have_year;
    }

    if (rc == NGX_OK && found->have_time) {
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

    if (found->have_yearday) {
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
    found->have_date = 1;

    return NGX_OK;
}
