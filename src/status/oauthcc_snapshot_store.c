
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "status/oauthcc_snapshot_store.h"


void
oauthcc_snapshot_store_take(ngx_http_oauthcc_main_conf_t *omcf,
    oauthcc_snapshot_store_t *report)
{
    ngx_uint_t               i;
    oauthcc_store_t         *store;
    oauthcc_provider_t     **provider;
    oauthcc_store_state_t    state;

    ngx_memzero(report, sizeof(oauthcc_snapshot_store_t));

    store = NULL;
    provider = omcf->providers.elts;

    for (i = 0; i < omcf->providers.nelts && store == NULL; i++) {
        store = provider[i]->store;
    }

    if (store == NULL) {
        return;
    }

    oauthcc_store_state(store, &state);

    report->configured = 1;
    report->up = state.up;
    report->down = state.down;
    report->since = state.since;
    report->lost = state.lost;
    report->replies = state.replies;
    report->reply_time = state.reply_time;

    ngx_memcpy(report->asks, state.asks, sizeof(state.asks));
    ngx_memcpy(report->puts, state.puts, sizeof(state.puts));
}
