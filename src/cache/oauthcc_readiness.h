
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_READINESS_H_INCLUDED_
#define _OAUTHCC_READINESS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_zone.h"


typedef enum {
    OAUTHCC_READINESS_TOKEN = 0,  /* there is a usable one */
    OAUTHCC_READINESS_NO_TOKEN,   /* none, but the last login did not fail */
    OAUTHCC_READINESS_FAILING     /* none, and it did */
} oauthcc_readiness_e;


/* Whether requests can have a token of the entry with this digest. */
oauthcc_readiness_e oauthcc_readiness_get(oauthcc_cache_t *cache,
    u_char *digest);


#endif /* _OAUTHCC_READINESS_H_INCLUDED_ */
