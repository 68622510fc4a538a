
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_STORE_H_INCLUDED_
#define _OAUTHCC_STORE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_credential.h"
#include "core/oauthcc_clock.h"
#include "store/oauthcc_store_types.h"


/*
 * One login for many gateways: tokens and the right to log in are kept in a
 * Redis or Valkey server, the store, which oauthcc_store{} describes.
 *
 *                         +-> HIT: use it
 *     ask --(round trip)--+-> WAIT: watch, ask again on a message or a timer
 *                         +-> FAIL, LEAVE: no login now
 *                         +-> DOWN: go on as without a store
 *                         +-> LEAD: log in, then put, fail or release
 *
 * All functions are for a worker between store_start() and store_stop().
 * Nothing blocks.  A handler is called once, from the event loop and never
 * before the function that it was given to returns.  Points in time are those
 * of oauthcc_clock_msec(), periods are milliseconds.
 */


typedef enum {
    OAUTHCC_STORE_HIT = 0,  /* value: a token that is not "have" */
    OAUTHCC_STORE_WAIT,     /* another gateway logs in, for "wait" at most */
    OAUTHCC_STORE_LEAD,     /* the caller has to log in: lease */
    OAUTHCC_STORE_FAIL,     /* backoff of all gateways: failure, for "wait" */
    OAUTHCC_STORE_LEAVE,    /* nobody has a token, and "leave" was set */
    OAUTHCC_STORE_DOWN      /* no usable answer: see "broken" */
} oauthcc_store_result_e;


/* names an entry; both are digests without secrets, see fleet_key */

typedef struct {
    u_char  account[OAUTHCC_STORE_NAME];  /* of the provider */
    u_char  entry[OAUTHCC_STORE_NAME];    /* of it with the parameters */
} oauthcc_store_key_t;


/* a token and what belongs to it, to be put or as it was found */

typedef struct {
    uint64_t          version;    /* of the login, by store_version() */
    oauthcc_packed_t  packed;     /* bytes in the pool of the ask */
    oauthcc_time_t    requested;  /* when the login began, for put() only */
    oauthcc_time_t    expires;    /* its end, by the clock of the store */
    ngx_msec_t        life;       /* the whole of it */
    ngx_msec_t        login_time;
    ngx_msec_t        age;        /* HIT: since its login began */
    uint64_t          content;    /* digest of the secrets it was got with */
    unsigned          forced:1;   /* the login was because of a refusal */
    unsigned          reduced:1;  /* the server gave less than the scope */
    unsigned          limited:1;  /* usable to its end, which is that of a
                                     caller's token: no refresh helps */
} oauthcc_store_value_t;


/* why a login failed: no text, a client sees no other gateway's messages */

typedef struct {
    ngx_uint_t  status;  /* of the token endpoint's response, 0: none */
    u_char      error[OAUTHCC_STORE_ERROR];  /* a registered code, or empty;
                                                with a zero at the end */
    ngx_uint_t  count;   /* failures in a row */
    ngx_uint_t  own;     /* of the entry, and not of the provider */
} oauthcc_store_failure_t;


/*
 * The right to log in.  The caller's memory, in which nothing moves; zeroed
 * before the first ask.  From LEAD on it renews itself once a second, until it
 * is ended by put(), fail() or release(), which has to happen before the
 * memory is freed.  A lease may be lost all the same, if the store restarts or
 * fails over: put() settles that.
 */

typedef struct {
    oauthcc_store_t      *store;     /* NULL: not held */
    oauthcc_store_key_t   key;
    u_char                owner[OAUTHCC_STORE_OWNER];
    size_t                owner_len;
    uint32_t              epoch[2];  /* purges: of the account, of the entry */
    uint64_t              have;
    int64_t               now;       /* the store's time when it was given */
    oauthcc_time_t        given;     /* the same point of our clock */
    ngx_uint_t            count;     /* failures in a row before it */
    ngx_event_t           renew;
} oauthcc_store_lease_t;


typedef struct oauthcc_store_ask_s  oauthcc_store_ask_t;

typedef void (*oauthcc_store_ask_pt)(oauthcc_store_ask_t *ask);


/* a question, the caller's memory until the handler is called or cancel() */

struct oauthcc_store_ask_s {
    void                     *data;     /* the caller's */
    oauthcc_store_ask_pt      handler;

    oauthcc_store_key_t       key;
    ngx_pool_t               *pool;     /* for a value */
    oauthcc_store_lease_t    *lease;    /* to be filled in by LEAD */
    uint64_t                  have;     /* this version is no answer */
    uint64_t                  number;   /* of the gateway's own lease: asks
                                           with it are the same owner's */
    oauthcc_time_t            deadline; /* a point: of all asks of a login;
                                           see store_deadline() */
    oauthcc_time_t            succeeded; /* a point: a login of the account by
                                           this gateway; older failures are
                                           void; 0: none */
    unsigned                  only:1;   /* this gateway has no other login of
                                           the account on its way */
    unsigned                  leave:1;  /* never LEAD: this gateway has failed
                                           lately, and leaves it to others */

    /* the answer */

    oauthcc_store_result_e    result;
    oauthcc_store_value_t     value;    /* HIT */
    oauthcc_store_failure_t   failure;  /* FAIL */
    ngx_msec_t                wait;     /* WAIT, FAIL: left */
    unsigned                  broken:1; /* DOWN: what is stored cannot be
                                           opened, the store itself is up */

    /* internal */

    oauthcc_store_t          *store;
    oauthcc_store_command_t  *command;
    ngx_queue_t               queue;
    ngx_event_t               timer;    /* or posted: the handler */
    oauthcc_time_t            sent;
    uint64_t                  began;
    unsigned                  waiting:1; /* for the first connection */
    unsigned                  ended:1;  /* the handler will be called */
    unsigned                  again:1;  /* it was late once */
};


/*
 * Begins in a worker: connects at once; worker 0 subscribes to the channel as
 * well.  Without a store nothing is done.  NGX_ERROR: no memory.
 */
ngx_int_t oauthcc_store_start(ngx_cycle_t *cycle, oauthcc_store_t *store);

/* Ends it in a worker that exits: no handler is called any more. */
void oauthcc_store_stop(oauthcc_store_t *store);

/* A new version, never 0. */
uint64_t oauthcc_store_version(void);

/*
 * The deadline of a login that begins now: "timeout" from now on.  It limits
 * the time that all asks of a login take, those of a WAIT excepted: after a
 * WAIT a login sets a new deadline.  An ask whose deadline has passed is DOWN.
 */
oauthcc_time_t oauthcc_store_deadline(oauthcc_store_t *store);

/*
 * Asks.  If a connection is being made for the first time the question waits
 * for it; if the store is known to be down, the answer is DOWN without delay.
 * An ask that nobody answers in time makes the store down for all others.
 */
void oauthcc_store_ask(oauthcc_store_t *store, oauthcc_store_ask_t *ask);

/*
 * Forgets an ask whose handler was not called yet.  If the store gives it the
 * right to log in all the same, that is given back.
 */
void oauthcc_store_cancel(oauthcc_store_ask_t *ask);


typedef enum {
    OAUTHCC_STORE_PUT_DONE = 0,
    OAUTHCC_STORE_PUT_NEWER,   /* the lease was lost and there is a newer one,
                                  which is kept: value */
    OAUTHCC_STORE_PUT_PURGED,  /* a purge came meanwhile: drop it, ask again */
    OAUTHCC_STORE_PUT_LATE,    /* its life is over */
    OAUTHCC_STORE_PUT_DOWN     /* it was not stored: use it, as without one */
} oauthcc_store_put_e;

typedef struct oauthcc_store_put_s  oauthcc_store_put_t;

typedef void (*oauthcc_store_put_pt)(oauthcc_store_put_t *put);


/* as an ask: the caller's memory until the handler is called or cancel() */

struct oauthcc_store_put_s {
    void                     *data;
    oauthcc_store_put_pt      handler;

    ngx_pool_t               *pool;     /* for a newer value */
    oauthcc_store_lease_t    *lease;    /* ended by put(), at once */
    oauthcc_store_value_t     value;    /* to store; then: the newer one */
    ngx_uint_t                offer;    /* of a login before the lease: PURGED
                                           if a purge came after that */

    oauthcc_store_put_e       result;

    /* internal */

    oauthcc_store_t          *store;
    oauthcc_store_key_t       key;
    oauthcc_store_command_t  *command;
    ngx_event_t               event;
    oauthcc_time_t            sent;
};


/*
 * Stores a token.  The bytes of the value are not needed after it returns.
 * Without a lease that is held (the login was made while the store was down)
 * nothing is stored, and the result is DOWN: after NEWS_BACK it may be
 * offered, with a lease that was asked for that.
 */
void oauthcc_store_put(oauthcc_store_t *store, oauthcc_store_put_t *put);

/*
 * How often there was NEWS_BACK in this worker: a login sees by it whether the
 * store has come back meanwhile.
 */
ngx_uint_t oauthcc_store_backs(oauthcc_store_t *store);

/* The put goes on, but its handler is not called. */
void oauthcc_store_put_cancel(oauthcc_store_put_t *put);


/* whose a failure is */

typedef enum {
    /* the provider's: all gateways wait */
    OAUTHCC_STORE_FAIL_PROVIDER = 0,
    /* of the entry's parameters: all gateways wait, for this entry */
    OAUTHCC_STORE_FAIL_ENTRY,
    /* maybe this gateway's own (no answer, TLS, DNS, invalid_client): it
       becomes the provider's when another gateway has the same next */
    OAUTHCC_STORE_FAIL_GATEWAY
} oauthcc_store_fail_e;

/*
 * Ends a lease with a failure; nobody waits for the answer.  wait: the backoff
 * in milliseconds.  Nothing is done if the lease is not held.
 */
void oauthcc_store_fail(oauthcc_store_lease_t *lease, oauthcc_store_fail_e own,
    oauthcc_store_failure_t *failure, ngx_msec_t wait);

/*
 * Ends a lease without a result: a login that did not take place, or failed in
 * a way that is not to be stored.  Others may log in at once.  answered: the
 * server does answer, so a backoff of the provider is over.
 */
void oauthcc_store_release(oauthcc_store_lease_t *lease, ngx_uint_t answered);


/*
 * Purges an entry, or with entry NULL all of an account, at all gateways.
 * NGX_OK: it is on its way, and counted at the store in the order of asks of
 * this worker; NGX_DECLINED: the store is down, others keep their tokens.
 */
ngx_int_t oauthcc_store_purge(oauthcc_store_t *store, u_char *account,
    u_char *entry);


/*
 * A message of the channel "something has changed for an entry", in all
 * workers: for jobs in WAIT.  The handler may ask, and take the watch away.
 * Messages get lost: poll besides, see store_poll().
 */

typedef struct oauthcc_store_watch_s  oauthcc_store_watch_t;

typedef void (*oauthcc_store_watch_pt)(oauthcc_store_watch_t *watch);

struct oauthcc_store_watch_s {
    void                    *data;
    oauthcc_store_watch_pt   handler;

    /* internal */
    oauthcc_store_t         *store;   /* NULL: it is none, or taken away */
    ngx_queue_t              queue;
    oauthcc_store_key_t      key;
    uint32_t                 seen;
};

/*
 * Watches from now on: a message that came after the answer WAIT was computed
 * is not missed if watch() is called before the ask.
 */
void oauthcc_store_watch(oauthcc_store_t *store, oauthcc_store_key_t *key,
    oauthcc_store_watch_t *watch);
void oauthcc_store_unwatch(oauthcc_store_watch_t *watch);

/*
 * To be called by each worker's handler of core/notify: calls the handlers of
 * watches whose entry has a message.
 */
void oauthcc_store_notified(oauthcc_store_t *store);

/*
 * When to ask again at the latest after WAIT, in milliseconds: at random
 * between 250 and 500, and not after the lease of the other has ended.
 */
ngx_msec_t oauthcc_store_poll(ngx_msec_t wait);


/*
 * Messages of all entries, in worker 0 only, for entries that nobody waits
 * for.
 */

typedef enum {
    OAUTHCC_STORE_NEWS_TOKEN = 0, /* entry, version: a token was put */
    OAUTHCC_STORE_NEWS_FAILED,    /* entry: its login has failed */
    OAUTHCC_STORE_NEWS_RELEASED,  /* entry: the right to log in is free */
    OAUTHCC_STORE_NEWS_PURGED,    /* account, and entry unless "all" */
    OAUTHCC_STORE_NEWS_LOST,      /* messages may have been lost until now:
                                     it is subscribed (again) */
    OAUTHCC_STORE_NEWS_BACK       /* in all workers: the store answers, for
                                     the first time or again */
} oauthcc_store_news_e;

/* see store_types.h */

struct oauthcc_store_news_s {
    oauthcc_store_news_e  type;
    u_char                account[OAUTHCC_STORE_NAME];
    u_char                entry[OAUTHCC_STORE_NAME];
    uint64_t              version;
    unsigned              all:1;   /* entries of the account */
    unsigned              own:1;   /* this gateway has caused it */
};

/* To be called before store_start(). */
void oauthcc_store_listen(oauthcc_store_t *store,
    oauthcc_store_news_pt handler);


/* what is shown of a store: of all workers of the gateway */

typedef enum {
    OAUTHCC_STORE_ASK_HIT = 0,
    OAUTHCC_STORE_ASK_WAIT,
    OAUTHCC_STORE_ASK_LEAD,
    OAUTHCC_STORE_ASK_FAIL,
    OAUTHCC_STORE_ASK_LEAVE,
    OAUTHCC_STORE_ASK_DOWN,     /* unanswered, or not asked */
    OAUTHCC_STORE_ASK_BROKEN,   /* a value that cannot be opened */
    OAUTHCC_STORE_ASK_LATE,     /* too old when the store ran it */
    OAUTHCC_STORE_ASKS
} oauthcc_store_asks_e;

#define OAUTHCC_STORE_PUTS  (OAUTHCC_STORE_PUT_DOWN + 1)

/* By result, as they are called in metrics. */
extern ngx_str_t  oauthcc_store_ask_names[OAUTHCC_STORE_ASKS];
extern ngx_str_t  oauthcc_store_put_names[OAUTHCC_STORE_PUTS];

typedef struct {
    ngx_uint_t  up;         /* workers that are connected */
    ngx_uint_t  down;       /* workers that are not */
    ngx_uint_t  subscribed;
    time_t      since;      /* up or down, seconds since the epoch */
    uint64_t    asks[OAUTHCC_STORE_ASKS];
    uint64_t    puts[OAUTHCC_STORE_PUTS];
    uint64_t    lost;       /* connections that ended */
    uint64_t    replies;    /* those timed: */
    uint64_t    reply_time; /* the sum of their round trips, microseconds */
} oauthcc_store_state_t;

void oauthcc_store_state(oauthcc_store_t *store, oauthcc_store_state_t *state);


#endif /* _OAUTHCC_STORE_H_INCLUDED_ */
