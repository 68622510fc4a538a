
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _NGX_HTTP_OAUTHCC_ENTRY_H_INCLUDED_
#define _NGX_HTTP_OAUTHCC_ENTRY_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "ngx_http_oauthcc_types.h"


/* unused for this long, in milliseconds, an entry may make room */
#define NGX_HTTP_OAUTHCC_ENTRY_IDLE    10000


/* The entries of a zone, in its memory.  All calls are made under its lock. */


/* a word and, beside it, its place in the list of free ones: zone's life */

typedef struct ngx_http_oauthcc_entry_slot_s  ngx_http_oauthcc_entry_slot_t;

struct ngx_http_oauthcc_entry_slot_s {
    ngx_http_oauthcc_word_t             word;
    ngx_http_oauthcc_entry_slot_t      *next;
};


/* an entry: lives in the zone until it is evicted */

typedef struct {
    ngx_rbtree_node_t                   node;       /* by digest */
    ngx_rbtree_node_t                   end;        /* by end of use */
    ngx_queue_t                         queue;      /* least recent last */
    u_char                              digest[NGX_HTTP_OAUTHCC_DIGEST_LEN];

    ngx_http_oauthcc_entry_slot_t      *slot;
    ngx_msec_t                          used;

    /* the credential; token is NULL if there is none */
    u_char                             *token;
    size_t                              len;
    uint64_t                            serial;
    ngx_msec_t                          expires;
    ngx_msec_t                          usable;
    ngx_msec_t                          refresh;
    ngx_msec_t                          login_time;

    /* the lease; 0 if nobody holds it */
    uint64_t                            lease;
    ngx_pid_t                           leader;
    ngx_msec_t                          deadline;

    /* the failed logins in a row, and the last of them */
    ngx_uint_t                          failures;
    uint64_t                            failed;
    ngx_msec_t                          not_before;
    ngx_http_oauthcc_failure_t          failure;

    /* the last login that a refused token has forced; 0: there was none */
    uint64_t                            forced;     /* its lease */
    uint64_t                            unproven;   /* serial of its token */
    ngx_msec_t                          forced_at;
    ngx_msec_t                          interval;
} ngx_http_oauthcc_entry_t;


/* the zone's own part: lives as long as the zone */

typedef struct {
    ngx_rbtree_t                        rbtree;
    ngx_rbtree_node_t                   sentinel;
    ngx_rbtree_t                        ends;
    ngx_rbtree_node_t                   ends_sentinel;
    ngx_queue_t                         queue;
    uint64_t                            generation;
    ngx_http_oauthcc_entry_slot_t      *free;
} ngx_http_oauthcc_entry_shared_t;


/* Sets up an empty zone. */
void ngx_http_oauthcc_entry_init(ngx_http_oauthcc_entry_shared_t *shared);

/* The entry with this digest, or NULL. */
ngx_http_oauthcc_entry_t *ngx_http_oauthcc_entry_lookup(
    ngx_http_oauthcc_cache_t *cache, u_char *digest);

/* Makes one; NULL if the zone is full of entries that cannot go. */
ngx_http_oauthcc_entry_t *ngx_http_oauthcc_entry_create(
    ngx_http_oauthcc_cache_t *cache, u_char *digest);

/* Notes that an entry is in use. */
void ngx_http_oauthcc_entry_use(ngx_http_oauthcc_cache_t *cache,
    ngx_http_oauthcc_entry_t *entry);

/* Whether somebody who is alive holds its lease. */
ngx_uint_t ngx_http_oauthcc_entry_leased(ngx_http_oauthcc_entry_t *entry);

/* Gives its word a new value: no worker's copy is the present one then. */
void ngx_http_oauthcc_entry_changed(ngx_http_oauthcc_cache_t *cache,
    ngx_http_oauthcc_entry_t *entry);

/*
 * Gives an entry this token in place of the one that it has.  NGX_DECLINED
 * if there is no room: then it keeps what it has.
 */
ngx_int_t ngx_http_oauthcc_entry_store(ngx_http_oauthcc_cache_t *cache,
    ngx_http_oauthcc_entry_t *entry, ngx_http_oauthcc_login_t *login);


#endif /* _NGX_HTTP_OAUTHCC_ENTRY_H_INCLUDED_ */
