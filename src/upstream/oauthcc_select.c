
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "upstream/oauthcc_select.h"
#include "core/oauthcc_text.h"
#include "upstream/oauthcc_subject.h"


extern ngx_module_t  ngx_http_oauthcc_module;


static ngx_int_t oauthcc_select_provider(ngx_http_request_t *r,
    oauthcc_binding_t *binding, ngx_http_oauthcc_ctx_t *ctx);
static ngx_int_t oauthcc_select_local(ngx_http_request_t *r,
    oauthcc_binding_t *binding, ngx_http_oauthcc_ctx_t *ctx);
static ngx_int_t oauthcc_select_subject(ngx_http_request_t *r,
    oauthcc_binding_t *binding, ngx_http_oauthcc_ctx_t *ctx);


ngx_int_t
oauthcc_select_get(ngx_http_request_t *r, oauthcc_binding_t *binding,
    ngx_http_oauthcc_ctx_t *ctx)
{
    ngx_int_t  rc;

    rc = oauthcc_select_provider(r, binding, ctx);

    if (rc != NGX_OK || ctx->provider == NULL) {
        return rc;
    }

    return oauthcc_select_local(r, binding, ctx);
}


static ngx_int_t
oauthcc_select_provider(ngx_http_request_t *r, oauthcc_binding_t *binding,
    ngx_http_oauthcc_ctx_t *ctx)
{
    ngx_str_t                      name;
    ngx_http_oauthcc_main_conf_t  *omcf;

    if (binding->variable == NULL) {
        ctx->provider = binding->provider;
        return NGX_OK;
    }

    if (ngx_http_complex_value(r, binding->variable, &name) != NGX_OK) {
        return NGX_ERROR;
    }

    if (oauthcc_text_is(&name, "off")) {
        ctx->acquire.status = OAUTHCC_CACHE_STATUS_BYPASS;
        ctx->asked = 1;
        return NGX_OK;
    }

    omcf = ngx_http_get_module_main_conf(r, ngx_http_oauthcc_module);

    ctx->provider = oauthcc_main_conf_provider(omcf, &name);

    if (ctx->provider == NULL) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "unknown oauthcc provider \"%V\" from \"oauthcc %V\"",
                      &name, &binding->name);
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
oauthcc_select_local(ngx_http_request_t *r, oauthcc_binding_t *binding,
    ngx_http_oauthcc_ctx_t *ctx)
{
    ngx_int_t  rc;
    ngx_str_t  name;

    if (binding->subject || ctx->provider->grant.subject) {
        rc = oauthcc_select_subject(r, binding, ctx);

        if (rc != NGX_OK) {
            return rc;
        }

    } else if (oauthcc_local_fixed(ctx->provider, binding->parameters)) {
        ctx->local = ctx->provider->runtime.local;
        oauthcc_local_hold(ctx->local);

        return NGX_OK;
    }

    rc = oauthcc_local_get(r, ctx->provider, binding->parameters,
                           &ctx->acquire.caller, &ctx->local, &name);

    if (rc == NGX_ABORT) {
        return oauthcc_subject_fail(r, ctx, "subject token is not valid");
    }

    if (rc == NGX_OK && oauthcc_local_ended(ctx->local)) {

        /* it was valid when it was seen first */

        oauthcc_local_release(ctx->local);
        ctx->local = NULL;

        return oauthcc_subject_fail(r, ctx, "subject token has expired");
    }

    if (rc == NGX_DECLINED) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "the value of \"%V\" is too long or has control "
                      "characters, or makes no URL, oauthcc provider: "
                      "\"%V\"",
                      &name, &ctx->provider->name);
        return NGX_HTTP_BAD_REQUEST;
    }

    return rc;
}


/* Who has to bring a token is never given another one in its place. */

static ngx_int_t
oauthcc_select_subject(ngx_http_request_t *r, oauthcc_binding_t *binding,
    ngx_http_oauthcc_ctx_t *ctx)
{
    if (binding->subject == NULL
        || ctx->provider->grant.subject_parameter.len == 0)
    {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "\"oauthcc %V\" and its provider do not agree on "
                      "\"subject_token=\", oauthcc provider: \"%V\"",
                      &binding->name, &ctx->provider->name);
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return oauthcc_subject_get(r, binding, ctx);
}
