
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_ESCAPE_H_INCLUDED_
#define _OAUTHCC_ESCAPE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_writer.h"


/* Escapes text of any bytes for its place of output. */


/*
 * For HTML, between tags or in a quoted attribute: at most max characters,
 * with an ellipsis (U+2026) for the rest.  Control characters are shown as
 * pictures (U+2400...), marks of direction and bytes that are not UTF-8 as
 * U+FFFD.
 */
void oauthcc_escape_html(oauthcc_writer_t *w, ngx_str_t *text, size_t max);

/*
 * For a label of Prometheus, between its quotes.  Nothing is cut, so that
 * different labels stay different: a byte that is not UTF-8 is \xHH, in lower
 * case.
 */
void oauthcc_escape_label(oauthcc_writer_t *w, ngx_str_t *text);

/* For an argument of a URL: all but letters, digits and "-._~" as %XX. */
void oauthcc_escape_uri(oauthcc_writer_t *w, ngx_str_t *text);

/*
 * UTF-8 for a JSON string, before JSON's own escapes: at most max characters,
 * with an ellipsis for the rest, each byte that is not UTF-8 as U+FFFD. *out
 * is the text itself if it needs no change, else it lies in the pool.
 * NGX_ERROR when memory runs out.
 */
ngx_int_t oauthcc_escape_utf8(ngx_pool_t *pool, ngx_str_t *text, size_t max,
    ngx_str_t *out);


#endif /* _OAUTHCC_ESCAPE_H_INCLUDED_ */
