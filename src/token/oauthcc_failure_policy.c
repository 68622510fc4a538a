
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "token/oauthcc_failure_policy.h"
#include "core/oauthcc_text.h"


/*
 * the backoff after a lasting error begins with this multiple of the minimum
 */
#define OAUTHCC_FAILURE_POLICY_LASTING  8


typedef struct {
    ngx_str_t   name;
    ngx_uint_t  all;  /* affects all entries of the provider */
    ngx_uint_t  factor;
} oauthcc_failure_policy_error_t;


static oauthcc_failure_policy_error_t *oauthcc_failure_policy_error(
    ngx_str_t *name);


/*
 * Errors of RFC 6749, RFC 8707, OpenID Connect and the larger servers.  Most
 * are lasting: an administrator has to change something first.
 */

static oauthcc_failure_policy_error_t  oauthcc_failure_policy_errors[] = {
    { ngx_string("invalid_client"), 1, OAUTHCC_FAILURE_POLICY_LASTING },
    { ngx_string("unauthorized_client"), 1, OAUTHCC_FAILURE_POLICY_LASTING },
    { ngx_string("unsupported_grant_type"), 1,
      OAUTHCC_FAILURE_POLICY_LASTING },

    /* RFC 9449: a clock, "dpop_uri", or an algorithm */

    { ngx_string("invalid_dpop_proof"), 1, OAUTHCC_FAILURE_POLICY_LASTING },
    { ngx_string("use_dpop_nonce"), 1, 1 },

    { ngx_string("temporarily_unavailable"), 1, 1 },
    { ngx_string("server_error"), 1, 1 },

    { ngx_string("invalid_request"), 0, OAUTHCC_FAILURE_POLICY_LASTING },
    { ngx_string("invalid_grant"), 0, OAUTHCC_FAILURE_POLICY_LASTING },
    { ngx_string("invalid_scope"), 0, OAUTHCC_FAILURE_POLICY_LASTING },
    { ngx_string("invalid_target"), 0, OAUTHCC_FAILURE_POLICY_LASTING },
    { ngx_string("invalid_resource"), 0, OAUTHCC_FAILURE_POLICY_LASTING },
    { ngx_string("access_denied"), 0, OAUTHCC_FAILURE_POLICY_LASTING },
    { ngx_string("consent_required"), 0, OAUTHCC_FAILURE_POLICY_LASTING },
    { ngx_string("interaction_required"), 0,
      OAUTHCC_FAILURE_POLICY_LASTING },
    { ngx_string("login_required"), 0, OAUTHCC_FAILURE_POLICY_LASTING },

    { ngx_null_string, 0, 1 }
};


/*
 * With a caller's token: what is about the server or the gateway, and what
 * about the user, who is to come with another token, or may not have this.
 */

static ngx_str_t  oauthcc_failure_policy_servers[] = {
    ngx_string("invalid_client"),
    ngx_string("temporarily_unavailable"),
    ngx_null_string
};

static ngx_str_t  oauthcc_failure_policy_unauthorized[] = {
    ngx_string("invalid_grant"),
    ngx_string("invalid_request"),
    ngx_string("invalid_token"),
    ngx_string("login_required"),
    ngx_null_string
};

static ngx_str_t  oauthcc_failure_policy_forbidden[] = {
    ngx_string("access_denied"),
    ngx_string("invalid_scope"),
    ngx_string("invalid_target"),
    ngx_string("invalid_resource"),
    ngx_string("insufficient_scope"),
    ngx_string("consent_required"),
    ngx_string("interaction_required"),
    ngx_null_string
};


void
oauthcc_failure_policy(ngx_uint_t status, ngx_str_t *error,
    ngx_uint_t parameters, oauthcc_failure_policy_t *verdict)
{
    oauthcc_failure_policy_error_t  *known;

    known = oauthcc_failure_policy_error(error);

    verdict->known = (known->name.len != 0);
    verdict->outage = OAUTHCC_LIFETIME_OUTAGE_NONE;
    verdict->transient = (status == OAUTHCC_FAILURE_POLICY_NO_RESPONSE
                          || status == OAUTHCC_FAILURE_POLICY_REFUSED
                          || status == NGX_HTTP_BAD_GATEWAY
                          || status == NGX_HTTP_SERVICE_UNAVAILABLE);
    verdict->patient = (status == NGX_HTTP_TOO_MANY_REQUESTS);

    if (status == OAUTHCC_FAILURE_POLICY_UNREACHED
        || status == OAUTHCC_FAILURE_POLICY_REFUSED)
    {
        verdict->outage = OAUTHCC_LIFETIME_OUTAGE_UNREACHED;

    } else if (status == OAUTHCC_FAILURE_POLICY_NO_RESPONSE
               || status == OAUTHCC_FAILURE_POLICY_TIMED_OUT
               || status / 100 == 5)
    {
        verdict->outage = OAUTHCC_LIFETIME_OUTAGE_DOWN;
    }

    verdict->entry_only = 0;
    verdict->factor = 1;
    verdict->status = (status == OAUTHCC_FAILURE_POLICY_TIMED_OUT)
                      ? NGX_HTTP_GATEWAY_TIME_OUT : NGX_HTTP_BAD_GATEWAY;

    /* an error in a 2xx response counts as in a 4xx one */

    if ((status / 100 != 2 && status / 100 != 4)
        || status == NGX_HTTP_TOO_MANY_REQUESTS
        || error->len == 0)
    {
        return;
    }

    verdict->factor = known->factor;

    /* 401 means an unknown client, whatever the error says */

    verdict->entry_only = parameters && !known->all
                   && status != NGX_HTTP_UNAUTHORIZED;
}


void
oauthcc_failure_policy_subject(ngx_uint_t status, ngx_str_t *error,
    ngx_uint_t claims, oauthcc_failure_policy_t *verdict)
{
    verdict->broken = 0;
    verdict->entry_only = 0;

    /* neither is a number below those of HTTP an answer */

    if (status < NGX_HTTP_OK || status == NGX_HTTP_TOO_MANY_REQUESTS
        || oauthcc_text_in(oauthcc_failure_policy_servers, error))
    {
        return;
    }

    verdict->entry_only = 1;
    verdict->broken = (status / 100 == 5);

    if (status / 100 != 2 && status / 100 != 4) {
        return;
    }

    if (oauthcc_text_in(oauthcc_failure_policy_unauthorized, error)) {
        verdict->status = NGX_HTTP_UNAUTHORIZED;

    } else if (oauthcc_text_in(oauthcc_failure_policy_forbidden, error)) {
        verdict->status = NGX_HTTP_FORBIDDEN;

    } else {
        return;
    }

    if (claims && oauthcc_text_is(error, "interaction_required")) {
        verdict->status = NGX_HTTP_UNAUTHORIZED;
    }

    verdict->factor = OAUTHCC_FAILURE_POLICY_LASTING;
}


/* The last row is for all errors that are not listed. */

static oauthcc_failure_policy_error_t *
oauthcc_failure_policy_error(ngx_str_t *name)
{
    oauthcc_failure_policy_error_t  *error;

    for (error = oauthcc_failure_policy_errors; error->name.len; error++) {

        if (oauthcc_text_eq(&error->name, name)) {
            break;
        }
    }

    return error;
}
