
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_FLEET_H_INCLUDED_
#define _OAUTHCC_FLEET_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_cache.h"


/*
 * Entries whose tokens other gateways have too, through a store (src/store).
 * An entry is named there by the first bytes of its digest, and a token by the
 * version in the tag that is appended to it (oauthcc_credential_tag_t).
 */

#define OAUTHCC_FLEET_NAME  16


/* of an entry whose login begins */

typedef struct {
    oauthcc_credential_tag_t  tag; /* of its token; 0: others do not know it */
    uint64_t    content;    /* of the files that the token was got with */
    unsigned    good:1;     /* requests use its token meanwhile */
    unsigned    forced:1;   /* the token was refused */
    unsigned    news:1;     /* another gateway has another one */
    unsigned    ordered:1;  /* by hand */
    unsigned    unstored:1; /* its token is not in the store */
} oauthcc_fleet_entry_t;


/* the token of an entry, as its login has given it */

typedef struct {
    oauthcc_packed_t  packed;     /* without the tag */
    uint64_t          serial;
    oauthcc_time_t    expires;
    ngx_msec_t        login_time;
    ngx_uint_t        reduced;
} oauthcc_fleet_token_t;


/*
 * What is known of the entry under this lease.  NGX_DECLINED: the lease was
 * lost.
 */
ngx_int_t oauthcc_fleet_look(oauthcc_cache_t *cache, u_char *digest,
    uint64_t lease, oauthcc_fleet_entry_t *known);

/* The lease ends in so many milliseconds from now.  NGX_DECLINED: it has. */
ngx_int_t oauthcc_fleet_extend(oauthcc_cache_t *cache, u_char *digest,
    uint64_t lease, ngx_msec_t time);

/*
 * Ends the lease of a refresh without a login: the next one is due when about
 * a quarter of the time is left that refresh_before, in milliseconds, gives
 * it.  NGX_DECLINED: no more is left, and nothing is done.
 */
ngx_int_t oauthcc_fleet_postpone(oauthcc_cache_t *cache, u_char *digest,
    uint64_t lease, ngx_msec_t refresh_before);

/*
 * Ends the lease with a failure of another gateway's login: "wait",
 * "entry_only" and "count" are set, and no login is counted.
 */
void oauthcc_fleet_defer(oauthcc_cache_t *cache, u_char *digest,
    uint64_t lease, oauthcc_cache_failed_t *failed, ngx_uint_t count);

/*
 * Copies the token of the entry under this lease into the pool.  NGX_DECLINED:
 * it has none; NGX_ERROR: no memory.
 */
ngx_int_t oauthcc_fleet_token(oauthcc_cache_t *cache, u_char *digest,
    uint64_t lease, ngx_pool_t *pool, oauthcc_fleet_token_t *token);

/* The token with this serial is in the store. */
void oauthcc_fleet_stored(oauthcc_cache_t *cache, u_char *digest,
    uint64_t serial);

/* Drops the entry, if its token is still the one with this serial. */
void oauthcc_fleet_discard(oauthcc_cache_t *cache, u_char *digest,
    uint64_t serial);

/*
 * There is a token of this version: a login is wanted, which only asks the
 * store, for all entries of the name that have another one and are in use.
 * Returns how many there are: workers have to be told.
 */
ngx_uint_t oauthcc_fleet_news(oauthcc_cache_t *cache, u_char *name,
    uint64_t version);

/* The same for all entries of a provider: messages may have been lost. */
ngx_uint_t oauthcc_fleet_doubt(oauthcc_cache_t *cache, u_char *client_digest);

/*
 * The store answers again: the same for entries of a provider whose token is
 * not there.
 */
ngx_uint_t oauthcc_fleet_back(oauthcc_cache_t *cache, u_char *client_digest);

/* Drops the entries of this name; how many that were. */
ngx_uint_t oauthcc_fleet_purge(oauthcc_cache_t *cache, u_char *name);

/* The name of the entry with this id.  NGX_DECLINED: there is none. */
ngx_int_t oauthcc_fleet_name(oauthcc_cache_t *cache, u_char *client_digest,
    uint64_t id, u_char *name);



#endif /* _OAUTHCC_FLEET_H_INCLUDED_ */
