
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_WRITER_H_INCLUDED_
#define _OAUTHCC_WRITER_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* the maximum length of one print; the rest is cut */
#define OAUTHCC_WRITER_PRINT  256


/*
 * Output that grows in a chain of buffers of the pool, and lives as long as
 * the pool.  When memory runs out, the rest is dropped, so that only
 * oauthcc_writer_end() has to be checked.
 */

typedef struct {
    ngx_pool_t    *pool;
    ngx_chain_t   *chain;
    ngx_chain_t  **last;
    ngx_buf_t     *buf;   /* the last buffer, or NULL */
    off_t          size;  /* size of the buffers before it */
    ngx_uint_t     failed;
} oauthcc_writer_t;


void oauthcc_writer_init(oauthcc_writer_t *w, ngx_pool_t *pool);

/* Writes bytes, and a terminated text. */

void oauthcc_writer_bytes(oauthcc_writer_t *w, u_char *data, size_t len);
void oauthcc_writer_put(oauthcc_writer_t *w, char *text);

/* Writes as ngx_sprintf() does; for numbers and short words. */

void oauthcc_writer_print(oauthcc_writer_t *w, const char *fmt, ...);

/*
 * The whole text and its size.  The last buffer is marked as the last of the
 * chain; the caller sets last_buf.  NGX_ERROR when memory has run out.
 */
ngx_int_t oauthcc_writer_end(oauthcc_writer_t *w, ngx_chain_t **out,
    off_t *size);


#endif /* _OAUTHCC_WRITER_H_INCLUDED_ */
