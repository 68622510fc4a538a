
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_BASIC_FORM_H_INCLUDED_
#define _OAUTHCC_BASIC_FORM_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_zone.h"


/*
 * In which form a token endpoint wants id and secret in Basic.  It is kept
 * beside what is counted of the provider's name: entries, and what they share,
 * may be evicted.
 */

typedef enum {
    OAUTHCC_BASIC_FORM_UNKNOWN = 0,
    OAUTHCC_BASIC_FORM_RFC6749,      /* that is what has worked */
    OAUTHCC_BASIC_FORM_RAW,

    /* both were refused: one a login, this one is next */
    OAUTHCC_BASIC_FORM_NEXT_RFC6749,
    OAUTHCC_BASIC_FORM_NEXT_RAW
} oauthcc_basic_form_e;


/*
 * What is known of the provider with this digest.  That both were refused is
 * true of this content of its secret files.  Takes no lock.
 */
oauthcc_basic_form_e oauthcc_basic_form_get(oauthcc_stats_t *stats,
    u_char *digest, uint64_t content);

/* Notes it; 1: it is this call that has changed it. */
ngx_uint_t oauthcc_basic_form_set(oauthcc_stats_t *stats, u_char *digest,
    uint64_t content, oauthcc_basic_form_e form);


#endif /* _OAUTHCC_BASIC_FORM_H_INCLUDED_ */
