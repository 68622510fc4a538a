
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_DIRECTIVE_H_INCLUDED_
#define _OAUTHCC_DIRECTIVE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/*
 * What a directive of an oauthcc_provider block means to the login.  Without
 * flags it is part of the cache key and its value is a secret, so that a
 * forgotten flag costs a login and never mixes the tokens of two providers.
 */

#define OAUTHCC_DIRECTIVE_LOCAL     0x01  /* not in the cache key */
#define OAUTHCC_DIRECTIVE_PUBLIC    0x02  /* its value may be shown */
#define OAUTHCC_DIRECTIVE_OAUTH     0x04  /* not allowed beside login_json */
#define OAUTHCC_DIRECTIVE_DOCUMENT  0x08  /* allowed beside login_json only */
#define OAUTHCC_DIRECTIVE_SIGNING   0x10  /* its value is parsed as a key */
#define OAUTHCC_DIRECTIVE_FRESH     0x20  /* its value varies */
#define OAUTHCC_DIRECTIVE_JWT       0x40  /* a JWT is made of its value */
#define OAUTHCC_DIRECTIVE_ROUTE     0x80  /* how a gateway gets there */


/* a directive as written in a block; lives as long as the provider */

typedef struct {
    ngx_str_t   *words;   /* the name comes first */
    ngx_uint_t   nwords;
    ngx_uint_t   rank;    /* in the table; nginx: last */
    ngx_uint_t   flags;
} oauthcc_directive_t;


#endif /* _OAUTHCC_DIRECTIVE_H_INCLUDED_ */
