
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_clock.h"
#include "cache/oauthcc_lease.h"
#include "cache/oauthcc_index.h"
#include "core/oauthcc_lifetime.h"


/* new entries a second, and in a burst */
#define OAUTHCC_LEASE_CREATE  500

/* pause between two retries of a client, milliseconds */
#define OAUTHCC_LEASE_PAUSE   100

/* how long a check that a worker is alive is trusted, milliseconds */
#define OAUTHCC_LEASE_KNOWN   250

/* number of workers that are remembered, and of slots tried for each */
#define OAUTHCC_LEASE_WORKERS 256
#define OAUTHCC_LEASE_PROBES  8


typedef struct {
    ngx_pid_t       pid;
    oauthcc_time_t  at;
    unsigned        dead:1;
    unsigned        wanted:1;  /* has to be checked */
} oauthcc_lease_worker_t;


static oauthcc_lease_t *oauthcc_lease_next(oauthcc_client_node_t *client,
    oauthcc_lease_t *lease);
static ngx_uint_t oauthcc_lease_held(oauthcc_lease_t *lease);
static oauthcc_lease_worker_t *oauthcc_lease_worker(ngx_pid_t pid);
static ngx_uint_t oauthcc_lease_known(oauthcc_lease_worker_t *worker);
static uint64_t *oauthcc_lease_place(oauthcc_cache_t *cache, u_char *digest);


/* what this worker knows of others: checked without the lock, read under it */

static oauthcc_lease_worker_t  oauthcc_lease_workers[OAUTHCC_LEASE_WORKERS];
static ngx_uint_t              oauthcc_lease_wanted;


oauthcc_client_node_t *
oauthcc_lease_lookup(oauthcc_cache_t *cache, u_char *digest)
{
    return oauthcc_index_find(cache->shared, digest, OAUTHCC_ZONE_CLIENT);
}


void
oauthcc_lease_add(oauthcc_cache_t *cache, oauthcc_client_node_t *client,
    oauthcc_origin_t *origin)
{
    client->stats = origin->stats;

    client->not_before = oauthcc_clock_msec();
    client->since = oauthcc_clock_msec();
    client->retry_at = oauthcc_clock_msec();
    client->told = (uint32_t) oauthcc_clock_msec();

    ngx_queue_init(&client->siblings);
    ngx_queue_init(&client->leases);

    oauthcc_index_add(cache->shared, &client->node, origin->client,
                      OAUTHCC_ZONE_CLIENT);
}


ngx_uint_t
oauthcc_lease_may_grow(oauthcc_client_node_t *client)
{
    uint32_t  n, elapsed;

    elapsed = (uint32_t) oauthcc_clock_msec() - client->since;
    n = ngx_min(elapsed, 1000) * OAUTHCC_LEASE_CREATE / 1000;

    if (n) {
        client->since = oauthcc_clock_msec();
        client->created -= ngx_min(n, client->created);
    }

    if (client->created >= OAUTHCC_LEASE_CREATE) {
        return 0;
    }

    client->created++;

    return 1;
}


void
oauthcc_lease_take(oauthcc_cache_t *cache, oauthcc_client_node_t *client,
    oauthcc_lease_t *lease, oauthcc_turn_e class, ngx_msec_t time)
{
    lease->leader = ngx_pid;
    lease->deadline = oauthcc_clock_msec() + time;
    lease->number = oauthcc_zone_next(cache->shared);
    lease->class = class;
    lease->retry = 0;

    ngx_queue_insert_tail(&client->leases, &lease->queue);
}


void
oauthcc_lease_end(oauthcc_cache_t *cache, oauthcc_client_node_t *client,
    oauthcc_lease_t *lease)
{
    if (lease->number == 0) {
        return;
    }

    lease->number = 0;
    ngx_queue_remove(&lease->queue);

    oauthcc_lease_free_place(cache, client);
}


oauthcc_lease_t *
oauthcc_lease_get(oauthcc_client_node_t *client, uint64_t number)
{
    oauthcc_lease_t  *lease;

    for (lease = oauthcc_lease_next(client, NULL);
         lease;
         lease = oauthcc_lease_next(client, lease))
    {
        if (lease->number == number) {
            return lease;
        }
    }

    return NULL;
}


/* The lease after this one, the first one after NULL. */

static oauthcc_lease_t *
oauthcc_lease_next(oauthcc_client_node_t *client, oauthcc_lease_t *lease)
{
    ngx_queue_t  *q;

    q = ngx_queue_next(lease ? &lease->queue : &client->leases);

    return q == ngx_queue_sentinel(&client->leases)
           ? NULL : ngx_queue_data(q, oauthcc_lease_t, queue);
}


ngx_uint_t
oauthcc_lease_leased(oauthcc_entry_t *entry)
{
    return oauthcc_lease_held(&entry->lease);
}


static ngx_uint_t
oauthcc_lease_held(oauthcc_lease_t *lease)
{
    /* a killed worker cannot end its lease */

    return lease->number
           && !oauthcc_lifetime_reached(oauthcc_clock_msec(), lease->deadline)
           && oauthcc_lease_alive(lease->leader);
}


ngx_uint_t
oauthcc_lease_alive(ngx_pid_t pid)
{
    oauthcc_lease_worker_t  *worker;

    if (pid == ngx_pid) {
        return 1;
    }

    worker = oauthcc_lease_worker(pid);

    if (worker->pid == pid && oauthcc_lease_known(worker)) {
        return !worker->dead;
    }

    worker->pid = pid;
    worker->at = oauthcc_clock_msec() - OAUTHCC_LEASE_KNOWN;
    worker->dead = 0;
    worker->wanted = 1;

    oauthcc_lease_wanted = 1;

    return 1;
}


ngx_uint_t
oauthcc_lease_look(void)
{
    ngx_uint_t               i, dead;
    oauthcc_lease_worker_t  *worker;

    if (!oauthcc_lease_wanted) {
        return 0;
    }

    oauthcc_lease_wanted = 0;
    dead = 0;

    for (i = 0; i < OAUTHCC_LEASE_WORKERS; i++) {
        worker = &oauthcc_lease_workers[i];

        if (worker->wanted) {
            worker->wanted = 0;
            worker->at = oauthcc_clock_msec();
            worker->dead = (kill(worker->pid, 0) == -1
                            && ngx_errno == NGX_ESRCH);
            dead |= worker->dead;
        }
    }

    return dead;
}


/* The record of a worker, or a slot for it. */

static oauthcc_lease_worker_t *
oauthcc_lease_worker(ngx_pid_t pid)
{
    ngx_uint_t               i;
    oauthcc_lease_worker_t  *worker, *unused;

    worker = NULL;
    unused = NULL;

    for (i = 0; i < OAUTHCC_LEASE_PROBES; i++) {
        worker = &oauthcc_lease_workers[((ngx_uint_t) pid + i)
                                        % OAUTHCC_LEASE_WORKERS];

        if (worker->pid == pid) {
            return worker;
        }

        if (unused == NULL && !worker->wanted && !oauthcc_lease_known(worker))
        {
            unused = worker;
        }
    }

    return unused ? unused : worker;
}


static ngx_uint_t
oauthcc_lease_known(oauthcc_lease_worker_t *worker)
{
    return !worker->wanted
           && !oauthcc_lifetime_reached(oauthcc_clock_msec(),
                                        worker->at + OAUTHCC_LEASE_KNOWN);
}


ngx_uint_t
oauthcc_lease_count(oauthcc_client_node_t *client, ngx_uint_t *fresh)
{
    ngx_uint_t        n;
    oauthcc_lease_t  *lease;

    n = 0;
    *fresh = 0;

    for (lease = oauthcc_lease_next(client, NULL);
         lease;
         lease = oauthcc_lease_next(client, lease))
    {
        if (oauthcc_lease_held(lease)) {
            n++;
            *fresh += (lease->class == OAUTHCC_TURN_NEW);
        }
    }

    return n;
}


oauthcc_lease_t *
oauthcc_lease_dead(oauthcc_client_node_t *client)
{
    oauthcc_lease_t  *lease;

    for (lease = oauthcc_lease_next(client, NULL);
         lease;
         lease = oauthcc_lease_next(client, lease))
    {
        if (!oauthcc_lease_held(lease)) {
            return lease;
        }
    }

    return NULL;
}


void
oauthcc_lease_free_place(oauthcc_cache_t *cache, oauthcc_client_node_t *client)
{
    oauthcc_zone_add(oauthcc_lease_place(cache, client->node.digest), 1);
}


uint64_t
oauthcc_lease_places(oauthcc_cache_t *cache, u_char *digest)
{
    return __atomic_load_n(oauthcc_lease_place(cache, digest),
                           __ATOMIC_ACQUIRE);
}


static uint64_t *
oauthcc_lease_place(oauthcc_cache_t *cache, u_char *digest)
{
    return &cache->shared->places[digest[0] % OAUTHCC_ZONE_PLACES];
}


ngx_uint_t
oauthcc_lease_failures(oauthcc_entry_t *entry)
{
    oauthcc_history_t  *history;

    history = &entry->history;

    return history->rotation == entry->client->rotations ? history->failures
                                                          : 0;
}


ngx_msec_t
oauthcc_lease_backoff(oauthcc_client_node_t *client, ngx_uint_t alive,
    ngx_uint_t outdated)
{
    int64_t         all, old;
    oauthcc_time_t  next;

    next = client->not_before - (alive ? 0 : client->probe);

    all = client->failures
          ? (int64_t) (next - oauthcc_clock_msec()) : 0;

    old = (outdated && client->outdated)
          ? (int64_t) (client->outdated_until - oauthcc_clock_msec())
          : 0;

    all = ngx_max(all, old);

    return ngx_max(all, 0);
}


ngx_uint_t
oauthcc_lease_retries(oauthcc_entry_t *entry)
{
    return oauthcc_lease_failures(entry) != 0 && entry->history.shares;
}


ngx_msec_t
oauthcc_lease_pause(oauthcc_entry_t *entry)
{
    int32_t                 left;
    oauthcc_lease_t        *lease;
    oauthcc_client_node_t  *client;

    if (!oauthcc_lease_retries(entry)) {
        return 0;
    }

    client = entry->client;

    for (lease = oauthcc_lease_next(client, NULL);
         lease;
         lease = oauthcc_lease_next(client, lease))
    {
        if (lease->retry && oauthcc_lease_held(lease)) {
            return OAUTHCC_LEASE_PAUSE;
        }
    }

    /* after a wrap of the 32 bits, an old time looks like a future one */

    left = (int32_t) (client->retry_at - (uint32_t) oauthcc_clock_msec());

    return (left > 0 && left <= OAUTHCC_LEASE_PAUSE) ? left : 0;
}


void
oauthcc_lease_retried(oauthcc_client_node_t *client)
{
    client->retry_at = oauthcc_clock_msec() + OAUTHCC_LEASE_PAUSE;
}


ngx_msec_t
oauthcc_lease_tell(oauthcc_entry_t *entry, ngx_msec_t wait)
{
    oauthcc_history_t  *history;

    history = &entry->history;

    /* such a short wait is not a backoff, and is not logged */

    if (wait <= OAUTHCC_LEASE_PAUSE
        || (history->failed
            && !oauthcc_lifetime_reached(oauthcc_clock_msec(),
                                         history->failed_at
                                         + OAUTHCC_LEASE_TELL)))
    {
        return 0;
    }

    return oauthcc_lease_tell_new(entry->client, wait);
}


ngx_msec_t
oauthcc_lease_tell_new(oauthcc_client_node_t *client, ngx_msec_t wait)
{
    if ((uint32_t) oauthcc_clock_msec() - client->told < OAUTHCC_LEASE_TELL) {
        return 0;
    }

    client->told = (uint32_t) oauthcc_clock_msec();

    return wait;
}
