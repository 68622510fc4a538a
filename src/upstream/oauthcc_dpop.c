
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "upstream/oauthcc_dpop.h"
#include "core/oauthcc_lifetime.h"
#include "core/oauthcc_text.h"
#include "dpop/oauthcc_proof.h"
#include "http/oauthcc_header_syntax.h"
#include "http/oauthcc_request_buffer.h"


/* in milliseconds: how often a worker says the same of a provider */
#define OAUTHCC_DPOP_WARN  60000

/* what is said of a clock, in bytes */
#define OAUTHCC_DPOP_CLOCK  (32 + NGX_TIME_T_LEN)


static ngx_int_t oauthcc_dpop_proof(ngx_http_request_t *r,
    ngx_http_oauthcc_ctx_t *ctx, oauthcc_proof_request_t *from,
    ngx_str_t *proof);
static ngx_int_t oauthcc_dpop_path(ngx_http_request_t *r, ngx_str_t *path);
static ngx_int_t oauthcc_dpop_uri(ngx_http_request_t *r,
    ngx_http_oauthcc_ctx_t *ctx, ngx_str_t *target, oauthcc_proof_uri_t *uri);


static ngx_str_t  oauthcc_dpop_name = ngx_string("DPoP");
static u_char     oauthcc_dpop_lowcase[] = "dpop";


ngx_int_t
oauthcc_dpop_built(ngx_http_request_t *r, ngx_http_oauthcc_ctx_t *ctx,
    oauthcc_pair_t *header)
{
    ngx_int_t                 rc;
    ngx_str_t                 host, target;
    oauthcc_proof_request_t   from;

    header->name = oauthcc_dpop_name;

    rc = oauthcc_request_buffer_uri(r, &target);

    if (rc == NGX_OK) {
        rc = oauthcc_request_buffer_host(r, &from.method, &host);
    }

    if (rc != NGX_OK) {
        return rc;
    }

    if (ctx->conf->dpop_uri) {
        rc = oauthcc_dpop_uri(r, ctx, &target, &from.uri);

    } else if (host.len) {
        rc = oauthcc_proof_uri_join(r->pool, &r->upstream->schema, &host,
                                    &target, &from.uri);

    } else {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "the request to the upstream has no \"Host\" that a "
                      "DPoP proof could name: set \"oauthcc_dpop_uri\", "
                      "oauthcc provider: \"%V\"", &ctx->provider->name);
        return NGX_ERROR;
    }

    return (rc == NGX_OK) ? oauthcc_dpop_proof(r, ctx, &from, &header->value)
                          : NGX_ERROR;
}


ngx_int_t
oauthcc_dpop_set(ngx_http_request_t *r, ngx_http_oauthcc_ctx_t *ctx)
{
    ngx_str_t                 proof, target;
    ngx_list_part_t          *part;
    ngx_table_elt_t          *header;
    oauthcc_proof_request_t   from;

    if (ctx->conf->dpop_uri == NULL) {

        /* the provider is named by a variable: nginx -t could not know */

        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "no DPoP proof without \"oauthcc_dpop_uri\", which "
                      "says what the upstream calls itself, "
                      "oauthcc provider: \"%V\"", &ctx->provider->name);
        return NGX_ERROR;
    }

    if (ctx->kind == OAUTHCC_INJECT_CGI) {

        /* what applications are told: $request_method and $request_uri */

        from.method = r->main->method_name;
        target = r->unparsed_uri;

    } else {
        from.method = r->method_name;

        if (oauthcc_dpop_path(r, &target) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    if (oauthcc_dpop_uri(r, ctx, &target, &from.uri) != NGX_OK
        || oauthcc_dpop_proof(r, ctx, &from, &proof) != NGX_OK)
    {
        return NGX_ERROR;
    }

    part = &r->headers_in.headers.part;

    header = ngx_palloc(r->pool, (part->nelts + 1) * sizeof(ngx_table_elt_t));
    if (header == NULL) {
        return NGX_ERROR;
    }

    oauthcc_header_syntax_make(header, &oauthcc_dpop_name,
                               oauthcc_dpop_lowcase, &proof);

    ngx_memcpy(&header[1], part->elts, part->nelts * sizeof(ngx_table_elt_t));

    part->elts = header;
    part->nelts++;

    return NGX_OK;
}


ngx_uint_t
oauthcc_dpop_learn(ngx_http_request_t *r, ngx_http_oauthcc_ctx_t *ctx)
{
    ngx_list_t       *headers;
    ngx_uint_t        learnt;
    ngx_table_elt_t  *header;

    headers = &r->upstream->headers_in.headers;

    header = oauthcc_text_header(headers, "DPoP-Nonce", 0);

    if (header == NULL) {
        return 0;
    }

    learnt = oauthcc_proof_learn(ctx->provider, headers, &ctx->dpop->origin,
                                 &ctx->dpop->nonce, r->connection->log);

    /* they are ours: nginx sends no header without a hash */

    do {
        header->hash = 0;
        header = oauthcc_text_header(headers, "DPoP-Nonce", 0);
    } while (header);

    return learnt;
}


void
oauthcc_dpop_warn(ngx_http_request_t *r, ngx_http_oauthcc_ctx_t *ctx)
{
    u_char              text[OAUTHCC_DPOP_CLOCK];
    time_t              date;
    ngx_str_t           clock;
    ngx_table_elt_t    *header;
    oauthcc_runtime_t  *runtime;

    runtime = &ctx->provider->runtime;

    if (runtime->proof_warned
        && !oauthcc_lifetime_reached(ngx_current_msec,
                                     runtime->proof_warned_at
                                     + OAUTHCC_DPOP_WARN))
    {
        return;
    }

    runtime->proof_warned = 1;
    runtime->proof_warned_at = ngx_current_msec;

    ngx_str_null(&clock);

    header = oauthcc_text_header(&r->upstream->headers_in.headers, "Date", 0);

    if (header) {
        date = ngx_parse_http_time(header->value.data, header->value.len);

        if (date != (time_t) NGX_ERROR && date != ngx_time()) {
            clock.data = text;
            clock.len = ngx_sprintf(text, ", whose clock is %T seconds %s",
                                    date > ngx_time() ? date - ngx_time()
                                                      : ngx_time() - date,
                                    date > ngx_time() ? "ahead" : "behind")
                        - text;
        }
    }

    ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                  "the upstream rejected the DPoP proof for \"%V\"%V: check "
                  "\"oauthcc_dpop_uri\" and the clocks, "
                  "oauthcc provider: \"%V\"", &ctx->dpop->origin, &clock,
                  &ctx->provider->name);
}


oauthcc_fields_t *
oauthcc_dpop_stripped(ngx_http_request_t *r, oauthcc_fields_t *stripped)
{
    ngx_str_t          none;
    oauthcc_fields_t  *fields;

    ngx_str_null(&none);

    fields = ngx_palloc(r->pool, sizeof(oauthcc_fields_t));
    if (fields == NULL) {
        return NULL;
    }

    *fields = *stripped;

    fields->headers = ngx_palloc(r->pool, (stripped->nheaders + 1)
                                          * sizeof(ngx_table_elt_t));
    if (fields->headers == NULL) {
        return NULL;
    }

    if (stripped->nheaders) {
        ngx_memcpy(fields->headers, stripped->headers,
                   stripped->nheaders * sizeof(ngx_table_elt_t));
    }

    oauthcc_header_syntax_make(&fields->headers[stripped->nheaders],
                               &oauthcc_dpop_name, oauthcc_dpop_lowcase,
                               &none);
    fields->nheaders++;
    fields->lengths = 0;

    return fields;
}


static ngx_int_t
oauthcc_dpop_proof(ngx_http_request_t *r, ngx_http_oauthcc_ctx_t *ctx,
    oauthcc_proof_request_t *from, ngx_str_t *proof)
{
    if (ctx->dpop == NULL) {
        ctx->dpop = ngx_palloc(r->pool, sizeof(oauthcc_dpop_t));
        if (ctx->dpop == NULL) {
            return NGX_ERROR;
        }
    }

    from->token = ctx->acquire.credential->access_token;
    from->serial = ctx->acquire.credential->serial;

    ctx->dpop->origin = from->uri.origin;
    ctx->bound = 1;

    return oauthcc_proof_make(ctx->provider, r->pool, from, &ctx->dpop->nonce,
                              proof)
           == NGX_OK ? NGX_OK : NGX_ERROR;
}


/* What "grpc_pass" sends: ngx_http_grpc_create_request(). */

static ngx_int_t
oauthcc_dpop_path(ngx_http_request_t *r, ngx_str_t *path)
{
    if (r->valid_unparsed_uri) {
        *path = r->unparsed_uri;
        return NGX_OK;
    }

    path->len = r->uri.len + 2 * ngx_escape_uri(NULL, r->uri.data, r->uri.len,
                                                NGX_ESCAPE_URI);

    path->data = ngx_pnalloc(r->pool, path->len);

    if (path->data == NULL) {
        return NGX_ERROR;
    }

    (void) ngx_escape_uri(path->data, r->uri.data, r->uri.len, NGX_ESCAPE_URI);

    return NGX_OK;
}


static ngx_int_t
oauthcc_dpop_uri(ngx_http_request_t *r, ngx_http_oauthcc_ctx_t *ctx,
    ngx_str_t *target, oauthcc_proof_uri_t *uri)
{
    ngx_int_t  rc;
    ngx_str_t  value;

    if (ngx_http_complex_value(r, ctx->conf->dpop_uri, &value) != NGX_OK) {
        return NGX_ERROR;
    }

    rc = oauthcc_proof_uri_read(r->pool, &value, target, uri);

    if (rc == NGX_DECLINED) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "the value of \"oauthcc_dpop_uri\" does not begin with "
                      "http:// or https:// and a host, "
                      "oauthcc provider: \"%V\"", &ctx->provider->name);
    }

    return (rc == NGX_OK) ? NGX_OK : NGX_ERROR;
}
