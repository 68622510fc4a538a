
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
static ngx_uint_t oauthcc_token_members_text(json_t *value, u_char *buf,
    ngx_str_t *text);


ngx_int_t
oauthcc_token_members_read(ngx_pool_t *pool, ngx_array_t *names, u_char *body,
    size_t len, ngx_array_t *pairs)
{
    u_char       buf[OAUTHCC_TOKEN_MEMBERS_NUMBER];
    json_t      *root, *value;
    ngx_int_t    rc;
    ngx_str_t   *name, text;
    ngx_uint_t   i;

    if (len >= 3 && ngx_memcmp(body, "\xef\xbb\xbf", 3) == 0) {
        body += 3;
        len -= 3;
    }

    root = json_loadb((char *) body, len, JSON_REJECT_DUPLICATES, NULL);

    if (root == NULL) {

        /* a number that nobody asks for may be too big */

        root = json_loadb((char *) body, len, JSON_REJECT_DUPLICATES
                          |JSON_DECODE_INT_AS_REAL, NULL);
    }

    if (root == NULL) {
        return NGX_OK;
    }

    rc = NGX_OK;
    name = names->elts;

    for (i = 0; i < names->nelts && rc == NGX_OK; i++) {

        value = oauthcc_token_members_find(root, &name[i]);

        if (!oauthcc_token_members_text(value, buf, &text)) {
            continue;
        }

        if (text.len > OAUTHCC_TOKEN_MEMBERS_MAX
            || !oauthcc_header_syntax_value(&text))
        {
            ngx_log_error(NGX_LOG_WARN, pool->log, 0,
                          "\"%V\" of the login response is longer than %d "
                          "bytes or are not allowed in a header, there is no "
                          "$oauthcc_response_%V", &name[i],
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


/* Says whether there is a text. */

static ngx_uint_t
oauthcc_token_members_text(json_t *value, u_char *buf, ngx_str_t *text)
{
    text->data = buf;

    switch (value ? json_typeof(value) : JSON_NULL) {

    case JSON_STRING:
        text->data = (u_char *) json_string_value(value);
        text->len = json_string_length(value);
        return text->len != 0;

    case JSON_TRUE:
        ngx_str_set(text, "true");
        return 1;

    case JSON_FALSE:
        ngx_str_set(text, "false");
        return 1;

    case JSON_INTEGER:
    case JSON_REAL:
        text->len = json_dumpb(value, (char *) buf,
                               OAUTHCC_TOKEN_MEMBERS_NUMBER,
                               JSON_ENCODE_ANY|JSON_REAL_PRECISION(
                                   oauthcc_json_tree_digits(value, 15)));
        return text->len && text->len <= OAUTHCC_TOKEN_MEMBERS_NUMBER;

    default: /* null, a list, an object */
        return 0;
    }
}
