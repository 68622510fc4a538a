
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
 * The layout of the shared memory of a zone, for the rooms of this folder: a
 * header (oauthcc_zone_t), an index, and blocks of one size, which hold the
 * rest.  A block may be divided into parts; a text is a chain of parts.
 *
 * Points are times of the zone's clock in milliseconds: oauthcc_time_t, or its
 * low 32 bits where the distance is short.
 */

#define OAUTHCC_ZONE_PART    104
#define OAUTHCC_ZONE_PARTS   3
#define OAUTHCC_ZONE_BLOCK   (OAUTHCC_ZONE_PARTS * OAUTHCC_ZONE_PART)

/* the largest zone whose parts can be numbered with 32 bits, in bytes */
#define OAUTHCC_ZONE_MAX     ((uint64_t) 128 * 1024 * 1024 * 1024)


/* the beginning of each block that the index finds by its digest */

typedef struct {
    u_char    digest[OAUTHCC_DIGEST_LEN];
    uint32_t  next;  /* the next block with the same hash, 0: none */
} oauthcc_zone_node_t;

typedef enum {
    OAUTHCC_ZONE_ENTRY = 0,
    OAUTHCC_ZONE_CLIENT,
    OAUTHCC_ZONE_KINDS
} oauthcc_zone_kind_e;


/*
 * Versions and counts of entries, which workers read and write without the
 * lock; they are far enough apart to be in different cache lines.  Such a
 * block is never freed.
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
    oauthcc_slots_t       *next;  /* block with a free slot */
    ngx_uint_t             free;  /* a bit for each slot */
    oauthcc_slot_counts_t  counts[OAUTHCC_ZONE_SLOTS];
};


/*
 * The counters of all providers with the same name, whatever their
 * configuration.  Such a block is never freed, and is written without the
 * lock; counters only grow.  Those of 64 bits come first, aligned to 8 bytes:
 * a 32-bit machine cannot load others atomically.
 */

#define OAUTHCC_ZONE_NAME    20

/* statuses of requests that needed a token: from HIT to ERROR */

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

    /* tokens refused by an upstream without a replay of the request */
    uint64_t             refusals;

    uint64_t             challenges[OAUTHCC_NONCE_CHALLENGES];

    /* private to basic_form */
    uint64_t             basic_form;
    uint64_t             basic_content;

    oauthcc_stats_t     *next;
    uint32_t             hash[2];  /* of the name */
    uint32_t             len;
    u_char               name[OAUTHCC_ZONE_NAME];  /* its beginning */

    uint32_t             last_success;  /* Unix time of the last login that */
    uint32_t             last_failure;  /* succeeded or failed, 0: none */
    uint32_t             failed_in_row;
};


/* lengths of the texts of a label, which follow; -1: not set by a request */

typedef struct {
    int16_t  scope;
    int16_t  audience;
    int16_t  resource;
} oauthcc_entry_label_t;

/* a failed login; its texts, the error and the detail, follow */

typedef struct {
    uint16_t  error;      /* length of the text */
    uint16_t  detail;     /* likewise */
    uint16_t  status;     /* of the HTTP response, or 0 */
    uint16_t  result:4;   /* oauthcc_result_e */
    uint16_t  claims:12;  /* length of what is required of the user, */
    uint32_t  text;       /* and its chain, see claims */
    uint32_t  took;       /* milliseconds */
} oauthcc_entry_error_t;


/*
 * The right of a worker to log in, which takes one of max_logins.  A lease is
 * part of an entry, or, for a per-request login, a block of its own until the
 * login ends.
 */

typedef struct {
    ngx_queue_t     queue;          /* of the client node, while it is held */
    uint64_t        number;         /* 0: it is not held */
    ngx_pid_t       leader;         /* the worker that holds it */
    unsigned        class:2;        /* oauthcc_turn_e */
    unsigned        retry:1;        /* it takes the place of retries */
    unsigned        per_request:1;
    unsigned        took:28;        /* the login of the present token, ms */
    oauthcc_time_t  deadline;
} oauthcc_lease_t;


#define OAUTHCC_ZONE_TOOK  0xfffffff  /* the maximum of "took" */


/* the first waiter for a place in a class, as far as the zone knows */

typedef struct {
    ngx_pid_t  worker;    /* 0: there is no waiter */
    uint32_t   since;     /* it waits since this point */
    uint32_t   asked;     /* it has last asked at this point */
} oauthcc_turn_t;


/* what the entries of a provider share; lives as long as it has entries */

typedef struct {
    oauthcc_zone_node_t  node;
    uint32_t             entries;        /* with per-request logins */
    uint32_t             nsiblings;      /* entries alone */
    ngx_queue_t          siblings;       /* most recently used first */
    oauthcc_stats_t     *stats;
    ngx_queue_t          leases;         /* that are held */

    /* the newest content of the secret files that was seen, see content */
    oauthcc_content_t    content;
    uint16_t             rotations;      /* changes of the content */
    u_char               passed[OAUTHCC_TURNS - 1];  /* see turn */

    /* failed logins in a row, without those that concern one entry only */
    unsigned             failures:10;
    unsigned             created:9;      /* new entries since "since" */
    unsigned             passed_over:1;  /* a place is kept for a waiter */
    unsigned             repeated:1;     /* a transient failure was retried */
    unsigned             untried:1;      /* no login with this content ended */
    unsigned             outdated:1;     /* one with an older content failed */
    unsigned             broken_more:1;  /* more than the two of "broken" */
    uint32_t             down_since;     /* the outage began at this point */
    uint32_t             probe;          /* so much earlier than not_before a
                                            login is tried in an outage, ms */
    oauthcc_time_t       not_before;     /* end of the backoff */
    oauthcc_time_t       outdated_until; /* the same with an older content */
    oauthcc_time_t       succeeded;      /* a login of this gateway, lately;
                                            0: none so far */
    oauthcc_failure_t    failure;        /* the last one of all entries */

    /* waiters for a place, see turn */
    oauthcc_turn_t       turns[OAUTHCC_TURNS];
    uint32_t             waited;         /* a waiter has last asked */
    uint32_t             retry_at;       /* the next retry may begin */
    uint32_t             since;          /* see "created" */

    /* callers whose last logins were errors of the server, see backoff */
    uint32_t             broken[2];

    /* points of the last log messages: no login is tried; a file is stale */
    uint32_t             told;
    uint32_t             stale;          /* 0: never */
} oauthcc_client_node_t;


/*
 * A location in which the tokens of an entry are refused; the last record of
 * an entry may be shared by several locations.  Deleted when nothing was
 * refused there for an interval, which is short enough for 32 bits of the
 * clock.
 */

typedef struct {
    uint32_t  location;   /* 0: all without a record of their own */
    uint32_t  refused;    /* the point of the last refusal */
    uint32_t  since;      /* the point of the last forced login, if "forced" */
    unsigned  serial:25;  /* low bits of the serial that was refused last */
    unsigned  doubled:6;  /* how often the interval was doubled */
    unsigned  forced:1;
} oauthcc_refusal_t;


/*
 * The records of an entry, which follow; there is none without refusals.  If
 * requests that were accepted before are refused everywhere ("silent"), one
 * login is forced as a trial; trials without success make the next ones rarer.
 */

typedef struct {
    uint32_t  interval;     /* the shortest one, milliseconds */
    uint32_t  taken;        /* the last request was accepted at this point */
    uint32_t  steady;       /* requests are accepted steadily since then */
    unsigned  size:4;       /* records that there is room for */
    unsigned  n:4;
    unsigned  vain:6;       /* trials without success */
    unsigned  was_taken:1;  /* a request was accepted since the forced login */
    unsigned  silent:1;     /* the next forced login is a trial */
    unsigned  trial:1;      /* the present token is that of a trial */
} oauthcc_refusals_t;


/* the logins of an entry: requested, failed, forced */

typedef struct {
    uint16_t             rotation;      /* "failures" are those since it */
    uint32_t             refreshed;     /* by an operator, at this point */
    uint32_t             nlogins;
    uint32_t             nfailures;
    unsigned             label:16;      /* length of the label */
    unsigned             ended_logins:5;  /* tokens in a row: came expired */
    unsigned             wanted:1;      /* a login, by an operator or "news" */
    unsigned             shares:1;      /* retries share one place */
    unsigned             in_vain:1;     /* the last failed login was forced */
    unsigned             awaited:1;     /* an operator waits for the outcome */
    unsigned             scoped:1;      /* the credential includes its scope */
    unsigned             news:1;        /* another gateway has a newer token */
    unsigned             ordered:1;     /* the present login: by an operator */
    unsigned             unstored:1;    /* the token is not in the store */

    unsigned             failures:10;   /* of this entry in a row */
    unsigned             status:10;     /* for clients, of the last failure */
    unsigned             failing:1;     /* the last login has failed */
    unsigned             reduced:1;     /* the token has less than its scope */
    unsigned             was_forced:1;  /* forced_at is set */
    unsigned             forcing:1;     /* a forced login has not ended yet */
    unsigned             forced:1;      /* the present token was forced */
    unsigned             was_refreshed:1;  /* "refreshed" is set */
    unsigned             outdated:1;    /* the last failure, see content */

    oauthcc_time_t       logged_in;     /* the present token was stored */
    uint64_t             content;       /* of its secret files, see content */

    uint64_t             failed;        /* lease of the last failed login */
    oauthcc_time_t       failed_at;
    oauthcc_time_t       not_before;    /* end of the backoff of the entry */
    oauthcc_entry_error_t  *reason;     /* NULL: that of the client node */

    oauthcc_time_t       forced_at;     /* the last forced login */
    oauthcc_refusals_t  *refusals;      /* NULL: there was no refusal lately */

    uint64_t             id;            /* random; operators name it so */
} oauthcc_history_t;

#define OAUTHCC_ZONE_FAILURES  1023     /* the maximum of "failures" */


/* an entry: the place of a credential; lives until it is evicted or purged */

typedef struct {
    oauthcc_zone_node_t     node;

    /* a chain: the label, which may be empty, then the credential */
    uint32_t                text;

    ngx_rbtree_node_t       idle;     /* key: when it may be evicted */
    ngx_queue_t             sibling;  /* in its client node */
    oauthcc_client_node_t  *client;
    oauthcc_version_t      *version;
    oauthcc_time_t          used;     /* by a request, for the last time */

    oauthcc_packed_t        packed;
    oauthcc_time_t          end;      /* expires less expiry_margin */
    uint64_t                serial;   /* of the credential, 0: none so far */
    oauthcc_time_t          expires;
    oauthcc_time_t          refresh;  /* a refresh is due from then on */

    oauthcc_lease_t         lease;
    oauthcc_history_t       history;
} oauthcc_entry_t;


/* the provider of a new entry, and the parameters of the request */

typedef struct {
    u_char           *client;  /* digest of the client node */
    oauthcc_stats_t  *stats;
    oauthcc_pair_t   *parameters;
    ngx_uint_t        nparameters;
} oauthcc_origin_t;


/*
 * Counters that change when a place of a client node becomes free; workers
 * read them without the lock.  Client nodes share them.
 */

#define OAUTHCC_ZONE_PLACES  64


/* a secret of the zone, made at its first use; "made" is set last */

#define OAUTHCC_ZONE_KEY     32

typedef struct {
    u_char      bytes[OAUTHCC_ZONE_KEY];
    ngx_uint_t  made;
} oauthcc_zone_key_t;


/* the most recent failed logins: a ring that survives a reset */

#define OAUTHCC_ZONE_FAILED       128
#define OAUTHCC_ZONE_FAILED_TEXT  68

typedef struct {
    uint64_t  entry;    /* its id, 0: none */
    uint32_t  number;   /* from 1 on; 0: half written, or unused */
    uint32_t  stats;    /* number of the block of its provider */
    uint32_t  time;     /* Unix time */
    uint32_t  took;     /* milliseconds */
    uint16_t  status;   /* of the HTTP response, or 0 */
    u_char    result;   /* oauthcc_result_e */
    u_char    len;
    u_char    text[OAUTHCC_ZONE_FAILED_TEXT];
} oauthcc_zone_failed_t;

typedef struct {
    oauthcc_zone_failed_t  *records;
    ngx_uint_t              size;    /* less in a small zone */
    uint32_t                n;       /* failed logins so far */
} oauthcc_zone_ring_t;


/*
 * The header.  The fields before "busy" live as long as the zone; a reset
 * initializes the rest.  The first six are read without the lock.
 */

struct oauthcc_zone_s {
    uint64_t          generation;   /* the last number given, see zone_next */
    uint64_t          workers;      /* started so far */
    uint64_t          bypasses;     /* requests with the status BYPASS */
    uint64_t          wishes;       /* changes when a login is wanted */
    uint64_t          places[OAUTHCC_ZONE_PLACES];
    oauthcc_clock_shared_t  clock;
    uint64_t          reset;        /* generation of the last reset */
    uint64_t          dropped;      /* generation of the last dropped entry */
    oauthcc_zone_key_t  key;        /* see zone_key */
    oauthcc_zone_ring_t  failed;    /* see failures */
    time_t            since;        /* counters began at 0, Unix time */

    ngx_uint_t        busy;         /* pid of who changes the zone, or 0 */

    u_char           *blocks;
    ngx_uint_t        nblocks;
    u_char           *used;         /* state of each block, see blocks */
    uint32_t         *links;        /* next part of each part, see chain */
    uint32_t         *buckets[OAUTHCC_ZONE_KINDS];  /* see index */
    ngx_uint_t        nbuckets[OAUTHCC_ZONE_KINDS];

    ngx_queue_t       free;         /* free blocks */
    ngx_queue_t       parts;        /* free parts of divided blocks */
    ngx_uint_t        nfree;        /* free parts, with those of free blocks */
    oauthcc_slots_t  *slots;        /* blocks that have a free slot */
    oauthcc_stats_t  *stats;

    ngx_rbtree_t      idle;         /* entries, by when they may be evicted */
    ngx_rbtree_node_t sentinel;
    ngx_uint_t        nentries;
};


/* changes of numbers that are read and written without the lock */

#define oauthcc_zone_add(p, n)                                                \
    (void) __atomic_fetch_add(p, n, __ATOMIC_RELAXED)

#define oauthcc_zone_set(p, n)                                                \
    __atomic_store_n(p, n, __ATOMIC_RELAXED)


/*
 * A number that is used only once in the life of the zone; under the lock.
 * The store is atomic on 32-bit machines too.
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
