
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "token/oauthcc_login_basic.h"
#include "token/oauthcc_token_types.h"
#include "core/oauthcc_text.h"
#include "oauth/oauthcc_client_auth.h"
#include "oauth/oauthcc_token_request.h"


static oauthcc_basic_form_e oauthcc_login_basic_form(
    oauthcc_provider_t *provider);
static ngx_uint_t oauthcc_login_basic_note(oauthcc_provider_t *provider,
    oauthcc_login_basic_t *basic, oauthcc_basic_form_e form);
static ngx_uint_t oauthcc_login_basic_client(ngx_uint_t status,
    ngx_str_t *error);
static ngx_uint_t oauthcc_login_basic_known(ngx_uint_t status,
    ngx_str_t *error);


/* errors that most servers return only after they authenticated the client */

static char  *oauthcc_login_basic_later[] = {
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_grant",
    "invalid_scope",
    "invalid_target",
    "invalid_resource",
    "access_denied",
    NULL
};


ngx_uint_t
oauthcc_login_basic_pending(oauthcc_provider_t *provider)
{
    return oauthcc_token_request_forms(provider)
           && oauthcc_login_basic_form(provider) == OAUTHCC_BASIC_FORM_UNKNOWN;
}


ngx_uint_t
oauthcc_login_basic_raw(oauthcc_provider_t *provider,
    oauthcc_login_basic_t *basic)
{
    /* if only one form is ever sent, there is nothing to learn */

    basic->form = OAUTHCC_BASIC_FORM_RFC6749;
    basic->content = provider->runtime.content.digest;

    if (!oauthcc_token_request_forms(provider)) {
        basic->second = 0;
        return provider->client.basic_encoding == OAUTHCC_CLIENT_AUTH_RAW;
    }

    basic->form = oauthcc_login_basic_form(provider);

    switch (basic->form) {

    case OAUTHCC_BASIC_FORM_UNKNOWN:
        return basic->second;

    case OAUTHCC_BASIC_FORM_RAW:
    case OAUTHCC_BASIC_FORM_NEXT_RAW:
        return 1;

    default:
        return 0;
    }
}


void
oauthcc_login_basic_taken(oauthcc_provider_t *provider,
    oauthcc_login_basic_t *basic, ngx_log_t *log)
{
    ngx_uint_t  raw;

    if (basic->form == OAUTHCC_BASIC_FORM_RFC6749
        || basic->form == OAUTHCC_BASIC_FORM_RAW)
    {
        return;
    }

    raw = basic->second || basic->form == OAUTHCC_BASIC_FORM_NEXT_RAW;

    basic->second = 0;

    if (!oauthcc_login_basic_note(provider, basic,
                                  raw ? OAUTHCC_BASIC_FORM_RAW
                                      : OAUTHCC_BASIC_FORM_RFC6749))
    {
        return;
    }

    if (raw) {
        ngx_log_error(NGX_LOG_NOTICE, log, 0,
                      "the token endpoint takes client_id and client_secret "
                      "raw, and not in the form of RFC 6749");

    } else {
        ngx_log_error(NGX_LOG_NOTICE, log, 0,
                      "the token endpoint takes client_id and client_secret "
                      "in the form of RFC 6749");
    }
}


ngx_uint_t
oauthcc_login_basic_refused(oauthcc_provider_t *provider,
    oauthcc_login_basic_t *basic, ngx_uint_t status, ngx_str_t *error,
    ngx_log_t *log)
{
    ngx_uint_t  second;

    second = basic->second;
    basic->second = 0;

    if (!oauthcc_login_basic_client(status, error)) {

        /*
         * the first form was refused, and the second authenticated the client
         */

        if (second && oauthcc_login_basic_known(status, error)) {
            basic->second = 1;
            oauthcc_login_basic_taken(provider, basic, log);
        }

        return 0;
    }

    switch (basic->form) {

    case OAUTHCC_BASIC_FORM_UNKNOWN:

        if (second) {
            break;
        }

        ngx_log_error(NGX_LOG_INFO, log, 0,
                      "client_id and client_secret were refused in the form "
                      "of RFC 6749, the raw form is next");

        basic->second = 1;

        return 1;

    case OAUTHCC_BASIC_FORM_NEXT_RFC6749:
        (void) oauthcc_login_basic_note(provider, basic,
                                        OAUTHCC_BASIC_FORM_NEXT_RAW);
        return 0;

    case OAUTHCC_BASIC_FORM_NEXT_RAW:
        (void) oauthcc_login_basic_note(provider, basic,
                                        OAUTHCC_BASIC_FORM_NEXT_RFC6749);
        return 0;

    default:
        return 0;
    }

    /*
     * repeated refusals may lock the client out: one form a login from here on
     */

    if (oauthcc_login_basic_note(provider, basic,
                                 OAUTHCC_BASIC_FORM_NEXT_RFC6749))
    {
        ngx_log_error(NGX_LOG_WARN, log, 0,
                      "client_id and client_secret were refused in both "
                      "forms, which are two refused logins at the server; "
                      "each login tries one of them from now on, in turns, "
                      "until the secret changes");
    }

    return 0;
}


static oauthcc_basic_form_e
oauthcc_login_basic_form(oauthcc_provider_t *provider)
{
    return oauthcc_basic_form_get(provider->runtime.stats,
                                  provider->runtime.local->digest,
                                  provider->runtime.content.digest);
}


static ngx_uint_t
oauthcc_login_basic_note(oauthcc_provider_t *provider,
    oauthcc_login_basic_t *basic, oauthcc_basic_form_e form)
{
    return oauthcc_basic_form_set(provider->runtime.stats,
                                  provider->runtime.local->digest,
                                  basic->content, form);
}


/*
 * Whether the client authentication was refused, RFC 6749 section 5.2.
 * Glewlwyd answers 403 without an error then.
 */

static ngx_uint_t
oauthcc_login_basic_client(ngx_uint_t status, ngx_str_t *error)
{
    if (status == NGX_HTTP_UNAUTHORIZED
        || (status == NGX_HTTP_FORBIDDEN && error->len == 0))
    {
        return 1;
    }

    return oauthcc_text_is(error, "invalid_client")
           && (status / 100 == 2
               || (status / 100 == 4 && status != NGX_HTTP_TOO_MANY_REQUESTS));
}


static ngx_uint_t
oauthcc_login_basic_known(ngx_uint_t status, ngx_str_t *error)
{
    char  **later;

    if (status / 100 != 4) {
        return 0;
    }

    for (later = oauthcc_login_basic_later; *later; later++) {
        if (oauthcc_text_is(error, *later)) {
            return 1;
        }
    }

    return 0;
}
