
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "conf/oauthcc_provider_assertion.h"
#include "conf/oauthcc_slots.h"
#include "core/oauthcc_redact_url.h"
#include "core/oauthcc_text.h"
#include "oauth/oauthcc_client_assertion.h"


/* in milliseconds */
#define OAUTHCC_PROVIDER_ASSERTION_LIFE_MIN  10000
#define OAUTHCC_PROVIDER_ASSERTION_LIFE_MAX  86400000


/* claims that have directives of their own, or no choice */

static char  *oauthcc_provider_assertion_given[] = {
    "iss", "sub", "aud", "exp", "iat", "nbf", "jti", NULL
};


/* What is left of it when it is sent has to be enough, RFC 7523 section 3. */

char *
oauthcc_provider_assertion_lifetime(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    char *p = conf;

    char        *rv;
    ngx_msec_t  *life;

    rv = oauthcc_slots_time(cf, cmd, conf);

    if (rv != NGX_CONF_OK) {
        return rv;
    }

    life = (ngx_msec_t *) (p + cmd->offset);

    if (*life < OAUTHCC_PROVIDER_ASSERTION_LIFE_MIN
        || *life > OAUTHCC_PROVIDER_ASSERTION_LIFE_MAX)
    {
        return "has to be a time between 10s and 24h";
    }

    return NGX_CONF_OK;
}


char *
oauthcc_provider_assertion_claim(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    char *p = conf;

    char             **given;
    ngx_str_t         *arg;
    ngx_uint_t         i;
    ngx_array_t       *claims;
    oauthcc_claim_t   *claim;

    arg = cf->args->elts;
    claims = (ngx_array_t *) (p + cmd->offset);

    if (arg[1].len == 0) {
        return "has an empty name";
    }

    for (given = oauthcc_provider_assertion_given; *given; given++) {

        if (oauthcc_text_is(&arg[1], *given)) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "\"%V %V\" is not allowed, the claim has a "
                               "directive of its own or is given",
                               &cmd->name, &arg[1]);
            return NGX_CONF_ERROR;
        }
    }

    claim = claims->elts;

    for (i = 0; i < claims->nelts; i++) {
        if (oauthcc_text_eq(&claim[i].name, &arg[1])) {
            return "is duplicate";
        }
    }

    claim = ngx_array_push(claims);
    if (claim == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(claim, sizeof(oauthcc_claim_t));

    claim->name = arg[1];

    if (arg[2].len
        && oauthcc_slots_value(cf, &arg[2], &cmd->name, &claim->value)
           != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (cf->args->nelts == 3) {
        return NGX_CONF_OK;
    }

    if (!oauthcc_text_is(&arg[3], "json")) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid parameter \"%V\" in \"%V\", it may be "
                           "\"json\"",
                           oauthcc_redact_url_text(cf->pool, &arg[3]),
                           &cmd->name);
        return NGX_CONF_ERROR;
    }

    claim->json = 1;

    if (!oauthcc_client_assertion_json(&claim->value.text)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V %V\" has a value that is not JSON",
                           &cmd->name, &claim->name);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}
