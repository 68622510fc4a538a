
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_clock.h"
#include "token/oauthcc_login_store.h"
#include "token/oauthcc_login_store_import.h"
#include "token/oauthcc_token_types.h"
#include "token/oauthcc_cache_key.h"
#include "token/oauthcc_failure_policy.h"
#include "token/oauthcc_local.h"
#include "token/oauthcc_rotation.h"
#include "cache/oauthcc_cache.h"
#include "cache/oauthcc_fleet.h"
#include "core/oauthcc_lifetime.h"
#include "core/oauthcc_notify.h"
#include "oauth/oauthcc_client_auth.h"


/* nobody waits for other gateways so long after that was in vain */
#define OAUTHCC_LOGIN_STORE_DOUBT  60000


static void oauthcc_login_store_ask(oauthcc_login_store_t *state,
    uint64_t have);
static void oauthcc_login_store_answer(oauthcc_store_ask_t *ask);
static void oauthcc_login_store_hit(oauthcc_login_store_t *state);
static ngx_uint_t oauthcc_login_store_older(oauthcc_login_store_t *state,
    oauthcc_store_value_t *value);
static ngx_uint_t oauthcc_login_store_unstored(oauthcc_login_store_t *state);
static void oauthcc_login_store_wait(oauthcc_login_store_t *state);
static void oauthcc_login_store_lead(oauthcc_login_store_t *state);
static void oauthcc_login_store_defer(oauthcc_login_store_t *state);
static void oauthcc_login_store_alone(oauthcc_login_store_t *state);
static void oauthcc_login_store_poll(ngx_event_t *ev);
static void oauthcc_login_store_changed(oauthcc_store_watch_t *watch);
static void oauthcc_login_store_again(oauthcc_login_store_t *state);
static void oauthcc_login_store_decide(oauthcc_login_store_t *state);
static void oauthcc_login_store_cancel(oauthcc_login_job_t *job);


ngx_uint_t
oauthcc_login_store_due(oauthcc_login_job_t *job)
{
    oauthcc_provider_t  *provider;

    provider = job->local->provider;

    return provider->store && job->give == NULL
           && (job->store == NULL || !job->store->decided)
           && provider->client.assertion_use != OAUTHCC_CLIENT_AUTH_USE_TOKEN;
}


void
oauthcc_login_store_start(oauthcc_login_job_t *job)
{
    oauthcc_local_t        *local;
    oauthcc_provider_t     *provider;
    oauthcc_login_store_t  *state;

    local = job->local;
    provider = local->provider;

    state = ngx_pcalloc(job->pool, sizeof(oauthcc_login_store_t));

    if (state == NULL
        || oauthcc_cache_key_secrets(provider, &state->content) != NGX_OK
        || oauthcc_fleet_look(provider->runtime.cache, local->digest,
                              job->lease, &state->known)
           != NGX_OK)
    {
        oauthcc_login_job_end(job, OAUTHCC_LOGIN_JOB_DONE);
        return;
    }

    job->store = state;

    state->job = job;
    state->backs = oauthcc_store_backs(provider->store);

    state->poll.handler = oauthcc_login_store_poll;
    state->poll.data = state;
    state->poll.log = ngx_cycle->log;

    state->watch.handler = oauthcc_login_store_changed;
    state->watch.data = state;

    /* the first half of a digest is the name, see cache_key */

    ngx_memcpy(state->ask.key.account, provider->runtime.local->digest,
               OAUTHCC_STORE_NAME);
    ngx_memcpy(state->ask.key.entry, local->digest, OAUTHCC_STORE_NAME);

    state->ask.data = state;
    state->ask.handler = oauthcc_login_store_answer;
    state->ask.pool = job->pool;
    state->ask.lease = &state->lease;
    state->ask.number = job->lease;
    state->ask.deadline = oauthcc_store_deadline(provider->store);
    state->ask.succeeded = state->known.succeeded;
    state->ask.only = state->known.only;

    /* asked for what others have, it does not log in */

    state->ask.leave = state->known.news;

    /* who has a new secret takes what others have got with the same */

    state->changed = state->known.tag.version && !state->known.forced
                     && state->known.content
                        != provider->runtime.content.digest;

    oauthcc_store_watch(provider->store, &state->ask.key, &state->watch);
    state->watching = 1;

    oauthcc_login_store_ask(state, state->changed
                                   ? 0 : state->known.tag.version);
}


static void
oauthcc_login_store_ask(oauthcc_login_store_t *state, uint64_t have)
{
    state->asking = 1;
    state->told = 0;
    state->ask.have = have;
    state->job->cancel = oauthcc_login_store_cancel;

    oauthcc_store_ask(state->job->local->provider->store, &state->ask);
}


static void
oauthcc_login_store_answer(oauthcc_store_ask_t *ask)
{
    oauthcc_login_job_t    *job;
    oauthcc_login_store_t  *state;

    state = ask->data;
    job = state->job;

    state->asking = 0;
    job->cancel = NULL;

    if (state->offering && ask->result != OAUTHCC_STORE_LEAD) {

        /* there is something else by now, which others will tell of */

        oauthcc_login_store_decide(state);
        oauthcc_login_job_end(job, OAUTHCC_LOGIN_JOB_ABORTED);
        return;
    }

    switch (ask->result) {

    case OAUTHCC_STORE_HIT:
        oauthcc_login_store_hit(state);
        break;

    case OAUTHCC_STORE_WAIT:
        oauthcc_login_store_wait(state);
        break;

    case OAUTHCC_STORE_LEAD:

        if (state->offering) {
            oauthcc_login_store_decide(state);
            oauthcc_login_job_end(job, OAUTHCC_LOGIN_JOB_DONE);
            break;
        }

        oauthcc_login_store_lead(state);
        break;

    case OAUTHCC_STORE_FAIL:

        if (state->known.ordered) {
            oauthcc_login_store_lead(state);
            break;
        }

        oauthcc_login_store_defer(state);
        break;

    case OAUTHCC_STORE_LEAVE:

        if (oauthcc_login_store_unstored(state)) {

            /* nobody has one: this lease is not for a login */

            state->offering = 1;
            state->ask.leave = 0;

            oauthcc_login_store_ask(state, ask->have);
            break;
        }

        oauthcc_login_store_decide(state);
        oauthcc_login_job_end(job, OAUTHCC_LOGIN_JOB_ABORTED);
        break;

    default: /* OAUTHCC_STORE_DOWN */
        oauthcc_login_store_alone(state);
    }
}


/* A token that another gateway has got. */

static void
oauthcc_login_store_hit(oauthcc_login_store_t *state)
{
    uint64_t                have;
    oauthcc_login_job_t    *job;
    oauthcc_store_value_t  *value;

    job = state->job;
    value = &state->ask.value;

    if (value->content != state->content) {

        if (job->local->provider->client.id.text.len == 0) {

            /* nothing else says that it is the token of the same client */

            oauthcc_login_store_alone(state);
            return;
        }

        if (state->changed) {
            state->changed = 0;
            have = value->version;
            goto again;
        }
    }

    if (oauthcc_login_store_older(state, value)
        || !oauthcc_login_store_import_usable(job, value))
    {
        /* or within the margin of this gateway */

        have = value->version;
        goto again;
    }

    if (value->version == state->known.tag.version && state->ask.leave) {

        /* nothing new */

        oauthcc_login_store_decide(state);
        oauthcc_login_job_end(job, OAUTHCC_LOGIN_JOB_ABORTED);
        return;
    }

    oauthcc_login_store_decide(state);

    oauthcc_login_store_import_take(job, value);

    oauthcc_login_job_end(job, OAUTHCC_LOGIN_JOB_FOUND);
    return;

again:

    if (value->packed.len) {
        ngx_explicit_memzero(value->packed.data, value->packed.len);
    }

    oauthcc_login_store_ask(state, have);
}


/*
 * Of another login, which began before that of the token here: this one never
 * came to the store, which was away then.  The older one may be refused.
 */

static ngx_uint_t
oauthcc_login_store_older(oauthcc_login_store_t *state,
    oauthcc_store_value_t *value)
{
    oauthcc_credential_tag_t  *tag;

    tag = &state->known.tag;

    return tag->version && tag->version != value->version
           && !oauthcc_lifetime_reached(value->expires - value->life,
                                        tag->requested);
}


/*
 * Whether the token of this gateway was got while the store was away.  Those
 * of callers end with what was sent for them: they are not put later.
 */

static ngx_uint_t
oauthcc_login_store_unstored(oauthcc_login_store_t *state)
{
    oauthcc_local_t        *local;
    oauthcc_fleet_entry_t  *known;

    local = state->job->local;
    known = &state->known;

    return known->unstored && known->good && known->tag.version
           && local->subject == 0
           && known->content == local->provider->runtime.content.digest;
}


/* Another gateway logs in: requests wait for that. */

static void
oauthcc_login_store_wait(oauthcc_login_store_t *state)
{
    ngx_msec_t            timeout;
    oauthcc_time_t        now, *doubt;
    oauthcc_local_t      *local;
    oauthcc_login_job_t  *job;

    job = state->job;
    local = job->local;
    timeout = local->provider->limits.timeout;

    now = oauthcc_clock_msec();
    doubt = &local->provider->runtime.store_doubt;

    if (!state->waited) {
        state->waited = 1;
        state->since = now;

        /* meanwhile this gateway may begin others */

        state->ask.only = 0;
    }

    /*
     * Whatever the store says: no login takes longer, and if one does, nobody
     * waits for others for a while.
     */

    if (now - state->since >= timeout) {
        *doubt = now + OAUTHCC_LOGIN_STORE_DOUBT;
    }

    if (*doubt && !oauthcc_lifetime_reached(now, *doubt)) {
        oauthcc_login_store_alone(state);
        return;
    }

    *doubt = 0;

    if (oauthcc_fleet_extend(local->provider->runtime.cache, local->digest,
                             job->lease, timeout + OAUTHCC_CACHE_LEASE)
        != NGX_OK)
    {
        /* purged meanwhile */

        oauthcc_login_store_decide(state);
        oauthcc_login_job_end(job, OAUTHCC_LOGIN_JOB_ABORTED);
        return;
    }

    if (state->told) {
        oauthcc_login_store_again(state);
        return;
    }

    job->cancel = oauthcc_login_store_cancel;

    ngx_add_timer(&state->poll, oauthcc_store_poll(state->ask.wait));
}


static void
oauthcc_login_store_lead(oauthcc_login_store_t *state)
{
    oauthcc_local_t      *local;
    oauthcc_login_job_t  *job;

    job = state->job;
    local = job->local;

    oauthcc_login_store_decide(state);

    if (oauthcc_fleet_extend(local->provider->runtime.cache, local->digest,
                             job->lease, local->provider->limits.timeout
                                         + OAUTHCC_CACHE_LEASE)
        != NGX_OK)
    {
        oauthcc_login_job_end(job, OAUTHCC_LOGIN_JOB_ABORTED);
        return;
    }

    /* the login begins now: so does the life of its token */

    job->requested = oauthcc_clock_msec();

    oauthcc_login_job_end(job, OAUTHCC_LOGIN_JOB_DONE);
}


/* The backoff of all gateways. */

static void
oauthcc_login_store_defer(oauthcc_login_store_t *state)
{
    ngx_str_t                 text, code;
    oauthcc_local_t          *local;
    oauthcc_login_job_t      *job;
    oauthcc_cache_failed_t   *failed;
    oauthcc_store_failure_t  *failure;
    oauthcc_failure_policy_t  verdict;

    job = state->job;
    local = job->local;
    failed = &job->failed;
    failure = &state->ask.failure;

    oauthcc_login_store_decide(state);

    ngx_memzero(failed, sizeof(oauthcc_cache_failed_t));

    ngx_str_set(&text, "login of another gateway failed");

    code.data = failure->error;
    code.len = ngx_strlen(failure->error);

    oauthcc_failure_policy(failure->status, &code, 0, &verdict);

    if (verdict.known) {
        text = code;
    }

    failed->status = failure->status;
    failed->entry_only = failure->own;
    failed->result = OAUTHCC_RESULT_REFUSED;
    failed->failure.status = NGX_HTTP_BAD_GATEWAY;
    failed->failure.len = ngx_min(text.len, OAUTHCC_ERROR_LEN);
    ngx_memcpy(failed->failure.text, text.data, failed->failure.len);

    failed->wait = ngx_max(ngx_min(state->ask.wait,
                                   ngx_max(local->provider->limits.backoff_max,
                                     local->provider->limits.retry_after_max)),
                           1);

    oauthcc_fleet_defer(local->provider->runtime.cache, local->digest,
                        job->lease, failed, failure->count);

    oauthcc_rotation_watch(local->provider, failed->wait);

    oauthcc_login_job_end(job, OAUTHCC_LOGIN_JOB_ABORTED);
}


/*
 * The store is of no use: a refresh is put off, as others may come to it; who
 * has nothing logs in for himself.
 */

static void
oauthcc_login_store_alone(oauthcc_login_store_t *state)
{
    oauthcc_local_t        *local;
    oauthcc_login_job_t    *job;
    oauthcc_provider_t     *provider;
    oauthcc_fleet_entry_t  *known;

    job = state->job;
    local = job->local;
    provider = local->provider;
    known = &state->known;

    oauthcc_login_store_decide(state);

    if (state->ask.leave
        || (known->good && !known->ordered && !state->ask.broken
            && known->content == provider->runtime.content.digest
            && oauthcc_fleet_postpone(provider->runtime.cache, local->digest,
                                      job->lease,
                                      provider->lifetime.refresh_before)
               == NGX_OK))
    {
        oauthcc_login_job_end(job, OAUTHCC_LOGIN_JOB_ABORTED);
        return;
    }

    oauthcc_login_store_lead(state);
}


static void
oauthcc_login_store_poll(ngx_event_t *ev)
{
    oauthcc_login_store_again(ev->data);
}


static void
oauthcc_login_store_changed(oauthcc_store_watch_t *watch)
{
    oauthcc_login_store_t  *state;

    state = watch->data;

    if (state->asking) {
        state->told = 1;
        return;
    }

    oauthcc_login_store_again(state);
}


static void
oauthcc_login_store_again(oauthcc_login_store_t *state)
{
    if (state->poll.timer_set) {
        ngx_del_timer(&state->poll);
    }

    state->ask.deadline =
                 oauthcc_store_deadline(state->job->local->provider->store);

    oauthcc_login_store_ask(state, state->ask.have);
}


/* No more is asked. */

static void
oauthcc_login_store_decide(oauthcc_login_store_t *state)
{
    state->decided = 1;
    state->job->cancel = NULL;

    if (state->watching) {
        state->watching = 0;
        oauthcc_store_unwatch(&state->watch);
    }

    if (state->poll.timer_set) {
        ngx_del_timer(&state->poll);
    }

    if (state->asking) {
        state->asking = 0;
        oauthcc_store_cancel(&state->ask);
    }
}


static void
oauthcc_login_store_cancel(oauthcc_login_job_t *job)
{
    oauthcc_login_store_decide(job->store);

    oauthcc_login_job_end(job, OAUTHCC_LOGIN_JOB_ABORTED);
}


void
oauthcc_login_store_end(oauthcc_login_job_t *job)
{
    oauthcc_login_store_t  *state;

    state = job->store;

    if (state == NULL) {
        return;
    }

    oauthcc_login_store_decide(state);

    if (state->lease.store) {
        oauthcc_store_release(&state->lease, 0);
    }

    /* NEWS_BACK leaves out an entry that is leased */

    if (state->backs != oauthcc_store_backs(job->local->provider->store)
        && oauthcc_fleet_offer(job->local->provider->runtime.cache,
                               job->local->digest))
    {
        oauthcc_notify(ngx_cycle->log);
    }
}
