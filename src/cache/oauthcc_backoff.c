
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_backoff.h"
#include "cache/oauthcc_entry.h"
#include "cache/oauthcc_entry_text.h"
#include "cache/oauthcc_lease.h"
#include "cache/oauthcc_refusal.h"
#include "core/oauthcc_clock.h"
#include "core/oauthcc_lifetime.h"


/*
 * this close to its expiry, a token is used while another worker refreshes it,
 * milliseconds
 */
#define OAUTHCC_BACKOFF_LAST  1000


ngx_uint_t
oauthcc_backoff_usable(oauthcc_entry_t *entry)
{
    return entry->packed.data != NULL
           && !oauthcc_lifetime_reached(oauthcc_clock_msec(), entry->end);
}


ngx_uint_t
oauthcc_backoff_alive(oauthcc_entry_t *entry)
{
    return entry->packed.data != NULL
           && !oauthcc_lifetime_reached(oauthcc_clock_msec(), entry->expires);
}


ngx_msec_t
oauthcc_backoff_waits(oauthcc_entry_t *entry)
{
    ngx_msec_int_t      own;
    ngx_msec_t          all;
    oauthcc_history_t  *history;

    history = &entry->history;

    own = oauthcc_lease_failures(entry)
          ? (ngx_msec_int_t) (history->not_before - oauthcc_clock_msec()) : 0;
    all = oauthcc_lease_backoff(entry->client, oauthcc_backoff_alive(entry));

    return ngx_max((ngx_msec_t) ngx_max(own, 0), all);
}


ngx_msec_t
oauthcc_backoff_held(oauthcc_entry_t *entry, ngx_uint_t forced)
{
    ngx_msec_t  wait;

    if (forced) {

        /* a forced login: earlier failures of this entry do not delay it */

        return oauthcc_lease_backoff(entry->client, 0);
    }

    wait = oauthcc_backoff_waits(entry);

    return wait ? wait : oauthcc_lease_pause(entry);
}


void
oauthcc_backoff_reason(oauthcc_entry_t *entry, oauthcc_failure_t *failure)
{
    if (oauthcc_lease_failures(entry)) {
        oauthcc_entry_text_get(entry, failure);
        return;
    }

    *failure = entry->client->failure;
}


ngx_uint_t
oauthcc_backoff_good(oauthcc_entry_t *entry, uint64_t refused,
    uint64_t waited)
{
    if (entry->serial == refused) {
        return 0;
    }

    if (oauthcc_backoff_usable(entry)) {
        return 1;
    }

    if (!oauthcc_backoff_alive(entry) || oauthcc_refusal_refused(entry)) {
        return 0;
    }

    if (oauthcc_lifetime_reached(oauthcc_clock_msec() + OAUTHCC_BACKOFF_LAST,
                                 entry->expires))
    {
        return 1;
    }

    if (oauthcc_lease_leased(entry)) {
        return 0;
    }

    return (waited && entry->history.failed >= waited)
           || oauthcc_backoff_waits(entry);
}
