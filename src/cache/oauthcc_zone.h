
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_ZONE_H_INCLUDED_
#define _OAUTHCC_ZONE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_cache_types.h"
#include "cache/oauthcc_credential.h"
#include "core/oauthcc_pair.h"
#include "core/oauthcc_histogram.h"


/* What lies in the shared memory of a zone, for the rooms that keep it. */


/* a word and, beside it, its place in the list of free ones: zone's life */

typedef struct oauthcc_entry_slot_s  oauthcc_entry_slot_t;

struct oauthcc_entry_slot_s {
    oauthcc_version_t      version;
    oauthcc_entry_slot_t  *next;
};


/*
 * What has been counted of all providers of a name, however they are
 * configured.  Lives as long as the zone; its numbers only grow, and are
 * added to without the lock.
 */

typedef struct {
    ngx_str_node_t  sn;  /* by name */

    uint64_t        requests[OAUTHCC_CACHE_STATUSES];
    uint64_t        replays;
    uint64_t        evictions;
    uint64_t        logins[
                                          OAUTHCC_RESULTS];
    oauthcc_histogram_t durations;

    /* see basic_form, which alone looks at them */
    uint64_t        basic_form;
    uint64_t        basic_content;
} oauthcc_stats_t;


/*
 * How many requests wait for an entry in a worker.  Lives in the zone while
 * there are any; the worker alone writes it.
 */

typedef struct {
    ngx_queue_t       queue;
    ngx_pid_t         worker;
    uint64_t          waiters;
    oauthcc_stats_t  *stats;
    u_char            digest[OAUTHCC_DIGEST_LEN];
} oauthcc_waiter_count_t;


/* texts for operators: their lengths, and behind them the bytes */

typedef struct {
    int16_t  scope;     /* as a request set it */
    int16_t  audience;  /* -1: it did not */
    int16_t  resource;
} oauthcc_entry_label_t;

typedef struct {
    uint16_t  error;   /* of the failure */
    uint16_t  detail;  /* what more was said */
} oauthcc_entry_error_t;


/*
 * Of the digest of a client node or an entry: what the key of its node, which
 * is the beginning, has not.
 */

#define OAUTHCC_ZONE_DIGEST_REST                                              \
    (OAUTHCC_DIGEST_LEN - sizeof(ngx_rbtree_key_t))


/*
 * The right of a worker to log in, one of max_logins of a provider: that of an
 * entry, or a request's own, which lives in the zone until it ends.
 */

typedef struct {
    ngx_queue_t  queue;     /* of the client node */
    uint64_t     number;    /* 0: nobody has it, it is in no queue */
    ngx_pid_t    leader;
    unsigned     class:2;   /* turn_e */
    unsigned     retry:1;   /* takes the place of those */
    unsigned     own:1;     /* a request's */
    unsigned     took:28;   /* that of the token, in milliseconds */
    ngx_msec_t   deadline;
} oauthcc_lease_t;


#define OAUTHCC_ZONE_TOOK  0xfffffff  /* or longer */


/* of those who wait for a place, the first that the zone knows of */

typedef struct {
    ngx_pid_t  worker;    /* 0: nobody does */
    uint32_t   since;
    uint32_t   asked;     /* at, the last time */
} oauthcc_turn_t;


/*
 * A provider: what its entries share.  Lives in the zone as long as it has
 * entries, then until the room is needed.
 */

typedef struct {
    ngx_rbtree_node_t  node;      /* by digest */
    u_char             digest[
                                           OAUTHCC_ZONE_DIGEST_REST];
    uint32_t           entries;   /* and own logins */
    uint32_t           nsiblings;
    ngx_queue_t        siblings;  /* least recent last */
    oauthcc_stats_t   *stats;
    ngx_queue_t        leases;

    /* rotations of its secrets that have ended a backoff */
    uint16_t           rotations;
    u_char             passed[OAUTHCC_TURNS - 1]; /* see turn */

    /* the failed logins in a row that are nobody's own */
    unsigned           failures:10;
    unsigned           created:9;  /* new entries since "since" */
    unsigned           passed_over:1; /* a place is for whom is first */
    ngx_msec_t         not_before;
    oauthcc_failure_t  failure;   /* the last of all */

    /* of those who wait for a place, see turn; 32 bits of the clock do */
    oauthcc_turn_t     turns[OAUTHCC_TURNS];
    uint32_t           waited;    /* somebody did, the last time */
    uint32_t           retry_at;  /* the next may, of own */
    uint32_t           since;

    /* the log has said that there is no login, at, or that a file is stale */
    uint32_t           told;
    uint32_t           stale;  /* 0: never */
} oauthcc_client_node_t;


/*
 * A location in which the tokens of an entry are refused, its own record or
 * that of all that have none.  Lives until nothing was refused there for one
 * interval, and that is never so long that 32 bits of a clock were too few.
 */

typedef struct {
    uint32_t  location;   /* 0: all others */
    uint32_t  refused;    /* at, the last time */
    uint32_t  since;      /* the last forced login */
    unsigned  serial:25;  /* refused last, its end */
    unsigned  doubled:6;  /* so often */
    unsigned  forced:1;   /* "since" says when */
} oauthcc_refusal_t;


/*
 * The locations of an entry, behind this: there while there are any.  Of a
 * login that was forced since nobody's request was taken, it is counted
 * whether it was in vain.
 */

typedef struct {
    uint32_t  interval;  /* the least, ms */
    uint32_t  taken;     /* at, the last time */
    uint32_t  steady;    /* no gaps from here on */
    unsigned  size:4;    /* there is room for */
    unsigned  n:4;
    unsigned  vain:6;    /* so many were */
    unsigned  was_taken:1; /* since that */
    unsigned  silent:1;  /* so the next is forced */
    unsigned  trial:1;   /* so the present was */
} oauthcc_refusals_t;


/*
 * The slab allocator rounds sizes up to powers of two: an entry is in two
 * structs, of 256 and 128 bytes where pointers have 64 bits.
 */


/* what has become of the logins of an entry: lives as long as that */

typedef struct {
    ngx_msec_t              logged_in;  /* at, if it has a token */
    uint64_t                content;    /* of files, see login */

    uint64_t                ended;      /* last lease that did */

    /* the last failed login, and the failed ones in a row */
    uint64_t                failed;     /* its lease */
    ngx_msec_t              failed_at;
    ngx_msec_t              not_before;
    oauthcc_entry_error_t  *reason;     /* NULL: its client node's */

    /* the last login that a refused token has forced, if was_forced */
    ngx_msec_t              forced_at;
    oauthcc_refusals_t     *refusals;   /* NULL: none of late */

    /* for operators */
    uint64_t                id;         /* at random */
    oauthcc_entry_label_t  *label;      /* NULL: the provider's */
    ngx_msec_t              refreshed;  /* by hand, at */
    uint64_t                hits;
    uint32_t                replays;
    uint32_t                nlogins;
    uint32_t                nfailures;
    uint32_t                waiters;    /* while it is looked at */

    unsigned                failures:10;
    unsigned                reduced:1;  /* its scope, and that was told */
    unsigned                ended_logins:5; /* in a row */
    unsigned                status:10;  /* of the failure */
    unsigned                was_forced:1;
    unsigned                forcing:1;  /* nothing of it yet */
    unsigned                forced:1;   /* the present token was */
    unsigned                was_refreshed:1;
    unsigned                wanted:1;   /* a login, by hand */
    unsigned                shares:1;   /* the place of retries */
    unsigned                in_vain:1;  /* the last failure was forced */

    uint16_t                rotation;   /* failures are since this one */
} oauthcc_history_t;

#define OAUTHCC_ZONE_FAILURES  1023        /* or more */


/* an entry: lives in the zone until it is evicted */

typedef struct {
    ngx_rbtree_node_t       node;     /* by digest */
    u_char                  digest[
                                           OAUTHCC_ZONE_DIGEST_REST];
    ngx_rbtree_node_t       end;      /* by end of use */
    ngx_queue_t             queue;    /* least recent last */

    ngx_queue_t             sibling;  /* of its client node */
    oauthcc_client_node_t  *client;
    oauthcc_entry_slot_t   *slot;
    oauthcc_history_t      *history;
    ngx_msec_t              used;

    /* the credential, its bytes in pieces; it is usable until end.key */
    oauthcc_packed_t        packed;
    uint64_t                serial;
    ngx_msec_t              expires;
    ngx_msec_t              refresh;

    oauthcc_lease_t         lease;
} oauthcc_entry_t;


/* whose a new entry is, and what a request has set for it; the caller's */

typedef struct {
    u_char           *client;  /* the digest */
    oauthcc_stats_t  *stats;
    oauthcc_pair_t   *parameters;
    ngx_uint_t        nparameters;
} oauthcc_origin_t;


/*
 * Words that change when a place of a client node has become free, without the
 * lock: client nodes share them.
 */

#define OAUTHCC_ZONE_PLACES  64


/* the zone's own part: lives as long as the zone */

typedef struct {
    ngx_rbtree_t           rbtree;
    ngx_rbtree_node_t      sentinel;
    ngx_rbtree_t           ends;
    ngx_rbtree_node_t      ends_sentinel;
    ngx_queue_t            queue;
    uint64_t               generation;
    oauthcc_entry_slot_t  *free;

    ngx_rbtree_t           clients;
    ngx_rbtree_node_t      accounts_sentinel;

    /* kept for entries that have no token yet: they evict none that has */
    ngx_queue_t            spare;
    ngx_uint_t             nspare;

    /* for operators */
    ngx_uint_t             nentries;
    ngx_rbtree_t           all_stats;
    ngx_rbtree_node_t      tallies_sentinel;
    ngx_queue_t            gauges;
    uint64_t               places[OAUTHCC_ZONE_PLACES];
    uint64_t               bypasses;  /* without the lock */
    uint64_t               wishes;    /* for logins, likewise */
} oauthcc_zone_t;


/* adds to a number that is read and written without the lock */

#define oauthcc_zone_add(p, n)                                                \
    (void) __atomic_fetch_add(p, n, __ATOMIC_RELAXED)


#endif /* _OAUTHCC_ZONE_H_INCLUDED_ */
