
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "token/oauthcc_fleet_news.h"
#include "token/oauthcc_refresh_request.h"
#include "cache/oauthcc_fleet.h"
#include "cache/oauthcc_invalidate.h"
#include "core/oauthcc_notify.h"
#include "store/oauthcc_store.h"


typedef ngx_uint_t (*oauthcc_fleet_news_want_pt)(oauthcc_cache_t *cache,
    u_char *client_digest);


static void oauthcc_fleet_news_handler(oauthcc_store_t *store,
    oauthcc_store_news_t *news);
static ngx_uint_t oauthcc_fleet_news_purged(oauthcc_store_news_t *news);
static ngx_uint_t oauthcc_fleet_news_each(oauthcc_store_t *store,
    oauthcc_fleet_news_want_pt want);


/* the worker's */

static ngx_array_t      *oauthcc_fleet_news_providers;
static oauthcc_store_t  *oauthcc_fleet_news_store;


ngx_int_t
oauthcc_fleet_news_start(ngx_cycle_t *cycle, ngx_array_t *providers)
{
    ngx_uint_t            i;
    oauthcc_provider_t  **provider;

    oauthcc_fleet_news_providers = providers;

    provider = providers->elts;

    for (i = 0; i < providers->nelts; i++) {

        if (provider[i]->store) {
            oauthcc_fleet_news_store = provider[i]->store;

            oauthcc_store_listen(oauthcc_fleet_news_store,
                                 oauthcc_fleet_news_handler);

            return oauthcc_store_start(cycle, oauthcc_fleet_news_store);
        }
    }

    return NGX_OK;
}


void
oauthcc_fleet_news_stop(void)
{
    if (oauthcc_fleet_news_store) {
        oauthcc_store_stop(oauthcc_fleet_news_store);
    }
}


void
oauthcc_fleet_news_notified(void)
{
    if (oauthcc_fleet_news_store) {
        oauthcc_store_notified(oauthcc_fleet_news_store);
    }
}


/* Messages for jobs that wait are theirs: they have watches. */

static void
oauthcc_fleet_news_handler(oauthcc_store_t *store, oauthcc_store_news_t *news)
{
    ngx_uint_t            n;
    oauthcc_provider_t  **provider;

    n = 0;
    provider = oauthcc_fleet_news_providers->elts;

    switch (news->type) {

    case OAUTHCC_STORE_NEWS_TOKEN:

        if (!news->own) {
            n = oauthcc_fleet_news(provider[0]->runtime.cache, news->entry,
                                   news->version);
        }

        break;

    case OAUTHCC_STORE_NEWS_PURGED:

        if (!news->own) {
            n = oauthcc_fleet_news_purged(news);
        }

        break;

    case OAUTHCC_STORE_NEWS_LOST:
        n = oauthcc_fleet_news_each(store, oauthcc_fleet_doubt);
        break;

    case OAUTHCC_STORE_NEWS_BACK:
        n = oauthcc_fleet_news_each(store, oauthcc_fleet_back);
        break;

    default:
        break;
    }

    if (n) {
        oauthcc_refresh_request_grant(oauthcc_fleet_news_providers);
        oauthcc_notify(ngx_cycle->log);
    }
}


static ngx_uint_t
oauthcc_fleet_news_purged(oauthcc_store_news_t *news)
{
    ngx_uint_t            i, n;
    oauthcc_cache_t      *cache;
    oauthcc_provider_t  **provider;

    n = 0;
    provider = oauthcc_fleet_news_providers->elts;

    for (i = 0; i < oauthcc_fleet_news_providers->nelts; i++) {

        cache = provider[i]->runtime.cache;

        if (provider[i]->store == NULL
            || ngx_memcmp(provider[i]->runtime.local->digest, news->account,
                          OAUTHCC_STORE_NAME)
               != 0)
        {
            continue;
        }

        n += news->all ? oauthcc_invalidate_purge(cache,
                                          provider[i]->runtime.local->digest,
                                                  NULL)
                       : oauthcc_fleet_purge(cache, news->entry);

        if (n) {
            ngx_log_error(NGX_LOG_NOTICE, ngx_cycle->log, 0,
                          "%ui entries were purged at another gateway, "
                          "oauthcc provider: \"%V\"", n, &provider[i]->name);
        }

        break;
    }

    return n;
}


/* Has logins wanted for entries of all providers. */

static ngx_uint_t
oauthcc_fleet_news_each(oauthcc_store_t *store,
    oauthcc_fleet_news_want_pt want)
{
    ngx_uint_t            i, n;
    oauthcc_provider_t  **provider;

    n = 0;
    provider = oauthcc_fleet_news_providers->elts;

    for (i = 0; i < oauthcc_fleet_news_providers->nelts; i++) {

        if (provider[i]->store == store) {
            n += want(provider[i]->runtime.cache,
                      provider[i]->runtime.local->digest);
        }
    }

    return n;
}
