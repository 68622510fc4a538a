
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_LOGIN_MESSAGE_H_INCLUDED_
#define _OAUTHCC_LOGIN_MESSAGE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "oauth/oauthcc_token_error.h"
#include "token/oauthcc_login_job.h"


/*
 * The line of the log for a login that has failed.  It is put together while
 * there is a response, and written when it is known when the next try is.
 */

typedef struct {
    char                   *step;    /* NULL: the login itself */
    ngx_str_t               where;   /* in a document, or empty */
    char                   *reason;
    ngx_str_t               phase;   /* in which it failed, or empty */
    oauthcc_token_error_t  *said;    /* NULL: no whole response */
} oauthcc_login_message_t;


/*
 * What the response to a request says, which is put into message->said as it
 * may be shown: without what the server was sent.
 */
void oauthcc_login_message_set(oauthcc_login_job_t *job,
    oauthcc_client_t *fetch, oauthcc_response_t *response,
    oauthcc_login_message_t *message);

/*
 * Leaves out a text of the server's that repeats a secret which it was sent,
 * or knows: others will see it.
 */
void oauthcc_login_message_redact(oauthcc_login_job_t *job,
    oauthcc_client_t *fetch, ngx_str_t *shown);

/* A text of our own. */
void oauthcc_login_message_print(oauthcc_login_job_t *job, const char *fmt,
    ...);

/*
 * Writes it: the next try is in so many milliseconds, 0: nobody knows.  Does
 * nothing if there is none.
 */
void oauthcc_login_message_log(oauthcc_login_job_t *job, ngx_msec_t wait);

/* Writes it of a login that begins again at once. */
void oauthcc_login_message_again(oauthcc_login_job_t *job);


/* Writes that no login is tried for so many milliseconds, and why. */
void oauthcc_login_message_backoff(oauthcc_local_t *local, ngx_msec_t wait,
    oauthcc_failure_t *failure);

/*
 * Whether a line of this kind is to be written now, at most one a second;
 * *untold: how many were not since the last one.  Else it is counted.
 */
ngx_uint_t oauthcc_login_message_due(oauthcc_told_t *told, ngx_uint_t *untold);


#endif /* _OAUTHCC_LOGIN_MESSAGE_H_INCLUDED_ */
