
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "status/oauthcc_status.h"
#include "core/oauthcc_text.h"
#include "token/oauthcc_local_stats.h"
#include "status/oauthcc_snapshot.h"
#include "status/oauthcc_status_api.h"
#include "status/oauthcc_status_html.h"
#include "status/oauthcc_status_http.h"
#include "status/oauthcc_status_json.h"
#include "status/oauthcc_status_prometheus.h"
#include "status/oauthcc_status_query.h"


extern ngx_module_t  ngx_http_oauthcc_module;


typedef struct {
    ngx_str_t  name;    /* of format=NAME */
    ngx_str_t  range;   /* of Accept */
    char      *type;
    char      *policy;  /* Content-Security-Policy, or NULL */
    void      (*write)(oauthcc_writer_t *w, oauthcc_snapshot_t *report);
} oauthcc_status_format_t;


static ngx_int_t oauthcc_status_answer(ngx_http_request_t *r,
    ngx_uint_t control);
static oauthcc_status_format_t *oauthcc_status_choose(ngx_http_request_t *r);


/* in the order of preference */

static oauthcc_status_format_t  oauthcc_status_formats[] = {

    { ngx_string("json"), ngx_string("application/json"),
      "application/json", NULL, oauthcc_status_json },

    { ngx_string("html"), ngx_string("text/html"),
      "text/html; charset=utf-8", OAUTHCC_STATUS_HTML_POLICY,
      oauthcc_status_html },

    { ngx_string("prometheus"), ngx_string("text/plain"),
      OAUTHCC_STATUS_PROMETHEUS_TYPE, NULL, oauthcc_status_prometheus },

    { ngx_null_string, ngx_null_string, NULL, NULL, NULL }
};


ngx_int_t
oauthcc_status_handler(ngx_http_request_t *r)
{
    return oauthcc_status_answer(r, 0);
}


ngx_int_t
oauthcc_status_control_handler(ngx_http_request_t *r)
{
    if (r->method == NGX_HTTP_POST) {
        return oauthcc_status_api_handler(r);
    }

    return oauthcc_status_answer(r, 1);
}


static ngx_int_t
oauthcc_status_answer(ngx_http_request_t *r, ngx_uint_t control)
{
    ngx_int_t                      rc;
    oauthcc_writer_t               w;
    oauthcc_snapshot_t             report;
    oauthcc_status_query_t         query;
    oauthcc_form_token_t           form;
    oauthcc_status_format_t       *format;
    ngx_http_oauthcc_main_conf_t  *omcf;

    omcf = ngx_http_get_module_main_conf(r, ngx_http_oauthcc_module);

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        rc = oauthcc_status_http_add_header(r, "Allow",
                                            control ? "GET, HEAD, POST"
                                                    : "GET, HEAD");

        return rc == NGX_OK ? NGX_HTTP_NOT_ALLOWED
                            : NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    format = oauthcc_status_choose(r);

    if (format == NULL) {
        return NGX_HTTP_BAD_REQUEST;
    }

    rc = oauthcc_status_query_read(r, &query);

    if (rc != NGX_OK) {
        return rc == NGX_DECLINED ? NGX_HTTP_BAD_REQUEST
                                  : NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    (void) oauthcc_local_stats_fold();

    oauthcc_writer_init(&w, r->pool);

    /* metrics have no entries */

    rc = oauthcc_snapshot_take(r->pool, omcf,
                               format->write == oauthcc_status_prometheus
                               ? NULL : &query.filter,
                               &report);
    report.query = &query;

    if (control && omcf->cache && format->policy) {

        /* without them there are no buttons */

        if (oauthcc_form_token_init(&form, omcf->cache) == NGX_OK) {
            report.form = &form;

        } else {
            ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                          "OpenSSL has no random bytes for the buttons of "
                          "the status page");
        }
    }

    if (rc == NGX_OK) {
        format->write(&w, &report);
    }

    if (report.form) {
        ngx_explicit_memzero(&form, sizeof(oauthcc_form_token_t));
    }

    if (rc != NGX_OK || w.failed) {

        /* log failures of allocations that no pool makes */

        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "no memory for the status page");

        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (oauthcc_status_http_add_header(r, "Vary", "Accept") != NGX_OK
        || (format->policy
            && oauthcc_status_http_add_header(r, "Content-Security-Policy",
                                              format->policy)
               != NGX_OK))
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return oauthcc_status_http_send(r, NGX_HTTP_OK, format->type, &w);
}


/*
 * The format by the argument "format", or else by Accept: the first one of
 * those with the highest weight, which is also the default without the header
 * or a match.  NULL: there is no such format.
 */

static oauthcc_status_format_t *
oauthcc_status_choose(ngx_http_request_t *r)
{
    ngx_str_t                 name, *accept;
    ngx_uint_t                named, quality, best;
    oauthcc_status_format_t  *format, *found;

    named = (ngx_http_arg(r, (u_char *) "format", sizeof("format") - 1, &name)
             == NGX_OK);
    accept = oauthcc_status_http_header(r, "accept");

    best = 0;
    found = named ? NULL : oauthcc_status_formats;

    for (format = oauthcc_status_formats; format->write; format++) {

        if (named) {
            quality = oauthcc_text_eq(&format->name, &name);

        } else {
            quality = accept
                      ? oauthcc_status_http_quality(accept, &format->range)
                      : 0;
        }

        if (quality > best) {
            best = quality;
            found = format;
        }
    }

    return found;
}
