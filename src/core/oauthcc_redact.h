
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_REDACT_H_INCLUDED_
#define _OAUTHCC_REDACT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* at most so much of a text is checked; no line of a log is longer */
#define OAUTHCC_REDACT_TEXT   NGX_MAX_ERROR_STR

/*
 * so many bytes of a secret in a row count as a repetition, or the whole of a
 * shorter secret
 */
#define OAUTHCC_REDACT_RUN    8

/* shorter secrets occur in any text and are ignored */
#define OAUTHCC_REDACT_LEAST  4

#define OAUTHCC_REDACT_MAP    1024


/*
 * A text from outside that is to be shown, compared with values: first the
 * values that are not secret, then the secrets.  The comparison ignores case,
 * and takes a plus for a space.  Lives on the stack.
 */

typedef struct {
    ngx_str_t  text;

    /* the set of first bytes of its runs, to speed up the search */
    u_char     map[OAUTHCC_REDACT_MAP];

    /* so many bytes from here on are not secret */
    u_char     known[OAUTHCC_REDACT_TEXT];

    /* this byte is part of a secret */
    u_char     found[OAUTHCC_REDACT_TEXT];

    unsigned   secret:1;   /* the values that follow are secrets */
    unsigned   repeats:1;  /* the text repeats a secret */
} oauthcc_redact_t;


/* Starts the comparison of a text, with values that are not secret. */
void oauthcc_redact_init(oauthcc_redact_t *redact, ngx_str_t *text);

/* Compares a value, as it is and with its escapes decoded. */
void oauthcc_redact_value(oauthcc_redact_t *redact, ngx_str_t *value);

/* Marks the text as repeating a secret; for a lack of memory. */
void oauthcc_redact_all(oauthcc_redact_t *redact);

/* Whether a text repeats this secret. */
ngx_uint_t oauthcc_redact_repeats(ngx_str_t *text, ngx_str_t *secret);

/*
 * Decodes the escapes \xXX, %XX and those of JSON.  The buffer has room for
 * OAUTHCC_REDACT_TEXT bytes, the rest is cut; it may be the source itself.
 */
void oauthcc_redact_plain(ngx_str_t *text, ngx_str_t *to);

/* Wipes a text that repeats a secret, and replaces it by a note. */
void oauthcc_redact_replace(ngx_str_t *text);


#endif /* _OAUTHCC_REDACT_H_INCLUDED_ */
