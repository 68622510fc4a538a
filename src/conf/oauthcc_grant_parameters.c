
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "conf/oauthcc_grant_parameters.h"
#include "conf/oauthcc_block.h"
#include "core/oauthcc_text.h"
#include "oauth/oauthcc_client_auth.h"
#include "oauth/oauthcc_token_request.h"


typedef struct {
    char       *grant;
    ngx_str_t   name;
} oauthcc_grant_parameters_t;


static ngx_int_t oauthcc_grant_parameters_provider(ngx_conf_t *cf,
    ngx_http_oauthcc_main_conf_t *omcf, oauthcc_provider_t *provider,
    ngx_str_t *name);
static ngx_uint_t oauthcc_grant_parameters_has(oauthcc_provider_t *provider,
    oauthcc_binding_t *binding, ngx_str_t *name);
static ngx_int_t oauthcc_grant_parameters_refuse(ngx_conf_t *cf,
    oauthcc_provider_t *provider, ngx_str_t *name, ngx_str_t *file,
    ngx_uint_t line);


/* REQUIRED ones; those of "password" have directives, see provider_auth */

static oauthcc_grant_parameters_t  oauthcc_grant_parameters[] = {

    /* RFC 8693 section 2.1, RFC 7521 section 4.1 */

    { OAUTHCC_TOKEN_REQUEST_EXCHANGE, ngx_string("subject_token") },
    { OAUTHCC_TOKEN_REQUEST_BEARER, ngx_string("assertion") },
    { "urn:ietf:params:oauth:grant-type:saml2-bearer",
      ngx_string("assertion") },

    /* RFC 6749 sections 6 and 4.1.3 */

    { "refresh_token", ngx_string("refresh_token") },
    { "authorization_code", ngx_string("code") },

    /* RFC 8628 section 3.4, OpenID CIBA section 10.1 */

    { "urn:ietf:params:oauth:grant-type:device_code",
      ngx_string("device_code") },
    { "urn:openid:params:grant-type:ciba", ngx_string("auth_req_id") },

    { NULL, ngx_null_string }
};


ngx_int_t
oauthcc_grant_parameters_check(ngx_conf_t *cf,
    ngx_http_oauthcc_main_conf_t *omcf)
{
    ngx_uint_t                    i;
    oauthcc_provider_t          **provider;
    oauthcc_grant_parameters_t   *needed;

    provider = omcf->providers.elts;

    for (i = 0; i < omcf->providers.nelts; i++) {

        for (needed = oauthcc_grant_parameters; needed->grant; needed++) {

            if (oauthcc_text_is(&provider[i]->grant.type, needed->grant)
                && oauthcc_grant_parameters_provider(cf, omcf, provider[i],
                                                     &needed->name)
                   != NGX_OK)
            {
                return NGX_ERROR;
            }
        }
    }

    return NGX_OK;
}


static ngx_int_t
oauthcc_grant_parameters_provider(ngx_conf_t *cf,
    ngx_http_oauthcc_main_conf_t *omcf, oauthcc_provider_t *provider,
    ngx_str_t *name)
{
    ngx_uint_t           i, given, used;
    oauthcc_binding_t  **binding;

    used = 0;
    binding = omcf->bindings.elts;

    for (i = 0; i < omcf->bindings.nelts; i++) {

        if (binding[i]->provider != provider && binding[i]->provider) {
            continue;
        }

        given = oauthcc_grant_parameters_has(provider, binding[i], name);

        if (binding[i]->provider && !given) {
            return oauthcc_grant_parameters_refuse(cf, provider, name,
                                                   &binding[i]->file,
                                                   binding[i]->line);
        }

        /* a variable may select this provider */

        used |= given;
    }

    if ((!used || provider->lifetime.keep_warm)
        && !oauthcc_grant_parameters_has(provider, NULL, name))
    {
        return oauthcc_grant_parameters_refuse(cf, provider, name,
                                               &provider->file,
                                               provider->line);
    }

    return NGX_OK;
}


/*
 * One that is empty counts as omitted (RFC 6749 section 3.2).  "binding" NULL:
 * of a login without a request.
 */

static ngx_uint_t
oauthcc_grant_parameters_has(oauthcc_provider_t *provider,
    oauthcc_binding_t *binding, ngx_str_t *name)
{
    ngx_uint_t            i;
    oauthcc_named_t      *param;
    oauthcc_parameter_t  *parameter;

    if (oauthcc_text_is(name, "assertion")
        && provider->client.assertion_use == OAUTHCC_CLIENT_AUTH_USE_GRANT)
    {
        return 1;
    }

    if (binding && binding->subject
        && oauthcc_text_eq(name, &provider->grant.subject_parameter))
    {
        return 1;
    }

    if (binding && binding->parameters) {
        parameter = binding->parameters->elts;

        for (i = 0; i < binding->parameters->nelts; i++) {

            if (oauthcc_text_eq(&parameter[i].name, name)) {
                return parameter[i].value.value.len != 0;
            }
        }
    }

    param = oauthcc_block_param(provider, name);

    return param && param->value.text.len;
}


static ngx_int_t
oauthcc_grant_parameters_refuse(ngx_conf_t *cf, oauthcc_provider_t *provider,
    ngx_str_t *name, ngx_str_t *file, ngx_uint_t line)
{
    ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                  "no parameter \"%V\", which \"grant_type %V\" needs: set it "
                  "with \"param\", or with \"%s\" of the \"oauthcc\" "
                  "directive, oauthcc provider \"%V\" in %V:%ui",
                  name, &provider->grant.type,
                  oauthcc_text_eq(name, &provider->grant.subject_parameter)
                  ? "subject_token=" : "param:",
                  &provider->name, file, line);

    return NGX_ERROR;
}
