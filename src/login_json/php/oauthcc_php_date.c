
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "login_json/php/oauthcc_php_date.h"


/* the longest output of one letter of a format */
#define OAUTHCC_PHP_DATE_LETTER  64


static u_char *oauthcc_php_date_letter(u_char *p, u_char letter,
    oauthcc_php_date_t *date, int64_t sec);
static u_char *oauthcc_php_date_day(u_char *p, u_char letter,
    oauthcc_php_date_t *date);
static u_char *oauthcc_php_date_time(u_char *p, u_char letter,
    oauthcc_php_date_t *date);
static u_char *oauthcc_php_date_whole(u_char *p, u_char letter,
    oauthcc_php_date_t *date);
static u_char *oauthcc_php_date_year(u_char *p, int64_t year,
    ngx_uint_t expanded);
static void oauthcc_php_date_iso_week(oauthcc_php_date_t *date, int64_t *year,
    ngx_uint_t *week);
static ngx_uint_t oauthcc_php_date_swatch(int64_t sec);


static char  *oauthcc_php_date_days[] = {
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday",
    "Saturday"
};

static char  *oauthcc_php_date_months[] = {
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December"
};


ngx_int_t
oauthcc_php_date(ngx_pool_t *pool, ngx_str_t *format, int64_t sec,
    ngx_str_t *out)
{
    u_char             *p;
    size_t              i, len;
    oauthcc_php_date_t  date;

    len = 0;

    for (i = 0; i < format->len; i++) {
        len += (ngx_tolower(format->data[i]) >= 'a'
                && ngx_tolower(format->data[i]) <= 'z')
               ? OAUTHCC_PHP_DATE_LETTER : 1;
    }

    p = ngx_pnalloc(pool, len + 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    out->data = p;

    oauthcc_php_date_split(sec, &date);

    for (i = 0; i < format->len; i++) {

        if (format->data[i] == '\\') {

            if (++i < format->len) {
                *p++ = format->data[i];
            }

            continue;
        }

        p = oauthcc_php_date_letter(p, format->data[i], &date, sec);
    }

    out->len = p - out->data;

    return NGX_OK;
}


/*
 * The proleptic Gregorian calendar in eras of 400 years that begin in March,
 * so that the leap day is the last day of its year.
 */

int64_t
oauthcc_php_date_days_of(int64_t year, int64_t month, int64_t day)
{
    int64_t  era, y, m, of_year, of_era;

    y = year - (month <= 2);
    m = (month + 9) % 12;

    era = (y >= 0 ? y : y - 399) / 400;
    y -= era * 400;

    of_year = (153 * m + 2) / 5 + day - 1;
    of_era = y * 365 + y / 4 - y / 100 + of_year;

    return era * 146097 + of_era - 719468;
}


void
oauthcc_php_date_split(int64_t sec, oauthcc_php_date_t *date)
{
    int64_t  days, era, of_era, year, of_year, month;

    days = sec / 86400;
    sec %= 86400;

    if (sec < 0) {
        sec += 86400;
        days--;
    }

    date->hour = sec / 3600;
    date->minute = sec / 60 % 60;
    date->second = sec % 60;

    date->weekday = ((days % 7) + 11) % 7;

    days += 719468;

    era = (days >= 0 ? days : days - 146096) / 146097;
    of_era = days - era * 146097;
    year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    of_year = of_era - (365 * year + year / 4 - year / 100);
    month = (5 * of_year + 2) / 153;

    date->day = of_year - (153 * month + 2) / 5 + 1;
    date->month = (month < 10) ? month + 3 : month - 9;
    date->year = year + era * 400 + (date->month <= 2);

    date->yearday = oauthcc_php_date_days_of(date->year, date->month,
                                             date->day)
                    - oauthcc_php_date_days_of(date->year, 1, 1);
}


ngx_uint_t
oauthcc_php_date_month_days(int64_t year, int64_t month)
{
    static u_char  days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

    return days[month - 1]
           + (month == 2
              && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
}


static u_char *
oauthcc_php_date_letter(u_char *p, u_char letter, oauthcc_php_date_t *date,
    int64_t sec)
{
    switch (letter) {

    case 'd':
    case 'D':
    case 'j':
    case 'l':
    case 'N':
    case 'S':
    case 'w':
    case 'z':
    case 'W':
    case 'F':
    case 'm':
    case 'M':
    case 'n':
    case 't':
    case 'L':
    case 'o':
    case 'Y':
    case 'y':
    case 'X':
    case 'x':
        return oauthcc_php_date_day(p, letter, date);

    case 'B':
        return ngx_sprintf(p, "%03ui", oauthcc_php_date_swatch(sec));

    case 'U':

        /* the smallest integer has no positive counterpart */

        if (sec < 0) {
            *p++ = '-';
        }

        return ngx_sprintf(p, "%uL", (sec < 0) ? 0 - (uint64_t) sec
                                               : (uint64_t) sec);

    case 'c':
    case 'r':
        return oauthcc_php_date_whole(p, letter, date);

    default:
        return oauthcc_php_date_time(p, letter, date);
    }
}


static u_char *
oauthcc_php_date_day(u_char *p, u_char letter, oauthcc_php_date_t *date)
{
    int64_t     year;
    ngx_uint_t  week, day;

    day = date->day;

    switch (letter) {

    case 'd':
        return ngx_sprintf(p, "%02ui", day);

    case 'D':
        return ngx_cpymem(p, oauthcc_php_date_days[date->weekday], 3);

    case 'j':
        return ngx_sprintf(p, "%ui", day);

    case 'l':
        return ngx_sprintf(p, "%s", oauthcc_php_date_days[date->weekday]);

    case 'N':
        return ngx_sprintf(p, "%ui", date->weekday ? date->weekday : 7);

    case 'S':
        return ngx_sprintf(p, "%s",
                           (day / 10 == 1) ? "th"
                           : (day % 10 == 1) ? "st"
                           : (day % 10 == 2) ? "nd"
                           : (day % 10 == 3) ? "rd" : "th");

    case 'w':
        return ngx_sprintf(p, "%ui", date->weekday);

    case 'z':
        return ngx_sprintf(p, "%ui", date->yearday);

    case 'W':
    case 'o':
        oauthcc_php_date_iso_week(date, &year, &week);

        return (letter == 'W') ? ngx_sprintf(p, "%02ui", week)
                               : ngx_sprintf(p, "%L", year);

    case 'F':
        return ngx_sprintf(p, "%s", oauthcc_php_date_months[date->month - 1]);

    case 'm':
        return ngx_sprintf(p, "%02ui", date->month);

    case 'M':
        return ngx_cpymem(p, oauthcc_php_date_months[date->month - 1],
                          3);

    case 'n':
        return ngx_sprintf(p, "%ui", date->month);

    case 't':
        return ngx_sprintf(p, "%ui", oauthcc_php_date_month_days(date->year,
                                                                 date->month));

    case 'L':
        return ngx_sprintf(p, "%ui", oauthcc_php_date_month_days(date->year, 2)
                           - 28);

    case 'y':
        year = date->year % 100;
        return ngx_sprintf(p, (year < 0) ? "%L" : "%02L", year);

    case 'X':
    case 'x':
        return oauthcc_php_date_year(p, date->year,
                                     letter == 'X'
                                     || date->year < 0
                                     || date->year > 9999);

    default: /* 'Y' */
        return oauthcc_php_date_year(p, date->year, 0);
    }
}


static u_char *
oauthcc_php_date_time(u_char *p, u_char letter, oauthcc_php_date_t *date)
{
    ngx_uint_t  hour;

    hour = (date->hour % 12) ? date->hour % 12 : 12;

    switch (letter) {

    case 'a':
        return ngx_sprintf(p, "%s", date->hour < 12 ? "am" : "pm");

    case 'A':
        return ngx_sprintf(p, "%s", date->hour < 12 ? "AM" : "PM");

    case 'g':
        return ngx_sprintf(p, "%ui", hour);

    case 'h':
        return ngx_sprintf(p, "%02ui", hour);

    case 'G':
        return ngx_sprintf(p, "%ui", date->hour);

    case 'H':
        return ngx_sprintf(p, "%02ui", date->hour);

    case 'i':
        return ngx_sprintf(p, "%02ui", date->minute);

    case 's':
        return ngx_sprintf(p, "%02ui", date->second);

    case 'u':
        return ngx_sprintf(p, "000000");

    case 'v':
        return ngx_sprintf(p, "000");

    case 'e':
    case 'T':
        return ngx_sprintf(p, "UTC");

    case 'I':
    case 'Z':
        return ngx_sprintf(p, "0");

    case 'O':
        return ngx_sprintf(p, "+0000");

    case 'P':
        return ngx_sprintf(p, "+00:00");

    case 'p':
        return ngx_sprintf(p, "Z");

    default:
        *p++ = letter;
        return p;
    }
}


static u_char *
oauthcc_php_date_whole(u_char *p, u_char letter, oauthcc_php_date_t *date)
{
    char    *format;
    int64_t  year;

    /* unlike with 'Y', the sign counts as one of the four characters */

    year = ngx_abs(date->year);
    format = (date->year < 0) ? "-%03L" : "%04L";

    if (letter == 'c') {
        p = ngx_sprintf(p, format, year);

        return ngx_sprintf(p, "-%02ui-%02uiT%02ui:%02ui:%02ui+00:00",
                           date->month, date->day, date->hour, date->minute,
                           date->second);
    }

    p = ngx_cpymem(p, oauthcc_php_date_days[date->weekday], 3);
    p = ngx_sprintf(p, ", %02ui ", date->day);
    p = ngx_cpymem(p, oauthcc_php_date_months[date->month - 1], 3);
    *p++ = ' ';
    p = ngx_sprintf(p, format, year);

    return ngx_sprintf(p, " %02ui:%02ui:%02ui +0000", date->hour,
                       date->minute, date->second);
}


static u_char *
oauthcc_php_date_year(u_char *p, int64_t year, ngx_uint_t expanded)
{
    if (year < 0) {
        return ngx_sprintf(p, "-%04L", -year);
    }

    return ngx_sprintf(p, expanded ? "+%04L" : "%04L", year);
}


/* An ISO 8601 week belongs to the year of its Thursday. */

static void
oauthcc_php_date_iso_week(oauthcc_php_date_t *date, int64_t *year,
    ngx_uint_t *week)
{
    int64_t  thursday, days;

    *year = date->year;

    thursday = (int64_t) date->yearday + 3
               - (int64_t) (date->weekday + 6) % 7;

    days = 337 + oauthcc_php_date_month_days(date->year, 2);

    if (thursday < 0) {
        *year -= 1;
        thursday += 337 + oauthcc_php_date_month_days(*year, 2);

    } else if (thursday >= days) {
        *year += 1;
        thursday -= days;
    }

    *week = thursday / 7 + 1;
}


/* Swatch beats: thousandths of a day that begins at 23:00 UTC. */

static ngx_uint_t
oauthcc_php_date_swatch(int64_t sec)
{
    sec = sec % 86400 + 3600;

    if (sec < 0) {
        sec += 86400;
    }

    return (ngx_uint_t) (sec * 10 / 864) % 1000;
}
