
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_LOGIN_RESULT_H_INCLUDED_
#define _OAUTHCC_LOGIN_RESULT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "token/oauthcc_login_job.h"


/* Where a failing step sets the result and the detail, in job->failed. */

/*
 * Sets the consequences of a failure from the status and the "error" of the
 * response, see failure_policy.h.  1: it is a registered error.
 */
ngx_uint_t oauthcc_login_result_judge(oauthcc_login_job_t *job,
    ngx_uint_t status, ngx_str_t *error);

/* Sets the text for operators and waiters. */
void oauthcc_login_result_reason(oauthcc_login_job_t *job, u_char *text,
    size_t len);
void oauthcc_login_result_text(oauthcc_login_job_t *job, char *text);

/* Sets all of it for a local failure, which says nothing of the server. */
void oauthcc_login_result_internal(oauthcc_login_job_t *job,
    ngx_uint_t status, char *text);

/* Sets the Retry-After of the server. */
void oauthcc_login_result_retry(oauthcc_login_job_t *job,
    oauthcc_response_t *response);

/* Sets all of it, and logs it, for a step that could not be started. */
void oauthcc_login_result_unstarted(oauthcc_login_job_t *job);

/* The same for a response that is a failure. */
void oauthcc_login_result_unanswered(oauthcc_login_job_t *job,
    oauthcc_client_t *fetch, oauthcc_response_t *response);

/*
 * Ends a login, with one of these: its lease ends, and all waiters are told.
 * The token is stored in the zone, or, of a login per request, given to the
 * handler only.  NGX_ERROR: there is none, or no room for it; call fail()
 * then.
 */
ngx_int_t oauthcc_login_result_publish(oauthcc_login_job_t *job);
void oauthcc_login_result_fail(oauthcc_login_job_t *job);
void oauthcc_login_result_release(oauthcc_login_job_t *job);


#endif /* _OAUTHCC_LOGIN_RESULT_H_INCLUDED_ */
