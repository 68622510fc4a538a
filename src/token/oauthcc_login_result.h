
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_LOGIN_RESULT_H_INCLUDED_
#define _OAUTHCC_LOGIN_RESULT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "token/oauthcc_login_job.h"


/*
 * For steps that fail: what is to stand in job->failed, of which result and
 * detail are theirs to set.
 */

/*
 * What a failure means for the provider and its entries: the status and the
 * "error" of the response, see failure_policy.h.  1: the name of the error is
 * a known one.
 */
ngx_uint_t oauthcc_login_result_judge(oauthcc_login_job_t *job,
    ngx_uint_t status, ngx_str_t *error);

/* What is said of it to operators, and to who waits. */
void oauthcc_login_result_reason(oauthcc_login_job_t *job, u_char *text,
    size_t len);
void oauthcc_login_result_text(oauthcc_login_job_t *job, char *text);

/* All of it, for a failure of our own, which says nothing of the server. */
void oauthcc_login_result_internal(oauthcc_login_job_t *job,
    ngx_uint_t status, char *text);

/* When the server wants to be asked again. */
void oauthcc_login_result_retry(oauthcc_login_job_t *job,
    oauthcc_response_t *response);

/* All of it, and a line in the log, for a step that could not be started. */
void oauthcc_login_result_unstarted(oauthcc_login_job_t *job);

/* The same for a response that is a failure. */
void oauthcc_login_result_unanswered(oauthcc_login_job_t *job,
    oauthcc_client_t *fetch, oauthcc_response_t *response);

/*
 * The end of a login, one of these: its lease ends, and all who wait are told.
 * The token goes to the zone or, of a login of a request's own, to that alone.
 * NGX_ERROR: there is none, or no room for it; then fail() comes next.
 */
ngx_int_t oauthcc_login_result_publish(oauthcc_login_job_t *job);
void oauthcc_login_result_fail(oauthcc_login_job_t *job);
void oauthcc_login_result_release(oauthcc_login_job_t *job);


#endif /* _OAUTHCC_LOGIN_RESULT_H_INCLUDED_ */
