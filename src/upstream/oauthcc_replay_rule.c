
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "upstream/oauthcc_replay_rule.h"
#include "core/oauthcc_text.h"
#include "upstream/oauthcc_variable_values.h"


/* the status code UNAUTHENTICATED of gRPC */
#define OAUTHCC_REPLAY_RULE_GRPC_16  16

/* the idempotent methods of RFC 9110 and RFC 4918 that nginx knows */
#define OAUTHCC_REPLAY_RULE_IDEMPOTENT                                        \
    (NGX_HTTP_GET|NGX_HTTP_HEAD|NGX_HTTP_PUT|NGX_HTTP_DELETE                  \
     |NGX_HTTP_OPTIONS|NGX_HTTP_TRACE|NGX_HTTP_PROPFIND|NGX_HTTP_PROPPATCH    \
     |NGX_HTTP_MKCOL|NGX_HTTP_COPY|NGX_HTTP_MOVE|NGX_HTTP_UNLOCK)


extern ngx_module_t  ngx_http_oauthcc_module;


static ngx_uint_t oauthcc_replay_rule_status(ngx_http_request_t *r,
    ngx_http_oauthcc_ctx_t *ctx, oauthcc_replay_rule_t *rule,
    ngx_uint_t *before);
static ngx_uint_t oauthcc_replay_rule_holds(ngx_http_request_t *r,
    ngx_http_complex_value_t *condition);


oauthcc_replay_rule_e
oauthcc_replay_rule_match(ngx_http_request_t *r, ngx_http_oauthcc_ctx_t *ctx)
{
    ngx_uint_t              i, before;
    oauthcc_replay_rule_e   says;
    oauthcc_replay_rule_t  *line;

    if (ctx->conf->replay == NULL) {
        return OAUTHCC_REPLAY_RULE_NONE;
    }

    says = OAUTHCC_REPLAY_RULE_NONE;
    line = ctx->conf->replay->lines.elts;

    for (i = 0; i < ctx->conf->replay->lines.nelts; i++) {

        if (!oauthcc_replay_rule_status(r, ctx, &line[i], &before)
            || (line[i].condition
                && !oauthcc_replay_rule_holds(r, line[i].condition)))
        {
            continue;
        }

        if (before || line[i].non_idempotent
            || (r->method & OAUTHCC_REPLAY_RULE_IDEMPOTENT))
        {
            return OAUTHCC_REPLAY_RULE_REPEATABLE;
        }

        says = OAUTHCC_REPLAY_RULE_REFUSED;
    }

    return says;
}


/*
 * Whether a rule lists the status.  *before is set if this status means that
 * the request was refused before it had any effect.
 */

static ngx_uint_t
oauthcc_replay_rule_status(ngx_http_request_t *r, ngx_http_oauthcc_ctx_t *ctx,
    oauthcc_replay_rule_t *rule, ngx_uint_t *before)
{
    ngx_uint_t            i, status, *refused;
    ngx_http_upstream_t  *u;

    u = r->upstream;
    status = u->headers_in.status_n;

    if (oauthcc_replay_rule_grpc(ctx, rule)
        && oauthcc_replay_rule_grpc_status(&u->headers_in.headers)
           == OAUTHCC_REPLAY_RULE_GRPC_16)
    {
        *before = 1;
        return 1;
    }

    *before = (status >= NGX_HTTP_BAD_REQUEST
               && status < NGX_HTTP_INTERNAL_SERVER_ERROR);

    refused = rule->statuses.elts;

    for (i = 0; i < rule->statuses.nelts; i++) {
        if (refused[i] == status) {
            return 1;
        }
    }

    return 0;
}


ngx_int_t
oauthcc_replay_rule_grpc_status(ngx_list_t *headers)
{
    ngx_table_elt_t  *header;

    header = oauthcc_text_header(headers, "grpc-status", 0);

    return header ? ngx_atoi(header->value.data, header->value.len)
                  : NGX_DECLINED;
}


/* As with "if=" of access_log, "0" and an empty value are false. */

static ngx_uint_t
oauthcc_replay_rule_holds(ngx_http_request_t *r,
    ngx_http_complex_value_t *condition)
{
    ngx_int_t                         rc;
    ngx_str_t                         value;
    oauthcc_variable_values_fresh_t   fresh;
    ngx_http_oauthcc_main_conf_t     *omcf;

    omcf = ngx_http_get_module_main_conf(r, ngx_http_oauthcc_module);

    oauthcc_variable_values_fresh(r, omcf, &fresh);

    rc = ngx_http_complex_value(r, condition, &value);

    oauthcc_variable_values_stale(r, omcf, &fresh);

    return rc == NGX_OK && value.len
           && !(value.len == 1 && value.data[0] == '0');
}
