
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <jansson.h>
#include "core/oauthcc_json_tree.h"
#include "core/oauthcc_pair.h"
#include "http/oauthcc_header_syntax.h"
#include "store/oauthcc_store_payload.h"


/*
 *     { "format": 1, "token": TEXT, "headers": [[NAME, VALUE] ...],
 *       "arguments": [[NAME, TEXT] ...], "members": [[NAME, VALUE] ...],
 *       "login": MILLISECONDS, "content": DIGEST, "reduced": BOOLEAN,
 *       "bound": BOOLEAN, "limited": BOOLEAN, which may be left out }
 *
 * "headers" and "arguments" are both there or both not: then it is the usual
 * header, with the scheme DPoP if it is bound to a key.  Texts are in base64,
 * since a value need not be UTF-8.
 */

#define OAUTHCC_STORE_PAYLOAD_FORMAT  1

/* hexadecimal digits of a digest */
#define OAUTHCC_STORE_PAYLOAD_DIGITS  16

/* items of a list */
#define OAUTHCC_STORE_PAYLOAD_ITEMS   256


static json_t *oauthcc_store_payload_object(ngx_pool_t *pool,
    oauthcc_store_payload_t *payload, oauthcc_credential_t *credential);
static ngx_int_t oauthcc_store_payload_set(json_t *object, char *name,
    json_t *value);
static json_t *oauthcc_store_payload_text(ngx_pool_t *pool, ngx_str_t *text);
static ngx_int_t oauthcc_store_payload_push(ngx_pool_t *pool, json_t *list,
    ngx_str_t *name, ngx_str_t *value);
static ngx_int_t oauthcc_store_payload_parse(ngx_pool_t *pool, json_t *root,
    oauthcc_store_payload_t *payload);
static ngx_int_t oauthcc_store_payload_get(ngx_pool_t *pool, json_t *value,
    ngx_str_t *text);
static ngx_int_t oauthcc_store_payload_list(ngx_pool_t *pool, json_t *list,
    ngx_array_t **pairs);
static ngx_int_t oauthcc_store_payload_fields(ngx_pool_t *pool,
    ngx_array_t *headers, ngx_array_t *arguments, oauthcc_fields_t *fields);
static ngx_uint_t oauthcc_store_payload_argument(oauthcc_pair_t *argument);


ngx_int_t
oauthcc_store_payload_write(ngx_pool_t *pool,
    oauthcc_store_payload_t *payload, ngx_str_t *text)
{
    json_t                *root;
    size_t                 size;
    ngx_int_t              rc;
    oauthcc_credential_t  *credential;

    size = oauthcc_credential_size(&payload->packed);

    credential = ngx_palloc(pool, size);
    if (credential == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(oauthcc_credential_bytes(credential, &payload->packed),
               payload->packed.data, payload->packed.len);

    oauthcc_credential_unpack(credential, &payload->packed);

    root = oauthcc_store_payload_object(pool, payload, credential);

    ngx_explicit_memzero(credential, size);

    if (root == NULL) {
        return NGX_ERROR;
    }

    rc = NGX_ERROR;

    text->len = json_dumpb(root, NULL, 0, JSON_COMPACT);
    text->data = ngx_pnalloc(pool, text->len + 1);

    if (text->len && text->data
        && json_dumpb(root, (char *) text->data, text->len, JSON_COMPACT)
           == text->len)
    {
        rc = NGX_OK;
    }

    oauthcc_json_tree_free(root);

    return rc;
}


static json_t *
oauthcc_store_payload_object(ngx_pool_t *pool,
    oauthcc_store_payload_t *payload, oauthcc_credential_t *credential)
{
    u_char             digits[OAUTHCC_STORE_PAYLOAD_DIGITS + 1];
    json_t            *root, *headers, *arguments, *members;
    ngx_int_t          rc;
    ngx_str_t          name, value, rest, token;
    ngx_uint_t         i;
    oauthcc_fields_t  *fields;

    fields = &credential->fields;

    root = json_object();
    headers = json_array();
    arguments = json_array();
    members = json_array();

    ngx_sprintf(digits, "%016xL%Z", payload->content);

    token = credential->access_token;

    rc = oauthcc_store_payload_set(root, "format",
                                   json_integer(OAUTHCC_STORE_PAYLOAD_FORMAT));
    rc |= oauthcc_store_payload_set(root, "token",
                                    oauthcc_store_payload_text(pool, &token));
    rc |= oauthcc_store_payload_set(root, "login",
                                    json_integer(payload->login_time));
    rc |= oauthcc_store_payload_set(root, "content",
                                    json_string((char *) digits));
    rc |= oauthcc_store_payload_set(root, "reduced",
                                    json_boolean(payload->reduced));
    rc |= oauthcc_store_payload_set(root, "limited",
                                    json_boolean(payload->limited));
    rc |= oauthcc_store_payload_set(root, "bound",
                                    json_boolean(payload->packed.bound));

    if (payload->packed.listed) {

        for (i = 0; i < fields->nheaders; i++) {
            rc |= oauthcc_store_payload_push(pool, headers,
                                             &fields->headers[i].key,
                                             &fields->headers[i].value);
        }

        for (i = 0; i < fields->narguments; i++) {
            rc |= oauthcc_store_payload_push(pool, arguments,
                                             &fields->arguments[i].name,
                                             &fields->arguments[i].text);
        }

        rc |= oauthcc_store_payload_set(root, "headers", json_incref(headers));
        rc |= oauthcc_store_payload_set(root, "arguments",
                                        json_incref(arguments));
    }

    rest = credential->members;

    while (oauthcc_credential_next(&rest, &name, &value)) {
        rc |= oauthcc_store_payload_push(pool, members, &name, &value);
    }

    rc |= oauthcc_store_payload_set(root, "members", json_incref(members));

    json_decref(headers);
    json_decref(arguments);
    json_decref(members);

    if (rc != NGX_OK) {
        oauthcc_json_tree_free(root);
        return NULL;
    }

    return root;
}


/* NULL: no memory; jansson takes that for an error, too. */

static ngx_int_t
oauthcc_store_payload_set(json_t *object, char *name, json_t *value)
{
    return json_object_set_new(object, name, value) == 0 ? NGX_OK : NGX_ERROR;
}


static json_t *
oauthcc_store_payload_text(ngx_pool_t *pool, ngx_str_t *text)
{
    json_t     *value;
    ngx_str_t   encoded;

    encoded.data = ngx_pnalloc(pool, ngx_base64_encoded_length(text->len) + 1);
    if (encoded.data == NULL) {
        return NULL;
    }

    encoded.len = 0;

    if (text->len) {
        ngx_encode_base64(&encoded, text);
    }

    value = json_stringn((char *) encoded.data, encoded.len);

    ngx_explicit_memzero(encoded.data, encoded.len);

    return value;
}


static ngx_int_t
oauthcc_store_payload_push(ngx_pool_t *pool, json_t *list, ngx_str_t *name,
    ngx_str_t *value)
{
    json_t  *pair;

    pair = json_array();

    if (json_array_append_new(pair, oauthcc_store_payload_text(pool, name))
        || json_array_append_new(pair,
                                 oauthcc_store_payload_text(pool, value)))
    {
        json_decref(pair);
        return NGX_ERROR;
    }

    return json_array_append_new(list, pair) == 0 ? NGX_OK : NGX_ERROR;
}


ngx_int_t
oauthcc_store_payload_read(ngx_pool_t *pool, ngx_str_t *text,
    oauthcc_store_payload_t *payload)
{
    json_t     *root;
    ngx_int_t   rc;

    ngx_memzero(payload, sizeof(oauthcc_store_payload_t));

    rc = oauthcc_json_tree_load(&root, text->data, text->len,
                                JSON_REJECT_DUPLICATES|JSON_ALLOW_NUL, NULL);
    if (rc != NGX_OK) {
        return rc;
    }

    rc = oauthcc_store_payload_parse(pool, root, payload);

    oauthcc_json_tree_free(root);

    return rc;
}


static ngx_int_t
oauthcc_store_payload_parse(ngx_pool_t *pool, json_t *root,
    oauthcc_store_payload_t *payload)
{
    json_t            *login, *content, *reduced, *bound, *limited;
    json_t            *headers, *arguments;
    ngx_int_t          rc;
    ngx_str_t          token;
    ngx_uint_t         listed;
    json_int_t         n;
    ngx_array_t       *members, *header, *argument;
    const char        *digits;
    oauthcc_fields_t   fields;

    login = json_object_get(root, "login");
    content = json_object_get(root, "content");
    reduced = json_object_get(root, "reduced");
    bound = json_object_get(root, "bound");
    limited = json_object_get(root, "limited");
    headers = json_object_get(root, "headers");
    arguments = json_object_get(root, "arguments");

    listed = (headers != NULL);
    argument = NULL;

    n = json_integer_value(login);
    digits = json_string_value(content);

    if (json_integer_value(json_object_get(root, "format"))
        != OAUTHCC_STORE_PAYLOAD_FORMAT
        || !json_is_integer(login) || n < 0 || n > NGX_MAX_INT32_VALUE
        || json_string_length(content) != OAUTHCC_STORE_PAYLOAD_DIGITS
        || !json_is_boolean(reduced) || !json_is_boolean(bound)
        || (limited && !json_is_boolean(limited))
        || (json_is_true(bound) && listed)
        || listed != (arguments != NULL))
    {
        return NGX_DECLINED;
    }

    payload->login_time = (ngx_msec_t) n;
    payload->reduced = json_is_true(reduced);
    payload->limited = json_is_true(limited);

    if (oauthcc_store_payload_digits((u_char *) digits,
                                     OAUTHCC_STORE_PAYLOAD_DIGITS,
                                     &payload->content)
        != NGX_OK)
    {
        return NGX_DECLINED;
    }

    rc = oauthcc_store_payload_get(pool, json_object_get(root, "token"),
                                   &token);
    if (rc != NGX_OK) {
        return rc;
    }

    if (!oauthcc_header_syntax_value(&token) || (token.len == 0 && !listed)) {
        return NGX_DECLINED;
    }

    rc = oauthcc_store_payload_list(pool, json_object_get(root, "members"),
                                    &members);
    if (rc != NGX_OK) {
        return rc;
    }

    if (!listed) {
        rc = oauthcc_credential_pack(pool, &token, NULL, members,
                                     &payload->packed);

        payload->packed.bound = json_is_true(bound);

        return rc;
    }

    rc = oauthcc_store_payload_list(pool, headers, &header);

    if (rc == NGX_OK) {
        rc = oauthcc_store_payload_list(pool, arguments, &argument);
    }

    if (rc == NGX_OK) {
        rc = oauthcc_store_payload_fields(pool, header, argument, &fields);
    }

    if (rc != NGX_OK) {
        return rc;
    }

    return oauthcc_credential_pack(pool, &token, &fields, members,
                                   &payload->packed);
}


static ngx_int_t
oauthcc_store_payload_get(ngx_pool_t *pool, json_t *value, ngx_str_t *text)
{
    ngx_str_t  encoded;

    if (!json_is_string(value)) {
        return NGX_DECLINED;
    }

    encoded.data = (u_char *) json_string_value(value);
    encoded.len = json_string_length(value);

    text->data = ngx_pnalloc(pool, ngx_base64_decoded_length(encoded.len) + 1);
    if (text->data == NULL) {
        return NGX_ERROR;
    }

    text->len = 0;

    if (encoded.len && ngx_decode_base64(text, &encoded) != NGX_OK) {
        return NGX_DECLINED;
    }

    return NGX_OK;
}


/* Pairs, whose values may be put in a header. */

static ngx_int_t
oauthcc_store_payload_list(ngx_pool_t *pool, json_t *list, ngx_array_t **pairs)
{
    json_t          *item;
    size_t           i, n;
    ngx_int_t        rc;
    oauthcc_pair_t  *pair;

    n = json_array_size(list);

    if (!json_is_array(list) || n > OAUTHCC_STORE_PAYLOAD_ITEMS) {
        return NGX_DECLINED;
    }

    *pairs = ngx_array_create(pool, n ? n : 1, sizeof(oauthcc_pair_t));
    if (*pairs == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < n; i++) {

        item = json_array_get(list, i);

        if (!json_is_array(item) || json_array_size(item) != 2) {
            return NGX_DECLINED;
        }

        pair = ngx_array_push(*pairs);
        if (pair == NULL) {
            return NGX_ERROR;
        }

        rc = oauthcc_store_payload_get(pool, json_array_get(item, 0),
                                       &pair->name);

        if (rc == NGX_OK) {
            rc = oauthcc_store_payload_get(pool, json_array_get(item, 1),
                                           &pair->value);
        }

        if (rc != NGX_OK) {
            return rc;
        }

        if (pair->name.len == 0
            || !oauthcc_header_syntax_value(&pair->value))
        {
            return NGX_DECLINED;
        }
    }

    return NGX_OK;
}


static ngx_int_t
oauthcc_store_payload_fields(ngx_pool_t *pool, ngx_array_t *headers,
    ngx_array_t *arguments, oauthcc_fields_t *fields)
{
    ngx_uint_t       i, ended;
    oauthcc_pair_t  *pair;

    ngx_memzero(fields, sizeof(oauthcc_fields_t));

    fields->nheaders = headers->nelts;
    fields->narguments = arguments->nelts;

    fields->headers = ngx_pcalloc(pool, (headers->nelts + 1)
                                        * sizeof(ngx_table_elt_t));
    fields->arguments = ngx_pcalloc(pool, (arguments->nelts + 1)
                                          * sizeof(oauthcc_argument_t));

    if (fields->headers == NULL || fields->arguments == NULL) {
        return NGX_ERROR;
    }

    pair = headers->elts;
    ended = 0;

    for (i = 0; i < headers->nelts; i++) {

        if (!oauthcc_header_syntax_name(&pair[i].name)
            || oauthcc_header_syntax_reserved(&pair[i].name)
            || (ended && pair[i].value.len))
        {
            return NGX_DECLINED;
        }

        /* those without a value come last */

        ended = (pair[i].value.len == 0);

        fields->headers[i].key = pair[i].name;
        fields->headers[i].value = pair[i].value;
    }

    pair = arguments->elts;

    for (i = 0; i < arguments->nelts; i++) {

        if (!oauthcc_store_payload_argument(&pair[i])) {
            return NGX_DECLINED;
        }

        fields->arguments[i].name = pair[i].name;
        fields->arguments[i].text = pair[i].value;
    }

    return NGX_OK;
}


/* Its text is one argument, name=value, or empty. */

static ngx_uint_t
oauthcc_store_payload_argument(oauthcc_pair_t *argument)
{
    size_t  i;

    for (i = 0; i < argument->value.len; i++) {

        switch (argument->value.data[i]) {
        case ' ':
        case '#':
        case '&':
            return 0;
        }
    }

    return argument->value.len == 0
           || ngx_strlchr(argument->value.data,
                          argument->value.data + argument->value.len, '=')
              != NULL;
}


ngx_int_t
oauthcc_store_payload_digits(u_char *text, size_t n, uint64_t *value)
{
    size_t  i;

    *value = 0;

    for (i = 0; i < n; i++) {

        *value <<= 4;

        if (text[i] >= '0' && text[i] <= '9') {
            *value |= text[i] - '0';

        } else if (text[i] >= 'a' && text[i] <= 'f') {
            *value |= text[i] - 'a' + 10;

        } else {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}
