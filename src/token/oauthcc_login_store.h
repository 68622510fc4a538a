
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_LOGIN_STORE_H_INCLUDED_
#define _OAUTHCC_LOGIN_STORE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_fleet.h"
#include "store/oauthcc_store.h"
#include "token/oauthcc_login_job.h"


/*
 * The first step of a login where several gateways share a store: it asks for
 * the token, or for the right to log in.  What becomes of the login, the
 * others learn by login_store_put.
 */

struct oauthcc_login_store_s {
    oauthcc_login_job_t    *job;
    oauthcc_fleet_entry_t   known;    /* when the login began */
    uint64_t                content;  /* of all secrets */

    oauthcc_store_lease_t   lease;
    oauthcc_store_ask_t     ask;
    oauthcc_store_watch_t   watch;
    oauthcc_store_put_t     put;
    ngx_event_t             poll;
    oauthcc_time_t          since;    /* it waits for another gateway */
    ngx_uint_t              backs;    /* of the store, when the login began */

    unsigned                decided:1;
    unsigned                watching:1;
    unsigned                asking:1;
    unsigned                told:1;   /* while it asked */
    unsigned                waited:1;
    unsigned                changed:1; /* a secret of this gateway */
    unsigned                offering:1; /* its token, which others have not */
};


ngx_uint_t oauthcc_login_store_due(oauthcc_login_job_t *job);
void oauthcc_login_store_start(oauthcc_login_job_t *job);

/* Gives back what the job still has of the store, before its memory is. */
void oauthcc_login_store_end(oauthcc_login_job_t *job);

#endif /* _OAUTHCC_LOGIN_STORE_H_INCLUDED_ */
