
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_FLEET_H_INCLUDED_
#define _OAUTHCC_FLEET_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_cache.h"


/*
 * Entries that are shared with other gateways through a store (src/store).
 * The name of an entry there is the first half of its digest; a token has a
 * version in the tag that follows it (oauthcc_credential_tag_t).  All calls
 * take the lock.
 */

#define OAUTHCC_FLEET_NAME  16


/* an entry whose login begins */

typedef struct {
    oauthcc_credential_tag_t  tag;        /* version 0: it is not shared */
    uint64_t                  content;    /* of its secret files */
    oauthcc_time_t            succeeded;  /* the provider's last login that
                                             did, by this gateway; 0: none */
    unsigned                  only:1;     /* it is the provider's only login */
    unsigned                  good:1;     /* its token is used meanwhile */
    unsigned                  forced:1;   /* its token was refused */
    unsigned                  news:1;     /* another gateway has another one */
    unsigned                  ordered:1;  /* by an operator */
    unsigned                  unstored:1; /* its token is not in the store */
} oauthcc_fleet_entry_t;


/* the token of an entry, as its login has given it */

typedef struct {
    oauthcc_packed_t  packed;     /* without the tag */
    uint64_t          serial;
    oauthcc_time_t    expires;
    ngx_msec_t        login_time;
    ngx_uint_t        reduced;
} oauthcc_fleet_token_t;


/* Describes the entry.  NGX_DECLINED: the lease was lost. */
ngx_int_t oauthcc_fleet_look(oauthcc_cache_t *cache, u_char *digest,
    uint64_t lease, oauthcc_fleet_entry_t *known);

/* Extends the lease to this time from now, ms.  NGX_DECLINED: it was lost. */
ngx_int_t oauthcc_fleet_extend(oauthcc_cache_t *cache, u_char *digest,
    uint64_t lease, ngx_msec_t time);

/*
 * Ends the lease of a refresh without a login.  The next refresh is due when a
 * quarter of refresh_before (milliseconds) or a little more is left.
 * NGX_DECLINED: less is left already, and nothing has changed.
 */
ngx_int_t oauthcc_fleet_postpone(oauthcc_cache_t *cache, u_char *digest,
    uint64_t lease, ngx_msec_t refresh_before);

/*
 * Ends the lease with the failure of another gateway's login: the backoff is
 * failed->wait, after "count" failures in a row; failed->entry_only says whose
 * it is.  No login is counted.
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
 * The store has a token of this version: orders a login, which only asks the
 * store, for each entry of this name that has another version and is in use.
 * Returns their number; if it is not 0, workers have to be notified.
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

/* The same for one entry, which was leased when the store came back. */
ngx_uint_t oauthcc_fleet_offer(oauthcc_cache_t *cache, u_char *digest);

/* Drops the entries of this name, and returns their number. */
ngx_uint_t oauthcc_fleet_purge(oauthcc_cache_t *cache, u_char *name);

/* The name of the entry with this id.  NGX_DECLINED: there is none. */
ngx_int_t oauthcc_fleet_name(oauthcc_cache_t *cache, u_char *client_digest,
    uint64_t id, u_char *name);


#endif /* _OAUTHCC_FLEET_H_INCLUDED_ */
