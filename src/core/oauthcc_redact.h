
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_REDACT_H_INCLUDED_
#define _OAUTHCC_REDACT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* a longer text is judged by so much of it; no line of a log is longer */
#define OAUTHCC_REDACT_TEXT   NGX_MAX_ERROR_STR

/* so many bytes of a secret in a row repeat it, or all of a shorter one */
#define OAUTHCC_REDACT_RUN    8

/* what is shorter than this is in any text */
#define OAUTHCC_REDACT_LEAST  4

#define OAUTHCC_REDACT_MAP    1024


/*
 * A text that somebody else has written and that is to be shown, while it is
 * compared with values: first those that are no secret, then the secrets.  The
 * case of letters makes no difference, nor does a plus for a space.  Lives on
 * the stack.
 */

typedef struct {
    ngx_str_t  text;

    /* what begins at its bytes, as a set, to look there first */
    u_char     map[OAUTHCC_REDACT_MAP];

    /* so many bytes from here on are no secret */
    u_char     known[OAUTHCC_REDACT_TEXT];

    /* this byte is of a secret */
    u_char     found[OAUTHCC_REDACT_TEXT];

    unsigned   secret:1;   /* values are secrets */
    unsigned   repeats:1;  /* the text repeats one */
} oauthcc_redact_t;


/* Begins with a text, and with values that are no secret. */
void oauthcc_redact_init(oauthcc_redact_t *redact, ngx_str_t *text);

/* A value, as it is and with its escapes undone. */
void oauthcc_redact_value(oauthcc_redact_t *redact, ngx_str_t *value);

/* What can not be compared, for want of memory, is taken for repeated. */
void oauthcc_redact_all(oauthcc_redact_t *redact);

/* Whether a text repeats this secret. */
ngx_uint_t oauthcc_redact_repeats(ngx_str_t *text, ngx_str_t *secret);

/*
 * Undoes the escapes of a text: \xXX, %XX, and those of JSON.  to has room for
 * OAUTHCC_REDACT_TEXT bytes, more are left out; it may be the same bytes.
 */
void oauthcc_redact_plain(ngx_str_t *text, ngx_str_t *to);

/* Wipes a text that repeats a secret, and puts into its place that it does. */
void oauthcc_redact_replace(ngx_str_t *text);


#endif /* _OAUTHCC_REDACT_H_INCLUDED_ */
