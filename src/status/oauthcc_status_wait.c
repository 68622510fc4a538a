
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "status/oauthcc_status_wait.h"
#include "core/oauthcc_clock.h"
#include "core/oauthcc_lifetime.h"
#include "status/oauthcc_status_http.h"
#include "status/oauthcc_status_json.h"


/* so often the zone is asked, in milliseconds: any worker may log in */
#define OAUTHCC_STATUS_WAIT_LOOK  50


typedef struct {
    ngx_http_request_t        *request;
    oauthcc_provider_t        *provider;
    json_t                    *answer;
    ngx_event_t                look;
    oauthcc_time_t             end;
    oauthcc_outcome_target_t  *targets;
    oauthcc_outcome_t         *outcomes;
    ngx_uint_t                 n;
} oauthcc_status_wait_t;


static ngx_int_t oauthcc_status_wait_look(oauthcc_status_wait_t *wait);
static void oauthcc_status_wait_event(ngx_event_t *ev);
static void oauthcc_status_wait_cleanup(void *data);
static ngx_int_t oauthcc_status_wait_answer(oauthcc_status_wait_t *wait);
static json_t *oauthcc_status_wait_json(oauthcc_writer_t *w,
    oauthcc_provider_t *provider, oauthcc_outcome_t *outcome);


ngx_int_t
oauthcc_status_wait(ngx_http_request_t *r, oauthcc_provider_t *provider,
    oauthcc_outcome_target_t *targets, ngx_uint_t n, ngx_msec_t msec,
    json_t *answer)
{
    ngx_http_cleanup_t     *cln;
    oauthcc_status_wait_t  *wait;

    wait = ngx_pcalloc(r->pool, sizeof(oauthcc_status_wait_t));
    cln = ngx_http_cleanup_add(r, 0);

    if (wait) {
        wait->outcomes = ngx_pcalloc(r->pool,
                                     (n + 1) * sizeof(oauthcc_outcome_t));
    }

    if (cln == NULL || wait == NULL || wait->outcomes == NULL) {
        json_decref(answer);
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    wait->request = r;
    wait->provider = provider;
    wait->answer = answer;
    wait->targets = targets;
    wait->n = n;
    wait->end = oauthcc_clock_msec() + msec;

    wait->look.handler = oauthcc_status_wait_event;
    wait->look.data = wait;
    wait->look.log = r->connection->log;

    cln->handler = oauthcc_status_wait_cleanup;
    cln->data = wait;

    r->read_event_handler = ngx_http_test_reading;
    r->write_event_handler = ngx_http_request_empty_handler;

    return oauthcc_status_wait_look(wait);
}


/* What has ended once is not looked at again. */

static ngx_int_t
oauthcc_status_wait_look(oauthcc_status_wait_t *wait)
{
    ngx_uint_t           i, pending;
    oauthcc_outcome_t   *outcome;
    ngx_http_request_t  *r;

    r = wait->request;
    pending = 0;

    for (i = 0; i < wait->n; i++) {
        outcome = &wait->outcomes[i];

        if (outcome->state == OAUTHCC_OUTCOME_PENDING) {

            if (oauthcc_outcome_get(wait->provider->runtime.cache,
                                    &wait->targets[i], r->pool, outcome)
                != NGX_OK)
            {
                return NGX_HTTP_INTERNAL_SERVER_ERROR;
            }

            pending += (outcome->state == OAUTHCC_OUTCOME_PENDING);
        }
    }

    if (pending
        && !oauthcc_lifetime_reached(oauthcc_clock_msec(), wait->end))
    {
        ngx_add_timer(&wait->look, OAUTHCC_STATUS_WAIT_LOOK);
        return NGX_DONE;
    }

    return oauthcc_status_wait_answer(wait);
}


static void
oauthcc_status_wait_event(ngx_event_t *ev)
{
    ngx_int_t               rc;
    ngx_connection_t       *c;
    ngx_http_request_t     *r;
    oauthcc_status_wait_t  *wait;

    wait = ev->data;
    r = wait->request;
    c = r->connection;

    ngx_http_set_log_request(c->log, r);

    rc = oauthcc_status_wait_look(wait);

    if (rc != NGX_DONE) {
        ngx_http_finalize_request(r, rc);
    }

    ngx_http_run_posted_requests(c);
}


static void
oauthcc_status_wait_cleanup(void *data)
{
    oauthcc_status_wait_t  *wait = data;

    if (wait->look.timer_set) {
        ngx_del_timer(&wait->look);
    }

    json_decref(wait->answer);
}


static ngx_int_t
oauthcc_status_wait_answer(oauthcc_status_wait_t *wait)
{
    json_t              *logins;
    ngx_uint_t           i;
    oauthcc_writer_t     w;
    ngx_http_request_t  *r;

    r = wait->request;

    oauthcc_writer_init(&w, r->pool);

    logins = json_array();

    for (i = 0; i < wait->n; i++) {
        oauthcc_status_json_put(&w, logins, NULL,
                                oauthcc_status_wait_json(&w, wait->provider,
                                                         &wait->outcomes[i]));
    }

    oauthcc_status_json_put(&w, wait->answer, "logins", logins);
    oauthcc_status_json_write(&w, json_incref(wait->answer), 0);

    return oauthcc_status_http_send(r, NGX_HTTP_OK, "application/json", &w);
}


static json_t *
oauthcc_status_wait_json(oauthcc_writer_t *w, oauthcc_provider_t *provider,
    oauthcc_outcome_t *outcome)
{
    char       *status;
    json_t     *entry, *http, *error, *scope;
    u_char      buf[2 * sizeof(uint64_t)];
    ngx_str_t   text;

    status = "pending";
    entry = json_null();
    http = json_null();
    error = json_null();
    scope = json_null();

    if (outcome->id) {
        text.data = buf;
        text.len = ngx_sprintf(buf, "%016xL", outcome->id) - buf;
        entry = oauthcc_status_json_text(w, &text, OAUTHCC_TEXT);
    }

    switch (outcome->state) {

    case OAUTHCC_OUTCOME_GONE:
        status = "gone";
        break;

    case OAUTHCC_OUTCOME_SUCCESS:
        status = oauthcc_status_json_results[OAUTHCC_RESULT_SUCCESS];

        text = outcome->scope.data ? outcome->scope
                                   : provider->grant.scope.text;
        if (text.len) {
            scope = oauthcc_status_json_text(w, &text,
                                             OAUTHCC_OUTCOME_SCOPE);
        }

        break;

    case OAUTHCC_OUTCOME_FAILED:
        status = oauthcc_status_json_results[outcome->result];

        if (outcome->status) {
            http = json_integer((json_int_t) outcome->status);
        }

        error = oauthcc_status_json_text(w, &outcome->error, OAUTHCC_TEXT);
        break;

    default: /* OAUTHCC_OUTCOME_PENDING */
        break;
    }

    return json_pack("{s:o, s:s, s:o, s:o, s:o, s:o, s:o}",
                     "entry", entry, "status", status, "http_status", http,
                     "error", error, "duration_seconds",
                     oauthcc_status_json_seconds(outcome->took),
                     "life_seconds",
                     oauthcc_status_json_seconds(outcome->life),
                     "scope", scope);
}
