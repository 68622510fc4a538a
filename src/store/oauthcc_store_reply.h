
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_STORE_REPLY_H_INCLUDED_
#define _OAUTHCC_STORE_REPLY_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* RESP2, read and written by hiredis, within bounds: none is ours */

/* bytes of input that are held at most, elements of an array */
#define OAUTHCC_STORE_REPLY_MAX       (256 * 1024)
#define OAUTHCC_STORE_REPLY_ELEMENTS  64


typedef enum {
    OAUTHCC_STORE_REPLY_NIL = 0,
    OAUTHCC_STORE_REPLY_STATUS,
    OAUTHCC_STORE_REPLY_ERROR,
    OAUTHCC_STORE_REPLY_INTEGER,
    OAUTHCC_STORE_REPLY_STRING,
    OAUTHCC_STORE_REPLY_ARRAY
} oauthcc_store_reply_e;


typedef struct oauthcc_store_reply_s  oauthcc_store_reply_t;

struct oauthcc_store_reply_s {
    oauthcc_store_reply_e    type;
    int64_t                  number;
    ngx_str_t                text;      /* with a zero behind it */
    oauthcc_store_reply_t  **elements;  /* of an array: none is NULL */
    ngx_uint_t               nelements;
};


/* Whether the module was built with hiredis: nothing else works without it. */
extern ngx_uint_t  oauthcc_store_reply_built;


/* A reader of a connection.  NULL: no memory. */
void *oauthcc_store_reply_reader(void);
void oauthcc_store_reply_reader_free(void *reader);

/* Takes bytes that were received.  NGX_ERROR: no memory, or too many. */
ngx_int_t oauthcc_store_reply_feed(void *reader, u_char *data, size_t len);

/*
 * The next whole reply, to be freed.  NGX_AGAIN: there is none yet; NGX_ERROR:
 * this is not RESP2, or it is beyond the bounds.
 */
ngx_int_t oauthcc_store_reply_next(void *reader,
    oauthcc_store_reply_t **reply);

void oauthcc_store_reply_free(oauthcc_store_reply_t *reply);

/* Elements of an array, from 0: 1 if there is one of this type. */
ngx_uint_t oauthcc_store_reply_text(oauthcc_store_reply_t *reply,
    ngx_uint_t i, ngx_str_t *text);
ngx_uint_t oauthcc_store_reply_number(oauthcc_store_reply_t *reply,
    ngx_uint_t i, int64_t *number);

/* Whether it is an error that begins with this word. */
ngx_uint_t oauthcc_store_reply_error(oauthcc_store_reply_t *reply, char *word);

/*
 * The bytes of a command of n words, memory of ngx_alloc(), in *data.  Returns
 * their number, or NGX_ERROR.
 */
ssize_t oauthcc_store_reply_format(ngx_str_t *words, ngx_uint_t n,
    u_char **data);


#endif /* _OAUTHCC_STORE_REPLY_H_INCLUDED_ */
