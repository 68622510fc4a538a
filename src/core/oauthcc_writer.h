
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_WRITER_H_INCLUDED_
#define _OAUTHCC_WRITER_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* what one print may take; more is cut */
#define OAUTHCC_WRITER_PRINT  256


/*
 * A text that grows, in a chain of buffers of the pool, and is as good as
 * long as that.  When memory runs out, what follows is dropped, so that only
 * the end has to be asked.
 */

typedef struct {
    ngx_pool_t    *pool;
    ngx_chain_t   *chain;
    ngx_chain_t  **last;
    ngx_buf_t     *buf;   /* the last one, or NULL */
    off_t          size;  /* of those before it */
    ngx_uint_t     failed;
} oauthcc_writer_t;


void oauthcc_writer_init(oauthcc_writer_t *w, ngx_pool_t *pool);

/* Bytes as they are, and a terminated text. */

void oauthcc_writer_bytes(oauthcc_writer_t *w, u_char *data, size_t len);
void oauthcc_writer_put(oauthcc_writer_t *w, char *text);

/* As ngx_sprintf() does: for numbers and short words. */

void oauthcc_writer_print(oauthcc_writer_t *w, const char *fmt, ...);

/*
 * The whole text and its size.  The last buffer is marked as the last of the
 * chain; whether it is the last of a response is for who sends it to know.
 * NGX_ERROR when memory has run out.
 */
ngx_int_t oauthcc_writer_end(oauthcc_writer_t *w, ngx_chain_t **out,
    off_t *size);


#endif /* _OAUTHCC_WRITER_H_INCLUDED_ */
