
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_CONTENT_H_INCLUDED_
#define _OAUTHCC_CONTENT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_zone.h"


/* The content of a provider's secret files, which change while nginx runs. */


/*
 * Whether this is the newest content that the zone knows of, under its lock.
 * What is read later than that and differs is newer: failures with the old
 * one count no more, and one login tries it first.
 */
ngx_uint_t oauthcc_content_newest(oauthcc_cache_t *cache,
    oauthcc_client_node_t *client, oauthcc_content_t *content);

/* Ends the backoff of all entries of a client node if this is newer. */
void oauthcc_content_forgive(oauthcc_cache_t *cache, u_char *client_digest,
    oauthcc_content_t *content);

/* Whether it is time to log that a file is stale: once a minute. */
ngx_uint_t oauthcc_content_stale(oauthcc_cache_t *cache,
    u_char *client_digest);


#endif /* _OAUTHCC_CONTENT_H_INCLUDED_ */
