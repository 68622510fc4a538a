
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_CACHE_TYPES_H_INCLUDED_
#define _OAUTHCC_CACHE_TYPES_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_provider_conf.h"


#define OAUTHCC_DIGEST_LEN  32

/* length of an error text; kept in the zone, shown in $oauthcc_error */
#define OAUTHCC_ERROR_LEN   64


/*
 * The version that the hot path loads: changes whenever its entry does.
 * Versions lie in blocks that are never freed, and no value is used twice in a
 * zone, so a worker may load one at any time, whatever has happened to the
 * entry.
 */

typedef struct {
    volatile uint64_t  generation;
} oauthcc_version_t;

#define oauthcc_version_load(version)                                         \
    __atomic_load_n(&(version)->generation, __ATOMIC_ACQUIRE)


typedef struct oauthcc_zone_s  oauthcc_zone_t;

/* a zone as seen by this cycle; shared and shpool lie in the zone */

struct oauthcc_cache_s {
    ngx_str_t         name;
    oauthcc_zone_t   *shared;
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


/* who wants another nonce in a DPoP proof */

typedef enum {
    OAUTHCC_NONCE_LOGIN = 0,    /* the token endpoint */
    OAUTHCC_NONCE_REQUEST,      /* an upstream */
    OAUTHCC_NONCE_CHALLENGES
} oauthcc_nonce_challenge_e;


/* what a worker counts of a local entry */

typedef struct {
    uint64_t  requests[OAUTHCC_CACHE_STATUSES];
    uint64_t  replays;
    uint64_t  refusals;  /* without a replay */
    uint64_t  challenges[OAUTHCC_NONCE_CHALLENGES];
} oauthcc_counts_t;


/* the record of a failed login, for waiters and later requests */

typedef struct {
    uint16_t  status;  /* for the client */
    uint16_t  len;
    u_char    text[OAUTHCC_ERROR_LEN];
} oauthcc_failure_t;


#endif /* _OAUTHCC_CACHE_TYPES_H_INCLUDED_ */
