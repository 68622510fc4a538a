
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


/*
 * Parameters of requests, "provider digit, record, separator, record...": the
 * endpoint where it has variables, a scope, an audience, another parameter,
 * and the token of a user, which counts where one is exchanged.  The copy that
 * they lead to is theirs alone, and so is its login request.
 */


#include "oauthcc_fuzz.h"
#include "token/oauthcc_token_types.h"
#include "token/oauthcc_cache_key.h"
#include "token/oauthcc_caller.h"
#include "token/oauthcc_local.h"
#include "token/oauthcc_local_key.h"
#include "oauth/oauthcc_token_request.h"


#define OAUTHCC_FUZZ_PARAMETERS  3


char  *oauthcc_fuzz_providers =
    "map $uri $endpoint { default x; }\n"
    "resolver 192.0.2.3;\n"
    "oauthcc_provider fixed {"
        " token_endpoint https://192.0.2.1/; client_id gateway;"
        " client_secret s3cret; scope a; audience b; param extra c;"
        " resource https://a; resource https://b; header X-Tenant t; }\n"
    "oauthcc_provider varied {"
        " token_endpoint https://$endpoint/token; client_id gateway;"
        " client_secret s3cret; auth_method client_secret_post; }\n"
    "oauthcc_provider exchange {"
        " token_endpoint https://192.0.2.1/; client_id file:tls.crt;"
        " client_secret env:PATH; grant_type"
        " urn:ietf:params:oauth:grant-type:token-exchange;"
        " subject_token_type urn:ietf:params:oauth:token-type:jwt; }\n"
    "oauthcc_provider assertion {"
        " token_endpoint https://192.0.2.1/; client_id gateway;"
        " auth_method private_key_jwt; assertion_key tls.key;"
        " assertion_claim tenant t; dpop on; }\n";


static void oauthcc_fuzz_login(oauthcc_fuzz_t *fuzz, oauthcc_local_t *local,
    oauthcc_caller_t *caller, ngx_array_t *parameters);
static ngx_uint_t oauthcc_fuzz_pair(oauthcc_fuzz_t *fuzz, ngx_str_t *body,
    ngx_str_t *name, ngx_str_t *value);


static char  *oauthcc_fuzz_blocks[] = {
    "fixed", "varied", "exchange", "assertion"
};

static ngx_str_t  oauthcc_fuzz_names[] = {
    ngx_string("scope"), ngx_string("audience"), ngx_string("extra")
};


void
oauthcc_fuzz_run(oauthcc_fuzz_t *fuzz)
{
    ngx_int_t                 rc;
    ngx_str_t                 endpoint, name;
    ngx_uint_t                i, varied, exchange, failed;
    ngx_array_t               parameters;
    ngx_connection_t          c;
    ngx_http_request_t        r;
    oauthcc_local_t          *local, *again;
    ngx_http_complex_value_t  value, *saved;
    oauthcc_caller_t         *caller;
    oauthcc_provider_t       *provider;
    oauthcc_parameter_t      *parameter;

    i = oauthcc_fuzz_pick(fuzz, 4);
    varied = (i == 1);
    exchange = (i == 2);
    provider = oauthcc_fuzz_provider(oauthcc_fuzz_blocks[i]);

    ngx_memzero(&c, sizeof(ngx_connection_t));
    ngx_memzero(&r, sizeof(ngx_http_request_t));

    c.log = fuzz->log;
    r.connection = &c;
    r.pool = fuzz->pool;

    /* what variables have come to, as far as rooms can see */

    ngx_memzero(&value, sizeof(ngx_http_complex_value_t));

    oauthcc_fuzz_record(fuzz, &endpoint);
    value.value = endpoint;

    saved = provider->endpoint.value;

    if (varied) {
        provider->endpoint.value = &value;
    }

    rc = ngx_array_init(&parameters, fuzz->pool, OAUTHCC_FUZZ_PARAMETERS,
                        sizeof(oauthcc_parameter_t));
    oauthcc_fuzz_check(rc == NGX_OK);

    for (i = 0; i < OAUTHCC_FUZZ_PARAMETERS; i++) {

        if (i && fuzz->pos == fuzz->last) {
            break;
        }

        parameter = ngx_array_push(&parameters);
        ngx_memzero(parameter, sizeof(oauthcc_parameter_t));

        parameter->name = oauthcc_fuzz_names[i];
        oauthcc_fuzz_record(fuzz, &parameter->value.value);
    }

    ngx_str_null(&name);
    caller = NULL;

    if (exchange) {
        caller = oauthcc_caller_create(fuzz->pool);
        oauthcc_fuzz_check(caller != NULL);

        oauthcc_fuzz_record(fuzz, &caller->token);
        oauthcc_fuzz_check(oauthcc_cache_key_digest(&caller->token,
                                                    caller->digest)
                           == NGX_OK);
    }

    oauthcc_fuzz_starve();

    rc = oauthcc_local_get(&r, provider, &parameters, &caller, &local,
                           &name);

    failed = oauthcc_fuzz_starved();

    oauthcc_fuzz_check(rc != NGX_ERROR || failed);

    if (rc == NGX_DECLINED) {
        oauthcc_fuzz_check(name.len > 0);
    }

    if (rc == NGX_OK) {

        /* it is found again, and none is made */

        rc = oauthcc_local_get(&r, provider, &parameters, &caller, &again,
                               &name);

        oauthcc_fuzz_check(rc == NGX_OK && again == local);
        oauthcc_fuzz_check(local->refs == 2);

        oauthcc_fuzz_login(fuzz, local, caller, &parameters);

        oauthcc_local_release(local);
        oauthcc_local_release(local);

        /* now and then one is left, for others to be found beside it */

        if (provider->runtime.nlocals > 64) {
            oauthcc_local_free_all(provider);
        }
    }

    oauthcc_fuzz_check(provider->runtime.nlocals <= 65);

    provider->endpoint.value = saved;
}


static void
oauthcc_fuzz_login(oauthcc_fuzz_t *fuzz, oauthcc_local_t *local,
    oauthcc_caller_t *caller, ngx_array_t *parameters)
{
    ngx_int_t                rc;
    ngx_uint_t               i;
    oauthcc_http_request_t   request;
    oauthcc_token_request_t  from;
    oauthcc_parameter_t     *parameter;

    ngx_memzero(&request, sizeof(oauthcc_http_request_t));

    rc = ngx_array_init(&request.headers, fuzz->pool, 4,
                        sizeof(oauthcc_pair_t));
    oauthcc_fuzz_check(rc == NGX_OK);

    ngx_memzero(&from, sizeof(oauthcc_token_request_t));

    from.provider = local->provider;
    from.endpoint = local->endpoint;
    from.pass = local->url;
    from.nparameters = local->nparameters;
    from.parameters = oauthcc_local_key_merge(fuzz->pool, local, caller);
    oauthcc_fuzz_check(from.nparameters == 0 || from.parameters != NULL);

    if (caller) {
        from.subject_token = caller->token;
    }

    oauthcc_fuzz_starve();
    rc = oauthcc_token_request_build(&from, fuzz->pool, &request);

    if (oauthcc_fuzz_starved() && rc == NGX_ERROR) {
        return;
    }

    oauthcc_fuzz_check(rc == NGX_OK);
    oauthcc_fuzz_check(oauthcc_fuzz_printable(&request.body));
    oauthcc_fuzz_check(oauthcc_fuzz_word(&request.url));
    oauthcc_fuzz_check(oauthcc_fuzz_word(&request.authority));

    parameter = parameters->elts;

    for (i = 0; i < parameters->nelts; i++) {
        oauthcc_fuzz_check(oauthcc_fuzz_pair(fuzz, &request.body,
                              &parameter[i].name, &parameter[i].value.value));
    }
}


/* Whether a form has the name once, with the value; not at all if empty. */

static ngx_uint_t
oauthcc_fuzz_pair(oauthcc_fuzz_t *fuzz, ngx_str_t *body, ngx_str_t *name,
    ngx_str_t *value)
{
    u_char     *p, *last;
    ngx_str_t   key, text;
    ngx_uint_t  n;

    last = body->data + body->len;
    n = 0;

    for (p = body->data; p < last; p++) {

        if (oauthcc_fuzz_decode(fuzz->pool, &p, last, 0, &key) != NGX_OK
            || p++ == last
            || oauthcc_fuzz_decode(fuzz->pool, &p, last, 0, &text) != NGX_OK)
        {
            return 0;
        }

        if (oauthcc_fuzz_equal(&key, name)) {

            if (!oauthcc_fuzz_equal(&text, value)) {
                return 0;
            }

            n++;
        }
    }

    return n == (value->len ? 1 : 0);
}
