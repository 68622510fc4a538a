
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <jansson.h>
#include "oauth/oauthcc_token_members.h"
#include "core/oauthcc_json_tree.h"
#include "core/oauthcc_text.h"
#include "http/oauthcc_header_syntax.h"


/* of a number, with all of its digits */
#define OAUTHCC_TOKEN_MEMBERS_NUMBER  64


static json_t *oauthcc_token_members_find(json_t *root, ngx_str_t *name);
static ngx_int_t oauthcc_token_members_text(json_t *value, u_char *buf,
    ngx_str_t *text);


ngx_int_t
oauthcc_token_members_read(ngx_pool_t *pool, ngx_array_t *names, u_char *body,
    size_t len, ngx_array_t *pairs)
{
    u_char         buf[OAUTHCC_TOKEN_MEMBERS_NUMBER];
    json_t        *root, *value;
    ngx_int_t      rc;
    ngx_str_t     *name, text;
    ngx_uint_t     i;
    json_error_t   error;

    if (len >= 3 && ngx_memcmp(body, "\xef\xbb\xbf", 3) == 0) {
        body += 3;
        len -= 3;
    }

    rc = oauthcc_json_tree_load_wide(&root, body, len, JSON_REJECT_DUPLICATES,
                                     &error);

    if (rc != NGX_OK) {
        return (rc == NGX_ERROR) ? NGX_ERROR : NGX_OK;
    }

    name = names->elts;

    for (i = 0; i < names->nelts && rc == NGX_OK; i++) {

        value = oauthcc_token_members_find(root, &name[i]);

        rc = oauthcc_token_members_text(value, buf, &text);

        if (rc != NGX_OK) {
            rc = (rc == NGX_ERROR) ? NGX_ERROR : NGX_OK;
            continue;
        }

        if (text.len > OAUTHCC_TOKEN_MEMBERS_MAX
            || !oauthcc_header_syntax_value(&text))
        {
            ngx_log_error(NGX_LOG_WARN, pool->log, 0,
                          "\"%V\" of the login response is longer than %d "
                          "bytes, or has characters that are not allowed in a "
                          "header: there is no $oauthcc_response_%V", &name[i],
                          OAUTHCC_TOKEN_MEMBERS_MAX, &name[i]);
            continue;
        }

        rc = oauthcc_text_pair(pairs, pool, &name[i], &text);
    }

    oauthcc_json_tree_free(root);

    return rc;
}


/* By its name, or else whatever its case: variables have no capitals. */

static json_t *
oauthcc_token_members_find(json_t *root, ngx_str_t *name)
{
    json_t      *value, *found;
    ngx_str_t    text;
    const char  *key;

    found = NULL;

    json_object_foreach(root, key, value) {

        text.data = (u_char *) key;
        text.len = ngx_strlen(key);

        if (oauthcc_text_eq(&text, name)) {
            return value;
        }

        if (found == NULL && oauthcc_text_ieq(&text, name)) {
            found = value;
        }
    }

    return found;
}


/* NGX_DECLINED: there is no text.  NGX_ERROR: no memory. */

static ngx_int_t
oauthcc_token_members_text(json_t *value, u_char *buf, ngx_str_t *text)
{
    ngx_uint_t  digits;

    text->data = buf;

    switch (value ? json_typeof(value) : JSON_NULL) {

    case JSON_STRING:
        text->data = (u_char *) json_string_value(value);
        text->len = json_string_length(value);
        return text->len ? NGX_OK : NGX_DECLINED;

    case JSON_TRUE:
        ngx_str_set(text, "true");
        return NGX_OK;

    case JSON_FALSE:
        ngx_str_set(text, "false");
        return NGX_OK;

    case JSON_INTEGER:
    case JSON_REAL:
        digits = oauthcc_json_tree_digits(value, 15);

        text->len = json_dumpb(value, (char *) buf,
                               OAUTHCC_TOKEN_MEMBERS_NUMBER,
                               JSON_ENCODE_ANY|JSON_REAL_PRECISION(digits));

        return (digits && text->len
                && text->len <= OAUTHCC_TOKEN_MEMBERS_NUMBER)
               ? NGX_OK : NGX_ERROR;

    default: /* null, a list, an object */
        return NGX_DECLINED;
    }
}
