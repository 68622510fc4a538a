
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_FORMAT_H_INCLUDED_
#define _OAUTHCC_FORMAT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_writer.h"


/* Formats numbers, times and errors for people. */


/*
 * Writes HTML: "%s" is a char * that is HTML, "%V" an ngx_str_t * that is
 * escaped and shown up to OAUTHCC_TEXT characters, "%L" a uint64_t, "%M" an
 * ngx_msec_t and "%z" a size_t as below, "%%" is "%".
 */
void oauthcc_format_html(oauthcc_writer_t *w, char *fmt, ...);

/*
 * At most two units, the rest is cut: 182 ms, 1.8 s, 12 s, 4 min 12 s, 3 h 5
 * min, 2 d 4 h.
 */
void oauthcc_format_duration(oauthcc_writer_t *w, ngx_msec_t msec);

/*
 * A time of day in UTC, of a Unix time, as an element of HTML: 12:03:11, and
 * with the date, if it is not that of "now".
 */
void oauthcc_format_time(oauthcc_writer_t *w, time_t time, time_t now);

/* 1,234,567 */

void oauthcc_format_number(oauthcc_writer_t *w, uint64_t n);

/* 96 KiB, 1.5 MiB; the rest is cut */

void oauthcc_format_size(oauthcc_writer_t *w, size_t size);

/*
 * Explains an error of a login in a sentence; NULL if it is unknown or
 * explains itself.  A text may follow an error of RFC 6749.
 */
char *oauthcc_format_error(ngx_str_t *error);


#endif /* _OAUTHCC_FORMAT_H_INCLUDED_ */
