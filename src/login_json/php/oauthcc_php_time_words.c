
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "login_json/php/oauthcc_php_time_words.h"


static oauthcc_php_time_words_t  oauthcc_php_time_words[] = {
    { "january", OAUTHCC_PHP_TIME_WORDS_MONTH, 1 },
    { "jan", OAUTHCC_PHP_TIME_WORDS_MONTH, 1 },
    { "february", OAUTHCC_PHP_TIME_WORDS_MONTH, 2 },
    { "feb", OAUTHCC_PHP_TIME_WORDS_MONTH, 2 },
    { "march", OAUTHCC_PHP_TIME_WORDS_MONTH, 3 },
    { "mar", OAUTHCC_PHP_TIME_WORDS_MONTH, 3 },
    { "april", OAUTHCC_PHP_TIME_WORDS_MONTH, 4 },
    { "apr", OAUTHCC_PHP_TIME_WORDS_MONTH, 4 },
    { "may", OAUTHCC_PHP_TIME_WORDS_MONTH, 5 },
    { "june", OAUTHCC_PHP_TIME_WORDS_MONTH, 6 },
    { "jun", OAUTHCC_PHP_TIME_WORDS_MONTH, 6 },
    { "july", OAUTHCC_PHP_TIME_WORDS_MONTH, 7 },
    { "jul", OAUTHCC_PHP_TIME_WORDS_MONTH, 7 },
    { "august", OAUTHCC_PHP_TIME_WORDS_MONTH, 8 },
    { "aug", OAUTHCC_PHP_TIME_WORDS_MONTH, 8 },
    { "september", OAUTHCC_PHP_TIME_WORDS_MONTH, 9 },
    { "sept", OAUTHCC_PHP_TIME_WORDS_MONTH, 9 },
    { "sep", OAUTHCC_PHP_TIME_WORDS_MONTH, 9 },
    { "october", OAUTHCC_PHP_TIME_WORDS_MONTH, 10 },
    { "oct", OAUTHCC_PHP_TIME_WORDS_MONTH, 10 },
    { "november", OAUTHCC_PHP_TIME_WORDS_MONTH, 11 },
    { "nov", OAUTHCC_PHP_TIME_WORDS_MONTH, 11 },
    { "december", OAUTHCC_PHP_TIME_WORDS_MONTH, 12 },
    { "dec", OAUTHCC_PHP_TIME_WORDS_MONTH, 12 },
    { "sunday", OAUTHCC_PHP_TIME_WORDS_WEEKDAY, 0 },
    { "sun", OAUTHCC_PHP_TIME_WORDS_WEEKDAY, 0 },
    { "monday", OAUTHCC_PHP_TIME_WORDS_WEEKDAY, 1 },
    { "mon", OAUTHCC_PHP_TIME_WORDS_WEEKDAY, 1 },
    { "tuesday", OAUTHCC_PHP_TIME_WORDS_WEEKDAY, 2 },
    { "tue", OAUTHCC_PHP_TIME_WORDS_WEEKDAY, 2 },
    { "wednesday", OAUTHCC_PHP_TIME_WORDS_WEEKDAY, 3 },
    { "wed", OAUTHCC_PHP_TIME_WORDS_WEEKDAY, 3 },
    { "thursday", OAUTHCC_PHP_TIME_WORDS_WEEKDAY, 4 },
    { "thu", OAUTHCC_PHP_TIME_WORDS_WEEKDAY, 4 },
    { "friday", OAUTHCC_PHP_TIME_WORDS_WEEKDAY, 5 },
    { "fri", OAUTHCC_PHP_TIME_WORDS_WEEKDAY, 5 },
    { "saturday", OAUTHCC_PHP_TIME_WORDS_WEEKDAY, 6 },
    { "sat", OAUTHCC_PHP_TIME_WORDS_WEEKDAY, 6 },
    { "now", OAUTHCC_PHP_TIME_WORDS_NOW, 0 },
    { "today", OAUTHCC_PHP_TIME_WORDS_DAY, 0 },
    { "midnight", OAUTHCC_PHP_TIME_WORDS_DAY, 0 },
    { "tomorrow", OAUTHCC_PHP_TIME_WORDS_DAY, 1 },
    { "yesterday", OAUTHCC_PHP_TIME_WORDS_DAY, -1 },
    { "noon", OAUTHCC_PHP_TIME_WORDS_NOON, 12 },
    { "z", OAUTHCC_PHP_TIME_WORDS_ZONE, 0 },
    { "utc", OAUTHCC_PHP_TIME_WORDS_ZONE, 0 },
    { "gmt", OAUTHCC_PHP_TIME_WORDS_ZONE, 0 },
    { "est", OAUTHCC_PHP_TIME_WORDS_ZONE, -5 },
    { "edt", OAUTHCC_PHP_TIME_WORDS_ZONE, -4 },
    { "cst", OAUTHCC_PHP_TIME_WORDS_ZONE, -6 },
    { "cdt", OAUTHCC_PHP_TIME_WORDS_ZONE, -5 },
    { "mst", OAUTHCC_PHP_TIME_WORDS_ZONE, -7 },
    { "mdt", OAUTHCC_PHP_TIME_WORDS_ZONE, -6 },
    { "pst", OAUTHCC_PHP_TIME_WORDS_ZONE, -8 },
    { "pdt", OAUTHCC_PHP_TIME_WORDS_ZONE, -7 },
    { "next", OAUTHCC_PHP_TIME_WORDS_SHIFT, 1 },
    { "last", OAUTHCC_PHP_TIME_WORDS_SHIFT, -1 },
    { "previous", OAUTHCC_PHP_TIME_WORDS_SHIFT, -1 },
    { "this", OAUTHCC_PHP_TIME_WORDS_SHIFT, 0 },
    { "first", OAUTHCC_PHP_TIME_WORDS_ORDINAL, 1 },
    { "third", OAUTHCC_PHP_TIME_WORDS_ORDINAL, 3 },
    { "fourth", OAUTHCC_PHP_TIME_WORDS_ORDINAL, 4 },
    { "fifth", OAUTHCC_PHP_TIME_WORDS_ORDINAL, 5 },
    { "sixth", OAUTHCC_PHP_TIME_WORDS_ORDINAL, 6 },
    { "seventh", OAUTHCC_PHP_TIME_WORDS_ORDINAL, 7 },
    { "eighth", OAUTHCC_PHP_TIME_WORDS_ORDINAL, 8 },
    { "ninth", OAUTHCC_PHP_TIME_WORDS_ORDINAL, 9 },
    { "tenth", OAUTHCC_PHP_TIME_WORDS_ORDINAL, 10 },
    { "eleventh", OAUTHCC_PHP_TIME_WORDS_ORDINAL, 11 },
    { "twelfth", OAUTHCC_PHP_TIME_WORDS_ORDINAL, 12 },
    { "ago", OAUTHCC_PHP_TIME_WORDS_AGO, 0 },
    { "sec", OAUTHCC_PHP_TIME_WORDS_SECONDS, 1 },
    { "secs", OAUTHCC_PHP_TIME_WORDS_SECONDS, 1 },
    { "second", OAUTHCC_PHP_TIME_WORDS_SECONDS, 1 },
    { "seconds", OAUTHCC_PHP_TIME_WORDS_SECONDS, 1 },
    { "min", OAUTHCC_PHP_TIME_WORDS_SECONDS, 60 },
    { "mins", OAUTHCC_PHP_TIME_WORDS_SECONDS, 60 },
    { "minute", OAUTHCC_PHP_TIME_WORDS_SECONDS, 60 },
    { "minutes", OAUTHCC_PHP_TIME_WORDS_SECONDS, 60 },
    { "hour", OAUTHCC_PHP_TIME_WORDS_SECONDS, 3600 },
    { "hours", OAUTHCC_PHP_TIME_WORDS_SECONDS, 3600 },
    { "day", OAUTHCC_PHP_TIME_WORDS_DAYS, 1 },
    { "days", OAUTHCC_PHP_TIME_WORDS_DAYS, 1 },
    { "week", OAUTHCC_PHP_TIME_WORDS_DAYS, 7 },
    { "weeks", OAUTHCC_PHP_TIME_WORDS_DAYS, 7 },
    { "fortnight", OAUTHCC_PHP_TIME_WORDS_DAYS, 14 },
    { "fortnights", OAUTHCC_PHP_TIME_WORDS_DAYS, 14 },
    { "weekday", OAUTHCC_PHP_TIME_WORDS_WEEKDAYS, 1 },
    { "weekdays", OAUTHCC_PHP_TIME_WORDS_WEEKDAYS, 1 },
    { "month", OAUTHCC_PHP_TIME_WORDS_MONTHS, 1 },
    { "months", OAUTHCC_PHP_TIME_WORDS_MONTHS, 1 },
    { "year", OAUTHCC_PHP_TIME_WORDS_MONTHS, 12 },
    { "years", OAUTHCC_PHP_TIME_WORDS_MONTHS, 12 },
    { NULL, 0, 0 }
};


oauthcc_php_time_words_t *
oauthcc_php_time_words_find(u_char **pos, u_char *last)
{
    u_char                    *p;
    size_t                     len;
    oauthcc_php_time_words_t  *word;

    for (p = *pos; p < last; p++) {
        if (ngx_tolower(*p) < 'a' || ngx_tolower(*p) > 'z') {
            break;
        }
    }

    len = p - *pos;

    for (word = oauthcc_php_time_words; word->name; word++) {

        if (ngx_strlen(word->name) == len
            && ngx_strncasecmp(*pos, (u_char *) word->name, len) == 0)
        {
            *pos = p;
            return word;
        }
    }

    return NULL;
}
