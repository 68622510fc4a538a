
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_PHP_TIME_WORDS_H_INCLUDED_
#define _OAUTHCC_PHP_TIME_WORDS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* kinds of words in dates; each word has a kind and a value */

typedef enum {
    OAUTHCC_PHP_TIME_WORDS_MONTH = 0,
    OAUTHCC_PHP_TIME_WORDS_WEEKDAY,
    OAUTHCC_PHP_TIME_WORDS_DAY,          /* relative to midnight today */
    OAUTHCC_PHP_TIME_WORDS_NOW,
    OAUTHCC_PHP_TIME_WORDS_NOON,
    OAUTHCC_PHP_TIME_WORDS_ZONE,         /* hours from UTC */
    OAUTHCC_PHP_TIME_WORDS_SHIFT,        /* next, last: a number of units */
    OAUTHCC_PHP_TIME_WORDS_ORDINAL,      /* first, third */
    OAUTHCC_PHP_TIME_WORDS_AGO,
    OAUTHCC_PHP_TIME_WORDS_SECONDS,      /* units, and their number */
    OAUTHCC_PHP_TIME_WORDS_DAYS,
    OAUTHCC_PHP_TIME_WORDS_MONTHS,
    OAUTHCC_PHP_TIME_WORDS_WEEKDAYS
} oauthcc_php_time_words_type_e;


typedef struct {
    char                          *name;
    oauthcc_php_time_words_type_e  type;
    ngx_int_t                      value;
} oauthcc_php_time_words_t;


/*
 * Looks up the word of letters at *pos, case-insensitively, and moves *pos
 * behind it; NULL if it is unknown.
 */
oauthcc_php_time_words_t *oauthcc_php_time_words_find(u_char **pos,
    u_char *last);


#endif /* _OAUTHCC_PHP_TIME_WORDS_H_INCLUDED_ */
