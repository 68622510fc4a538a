
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _NGX_HTTP_OAUTHCC_WORDS_H_INCLUDED_
#define _NGX_HTTP_OAUTHCC_WORDS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* words of dates: what they are, and which or how many */

typedef enum {
    NGX_HTTP_OAUTHCC_WORDS_MONTH = 0,
    NGX_HTTP_OAUTHCC_WORDS_WEEKDAY,
    NGX_HTTP_OAUTHCC_WORDS_DAY,          /* from today, at midnight */
    NGX_HTTP_OAUTHCC_WORDS_NOW,
    NGX_HTTP_OAUTHCC_WORDS_NOON,
    NGX_HTTP_OAUTHCC_WORDS_ZONE,         /* hours from UTC */
    NGX_HTTP_OAUTHCC_WORDS_SHIFT,        /* next, last: so many units */
    NGX_HTTP_OAUTHCC_WORDS_AGO,
    NGX_HTTP_OAUTHCC_WORDS_SECONDS,      /* units, and how many */
    NGX_HTTP_OAUTHCC_WORDS_DAYS,
    NGX_HTTP_OAUTHCC_WORDS_MONTHS
} ngx_http_oauthcc_words_type_e;


typedef struct {
    char                               *name;
    ngx_http_oauthcc_words_type_e   type;
    ngx_int_t                           value;
} ngx_http_oauthcc_words_t;


/*
 * The word of letters at *pos, in whatever case, which it moves behind; NULL
 * if it is none of them.
 */
ngx_http_oauthcc_words_t *ngx_http_oauthcc_words_find(u_char **pos,
    u_char *last);


#endif /* _NGX_HTTP_OAUTHCC_WORDS_H_INCLUDED_ */
