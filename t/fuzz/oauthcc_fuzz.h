
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_FUZZ_H_INCLUDED_
#define _OAUTHCC_FUZZ_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_provider_conf.h"
#include "core/oauthcc_writer.h"


/* one input; the pool ends with it */

typedef struct {
    ngx_pool_t  *pool;
    ngx_log_t   *log;
    u_char      *pos;  /* not terminated */
    u_char      *last;
} oauthcc_fuzz_t;


/* A target has these: the providers that it needs, and what it does. */

extern char  *oauthcc_fuzz_providers;

void oauthcc_fuzz_run(oauthcc_fuzz_t *fuzz);


/* What has to hold for every input, or the input is kept as a crash. */

#define oauthcc_fuzz_check(what)                                              \
    if (!(what)) {                                                            \
        oauthcc_fuzz_fail(__FILE__, __LINE__, #what);                         \
    }

void oauthcc_fuzz_fail(char *file, int line, char *what);

/* Whether all bytes are printable and of ASCII, space included. */

ngx_uint_t oauthcc_fuzz_printable(ngx_str_t *text);

/* Whether it has no byte that is a space or a control character. */

ngx_uint_t oauthcc_fuzz_word(ngx_str_t *text);

/* Whether a value can stand in a header: one line, no NUL. */

ngx_uint_t oauthcc_fuzz_line(ngx_str_t *text);

ngx_uint_t oauthcc_fuzz_equal(ngx_str_t *a, ngx_str_t *b);

/* A digit that the input begins with picks one of n; the first if none. */

ngx_uint_t oauthcc_fuzz_pick(oauthcc_fuzz_t *fuzz, ngx_uint_t n);

/*
 * Between these two an allocation of nginx, the module, jansson or hiredis
 * fails: the n-th one where the input ends with a byte 0x1c and one of the
 * value n; with 0x1d, one of OpenSSL, which may do without it.  The second one
 * returns whether there was such an allocation.  With OAUTHCC_FUZZ_STARVE in
 * the environment they fail one after the other.
 */

void oauthcc_fuzz_starve(void);
ngx_uint_t oauthcc_fuzz_starved(void);

/* The input up to the next byte 0x1e, the record separator, or its end. */

void oauthcc_fuzz_record(oauthcc_fuzz_t *fuzz, ngx_str_t *record);

/* What is left of the input, in memory of its own: ngx_free(). */

void oauthcc_fuzz_rest(oauthcc_fuzz_t *fuzz, ngx_str_t *rest);

/* A request, as far as rooms read it: without headers, in the pool. */

ngx_http_request_t *oauthcc_fuzz_http_request(oauthcc_fuzz_t *fuzz);

/* Adds a header to it; the texts are not copied. */

ngx_table_elt_t *oauthcc_fuzz_header(ngx_list_t *headers, ngx_str_t *name,
    ngx_str_t *value);

/* What was written, in the pool. */

void oauthcc_fuzz_written(oauthcc_fuzz_t *fuzz, oauthcc_writer_t *w,
    ngx_str_t *text);

/* The provider of this name. */

oauthcc_provider_t *oauthcc_fuzz_provider(char *name);

/*
 * What is encoded in a form is read by this: the decoder is not the module's.
 * A name or a value that is left, with "%41" and "+" as what they stand for;
 * it ends at "=" or "&".  NGX_DECLINED: that is no encoding, which is taken as
 * it is where lenient is set.
 */

ngx_int_t oauthcc_fuzz_decode(ngx_pool_t *pool, u_char **pos, u_char *last,
    ngx_uint_t lenient, ngx_str_t *out);


#endif /* _OAUTHCC_FUZZ_H_INCLUDED_ */
