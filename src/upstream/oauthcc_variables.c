
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "upstream/oauthcc_variables.h"
#include "http/oauthcc_client_variables.h"
#include "upstream/oauthcc_variable_values.h"
#include "core/oauthcc_types.h"


extern ngx_module_t  ngx_http_oauthcc_module;


static void oauthcc_variables_set(ngx_http_variable_value_t *v, u_char *data,
    size_t len);
static ngx_int_t oauthcc_variables_token(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t oauthcc_variables_provider(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t oauthcc_variables_status(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t oauthcc_variables_expires_in(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t oauthcc_variables_login_time(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t oauthcc_variables_error(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);


static ngx_http_variable_t  oauthcc_variables[] = {

    { ngx_string("oauthcc_access_token"), NULL,
      oauthcc_variables_token, 0, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("oauthcc_provider"), NULL,
      oauthcc_variables_provider, 0, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("oauthcc_cache_status"), NULL,
      oauthcc_variables_status, 0, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("oauthcc_expires_in"), NULL,
      oauthcc_variables_expires_in, 0, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("oauthcc_login_time"), NULL,
      oauthcc_variables_login_time, 0, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("oauthcc_error"), NULL,
      oauthcc_variables_error, 0, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    /* for the hidden servers only */

    { ngx_string("oauthcc_token_endpoint"), NULL,
      oauthcc_client_variables_get, OAUTHCC_CLIENT_VARIABLES_URL, 0, 0 },

    { ngx_string("oauthcc_login_method"), NULL,
      oauthcc_client_variables_get, OAUTHCC_CLIENT_VARIABLES_METHOD, 0, 0 },

    { ngx_string("oauthcc_login_authority"), NULL,
      oauthcc_client_variables_get, OAUTHCC_CLIENT_VARIABLES_AUTHORITY,
      0, 0 },

    { ngx_string("oauthcc_login_host"), NULL,
      oauthcc_client_variables_get, OAUTHCC_CLIENT_VARIABLES_HOST, 0, 0 },

    { ngx_string("oauthcc_login_length"), NULL,
      oauthcc_client_variables_get, OAUTHCC_CLIENT_VARIABLES_LENGTH, 0, 0 },

      ngx_http_null_variable
};


static ngx_str_t  oauthcc_variables_states[] = {
    ngx_null_string,
    ngx_string("HIT"),
    ngx_string("MISS"),
    ngx_string("WAIT"),
    ngx_string("REFRESH"),
    ngx_string("ERROR"),
    ngx_string("BYPASS")
};


ngx_int_t
oauthcc_variables_add(ngx_conf_t *cf)
{
    ngx_http_variable_t  *var, *v;

    for (v = oauthcc_variables; v->name.len; v++) {

        var = ngx_http_add_variable(cf, &v->name, v->flags);
        if (var == NULL) {
            return NGX_ERROR;
        }

        var->get_handler = v->get_handler;
        var->data = v->data;
    }

    return NGX_OK;
}


/*
 * The array of variables is shared by a request and its subrequests, each of
 * which may have another provider: a value is handed out without being
 * remembered there (neither valid nor not_found), and so is its absence,
 * which may end with the login.
 */

static void
oauthcc_variables_set(ngx_http_variable_value_t *v, u_char *data, size_t len)
{
    oauthcc_variable_values_own();

    v->valid = 0;
    v->no_cacheable = 1;
    v->not_found = 0;
    v->len = len;
    v->data = data;
}


static ngx_int_t
oauthcc_variables_token(ngx_http_request_t *r, ngx_http_variable_value_t *v,
    uintptr_t data)
{
    ngx_http_oauthcc_ctx_t  *ctx;
    oauthcc_credential_t    *credential;

    oauthcc_variables_set(v, (u_char *) "", 0);

    ctx = ngx_http_get_module_ctx(r, ngx_http_oauthcc_module);

    if (ctx && ctx->ask.credential) {
        credential = ctx->ask.credential;

        oauthcc_variables_set(v, credential->access_token.data,
                              credential->access_token.len);
    }

    return NGX_OK;
}


static ngx_int_t
oauthcc_variables_provider(ngx_http_request_t *r, ngx_http_variable_value_t *v,
    uintptr_t data)
{
    ngx_http_oauthcc_ctx_t  *ctx;

    oauthcc_variables_set(v, (u_char *) "", 0);

    ctx = ngx_http_get_module_ctx(r, ngx_http_oauthcc_module);

    if (ctx && ctx->provider) {
        oauthcc_variables_set(v, ctx->provider->name.data,
                              ctx->provider->name.len);
    }

    return NGX_OK;
}


static ngx_int_t
oauthcc_variables_status(ngx_http_request_t *r, ngx_http_variable_value_t *v,
    uintptr_t data)
{
    ngx_str_t               *state;
    ngx_http_oauthcc_ctx_t  *ctx;

    oauthcc_variables_set(v, (u_char *) "", 0);

    ctx = ngx_http_get_module_ctx(r, ngx_http_oauthcc_module);

    if (ctx) {
        state = &oauthcc_variables_states[ctx->ask.status];
        oauthcc_variables_set(v, state->data, state->len);
    }

    return NGX_OK;
}


static ngx_int_t
oauthcc_variables_expires_in(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    u_char                  *p;
    ngx_msec_int_t           left;
    ngx_http_oauthcc_ctx_t  *ctx;

    oauthcc_variables_set(v, (u_char *) "", 0);

    ctx = ngx_http_get_module_ctx(r, ngx_http_oauthcc_module);

    if (ctx && ctx->ask.credential) {

        /* as of the attempt: the same however often it is read */

        left = (ngx_msec_int_t) (ctx->ask.credential->expires - ctx->now);
        left = ngx_max(left, 0);

        p = ngx_pnalloc(r->pool, NGX_INT_T_LEN);
        if (p == NULL) {
            return NGX_ERROR;
        }

        oauthcc_variables_set(v, p,
                    ngx_sprintf(p, "%i", (ngx_int_t) (left / 1000)) - p);
    }

    return NGX_OK;
}


static ngx_int_t
oauthcc_variables_login_time(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    u_char                  *p;
    ngx_msec_t               ms;
    ngx_http_oauthcc_ctx_t  *ctx;

    oauthcc_variables_set(v, (u_char *) "", 0);

    ctx = ngx_http_get_module_ctx(r, ngx_http_oauthcc_module);

    if (ctx && ctx->ask.credential) {
        ms = ctx->ask.credential->login_time;

        p = ngx_pnalloc(r->pool, NGX_TIME_T_LEN + 4);
        if (p == NULL) {
            return NGX_ERROR;
        }

        oauthcc_variables_set(v, p,
                              ngx_sprintf(p, "%T.%03M", (time_t) (ms / 1000),
                                          ms % 1000)
                              - p);
    }

    return NGX_OK;
}


static ngx_int_t
oauthcc_variables_error(ngx_http_request_t *r, ngx_http_variable_value_t *v,
    uintptr_t data)
{
    ngx_http_oauthcc_ctx_t  *ctx;

    oauthcc_variables_set(v, (u_char *) "", 0);

    ctx = ngx_http_get_module_ctx(r, ngx_http_oauthcc_module);

    if (ctx && ctx->ask.failure) {
        oauthcc_variables_set(v, ctx->ask.failure->text,
                              ctx->ask.failure->len);
    }

    return NGX_OK;
}
