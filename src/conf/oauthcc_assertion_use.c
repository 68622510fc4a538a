
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "conf/oauthcc_assertion_use.h"
#include "conf/oauthcc_block.h"
#include "core/oauthcc_directive.h"
#include "core/oauthcc_text.h"
#include "oauth/oauthcc_client_auth.h"
#include "oauth/oauthcc_token_request.h"
#include "token/oauthcc_token_types.h"


static char *oauthcc_assertion_use_grant(oauthcc_provider_t *provider);
static char *oauthcc_assertion_use_token(oauthcc_provider_t *provider,
    ngx_str_t **name);


char *
oauthcc_assertion_use_check(oauthcc_provider_t *provider,
    ngx_str_t **name)
{
    oauthcc_client_auth_t  *auth;

    auth = &provider->client;
    *name = NULL;

    if (auth->assertion_use == OAUTHCC_CLIENT_AUTH_USE_CLIENT) {
        return NULL;
    }

    /* the server knows this client by its key */

    if (auth->assertion.text.len == 0) {
        ngx_conf_init_uint_value(auth->method, OAUTHCC_CLIENT_AUTH_NONE);
    }

    if (auth->key_file.text.len == 0) {
        return "no \"assertion_key\", which \"assertion_use\" needs";
    }

    if (auth->assertion_issuer.text.len == 0 && auth->id.text.len == 0) {
        return "no \"assertion_issuer\" nor \"client_id\", which is the "
               "claim \"iss\"";
    }

    return auth->assertion_use == OAUTHCC_CLIENT_AUTH_USE_GRANT
           ? oauthcc_assertion_use_grant(provider)
           : oauthcc_assertion_use_token(provider, name);
}


static char *
oauthcc_assertion_use_grant(oauthcc_provider_t *provider)
{
    static ngx_str_t  name = ngx_string("assertion");

    if (!oauthcc_block_has(provider, "grant_type")) {
        ngx_str_set(&provider->grant.type, OAUTHCC_TOKEN_REQUEST_BEARER);

    } else if (oauthcc_text_is(&provider->grant.type, "client_credentials")
               || oauthcc_text_is(&provider->grant.type, "password"))
    {
        return "\"assertion_use grant\" is a grant of its own: remove "
               "\"grant_type\"";
    }

    if (provider->client.method == OAUTHCC_CLIENT_AUTH_SECRET_JWT) {
        return "\"assertion_use grant\" conflicts with \"auth_method "
               "client_secret_jwt\", which has no key";
    }

    return oauthcc_block_param(provider, &name)
           ? "\"param assertion\" conflicts with \"assertion_use grant\", "
             "which makes it"
           : NULL;
}


/* No server is asked. */

static char *
oauthcc_assertion_use_token(oauthcc_provider_t *provider,
    ngx_str_t **name)
{
    ngx_uint_t            i;
    oauthcc_directive_t  *directive;

    directive = provider->directives.elts;

    for (i = 0; i < provider->directives.nelts; i++) {

        if ((directive[i].flags & OAUTHCC_DIRECTIVE_OAUTH)
            && !(directive[i].flags & OAUTHCC_DIRECTIVE_JWT))
        {
            *name = &directive[i].words[0];

            return "has no effect with \"assertion_use token\", which asks no "
                   "server";
        }
    }

    return NULL;
}


ngx_str_t *
oauthcc_assertion_use_useless(oauthcc_provider_t *provider,
    ngx_array_t *parameters)
{
    ngx_uint_t            i;
    oauthcc_parameter_t  *parameter;

    if (parameters == NULL
        || provider->client.assertion_use != OAUTHCC_CLIENT_AUTH_USE_TOKEN)
    {
        return NULL;
    }

    parameter = parameters->elts;

    for (i = 0; i < parameters->nelts; i++) {

        if (oauthcc_text_is(&parameter[i].name, "audience")
            || (oauthcc_text_is(&parameter[i].name, "scope")
                && oauthcc_client_auth_scoped(provider)))
        {
            continue;
        }

        return &parameter[i].name;
    }

    return NULL;
}
