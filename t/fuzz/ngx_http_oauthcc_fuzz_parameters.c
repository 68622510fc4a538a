
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


/*
 * Parameters of requests, "provider digit, record, separator, record...": the
 * endpoint where it has variables, a scope, an audience, another parameter.
 * The copy that they lead to is theirs alone, and so is its login request.
 */


#include "ngx_http_oauthcc_fuzz.h"
#include "token/oauthcc_local.h"
#include "oauth/oauthcc_token_request.h"


#define NGX_HTTP_OAUTHCC_FUZZ_PARAMETERS  3


char  *ngx_http_oauthcc_fuzz_providers =
    "map $uri $endpoint { default x; }\n"
    "resolver 192.0.2.3;\n"
    "oauthcc_provider fixed {"
        " token_endpoint https://192.0.2.1/; client_id gateway;"
        " client_secret s3cret; scope a; audience b; param extra c; }\n"
    "oauthcc_provider varied {"
        " token_endpoint https://$endpoint/token; client_id gateway;"
        " client_secret s3cret; auth_method client_secret_post; }\n";


static void ngx_http_oauthcc_fuzz_login(ngx_http_oauthcc_fuzz_t *fuzz,
    ngx_http_oauthcc_copy_t *copy, ngx_array_t *parameters);
static ngx_uint_t ngx_http_oauthcc_fuzz_pair(ngx_http_oauthcc_fuzz_t *fuzz,
    ngx_str_t *body, ngx_str_t *name, ngx_str_t *value);


static ngx_str_t  ngx_http_oauthcc_fuzz_names[] = {
    ngx_string("scope"), ngx_string("audience"), ngx_string("extra")
};


void
ngx_http_oauthcc_fuzz_run(ngx_http_oauthcc_fuzz_t *fuzz)
{
    ngx_int_t                      rc;
    ngx_str_t                      endpoint, name;
    ngx_uint_t                     i, varied;
    ngx_array_t                    parameters;
    ngx_connection_t               c;
    ngx_http_request_t             r;
    ngx_http_oauthcc_copy_t       *copy, *again;
    ngx_http_complex_value_t       value, *saved;
    ngx_http_oauthcc_provider_t   *provider;
    ngx_http_oauthcc_parameter_t  *parameter;

    varied = ngx_http_oauthcc_fuzz_pick(fuzz, 2);
    provider = ngx_http_oauthcc_fuzz_provider(varied ? "varied" : "fixed");

    ngx_memzero(&c, sizeof(ngx_connection_t));
    ngx_memzero(&r, sizeof(ngx_http_request_t));

    c.log = fuzz->log;
    r.connection = &c;
    r.pool = fuzz->pool;

    /* what variables have come to, as far as rooms can see */

    ngx_memzero(&value, sizeof(ngx_http_complex_value_t));

    ngx_http_oauthcc_fuzz_record(fuzz, &endpoint);
    value.value = endpoint;

    saved = provider->endpoint_value;

    if (varied) {
        provider->endpoint_value = &value;
    }

    rc = ngx_array_init(&parameters, fuzz->pool,
                        NGX_HTTP_OAUTHCC_FUZZ_PARAMETERS,
                        sizeof(ngx_http_oauthcc_parameter_t));
    ngx_http_oauthcc_fuzz_check(rc == NGX_OK);

    for (i = 0; i < NGX_HTTP_OAUTHCC_FUZZ_PARAMETERS; i++) {

        if (i && fuzz->pos == fuzz->last) {
            break;
        }

        parameter = ngx_array_push(&parameters);
        ngx_memzero(parameter, sizeof(ngx_http_oauthcc_parameter_t));

        parameter->name = ngx_http_oauthcc_fuzz_names[i];
        ngx_http_oauthcc_fuzz_record(fuzz, &parameter->value.value);
    }

    ngx_str_null(&name);

    rc = ngx_http_oauthcc_copy_get(&r, provider, &parameters, &copy, &name);

    if (rc == NGX_DECLINED) {
        ngx_http_oauthcc_fuzz_check(name.len > 0);
    }

    if (rc == NGX_OK) {

        /* it is found again, and none is made */

        rc = ngx_http_oauthcc_copy_get(&r, provider, &parameters, &again,
                                       &name);

        ngx_http_oauthcc_fuzz_check(rc == NGX_OK && again == copy);
        ngx_http_oauthcc_fuzz_check(copy->refs == 2);

        ngx_http_oauthcc_fuzz_login(fuzz, copy, &parameters);

        ngx_http_oauthcc_copy_release(copy);
        ngx_http_oauthcc_copy_release(copy);

        /* now and then one is left, for others to be found beside it */

        if (provider->ncopies > 64) {
            ngx_http_oauthcc_copy_free_all(provider);
        }
    }

    ngx_http_oauthcc_fuzz_check(provider->ncopies <= 65);

    provider->endpoint_value = saved;
}


static void
ngx_http_oauthcc_fuzz_login(ngx_http_oauthcc_fuzz_t *fuzz,
    ngx_http_oauthcc_copy_t *copy, ngx_array_t *parameters)
{
    ngx_int_t                      rc;
    ngx_uint_t                     i;
    ngx_http_oauthcc_request_t     request;
    ngx_http_oauthcc_parameter_t  *parameter;

    ngx_memzero(&request, sizeof(ngx_http_oauthcc_request_t));

    rc = ngx_array_init(&request.headers, fuzz->pool, 4,
                        sizeof(ngx_http_oauthcc_pair_t));
    ngx_http_oauthcc_fuzz_check(rc == NGX_OK);

    rc = ngx_http_oauthcc_request_build(copy, fuzz->pool, &request);

    ngx_http_oauthcc_fuzz_check(rc == NGX_OK);
    ngx_http_oauthcc_fuzz_check(
                             ngx_http_oauthcc_fuzz_printable(&request.body));
    ngx_http_oauthcc_fuzz_check(ngx_http_oauthcc_fuzz_word(&request.url));
    ngx_http_oauthcc_fuzz_check(
                            ngx_http_oauthcc_fuzz_word(&request.authority));

    parameter = parameters->elts;

    for (i = 0; i < parameters->nelts; i++) {
        ngx_http_oauthcc_fuzz_check(
            ngx_http_oauthcc_fuzz_pair(fuzz, &request.body,
                                       &parameter[i].name,
                                       &parameter[i].value.value));
    }
}


/* Whether a form has the name once, with the value; not at all if empty. */

static ngx_uint_t
ngx_http_oauthcc_fuzz_pair(ngx_http_oauthcc_fuzz_t *fuzz, ngx_str_t *body,
    ngx_str_t *name, ngx_str_t *value)
{
    u_char      *p, *last;
    ngx_str_t    key, text;
    ngx_uint_t   n;

    last = body->data + body->len;
    n = 0;

    for (p = body->data; p < last; p++) {

        if (ngx_http_oauthcc_fuzz_decode(fuzz->pool, &p, last, 0, &key)
            != NGX_OK
            || p++ == last
            || ngx_http_oauthcc_fuzz_decode(fuzz->pool, &p, last, 0, &text)
               != NGX_OK)
        {
            return 0;
        }

        if (ngx_http_oauthcc_fuzz_equal(&key, name)) {

            if (!ngx_http_oauthcc_fuzz_equal(&text, value)) {
                return 0;
            }

            n++;
        }
    }

    return n == (value->len ? 1 : 0);
}
