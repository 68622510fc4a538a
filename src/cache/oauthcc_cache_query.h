
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_CACHE_QUERY_H_INCLUDED_
#define _OAUTHCC_CACHE_QUERY_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_cache_types.h"
#include "cache/oauthcc_credential.h"
#include "cache/oauthcc_turn.h"
#include "cache/oauthcc_zone.h"


typedef enum {
    OAUTHCC_CACHE_HIT = 0,     /* a usable credential is there */
    OAUTHCC_CACHE_LEAD,        /* none: the caller has to log in */
    OAUTHCC_CACHE_WAIT,        /* none: somebody is logging in */
    OAUTHCC_CACHE_FAILED,      /* the login waited for has failed */
    OAUTHCC_CACHE_BACKOFF,     /* none, and no login for now */
    OAUTHCC_CACHE_FULL,        /* no room in the zone */
    OAUTHCC_CACHE_ERROR        /* no memory in the worker */
} oauthcc_cache_state_e;


typedef struct {
    oauthcc_cache_state_e  state;

    oauthcc_version_t     *version;
    uint64_t               generation; /* of the word */

    /* not zero: the caller holds this lease, also with HIT (a refresh) */
    uint64_t               lease;

    /* HIT: the caller's reference, NULL if its serial was known */
    oauthcc_credential_t  *credential;

    /* HIT: when the zone is to be asked again at the latest */
    ngx_msec_t             attention;

    /* WAIT, FAILED: the lease in question */
    uint64_t               waited;
    ngx_pid_t              leader;     /* WAIT: who has it, and how long */
    oauthcc_time_t         deadline;

    /* WAIT, HIT: for a login one of max_logins is wanted, in this class */
    ngx_uint_t             place;
    oauthcc_turn_e         class;

    /* somebody may take a place now: all workers have to be told */
    ngx_uint_t             notify;

    /* WAIT: ask again after so many milliseconds at the latest, 0: need not */
    ngx_msec_t             patience;

    /* BACKOFF, and a WAIT in a backoff: milliseconds left */
    ngx_msec_t             retry_after;

    oauthcc_failure_t      failure;

    /* not zero: the log is to say, for a minute, that no login is tried */
    ngx_msec_t             told;
} oauthcc_cache_result_t;


/* who asks for a credential */

typedef struct {
    uint64_t          known;   /* serial of what it has */

    /* what it has, and the version of that, for a zone that was emptied */
    oauthcc_credential_t  *copy;
    oauthcc_version_t     *version;
    uint64_t               generation;

    uint64_t          refused; /* serial of what it had */
    uint64_t          waited;  /* the lease it waited for */
    ngx_msec_t        lease;   /* for how long, in ms */
    ngx_msec_t        timeout; /* it waits, since turn.since; 0: never */
    oauthcc_origin_t  origin;
    oauthcc_content_t content; /* of its files */
    ngx_uint_t        outdated; /* others have newer ones: the zone's */
    ngx_uint_t        max_logins; /* of the provider */
    ngx_uint_t        per_request; /* see token/per_request */
    oauthcc_turn_ask_t turn;
} oauthcc_cache_query_t;


#endif /* _OAUTHCC_CACHE_QUERY_H_INCLUDED_ */
