
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


/*
 * A process is killed at each store into a zone in shared memory: one process
 * does what changes the zone, an instruction at a time, and after each that
 * has changed a byte another one frees the lock, as the master would, and
 * works with a copy of the zone.  It finds its way, loses no memory, gives no
 * number twice, and forgets no count.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <sys/ptrace.h>
#include "cache/oauthcc_blocks.h"
#include "cache/oauthcc_cache.h"
#include "cache/oauthcc_entry.h"
#include "cache/oauthcc_failures.h"
#include "cache/oauthcc_fleet.h"
#include "cache/oauthcc_invalidate.h"
#include "cache/oauthcc_lock.h"
#include "cache/oauthcc_slot.h"
#include "cache/oauthcc_stats.h"
#include "cache/oauthcc_waiter_count.h"
#include "cache/oauthcc_zone_key.h"
#include "oauthcc_unit.h"


/* more than a part of a block */
#define OAUTHCC_UNIT_CLAIMS                                                   \
    "{\"access_token\":{\"capolids\":{\"essential\":true,\"values\":["        \
    "\"00000000-0000-0000-0000-000000000000\","                               \
    "\"11111111-1111-1111-1111-111111111111\"]}}}"


#define OAUTHCC_UNIT_ZONE     (64 * 1024)
#define OAUTHCC_UNIT_CLIENTS  4
#define OAUTHCC_UNIT_ENTRIES  24
#define OAUTHCC_UNIT_LIFE     3600000
#define OAUTHCC_UNIT_SCOPE    150

/* so far apart are the numbers of tokens that an entry may have */
#define OAUTHCC_UNIT_OTHER    500

/* no process has ever this number, nor that */
#define OAUTHCC_UNIT_DEAD     ((1 << 22) + 1)
#define OAUTHCC_UNIT_BEFORE   ((1 << 22) + 2)

/* what is wrong after a kill, as bits */
#define OAUTHCC_UNIT_TOKEN    0x01  /* one is not what it was */
#define OAUTHCC_UNIT_REFUSED  0x02  /* an entry cannot be had */
#define OAUTHCC_UNIT_LOST     0x04  /* memory is */
#define OAUTHCC_UNIT_BACK     0x08  /* a number or count went back */
#define OAUTHCC_UNIT_SAME     0x10  /* a worker does not notice */


typedef struct oauthcc_unit_kill_s  oauthcc_unit_kill_t;

struct oauthcc_unit_kill_s {
    oauthcc_unit_t      *unit;
    u_char              *memory;
    u_char              *image;    /* of it, for another process */
    u_char              *before;
    oauthcc_cache_t      cache;
    oauthcc_stats_t     *stats;
    ngx_uint_t           number;   /* of the operation's entry */
    uint64_t             lease;    /* and its lease */

    /* what workers have: versions of entries, and the values */
    oauthcc_version_t   *version[OAUTHCC_UNIT_ENTRIES];
    uint64_t             generation[OAUTHCC_UNIT_ENTRIES];
    uint64_t             known;    /* no number is beyond */
    uint64_t             logins;   /* that have been counted */
    uint64_t             failed;   /* that have been recorded */
};


/* an operation: what is done before it, and what may be killed */

typedef struct {
    char        *name;
    void       (*prepare)(oauthcc_unit_kill_t *test);
    void       (*run)(oauthcc_unit_kill_t *test);
    ngx_uint_t   part;    /* each of so many states is looked at */
} oauthcc_unit_operation_t;


static ngx_int_t oauthcc_unit_lock_start(oauthcc_unit_kill_t *test);
static void oauthcc_unit_lock_step(oauthcc_unit_kill_t *test,
    oauthcc_unit_operation_t *operation);
static int oauthcc_unit_lock_fork(oauthcc_unit_kill_t *test);
static int oauthcc_unit_lock_check(oauthcc_unit_kill_t *test);
static void oauthcc_unit_lock_digest(u_char *digest, uint32_t n);
static oauthcc_cache_state_e oauthcc_unit_lock_ask(oauthcc_unit_kill_t *test,
    ngx_uint_t i, uint64_t content, oauthcc_cache_result_t *result,
    ngx_uint_t *bad);
static ngx_int_t oauthcc_unit_lock_publish(oauthcc_unit_kill_t *test,
    ngx_uint_t i, uint64_t lease);
static ngx_int_t oauthcc_unit_lock_put(oauthcc_unit_kill_t *test,
    ngx_uint_t i, ngx_uint_t k, uint64_t lease);
static ngx_uint_t oauthcc_unit_lock_is(oauthcc_credential_t *credential,
    ngx_uint_t i);
static void oauthcc_unit_lock_fail(oauthcc_unit_kill_t *test, ngx_uint_t i,
    uint64_t lease);
static size_t oauthcc_unit_lock_token(ngx_uint_t i, u_char *token);
static void oauthcc_unit_lock_query(oauthcc_unit_kill_t *test, ngx_uint_t i,
    oauthcc_cache_query_t *query);

static void oauthcc_unit_lock_nothing(oauthcc_unit_kill_t *test);
static void oauthcc_unit_lock_lead(oauthcc_unit_kill_t *test);
static void oauthcc_unit_lock_renew(oauthcc_unit_kill_t *test);
static void oauthcc_unit_lock_full(oauthcc_unit_kill_t *test);
static void oauthcc_unit_lock_own(oauthcc_unit_kill_t *test);
static void oauthcc_unit_lock_order(oauthcc_unit_kill_t *test);
static void oauthcc_unit_lock_awaited(oauthcc_unit_kill_t *test);
static void oauthcc_unit_lock_records(oauthcc_unit_kill_t *test);
static void oauthcc_unit_lock_damage(oauthcc_unit_kill_t *test);
static void oauthcc_unit_lock_refused(oauthcc_unit_kill_t *test);

static void oauthcc_unit_lock_do_create(oauthcc_unit_kill_t *test);
static void oauthcc_unit_lock_do_publish(oauthcc_unit_kill_t *test);
static void oauthcc_unit_lock_do_replace(oauthcc_unit_kill_t *test);
static void oauthcc_unit_lock_do_fail(oauthcc_unit_kill_t *test);
static void oauthcc_unit_lock_do_release(oauthcc_unit_kill_t *test);
static void oauthcc_unit_lock_do_defer(oauthcc_unit_kill_t *test);
static void oauthcc_unit_lock_do_postpone(oauthcc_unit_kill_t *test);
static void oauthcc_unit_lock_do_news(oauthcc_unit_kill_t *test);
static void oauthcc_unit_lock_do_drop(oauthcc_unit_kill_t *test);
static void oauthcc_unit_lock_do_refresh(oauthcc_unit_kill_t *test);
static void oauthcc_unit_lock_do_evict(oauthcc_unit_kill_t *test);
static void oauthcc_unit_lock_do_purge(oauthcc_unit_kill_t *test);
static void oauthcc_unit_lock_do_own_ask(oauthcc_unit_kill_t *test);
static void oauthcc_unit_lock_do_own_end(oauthcc_unit_kill_t *test);
static void oauthcc_unit_lock_do_refuse(oauthcc_unit_kill_t *test);
static void oauthcc_unit_lock_do_taken(oauthcc_unit_kill_t *test);
static void oauthcc_unit_lock_do_order(oauthcc_unit_kill_t *test);
static void oauthcc_unit_lock_do_grant(oauthcc_unit_kill_t *test);
static void oauthcc_unit_lock_do_stats(oauthcc_unit_kill_t *test);
static void oauthcc_unit_lock_do_count(oauthcc_unit_kill_t *test);
static void oauthcc_unit_lock_do_wait(oauthcc_unit_kill_t *test);
static void oauthcc_unit_lock_do_await(oauthcc_unit_kill_t *test);
static void oauthcc_unit_lock_do_key(oauthcc_unit_kill_t *test);
static void oauthcc_unit_lock_do_record(oauthcc_unit_kill_t *test);
static ngx_uint_t oauthcc_unit_lock_ring(oauthcc_unit_kill_t *test);


static oauthcc_unit_operation_t  oauthcc_unit_operations[] = {
    { "an entry is made", oauthcc_unit_lock_nothing,
      oauthcc_unit_lock_do_create, 1 },
    { "its first token", oauthcc_unit_lock_lead,
      oauthcc_unit_lock_do_publish, 1 },
    { "a login fails", oauthcc_unit_lock_lead, oauthcc_unit_lock_do_fail, 1 },
    { "a login ends without a result", oauthcc_unit_lock_lead,
      oauthcc_unit_lock_do_release, 1 },
    { "a refresh begins", oauthcc_unit_lock_nothing,
      oauthcc_unit_lock_do_refresh, 1 },
    { "a token takes the place of another", oauthcc_unit_lock_nothing,
      oauthcc_unit_lock_do_replace, 1 },
    { "an entry and a token evict others", oauthcc_unit_lock_full,
      oauthcc_unit_lock_do_evict, 1 },
    { "a purge", oauthcc_unit_lock_nothing, oauthcc_unit_lock_do_purge, 1 },
    { "another gateway's login fails", oauthcc_unit_lock_lead,
      oauthcc_unit_lock_do_defer, 1 },
    { "a refresh is put off", oauthcc_unit_lock_renew,
      oauthcc_unit_lock_do_postpone, 1 },
    { "another gateway has a token", oauthcc_unit_lock_nothing,
      oauthcc_unit_lock_do_news, 1 },
    { "a purge at another gateway", oauthcc_unit_lock_nothing,
      oauthcc_unit_lock_do_drop, 1 },
    { "a login of a request's own", oauthcc_unit_lock_nothing,
      oauthcc_unit_lock_do_own_ask, 1 },
    { "its end", oauthcc_unit_lock_own, oauthcc_unit_lock_do_own_end, 1 },
    { "a token is refused", oauthcc_unit_lock_nothing,
      oauthcc_unit_lock_do_refuse, 1 },
    { "a token is taken again", oauthcc_unit_lock_refused,
      oauthcc_unit_lock_do_taken, 1 },
    { "an order", oauthcc_unit_lock_nothing, oauthcc_unit_lock_do_order, 1 },
    { "what it grants", oauthcc_unit_lock_order,
      oauthcc_unit_lock_do_grant, 1 },
    { "a new provider", oauthcc_unit_lock_nothing,
      oauthcc_unit_lock_do_stats, 1 },
    { "requests are counted", oauthcc_unit_lock_nothing,
      oauthcc_unit_lock_do_count, 1 },
    { "waiters are counted", oauthcc_unit_lock_nothing,
      oauthcc_unit_lock_do_wait, 1 },
    { "an operator waits for a login", oauthcc_unit_lock_nothing,
      oauthcc_unit_lock_do_await, 1 },
    { "it ends", oauthcc_unit_lock_awaited, oauthcc_unit_lock_do_publish, 1 },
    { "a key for forms", oauthcc_unit_lock_nothing,
      oauthcc_unit_lock_do_key, 1 },
    { "a failure is recorded", oauthcc_unit_lock_nothing,
      oauthcc_unit_lock_do_record, 1 },
    { "a failure takes the place of another", oauthcc_unit_lock_records,
      oauthcc_unit_lock_do_record, 1 },
    { "a zone is emptied that was left half changed",
      oauthcc_unit_lock_damage, oauthcc_unit_lock_do_create, 5 },
    { NULL, NULL, NULL, 0 }
};


ngx_int_t
oauthcc_unit_lock(oauthcc_unit_t *unit)
{
    ngx_pid_t                  pid;
    ngx_msec_t                 now;
    oauthcc_unit_kill_t        test;
    oauthcc_unit_operation_t  *operation;

    /* which traces by itself, so that nothing else can */

    if (getenv("LD_PRELOAD") && ngx_strstr(getenv("LD_PRELOAD"), "vgpreload"))
    {
        oauthcc_unit_ok(unit, 1, "is left out, with valgrind");
        return NGX_OK;
    }

    /* an emulator has no such system call; a kernel knows no such process */

    if (ptrace(PTRACE_DETACH, -1, NULL, NULL) == -1 && ngx_errno == ENOSYS) {
        oauthcc_unit_ok(unit, 1, "is left out, nothing can be traced here");
        return NGX_OK;
    }

    ngx_memzero(&test, sizeof(oauthcc_unit_kill_t));

    test.unit = unit;
    test.image = ngx_palloc(unit->pool, OAUTHCC_UNIT_ZONE);
    test.before = ngx_palloc(unit->pool, OAUTHCC_UNIT_ZONE);
    test.memory = mmap(NULL, OAUTHCC_UNIT_ZONE, PROT_READ|PROT_WRITE,
                       MAP_SHARED|MAP_ANON, -1, 0);

    if (test.image == NULL || test.before == NULL
        || test.memory == MAP_FAILED)
    {
        return NGX_ERROR;
    }

    pid = ngx_pid;
    now = ngx_current_msec;

    for (operation = oauthcc_unit_operations; operation->name; operation++) {

        if (oauthcc_unit_lock_start(&test) != NGX_OK) {
            return NGX_ERROR;
        }

        operation->prepare(&test);
        oauthcc_unit_lock_step(&test, operation);
    }

    ngx_pid = pid;
    oauthcc_unit_clock_set(now);

    (void) munmap(test.memory, OAUTHCC_UNIT_ZONE);

    return NGX_OK;
}


/* A zone with entries, whose workers have seen them. */

static ngx_int_t
oauthcc_unit_lock_start(oauthcc_unit_kill_t *test)
{
    ngx_str_t               name = ngx_string("unit");
    ngx_uint_t              i, bad;
    oauthcc_zone_t         *shared;
    oauthcc_cache_result_t  result;

    ngx_pid = OAUTHCC_UNIT_BEFORE;
    oauthcc_unit_clock_set((ngx_msec_t) 0xffffffff - 60000);

    if (oauthcc_unit_zone(test->unit, test->memory, OAUTHCC_UNIT_ZONE,
                          &test->cache)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    shared = test->cache.shared;
    test->stats = oauthcc_stats_get(&test->cache, &name);

    if (test->stats == NULL) {
        return NGX_ERROR;
    }

    bad = 0;

    for (i = 0; i < OAUTHCC_UNIT_ENTRIES; i++) {

        if (oauthcc_unit_lock_ask(test, i, 0, &result, &bad)
            != OAUTHCC_CACHE_LEAD
            || oauthcc_unit_lock_publish(test, i, result.lease) != NGX_OK)
        {
            return NGX_ERROR;
        }

        test->version[i] = result.version;
        test->generation[i] = result.version->generation;
    }

    test->stats->logins[0] = OAUTHCC_UNIT_ENTRIES;
    test->logins = OAUTHCC_UNIT_ENTRIES;
    test->known = shared->generation;
    test->lease = 0;

    return bad ? NGX_ERROR : NGX_OK;
}


static void
oauthcc_unit_lock_step(oauthcc_unit_kill_t *test,
    oauthcc_unit_operation_t *operation)
{
    int         status, rc;
    pid_t       child;
    ngx_uint_t  steps, states, fatal, wrong;

    test->known = ((oauthcc_zone_t *) test->cache.shared)->generation;
    test->failed = ((oauthcc_zone_t *) test->cache.shared)->failed.n;

    ngx_memcpy(test->before, test->memory, OAUTHCC_UNIT_ZONE);

    states = 0;
    fatal = 0;
    wrong = 0;
    rc = 0;

    (void) fflush(stdout);

    child = fork();

    if (child == 0) {
        ngx_pid = OAUTHCC_UNIT_DEAD;

        if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == -1) {
            _exit(2);
        }

        (void) raise(SIGSTOP);
        operation->run(test);
        (void) raise(SIGSTOP);
        _exit(0);
    }

    (void) waitpid(child, &status, 0);

    for (steps = 0; WIFSTOPPED(status); steps++) {

        if (ptrace(PTRACE_SINGLESTEP, child, NULL, NULL) == -1
            || waitpid(child, &status, 0) == -1
            || !WIFSTOPPED(status) || WSTOPSIG(status) != SIGTRAP)
        {
            break;
        }

        if (ngx_memcmp(test->before, test->memory, OAUTHCC_UNIT_ZONE) == 0) {
            continue;
        }

        ngx_memcpy(test->before, test->memory, OAUTHCC_UNIT_ZONE);

        if (states++ % operation->part) {
            continue;
        }

        rc = oauthcc_unit_lock_fork(test);

        if (rc == 0) {
            continue;
        }

        if (fatal + wrong == 0) {
            oauthcc_unit_diag("state %ui: %d", states, rc);
        }

        if (rc < 0) {
            fatal++;

        } else {
            wrong++;
        }
    }

    /* it has come to its end by itself */

    oauthcc_unit_ok(test->unit, WIFSTOPPED(status)
                                && WSTOPSIG(status) == SIGSTOP && states > 2,
                    "%s: %ui instructions, %ui states", operation->name,
                    steps, states);

    (void) kill(child, SIGKILL);
    (void) waitpid(child, &status, 0);

    oauthcc_unit_number(test->unit, fatal, 0, "no kill is fatal");
    oauthcc_unit_number(test->unit, wrong, 0, "and nothing is wrong");
}


/* Another process, with a copy: the exit code has the bits, or a signal. */

static int
oauthcc_unit_lock_fork(oauthcc_unit_kill_t *test)
{
    int     status;
    void   *p;
    pid_t   child;

    child = fork();

    if (child == 0) {
        ngx_memcpy(test->image, test->memory, OAUTHCC_UNIT_ZONE);

        p = mmap(test->memory, OAUTHCC_UNIT_ZONE, PROT_READ|PROT_WRITE,
                 MAP_PRIVATE|MAP_ANON|MAP_FIXED, -1, 0);
        if (p == MAP_FAILED) {
            _exit(0x7f);
        }

        ngx_memcpy(test->memory, test->image, OAUTHCC_UNIT_ZONE);

        /* a line each time would be too much */

        ngx_cycle->log->log_level = NGX_LOG_EMERG;

        (void) alarm(20);

        _exit(oauthcc_unit_lock_check(test));
    }

    if (waitpid(child, &status, 0) == -1) {
        return 0x7f;
    }

    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}


/*
 * Everybody gets a token, be it the old one or that of a new login, of which
 * there is one; the lost login is stored; then all that is done in a zone
 * goes on.
 */

static int
oauthcc_unit_lock_check(oauthcc_unit_kill_t *test)
{
    uint64_t                version;
    ngx_str_t               name = ngx_string("another");
    ngx_uint_t              i, k, n, reset, bad, kept;
    u_char                  client[OAUTHCC_DIGEST_LEN];
    oauthcc_zone_t         *shared;
    oauthcc_cache_result_t  result;

    bad = 0;
    shared = test->cache.shared;
    ngx_pid = getpid();

    (void) ngx_shmtx_force_unlock(&test->cache.shpool->mutex,
                                  OAUTHCC_UNIT_DEAD);
    reset = (shared->busy != 0);

    /* where all is in use, that is all right */

    ngx_current_msec += 2 * OAUTHCC_ENTRY_IDLE;

    for (i = 0; i < OAUTHCC_UNIT_ENTRIES + 2; i++) {

        switch (oauthcc_unit_lock_ask(test, i, 0, &result, &bad)) {

        case OAUTHCC_CACHE_HIT:

            if (reset) {
                bad |= OAUTHCC_UNIT_SAME;
            }

            /* a refresh ends as well */

            if (result.lease
                && oauthcc_unit_lock_publish(test, i, result.lease) != NGX_OK)
            {
                bad |= OAUTHCC_UNIT_REFUSED;
            }

            break;

        case OAUTHCC_CACHE_LEAD:

            if (result.lease <= test->known) {
                bad |= OAUTHCC_UNIT_BACK;
            }

            if (oauthcc_unit_lock_publish(test, i, result.lease) != NGX_OK) {
                bad |= OAUTHCC_UNIT_REFUSED;
            }

            break;

        case OAUTHCC_CACHE_BACKOFF:
            break;

        default:
            bad |= OAUTHCC_UNIT_REFUSED;
        }
    }

    for (i = 0; i < OAUTHCC_UNIT_ENTRIES; i++) {
        version = oauthcc_version_load(test->version[i]);

        if (version < test->generation[i]) {
            bad |= OAUTHCC_UNIT_BACK;
        }

        if (reset && version == test->generation[i]) {
            bad |= OAUTHCC_UNIT_SAME;
        }
    }

    if (shared->generation < test->known
        || test->stats->logins[0] < test->logins
        || oauthcc_stats_get(&test->cache, &name) == NULL)
    {
        bad |= OAUTHCC_UNIT_BACK;
    }

    for (i = 0; shared->key.made && i < OAUTHCC_ZONE_KEY; i++) {
        if (shared->key.bytes[i] != 'k') {
            bad |= OAUTHCC_UNIT_BACK;
        }
    }

    bad |= oauthcc_unit_lock_ring(test);

    for (i = 0; i < 60; i++) {
        ngx_current_msec += 1000;

        if (oauthcc_unit_lock_ask(test, 100 + i, 0, &result, &bad)
            != OAUTHCC_CACHE_LEAD)
        {
            bad |= OAUTHCC_UNIT_REFUSED;

        } else if (i % 7 == 3) {
            oauthcc_unit_lock_fail(test, 100 + i, result.lease);

        } else if (oauthcc_unit_lock_publish(test, 100 + i, result.lease)
                   != NGX_OK)
        {
            bad |= OAUTHCC_UNIT_REFUSED;
        }
    }

    /* leases that were lost are over, and an own login drops them */

    ngx_current_msec += OAUTHCC_UNIT_LIFE;

    for (i = 0; i < OAUTHCC_UNIT_CLIENTS; i++) {
        test->lease = 0;
        test->number = i;

        oauthcc_unit_lock_do_own_ask(test);
        oauthcc_unit_lock_do_own_end(test);

        oauthcc_unit_lock_digest(client, 1000 + i);
        (void) oauthcc_invalidate_purge(&test->cache, client, NULL);
    }

    n = 0;
    kept = 0;

    while (oauthcc_blocks_kept(shared, OAUTHCC_BLOCKS_SLOTS, &n)) {
        kept++;
    }

    n = 0;

    while (oauthcc_blocks_kept(shared, OAUTHCC_BLOCKS_STATS, &n)) {
        kept++;
    }

    k = shared->nfree + kept * OAUTHCC_ZONE_PARTS;

    if (shared->nentries || k != shared->nblocks * OAUTHCC_ZONE_PARTS) {
        bad |= OAUTHCC_UNIT_LOST;
    }

    for (k = 0; (result.version = oauthcc_slot_take(shared)) != NULL; k++) {
        /* void */
    }

    n = 0;

    while (oauthcc_blocks_kept(shared, OAUTHCC_BLOCKS_SLOTS, &n)) {
        k -= OAUTHCC_ZONE_SLOTS;
    }

    return bad | (k ? OAUTHCC_UNIT_LOST : 0);
}


static void
oauthcc_unit_lock_digest(u_char *digest, uint32_t n)
{
    ngx_uint_t  i;

    for (i = 0; i < OAUTHCC_DIGEST_LEN; i++) {
        n = n * 1664525 + 1013904223;
        digest[i] = (u_char) (n >> 24);
    }
}


static void
oauthcc_unit_lock_query(oauthcc_unit_kill_t *test, ngx_uint_t i,
    oauthcc_cache_query_t *query)
{
    static u_char          client[OAUTHCC_DIGEST_LEN];
    static oauthcc_pair_t  pair = { ngx_string("scope"), ngx_string("read") };

    oauthcc_unit_lock_digest(client, 1000 + i % OAUTHCC_UNIT_CLIENTS);

    ngx_memzero(query, sizeof(oauthcc_cache_query_t));

    query->lease = 60000;
    query->max_logins = 100;
    query->turn.first = 1;
    query->turn.since = oauthcc_clock_msec();
    query->origin.client = client;
    query->origin.stats = test->stats;
    query->origin.parameters = &pair;
    query->origin.nparameters = 1;
}


/* Asks, with others files than its login had if "content" is one. */

static oauthcc_cache_state_e
oauthcc_unit_lock_ask(oauthcc_unit_kill_t *test, ngx_uint_t i,
    uint64_t content, oauthcc_cache_result_t *result, ngx_uint_t *bad)
{
    u_char                 digest[OAUTHCC_DIGEST_LEN];
    oauthcc_cache_query_t  query;

    oauthcc_unit_lock_digest(digest, i);
    oauthcc_unit_lock_query(test, i, &query);

    query.content.digest = content;
    query.content.read_at = oauthcc_clock_msec();

    oauthcc_cache_acquire(&test->cache, digest, &query, result);

    if (result->credential) {
        if (!oauthcc_unit_lock_is(result->credential, i)
            && !oauthcc_unit_lock_is(result->credential,
                                     i + OAUTHCC_UNIT_OTHER))
        {
            *bad |= OAUTHCC_UNIT_TOKEN;
        }

        oauthcc_credential_release(result->credential);
    }

    return result->state;
}


static ngx_uint_t
oauthcc_unit_lock_is(oauthcc_credential_t *credential, ngx_uint_t i)
{
    size_t  len;
    u_char  token[1024];

    len = oauthcc_unit_lock_token(i, token);

    return credential->access_token.len == len
           && ngx_memcmp(credential->access_token.data, token, len) == 0;
}


static size_t
oauthcc_unit_lock_token(ngx_uint_t i, u_char *token)
{
    size_t  k, len;

    len = 200 + i * 57 % 400;

    for (k = 0; k < len; k++) {
        token[k] = (u_char) ('A' + (i * 7 + k * 3) % 26);
    }

    return len;
}


static ngx_int_t
oauthcc_unit_lock_publish(oauthcc_unit_kill_t *test, ngx_uint_t i,
    uint64_t lease)
{
    return oauthcc_unit_lock_put(test, i, i, lease);
}


/* A token is that of one of two numbers. */

static ngx_int_t
oauthcc_unit_lock_put(oauthcc_unit_kill_t *test, ngx_uint_t i, ngx_uint_t k,
    uint64_t lease)
{
    u_char                 digest[OAUTHCC_DIGEST_LEN], token[1024];
    oauthcc_issued_t       login;
    oauthcc_cache_query_t  query;

    ngx_memzero(&login, sizeof(oauthcc_issued_t));
    ngx_memzero(token, sizeof(token));

    login.packed.data = token;
    login.packed.len = oauthcc_unit_lock_token(k, token);
    login.packed.token = login.packed.len;
    login.scope = OAUTHCC_UNIT_SCOPE;
    login.tag.version = 1 + k;
    login.expires = oauthcc_clock_msec() + OAUTHCC_UNIT_LIFE;
    login.usable = login.expires;
    login.refresh = login.expires;

    oauthcc_unit_lock_digest(digest, i);
    oauthcc_unit_lock_query(test, i, &query);

    return oauthcc_cache_publish(&test->cache, digest, lease, &query.origin,
                                 &login);
}


static void
oauthcc_unit_lock_fail(oauthcc_unit_kill_t *test, ngx_uint_t i, uint64_t lease)
{
    u_char                  digest[OAUTHCC_DIGEST_LEN];
    oauthcc_cache_failed_t  failed;

    ngx_memzero(&failed, sizeof(oauthcc_cache_failed_t));

    failed.failure.status = NGX_HTTP_BAD_GATEWAY;
    failed.failure.len = sizeof("invalid_scope") - 1;
    ngx_memcpy(failed.failure.text, "invalid_scope", failed.failure.len);
    failed.min = 1;
    failed.max = 1;
    failed.entry_only = 1;
    ngx_str_set(&failed.detail, "there is no scope of this name, and of the "
                "names that there are none is like it");

    oauthcc_unit_lock_digest(digest, i);

    ngx_str_set(&failed.claims, OAUTHCC_UNIT_CLAIMS);

    (void) oauthcc_cache_fail(&test->cache, digest, lease, &failed);
}


/* What is done before. */

static void
oauthcc_unit_lock_nothing(oauthcc_unit_kill_t *test)
{
    test->number = OAUTHCC_UNIT_ENTRIES;
}


static void
oauthcc_unit_lock_lead(oauthcc_unit_kill_t *test)
{
    ngx_uint_t              bad;
    oauthcc_cache_result_t  result;

    test->number = OAUTHCC_UNIT_ENTRIES;

    (void) oauthcc_unit_lock_ask(test, test->number, 0, &result, &bad);
    test->lease = result.lease;
}


/* A refresh, of an entry that has a token. */

static void
oauthcc_unit_lock_renew(oauthcc_unit_kill_t *test)
{
    ngx_uint_t              bad;
    oauthcc_cache_result_t  result;

    test->number = 5;

    (void) oauthcc_unit_lock_ask(test, test->number, 1, &result, &bad);
    test->lease = result.lease;
}


/* Others have evicted already, and more are idle. */

static void
oauthcc_unit_lock_full(oauthcc_unit_kill_t *test)
{
    ngx_current_msec += 2 * OAUTHCC_ENTRY_IDLE;

    test->number = OAUTHCC_UNIT_ENTRIES;

    while (test->stats->evictions == 0) {
        oauthcc_unit_lock_do_evict(test);
    }
}


static void
oauthcc_unit_lock_own(oauthcc_unit_kill_t *test)
{
    test->number = 3;
    oauthcc_unit_lock_do_own_ask(test);
}


static void
oauthcc_unit_lock_order(oauthcc_unit_kill_t *test)
{
    test->number = 2;
    oauthcc_unit_lock_do_order(test);
}


static void
oauthcc_unit_lock_refused(oauthcc_unit_kill_t *test)
{
    test->number = 1;
    oauthcc_unit_lock_do_refuse(test);
}


static void
oauthcc_unit_lock_awaited(oauthcc_unit_kill_t *test)
{
    ngx_uint_t              bad;
    oauthcc_cache_result_t  result;

    oauthcc_unit_lock_do_await(test);

    test->number = 2;

    (void) oauthcc_unit_lock_ask(test, test->number, 77, &result, &bad);
    test->lease = result.lease;
}


/* More than there is room for. */

static void
oauthcc_unit_lock_records(oauthcc_unit_kill_t *test)
{
    ngx_uint_t  i;

    for (i = 0; i < OAUTHCC_ZONE_FAILED + 3; i++) {
        oauthcc_unit_lock_do_record(test);
    }
}


/* What a kill leaves at the worst. */

static void
oauthcc_unit_lock_damage(oauthcc_unit_kill_t *test)
{
    oauthcc_zone_t  *shared;

    oauthcc_unit_lock_records(test);

    shared = test->cache.shared;
    test->number = OAUTHCC_UNIT_ENTRIES;

    shared->busy = OAUTHCC_UNIT_BEFORE;
    shared->idle.root = NULL;
    shared->free.next = NULL;
    shared->parts.prev = NULL;
    shared->nfree = 5;
    shared->slots = NULL;
    shared->stats = NULL;

    ngx_memset(shared->buckets[OAUTHCC_ZONE_ENTRY], 0xa5,
               shared->nbuckets[OAUTHCC_ZONE_ENTRY] * sizeof(uint32_t));
    ngx_memset(shared->links, 0xa5, shared->nblocks * sizeof(uint32_t));
}


/* What is killed. */

static void
oauthcc_unit_lock_do_create(oauthcc_unit_kill_t *test)
{
    ngx_uint_t              bad;
    oauthcc_cache_result_t  result;

    (void) oauthcc_unit_lock_ask(test, test->number, 0, &result, &bad);
    test->lease = result.lease;
}


static void
oauthcc_unit_lock_do_publish(oauthcc_unit_kill_t *test)
{
    (void) oauthcc_unit_lock_publish(test, test->number, test->lease);
}


static void
oauthcc_unit_lock_do_fail(oauthcc_unit_kill_t *test)
{
    oauthcc_unit_lock_fail(test, test->number, test->lease);
}


static void
oauthcc_unit_lock_do_release(oauthcc_unit_kill_t *test)
{
    u_char  digest[OAUTHCC_DIGEST_LEN];

    oauthcc_unit_lock_digest(digest, test->number);
    oauthcc_cache_release(&test->cache, digest, test->lease);
}


/* Of the first entry, whose files are others by now. */

static void
oauthcc_unit_lock_do_refresh(oauthcc_unit_kill_t *test)
{
    ngx_uint_t              bad;
    oauthcc_cache_result_t  result;

    (void) oauthcc_unit_lock_ask(test, 0, 77, &result, &bad);
    test->lease = result.lease;
}


static void
oauthcc_unit_lock_do_replace(oauthcc_unit_kill_t *test)
{
    (void) oauthcc_unit_lock_put(test, 5, 5 + OAUTHCC_UNIT_OTHER,
                                 test->known + 1);
}


static void
oauthcc_unit_lock_do_evict(oauthcc_unit_kill_t *test)
{
    ngx_uint_t  i;

    for (i = 0; i < 3; i++) {
        test->number++;
        oauthcc_unit_lock_do_create(test);
        oauthcc_unit_lock_do_publish(test);
    }
}


static void
oauthcc_unit_lock_do_defer(oauthcc_unit_kill_t *test)
{
    u_char                  digest[OAUTHCC_DIGEST_LEN];
    oauthcc_cache_failed_t  failed;

    ngx_memzero(&failed, sizeof(oauthcc_cache_failed_t));

    failed.failure.status = NGX_HTTP_BAD_GATEWAY;
    failed.failure.len = sizeof("server_error") - 1;
    ngx_memcpy(failed.failure.text, "server_error", failed.failure.len);
    failed.wait = 1;

    oauthcc_unit_lock_digest(digest, test->number);

    oauthcc_fleet_defer(&test->cache, digest, test->lease, &failed, 1);
}


static void
oauthcc_unit_lock_do_postpone(oauthcc_unit_kill_t *test)
{
    u_char  digest[OAUTHCC_DIGEST_LEN];

    oauthcc_unit_lock_digest(digest, test->number);

    (void) oauthcc_fleet_extend(&test->cache, digest, test->lease, 60000);
    (void) oauthcc_fleet_postpone(&test->cache, digest, test->lease, 60000);
}


static void
oauthcc_unit_lock_do_news(oauthcc_unit_kill_t *test)
{
    u_char  digest[OAUTHCC_DIGEST_LEN];

    oauthcc_unit_lock_digest(digest, 5);

    (void) oauthcc_fleet_news(&test->cache, digest, 4711);
}


static void
oauthcc_unit_lock_do_drop(oauthcc_unit_kill_t *test)
{
    u_char  digest[OAUTHCC_DIGEST_LEN];

    oauthcc_unit_lock_digest(digest, 5);

    (void) oauthcc_fleet_purge(&test->cache, digest);
}


static void
oauthcc_unit_lock_do_purge(oauthcc_unit_kill_t *test)
{
    u_char  client[OAUTHCC_DIGEST_LEN];

    oauthcc_unit_lock_digest(client, 1002);
    (void) oauthcc_invalidate_purge(&test->cache, client, NULL);
}


static void
oauthcc_unit_lock_do_own_ask(oauthcc_unit_kill_t *test)
{
    u_char                  digest[OAUTHCC_DIGEST_LEN];
    oauthcc_cache_query_t   query;
    oauthcc_cache_result_t  result;

    oauthcc_unit_lock_digest(digest, test->number);
    oauthcc_unit_lock_query(test, test->number, &query);

    query.per_request = 1;

    oauthcc_cache_acquire(&test->cache, digest, &query, &result);
    test->lease = result.lease;
}


static void
oauthcc_unit_lock_do_own_end(oauthcc_unit_kill_t *test)
{
    u_char             digest[OAUTHCC_DIGEST_LEN];
    u_char             client[OAUTHCC_DIGEST_LEN];
    oauthcc_content_t  content;

    ngx_memzero(&content, sizeof(oauthcc_content_t));

    oauthcc_unit_lock_digest(digest, test->number);
    oauthcc_unit_lock_digest(client,
                             1000 + test->number % OAUTHCC_UNIT_CLIENTS);

    (void) oauthcc_cache_finish(&test->cache, digest, client, test->lease,
                                &content, NULL);
}


static void
oauthcc_unit_lock_do_refuse(oauthcc_unit_kill_t *test)
{
    u_char                  digest[OAUTHCC_DIGEST_LEN];
    oauthcc_cache_query_t   query;
    oauthcc_cache_result_t  result;

    oauthcc_unit_lock_digest(digest, 1);
    oauthcc_unit_lock_query(test, 1, &query);

    query.refused = test->generation[1];

    oauthcc_invalidate_refuse(&test->cache, digest, &query, 7, 1000, &result);
}


static void
oauthcc_unit_lock_do_taken(oauthcc_unit_kill_t *test)
{
    u_char  digest[OAUTHCC_DIGEST_LEN];

    ngx_current_msec += 5000;

    oauthcc_unit_lock_digest(digest, 1);
    (void) oauthcc_invalidate_taken(&test->cache, digest, test->generation[1],
                                    1);
}


static void
oauthcc_unit_lock_do_order(oauthcc_unit_kill_t *test)
{
    u_char                      client[OAUTHCC_DIGEST_LEN];
    oauthcc_invalidate_order_t  order;

    ngx_memzero(&order, sizeof(oauthcc_invalidate_order_t));

    oauthcc_unit_lock_digest(client, 1002);
    oauthcc_invalidate_refresh(&test->cache, client, NULL, &order);
}


static void
oauthcc_unit_lock_do_grant(oauthcc_unit_kill_t *test)
{
    u_char                  digest[OAUTHCC_DIGEST_LEN];
    oauthcc_cache_query_t   query;
    oauthcc_cache_result_t  result;

    oauthcc_unit_lock_digest(digest, 2);
    oauthcc_unit_lock_query(test, 2, &query);

    oauthcc_invalidate_grant(&test->cache, digest, &query, &result);
}


static void
oauthcc_unit_lock_do_stats(oauthcc_unit_kill_t *test)
{
    ngx_str_t  name = ngx_string("a provider of a reload");

    (void) oauthcc_stats_get(&test->cache, &name);
}


static void
oauthcc_unit_lock_do_count(oauthcc_unit_kill_t *test)
{
    oauthcc_counts_t  counts;

    ngx_memzero(&counts, sizeof(oauthcc_counts_t));
    counts.requests[OAUTHCC_CACHE_STATUS_HIT] = 3;
    counts.replays = 2;
    counts.challenges[OAUTHCC_NONCE_REQUEST] = 1;

    oauthcc_stats_add(&test->cache, test->stats, test->version[2], &counts);
    oauthcc_stats_login(test->stats, OAUTHCC_RESULT_SUCCESS, 30);
}


static void
oauthcc_unit_lock_do_wait(oauthcc_unit_kill_t *test)
{
    oauthcc_waiter_count_t  counted;

    ngx_memzero(&counted, sizeof(oauthcc_waiter_count_t));

    oauthcc_waiter_count_start(&test->cache);
    oauthcc_waiter_count_update(&test->cache, test->stats, test->version[2],
                                5, &counted);
}


static void
oauthcc_unit_lock_do_await(oauthcc_unit_kill_t *test)
{
    u_char                      client[OAUTHCC_DIGEST_LEN];
    oauthcc_invalidate_order_t  order;
    oauthcc_outcome_target_t    targets[OAUTHCC_INVALIDATE_ORDERS];

    ngx_memzero(&order, sizeof(oauthcc_invalidate_order_t));

    order.targets = targets;

    oauthcc_unit_lock_digest(client, 1002);
    oauthcc_invalidate_refresh(&test->cache, client, NULL, &order);
}


static void
oauthcc_unit_lock_do_key(oauthcc_unit_kill_t *test)
{
    u_char  key[OAUTHCC_ZONE_KEY];

    ngx_memset(key, 'k', OAUTHCC_ZONE_KEY);
    oauthcc_zone_key_get(&test->cache, key);
}


/* Each of these has its number for its duration. */

static void
oauthcc_unit_lock_do_record(oauthcc_unit_kill_t *test)
{
    u_char                  text[OAUTHCC_ENTRY_TEXT_DETAIL];
    u_char                  digest[OAUTHCC_DIGEST_LEN];
    oauthcc_zone_t         *shared;
    oauthcc_cache_failed_t  failed;

    shared = test->cache.shared;

    ngx_memzero(&failed, sizeof(oauthcc_cache_failed_t));
    ngx_memset(text, 'x', sizeof(text));

    failed.failure.len = OAUTHCC_ERROR_LEN;
    ngx_memset(failed.failure.text, 'e', OAUTHCC_ERROR_LEN);
    failed.detail.data = text;
    failed.detail.len = sizeof(text);
    failed.status = 401;
    failed.result = OAUTHCC_RESULT_REFUSED;
    failed.took = shared->failed.n + 1;

    oauthcc_unit_lock_digest(digest, 1);
    oauthcc_failures_add(&test->cache, test->stats, digest, &failed);
}


/*
 * All failures but the one that was being recorded are there, whole and in
 * order, and the next ones find their place.
 */

static ngx_uint_t
oauthcc_unit_lock_ring(oauthcc_unit_kill_t *test)
{
    uint32_t               n;
    ngx_uint_t             i, k, read, least;
    oauthcc_zone_t        *shared;
    oauthcc_zone_failed_t  records[OAUTHCC_ZONE_FAILED + 1];

    shared = test->cache.shared;
    n = shared->failed.n;

    if (n < test->failed) {
        return OAUTHCC_UNIT_BACK;
    }

    for (k = 0; k < 3; k++) {
        read = oauthcc_failures_read(&test->cache, records,
                                     OAUTHCC_ZONE_FAILED + 1);
        least = ngx_min(n, shared->failed.size);

        if (read > least || read + (k == 0) < least) {
            return OAUTHCC_UNIT_LOST;
        }

        for (i = 0; i < read; i++) {

            if (records[i].number != n - i
                || records[i].took != records[i].number
                || oauthcc_failures_stats(&test->cache, &records[i])
                   != test->stats
                || records[i].status != 401
                || records[i].len != OAUTHCC_ZONE_FAILED_TEXT
                || records[i].text[0] != 'e'
                || records[i].text[OAUTHCC_ZONE_FAILED_TEXT - 1] != 'x')
            {
                return OAUTHCC_UNIT_BACK;
            }
        }

        oauthcc_unit_lock_do_record(test);
        n++;
    }

    return 0;
}
