
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "upstream/oauthcc_subject.h"
#include "core/oauthcc_text.h"
#include "token/oauthcc_cache_key.h"
#include "token/oauthcc_local_stats.h"
#include "upstream/oauthcc_request_context.h"


/* of a digest, in bytes: enough for a name that nobody else has */
#define OAUTHCC_SUBJECT_ID  16


extern ngx_module_t  ngx_http_oauthcc_module;


static ngx_int_t oauthcc_subject_value(ngx_http_request_t *r,
    oauthcc_binding_t *binding, ngx_str_t *token);
static ngx_uint_t oauthcc_subject_authorization(ngx_http_request_t *r,
    ngx_str_t *token);


ngx_int_t
oauthcc_subject_get(ngx_http_request_t *r, oauthcc_binding_t *binding,
    ngx_http_oauthcc_ctx_t *ctx)
{
    oauthcc_caller_t  *caller;

    caller = oauthcc_caller_create(r->pool);
    if (caller == NULL) {
        return NGX_ERROR;
    }

    if (oauthcc_subject_value(r, binding, &caller->token) != NGX_OK) {
        return NGX_ERROR;
    }

    if (caller->token.len == 0) {
        return oauthcc_subject_fail(r, ctx, "no subject token");
    }

    ctx->has_subject = 1;

    if (caller->token.len > OAUTHCC_CALLER_MAX) {
        return oauthcc_subject_fail(r, ctx, "subject token is too long");
    }

    if (oauthcc_cache_key_digest(&caller->token, caller->digest) != NGX_OK) {
        return NGX_ERROR;
    }

    caller->address = oauthcc_caller_address(r->connection->sockaddr);

    ctx->acquire.caller = caller;

    return NGX_OK;
}


ngx_int_t
oauthcc_subject_fail(ngx_http_request_t *r, ngx_http_oauthcc_ctx_t *ctx,
    char *text)
{
    oauthcc_failure_t  *failure;

    failure = ngx_pcalloc(r->pool, sizeof(oauthcc_failure_t));
    if (failure == NULL) {
        return NGX_ERROR;
    }

    ngx_log_error(NGX_LOG_INFO, r->connection->log, 0,
                  "%s, oauthcc provider: \"%V\"", text, &ctx->provider->name);

    failure->status = NGX_HTTP_UNAUTHORIZED;
    failure->len = ngx_min(ngx_strlen(text), OAUTHCC_ERROR_LEN);
    ngx_memcpy(failure->text, text, failure->len);

    ctx->asked = 1;
    ctx->acquire.failure = failure;
    ctx->acquire.status = OAUTHCC_CACHE_STATUS_ERROR;

    /* no entry has it: it counts as one of the provider's own */

    oauthcc_local_stats_request(ctx->provider->runtime.local,
                                OAUTHCC_CACHE_STATUS_ERROR);

    return NGX_DECLINED;
}


void
oauthcc_subject_incoming(ngx_http_request_t *r, ngx_str_t *token)
{
    u_char           *p, *last;
    ngx_table_elt_t  *h;

    ngx_str_null(token);

    h = r->headers_in.authorization;

    if (h == NULL || !oauthcc_text_ibegins(&h->value, "Bearer ")) {
        return;
    }

    p = h->value.data + sizeof("Bearer ") - 1;
    last = h->value.data + h->value.len;

    while (p < last && *p == ' ') {
        p++;
    }

    while (p < last && last[-1] == ' ') {
        last--;
    }

    token->data = p;
    token->len = last - p;
}


ngx_int_t
oauthcc_subject_id(ngx_http_request_t *r, ngx_str_t *id)
{
    u_char                        digest[OAUTHCC_DIGEST_LEN], *from;
    ngx_str_t                     token;
    ngx_http_oauthcc_ctx_t       *ctx;
    ngx_http_oauthcc_loc_conf_t  *olcf;

    ngx_str_null(id);

    ctx = ngx_http_get_module_ctx(r, ngx_http_oauthcc_module);
    olcf = ngx_http_get_module_loc_conf(r, ngx_http_oauthcc_module);

    from = digest;

    if (ctx == NULL && olcf->binding && olcf->binding->subject) {

        /* limits that come before the login count by it */

        if (oauthcc_subject_value(r, olcf->binding, &token) != NGX_OK) {
            return NGX_ERROR;
        }

        if (token.len == 0 || token.len > OAUTHCC_CALLER_MAX) {
            return NGX_OK;
        }

        if (oauthcc_cache_key_digest(&token, digest) != NGX_OK) {
            return NGX_ERROR;
        }

    } else {

        if (ctx == NULL) {
            ctx = oauthcc_request_context_former(r);
        }

        if (ctx == NULL || ctx->acquire.caller == NULL
            || ctx->acquire.caller->token.len == 0)
        {
            return NGX_OK;
        }

        from = ctx->acquire.caller->digest;
    }

    id->len = 2 * OAUTHCC_SUBJECT_ID;
    id->data = ngx_pnalloc(r->pool, id->len);
    if (id->data == NULL) {
        return NGX_ERROR;
    }

    ngx_hex_dump(id->data, from, OAUTHCC_SUBJECT_ID);

    return NGX_OK;
}


/* One variable alone is not copied.  The token is wiped with the request. */

static ngx_int_t
oauthcc_subject_value(ngx_http_request_t *r, oauthcc_binding_t *binding,
    ngx_str_t *token)
{
    ngx_http_variable_value_t  *v;

    if (binding->subject_variable == NGX_DECLINED) {

        if (ngx_http_complex_value(r, binding->subject, token) != NGX_OK) {
            return NGX_ERROR;
        }

        return token->len ? oauthcc_caller_wipe(r->pool, token) : NGX_OK;
    }

    v = ngx_http_get_flushed_variable(r, binding->subject_variable);

    if (v == NULL || v->not_found) {
        ngx_str_null(token);
        return NGX_OK;
    }

    token->data = v->data;
    token->len = v->len;

    return (token->len && oauthcc_subject_authorization(r, token))
           ? oauthcc_caller_wipe(r->pool, token) : NGX_OK;
}


/*
 * Whether a token lies in the header of the client.  nginx gives the memory of
 * headers back as it is, and this one lives longer than the request's pool.
 */

static ngx_uint_t
oauthcc_subject_authorization(ngx_http_request_t *r, ngx_str_t *token)
{
    ngx_table_elt_t  *h;

    h = r->headers_in.authorization;

    return h && token->data >= h->value.data
           && token->data + token->len <= h->value.data + h->value.len;
}
