
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_clock.h"
#include "upstream/oauthcc_variables.h"
#include "upstream/oauthcc_context.h"
#include "core/oauthcc_text.h"
#include "http/oauthcc_client_variables.h"
#include "upstream/oauthcc_request_context.h"
#include "upstream/oauthcc_subject.h"
#include "upstream/oauthcc_variable_values.h"


extern ngx_module_t  ngx_http_oauthcc_module;


#define OAUTHCC_VARIABLES_RESPONSE  "oauthcc_response_"


typedef enum {
    OAUTHCC_VARIABLES_TOKEN = 0,
    OAUTHCC_VARIABLES_TYPE,
    OAUTHCC_VARIABLES_PROVIDER,
    OAUTHCC_VARIABLES_STATUS,
    OAUTHCC_VARIABLES_EXPIRES_IN,
    OAUTHCC_VARIABLES_LOGIN_TIME,
    OAUTHCC_VARIABLES_ERROR,
    OAUTHCC_VARIABLES_REPLAYS,
    OAUTHCC_VARIABLES_INCOMING,
    OAUTHCC_VARIABLES_SUBJECT_ID
} oauthcc_variables_e;


static ngx_int_t oauthcc_variables_get(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t oauthcc_variables_response(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t oauthcc_variables_subject(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static void oauthcc_variables_give(ngx_http_variable_value_t *v,
    ngx_str_t *value);
static ngx_int_t oauthcc_variables_order(const void *one,
    const void *two);
static ngx_int_t oauthcc_variables_time(ngx_http_request_t *r,
    ngx_str_t *value, ngx_msec_t ms, const char *fmt);


/* members of a response that have a variable of their own, or none at all */

static ngx_str_t  oauthcc_variables_tokens[] = {
    ngx_string("access_token"),
    ngx_string("refresh_token"),
    ngx_string("id_token"),
    ngx_null_string
};


static ngx_http_variable_t  oauthcc_variables[] = {

    { ngx_string("oauthcc_access_token"), NULL,
      oauthcc_variables_get, OAUTHCC_VARIABLES_TOKEN,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("oauthcc_token_type"), NULL,
      oauthcc_variables_get, OAUTHCC_VARIABLES_TYPE,
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

    { ngx_string("oauthcc_response_"), NULL,
      oauthcc_variables_response, 0,
      NGX_HTTP_VAR_NOCACHEABLE|NGX_HTTP_VAR_PREFIX, 0 },

    { ngx_string("oauthcc_replays"), NULL,
      oauthcc_variables_get, OAUTHCC_VARIABLES_REPLAYS,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("oauthcc_incoming_token"), NULL,
      oauthcc_variables_subject, OAUTHCC_VARIABLES_INCOMING,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("oauthcc_subject_id"), NULL,
      oauthcc_variables_subject, OAUTHCC_VARIABLES_SUBJECT_ID,
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


ngx_int_t
oauthcc_variables_members(ngx_conf_t *cf, ngx_http_oauthcc_main_conf_t *omcf)
{
    ngx_str_t                  *member;
    ngx_uint_t                  i;
    ngx_http_variable_t        *v;
    ngx_http_core_main_conf_t  *cmcf;

    if (ngx_array_init(&omcf->members, cf->pool, 1, sizeof(ngx_str_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    v = cmcf->variables.elts;

    for (i = 0; i < cmcf->variables.nelts; i++) {

        if (!oauthcc_text_begins(&v[i].name, OAUTHCC_VARIABLES_RESPONSE)) {
            continue;
        }

        member = ngx_array_push(&omcf->members);
        if (member == NULL) {
            return NGX_ERROR;
        }

        *member = v[i].name;
        member->data += sizeof(OAUTHCC_VARIABLES_RESPONSE) - 1;
        member->len -= sizeof(OAUTHCC_VARIABLES_RESPONSE) - 1;

        if (member->len == 0
            || oauthcc_text_in(oauthcc_variables_tokens, member))
        {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "there is no variable \"$%V\": a token of a "
                          "response is only available as "
                          "\"$oauthcc_access_token\"", &v[i].name);
            return NGX_ERROR;
        }
    }

    /* sorted, since they are part of the cache key */

    ngx_sort(omcf->members.elts, omcf->members.nelts, sizeof(ngx_str_t),
             oauthcc_variables_order);

    return NGX_OK;
}


static ngx_int_t
oauthcc_variables_order(const void *one, const void *two)
{
    ngx_str_t *a = (ngx_str_t *) one;
    ngx_str_t *b = (ngx_str_t *) two;

    return ngx_memn2cmp(a->data, b->data, a->len, b->len);
}


/* A variable with this prefix: the rest of its name is the member's. */

static ngx_int_t
oauthcc_variables_response(ngx_http_request_t *r, ngx_http_variable_value_t *v,
    uintptr_t data)
{
    ngx_str_t                name, value;
    oauthcc_credential_t    *credential;
    ngx_http_oauthcc_ctx_t  *ctx;

    name = *(ngx_str_t *) data;

    name.data += sizeof(OAUTHCC_VARIABLES_RESPONSE) - 1;
    name.len -= sizeof(OAUTHCC_VARIABLES_RESPONSE) - 1;

    ctx = ngx_http_get_module_ctx(r, ngx_http_oauthcc_module);

    credential = ctx ? ctx->acquire.credential : NULL;

    if (credential == NULL
        || !oauthcc_credential_member(credential, &name, &value))
    {
        ngx_str_set(&value, "");
    }

    oauthcc_variables_give(v, &value);

    return NGX_OK;
}


/*
 * A request and its subrequests share the array of variables, but may have
 * different providers.  A value is therefore never cached there: neither valid
 * nor not_found is set.  A missing value is not either, since a login may end.
 */

static ngx_int_t
oauthcc_variables_get(ngx_http_request_t *r, ngx_http_variable_value_t *v,
    uintptr_t data)
{
    ngx_int_t                rc;
    ngx_str_t                value;
    int64_t                  left;
    oauthcc_credential_t    *credential;
    ngx_http_oauthcc_ctx_t  *ctx;

    ngx_str_set(&value, "");
    rc = NGX_OK;

    ctx = ngx_http_get_module_ctx(r, ngx_http_oauthcc_module);

    /*
     * an error page shows the state of the request that failed, but no token
     */

    if (ctx == NULL && data != OAUTHCC_VARIABLES_TOKEN) {
        ctx = oauthcc_request_context_former(r);
    }

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

    case OAUTHCC_VARIABLES_REPLAYS:

        if (ctx->provider) {
            value.len = 1;
            value.data = (u_char *) (ctx->replayed ? "1" : "0");
        }

        break;

    default:

        if (credential == NULL) {
            break;
        }

        if (data == OAUTHCC_VARIABLES_TOKEN) {
            value = credential->access_token;

        } else if (data == OAUTHCC_VARIABLES_TYPE) {
            ngx_str_set(&value, "Bearer");

            if (credential->packed.bound) {
                ngx_str_set(&value, "DPoP");
            }

        } else if (data == OAUTHCC_VARIABLES_LOGIN_TIME) {
            rc = oauthcc_variables_time(r, &value, credential->login_time,
                                        "%T.%03M");
        } else {

            /* as of the attempt, so that each read gives the same value */

            left = (int64_t) (credential->expires - oauthcc_clock_msec()
                              + (ngx_current_msec - ctx->now));
            rc = oauthcc_variables_time(r, &value, ngx_max(left, 0), "%T");
        }
    }

done:

    oauthcc_variables_give(v, &value);

    return rc;
}


/* What is the client's own, and the same however often it is read. */

static ngx_int_t
oauthcc_variables_subject(ngx_http_request_t *r, ngx_http_variable_value_t *v,
    uintptr_t data)
{
    ngx_str_t  value;

    if (data == OAUTHCC_VARIABLES_INCOMING) {
        oauthcc_subject_incoming(r, &value);

    } else if (oauthcc_subject_id(r, &value) != NGX_OK) {
        return NGX_ERROR;
    }

    v->valid = 1;
    v->no_cacheable = 1;
    v->not_found = 0;
    v->len = value.len;
    v->data = value.data;

    return NGX_OK;
}


static void
oauthcc_variables_give(ngx_http_variable_value_t *v, ngx_str_t *value)
{
    oauthcc_variable_values_own();

    v->valid = 0;
    v->no_cacheable = 1;
    v->not_found = 0;
    v->len = value->len;
    v->data = value->data;
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
