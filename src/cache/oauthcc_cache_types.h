
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_CACHE_TYPES_H_INCLUDED_
#define _OAUTHCC_CACHE_TYPES_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_provider_conf.h"


#define OAUTHCC_DIGEST_LEN  32

/* of the text of an error; kept in the zone, shown in $oauthcc_error */
#define OAUTHCC_ERROR_LEN   64


/*
 * The word that the hot path loads: changes whenever its entry does.  Words
 * are carved from blocks that are never given back, and their values are
 * never used twice in a zone, so a worker may load one at any time, whatever
 * has become of the entry.
 */

typedef struct {
    volatile uint64_t  generation;
} oauthcc_version_t;

#define oauthcc_version_load(version)                                         \
    __atomic_load_n(&(version)->generation, __ATOMIC_ACQUIRE)


/* a zone as this cycle sees it; shared and shpool live in the zone */

struct oauthcc_cache_s {
    ngx_str_t         name;
    void             *shared;
    ngx_slab_pool_t  *shpool;
    size_t            size;  /* of all of it */
};


typedef enum {
    OAUTHCC_CACHE_STATUS_NONE = 0,
    OAUTHCC_CACHE_STATUS_HIT,
    OAUTHCC_CACHE_STATUS_MISS,       /* it made the login, and waited */
    OAUTHCC_CACHE_STATUS_WAIT,       /* it waited for another's login */
    OAUTHCC_CACHE_STATUS_REFRESH,    /* it started one, did not wait */
    OAUTHCC_CACHE_STATUS_ERROR,
    OAUTHCC_CACHE_STATUS_BYPASS,
    OAUTHCC_CACHE_STATUSES
} oauthcc_cache_status_e;


/* what a failed login leaves behind, for who waited and for who comes next */

typedef struct {
    uint16_t  status;  /* for the client */
    uint16_t  len;
    u_char    text[OAUTHCC_ERROR_LEN];
} oauthcc_failure_t;


#endif /* _OAUTHCC_CACHE_TYPES_H_INCLUDED_ */
