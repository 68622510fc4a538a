
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_ZONE_H_INCLUDED_
#define _OAUTHCC_ZONE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_cache_types.h"
#include "cache/oauthcc_credential.h"
#include "core/oauthcc_clock.h"
#include "core/oauthcc_pair.h"
#include "core/oauthcc_histogram.h"


/*
 * What lies in the shared memory of a zone, for the rooms that keep it: this
 * header, an index, and blocks of one size, in which all the rest is.  A block
 * may be divided into parts: texts are chains of them.
 */

#define OAUTHCC_ZONE_PART    104
#define OAUTHCC_ZONE_PARTS   3
#define OAUTHCC_ZONE_BLOCK   (OAUTHCC_ZONE_PARTS * OAUTHCC_ZONE_PART)

/* of so many bytes all parts have a number of 32 bits */
#define OAUTHCC_ZONE_MAX     ((uint64_t) 128 * 1024 * 1024 * 1024)


/* what is found by its digest: it begins with this */

typedef struct {
    u_char    digest[OAUTHCC_DIGEST_LEN];
    uint32_t  next;  /* block with the same hash, 0: none */
} oauthcc_zone_node_t;

typedef enum {
    OAUTHCC_ZONE_ENTRY = 0,
    OAUTHCC_ZONE_CLIENT,
    OAUTHCC_ZONE_KINDS
} oauthcc_zone_kind_e;


/*
 * Versions of entries, and what is counted of them without the lock: in other
 * lines of the processor's cache.  Such a block is never given back.
 */

#define OAUTHCC_ZONE_SLOTS   7

typedef struct {
    uint64_t  hits;
    uint64_t  replays;
    uint64_t  waiters;  /* see waiter_count */
} oauthcc_slot_counts_t;

typedef struct oauthcc_slots_s  oauthcc_slots_t;

struct oauthcc_slots_s {
    oauthcc_version_t      versions[OAUTHCC_ZONE_SLOTS];
    uint64_t               before[OAUTHCC_ZONE_SLOTS];  /* the last reset */
    oauthcc_slots_t       *next;  /* that has a free one */
    ngx_uint_t             free;  /* a bit each */
    oauthcc_slot_counts_t  counts[OAUTHCC_ZONE_SLOTS];
};


/*
 * What has been counted of all providers of a name, however they are
 * configured.  Such a block is never given back, and is written without the
 * lock; counters only grow.  Those of 64 bits come first, aligned to 8 bytes:
 * otherwise they cannot be read at once on a machine with 32 bits.
 */

#define OAUTHCC_ZONE_NAME    20

/* requests that needed a token: HIT is the first of their statuses */

#define OAUTHCC_ZONE_REQUESTS                                                 \
    (OAUTHCC_CACHE_STATUS_ERROR - OAUTHCC_CACHE_STATUS_HIT + 1)

typedef struct oauthcc_stats_s  oauthcc_stats_t;

struct oauthcc_stats_s {
    uint64_t             requests[OAUTHCC_ZONE_REQUESTS];
    uint64_t             replays;
    uint64_t             evictions;
    uint64_t             waiters;  /* see waiter_count */
    uint64_t             logins[OAUTHCC_RESULTS];
    oauthcc_histogram_t  durations;

    /* tokens that an upstream refused, and the request was not sent again */
    uint64_t             refusals;

    uint64_t             challenges[OAUTHCC_NONCE_CHALLENGES];

    /* see basic_form, which alone looks at them */
    uint64_t             basic_form;
    uint64_t             basic_content;

    oauthcc_stats_t     *next;
    uint32_t             hash[2];  /* of the name */
    uint32_t             len;
    u_char               name[OAUTHCC_ZONE_NAME];  /* its beginning */

    /* Unix time of the last login of its kind, or 0; those that failed */
    /* since the last that succeeded */
    uint32_t             last_success;
    uint32_t             last_failure;
    uint32_t             failed_in_row;
};


/* texts for operators: their lengths, and behind them the bytes */

typedef struct {
    int16_t  scope;     /* as a request set it */
    int16_t  audience;  /* -1: it did not */
    int16_t  resource;
} oauthcc_entry_label_t;

typedef struct {
    uint16_t  error;   /* of the failure */
    uint16_t  detail;  /* what more was said */
    uint16_t  status;  /* HTTP's, of the response, or 0 */
    uint16_t  result:4;  /* result_e */
    uint16_t  claims:12; /* what is wanted of the user: its length, */
    uint32_t  text;      /* and its chain, see claims */
    uint32_t  took;    /* milliseconds */
} oauthcc_entry_error_t;


/*
 * The right of a worker to log in, one of max_logins of a provider: that of an
 * entry, or a request's own, which lives in the zone until it ends.
 */

typedef struct {
    ngx_queue_t     queue;     /* of the client node */
    uint64_t        number;    /* 0: nobody has it, it is in no queue */
    ngx_pid_t       leader;
    unsigned        class:2;   /* turn_e */
    unsigned        retry:1;   /* takes the place of those */
    unsigned        per_request:1;  /* of a per-request login */
    unsigned        took:28;   /* that of the token, in milliseconds */
    oauthcc_time_t  deadline;
} oauthcc_lease_t;


#define OAUTHCC_ZONE_TOOK  0xfffffff  /* or longer */


/* of those who wait for a place, the first that the zone knows of */

typedef struct {
    ngx_pid_t  worker;    /* 0: nobody does */
    uint32_t   since;
    uint32_t   asked;     /* at, the last time */
} oauthcc_turn_t;


/* A provider: what its entries share.  Lives as long as it has entries. */

typedef struct {
    oauthcc_zone_node_t  node;
    uint32_t             entries;   /* and own logins */
    uint32_t             nsiblings;
    ngx_queue_t          siblings;  /* least recent last */
    oauthcc_stats_t     *stats;
    ngx_queue_t          leases;

    /* of its secret files, the newest that was seen, see content */
    oauthcc_content_t    content;
    uint16_t             rotations;  /* of it */
    u_char               passed[OAUTHCC_TURNS - 1]; /* see turn */

    /* the failed logins in a row that are nobody's own */
    unsigned             failures:10;
    unsigned             created:9;  /* new entries since "since" */
    unsigned             passed_over:1; /* a place is for whom is first */
    unsigned             repeated:1; /* a transient failure, since a success */
    unsigned             untried:1;  /* content: no login has ended yet */
    unsigned             outdated:1; /* a login with an older one has failed */
    unsigned             ill:1;      /* see "unwell" */
    uint32_t             down_since; /* an outage, of the clock's 32 bits */
    uint32_t             probe;      /* the next try, before not_before, ms */
    oauthcc_time_t       not_before;
    oauthcc_time_t       outdated_until; /* none with an older one, if so */
    oauthcc_failure_t    failure;   /* the last of all */

    /* of those who wait for a place, see turn; 32 bits of the clock do */
    oauthcc_turn_t       turns[OAUTHCC_TURNS];
    uint32_t             waited;    /* somebody did, the last time */
    uint32_t             retry_at;  /* the next may, of own */
    uint32_t             since;

    /* callers whose last logins were errors of the server, see backoff */
    uint32_t             unwell[2];

    /* the log has said that there is no login, at, or that a file is stale */
    uint32_t             told;
    uint32_t             stale;  /* 0: never */
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


/* what has become of the logins of an entry */

typedef struct {
    uint16_t             rotation;   /* failures are since this one */
    uint32_t             refreshed;  /* by hand, at */
    uint32_t             nlogins;
    uint32_t             nfailures;
    unsigned             label:16;   /* length of the text for operators */
    unsigned             ended_logins:5; /* in a row */
    unsigned             wanted:1;   /* a login, by hand */
    unsigned             shares:1;   /* the place of retries */
    unsigned             in_vain:1;  /* the last failure was forced */
    unsigned             awaited:1;  /* an operator wants the outcome */
    unsigned             scoped:1;   /* the credential has its scope */
    unsigned             news:1;     /* another gateway has a token */
    unsigned             ordered:1;  /* the present login is, by hand */
    unsigned             unstored:1; /* no other gateway has the token */

    unsigned             failures:10;
    unsigned             status:10;  /* of the failure */
    unsigned             failing:1;  /* the last login has failed */
    unsigned             reduced:1;  /* the scope of the present token */
    unsigned             was_forced:1;
    unsigned             forcing:1;  /* nothing of it yet */
    unsigned             forced:1;   /* the present token was */
    unsigned             was_refreshed:1;
    unsigned             outdated:1; /* the last failure, see content */

    oauthcc_time_t       logged_in;  /* at, if it has a token */
    uint64_t             content;    /* of files, see login */

    /* the last failed login, and the failed ones in a row */
    uint64_t             failed;     /* its lease */
    oauthcc_time_t       failed_at;
    oauthcc_time_t       not_before;
    oauthcc_entry_error_t  *reason;  /* NULL: its client node's */

    /* the last login that a refused token has forced, if was_forced */
    oauthcc_time_t       forced_at;
    oauthcc_refusals_t  *refusals;   /* NULL: none of late */

    /* for operators */
    uint64_t             id;         /* at random */
} oauthcc_history_t;

#define OAUTHCC_ZONE_FAILURES  1023        /* or more */


/* an entry: lives in the zone until it is evicted */

typedef struct {
    oauthcc_zone_node_t     node;

    /* the chain of a label, which may be empty, and the credential */
    uint32_t                text;

    ngx_rbtree_node_t       idle;     /* by when it may be evicted */
    ngx_queue_t             sibling;  /* of its client node */
    oauthcc_client_node_t  *client;
    oauthcc_version_t      *version;
    oauthcc_time_t          used;

    oauthcc_packed_t        packed;
    oauthcc_time_t          end;      /* of its use */
    uint64_t                serial;
    oauthcc_time_t          expires;
    oauthcc_time_t          refresh;

    oauthcc_lease_t         lease;
    oauthcc_history_t       history;
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


/* A secret of the zone, made when it is first wanted; "made" is set last. */

#define OAUTHCC_ZONE_KEY     32

typedef struct {
    u_char      bytes[OAUTHCC_ZONE_KEY];
    ngx_uint_t  made;
} oauthcc_zone_key_t;


/*
 * The most recent failed logins, for operators: a ring in a place of its own,
 * which a reset leaves alone.
 */

#define OAUTHCC_ZONE_FAILED       128
#define OAUTHCC_ZONE_FAILED_TEXT  68

typedef struct {
    uint64_t  entry;    /* its id, 0: none */
    uint32_t  number;   /* of all, from 1; 0: half written, or none */
    uint32_t  stats;    /* whose it was: the number of that block */
    uint32_t  time;     /* Unix time */
    uint32_t  took;     /* milliseconds */
    uint16_t  status;   /* HTTP's, of the response, or 0 */
    u_char    result;   /* result_e */
    u_char    len;
    u_char    text[OAUTHCC_ZONE_FAILED_TEXT];
} oauthcc_zone_failed_t;

typedef struct {
    oauthcc_zone_failed_t  *records;
    ngx_uint_t              size;    /* fewer in a small zone */
    uint32_t                n;       /* so many there were in all */
} oauthcc_zone_ring_t;


/*
 * The header.  The first part lives as long as the zone; a reset makes the
 * second anew.
 */

struct oauthcc_zone_s {
    uint64_t          generation;   /* never goes back */
    uint64_t          workers;      /* that have been started */
    uint64_t          bypasses;     /* without the lock */
    uint64_t          wishes;       /* for logins, likewise */
    uint64_t          places[OAUTHCC_ZONE_PLACES];
    oauthcc_clock_shared_t  clock;  /* of all points here, likewise */
    uint64_t          reset;        /* the generation then */
    uint64_t          dropped;      /* the last entry, likewise */
    oauthcc_zone_key_t  key;        /* see zone_key */
    oauthcc_zone_ring_t  failed;    /* see failures */
    time_t            since;        /* Unix time: counters began at 0 */

    ngx_uint_t        busy;         /* who changes it, 0: nobody */

    u_char           *blocks;
    ngx_uint_t        nblocks;
    u_char           *used;         /* of each block, see blocks */
    uint32_t         *links;        /* of each part, see chain */
    uint32_t         *buckets[OAUTHCC_ZONE_KINDS];  /* see index */
    ngx_uint_t        nbuckets[OAUTHCC_ZONE_KINDS];

    ngx_queue_t       free;         /* blocks */
    ngx_queue_t       parts;        /* of divided blocks */
    ngx_uint_t        nfree;        /* parts, those of blocks too */
    oauthcc_slots_t  *slots;        /* that have a free one */
    oauthcc_stats_t  *stats;

    ngx_rbtree_t      idle;         /* entries */
    ngx_rbtree_node_t sentinel;
    ngx_uint_t        nentries;
};


/* adds to a number that is read and written without the lock */

#define oauthcc_zone_add(p, n)                                                \
    (void) __atomic_fetch_add(p, n, __ATOMIC_RELAXED)

#define oauthcc_zone_set(p, n)                                                \
    __atomic_store_n(p, n, __ATOMIC_RELAXED)


/*
 * A number that is given once in the life of the zone; under the lock.  It is
 * stored in one piece also where registers have half of its size.
 */

static ngx_inline uint64_t
oauthcc_zone_next(oauthcc_zone_t *shared)
{
    uint64_t  next;

    next = shared->generation + 1;
    __atomic_store_n(&shared->generation, next, __ATOMIC_RELAXED);

    return next;
}


#endif /* _OAUTHCC_ZONE_H_INCLUDED_ */
