
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "token/oauthcc_failure_policy.h"
#include "oauthcc_unit.h"


/* entry_only: if the entry has parameters of a request */

typedef struct {
    ngx_uint_t  status;
    ngx_str_t   error;
    ngx_uint_t  entry_only;
    ngx_uint_t  factor;
    ngx_uint_t  client;
} oauthcc_unit_verdict_t;


static oauthcc_unit_verdict_t  oauthcc_unit_verdicts[] = {

    /* the server is down */

    { OAUTHCC_FAILURE_POLICY_NO_RESPONSE, ngx_string(""), 0, 1, 502 },
    { OAUTHCC_FAILURE_POLICY_TIMED_OUT, ngx_string(""), 0, 1, 504 },
    { OAUTHCC_FAILURE_POLICY_NO_RESPONSE, ngx_string("invalid_grant"),
      0, 1, 502 },
    { OAUTHCC_FAILURE_POLICY_TIMED_OUT, ngx_string("invalid_grant"),
      0, 1, 504 },
    { 99, ngx_string("invalid_grant"), 0, 1, 502 },
    { 100, ngx_string("invalid_grant"), 0, 1, 502 },
    { 199, ngx_string("invalid_grant"), 0, 1, 502 },
    { 429, ngx_string(""), 0, 1, 502 },
    { 429, ngx_string("invalid_grant"), 0, 1, 502 },
    { 429, ngx_string("access_denied"), 0, 1, 502 },
    { 429, ngx_string("invalid_client"), 0, 1, 502 },
    { 500, ngx_string(""), 0, 1, 502 },
    { 500, ngx_string("invalid_grant"), 0, 1, 502 },
    { 500, ngx_string("server_error"), 0, 1, 502 },
    { 502, ngx_string(""), 0, 1, 502 },
    { 503, ngx_string("temporarily_unavailable"), 0, 1, 502 },
    { 503, ngx_string("invalid_scope"), 0, 1, 502 },
    { 504, ngx_string(""), 0, 1, 502 },
    { 599, ngx_string("invalid_target"), 0, 1, 502 },
    { 600, ngx_string("invalid_target"), 0, 1, 502 },
    { 999, ngx_string("invalid_target"), 0, 1, 502 },
    { 400, ngx_string("temporarily_unavailable"), 0, 1, 502 },
    { 400, ngx_string("server_error"), 0, 1, 502 },
    { 200, ngx_string("temporarily_unavailable"), 0, 1, 502 },
    { 200, ngx_string("server_error"), 0, 1, 502 },

    /* the client is not known, or may not do what it does */

    { 400, ngx_string("invalid_client"), 0, 8, 502 },
    { 401, ngx_string("invalid_client"), 0, 8, 502 },
    { 403, ngx_string("invalid_client"), 0, 8, 502 },
    { 200, ngx_string("invalid_client"), 0, 8, 502 },
    { 400, ngx_string("unauthorized_client"), 0, 8, 502 },
    { 403, ngx_string("unauthorized_client"), 0, 8, 502 },
    { 200, ngx_string("unauthorized_client"), 0, 8, 502 },
    { 400, ngx_string("unsupported_grant_type"), 0, 8, 502 },
    { 200, ngx_string("unsupported_grant_type"), 0, 8, 502 },
    { 401, ngx_string(""), 0, 1, 502 },
    { 401, ngx_string("something_new"), 0, 1, 502 },
    { 401, ngx_string("invalid_grant"), 0, 8, 502 },
    { 401, ngx_string("access_denied"), 0, 8, 502 },

    /* it is no token endpoint, or no answer of one */

    { 200, ngx_string(""), 0, 1, 502 },
    { 201, ngx_string(""), 0, 1, 502 },
    { 299, ngx_string(""), 0, 1, 502 },
    { 300, ngx_string("invalid_grant"), 0, 1, 502 },
    { 302, ngx_string(""), 0, 1, 502 },
    { 307, ngx_string("access_denied"), 0, 1, 502 },
    { 399, ngx_string("access_denied"), 0, 1, 502 },
    { 400, ngx_string(""), 0, 1, 502 },
    { 403, ngx_string(""), 0, 1, 502 },
    { 404, ngx_string(""), 0, 1, 502 },
    { 499, ngx_string(""), 0, 1, 502 },

    /* what was asked for */

    { 400, ngx_string("invalid_request"), 1, 8, 502 },
    { 400, ngx_string("invalid_grant"), 1, 8, 502 },
    { 400, ngx_string("invalid_scope"), 1, 8, 502 },
    { 400, ngx_string("invalid_target"), 1, 8, 502 },
    { 400, ngx_string("invalid_resource"), 1, 8, 502 },
    { 400, ngx_string("access_denied"), 1, 8, 502 },
    { 400, ngx_string("consent_required"), 1, 8, 502 },
    { 400, ngx_string("interaction_required"), 1, 8, 502 },
    { 400, ngx_string("login_required"), 1, 8, 502 },
    { 403, ngx_string("access_denied"), 1, 8, 502 },
    { 404, ngx_string("invalid_target"), 1, 8, 502 },
    { 422, ngx_string("invalid_grant"), 1, 8, 502 },
    { 499, ngx_string("invalid_grant"), 1, 8, 502 },
    { 200, ngx_string("invalid_grant"), 1, 8, 502 },
    { 299, ngx_string("access_denied"), 1, 8, 502 },

    /* known or not, to the letter */

    { 400, ngx_string("something_new"), 1, 1, 502 },
    { 403, ngx_string("something_new"), 1, 1, 502 },
    { 200, ngx_string("something_new"), 1, 1, 502 },
    { 400, ngx_string("invalid_clien"), 1, 1, 502 },
    { 400, ngx_string("invalid_clients"), 1, 1, 502 },
    { 400, ngx_string("Invalid_Client"), 1, 1, 502 },
    { 400, ngx_string("i"), 1, 1, 502 },
};


static void oauthcc_unit_failure_policy_outages(oauthcc_unit_t *unit);
static void oauthcc_unit_failure_policy_subjects(oauthcc_unit_t *unit);


#define OAUTHCC_UNIT_VERDICTS                                                 \
    (sizeof(oauthcc_unit_verdicts)                                            \
     / sizeof(oauthcc_unit_verdict_t))


ngx_int_t
oauthcc_unit_failure_policy(oauthcc_unit_t *unit)
{
    ngx_uint_t                i, parameters, entry_only;
    oauthcc_failure_policy_t  verdict;
    oauthcc_unit_verdict_t   *expected;

    for (i = 0; i < 2 * OAUTHCC_UNIT_VERDICTS; i++) {

        expected = &oauthcc_unit_verdicts[i / 2];
        parameters = i % 2;
        entry_only = parameters && expected->entry_only;

        ngx_memset(&verdict, 0xff, sizeof(oauthcc_failure_policy_t));

        oauthcc_failure_policy(expected->status, &expected->error,
                               parameters, &verdict);

        if (!oauthcc_unit_ok(unit, verdict.entry_only == entry_only
                             && verdict.factor == expected->factor
                             && verdict.status == expected->client,
                             "verdict: %ui \"%V\", %s parameters",
                             expected->status, &expected->error,
                             parameters ? "with" : "without"))
        {
            oauthcc_unit_diag("entry_only: %ui, not %ui, factor: %ui, not "
                              "%ui, status: %ui, not %ui",
                              verdict.entry_only, entry_only, verdict.factor,
                              expected->factor, verdict.status,
                              expected->client);
        }
    }

    oauthcc_unit_failure_policy_outages(unit);
    oauthcc_unit_failure_policy_subjects(unit);

    return NGX_OK;
}


/* with a caller's token */

static void
oauthcc_unit_failure_policy_subjects(oauthcc_unit_t *unit)
{
    ngx_uint_t                i;
    oauthcc_failure_policy_t  verdict;

    static struct {
        ngx_uint_t  status;
        ngx_str_t   error;
        ngx_uint_t  claims;
        ngx_uint_t  entry_only;
        ngx_uint_t  broken;
        ngx_uint_t  factor;
        ngx_uint_t  client;
    } cases[] = {

        /* nobody has answered, or the server speaks of itself */

        { OAUTHCC_FAILURE_POLICY_NO_RESPONSE, ngx_string(""), 0, 0, 0, 1,
          502 },
        { OAUTHCC_FAILURE_POLICY_TIMED_OUT, ngx_string(""), 0, 0, 0, 1, 504 },
        { OAUTHCC_FAILURE_POLICY_UNREACHED, ngx_string(""), 0, 0, 0, 1, 502 },
        { OAUTHCC_FAILURE_POLICY_REFUSED, ngx_string(""), 0, 0, 0, 1, 502 },
        { 199, ngx_string("invalid_grant"), 0, 0, 0, 1, 502 },
        { 429, ngx_string(""), 0, 0, 0, 1, 502 },
        { 429, ngx_string("invalid_grant"), 0, 0, 0, 1, 502 },
        { 400, ngx_string("invalid_client"), 0, 0, 0, 8, 502 },
        { 401, ngx_string("invalid_client"), 0, 0, 0, 8, 502 },
        { 500, ngx_string("invalid_client"), 0, 0, 0, 1, 502 },
        { 400, ngx_string("temporarily_unavailable"), 0, 0, 0, 1, 502 },
        { 503, ngx_string("temporarily_unavailable"), 0, 0, 0, 1, 502 },

        /* all else is about the token */

        { 200, ngx_string(""), 0, 1, 0, 1, 502 },
        { 302, ngx_string("invalid_grant"), 0, 1, 0, 1, 502 },
        { 400, ngx_string(""), 0, 1, 0, 1, 502 },
        { 401, ngx_string(""), 0, 1, 0, 1, 502 },
        { 400, ngx_string("something_new"), 0, 1, 0, 1, 502 },
        { 400, ngx_string("unauthorized_client"), 0, 1, 0, 8, 502 },
        { 400, ngx_string("unsupported_grant_type"), 0, 1, 0, 8, 502 },
        { 400, ngx_string("server_error"), 0, 1, 0, 1, 502 },
        { 500, ngx_string(""), 0, 1, 1, 1, 502 },
        { 500, ngx_string("invalid_grant"), 0, 1, 1, 1, 502 },
        { 503, ngx_string(""), 0, 1, 1, 1, 502 },
        { 599, ngx_string("access_denied"), 0, 1, 1, 1, 502 },
        { 600, ngx_string("access_denied"), 0, 1, 0, 1, 502 },

        /* bring another token */

        { 400, ngx_string("invalid_grant"), 0, 1, 0, 8, 401 },
        { 401, ngx_string("invalid_grant"), 0, 1, 0, 8, 401 },
        { 200, ngx_string("invalid_grant"), 0, 1, 0, 8, 401 },
        { 400, ngx_string("invalid_grant"), 1, 1, 0, 8, 401 },
        { 400, ngx_string("invalid_request"), 0, 1, 0, 8, 401 },
        { 400, ngx_string("invalid_token"), 0, 1, 0, 8, 401 },
        { 400, ngx_string("login_required"), 0, 1, 0, 8, 401 },

        /* this user may not */

        { 403, ngx_string("access_denied"), 0, 1, 0, 8, 403 },
        { 400, ngx_string("invalid_scope"), 0, 1, 0, 8, 403 },
        { 400, ngx_string("invalid_target"), 0, 1, 0, 8, 403 },
        { 400, ngx_string("invalid_resource"), 0, 1, 0, 8, 403 },
        { 400, ngx_string("insufficient_scope"), 0, 1, 0, 8, 403 },
        { 400, ngx_string("consent_required"), 0, 1, 0, 8, 403 },
        { 400, ngx_string("consent_required"), 1, 1, 0, 8, 403 },
        { 400, ngx_string("interaction_required"), 0, 1, 0, 8, 403 },

        /* or has to do more for it */

        { 400, ngx_string("interaction_required"), 1, 1, 0, 8, 401 },
        { 500, ngx_string("interaction_required"), 1, 1, 1, 1, 502 },
    };

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {

        ngx_memset(&verdict, 0xff, sizeof(oauthcc_failure_policy_t));

        oauthcc_failure_policy(cases[i].status, &cases[i].error, 1, &verdict);
        oauthcc_failure_policy_subject(cases[i].status, &cases[i].error,
                                       cases[i].claims, &verdict);

        if (!oauthcc_unit_ok(unit,
                             verdict.entry_only == cases[i].entry_only
                             && verdict.broken == cases[i].broken
                             && verdict.factor == cases[i].factor
                             && verdict.status == cases[i].client,
                             "of a caller: %ui \"%V\"", cases[i].status,
                             &cases[i].error))
        {
            oauthcc_unit_diag("entry_only: %ui, broken: %ui, factor: %ui, "
                              "status: %ui", verdict.entry_only,
                              verdict.broken, verdict.factor, verdict.status);
        }
    }
}


/* by status: when there is the next try, and whether it is a passing one */

static void
oauthcc_unit_failure_policy_outages(oauthcc_unit_t *unit)
{
    ngx_str_t                 error;
    ngx_uint_t                i;
    oauthcc_failure_policy_t  verdict;

    static struct {
        ngx_uint_t                 status;
        oauthcc_lifetime_outage_e  outage;
        ngx_uint_t                 transient;
        ngx_uint_t                 patient;
    } cases[] = {
        { OAUTHCC_FAILURE_POLICY_NO_RESPONSE,
          OAUTHCC_LIFETIME_OUTAGE_DOWN, 1, 0 },
        { OAUTHCC_FAILURE_POLICY_TIMED_OUT,
          OAUTHCC_LIFETIME_OUTAGE_DOWN, 0, 0 },
        { OAUTHCC_FAILURE_POLICY_UNREACHED,
          OAUTHCC_LIFETIME_OUTAGE_UNREACHED, 0, 0 },
        { OAUTHCC_FAILURE_POLICY_REFUSED,
          OAUTHCC_LIFETIME_OUTAGE_UNREACHED, 1, 0 },
        { 200, OAUTHCC_LIFETIME_OUTAGE_NONE, 0, 0 },
        { 302, OAUTHCC_LIFETIME_OUTAGE_NONE, 0, 0 },
        { 400, OAUTHCC_LIFETIME_OUTAGE_NONE, 0, 0 },
        { 401, OAUTHCC_LIFETIME_OUTAGE_NONE, 0, 0 },
        { 429, OAUTHCC_LIFETIME_OUTAGE_NONE, 0, 1 },
        { 500, OAUTHCC_LIFETIME_OUTAGE_DOWN, 0, 0 },
        { 501, OAUTHCC_LIFETIME_OUTAGE_DOWN, 0, 0 },
        { 502, OAUTHCC_LIFETIME_OUTAGE_DOWN, 1, 0 },
        { 503, OAUTHCC_LIFETIME_OUTAGE_DOWN, 1, 0 },
        { 504, OAUTHCC_LIFETIME_OUTAGE_DOWN, 0, 0 },
        { 599, OAUTHCC_LIFETIME_OUTAGE_DOWN, 0, 0 },
        { 600, OAUTHCC_LIFETIME_OUTAGE_NONE, 0, 0 },
    };

    ngx_str_null(&error);

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ngx_memset(&verdict, 0xff, sizeof(oauthcc_failure_policy_t));

        oauthcc_failure_policy(cases[i].status, &error, 0, &verdict);

        oauthcc_unit_ok(unit, verdict.outage == cases[i].outage
                              && verdict.transient == cases[i].transient
                              && verdict.patient == cases[i].patient,
                        "verdict: outage of %ui", cases[i].status);
    }
}
