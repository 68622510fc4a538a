
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


/*
 * Parameters of requests, "provider digit, token digit, record, separator,
 * record...": the endpoint where it has variables, a scope, an audience,
 * another parameter, and the token of a user, which counts where one is
 * exchanged.  The copy that they lead to is theirs alone, and so is its login
 * request; the token that it then has is of use for long, or not any more.
 */


#include "oauthcc_fuzz.h"
#include <jansson.h>
#include "cache/oauthcc_credential.h"
#include "token/oauthcc_token_types.h"
#include "token/oauthcc_cache_key.h"
#include "token/oauthcc_caller.h"
#include "token/oauthcc_local.h"
#include "token/oauthcc_local_key.h"
#include "oauth/oauthcc_client_auth.h"
#include "oauth/oauthcc_token_request.h"


#define OAUTHCC_FUZZ_PARAMETERS  3

/* copies that are left at most */
#define OAUTHCC_FUZZ_LOCALS      16

#define OAUTHCC_FUZZ_HOUR        3600000


char  *oauthcc_fuzz_providers =
    "map $uri $endpoint { default x; }\n"
    "oauthcc_zone 1m;\n"
    "oauthcc_store { server redis://127.0.0.1:9; key tls.key; }\n"
    "upstream shared { server 127.0.0.1:9; }\n"
    "oauthcc_provider fixed {"
        " token_endpoint https://192.0.2.1/; client_id gateway;"
        " client_secret s3cret; scope a; audience b; param extra c;"
        " resource https://a; resource https://b; header X-Tenant t; }\n"
    "oauthcc_provider varied {"
        " token_endpoint https://$endpoint/token; client_id gateway;"
        " client_secret s3cret; auth_method client_secret_post;"
        " resolver 192.0.2.3; }\n"
    "oauthcc_provider exchange {"
        " token_endpoint https://192.0.2.1/; client_id file:tls.crt;"
        " client_secret env:PATH; grant_type"
        " urn:ietf:params:oauth:grant-type:token-exchange;"
        " subject_token_type urn:ietf:params:oauth:token-type:jwt; }\n"
    "oauthcc_provider assertion {"
        " token_endpoint https://192.0.2.1/; client_id gateway;"
        " auth_method private_key_jwt; assertion_key tls.key;"
        " assertion_claim tenant t; dpop on; store off; }\n"

    /* lists that get longer than their arrays: in a resource, a parameter, */

    "oauthcc_provider resources {"
        " token_endpoint https://192.0.2.1/; client_id gateway;"
        " client_secret s3cret; resource a:1; resource a:2; resource a:3;"
        " resource a:4; resource a:5; resource a:6; resource a:7;"
        " header Accept text/plain; header Authorization Custom;"
        " header A 1; header B 2; header C 3; header D 4; header E 5;"
        " header F 6; header G 7; }\n"
    "oauthcc_provider params {"
        " token_endpoint https://192.0.2.1/; client_id gateway;"
        " client_secret s3cret; auth_method client_secret_post; grant_type"
        " urn:ietf:params:oauth:grant-type:token-exchange;"
        " param subject_token_type a; param b 2; param c 3; param d 4;"
        " param e 5; param f 6; param g 7; }\n"

    /* in the token of a user, a value of the request */

    "oauthcc_provider bearer {"
        " token_endpoint https://192.0.2.1/; client_id gateway;"
        " client_secret s3cret; subject_token_lifetime 10m; grant_type"
        " urn:ietf:params:oauth:grant-type:jwt-bearer;"
        " resource a:1; resource a:2; resource a:3; resource a:4;"
        " resource a:5; }\n"
    "oauthcc_provider request {"
        " token_endpoint https://192.0.2.1/; client_id gateway;"
        " client_secret s3cret; scope a; resource a:1; resource a:2;"
        " resource a:3; resource a:4; resource a:5; }\n"
    "oauthcc_provider grant {"
        " token_endpoint https://192.0.2.1/; client_id gateway;"
        " assertion_use grant; assertion_key tls.key;"
        " assertion_claim scope s; }\n"

    /* whose connections a variable must not lead to */

    "oauthcc_provider certified {"
        " token_endpoint https://shared; client_id gateway;"
        " client_secret s3cret; proxy_ssl_certificate tls.crt;"
        " proxy_ssl_certificate_key tls.key; }\n"

    /* where a token of a user would come from */

    "server { listen unix:local.sock;"
        " location /a { oauthcc exchange subject_token=$arg_t;"
            " proxy_pass https://192.0.2.1; }"
        " location /b { oauthcc params subject_token=$arg_t;"
            " proxy_pass https://192.0.2.1; }"
        " location /c { oauthcc bearer subject_token=$arg_t;"
            " proxy_pass https://192.0.2.1; } }\n";


static void oauthcc_fuzz_variable(oauthcc_fuzz_t *fuzz,
    ngx_http_complex_value_t *value);
static void oauthcc_fuzz_token(oauthcc_fuzz_t *fuzz, oauthcc_local_t *local,
    ngx_uint_t kind);
static void oauthcc_fuzz_login(oauthcc_fuzz_t *fuzz, oauthcc_local_t *local,
    oauthcc_caller_t *caller, ngx_array_t *parameters);
static ngx_uint_t oauthcc_fuzz_utf8(oauthcc_pair_t *scope);
static ngx_uint_t oauthcc_fuzz_pair(oauthcc_fuzz_t *fuzz, ngx_str_t *body,
    ngx_str_t *name, ngx_str_t *value);


static char  *oauthcc_fuzz_blocks[] = {
    "fixed", "varied", "exchange", "assertion", "resources", "params",
    "bearer", "request", "grant"
};

static ngx_str_t  oauthcc_fuzz_names[] = {
    ngx_string("scope"), ngx_string("audience"), ngx_string("extra")
};

/* none of these is the provider's, too */

static ngx_str_t  oauthcc_fuzz_others[] = {
    ngx_string("x"), ngx_string("y"), ngx_string("z")
};


void
oauthcc_fuzz_run(oauthcc_fuzz_t *fuzz)
{
    ngx_int_t                 rc;
    ngx_str_t                 endpoint, name, *names;
    ngx_uint_t                i, kind, failed;
    ngx_array_t               parameters;
    ngx_connection_t          c;
    ngx_http_request_t        r;
    oauthcc_local_t          *local, *again;
    ngx_http_complex_value_t  value, *saved;
    oauthcc_caller_t         *caller;
    oauthcc_provider_t       *provider;
    oauthcc_parameter_t      *parameter;

    i = oauthcc_fuzz_pick(fuzz, 9);
    names = (i == 6) ? oauthcc_fuzz_others : oauthcc_fuzz_names;
    provider = oauthcc_fuzz_provider(oauthcc_fuzz_blocks[i]);

    kind = oauthcc_fuzz_pick(fuzz, 4);

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

    if (saved) {
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

        parameter->name = names[i];
        oauthcc_fuzz_record(fuzz, &parameter->value.value);
    }

    parameter = parameters.elts;
    oauthcc_fuzz_variable(fuzz, &parameter->value);

    ngx_str_null(&name);
    caller = NULL;

    if (provider->grant.subject_parameter.len) {
        caller = oauthcc_caller_create(fuzz->pool);
        oauthcc_fuzz_check(caller != NULL);

        oauthcc_fuzz_record(fuzz, &caller->token);
        oauthcc_fuzz_check(oauthcc_cache_key_digest(&caller->token,
                                                    caller->digest)
                           == NGX_OK);
    }

    /* of the secrets that are in files */

    oauthcc_fuzz_starve();
    (void) oauthcc_cache_key_content(provider);
    (void) oauthcc_fuzz_starved();

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
        oauthcc_fuzz_token(fuzz, local, kind);

        oauthcc_local_release(local);
        oauthcc_local_release(local);

        /* now and then one is left, for others to be found beside it */

        if (provider->runtime.nlocals > OAUTHCC_FUZZ_LOCALS) {
            oauthcc_local_free_all(provider);
        }
    }

    oauthcc_fuzz_check(provider->runtime.nlocals <= OAUTHCC_FUZZ_LOCALS + 1);

    provider->endpoint.value = saved;
}


/* Makes it the result of nginx's script, as that of variables is. */

static void
oauthcc_fuzz_variable(oauthcc_fuzz_t *fuzz, ngx_http_complex_value_t *value)
{
    u_char                       *p;
    size_t                        len;
    ngx_http_script_copy_code_t  *code;

    len = ngx_align(value->value.len, sizeof(uintptr_t));

    /* the code of the length, and that of the bytes; a zero behind each */

    p = ngx_pcalloc(fuzz->pool, 2 * (sizeof(ngx_http_script_copy_code_t)
                                     + sizeof(uintptr_t)) + len);
    oauthcc_fuzz_check(p != NULL);

    code = (ngx_http_script_copy_code_t *) p;
    code->code = (ngx_http_script_code_pt) (void *)
                                              ngx_http_script_copy_len_code;
    code->len = value->value.len;

    value->lengths = code;

    p += sizeof(ngx_http_script_copy_code_t) + sizeof(uintptr_t);

    code = (ngx_http_script_copy_code_t *) p;
    code->code = ngx_http_script_copy_code;
    code->len = value->value.len;

    ngx_memcpy(&code[1], value->value.data, value->value.len);

    value->values = code;
}


/*
 * What it has from then on: a token of an hour, or of an hour ago.  All are
 * freed but those in use.
 */

static void
oauthcc_fuzz_token(oauthcc_fuzz_t *fuzz, oauthcc_local_t *local,
    ngx_uint_t kind)
{
    ngx_int_t              rc;
    ngx_str_t              token;
    oauthcc_packed_t       packed;
    oauthcc_credential_t  *credential;

    if (kind == 3) {
        oauthcc_local_free_all(local->provider);
        oauthcc_fuzz_check(local->provider->runtime.nlocals == 1);
        return;
    }

    if (kind == 0 || local->credential) {
        return;
    }

    ngx_str_set(&token, "t0ken");

    rc = oauthcc_credential_pack(fuzz->pool, &token, NULL, NULL, &packed);
    oauthcc_fuzz_check(rc == NGX_OK);

    credential = ngx_alloc(oauthcc_credential_size(&packed), fuzz->log);
    oauthcc_fuzz_check(credential != NULL);

    ngx_memcpy(oauthcc_credential_bytes(credential, &packed), packed.data,
               packed.len);

    oauthcc_credential_unpack(credential, &packed);

    credential->expires = oauthcc_clock_msec()
                          + (kind == 1 ? OAUTHCC_FUZZ_HOUR
                                       : -OAUTHCC_FUZZ_HOUR);
    local->credential = credential;
}


static void
oauthcc_fuzz_login(oauthcc_fuzz_t *fuzz, oauthcc_local_t *local,
    oauthcc_caller_t *caller, ngx_array_t *parameters)
{
    ngx_int_t                rc;
    ngx_uint_t               i, failed, scoped;
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

    oauthcc_fuzz_starve();
    from.parameters = oauthcc_local_key_merge(fuzz->pool, local, caller);
    failed = oauthcc_fuzz_starved();

    if (from.nparameters && from.parameters == NULL) {
        oauthcc_fuzz_check(failed);
        return;
    }

    if (caller) {
        from.subject_token = caller->token;
    }

    scoped = oauthcc_client_auth_scoped(local->provider);

    oauthcc_fuzz_starve();
    rc = oauthcc_token_request_build(&from, fuzz->pool, &request);
    failed = oauthcc_fuzz_starved();

    if (rc == NGX_ERROR) {
        oauthcc_fuzz_check(failed
                           || (scoped
                               && !oauthcc_fuzz_utf8(&from.parameters[0])));
        return;
    }

    oauthcc_fuzz_check(rc == NGX_OK);
    oauthcc_fuzz_check(oauthcc_fuzz_printable(&request.body));
    oauthcc_fuzz_check(oauthcc_fuzz_word(&request.url));
    oauthcc_fuzz_check(oauthcc_fuzz_word(&request.authority));

    parameter = parameters->elts;

    /* a scope may be in the assertion */

    for (i = scoped; i < parameters->nelts; i++) {
        oauthcc_fuzz_check(oauthcc_fuzz_pair(fuzz, &request.body,
                              &parameter[i].name, &parameter[i].value.value));
    }
}


/* Whether a scope can be in a claim. */

static ngx_uint_t
oauthcc_fuzz_utf8(oauthcc_pair_t *scope)
{
    json_t      *text;
    ngx_uint_t   valid;

    text = json_stringn((char *) scope->value.data, scope->value.len);
    valid = (text != NULL);

    json_decref(text);

    return valid;
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
