
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_clock.h"
#include "cache/oauthcc_credential.h"
#include "core/oauthcc_lifetime.h"
#include "core/oauthcc_text.h"
#include "http/oauthcc_header_syntax.h"


/* the value of the usual header, and the headers that it takes */

#define oauthcc_credential_scheme(packed)                                     \
    ((packed)->bound ? sizeof("DPoP ") - 1 : sizeof("Bearer ") - 1)

#define oauthcc_credential_headers(packed)  (1 + (packed)->bound)

/* a packed item: lengths of name and value, the name, the value */

#define OAUTHCC_CREDENTIAL_ITEM  (2 * sizeof(uint32_t))


/* no variable can ask for a member of this name */

static ngx_str_t  oauthcc_credential_scope_name = ngx_string(" scope");


static u_char *oauthcc_credential_write(u_char *p, ngx_str_t *name,
    ngx_str_t *value);
static u_char *oauthcc_credential_read(u_char *p, ngx_str_t *name,
    ngx_str_t *value);
static void oauthcc_credential_items(oauthcc_credential_t *credential,
    oauthcc_packed_t *packed);


ngx_int_t
oauthcc_credential_pack(ngx_pool_t *pool, ngx_str_t *access_token,
    oauthcc_fields_t *fields, ngx_array_t *members, oauthcc_packed_t *packed)
{
    size_t           len;
    u_char          *p;
    ngx_uint_t       i, nmembers;
    oauthcc_pair_t  *member;

    ngx_memzero(packed, sizeof(oauthcc_packed_t));

    packed->token = access_token->len;

    member = members ? members->elts : NULL;
    nmembers = members ? members->nelts : 0;

    if (fields == NULL && nmembers == 0) {
        packed->data = access_token->data;
        packed->len = access_token->len;

        return NGX_OK;
    }

    if (fields) {
        packed->listed = 1;
        packed->nheaders = fields->nheaders;
        packed->narguments = fields->narguments;
    }

    len = access_token->len;

    for (i = 0; i < nmembers; i++) {
        len += OAUTHCC_CREDENTIAL_ITEM + member[i].name.len
               + member[i].value.len;
    }

    for (i = 0; i < packed->nheaders; i++) {
        len += OAUTHCC_CREDENTIAL_ITEM + fields->headers[i].key.len
               + fields->headers[i].value.len;
    }

    for (i = 0; i < packed->narguments; i++) {
        len += OAUTHCC_CREDENTIAL_ITEM + fields->arguments[i].name.len
               + fields->arguments[i].text.len;
    }

    /* never of size 0: an empty text means no credential */

    p = ngx_pnalloc(pool, len + 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    packed->data = p;

    if (access_token->len) {
        p = ngx_cpymem(p, access_token->data, access_token->len);
    }

    for (i = 0; i < packed->nheaders; i++) {
        p = oauthcc_credential_write(p, &fields->headers[i].key,
                                     &fields->headers[i].value);
    }

    for (i = 0; i < packed->narguments; i++) {
        p = oauthcc_credential_write(p, &fields->arguments[i].name,
                                     &fields->arguments[i].text);
    }

    for (i = 0; i < nmembers; i++) {
        p = oauthcc_credential_write(p, &member[i].name, &member[i].value);
    }

    *p++ = '\0';

    packed->len = p - packed->data;

    return NGX_OK;
}


ngx_int_t
oauthcc_credential_pack_scope(ngx_pool_t *pool, ngx_str_t *access_token,
    oauthcc_fields_t *fields, ngx_array_t *members, ngx_str_t *scope,
    oauthcc_packed_t *packed, size_t *len)
{
    if (oauthcc_text_pair(members, NULL, &oauthcc_credential_scope_name,
                          scope)
        != NGX_OK
        || oauthcc_credential_pack(pool, access_token, fields, members, packed)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    /* with the zero; what is empty without them is of one byte */

    *len = OAUTHCC_CREDENTIAL_ITEM + oauthcc_credential_scope_name.len
           + scope->len + 1;
    *len = ngx_min(*len, packed->len - 1);

    packed->len -= *len;

    return NGX_OK;
}


size_t
oauthcc_credential_size(oauthcc_packed_t *packed)
{
    size_t  size;

    size = sizeof(oauthcc_credential_t) + packed->len;

    if (!packed->listed) {
        return size + oauthcc_credential_headers(packed)
                      * sizeof(ngx_table_elt_t)
               + oauthcc_credential_scheme(packed);
    }

    /* the copies of names in lower case are no longer than the packed text */

    return size + packed->len
           + packed->nheaders * sizeof(ngx_table_elt_t)
           + packed->narguments * sizeof(oauthcc_argument_t);
}


/* The layout is: structs, packed bytes, names in lower case. */

u_char *
oauthcc_credential_bytes(oauthcc_credential_t *credential,
    oauthcc_packed_t *packed)
{
    u_char  *p;

    p = (u_char *) &credential[1];

    if (!packed->listed) {
        return p + oauthcc_credential_headers(packed)
                   * sizeof(ngx_table_elt_t)
               + oauthcc_credential_scheme(packed);
    }

    return p + packed->nheaders * sizeof(ngx_table_elt_t)
           + packed->narguments * sizeof(oauthcc_argument_t);
}


void
oauthcc_credential_unpack(oauthcc_credential_t *credential,
    oauthcc_packed_t *packed)
{
    size_t            scheme;
    ngx_str_t         name, value;
    ngx_uint_t        n;
    ngx_table_elt_t  *header;

    static u_char  lowcase[] = "authorization";
    static u_char  dpop[] = "dpop";

    ngx_memzero(credential, sizeof(oauthcc_credential_t));

    credential->refs = 1;
    credential->size = oauthcc_credential_size(packed);

    credential->packed = *packed;
    credential->packed.data = oauthcc_credential_bytes(credential, packed);

    if (packed->listed) {
        oauthcc_credential_items(credential, packed);
        return;
    }

    n = oauthcc_credential_headers(packed);
    scheme = oauthcc_credential_scheme(packed);

    header = (ngx_table_elt_t *) &credential[1];
    value.data = (u_char *) &header[n];

    credential->access_token.data = ngx_cpymem(value.data,
                                               packed->bound ? "DPoP "
                                                             : "Bearer ",
                                               scheme);
    credential->access_token.len = packed->token;

    credential->members.data = credential->access_token.data + packed->token;
    credential->members.len = packed->len - packed->token
                              - packed->tagged * OAUTHCC_CREDENTIAL_TAG;

    value.len = scheme + packed->token;
    ngx_str_set(&name, "Authorization");

    oauthcc_header_syntax_make(header, &name, lowcase, &value);

    if (packed->bound) {

        /* a proof of the client's is none of ours */

        ngx_str_set(&name, "DPoP");
        ngx_str_null(&value);

        oauthcc_header_syntax_make(&header[1], &name, dpop, &value);
    }

    credential->fields.headers = header;
    credential->fields.nheaders = n;
    credential->fields.added = 1;
    credential->fields.changes = packed->bound;
}


void
oauthcc_credential_ended(oauthcc_issued_t *login, ngx_uint_t n)
{
    ngx_msec_t      life;
    oauthcc_time_t  now;

    now = oauthcc_clock_msec();
    life = oauthcc_lifetime_ended(n, login->ended);

    login->ended = life;
    login->usable = now + life;
    login->expires = login->usable;
    login->refresh = oauthcc_lifetime_least(
                         oauthcc_lifetime_refresh(login->usable, life,
                                                  login->before, 0),
                         now, login->usable);
}


/* The bytes end with a zero, which is shorter than an item. */

ngx_uint_t
oauthcc_credential_next(ngx_str_t *rest, ngx_str_t *name, ngx_str_t *value)
{
    u_char  *p;

    if (rest->len <= OAUTHCC_CREDENTIAL_ITEM) {
        return 0;
    }

    p = oauthcc_credential_read(rest->data, name, value);

    rest->len -= p - rest->data;
    rest->data = p;

    return 1;
}


ngx_uint_t
oauthcc_credential_member(oauthcc_credential_t *credential, ngx_str_t *name,
    ngx_str_t *value)
{
    ngx_str_t  rest, key;

    rest = credential->members;

    while (oauthcc_credential_next(&rest, &key, value)) {

        if (oauthcc_text_eq(&key, name)) {
            return 1;
        }
    }

    return 0;
}


ngx_uint_t
oauthcc_credential_scope(oauthcc_credential_t *credential, ngx_str_t *scope)
{
    return oauthcc_credential_member(credential,
                                     &oauthcc_credential_scope_name, scope);
}


void
oauthcc_credential_free(oauthcc_credential_t *credential)
{
    ngx_explicit_memzero(credential, credential->size);
    ngx_free(credential);
}


static u_char *
oauthcc_credential_write(u_char *p, ngx_str_t *name, ngx_str_t *value)
{
    uint32_t  len[2];

    len[0] = (uint32_t) name->len;
    len[1] = (uint32_t) value->len;

    p = ngx_cpymem(p, len, sizeof(len));
    p = ngx_cpymem(p, name->data, name->len);

    return value->len ? ngx_cpymem(p, value->data, value->len) : p;
}


static u_char *
oauthcc_credential_read(u_char *p, ngx_str_t *name, ngx_str_t *value)
{
    uint32_t  len[2];

    ngx_memcpy(len, p, sizeof(len));
    p += sizeof(len);

    name->len = len[0];
    name->data = p;
    p += name->len;

    value->len = len[1];
    value->data = p;

    return p + value->len;
}


static void
oauthcc_credential_items(oauthcc_credential_t *credential,
    oauthcc_packed_t *packed)
{
    u_char              *p, *lowcase;
    ngx_str_t            name, value;
    ngx_uint_t           i;
    ngx_table_elt_t     *header;
    oauthcc_argument_t  *argument;

    header = (ngx_table_elt_t *) &credential[1];
    argument = (oauthcc_argument_t *) &header[packed->nheaders];

    p = oauthcc_credential_bytes(credential, packed);
    lowcase = p + packed->len;

    credential->access_token.data = p;
    credential->access_token.len = packed->token;

    p += packed->token;

    credential->fields.headers = header;
    credential->fields.nheaders = packed->nheaders;
    credential->fields.arguments = argument;
    credential->fields.narguments = packed->narguments;
    credential->fields.changes = packed->narguments;

    for (i = 0; i < packed->nheaders; i++) {
        p = oauthcc_credential_read(p, &name, &value);

        oauthcc_header_syntax_make(&header[i], &name, lowcase,
                                   &value);
        lowcase += name.len;

        /* fields without a value come last: they only remove */

        if (value.len) {
            credential->fields.added++;
        }
    }

    for (i = 0; i < packed->narguments; i++) {
        p = oauthcc_credential_read(p, &argument[i].name, &argument[i].text);
    }

    credential->members.data = p;
    credential->members.len = oauthcc_credential_bytes(credential, packed)
                              + packed->len - p
                              - packed->tagged * OAUTHCC_CREDENTIAL_TAG;
}
