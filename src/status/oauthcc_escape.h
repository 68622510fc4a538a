
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_ESCAPE_H_INCLUDED_
#define _OAUTHCC_ESCAPE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_writer.h"


/* Texts of any bytes, made harmless for where they are shown. */


/*
 * In HTML, between tags or in a quoted attribute: at most max characters and
 * an ellipsis (U+2026) for the rest.  Control characters are shown as their
 * pictures (U+2400...); what turns the direction of the text around it, and
 * bytes that are no UTF-8, as U+FFFD.
 */
void oauthcc_escape_html(oauthcc_writer_t *w, ngx_str_t *text, size_t max);

/*
 * In a label of Prometheus, between its quotes.  Nothing is cut or replaced,
 * as two labels may not become one: a byte that is no UTF-8 is \xHH, in
 * lower case.
 */
void oauthcc_escape_label(oauthcc_writer_t *w, ngx_str_t *text);

/*
 * UTF-8 for a string of JSON, not yet escaped: at most max characters and an
 * ellipsis for the rest, each byte that is no UTF-8 as U+FFFD.  *out is the
 * text itself where nothing has to be done, else it lies in the pool.
 * NGX_ERROR when memory runs out.
 */
ngx_int_t oauthcc_escape_utf8(ngx_pool_t *pool, ngx_str_t *text, size_t max,
    ngx_str_t *out);


#endif /* _OAUTHCC_ESCAPE_H_INCLUDED_ */
