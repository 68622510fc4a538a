
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_TEXT_H_INCLUDED_
#define _OAUTHCC_TEXT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_pair.h"


/*
 * Compare a text with another, or test its beginning; those with an "i" ignore
 * the case of letters.
 */

static ngx_inline ngx_uint_t
oauthcc_text_eq(ngx_str_t *a, ngx_str_t *b)
{
    return a->len == b->len
           && (a->len == 0 || ngx_memcmp(a->data, b->data, a->len) == 0);
}

static ngx_inline ngx_uint_t
oauthcc_text_ieq(ngx_str_t *a, ngx_str_t *b)
{
    return a->len == b->len && ngx_strncasecmp(a->data, b->data, a->len) == 0;
}

static ngx_inline ngx_uint_t
oauthcc_text_is(ngx_str_t *text, char *word)
{
    return text->len == ngx_strlen(word)
           && (text->len == 0
               || ngx_strncmp(text->data, word, text->len) == 0);
}

static ngx_inline ngx_uint_t
oauthcc_text_iis(ngx_str_t *text, const char *word)
{
    return text->len == ngx_strlen(word)
           && ngx_strncasecmp(text->data, (u_char *) word, text->len) == 0;
}

static ngx_inline ngx_uint_t
oauthcc_text_begins(ngx_str_t *text, char *word)
{
    return text->len >= ngx_strlen(word)
           && (text->len == 0
               || ngx_strncmp(text->data, word, ngx_strlen(word)) == 0);
}

static ngx_inline ngx_uint_t
oauthcc_text_ibegins(ngx_str_t *text, char *word)
{
    return text->len >= ngx_strlen(word)
           && ngx_strncasecmp(text->data, (u_char *) word,
                              ngx_strlen(word))
              == 0;
}


/* Whether a list, which ends with an empty text, contains a name. */
ngx_uint_t oauthcc_text_in(ngx_str_t *list, ngx_str_t *name);
ngx_uint_t oauthcc_text_iin(ngx_str_t *list, ngx_str_t *name);

/* Whether a text contains a control character. */
ngx_uint_t oauthcc_text_control(ngx_str_t *text);

/*
 * The form of a text from outside for a log, between quotes: at most max
 * bytes, never half of an escape.  NGX_ERROR: out of memory.
 */
ngx_int_t oauthcc_text_escape(ngx_pool_t *pool, ngx_str_t *from, size_t max,
    ngx_str_t *to);

/* The same to max bytes of memory; returns where it ends. */
u_char *oauthcc_text_escape_to(u_char *p, ngx_str_t *from, size_t max);

/*
 * Prints a message for the user into *err, pool memory, with the text of a
 * system error unless code is 0.  Returns NGX_DECLINED, or NGX_ERROR when
 * memory runs out.
 */
ngx_int_t oauthcc_text_error(ngx_pool_t *pool, ngx_str_t *err, ngx_err_t code,
    const char *fmt, ...);


/* Appends a pair; its value is copied unless pool is NULL. */
ngx_int_t oauthcc_text_pair(ngx_array_t *pairs, ngx_pool_t *pool,
    ngx_str_t *name, ngx_str_t *value);

/* Appends a copied header, unless there is one of this name. */
ngx_int_t oauthcc_text_default(ngx_array_t *headers, ngx_pool_t *pool,
    char *name, char *value);

/* The n-th header of a name, in any case, from 0; NULL: there are fewer. */
ngx_table_elt_t *oauthcc_text_header(ngx_list_t *headers, const char *name,
    ngx_uint_t n);


#endif /* _OAUTHCC_TEXT_H_INCLUDED_ */
