
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_CALLER_H_INCLUDED_
#define _OAUTHCC_CALLER_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_pair.h"
#include "core/oauthcc_provider_conf.h"
#include "cache/oauthcc_cache_types.h"


/*
 * What a login takes from the request that starts it, and what is kept nowhere
 * else: the token of the client, and other values above 1 KB.  Entries know
 * digests of them.  Lives in the request's pool, and as a copy in a login.
 */

typedef struct {
    ngx_str_t        token;   /* subject_token=; empty: none */
    u_char           digest[OAUTHCC_DIGEST_LEN];  /* of the token */
    uint64_t         address; /* of the client, see caller_address() */

    /* in place of those of the local entry, in the same order */
    oauthcc_pair_t  *values;
    ngx_uint_t       nvalues;
} oauthcc_caller_t;


/* a longer token or value is refused, in bytes */
#define OAUTHCC_CALLER_MAX  16384


/* Creates an empty one in this pool.  NULL: out of memory. */
oauthcc_caller_t *oauthcc_caller_create(ngx_pool_t *pool);

/*
 * Makes the pool wipe these bytes when it is destroyed, after all its other
 * cleanups; they must live as long.  NGX_ERROR: out of memory.
 */
ngx_int_t oauthcc_caller_wipe(ngx_pool_t *pool, ngx_str_t *bytes);

/* A copy in this pool, which wipes it.  NULL: out of memory. */
oauthcc_caller_t *oauthcc_caller_copy(ngx_pool_t *pool,
    oauthcc_caller_t *caller);

/*
 * A number that clients of one address share: an IPv4 address, the first 64
 * bits of an IPv6 address, or, for all others, one number.
 */
uint64_t oauthcc_caller_address(struct sockaddr *sockaddr);

/*
 * How many milliseconds a token is valid, by its "exp" if it is a JWT; 0: it
 * has expired.  The pool is for temporary memory.  NGX_DECLINED: it does not
 * say.  NGX_ERROR: no memory.
 */
ngx_int_t oauthcc_caller_life(ngx_pool_t *pool, ngx_str_t *token,
    ngx_msec_t *life);

/*
 * Whether a token may be one: visible ASCII characters, and not longer than
 * OAUTHCC_CALLER_MAX.
 */
ngx_uint_t oauthcc_caller_valid(ngx_str_t *token);


#endif /* _OAUTHCC_CALLER_H_INCLUDED_ */
