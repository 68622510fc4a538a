
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_SUGGEST_H_INCLUDED_
#define _OAUTHCC_SUGGEST_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* the name that is most like a misspelt one; zero at first, but for name */

typedef struct {
    ngx_str_t   name;
    ngx_str_t   best;      /* empty: none is like it */
    ngx_uint_t  distance;
} oauthcc_suggest_t;


/* The candidate is the best if it is more like the name than those before. */
void oauthcc_suggest_add(oauthcc_suggest_t *suggest, ngx_str_t *candidate);


#endif /* _OAUTHCC_SUGGEST_H_INCLUDED_ */
