
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_BASIC_FORM_H_INCLUDED_
#define _OAUTHCC_BASIC_FORM_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_zone.h"


/*
 * The form of id and secret in Basic that a token endpoint accepts.  It is
 * kept beside the counts of the provider's name, since entries and client
 * nodes may be evicted.
 */

typedef enum {
    OAUTHCC_BASIC_FORM_UNKNOWN = 0,
    OAUTHCC_BASIC_FORM_RFC6749,      /* this form has worked */
    OAUTHCC_BASIC_FORM_RAW,

    /* both were rejected: one form per login, this one is next */
    OAUTHCC_BASIC_FORM_NEXT_RFC6749,
    OAUTHCC_BASIC_FORM_NEXT_RAW
} oauthcc_basic_form_e;


/*
 * The known form of the provider with this digest.  That both were rejected
 * holds for this content of its secret files only.  Takes no lock.
 */
oauthcc_basic_form_e oauthcc_basic_form_get(oauthcc_stats_t *stats,
    u_char *digest, uint64_t content);

/* Stores it; 1: this call has changed it. */
ngx_uint_t oauthcc_basic_form_set(oauthcc_stats_t *stats, u_char *digest,
    uint64_t content, oauthcc_basic_form_e form);


#endif /* _OAUTHCC_BASIC_FORM_H_INCLUDED_ */
