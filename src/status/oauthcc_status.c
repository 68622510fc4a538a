
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
#define OAUTHCC_STATUS_LIMIT      100
#define OAUTHCC_STATUS_MAX_LIMIT  10000


extern ngx_module_t  ngx_http_oauthcc_module;


typedef ngx_int_t (*oauthcc_status_pt)(ngx_pool_t *pool,
    oauthcc_snapshot_t *report, ngx_chain_t **out, off_t *size);


static ngx_int_t oauthcc_status_not_allowed(ngx_http_request_t *r,
    ngx_uint_t control);
static ngx_int_t oauthcc_status_limit(ngx_http_request_t *r,
    ngx_uint_t *limit);


/* in the order of preference, and in the same order who writes them */

static oauthcc_negotiate_t  oauthcc_status_formats[] = {
    { ngx_string("application/json"), ngx_string("json") },
    { ngx_string("text/html"), ngx_string("html") },
    { ngx_string("text/plain"), ngx_string("prometheus") },
    { ngx_null_string, ngx_null_string }
};

static oauthcc_status_pt  oauthcc_status_writers[] = {
    oauthcc_status_json,
    oauthcc_status_html,
    oauthcc_status_prometheus
};

static ngx_str_t  oauthcc_status_types[] = {
    ngx_string("application/json"),
    ngx_string("text/html; charset=utf-8"),
    ngx_string(OAUTHCC_STATUS_PROMETHEUS_TYPE)
};


ngx_int_t
oauthcc_status_handler(ngx_http_request_t *r)
{
    off_t                          size;
    ngx_int_t                      rc;
    ngx_uint_t                     n, limit;
    ngx_chain_t                   *out;
    oauthcc_negotiate_t           *format;
    oauthcc_snapshot_t             report;
    ngx_http_oauthcc_loc_conf_t   *olcf;
    ngx_http_oauthcc_main_conf_t  *omcf;

    olcf = ngx_http_get_module_loc_conf(r, ngx_http_oauthcc_module);
    omcf = ngx_http_get_module_main_conf(r, ngx_http_oauthcc_module);

    if (r->method == NGX_HTTP_POST && olcf->control) {
        return oauthcc_status_api_handler(r);
    }

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return oauthcc_status_not_allowed(r, olcf->control);
    }

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    format = oauthcc_negotiate_choose(r, oauthcc_status_formats);

    if (format == NULL
        || oauthcc_status_limit(r, &limit) != NGX_OK)
    {
        return NGX_HTTP_BAD_REQUEST;
    }

    n = format - oauthcc_status_formats;

    oauthcc_local_stats_fold();

    if (oauthcc_snapshot_take_take(r->pool, omcf, limit, &report)
        != NGX_OK
        || oauthcc_status_writers[n](r->pool, &report, &out, &size) != NGX_OK)
    {
        /* what is not from a pool fails without a word */

        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "no memory for the status page");

        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (oauthcc_reply_header(r, "Vary", "Accept") != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (oauthcc_status_writers[n] == oauthcc_status_html
        && oauthcc_reply_header(r, "Content-Security-Policy",
                                OAUTHCC_STATUS_HTML_POLICY) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return oauthcc_reply_send(r, NGX_HTTP_OK, &oauthcc_status_types[n],
                              format->type.len, out, size);
}


static ngx_int_t
oauthcc_status_not_allowed(ngx_http_request_t *r, ngx_uint_t control)
{
    if (oauthcc_reply_header(r, "Allow",
                             control ? "GET, HEAD, POST"
                                              : "GET, HEAD")
        != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return NGX_HTTP_NOT_ALLOWED;
}


static ngx_int_t
oauthcc_status_limit(ngx_http_request_t *r, ngx_uint_t *limit)
{
    ngx_int_t  n;
    ngx_str_t  value;

    *limit = OAUTHCC_STATUS_LIMIT;

    if (ngx_http_arg(r, (u_char *) "limit", sizeof("limit") - 1, &value)
        != NGX_OK)
    {
        return NGX_OK;
    }

    n = ngx_atoi(value.data, value.len);

    if (n == NGX_ERROR) {
        return NGX_ERROR;
    }

    *limit = ngx_min(n, OAUTHCC_STATUS_MAX_LIMIT);

    return NGX_OK;
}
