
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "upstream/oauthcc_variables.h"
#include "upstream/oauthcc_context.h"
#include "http/oauthcc_client_variables.h"
#include "upstream/oauthcc_variable_values.h"


extern ngx_module_t  ngx_http_oauthcc_module;


typedef enum {
    OAUTHCC_VARIABLES_TOKEN = 0,
    OAUTHCC_VARIABLES_PROVIDER,
    OAUTHCC_VARIABLES_STATUS,
    OAUTHCC_VARIABLES_EXPIRES_IN,
    OAUTHCC_VARIABLES_LOGIN_TIME,
    OAUTHCC_VARIABLES_ERROR
} oauthcc_variables_e;


static ngx_int_t oauthcc_variables_get(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t oauthcc_variables_time(ngx_http_request_t *r,
    ngx_str_t *value, ngx_msec_t ms, const char *fmt);


static ngx_http_variable_t  oauthcc_variables[] = {

    { ngx_string("oauthcc_access_token"), NULL,
      oauthcc_variables_get, OAUTHCC_VARIABLES_TOKEN,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("oauthcc_provider"), NULL,
      oauthcc_variables_get, OAUTHCC_VARIABLES_PROVIDER,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("oauthcc_cache_status"), NULL,
      oauthcc_variables_get, OAUTHCC_VARIABLES_STATUS,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("oauthcc_expires_in"), NULL,
      oauthcc_variables_get, OAUTHCC_VARIABLES_EXPIRES_IN,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("oauthcc_login_time"), NULL,
      oauthcc_variables_get, OAUTHCC_VARIABLES_LOGIN_TIME,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("oauthcc_error"), NULL,
      oauthcc_variables_get, OAUTHCC_VARIABLES_ERROR,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

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

static ngx_int_t
oauthcc_variables_get(ngx_http_request_t *r, ngx_http_variable_value_t *v,
    uintptr_t data)
{
    ngx_int_t                rc;
    ngx_str_t                value;
    ngx_msec_int_t           left;
    oauthcc_credential_t    *credential;
    ngx_http_oauthcc_ctx_t  *ctx;

    ngx_str_set(&value, "");
    rc = NGX_OK;

    ctx = ngx_http_get_module_ctx(r, ngx_http_oauthcc_module);

    if (ctx == NULL) {
        goto done;
    }

    credential = ctx->acquire.credential;

    switch (data) {

    case OAUTHCC_VARIABLES_PROVIDER:

        if (ctx->provider) {
            value = ctx->provider->name;
        }

        break;

    case OAUTHCC_VARIABLES_STATUS:
        value = oauthcc_variables_states[ctx->acquire.status];
        break;

    case OAUTHCC_VARIABLES_ERROR:

        if (ctx->acquire.failure) {
            value.data = ctx->acquire.failure->text;
            value.len = ctx->acquire.failure->len;
        }

        break;

    default:

        if (credential == NULL) {
            break;
        }

        if (data == OAUTHCC_VARIABLES_TOKEN) {
            value = credential->access_token;

        } else if (data == OAUTHCC_VARIABLES_LOGIN_TIME) {
            rc = oauthcc_variables_time(r, &value, credential->login_time,
                                        "%T.%03M");
        } else {

            /* as of the attempt: the same however often it is read */

            left = (ngx_msec_int_t) (credential->expires - ctx->now);
            rc = oauthcc_variables_time(r, &value, ngx_max(left, 0), "%T");
        }
    }

done:

    oauthcc_variable_values_own();

    v->valid = 0;
    v->no_cacheable = 1;
    v->not_found = 0;
    v->len = value.len;
    v->data = value.data;

    return rc;
}


static ngx_int_t
oauthcc_variables_time(ngx_http_request_t *r, ngx_str_t *value, ngx_msec_t ms,
    const char *fmt)
{
    u_char  *p;

    p = ngx_pnalloc(r->pool, NGX_TIME_T_LEN + 4);
    if (p == NULL) {
        return NGX_ERROR;
    }

    value->data = p;
    value->len = ngx_sprintf(p, fmt, (time_t) (ms / 1000), ms % 1000) - p;

    return NGX_OK;
}
