
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include "ngx_http_oauthcc_fuzz_document.h"
#include "http/oauthcc_header_syntax.h"
#include "login_json/oauthcc_document_response.h"
#include "cache/oauthcc_credential.h"
#include "login_json/oauthcc_document.h"
#include "login_json/oauthcc_document_request.h"


static void ngx_http_oauthcc_fuzz_request(ngx_http_oauthcc_fuzz_t *fuzz,
    ngx_http_oauthcc_login_json_t *login_json,
    ngx_http_oauthcc_pair_t *pairs, ngx_uint_t n);
static void ngx_http_oauthcc_fuzz_answer(ngx_http_oauthcc_fuzz_t *fuzz,
    ngx_http_oauthcc_login_json_t *login_json, ngx_uint_t status,
    ngx_str_t *response);
static void ngx_http_oauthcc_fuzz_items(ngx_http_oauthcc_fuzz_t *fuzz,
    ngx_http_oauthcc_token_t *t);


/* what a request sets in place of params of these names */

static ngx_http_oauthcc_pair_t  ngx_http_oauthcc_fuzz_pairs[] = {
    { ngx_string("scope"), ngx_string("a b") },
    { ngx_string("a"), ngx_string("\xff&=%") },
    { ngx_string("audience"), ngx_string("") }
};


ngx_uint_t
ngx_http_oauthcc_fuzz_document(ngx_http_oauthcc_fuzz_t *fuzz, ngx_str_t *text,
    ngx_uint_t status, ngx_str_t *response)
{
    ngx_int_t                       rc;
    ngx_str_t                       err;
    ngx_array_t                     attrs;
    ngx_http_oauthcc_attr_t        *attr;
    ngx_http_oauthcc_login_json_t  *login_json;
    static u_char                   secret[] = "s3cret-of-twenty-bytes";

    rc = ngx_array_init(&attrs, fuzz->pool, 1,
                        sizeof(ngx_http_oauthcc_attr_t));
    ngx_http_oauthcc_fuzz_check(rc == NGX_OK);

    attr = ngx_array_push(&attrs);
    ngx_memzero(attr, sizeof(ngx_http_oauthcc_attr_t));

    ngx_str_set(&attr->name, "#secret");
    attr->value.text.data = secret;
    attr->value.text.len = sizeof(secret) - 1;

    ngx_str_null(&err);

    rc = ngx_http_oauthcc_document_read(fuzz->pool, fuzz->log, text, &attrs,
                                        &login_json, &err);

    ngx_http_oauthcc_fuzz_check(rc == NGX_OK || rc == NGX_DECLINED);

    if (rc == NGX_DECLINED) {
        ngx_http_oauthcc_fuzz_check(err.len > 0);

        /* it may be shown to whoever runs nginx -t */

        ngx_http_oauthcc_fuzz_check(ngx_strlcasestrn(err.data,
                                                     err.data + err.len,
                                                     secret, sizeof(secret)
                                                             - 2)
                                    == NULL);
        return 0;
    }

    ngx_http_oauthcc_fuzz_request(fuzz, login_json, NULL, 0);
    ngx_http_oauthcc_fuzz_request(fuzz, login_json,
                                  ngx_http_oauthcc_fuzz_pairs, 3);

    ngx_http_oauthcc_fuzz_answer(fuzz, login_json, status, response);

    return 1;
}


static void
ngx_http_oauthcc_fuzz_request(ngx_http_oauthcc_fuzz_t *fuzz,
    ngx_http_oauthcc_login_json_t *login_json,
    ngx_http_oauthcc_pair_t *pairs, ngx_uint_t n)
{
    ngx_int_t                             rc;
    ngx_uint_t                            i;
    ngx_http_oauthcc_pair_t              *pair;
    ngx_http_oauthcc_request_t            request;
    ngx_http_oauthcc_expression_fault_t   fault;

    rc = ngx_http_oauthcc_login_json_request(login_json, fuzz->pool,
                                             &login_json->endpoint, pairs, n,
                                             &request, &fault);

    ngx_http_oauthcc_fuzz_check(rc == NGX_OK || rc == NGX_DECLINED);

    if (rc == NGX_DECLINED) {
        ngx_http_oauthcc_fuzz_check(fault.reason && fault.where);
        return;
    }

    ngx_http_oauthcc_fuzz_check(request.url.len >= login_json->endpoint.len);

    if (login_json->method == NGX_HTTP_OAUTHCC_DOCUMENT_GET) {
        ngx_http_oauthcc_fuzz_check(request.body.len == 0);
    }

    pair = request.headers.elts;

    for (i = 0; i < request.headers.nelts; i++) {
        ngx_http_oauthcc_fuzz_check(
                             ngx_http_oauthcc_credential_name(&pair[i].name));
        ngx_http_oauthcc_fuzz_check(
                                  ngx_http_oauthcc_fuzz_line(&pair[i].value));
    }
}


static void
ngx_http_oauthcc_fuzz_answer(ngx_http_oauthcc_fuzz_t *fuzz,
    ngx_http_oauthcc_login_json_t *login_json, ngx_uint_t status,
    ngx_str_t *response)
{
    ngx_int_t                 rc;
    ngx_str_t                 body;
    ngx_http_oauthcc_token_t  t;

    body.len = response->len;
    body.data = ngx_alloc(body.len, fuzz->log);
    ngx_http_oauthcc_fuzz_check(body.data != NULL);

    if (body.len) {
        ngx_memcpy(body.data, response->data, body.len);
    }

    rc = ngx_http_oauthcc_answer_read(login_json, fuzz->pool, status,
                                      body.data, body.len, 300000, &t);

    /* nothing of it lies in the body */

    ngx_memset(body.data, 'x', body.len);
    ngx_free(body.data);

    ngx_http_oauthcc_fuzz_check(rc == NGX_OK || rc == NGX_DECLINED);

    if (rc == NGX_DECLINED) {
        ngx_http_oauthcc_fuzz_check(t.reason && t.reason[0]);
        return;
    }

    ngx_http_oauthcc_fuzz_check(status >= 200 && status < 300);
    ngx_http_oauthcc_fuzz_check(t.life > 0);
    ngx_http_oauthcc_fuzz_check(t.life <= NGX_HTTP_OAUTHCC_TOKEN_MAX_LIFE);
    ngx_http_oauthcc_fuzz_check(ngx_http_oauthcc_fuzz_line(&t.access_token));

    if (t.items) {
        ngx_http_oauthcc_fuzz_items(fuzz, &t);
    }
}


/* what goes to the zone, and comes back in another worker */

static void
ngx_http_oauthcc_fuzz_items(ngx_http_oauthcc_fuzz_t *fuzz,
    ngx_http_oauthcc_token_t *t)
{
    ngx_int_t                       rc;
    ngx_uint_t                      i;
    ngx_table_elt_t                *h, *other;
    ngx_http_oauthcc_items_t       *items;
    ngx_http_oauthcc_packed_t       packed;
    ngx_http_oauthcc_credential_t  *credential;

    rc = ngx_http_oauthcc_credential_pack(fuzz->pool, &t->access_token,
                                          t->items, &packed);
    ngx_http_oauthcc_fuzz_check(rc == NGX_OK);

    credential = ngx_alloc(ngx_http_oauthcc_credential_size(&packed),
                           fuzz->log);
    ngx_http_oauthcc_fuzz_check(credential != NULL);

    ngx_memcpy(ngx_http_oauthcc_credential_bytes(credential, &packed),
               packed.data, packed.len);

    ngx_http_oauthcc_credential_unpack(credential, &packed);

    items = &credential->items;

    ngx_http_oauthcc_fuzz_check(
                 ngx_http_oauthcc_fuzz_equal(&credential->access_token,
                                             &t->access_token));
    ngx_http_oauthcc_fuzz_check(items->added <= items->nheaders);

    /* only what has a value comes back: the others are the provider's */

    ngx_http_oauthcc_fuzz_check(items->added == t->items->added);

    for (i = 0; i < items->added; i++) {
        h = &items->headers[i];
        other = &t->items->headers[i];

        ngx_http_oauthcc_fuzz_check(
                               ngx_http_oauthcc_fuzz_equal(&h->key,
                                                           &other->key));
        ngx_http_oauthcc_fuzz_check(
                               ngx_http_oauthcc_fuzz_equal(&h->value,
                                                           &other->value));
        ngx_http_oauthcc_fuzz_check(
                               ngx_http_oauthcc_credential_name(&h->key));
        ngx_http_oauthcc_fuzz_check(ngx_http_oauthcc_fuzz_line(&h->value));
        ngx_http_oauthcc_fuzz_check(h->value.len > 0);
    }

    for (i = 0; i < items->narguments; i++) {
        ngx_http_oauthcc_fuzz_check(
                  ngx_http_oauthcc_fuzz_printable(&items->arguments[i].text));
    }

    ngx_http_oauthcc_credential_release(credential);
}
