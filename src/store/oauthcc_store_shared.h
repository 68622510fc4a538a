
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_STORE_SHARED_H_INCLUDED_
#define _OAUTHCC_STORE_SHARED_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "store/oauthcc_store.h"
#include "store/oauthcc_store_types.h"


/* bytes of the zone: what follows, and what nginx needs of it */
#define OAUTHCC_STORE_SHARED_ZONE     (16 * ngx_pagesize)

/* counters of messages, by the first byte of the name of an entry */
#define OAUTHCC_STORE_SHARED_CHANGES  256

/* workers that are shown, by number */
#define OAUTHCC_STORE_SHARED_WORKERS  256


typedef enum {
    OAUTHCC_STORE_SHARED_NONE = 0,
    OAUTHCC_STORE_SHARED_UP,
    OAUTHCC_STORE_SHARED_DOWN
} oauthcc_store_shared_e;


/* a worker's connection: written by that worker only */

typedef struct {
    ngx_pid_t               pid;
    oauthcc_store_shared_e  state;
} oauthcc_store_shared_worker_t;


/*
 * What the workers of a gateway share of a store; never freed, survives a
 * reload, has no lock: each word is read and written by itself.
 */

struct oauthcc_store_shared_s {
    uint64_t                        gateway;    /* random, never 0 */
    uint64_t                        told_down;  /* 1: the log has said it */
    uint64_t                        told_at;    /* when, seconds */
    uint64_t                        told_broken;
    uint64_t                        since;
    uint64_t                        subscribed;
    uint64_t                        asks[OAUTHCC_STORE_ASKS];
    uint64_t                        puts[OAUTHCC_STORE_PUTS];
    uint64_t                        lost;
    uint64_t                        replies;
    uint64_t                        reply_time;
    uint32_t                        changes[OAUTHCC_STORE_SHARED_CHANGES];
    oauthcc_store_shared_worker_t   workers[OAUTHCC_STORE_SHARED_WORKERS];
};


#define oauthcc_store_shared_count(counter)                                   \
    (void) __atomic_add_fetch(&(counter), 1, __ATOMIC_RELAXED)


#define oauthcc_store_shared_add(counter, n)                                  \
    (void) __atomic_add_fetch(&(counter), n, __ATOMIC_RELAXED)


/* Initializes the zone; its data is the store. */
ngx_int_t oauthcc_store_shared_init(ngx_shm_zone_t *zone, void *data);

/* Notes the state of this worker's connection. */
void oauthcc_store_shared_note(oauthcc_store_shared_t *shared,
    oauthcc_store_shared_e state);

/*
 * Whether the log of this gateway has to say that the store is down, or up
 * again: once each, and not more often than once a minute.
 */
ngx_uint_t oauthcc_store_shared_tell_down(oauthcc_store_shared_t *shared);
ngx_uint_t oauthcc_store_shared_tell_up(oauthcc_store_shared_t *shared);

/* Whether it has to say that a value cannot be opened: once a minute. */
ngx_uint_t oauthcc_store_shared_tell_broken(oauthcc_store_shared_t *shared);

/* Sums it up. */
void oauthcc_store_shared_sum(oauthcc_store_shared_t *shared,
    oauthcc_store_state_t *state);


#endif /* _OAUTHCC_STORE_SHARED_H_INCLUDED_ */
