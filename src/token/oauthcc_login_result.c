
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_clock.h"
#include "token/oauthcc_login_result.h"
#include "cache/oauthcc_cache.h"
#include "core/oauthcc_lifetime.h"
#include "cache/oauthcc_credential.h"
#include "cache/oauthcc_failures.h"
#include "oauth/oauthcc_discovery.h"
#include "cache/oauthcc_stats.h"
#include "oauth/oauthcc_token_response.h"
#include "token/oauthcc_failure_policy.h"
#include "token/oauthcc_login_message.h"
#include "token/oauthcc_local.h"
#include "token/oauthcc_waiter.h"
#include "token/oauthcc_login_queue.h"
#include "core/oauthcc_notify.h"


static ngx_int_t oauthcc_login_result_store(oauthcc_login_job_t *job);
static void oauthcc_login_result_describe(oauthcc_login_job_t *job,
    oauthcc_issued_t *stored);
static void oauthcc_login_result_log(oauthcc_login_job_t *job,
    oauthcc_issued_t *stored);
static void oauthcc_login_result_record(oauthcc_login_job_t *job);
static void oauthcc_login_result_limit(oauthcc_login_job_t *job,
    oauthcc_issued_t *stored);
static void oauthcc_login_result_tell(oauthcc_local_t *local);
static ngx_int_t oauthcc_login_result_give(oauthcc_login_job_t *job);
static void oauthcc_login_result_per_request(oauthcc_login_job_t *job,
    oauthcc_content_t *done, oauthcc_cache_failed_t *failed);


ngx_uint_t
oauthcc_login_result_judge(oauthcc_login_job_t *job, ngx_uint_t status,
    ngx_str_t *error)
{
    ngx_msec_t                most;
    oauthcc_local_t          *local;
    oauthcc_provider_t       *provider;
    oauthcc_cache_failed_t   *failed;
    oauthcc_failure_policy_t  verdict;

    local = job->local;
    provider = local->provider;
    failed = &job->failed;

    oauthcc_failure_policy(status, error, local != provider->runtime.local,
                           &verdict);

    job->known = verdict.known;

    if (local->subject) {
        oauthcc_failure_policy_subject(status, error, failed->claims.len,
                                       &verdict);

        if (verdict.status != NGX_HTTP_UNAUTHORIZED) {
            ngx_str_null(&failed->claims);
        }

        failed->broken = verdict.broken ? local->subject : 0;
    }

    failed->min = provider->limits.backoff_min * verdict.factor;
    failed->failure.status = verdict.status;
    failed->entry_only = verdict.entry_only;
    failed->shares = verdict.entry_only && local->subject == 0;
    failed->outage = verdict.outage;
    failed->transient = verdict.transient && failed->retry_after == 0;

    most = verdict.patient ? provider->limits.retry_after_max
                           : provider->limits.backoff_max;
    failed->retry_after = ngx_min(failed->retry_after, most);

    if (local->endpoint) {

        /* the endpoint is the request's own: others are not affected */

        failed->entry_only = 1;
    }

    return verdict.known;
}


void
oauthcc_login_result_reason(oauthcc_login_job_t *job, u_char *text, size_t len)
{
    oauthcc_failure_t  *failure;

    failure = &job->failed.failure;

    failure->len = ngx_min(len, OAUTHCC_ERROR_LEN);
    ngx_memcpy(failure->text, text, failure->len);
}


void
oauthcc_login_result_text(oauthcc_login_job_t *job, char *text)
{
    oauthcc_login_result_reason(job, (u_char *) text, ngx_strlen(text));
}


void
oauthcc_login_result_internal(oauthcc_login_job_t *job, ngx_uint_t status,
    char *text)
{
    oauthcc_cache_failed_t  *failed;

    failed = &job->failed;

    failed->min = job->local->provider->limits.backoff_min;
    failed->failure.status = status;
    failed->result = OAUTHCC_RESULT_INTERNAL;
    failed->entry_only = 1;
    failed->shares = 1;

    oauthcc_login_result_text(job, text);
}


void
oauthcc_login_result_retry(oauthcc_login_job_t *job,
    oauthcc_response_t *response)
{
    if (response->retry_after.len) {
        job->failed.retry_after =
            oauthcc_lifetime_retry_after(&response->retry_after, ngx_time());
    }
}


void
oauthcc_login_result_unstarted(oauthcc_login_job_t *job)
{
    ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                  "login could not be started, oauthcc provider: \"%V\"",
                  &job->local->provider->name);

    oauthcc_login_result_internal(job, NGX_HTTP_INTERNAL_SERVER_ERROR,
                                  "login could not be started");
}


void
oauthcc_login_result_unanswered(oauthcc_login_job_t *job,
    oauthcc_client_t *fetch, oauthcc_response_t *response)
{
    ngx_str_t                none;
    ngx_uint_t               status;
    oauthcc_login_message_t  message;

    ngx_memzero(&message, sizeof(oauthcc_login_message_t));

    message.reason = response->failure;
    message.phase = response->where;

    oauthcc_login_message_set(job, fetch, response, &message);

    oauthcc_login_result_retry(job, response);

    ngx_str_null(&none);

    status = response->refused ? OAUTHCC_FAILURE_POLICY_REFUSED
             : response->unreached ? OAUTHCC_FAILURE_POLICY_UNREACHED
             : response->timed_out ? OAUTHCC_FAILURE_POLICY_TIMED_OUT
             : response->reset ? OAUTHCC_FAILURE_POLICY_NO_RESPONSE
             : response->status;

    (void) oauthcc_login_result_judge(job, status, &none);

    if (response->timed_out) {
        job->failed.failure.status = NGX_HTTP_GATEWAY_TIME_OUT;
    }

    if ((response->begun && !response->reset)
        || response->handshake
        || (response->reached == 0 && !response->refused))
    {

        /* wrong protocol, TLS handshake, name: a retry would fail as well */

        job->failed.transient = 0;
    }

    job->failed.result = response->timed_out
                         ? OAUTHCC_RESULT_TIMEOUT
                         : (response->status ? OAUTHCC_RESULT_INVALID
                                             : OAUTHCC_RESULT_UNREACHABLE);

    oauthcc_login_result_text(job, response->failure);
}


ngx_int_t
oauthcc_login_result_publish(oauthcc_login_job_t *job)
{
    ngx_int_t  rc;
    ngx_str_t  none;

    rc = job->give ? oauthcc_login_result_give(job)
                  : oauthcc_login_result_store(job);

    if (rc == NGX_OK) {
        return NGX_OK;
    }

    if (rc == NGX_DECLINED) {
        ngx_str_null(&none);

        (void) oauthcc_login_result_judge(job, NGX_HTTP_OK, &none);

        job->failed.result = OAUTHCC_RESULT_INVALID;
        oauthcc_login_result_text(job, "token has expired already");

        if (oauthcc_local_ended(job->local)) {
            job->failed.failure.status = NGX_HTTP_UNAUTHORIZED;
            oauthcc_login_result_text(job, "subject token has expired");
        }

    } else {
        oauthcc_login_result_internal(job, NGX_HTTP_SERVICE_UNAVAILABLE,
                                      "zone is full");
    }

    return NGX_ERROR;
}


void
oauthcc_login_result_fail(oauthcc_login_job_t *job)
{
    ngx_int_t                rc;
    oauthcc_local_t         *local;
    oauthcc_provider_t      *provider;
    oauthcc_cache_failed_t  *failed;

    local = job->local;
    provider = local->provider;
    failed = &job->failed;

    failed->status = job->status;
    failed->took = oauthcc_clock_msec() - job->requested;

    oauthcc_stats_login(provider->runtime.stats, failed->result, failed->took);

    if (provider->endpoint.issuer) {

        /* the endpoint in the metadata may have changed */

        oauthcc_discovery_doubt(provider);
    }

    failed->content = job->content;
    failed->max = provider->limits.backoff_max;
    failed->min = ngx_min(failed->min, failed->max);

    if (job->give) {
        oauthcc_login_result_per_request(job, NULL, failed);
        oauthcc_login_result_record(job);
        oauthcc_login_message_log(job, failed->wait);

        job->give(job->data, NULL, &failed->failure);
        return;
    }

    rc = oauthcc_cache_fail(provider->runtime.cache, local->digest, job->lease,
                            failed);

    oauthcc_login_result_record(job);
    oauthcc_login_message_log(job, failed->wait);

    oauthcc_waiter_wake(local);
    oauthcc_login_queue_turn(local->provider);

    if (rc == NGX_OK) {
        oauthcc_notify(ngx_cycle->log);
    }
}


/*
 * For operators.  A caller whose own token is refused says nothing of the
 * provider, and could fill the ring: such failures are only counted.
 */

static void
oauthcc_login_result_record(oauthcc_login_job_t *job)
{
    oauthcc_local_t     *local;
    oauthcc_provider_t  *provider;

    local = job->local;
    provider = local->provider;

    if (local->subject && job->failed.entry_only) {
        return;
    }

    oauthcc_failures_add(provider->runtime.cache, provider->runtime.stats,
                         local->digest, &job->failed);
}


void
oauthcc_login_result_release(oauthcc_login_job_t *job)
{
    oauthcc_local_t  *local;

    if (job->give) {
        oauthcc_login_result_per_request(job, NULL, NULL);
        job->give(job->data, NULL, NULL);
        return;
    }

    local = job->local;

    oauthcc_cache_release(local->provider->runtime.cache, local->digest,
                          job->lease);

    oauthcc_login_result_tell(local);
}


/*
 * NGX_DECLINED: the token has expired already.  NGX_ERROR: no memory in the
 * zone.
 */

static ngx_int_t
oauthcc_login_result_store(oauthcc_login_job_t *job)
{
    oauthcc_local_t        *local;
    oauthcc_cache_t        *cache;
    oauthcc_issued_t        stored;
    oauthcc_cache_query_t   query;

    local = job->local;
    cache = local->provider->runtime.cache;

    oauthcc_login_result_describe(job, &stored);

    if (!stored.ended
        && oauthcc_lifetime_reached(oauthcc_clock_msec(), stored.usable))
    {
        /* waiters would log in again and again */

        oauthcc_login_message_print(job, "the token is valid for %M ms, and "
                                    "the login took %M ms", job->life,
                                    stored.login_time);
        return NGX_DECLINED;
    }

    oauthcc_local_query(local, &query);

    if (oauthcc_cache_publish(cache, local->digest, job->lease, &query.origin,
                              &stored)
        != NGX_OK)
    {
        oauthcc_login_message_print(job, "no room for a token of %uz bytes in "
                                    "oauthcc zone \"%V\", increase "
                                    "\"oauthcc_zone\"",
                                    (size_t) stored.packed.len, &cache->name);
        return NGX_ERROR;
    }

    job->serial = stored.serial;
    job->version = stored.tag.version;

    oauthcc_login_result_log(job, &stored);

    if (job->imported == NULL) {
        oauthcc_stats_login(local->provider->runtime.stats,
                            OAUTHCC_RESULT_SUCCESS, stored.login_time);
    }

    oauthcc_login_result_tell(local);

    return NGX_OK;
}


/* What the zone is to know of the token. */

static void
oauthcc_login_result_describe(oauthcc_login_job_t *job,
    oauthcc_issued_t *stored)
{
    oauthcc_provider_t  *provider;

    provider = job->local->provider;

    ngx_memzero(stored, sizeof(oauthcc_issued_t));

    stored->packed = job->packed;
    stored->scope = job->scope;
    stored->expires = job->requested + job->life;
    stored->usable = oauthcc_lifetime_usable(job->requested, job->life,
                                             provider->lifetime.expiry_margin);
    stored->before = provider->lifetime.refresh_before;
    stored->refresh = oauthcc_lifetime_refresh(stored->usable, job->life,
                                               stored->before, ngx_random());
    stored->login_time = oauthcc_clock_msec() - job->requested;
    stored->content = job->content;
    stored->bound = job->bound;
    stored->reduced = (job->missing.len != 0);

    if (job->store) {
        stored->tag.version = oauthcc_store_version();
        stored->tag.requested = job->requested;
    }

    if (job->imported) {
        stored->tag.version = job->imported->version;
        stored->imported = 1;
        stored->login_time = job->imported->login_time;
        stored->reduced = job->imported->reduced;
        stored->forced = job->imported->forced;
        stored->age = job->imported->age;
    }

    /* a lifetime below one second would cause a login for each request */

    stored->ended = (job->life < OAUTHCC_LIFETIME_LEAST)
                    ? provider->lifetime.default_expires : 0;

    stored->usable = oauthcc_lifetime_least(stored->usable, job->requested,
                                            stored->expires);
    stored->refresh = oauthcc_lifetime_least(stored->refresh, job->requested,
                                             stored->usable);

    if (job->imported && job->imported->limited) {
        stored->usable = stored->expires;
        stored->refresh = stored->expires;
    }

    if (job->local->subject) {
        oauthcc_login_result_limit(job, stored);
    }
}


static void
oauthcc_login_result_log(oauthcc_login_job_t *job, oauthcc_issued_t *stored)
{
    ngx_log_t  *log;

    log = &job->log;

    if (job->imported) {
        ngx_log_error(NGX_LOG_INFO, log, 0,
                      "another gateway has logged in, the token is valid for "
                      "%M ms", (ngx_msec_t) (stored->expires
                                             - oauthcc_clock_msec()));
        return;
    }

    ngx_log_error(NGX_LOG_INFO, log, 0,
                  "logged in within %M ms, the token is valid for %M ms",
                  stored->login_time,
                  stored->ended
                  ? stored->ended
                  : (ngx_msec_t) (stored->expires - job->requested));

    if (stored->ended) {
        ngx_log_error(NGX_LOG_WARN, log, 0,
                      "login response says that the token has expired, it is "
                      "used for %M ms", stored->ended);
    }

    if (stored->reduced) {
        ngx_log_error(NGX_LOG_NOTICE, log, 0,
                      "the token has less than the scope that was asked for, "
                      "without \"%V\"", &job->missing);
    }
}


static void
oauthcc_login_result_tell(oauthcc_local_t *local)
{
    oauthcc_waiter_wake(local);
    oauthcc_login_queue_turn(local->provider);
    oauthcc_notify(ngx_cycle->log);
}


/*
 * What was given for a caller's token does not outlive that token.  A refresh
 * would bring nothing that lives longer.
 */

static void
oauthcc_login_result_limit(oauthcc_login_job_t *job, oauthcc_issued_t *stored)
{
    oauthcc_time_t    last, now;
    oauthcc_local_t  *local;

    local = job->local;
    last = oauthcc_local_last(local, job->requested);

    if (stored->ended) {
        now = oauthcc_clock_msec();

        if (oauthcc_lifetime_reached(now + OAUTHCC_LIFETIME_LEAST, last)) {
            stored->ended = 0;

        } else {
            stored->ended = ngx_min(stored->ended, (ngx_msec_t) (last - now));
        }
    }

    if (!oauthcc_lifetime_reached(stored->expires, last)) {
        return;
    }

    stored->expires = last;

    if (oauthcc_lifetime_reached(stored->usable, last)) {
        stored->usable = last;
    }

    if ((local->ends && local->until == last)
        || oauthcc_lifetime_reached(stored->refresh, stored->usable))
    {
        stored->refresh = stored->usable;
    }
}


/*
 * Hands the credential of a per-request login over.  It does not expire while
 * the request exists.
 */

static ngx_int_t
oauthcc_login_result_give(oauthcc_login_job_t *job)
{
    oauthcc_credential_t  *credential;

    credential = ngx_alloc(oauthcc_credential_size(&job->packed), &job->log);
    if (credential == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(oauthcc_credential_bytes(credential, &job->packed),
               job->packed.data, job->packed.len);

    oauthcc_credential_unpack(credential, &job->packed);

    credential->serial = job->lease;
    credential->expires = job->requested;
    credential->usable = job->requested + OAUTHCC_TOKEN_RESPONSE_MAX_LIFE;
    credential->refresh = credential->usable;
    credential->login_time = oauthcc_clock_msec() - job->requested;

    ngx_log_error(NGX_LOG_INFO, &job->log, 0,
                  "logged in within %M ms, for one request",
                  credential->login_time);

    oauthcc_stats_login(job->local->provider->runtime.stats,
                        OAUTHCC_RESULT_SUCCESS,
                        credential->login_time);

    oauthcc_login_result_per_request(job, &job->content, NULL);

    job->give(job->data, credential, NULL);

    return NGX_OK;
}


static void
oauthcc_login_result_per_request(oauthcc_login_job_t *job,
    oauthcc_content_t *done, oauthcc_cache_failed_t *failed)
{
    oauthcc_local_t     *local;
    oauthcc_provider_t  *provider;

    local = job->local;
    provider = local->provider;

    if (oauthcc_cache_finish(provider->runtime.cache, local->digest,
                             provider->runtime.local->digest, job->lease,
                             done, failed))
    {
        oauthcc_login_queue_turn(provider);
        oauthcc_notify(ngx_cycle->log);
    }
}
