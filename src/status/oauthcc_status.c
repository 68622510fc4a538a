
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "status/oauthcc_status.h"
#include "status/oauthcc_negotiate.h"
#include "status/oauthcc_status_api.h"
#include "token/oauthcc_local_stats.h"
#include "status/oauthcc_reply.h"
#include "status/oauthcc_status_html.h"
#include "status/oauthcc_status_json.h"
#include "status/oauthcc_status_prometheus.h"
#include "status/oauthcc_snapshot_take.h"


/* entries that are listed, without and with "limit=" */
#define NGX_HTTP_OAUTHCC_STATUS_LIMIT      100
#define NGX_HTTP_OAUTHCC_STATUS_MAX_LIMIT  10000


extern ngx_module_t  ngx_http_oauthcc_module;


typedef ngx_int_t (*ngx_http_oauthcc_status_pt)(ngx_pool_t *pool,
    ngx_http_oauthcc_report_t *report, ngx_chain_t **out, off_t *size);


static ngx_int_t ngx_http_oauthcc_status_not_allowed(ngx_http_request_t *r,
    ngx_uint_t control);
static ngx_int_t ngx_http_oauthcc_status_limit(ngx_http_request_t *r,
    ngx_uint_t *limit);


/* in the order of preference, and in the same order who writes them */

static ngx_http_oauthcc_accept_t  ngx_http_oauthcc_status_formats[] = {
    { ngx_string("application/json"), ngx_string("json") },
    { ngx_string("text/html"), ngx_string("html") },
    { ngx_string("text/plain"), ngx_string("prometheus") },
    { ngx_null_string, ngx_null_string }
};

static ngx_http_oauthcc_status_pt  ngx_http_oauthcc_status_writers[] = {
    ngx_http_oauthcc_status_json,
    ngx_http_oauthcc_status_html,
    ngx_http_oauthcc_status_prometheus
};

static ngx_str_t  ngx_http_oauthcc_status_types[] = {
    ngx_string("application/json"),
    ngx_string("text/html; charset=utf-8"),
    ngx_string(NGX_HTTP_OAUTHCC_STATUS_PROMETHEUS_TYPE)
};


ngx_int_t
ngx_http_oauthcc_status_handler(ngx_http_request_t *r)
{
    off_t                          size;
    ngx_int_t                      rc;
    ngx_uint_t                     n, limit;
    ngx_chain_t                   *out;
    ngx_http_oauthcc_accept_t     *format;
    ngx_http_oauthcc_report_t      report;
    ngx_http_oauthcc_loc_conf_t   *olcf;
    ngx_http_oauthcc_main_conf_t  *omcf;

    olcf = ngx_http_get_module_loc_conf(r, ngx_http_oauthcc_module);
    omcf = ngx_http_get_module_main_conf(r, ngx_http_oauthcc_module);

    if (r->method == NGX_HTTP_POST && olcf->control) {
        return ngx_http_oauthcc_control_handler(r);
    }

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return ngx_http_oauthcc_status_not_allowed(r, olcf->control);
    }

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    format = ngx_http_oauthcc_accept_choose(r,
                                            ngx_http_oauthcc_status_formats);

    if (format == NULL
        || ngx_http_oauthcc_status_limit(r, &limit) != NGX_OK)
    {
        return NGX_HTTP_BAD_REQUEST;
    }

    n = format - ngx_http_oauthcc_status_formats;

    ngx_http_oauthcc_counts_fold();

    if (ngx_http_oauthcc_survey_take(r->pool, omcf, limit, &report)
        != NGX_OK
        || ngx_http_oauthcc_status_writers[n](r->pool, &report, &out, &size)
           != NGX_OK)
    {
        /* what is not from a pool fails without a word */

        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "no memory for the status page");

        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (ngx_http_oauthcc_reply_header(r, "Vary", "Accept") != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (ngx_http_oauthcc_status_writers[n] == ngx_http_oauthcc_status_html
        && ngx_http_oauthcc_reply_header(r, "Content-Security-Policy",
                                         NGX_HTTP_OAUTHCC_STATUS_HTML_POLICY)
           != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_oauthcc_reply_send(r, NGX_HTTP_OK,
                                       &ngx_http_oauthcc_status_types[n],
                                       format->type.len, out, size);
}


static ngx_int_t
ngx_http_oauthcc_status_not_allowed(ngx_http_request_t *r,
    ngx_uint_t control)
{
    if (ngx_http_oauthcc_reply_header(r, "Allow",
                                      control ? "GET, HEAD, POST"
                                              : "GET, HEAD")
        != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return NGX_HTTP_NOT_ALLOWED;
}


static ngx_int_t
ngx_http_oauthcc_status_limit(ngx_http_request_t *r, ngx_uint_t *limit)
{
    ngx_int_t  n;
    ngx_str_t  value;

    *limit = NGX_HTTP_OAUTHCC_STATUS_LIMIT;

    if (ngx_http_arg(r, (u_char *) "limit", sizeof("limit") - 1, &value)
        != NGX_OK)
    {
        return NGX_OK;
    }

    n = ngx_atoi(value.data, value.len);

    if (n == NGX_ERROR) {
        return NGX_ERROR;
    }

    *limit = ngx_min(n, NGX_HTTP_OAUTHCC_STATUS_MAX_LIMIT);

    return NGX_OK;
}
