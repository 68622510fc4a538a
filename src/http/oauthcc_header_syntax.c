
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "http/oauthcc_header_syntax.h"
#include "core/oauthcc_text.h"


/* headers that nginx's proxy sets itself */

static ngx_str_t  oauthcc_header_syntax_headers[] = {
    ngx_string("Host"),
    ngx_string("Connection"),
    ngx_string("Content-Length"),
    ngx_string("Transfer-Encoding"),
    ngx_null_string
};


ngx_uint_t
oauthcc_header_syntax_value(ngx_str_t *value)
{
    if (oauthcc_text_control(value)) {
        return 0;
    }

    return value->len == 0
           || (value->data[0] != ' ' && value->data[value->len - 1] != ' ');
}


ngx_uint_t
oauthcc_header_syntax_name(ngx_str_t *name)
{
    ngx_uint_t  i;

    for (i = 0; i < name->len; i++) {

        if (name->data[i] <= ' ' || name->data[i] >= 0x7f
            || ngx_strchr("\"(),/:;<=>?@[\\]{}", name->data[i]))
        {
            return 0;
        }
    }

    return name->len != 0;
}


ngx_uint_t
oauthcc_header_syntax_reserved(ngx_str_t *name)
{
    return oauthcc_text_iin(oauthcc_header_syntax_headers, name);
}


void
oauthcc_header_syntax_make(ngx_table_elt_t *header, ngx_str_t *name,
    u_char *lowcase, ngx_str_t *value)
{
    ngx_memzero(header, sizeof(ngx_table_elt_t));

    header->key = *name;
    header->value = *value;
    header->lowcase_key = lowcase;
    header->hash = ngx_hash_strlow(lowcase, name->data, name->len);
}
