
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include "oauthcc_fuzz_document.h"
#include "http/oauthcc_header_syntax.h"
#include "login_json/oauthcc_document_response.h"
#include "cache/oauthcc_credential.h"
#include "login_json/oauthcc_document.h"
#include "login_json/oauthcc_document_request.h"


static void oauthcc_fuzz_request(oauthcc_fuzz_t *fuzz,
    oauthcc_document_request_t *login_json, oauthcc_pair_t *pairs,
    ngx_uint_t n);
static void oauthcc_fuzz_answer(oauthcc_fuzz_t *fuzz,
    oauthcc_document_request_t *login_json, ngx_uint_t status,
    ngx_str_t *response);
static void oauthcc_fuzz_items(oauthcc_fuzz_t *fuzz,
    oauthcc_token_response_t *t);


/* what a request sets in place of params of these names */

static oauthcc_pair_t  oauthcc_fuzz_pairs[] = {
    { ngx_string("scope"), ngx_string("a b") },
    { ngx_string("a"), ngx_string("\xff&=%") },
    { ngx_string("audience"), ngx_string("") }
};

/* what a response has */

static oauthcc_pair_t  oauthcc_fuzz_headers[] = {
    { ngx_string("X-Token"), ngx_string("t0ken") },
    { ngx_string("X-Two"), ngx_string("one") },
    { ngx_string("X-Two"), ngx_string("two") },
    { ngx_string("X-Odd"), ngx_string("\t\xff\x01") }
};


ngx_uint_t
oauthcc_fuzz_document(oauthcc_fuzz_t *fuzz, ngx_str_t *text, ngx_uint_t status,
    ngx_str_t *response)
{
    ngx_int_t                    rc;
    ngx_str_t                    err;
    ngx_array_t                  attrs;
    oauthcc_attr_t              *attr;
    oauthcc_document_request_t  *login_json;
    static u_char                secret[] = "s3cret-of-twenty-bytes";

    rc = ngx_array_init(&attrs, fuzz->pool, 2, sizeof(oauthcc_attr_t));
    oauthcc_fuzz_check(rc == NGX_OK);

    attr = ngx_array_push(&attrs);
    ngx_memzero(attr, sizeof(oauthcc_attr_t));

    ngx_str_set(&attr->name, "#secret");
    attr->value.text.data = secret;
    attr->value.text.len = sizeof(secret) - 1;

    attr = ngx_array_push(&attrs);
    ngx_memzero(attr, sizeof(oauthcc_attr_t));

    ngx_str_set(&attr->name, "#file");
    attr->value.type = OAUTHCC_VALUE_FILE;
    attr->value.text.data = secret;
    attr->value.text.len = sizeof(secret) - 1;
    ngx_str_set(&attr->value.source, "secret");

    ngx_str_null(&err);

    oauthcc_fuzz_starve();

    rc = oauthcc_document_read(fuzz->pool, fuzz->log, text, &attrs,
                               &login_json, &err);

    if (oauthcc_fuzz_starved() && rc != NGX_OK) {
        return 1;
    }

    oauthcc_fuzz_check(rc == NGX_OK || rc == NGX_DECLINED);

    if (rc == NGX_DECLINED) {
        oauthcc_fuzz_check(err.len > 0);

        /* it may be shown to whoever runs nginx -t */

        oauthcc_fuzz_check(ngx_strlcasestrn(err.data, err.data + err.len,
                                            secret, sizeof(secret)
                                                             - 2)
                           == NULL);
        return 0;
    }

    oauthcc_fuzz_request(fuzz, login_json, NULL, 0);
    oauthcc_fuzz_request(fuzz, login_json, oauthcc_fuzz_pairs, 3);

    oauthcc_fuzz_answer(fuzz, login_json, status, response);

    return 1;
}


static void
oauthcc_fuzz_request(oauthcc_fuzz_t *fuzz,
    oauthcc_document_request_t *login_json, oauthcc_pair_t *pairs,
    ngx_uint_t n)
{
    u_char                     *query;
    ngx_int_t                   rc;
    ngx_str_t                   url;
    ngx_uint_t                  i;
    oauthcc_pair_t             *pair;
    oauthcc_http_request_t      request;
    oauthcc_expression_fault_t  fault;

    oauthcc_fuzz_starve();

    rc = oauthcc_document_request_request(login_json, fuzz->pool,
                                          &login_json->endpoint, pairs, n,
                                          &request, &fault);

    if (oauthcc_fuzz_starved() && rc == NGX_ERROR) {
        return;
    }

    oauthcc_fuzz_check(rc == NGX_OK || rc == NGX_DECLINED);

    if (rc == NGX_DECLINED) {
        oauthcc_fuzz_check(fault.reason && fault.where);
        return;
    }

    /* parameters take the place of those in the query with the same names */

    url = login_json->endpoint;
    query = ngx_strlchr(url.data, url.data + url.len, '?');
    url.len = query ? (size_t) (query - url.data) : url.len;

    oauthcc_fuzz_check(request.url.len >= url.len);
    oauthcc_fuzz_check(ngx_memcmp(request.url.data, url.data, url.len) == 0);

    if (login_json->method == OAUTHCC_DOCUMENT_GET) {
        oauthcc_fuzz_check(request.body.len == 0);
    }

    pair = request.headers.elts;

    for (i = 0; i < request.headers.nelts; i++) {
        oauthcc_fuzz_check(oauthcc_header_syntax_name(&pair[i].name));
        oauthcc_fuzz_check(oauthcc_fuzz_line(&pair[i].value));
    }
}


static void
oauthcc_fuzz_answer(oauthcc_fuzz_t *fuzz,
    oauthcc_document_request_t *login_json, ngx_uint_t status,
    ngx_str_t *response)
{
    ngx_int_t                 rc;
    ngx_str_t                 body;
    ngx_uint_t                i, failed;
    ngx_list_t                headers;
    oauthcc_token_response_t  t;

    body.len = response->len;
    body.data = ngx_alloc(body.len, fuzz->log);
    oauthcc_fuzz_check(body.data != NULL);

    if (body.len) {
        ngx_memcpy(body.data, response->data, body.len);
    }

    rc = ngx_list_init(&headers, fuzz->pool, 4, sizeof(ngx_table_elt_t));
    oauthcc_fuzz_check(rc == NGX_OK);

    for (i = 0; i < 4; i++) {
        (void) oauthcc_fuzz_header(&headers, &oauthcc_fuzz_headers[i].name,
                                   &oauthcc_fuzz_headers[i].value);
    }

    oauthcc_fuzz_starve();

    rc = oauthcc_document_response_read(login_json, fuzz->pool, status,
                                        &headers, body.data, body.len,
                                        1700000000, 300000, &t);

    failed = oauthcc_fuzz_starved();

    /* nothing of it lies in the body */

    ngx_memset(body.data, 'x', body.len);
    ngx_free(body.data);

    if (rc == NGX_ERROR) {
        oauthcc_fuzz_check(failed);
        return;
    }

    oauthcc_fuzz_check(rc == NGX_OK || rc == NGX_DECLINED);

    if (rc == NGX_DECLINED) {
        oauthcc_fuzz_check(t.reason && t.reason[0]);
        return;
    }

    oauthcc_fuzz_check(status >= 200 && status < 300);
    oauthcc_fuzz_check(t.life > 0 || login_json->expires
                                     != OAUTHCC_DOCUMENT_FIXED);
    oauthcc_fuzz_check(t.life <= OAUTHCC_TOKEN_RESPONSE_MAX_LIFE);
    oauthcc_fuzz_check(oauthcc_fuzz_line(&t.access_token));

    if (t.fields) {
        oauthcc_fuzz_items(fuzz, &t);
    }
}


/* what goes to the zone, and comes back in another worker */

static void
oauthcc_fuzz_items(oauthcc_fuzz_t *fuzz, oauthcc_token_response_t *t)
{
    ngx_int_t              rc;
    ngx_uint_t             i;
    ngx_array_t            members;
    ngx_table_elt_t       *h, *other;
    oauthcc_fields_t      *fields;
    oauthcc_packed_t       packed;
    oauthcc_credential_t  *credential;

    oauthcc_fuzz_check(ngx_array_init(&members, fuzz->pool, 1,
                                      sizeof(oauthcc_pair_t))
                       == NGX_OK);

    oauthcc_fuzz_starve();

    rc = oauthcc_credential_pack(fuzz->pool, &t->access_token,
                                 t->fields, &members, &packed);

    if (oauthcc_fuzz_starved() && rc != NGX_OK) {
        return;
    }

    oauthcc_fuzz_check(rc == NGX_OK);

    credential = ngx_alloc(oauthcc_credential_size(&packed), fuzz->log);
    oauthcc_fuzz_check(credential != NULL);

    ngx_memcpy(oauthcc_credential_bytes(credential, &packed),
               packed.data, packed.len);

    oauthcc_credential_unpack(credential, &packed);

    fields = &credential->fields;

    oauthcc_fuzz_check(oauthcc_fuzz_equal(&credential->access_token,
                                          &t->access_token));
    oauthcc_fuzz_check(fields->added <= fields->nheaders);

    /* only what has a value comes back: the others are the provider's */

    oauthcc_fuzz_check(fields->added == t->fields->added);

    for (i = 0; i < fields->added; i++) {
        h = &fields->headers[i];
        other = &t->fields->headers[i];

        oauthcc_fuzz_check(
                           oauthcc_fuzz_equal(&h->key, &other->key));
        oauthcc_fuzz_check(
                           oauthcc_fuzz_equal(&h->value, &other->value));
        oauthcc_fuzz_check(
                           oauthcc_header_syntax_name(&h->key));
        oauthcc_fuzz_check(oauthcc_fuzz_line(&h->value));
        oauthcc_fuzz_check(h->value.len > 0);
    }

    for (i = 0; i < fields->narguments; i++) {
        oauthcc_fuzz_check(oauthcc_fuzz_printable(&fields->arguments[i].text));
    }

    oauthcc_credential_release(credential);
}
