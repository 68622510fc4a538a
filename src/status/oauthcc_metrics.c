
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "status/oauthcc_metrics.h"


#define oauthcc_metrics_of_zone(field)                                        \
    offsetof(oauthcc_snapshot_t, field), 1

#define oauthcc_metrics_of_store(field)                                       \
    offsetof(oauthcc_snapshot_store_t, field), 1

#define oauthcc_metrics_ask(result)                                           \
    oauthcc_metrics_of_store(asks[OAUTHCC_STORE_ASK_ ## result])

#define oauthcc_metrics_put(result)                                           \
    oauthcc_metrics_of_store(puts[OAUTHCC_STORE_PUT_ ## result])

#define oauthcc_metrics_of(field)                                             \
    offsetof(oauthcc_snapshot_provider_t, field), 1

#define oauthcc_metrics_of_entry(field)                                       \
    offsetof(oauthcc_snapshot_entry_t, field), 1

#define oauthcc_metrics_result(result)                                        \
    oauthcc_metrics_of(logins[OAUTHCC_RESULT_ ## result])

#define oauthcc_metrics_challenge(at)                                         \
    oauthcc_metrics_of(challenges[OAUTHCC_NONCE_ ## at])

#define oauthcc_metrics_end                                                   \
    { OAUTHCC_METRICS_COUNTER, OAUTHCC_METRICS_REQUESTS,                      \
      NULL, NULL, NULL, NULL, { { NULL, NULL, 0, 0 } } }


oauthcc_metrics_t  oauthcc_metrics_zone[] = {

    { OAUTHCC_METRICS_GAUGE, OAUTHCC_METRICS_MEMORY,
      "oauthcc_zone_size_bytes", "Shared memory of the zone, as configured.",
      NULL, "zone",
      { { "size_bytes", NULL, oauthcc_metrics_of_zone(size) } } },

    { OAUTHCC_METRICS_GAUGE, OAUTHCC_METRICS_MEMORY,
      "oauthcc_zone_used_bytes", "Shared memory of the zone that is in use.",
      NULL, "zone",
      { { "used_bytes", NULL, oauthcc_metrics_of_zone(used) } } },

    { OAUTHCC_METRICS_GAUGE, OAUTHCC_METRICS_MEMORY,
      "oauthcc_zone_free_bytes", "Shared memory of the zone that is free.",
      NULL, "zone",
      { { "free_bytes", NULL, oauthcc_metrics_of_zone(free) } } },

    { OAUTHCC_METRICS_GAUGE, OAUTHCC_METRICS_MEMORY,
      NULL, NULL, NULL, NULL,
      { { "entry_count", NULL, oauthcc_metrics_of_zone(entries) },
        { "entry_limit", NULL, oauthcc_metrics_of_zone(limit) } } },

    { OAUTHCC_METRICS_COUNTER, OAUTHCC_METRICS_REQUESTS,
      "oauthcc_bypassed_requests_total",
      "Requests for which a variable said \"off\".",
      NULL, NULL,
      { { "bypasses", "Bypasses", oauthcc_metrics_of_zone(bypasses) } } },

    oauthcc_metrics_end
};


/* of the store of several gateways, if there is one */

oauthcc_metrics_t  oauthcc_metrics_store[] = {

    { OAUTHCC_METRICS_GAUGE, OAUTHCC_METRICS_REQUESTS,
      "oauthcc_store_connected_workers",
      "Workers that are connected to the store.",
      NULL, NULL,
      { { "workers_up", NULL, oauthcc_metrics_of_store(up) } } },

    { OAUTHCC_METRICS_GAUGE, OAUTHCC_METRICS_REQUESTS,
      "oauthcc_store_disconnected_workers",
      "Workers that log in without the store, as it does not answer them.",
      NULL, NULL,
      { { "workers_down", NULL, oauthcc_metrics_of_store(down) } } },

    { OAUTHCC_METRICS_DATE, OAUTHCC_METRICS_REQUESTS,
      "oauthcc_store_since_timestamp_seconds",
      "Since when the store is up, or down.",
      NULL, NULL,
      { { "since_unix_seconds", NULL, oauthcc_metrics_of_store(since) } } },

    { OAUTHCC_METRICS_COUNTER, OAUTHCC_METRICS_REQUESTS,
      "oauthcc_store_asks_total",
      "Questions to the store for a token, by the answer.",
      "result", "asks",
      { { "hit", NULL, oauthcc_metrics_ask(HIT) },
        { "lead", NULL, oauthcc_metrics_ask(LEAD) },
        { "wait", NULL, oauthcc_metrics_ask(WAIT) },
        { "fail", NULL, oauthcc_metrics_ask(FAIL) },
        { "leave", NULL, oauthcc_metrics_ask(LEAVE) },
        { "late", NULL, oauthcc_metrics_ask(LATE) },
        { "broken", NULL, oauthcc_metrics_ask(BROKEN) },
        { "down", NULL, oauthcc_metrics_ask(DOWN) } } },

    { OAUTHCC_METRICS_COUNTER, OAUTHCC_METRICS_REQUESTS,
      "oauthcc_store_puts_total",
      "Tokens sent to the store, by the answer.",
      "result", "puts",
      { { "done", NULL, oauthcc_metrics_put(DONE) },
        { "newer", NULL, oauthcc_metrics_put(NEWER) },
        { "purged", NULL, oauthcc_metrics_put(PURGED) },
        { "late", NULL, oauthcc_metrics_put(LATE) },
        { "down", NULL, oauthcc_metrics_put(DOWN) } } },

    { OAUTHCC_METRICS_COUNTER, OAUTHCC_METRICS_REQUESTS,
      "oauthcc_store_lost_connections_total",
      "Connections to the store that were lost.",
      NULL, NULL,
      { { "lost_connections", NULL, oauthcc_metrics_of_store(lost) } } },

    { OAUTHCC_METRICS_COUNTER, OAUTHCC_METRICS_TIMES,
      "oauthcc_store_round_trips_total", "Answers of the store.",
      NULL, NULL,
      { { "round_trips", NULL, oauthcc_metrics_of_store(replies) } } },

    { OAUTHCC_METRICS_SECONDS, OAUTHCC_METRICS_TIMES,
      "oauthcc_store_round_trip_seconds_total",
      "How long the answers of the store took, all together.",
      NULL, NULL,
      { { "round_trip_seconds", NULL,
          oauthcc_metrics_of_store(reply_time) } } },

    oauthcc_metrics_end
};


oauthcc_metrics_t  oauthcc_metrics_provider[] = {

    { OAUTHCC_METRICS_COUNTER, OAUTHCC_METRICS_REQUESTS,
      "oauthcc_requests_total",
      "Requests that needed a token, by what became of that.",
      "cache_status", "requests",
      { { "hit", "Hits", oauthcc_metrics_of(hits) },
        { "miss", "Misses", oauthcc_metrics_of(misses) },
        { "wait", "Waits", oauthcc_metrics_of(waits) },
        { "refresh", "Refreshes", oauthcc_metrics_of(refreshes) },
        { "error", "Errors", oauthcc_metrics_of(errors) } } },

    { OAUTHCC_METRICS_COUNTER, OAUTHCC_METRICS_LOGINS,
      "oauthcc_logins_total", "Logins that have ended, by how they did.",
      "result", "logins",
      { { "success", NULL, oauthcc_metrics_result(SUCCESS) },
        { "refused", NULL, oauthcc_metrics_result(REFUSED) },
        { "invalid", NULL, oauthcc_metrics_result(INVALID) },
        { "timeout", NULL, oauthcc_metrics_result(TIMEOUT) },
        { "unreachable", NULL, oauthcc_metrics_result(UNREACHABLE) },
        { "internal", NULL, oauthcc_metrics_result(INTERNAL) } } },

    /* sums of these: of all, and of all but the first */

    { OAUTHCC_METRICS_COUNTER, OAUTHCC_METRICS_LOGINS,
      NULL, NULL, NULL, NULL,
      { { NULL, "Logins",
          offsetof(oauthcc_snapshot_provider_t, logins), OAUTHCC_RESULTS },
        { "failures", "Failures",
          offsetof(oauthcc_snapshot_provider_t, logins[1]),
          OAUTHCC_RESULTS - 1 } } },

    { OAUTHCC_METRICS_HISTOGRAM, OAUTHCC_METRICS_TIMES,
      "oauthcc_login_duration_seconds",
      "How long the logins took that have ended, well or not.",
      NULL, NULL,
      { { "login_duration", "Login takes", oauthcc_metrics_of(durations) } } },

    { OAUTHCC_METRICS_COUNTER, OAUTHCC_METRICS_REQUESTS,
      "oauthcc_replays_total",
      "Requests sent a second time, because their token was refused.",
      NULL, NULL,
      { { "replays", "Replays", oauthcc_metrics_of(replays) } } },

    { OAUTHCC_METRICS_COUNTER, OAUTHCC_METRICS_REQUESTS,
      "oauthcc_refused_tokens_total",
      "Requests whose token was refused, by whether they were sent again.",
      "replayed", "refused_tokens",
      { { "yes", NULL, oauthcc_metrics_of(replays) },
        { "no", "Refused", oauthcc_metrics_of(refusals) } } },

    { OAUTHCC_METRICS_DATE, OAUTHCC_METRICS_LOGINS,
      "oauthcc_last_login_success_timestamp_seconds",
      "When the last login has succeeded.",
      NULL, NULL,
      { { "last_login_success_unix_seconds", NULL,
          oauthcc_metrics_of(last_success) } } },

    { OAUTHCC_METRICS_DATE, OAUTHCC_METRICS_LOGINS,
      "oauthcc_last_login_failure_timestamp_seconds",
      "When the last login has failed.",
      NULL, NULL,
      { { "last_login_failure_unix_seconds", NULL,
          oauthcc_metrics_of(last_failure) } } },

    { OAUTHCC_METRICS_GAUGE, OAUTHCC_METRICS_LOGINS,
      "oauthcc_consecutive_login_failures",
      "Logins that have failed since the last one that succeeded.",
      NULL, NULL,
      { { "consecutive_login_failures", "Failed in a row",
          oauthcc_metrics_of(failed_in_row) } } },

    { OAUTHCC_METRICS_GAUGE, OAUTHCC_METRICS_LOGINS,
      "oauthcc_unreadable_files",
      "Files of secrets that have changed and that workers cannot read.",
      NULL, NULL,
      { { "unreadable_files", "Unreadable files",
          oauthcc_metrics_of(unreadable) } } },

    { OAUTHCC_METRICS_COUNTER, OAUTHCC_METRICS_MEMORY,
      "oauthcc_evictions_total", "Entries dropped to make room for others.",
      NULL, NULL,
      { { "evictions", "Evictions", oauthcc_metrics_of(evictions) } } },

    /* in JSON it stands beside the list of the entries */

    { OAUTHCC_METRICS_GAUGE, OAUTHCC_METRICS_MEMORY,
      "oauthcc_entries", "Entries in the zone: tokens, and places for them.",
      NULL, NULL,
      { { NULL, NULL, oauthcc_metrics_of(all) } } },

    { OAUTHCC_METRICS_GAUGE, OAUTHCC_METRICS_REQUESTS,
      "oauthcc_waiters", "Requests that wait for a login.",
      NULL, NULL,
      { { "waiters", "Waiters", oauthcc_metrics_of(waiters) } } },

    { OAUTHCC_METRICS_GAUGE, OAUTHCC_METRICS_LOGINS,
      "oauthcc_logins_in_flight", "Logins that have not ended.",
      NULL, NULL,
      { { "logins_in_flight", "In flight", oauthcc_metrics_of(in_flight) } } },

    { OAUTHCC_METRICS_TIME, OAUTHCC_METRICS_TIMES,
      "oauthcc_token_expires_in_seconds",
      "For how long the token that ends first is good.",
      NULL, NULL,
      { { "expires_in_seconds", "First end in",
          oauthcc_metrics_of(expiry) } } },

    oauthcc_metrics_end
};


/* of a provider with "dpop on" */

oauthcc_metrics_t  oauthcc_metrics_dpop[] = {

    { OAUTHCC_METRICS_COUNTER, OAUTHCC_METRICS_REQUESTS,
      "oauthcc_dpop_challenges_total",
      "Demands for another nonce in a DPoP proof, by who made them.",
      "at", "challenges",
      { { "login", "Nonce at login", oauthcc_metrics_challenge(LOGIN) },
        { "request", "Nonce at API", oauthcc_metrics_challenge(REQUEST) } } },

    oauthcc_metrics_end
};


/* counts per entry; none is for Prometheus: clients could create new series */

oauthcc_metrics_t  oauthcc_metrics_entry[] = {

    { OAUTHCC_METRICS_COUNTER, OAUTHCC_METRICS_REQUESTS,
      NULL, NULL, NULL, NULL,
      { { "hits", "Hits", oauthcc_metrics_of_entry(hits) },
        { "logins", "Logins", oauthcc_metrics_of_entry(logins) },
        { "failures", "Failures", oauthcc_metrics_of_entry(failures) },
        { "replays", "Replays", oauthcc_metrics_of_entry(replays) },
        { "waiters", "Waiters", oauthcc_metrics_of_entry(waiters) } } },

    oauthcc_metrics_end
};


uint64_t
oauthcc_metrics_count(oauthcc_metrics_series_t *series, void *part)
{
    uint64_t    n, *value;
    ngx_uint_t  i;

    n = 0;
    value = oauthcc_metrics_at(series, part);

    for (i = 0; i < series->n; i++) {
        n += value[i];
    }

    return n;
}
