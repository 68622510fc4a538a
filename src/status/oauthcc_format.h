
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_FORMAT_H_INCLUDED_
#define _OAUTHCC_FORMAT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_writer.h"


/* Numbers, times and errors as people read them. */


/*
 * Writes HTML: "%s" is a char * that is HTML, "%V" an ngx_str_t * that is
 * escaped and shown up to OAUTHCC_TEXT characters, "%L" a uint64_t, "%M" an
 * ngx_msec_t and "%z" a size_t as below, "%%" is "%".
 */
void oauthcc_format_html(oauthcc_writer_t *w, char *fmt, ...);

/*
 * Two units at most, what is smaller is cut: 182 ms, 1.8 s, 12 s,
 * 4 min 12 s, 3 h 5 min, 2 d 4 h.
 */
void oauthcc_format_duration(oauthcc_writer_t *w, ngx_msec_t msec);

/* 1,234,567 */

void oauthcc_format_number(oauthcc_writer_t *w, uint64_t n);

/* 96 KiB, 1.5 MiB, cut */

void oauthcc_format_size(oauthcc_writer_t *w, size_t size);

/*
 * What an error of a login means, as a sentence; NULL if it is none that is
 * known, or says so itself.  A text may follow an error of RFC 6749.
 */
char *oauthcc_format_error(ngx_str_t *error);


#endif /* _OAUTHCC_FORMAT_H_INCLUDED_ */
