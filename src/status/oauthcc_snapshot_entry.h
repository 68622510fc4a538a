
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_SNAPSHOT_ENTRY_H_INCLUDED_
#define _OAUTHCC_SNAPSHOT_ENTRY_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "cache/oauthcc_entry_text.h"


typedef enum {
    OAUTHCC_SNAPSHOT_EMPTY = 0,   /* no token, and no login runs */
    OAUTHCC_SNAPSHOT_FRESH,
    OAUTHCC_SNAPSHOT_DUE,         /* to be refreshed by a request */
    OAUTHCC_SNAPSHOT_LOGIN,       /* the first one, or after the end */
    OAUTHCC_SNAPSHOT_REFRESH,     /* a login, the token is still good */
    OAUTHCC_SNAPSHOT_FAILING,     /* the last login has failed */
    OAUTHCC_SNAPSHOT_BACKOFF,     /* and the next has to wait */
    OAUTHCC_SNAPSHOT_STATES
} oauthcc_snapshot_state_e;


/* a bit each; of all of them, and of those in which something is wrong */

#define oauthcc_snapshot_bit(state)  ((ngx_uint_t) 1 << (state))

#define OAUTHCC_SNAPSHOT_ALL                                                  \
    (oauthcc_snapshot_bit(OAUTHCC_SNAPSHOT_STATES) - 1)

#define OAUTHCC_SNAPSHOT_ERROR                                                \
    (oauthcc_snapshot_bit(OAUTHCC_SNAPSHOT_FAILING)                           \
     | oauthcc_snapshot_bit(OAUTHCC_SNAPSHOT_BACKOFF))


/* their names in JSON and in arguments */
extern char  *oauthcc_snapshot_states[];


/*
 * An entry.  The counts are those of the entry since it was created, the
 * state, the times and the waiters those of the moment.
 */

typedef struct {
    ngx_str_t                 id;          /* random, as text */
    ngx_str_t                 scope;       /* or empty, as are */
    ngx_str_t                 audience;
    ngx_str_t                 resource;
    oauthcc_snapshot_state_e  state;

    ngx_msec_t                life;        /* whole; 0: no token */
    ngx_msec_t                left;        /* of it, until its end */
    ngx_msec_t                login_ago;   /* good one, or NEVER */
    ngx_msec_t                login_time;  /* of that, or NEVER */
    ngx_msec_t                refresh_in;  /* 0: due; or NEVER */
    ngx_msec_t                backoff;     /* left; 0: none */

    uint64_t                  hits;        /* requests */
    uint64_t                  logins;      /* ended, well or not */
    uint64_t                  failures;    /* of these */
    uint64_t                  replays;
    uint64_t                  waiters;     /* in all workers */

    ngx_str_t                 error;       /* last; empty: none */
    ngx_msec_t                error_ago;   /* or NEVER: unknown */
    ngx_uint_t                error_status; /* HTTP's, or 0 */
} oauthcc_snapshot_entry_t;


/* texts are copied under the lock, where nothing is allocated */

typedef struct {
    u_char  *pos;
    u_char  *end;
} oauthcc_snapshot_entry_text_t;

/* room for those of an entry: an id, a label, an error */
#define OAUTHCC_SNAPSHOT_ENTRY_TEXT                                           \
    (ssize_t) (sizeof("0123456789abcdef: ") + OAUTHCC_ENTRY_TEXT_LABEL        \
               + OAUTHCC_ERROR_LEN + OAUTHCC_ENTRY_TEXT_DETAIL)


/*
 * What operators are shown of an entry; to be called under the lock, with room
 * for its texts.
 */
void oauthcc_snapshot_entry(oauthcc_cache_t *cache, oauthcc_entry_t *entry,
    oauthcc_snapshot_entry_t *report, oauthcc_snapshot_entry_text_t *text);

/* The state alone; under the lock too. */
oauthcc_snapshot_state_e oauthcc_snapshot_entry_state(oauthcc_entry_t *entry);

/* How many milliseconds it is until then, 0 if that is over. */
ngx_msec_t oauthcc_snapshot_entry_left(oauthcc_time_t point);


#endif /* _OAUTHCC_SNAPSHOT_ENTRY_H_INCLUDED_ */
