
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "conf/oauthcc_subject_use.h"
#include "conf/oauthcc_block.h"
#include "core/oauthcc_redact_url.h"
#include "core/oauthcc_text.h"
#include "oauth/oauthcc_client_auth.h"
#include "oauth/oauthcc_token_request.h"


static ngx_uint_t oauthcc_subject_use_variable(ngx_str_t *value,
    ngx_str_t *name);
static char *oauthcc_subject_use_provider(oauthcc_provider_t *provider);
static char *oauthcc_subject_use_unfit(oauthcc_provider_t *provider);
static char *oauthcc_subject_use_binding(oauthcc_binding_t *binding);
static void oauthcc_subject_use_warn(ngx_conf_t *cf,
    oauthcc_binding_t *binding);


ngx_int_t
oauthcc_subject_use_parameter(ngx_conf_t *cf, oauthcc_binding_t *binding,
    ngx_str_t *arg, ngx_str_t *value)
{
    ngx_str_t                         name;
    ngx_http_compile_complex_value_t  ccv;

    if (binding->subject) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "duplicate parameter \"%V\" of the \"oauthcc\" "
                           "directive",
                           oauthcc_redact_url_value(cf->pool, arg));
        return NGX_ERROR;
    }

    if (ngx_http_script_variables_count(value) == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" has no variables: it is the client's "
                           "token, see \"$oauthcc_incoming_token\"",
                           oauthcc_redact_url_value(cf->pool, arg));
        return NGX_ERROR;
    }

    binding->subject = ngx_palloc(cf->pool, sizeof(ngx_http_complex_value_t));
    if (binding->subject == NULL) {
        return NGX_ERROR;
    }

    binding->varies = 1;
    binding->subject_variable = NGX_DECLINED;

    if (oauthcc_subject_use_variable(value, &name)) {

        binding->subject_variable = ngx_http_get_variable_index(cf, &name);

        if (binding->subject_variable == NGX_ERROR) {
            return NGX_ERROR;
        }
    }

    ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

    ccv.cf = cf;
    ccv.value = value;
    ccv.complex_value = binding->subject;

    return ngx_http_compile_complex_value(&ccv);
}


ngx_int_t
oauthcc_subject_use_check(ngx_conf_t *cf, ngx_http_oauthcc_main_conf_t *omcf)
{
    char                 *err;
    ngx_uint_t            i;
    oauthcc_binding_t   **binding;
    oauthcc_provider_t  **provider;

    provider = omcf->providers.elts;

    for (i = 0; i < omcf->providers.nelts; i++) {

        err = oauthcc_subject_use_provider(provider[i]);

        if (err) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "%s, in the block that begins in %V:%ui, "
                          "oauthcc_provider \"%V\"", err,
                          &provider[i]->file, provider[i]->line,
                          &provider[i]->name);
            return NGX_ERROR;
        }
    }

    binding = omcf->bindings.elts;

    for (i = 0; i < omcf->bindings.nelts; i++) {

        if (binding[i]->provider && binding[i]->subject) {
            binding[i]->provider->grant.subject = 1;
        }
    }

    for (i = 0; i < omcf->bindings.nelts; i++) {

        if (binding[i]->provider == NULL) {
            continue;
        }

        err = oauthcc_subject_use_binding(binding[i]);

        if (err) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "%s, oauthcc provider \"%V\" in %V:%ui", err,
                          &binding[i]->provider->name, &binding[i]->file,
                          binding[i]->line);
            return NGX_ERROR;
        }

        oauthcc_subject_use_warn(cf, binding[i]);
    }

    return NGX_OK;
}


/* Whether a value is one variable and nothing else: "$name" or "${name}". */

static ngx_uint_t
oauthcc_subject_use_variable(ngx_str_t *value, ngx_str_t *name)
{
    size_t  i;
    u_char  c;

    *name = *value;

    if (name->len < 2 || name->data[0] != '$') {
        return 0;
    }

    name->data++;
    name->len--;

    if (name->len > 2 && name->data[0] == '{'
        && name->data[name->len - 1] == '}')
    {
        name->data++;
        name->len -= 2;
    }

    for (i = 0; i < name->len; i++) {
        c = name->data[i];

        /* what begins with a digit is a capture */

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'
              || (i && c >= '0' && c <= '9')))
        {
            return 0;
        }
    }

    return 1;
}


/* NULL, or what is wrong with the directives of a block. */

static char *
oauthcc_subject_use_provider(oauthcc_provider_t *provider)
{
    ngx_str_t         type;
    ngx_uint_t        exchange;
    oauthcc_grant_t  *grant;

    grant = &provider->grant;

    exchange = oauthcc_text_is(&grant->type, OAUTHCC_TOKEN_REQUEST_EXCHANGE);

    if (oauthcc_block_has(provider, "subject_token_type")) {

        if (!exchange) {
            return "\"subject_token_type\" is of no use without a "
                   "\"grant_type\" of token exchange";
        }

        ngx_str_set(&type, "subject_token_type");

        if (oauthcc_block_param(provider, &type)) {
            return "\"param subject_token_type\" cannot stand beside "
                   "\"subject_token_type\"";
        }
    }

    if (oauthcc_block_has(provider, "subject_token_lifetime")) {

        if (!exchange
            && !oauthcc_text_is(&grant->type, OAUTHCC_TOKEN_REQUEST_BEARER))
        {
            return "\"subject_token_lifetime\" is of no use without a "
                   "\"grant_type\" that takes a caller's token";
        }

        if (grant->subject_token_lifetime < 1000) {
            return "\"subject_token_lifetime\" is at least one second";
        }
    }

    if (oauthcc_subject_use_unfit(provider) == NULL) {

        if (exchange) {
            ngx_str_set(&grant->subject_parameter, "subject_token");

        } else {
            ngx_str_set(&grant->subject_parameter, "assertion");
        }
    }

    return NULL;
}


/* NULL, or why the logins of a provider cannot have a caller's token. */

static char *
oauthcc_subject_use_unfit(oauthcc_provider_t *provider)
{
    ngx_str_t  name;

    if (provider->document.login_json) {
        return "\"subject_token=\" is of no use with \"login_json\"";
    }

    if (oauthcc_text_is(&provider->grant.type,
                        OAUTHCC_TOKEN_REQUEST_EXCHANGE))
    {
        ngx_str_set(&name, "subject_token");

    } else if (oauthcc_text_is(&provider->grant.type,
                               OAUTHCC_TOKEN_REQUEST_BEARER))
    {
        ngx_str_set(&name, "assertion");

    } else {
        return "\"subject_token=\" needs \"grant_type urn:ietf:params:oauth:"
               "grant-type:token-exchange\" or \"grant_type urn:ietf:params:"
               "oauth:grant-type:jwt-bearer\"";
    }

    if (provider->client.assertion_use != OAUTHCC_CLIENT_AUTH_USE_CLIENT) {
        return "\"subject_token=\" cannot stand beside \"assertion_use\": "
               "the caller's token is the grant";
    }

    if (oauthcc_block_param(provider, &name)) {
        return "\"subject_token=\" cannot stand beside a \"param\" of the "
               "same meaning, \"subject_token\" or \"assertion\"";
    }

    if (provider->lifetime.keep_warm) {
        return "\"subject_token=\" cannot stand beside \"keep_warm\": there "
               "is no caller whose token it could be";
    }

    return NULL;
}


/* NULL, or what is wrong with an oauthcc directive. */

static char *
oauthcc_subject_use_binding(oauthcc_binding_t *binding)
{
    char                 *err;
    ngx_uint_t            i;
    oauthcc_provider_t   *provider;
    oauthcc_parameter_t  *parameter;

    provider = binding->provider;

    if (binding->subject == NULL) {
        return provider->grant.subject
               ? "no \"subject_token=\", which another \"oauthcc\" directive "
                 "with this provider has"
               : NULL;
    }

    err = oauthcc_subject_use_unfit(provider);

    if (err || binding->parameters == NULL) {
        return err;
    }

    parameter = binding->parameters->elts;

    for (i = 0; i < binding->parameters->nelts; i++) {

        if (oauthcc_text_eq(&parameter[i].name,
                            &provider->grant.subject_parameter))
        {
            return "\"subject_token=\" cannot stand beside a \"param:\" of "
                   "the same meaning, \"subject_token\" or \"assertion\"";
        }
    }

    return NULL;
}


/*
 * A caller's token as any other parameter: an entry is neither as private nor
 * does it end with the token.
 */

static void
oauthcc_subject_use_warn(ngx_conf_t *cf, oauthcc_binding_t *binding)
{
    ngx_uint_t            i;
    oauthcc_parameter_t  *parameter;

    if (binding->subject || binding->parameters == NULL
        || binding->provider->grant.subject_parameter.len == 0)
    {
        return;
    }

    parameter = binding->parameters->elts;

    for (i = 0; i < binding->parameters->nelts; i++) {

        if (parameter[i].value.lengths
            && oauthcc_text_eq(&parameter[i].name,
                               &binding->provider->grant.subject_parameter))
        {
            ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                          "\"param:%V=\" of the \"oauthcc\" directive is a "
                          "token of the client's: use \"subject_token=\", in "
                          "%V:%ui", &parameter[i].name, &binding->file,
                          binding->line);
        }
    }
}
