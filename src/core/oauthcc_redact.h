
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _NGX_HTTP_OAUTHCC_HUSH_H_INCLUDED_
#define _NGX_HTTP_OAUTHCC_HUSH_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* a longer text is judged by so much of it; no line of a log is longer */
#define NGX_HTTP_OAUTHCC_HUSH_TEXT   NGX_MAX_ERROR_STR

/* so many bytes of a secret in a row repeat it, or all of a shorter one */
#define NGX_HTTP_OAUTHCC_HUSH_RUN    8

/* what is shorter than this is in any text */
#define NGX_HTTP_OAUTHCC_HUSH_LEAST  4

#define NGX_HTTP_OAUTHCC_HUSH_MAP    1024


/*
 * A text that somebody else has written and that is to be shown, while it is
 * compared with secrets.  Values are fed byte by byte, so that forms need not
 * be decoded into memory: first those that are no secret, then the secrets.
 * The case of letters makes no difference.  Lives on the stack.
 */

typedef struct {
    size_t                              len;

    /* what begins at each byte; and the same as a set, to look there first */
    uint64_t                            keys[NGX_HTTP_OAUTHCC_HUSH_TEXT];
    u_char                              map[NGX_HTTP_OAUTHCC_HUSH_MAP];

    /* so many bytes from here on are no secret */
    u_char                              known[NGX_HTTP_OAUTHCC_HUSH_TEXT];

    /* this byte is of a secret */
    u_char                              found[NGX_HTTP_OAUTHCC_HUSH_TEXT];

    uint64_t                            run;     /* the last bytes, and */
    size_t                              seen;    /* how many of the value */
    ngx_uint_t                          digits;  /* to come, of an escape */
    u_char                              escaped;

    unsigned                            secret:1;   /* values are secrets */
    unsigned                            repeats:1;  /* the text repeats one */
} ngx_http_oauthcc_hush_t;


/* Begins with a text, and with values that are no secret. */
void ngx_http_oauthcc_hush_init(ngx_http_oauthcc_hush_t *hush,
    ngx_str_t *text);

/* The next byte of a value, or of one that is form-encoded; and the end. */
void ngx_http_oauthcc_hush_byte(ngx_http_oauthcc_hush_t *hush, u_char c);
void ngx_http_oauthcc_hush_form(ngx_http_oauthcc_hush_t *hush, u_char c);
void ngx_http_oauthcc_hush_end(ngx_http_oauthcc_hush_t *hush);

/* A whole value. */
void ngx_http_oauthcc_hush_value(ngx_http_oauthcc_hush_t *hush,
    ngx_str_t *value);

/* What can not be compared, for want of memory, is taken for repeated. */
void ngx_http_oauthcc_hush_all(ngx_http_oauthcc_hush_t *hush);

/* Whether a text repeats this secret. */
ngx_uint_t ngx_http_oauthcc_hush_repeats(ngx_str_t *text, ngx_str_t *secret);

/*
 * Undoes the escapes \xXX and %XX of a text, for one that was repeated with
 * them.  to has room for NGX_HTTP_OAUTHCC_HUSH_TEXT bytes, more are left out.
 */
void ngx_http_oauthcc_hush_plain(ngx_str_t *text, ngx_str_t *to);

/* Wipes a text that repeats a secret, and puts into its place that it does. */
void ngx_http_oauthcc_hush_replace(ngx_str_t *text);


#endif /* _NGX_HTTP_OAUTHCC_HUSH_H_INCLUDED_ */
