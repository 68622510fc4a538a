
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_writer.h"


/* a page of a few entries fits into one buffer, of a hundred into about ten */
#define OAUTHCC_WRITER_SIZE  16384


static ngx_int_t oauthcc_writer_grow(oauthcc_writer_t *w);


void
oauthcc_writer_init(oauthcc_writer_t *w, ngx_pool_t *pool)
{
    ngx_memzero(w, sizeof(oauthcc_writer_t));

    w->pool = pool;
    w->last = &w->chain;
}


void
oauthcc_writer_bytes(oauthcc_writer_t *w, u_char *data, size_t len)
{
    size_t  n;

    while (len) {

        if ((w->buf == NULL || w->buf->last == w->buf->end)
            && oauthcc_writer_grow(w) != NGX_OK)
        {
            return;
        }

        n = ngx_min(len, (size_t) (w->buf->end - w->buf->last));

        w->buf->last = ngx_cpymem(w->buf->last, data, n);
        data += n;
        len -= n;
    }
}


void
oauthcc_writer_put(oauthcc_writer_t *w, char *text)
{
    oauthcc_writer_bytes(w, (u_char *) text, ngx_strlen(text));
}


void
oauthcc_writer_print(oauthcc_writer_t *w, const char *fmt, ...)
{
    va_list  args;

    if ((w->buf == NULL
         || w->buf->end - w->buf->last < OAUTHCC_WRITER_PRINT)
        && oauthcc_writer_grow(w) != NGX_OK)
    {
        return;
    }

    va_start(args, fmt);
    w->buf->last = ngx_vslprintf(w->buf->last,
                                 w->buf->last + OAUTHCC_WRITER_PRINT,
                                 fmt, args);
    va_end(args);
}


ngx_int_t
oauthcc_writer_end(oauthcc_writer_t *w, ngx_chain_t **out, off_t *size)
{
    if (w->failed) {
        return NGX_ERROR;
    }

    if (w->buf) {
        w->buf->last_in_chain = 1;
        w->size += ngx_buf_size(w->buf);
        w->buf = NULL;
    }

    *out = w->chain;
    *size = w->size;

    return NGX_OK;
}


static ngx_int_t
oauthcc_writer_grow(oauthcc_writer_t *w)
{
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    if (w->failed) {
        return NGX_ERROR;
    }

    b = ngx_create_temp_buf(w->pool, OAUTHCC_WRITER_SIZE);
    cl = ngx_alloc_chain_link(w->pool);

    if (b == NULL || cl == NULL) {
        w->failed = 1;

        /* write nothing after a part that is missing */
        w->buf = NULL;

        return NGX_ERROR;
    }

    cl->buf = b;
    cl->next = NULL;

    *w->last = cl;
    w->last = &cl->next;

    if (w->buf) {
        w->size += ngx_buf_size(w->buf);
    }

    w->buf = b;

    return NGX_OK;
}
