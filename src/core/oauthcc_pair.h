
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_PAIR_H_INCLUDED_
#define _OAUTHCC_PAIR_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/* a name and its value; the bytes belong to the creator of the pair */

typedef struct {
    ngx_str_t  name;
    ngx_str_t  value;
} oauthcc_pair_t;


#endif /* _OAUTHCC_PAIR_H_INCLUDED_ */
