
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_OUTCOME_H_INCLUDED_
#define _OAUTHCC_OUTCOME_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_entry_text.h"
#include "cache/oauthcc_zone.h"
#include "core/oauthcc_histogram.h"


/* The outcome of a login, in any worker, that an operator waits for. */


/* maximum length of a granted scope; a longer one is not kept */
#define OAUTHCC_OUTCOME_SCOPE  1024


/* the login that is waited for */

typedef struct {
    u_char    digest[OAUTHCC_DIGEST_LEN];
    uint64_t  id;     /* of the entry; 0: any */
    uint64_t  since;  /* the first number that its lease may have */
} oauthcc_outcome_target_t;


typedef enum {
    OAUTHCC_OUTCOME_PENDING = 0,
    OAUTHCC_OUTCOME_GONE,    /* the entry was dropped meanwhile */
    OAUTHCC_OUTCOME_SUCCESS,
    OAUTHCC_OUTCOME_FAILED
} oauthcc_outcome_state_e;


/* durations in milliseconds, or OAUTHCC_NEVER if they are not known */

typedef struct {
    oauthcc_outcome_state_e  state;
    uint64_t                 id;
    ngx_msec_t               took;

    ngx_msec_t               life;      /* of the token */
    ngx_str_t                scope;     /* as granted, else as requested; */
                                        /* no data: as configured */

    /* of a failure */
    oauthcc_result_e         result;
    ngx_uint_t               status;    /* of the HTTP response, or 0 */
    ngx_str_t                error;
} oauthcc_outcome_t;


/* Sets the target to a login of this entry; under the lock. */
void oauthcc_outcome_await(oauthcc_entry_t *entry, uint64_t since,
    oauthcc_outcome_target_t *target);

/* Sets the target to the first login of an entry that does not exist yet. */
void oauthcc_outcome_next(oauthcc_cache_t *cache, u_char *digest,
    oauthcc_outcome_target_t *target);

/* Completes such a target when the entry may have been created. */
void oauthcc_outcome_begun(oauthcc_cache_t *cache,
    oauthcc_outcome_target_t *target);

/* The state of the login; texts are in the pool.  NGX_ERROR: no memory. */
ngx_int_t oauthcc_outcome_get(oauthcc_cache_t *cache,
    oauthcc_outcome_target_t *target, ngx_pool_t *pool,
    oauthcc_outcome_t *outcome);


#endif /* _OAUTHCC_OUTCOME_H_INCLUDED_ */
