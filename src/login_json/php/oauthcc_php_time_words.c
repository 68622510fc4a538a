
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "login_json/php/oauthcc_php_time_words.h"


static ngx_http_oauthcc_words_t  ngx_http_oauthcc_words[] = {
    { "january", NGX_HTTP_OAUTHCC_WORDS_MONTH, 1 },
    { "jan", NGX_HTTP_OAUTHCC_WORDS_MONTH, 1 },
    { "february", NGX_HTTP_OAUTHCC_WORDS_MONTH, 2 },
    { "feb", NGX_HTTP_OAUTHCC_WORDS_MONTH, 2 },
    { "march", NGX_HTTP_OAUTHCC_WORDS_MONTH, 3 },
    { "mar", NGX_HTTP_OAUTHCC_WORDS_MONTH, 3 },
    { "april", NGX_HTTP_OAUTHCC_WORDS_MONTH, 4 },
    { "apr", NGX_HTTP_OAUTHCC_WORDS_MONTH, 4 },
    { "may", NGX_HTTP_OAUTHCC_WORDS_MONTH, 5 },
    { "june", NGX_HTTP_OAUTHCC_WORDS_MONTH, 6 },
    { "jun", NGX_HTTP_OAUTHCC_WORDS_MONTH, 6 },
    { "july", NGX_HTTP_OAUTHCC_WORDS_MONTH, 7 },
    { "jul", NGX_HTTP_OAUTHCC_WORDS_MONTH, 7 },
    { "august", NGX_HTTP_OAUTHCC_WORDS_MONTH, 8 },
    { "aug", NGX_HTTP_OAUTHCC_WORDS_MONTH, 8 },
    { "september", NGX_HTTP_OAUTHCC_WORDS_MONTH, 9 },
    { "sept", NGX_HTTP_OAUTHCC_WORDS_MONTH, 9 },
    { "sep", NGX_HTTP_OAUTHCC_WORDS_MONTH, 9 },
    { "october", NGX_HTTP_OAUTHCC_WORDS_MONTH, 10 },
    { "oct", NGX_HTTP_OAUTHCC_WORDS_MONTH, 10 },
    { "november", NGX_HTTP_OAUTHCC_WORDS_MONTH, 11 },
    { "nov", NGX_HTTP_OAUTHCC_WORDS_MONTH, 11 },
    { "december", NGX_HTTP_OAUTHCC_WORDS_MONTH, 12 },
    { "dec", NGX_HTTP_OAUTHCC_WORDS_MONTH, 12 },
    { "sunday", NGX_HTTP_OAUTHCC_WORDS_WEEKDAY, 0 },
    { "sun", NGX_HTTP_OAUTHCC_WORDS_WEEKDAY, 0 },
    { "monday", NGX_HTTP_OAUTHCC_WORDS_WEEKDAY, 1 },
    { "mon", NGX_HTTP_OAUTHCC_WORDS_WEEKDAY, 1 },
    { "tuesday", NGX_HTTP_OAUTHCC_WORDS_WEEKDAY, 2 },
    { "tue", NGX_HTTP_OAUTHCC_WORDS_WEEKDAY, 2 },
    { "wednesday", NGX_HTTP_OAUTHCC_WORDS_WEEKDAY, 3 },
    { "wed", NGX_HTTP_OAUTHCC_WORDS_WEEKDAY, 3 },
    { "thursday", NGX_HTTP_OAUTHCC_WORDS_WEEKDAY, 4 },
    { "thu", NGX_HTTP_OAUTHCC_WORDS_WEEKDAY, 4 },
    { "friday", NGX_HTTP_OAUTHCC_WORDS_WEEKDAY, 5 },
    { "fri", NGX_HTTP_OAUTHCC_WORDS_WEEKDAY, 5 },
    { "saturday", NGX_HTTP_OAUTHCC_WORDS_WEEKDAY, 6 },
    { "sat", NGX_HTTP_OAUTHCC_WORDS_WEEKDAY, 6 },
    { "now", NGX_HTTP_OAUTHCC_WORDS_NOW, 0 },
    { "today", NGX_HTTP_OAUTHCC_WORDS_DAY, 0 },
    { "midnight", NGX_HTTP_OAUTHCC_WORDS_DAY, 0 },
    { "tomorrow", NGX_HTTP_OAUTHCC_WORDS_DAY, 1 },
    { "yesterday", NGX_HTTP_OAUTHCC_WORDS_DAY, -1 },
    { "noon", NGX_HTTP_OAUTHCC_WORDS_NOON, 12 },
    { "z", NGX_HTTP_OAUTHCC_WORDS_ZONE, 0 },
    { "utc", NGX_HTTP_OAUTHCC_WORDS_ZONE, 0 },
    { "gmt", NGX_HTTP_OAUTHCC_WORDS_ZONE, 0 },
    { "est", NGX_HTTP_OAUTHCC_WORDS_ZONE, -5 },
    { "edt", NGX_HTTP_OAUTHCC_WORDS_ZONE, -4 },
    { "cst", NGX_HTTP_OAUTHCC_WORDS_ZONE, -6 },
    { "cdt", NGX_HTTP_OAUTHCC_WORDS_ZONE, -5 },
    { "mst", NGX_HTTP_OAUTHCC_WORDS_ZONE, -7 },
    { "mdt", NGX_HTTP_OAUTHCC_WORDS_ZONE, -6 },
    { "pst", NGX_HTTP_OAUTHCC_WORDS_ZONE, -8 },
    { "pdt", NGX_HTTP_OAUTHCC_WORDS_ZONE, -7 },
    { "next", NGX_HTTP_OAUTHCC_WORDS_SHIFT, 1 },
    { "last", NGX_HTTP_OAUTHCC_WORDS_SHIFT, -1 },
    { "previous", NGX_HTTP_OAUTHCC_WORDS_SHIFT, -1 },
    { "this", NGX_HTTP_OAUTHCC_WORDS_SHIFT, 0 },
    { "ago", NGX_HTTP_OAUTHCC_WORDS_AGO, 0 },
    { "sec", NGX_HTTP_OAUTHCC_WORDS_SECONDS, 1 },
    { "secs", NGX_HTTP_OAUTHCC_WORDS_SECONDS, 1 },
    { "second", NGX_HTTP_OAUTHCC_WORDS_SECONDS, 1 },
    { "seconds", NGX_HTTP_OAUTHCC_WORDS_SECONDS, 1 },
    { "min", NGX_HTTP_OAUTHCC_WORDS_SECONDS, 60 },
    { "mins", NGX_HTTP_OAUTHCC_WORDS_SECONDS, 60 },
    { "minute", NGX_HTTP_OAUTHCC_WORDS_SECONDS, 60 },
    { "minutes", NGX_HTTP_OAUTHCC_WORDS_SECONDS, 60 },
    { "hour", NGX_HTTP_OAUTHCC_WORDS_SECONDS, 3600 },
    { "hours", NGX_HTTP_OAUTHCC_WORDS_SECONDS, 3600 },
    { "day", NGX_HTTP_OAUTHCC_WORDS_DAYS, 1 },
    { "days", NGX_HTTP_OAUTHCC_WORDS_DAYS, 1 },
    { "week", NGX_HTTP_OAUTHCC_WORDS_DAYS, 7 },
    { "weeks", NGX_HTTP_OAUTHCC_WORDS_DAYS, 7 },
    { "fortnight", NGX_HTTP_OAUTHCC_WORDS_DAYS, 14 },
    { "fortnights", NGX_HTTP_OAUTHCC_WORDS_DAYS, 14 },
    { "month", NGX_HTTP_OAUTHCC_WORDS_MONTHS, 1 },
    { "months", NGX_HTTP_OAUTHCC_WORDS_MONTHS, 1 },
    { "year", NGX_HTTP_OAUTHCC_WORDS_MONTHS, 12 },
    { "years", NGX_HTTP_OAUTHCC_WORDS_MONTHS, 12 },
    { NULL, 0, 0 }
};


ngx_http_oauthcc_words_t *
ngx_http_oauthcc_words_find(u_char **pos, u_char *last)
{
    u_char                    *p;
    size_t                     len;
    ngx_http_oauthcc_words_t  *word;

    for (p = *pos; p < last; p++) {
        if (ngx_tolower(*p) < 'a' || ngx_tolower(*p) > 'z') {
            break;
        }
    }

    len = p - *pos;

    for (word = ngx_http_oauthcc_words; word->name; word++) {

        if (ngx_strlen(word->name) == len
            && ngx_strncasecmp(*pos, (u_char *) word->name, len) == 0)
        {
            *pos = p;
            return word;
        }
    }

    return NULL;
}
