
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_DIRECTIVE_H_INCLUDED_
#define _OAUTHCC_DIRECTIVE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/*
 * What a directive of an oauthcc_provider block is to the login.  One without
 * flags is a part of the cache key, and what it holds is a secret: who forgets
 * a flag loses a login, not the separation of two providers.
 */

#define OAUTHCC_DIRECTIVE_LOCAL     0x01  /* not in the cache key */
#define OAUTHCC_DIRECTIVE_PUBLIC    0x02  /* its value may be shown */
#define OAUTHCC_DIRECTIVE_OAUTH     0x04  /* not beside login_json */
#define OAUTHCC_DIRECTIVE_DOCUMENT  0x08  /* only beside login_json */
#define OAUTHCC_DIRECTIVE_SIGNING   0x10  /* a key is made of its value */
#define OAUTHCC_DIRECTIVE_FRESH     0x20  /* its value changes all the time */


/* a directive as it stands in a block; lives as long as the provider */

typedef struct {
    ngx_str_t   *words;   /* its name first */
    ngx_uint_t   nwords;
    ngx_uint_t   rank;    /* in the order of the table, nginx's own last */
    ngx_uint_t   flags;
} oauthcc_directive_t;


#endif /* _OAUTHCC_DIRECTIVE_H_INCLUDED_ */
