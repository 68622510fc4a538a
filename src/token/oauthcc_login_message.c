
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_clock.h"
#include "token/oauthcc_login_message.h"
#include "token/oauthcc_token_types.h"
#include "core/oauthcc_redact_url.h"
#include "core/oauthcc_text.h"
#include "http/oauthcc_redact_request.h"


/* limits of quoted text, bytes: of a body before escaping, else after it */
#define OAUTHCC_LOGIN_MESSAGE_BODY    120
#define OAUTHCC_LOGIN_MESSAGE_HEADER  64
#define OAUTHCC_LOGIN_MESSAGE_URL     256
#define OAUTHCC_LOGIN_MESSAGE_SCOPE   128

/* limit of a message, so that nginx does not cut the log line */
#define OAUTHCC_LOGIN_MESSAGE_LEN     1500

/* callers can make a line at any time: in milliseconds between two */
#define OAUTHCC_LOGIN_MESSAGE_PAUSE   1000


/* a text that is built on the stack */

typedef struct {
    oauthcc_login_job_t  *job;
    oauthcc_client_t     *fetch;
    u_char               *pos;
    u_char               *last;
    u_char                buf[OAUTHCC_LOGIN_MESSAGE_LEN];
} oauthcc_login_message_text_t;


static void oauthcc_login_message_begin(oauthcc_login_message_text_t *text,
    oauthcc_login_job_t *job, oauthcc_client_t *fetch);
static void oauthcc_login_message_end(oauthcc_login_message_text_t *text);
static void oauthcc_login_message_said(oauthcc_login_message_text_t *text,
    oauthcc_response_t *response, oauthcc_token_error_t *said);
static void oauthcc_login_message_add(oauthcc_login_message_text_t *text,
    char *name, ngx_str_t *value);
static void oauthcc_login_message_header(oauthcc_login_message_text_t *text,
    oauthcc_response_t *response, char *header, char *name, size_t max);
static void oauthcc_login_message_url(oauthcc_login_message_text_t *text);
static void oauthcc_login_message_excerpt(ngx_pool_t *pool, ngx_str_t *body);
static void oauthcc_login_message_write(oauthcc_login_job_t *job,
    ngx_str_t *when);
static void oauthcc_login_message_asked(oauthcc_login_message_text_t *text,
    oauthcc_local_t *local);


void
oauthcc_login_message_set(oauthcc_login_job_t *job, oauthcc_client_t *fetch,
    oauthcc_response_t *response, oauthcc_login_message_t *message)
{
    oauthcc_login_message_text_t  text;

    oauthcc_login_message_begin(&text, job, fetch);

    text.pos = ngx_slprintf(text.pos, text.last, "%s%s%V%s%s%V",
                            message->step ? message->step : "",
                            message->step ? ": " : "", &message->where,
                            message->where.len ? ": " : "", message->reason,
                            &message->phase);

    if (response->status) {
        text.pos = ngx_slprintf(text.pos, text.last, ", status: %ui",
                                response->status);
    }

    if (message->said) {
        oauthcc_login_message_said(&text, response, message->said);
    }

    if (response->headers) {

        if (response->status / 100 == 3) {
            oauthcc_login_message_header(&text, response, "Location",
                                         "location",
                                         OAUTHCC_LOGIN_MESSAGE_URL);
        }

        oauthcc_login_message_header(&text, response, "Content-Encoding",
                                     "content encoding",
                                     OAUTHCC_LOGIN_MESSAGE_HEADER);

        oauthcc_login_message_header(&text, response, "Retry-After",
                                     "Retry-After",
                                     OAUTHCC_LOGIN_MESSAGE_HEADER);
    }

    oauthcc_login_message_url(&text);
    oauthcc_login_message_end(&text);
}


void
oauthcc_login_message_print(oauthcc_login_job_t *job, const char *fmt, ...)
{
    va_list                       args;
    oauthcc_login_message_text_t  text;

    oauthcc_login_message_begin(&text, job, NULL);

    va_start(args, fmt);
    text.pos = ngx_vslprintf(text.pos, text.last, fmt, args);
    va_end(args);

    oauthcc_login_message_end(&text);
}


void
oauthcc_login_message_log(oauthcc_login_job_t *job, ngx_msec_t wait)
{
    u_char     buf[sizeof(", next try in . s") + 2 * NGX_INT64_LEN];
    ngx_str_t  when;

    when.data = buf;
    when.len = 0;

    if (wait) {
        when.len = ngx_sprintf(buf, ", next try in %T.%03M s",
                               (time_t) (wait / 1000), wait % 1000)
                   - buf;
    }

    oauthcc_login_message_write(job, &when);
}


void
oauthcc_login_message_again(oauthcc_login_job_t *job)
{
    ngx_str_t  when;

    if (job->later.timer_set) {
        ngx_str_set(&when, ", next try in a moment");

    } else {
        ngx_str_set(&when, ", next try at once");
    }

    oauthcc_login_message_write(job, &when);
}


void
oauthcc_login_message_redact(oauthcc_login_job_t *job, oauthcc_client_t *fetch,
    ngx_str_t *shown)
{
    if (shown->len
        && oauthcc_redact_request_repeats(job->local->provider,
                                          &fetch->request, shown))
    {
        /*
         * not wiped: when memory runs out, any text counts as a repeated
         * secret, our own constants as well
         */

        ngx_str_set(shown, "(it repeats a secret)");
    }
}


static void
oauthcc_login_message_begin(oauthcc_login_message_text_t *text,
    oauthcc_login_job_t *job, oauthcc_client_t *fetch)
{
    text->job = job;
    text->fetch = fetch;
    text->pos = text->buf;
    text->last = text->buf + OAUTHCC_LOGIN_MESSAGE_LEN;
}


static void
oauthcc_login_message_end(oauthcc_login_message_text_t *text)
{
    ngx_str_t             shown;
    oauthcc_login_job_t  *job;

    job = text->job;

    shown.data = text->buf;
    shown.len = text->pos - text->buf;

    job->message.data = ngx_pstrdup(job->pool, &shown);

    if (job->message.data == NULL) {
        ngx_str_set(&job->message, "no memory");
        return;
    }

    job->message.len = shown.len;
}


/*
 * If a response is not an OAuth error, the beginning of its body is quoted.
 * The body of a success is not: it may hold a token under any name.
 */

static void
oauthcc_login_message_said(oauthcc_login_message_text_t *text,
    oauthcc_response_t *response, oauthcc_token_error_t *said)
{
    oauthcc_login_message_redact(text->job, text->fetch, &said->description);
    oauthcc_login_message_redact(text->job, text->fetch, &said->body);
    oauthcc_login_message_redact(text->job, text->fetch, &said->members);

    oauthcc_login_message_excerpt(text->fetch->pool, &said->body);

    oauthcc_login_message_add(text, "error", &said->error);
    oauthcc_login_message_add(text, "description", &said->description);
    oauthcc_login_message_add(text, "members", &said->members);
    oauthcc_login_message_add(text, "body", &said->body);

    if (said->error.len == 0 && response->body.len) {
        oauthcc_login_message_header(text, response, "Content-Type",
                                     "content type",
                                     OAUTHCC_LOGIN_MESSAGE_HEADER);
    }
}


static void
oauthcc_login_message_add(oauthcc_login_message_text_t *text, char *name,
    ngx_str_t *value)
{
    if (value->len) {
        text->pos = ngx_slprintf(text->pos, text->last, ", %s: \"%V\"", name,
                                 value);
    }
}


static void
oauthcc_login_message_header(oauthcc_login_message_text_t *text,
    oauthcc_response_t *response, char *header, char *name, size_t max)
{
    ngx_str_t         shown;
    ngx_pool_t       *pool;
    ngx_table_elt_t  *h;

    pool = text->fetch->pool;

    h = oauthcc_text_header(response->headers, header, 0);

    if (h == NULL
        || oauthcc_text_escape(pool, oauthcc_redact_url_text(pool, &h->value),
                               max, &shown)
           != NGX_OK)
    {
        return;
    }

    oauthcc_login_message_redact(text->job, text->fetch, &shown);

    oauthcc_login_message_add(text, name, &shown);
}


/*
 * The URL of the request without its arguments, with the name of the server,
 * not the address of the socket.
 */

static void
oauthcc_login_message_url(oauthcc_login_message_text_t *text)
{
    u_char                  *p, *last;
    ngx_str_t                head, path, shown;
    ngx_pool_t              *pool;
    oauthcc_http_request_t  *request;

    pool = text->fetch->pool;
    request = &text->fetch->request;

    head = request->url;
    last = head.data + head.len;

    p = ngx_strlchr(head.data, last, '?');
    if (p) {
        last = p;
        head.len = p - head.data;
    }

    ngx_str_null(&path);

    p = (u_char *) ngx_strnstr(head.data, "://", head.len);

    if (p && ngx_strncmp(p + 3, "unix:", sizeof("unix:") - 1) != 0) {
        head.len = p + 3 - head.data;

        path.data = ngx_strlchr(p + 3, last, '/');

        if (path.data) {
            path.len = last - path.data;
        }
    }

    if (oauthcc_text_escape(pool, &head, OAUTHCC_LOGIN_MESSAGE_URL, &shown)
        != NGX_OK)
    {
        return;
    }

    text->pos = ngx_slprintf(text->pos, text->last, ", at %V", &shown);

    if (p == NULL || head.data + head.len == last) {
        return;
    }

    if (path.len == 0
        || oauthcc_text_escape(pool, &path, OAUTHCC_LOGIN_MESSAGE_URL, &path)
           != NGX_OK)
    {
        ngx_str_set(&path, "/");
    }

    text->pos = ngx_slprintf(text->pos, text->last, "%V%V",
                             &request->authority, &path);
}


/*
 * Makes the beginning of a body printable: white space becomes one space,
 * double quotes, which JSON is full of, become single ones.
 */

static void
oauthcc_login_message_excerpt(ngx_pool_t *pool, ngx_str_t *body)
{
    u_char  *p, *s, *last;

    last = body->data + ngx_min(body->len, OAUTHCC_LOGIN_MESSAGE_BODY);

    p = ngx_pnalloc(pool, OAUTHCC_LOGIN_MESSAGE_BODY * sizeof("\\xXX"));
    if (p == NULL) {
        body->len = 0;
        return;
    }

    s = body->data;

    body->data = p;

    for ( /* void */ ; s < last; s++) {

        if (*s == ' ' || *s == '\t' || *s == CR || *s == LF) {

            if (p > body->data && p[-1] != ' ') {
                *p++ = ' ';
            }

        } else if (*s == '"') {
            *p++ = '\'';

        } else if (*s > 0x20 && *s < 0x7f) {
            *p++ = *s;

        } else {
            p = ngx_sprintf(p, "\\x%02Xd", (ngx_int_t) *s);
        }
    }

    body->len = p - body->data;
}


static void
oauthcc_login_message_write(oauthcc_login_job_t *job, ngx_str_t *when)
{
    ngx_uint_t                    untold;
    oauthcc_login_message_text_t  text;

    if (job->message.len == 0) {
        return;
    }

    untold = 0;

    if (job->local->subject && job->failed.entry_only
        && !oauthcc_login_message_due(&job->local->provider->runtime.failures,
                                      &untold))
    {
        ngx_str_null(&job->message);
        return;
    }

    oauthcc_login_message_asked(&text, job->local);

    if (untold) {
        text.pos = ngx_slprintf(text.pos, text.last,
                                ", and %ui more for other callers", untold);
    }

    ngx_log_error(NGX_LOG_ERR, &job->log, 0, "login failed: %V%*s%V",
                  &job->message, (size_t) (text.pos - text.buf), text.buf,
                  when);

    ngx_str_null(&job->message);
}


ngx_uint_t
oauthcc_login_message_due(oauthcc_told_t *told, ngx_uint_t *untold)
{
    oauthcc_time_t  now;

    now = oauthcc_clock_msec();

    if (told->any && now - told->at < OAUTHCC_LOGIN_MESSAGE_PAUSE) {
        told->untold++;
        return 0;
    }

    *untold = told->untold;

    told->any = 1;
    told->at = now;
    told->untold = 0;

    return 1;
}


void
oauthcc_login_message_backoff(oauthcc_local_t *local, ngx_msec_t wait,
    oauthcc_failure_t *failure)
{
    oauthcc_provider_t            *provider;
    ngx_http_core_loc_conf_t      *clcf;
    oauthcc_login_message_text_t   text;

    provider = local->provider;

    clcf = provider->endpoint.ctx->loc_conf[ngx_http_core_module.ctx_index];

    oauthcc_login_message_asked(&text, local);

    ngx_log_error(NGX_LOG_ERR, clcf->error_log, 0,
                  "no login is tried for another %T.%03M s, the last one "
                  "failed: \"%*s\"%*s, oauthcc provider: \"%V\"",
                  (time_t) (wait / 1000), wait % 1000,
                  (size_t) failure->len, failure->text,
                  (size_t) (text.pos - text.buf), text.buf, &provider->name);
}


/* The parameters of the request: the error may concern them alone. */

static void
oauthcc_login_message_asked(oauthcc_login_message_text_t *text,
    oauthcc_local_t *local)
{
    u_char           buf[OAUTHCC_LOGIN_MESSAGE_SCOPE];
    ngx_str_t        shown;
    ngx_uint_t       i, k;
    oauthcc_pair_t  *pair;

    static char  *names[] = { "scope", "audience", "resource" };

    text->pos = text->buf;
    text->last = text->buf + OAUTHCC_LOGIN_MESSAGE_LEN;

    pair = local->parameters;

    for (i = 0; i < local->nparameters; i++) {

        for (k = 0; k < sizeof(names) / sizeof(names[0]); k++) {

            if (oauthcc_text_is(&pair[i].name, names[k])) {
                shown.data = buf;
                shown.len = oauthcc_text_escape_to(buf, &pair[i].value,
                                                   OAUTHCC_LOGIN_MESSAGE_SCOPE)
                            - buf;

                oauthcc_login_message_add(text, names[k], &shown);
            }
        }
    }
}
