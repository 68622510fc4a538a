
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "oauth/oauthcc_token_error.h"
#include "core/oauthcc_redact.h"
#include "core/oauthcc_text.h"


#define OAUTHCC_TOKEN_ERROR_LEN          64
#define OAUTHCC_TOKEN_ERROR_DESCRIPTION  256

/* of the names of members, and of one of them: a longer one is cut */
#define OAUTHCC_TOKEN_ERROR_MEMBERS      160
#define OAUTHCC_TOKEN_ERROR_MEMBER       32


static int oauthcc_token_error_dump(const char *piece, size_t len,
    void *data);
static ngx_uint_t oauthcc_token_error_utf8(ngx_str_t *text);
static ngx_uint_t oauthcc_token_error_none(json_t *value);
static ngx_int_t oauthcc_token_error_text(ngx_pool_t *pool, json_t *value,
    size_t max, ngx_str_t *text);
static ngx_int_t oauthcc_token_error_claims(ngx_pool_t *pool, json_t *value,
    ngx_str_t *claims);
static void oauthcc_token_error_redact(json_t *root, ngx_str_t *text);
static ngx_uint_t oauthcc_token_error_repeats(json_t *value, ngx_uint_t token,
    ngx_str_t *text);
static ngx_int_t oauthcc_token_error_members(ngx_pool_t *pool, json_t *root,
    ngx_str_t *members);
static ngx_uint_t oauthcc_token_error_marked(ngx_str_t *text,
    char **marks);


/*
 * What a token begins with, or its name, where a body is not JSON; or escapes,
 * behind which there may be one.
 */

static char  *oauthcc_token_error_marks[] = {
    "access_token", "accesstoken", "refresh_token", "refreshtoken",
    "id_token", "idtoken", "eyj", "\\u", NULL
};

/* what the name of a member has that is one */

static char  *oauthcc_token_error_names[] = { "token", "secret", NULL };

/* and what it has that is none: token_type */

static char  *oauthcc_token_error_types[] = { "type", NULL };


ngx_int_t
oauthcc_token_error_read(ngx_pool_t *pool, json_t *root,
    oauthcc_token_error_t *error)
{
    json_t  *value;

    value = json_object_get(root, "error");

    if (oauthcc_token_error_text(pool, value, OAUTHCC_TOKEN_ERROR_LEN,
                                 &error->error)
           != NGX_OK
        || oauthcc_token_error_text(pool,
                                    json_object_get(root, "error_description"),
                                    OAUTHCC_TOKEN_ERROR_DESCRIPTION,
                                    &error->description)
           != NGX_OK
        || oauthcc_token_error_claims(pool, json_object_get(root, "claims"),
                                      &error->claims)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    oauthcc_token_error_redact(root, &error->error);
    oauthcc_token_error_redact(root, &error->description);

    return oauthcc_token_error_none(value) ? NGX_OK : NGX_DECLINED;
}


ngx_int_t
oauthcc_token_error_rest(ngx_pool_t *pool, json_t *root, ngx_uint_t success,
    u_char *body, size_t len, oauthcc_token_error_t *error)
{
    ngx_uint_t  hide;

    if (success) {

        /* it may be of a token that has another name */

        ngx_str_null(&error->description);

        return oauthcc_token_error_members(pool, root, &error->members);
    }

    if (len == 0) {
        return NGX_OK;
    }

    error->body.data = ngx_pnalloc(pool, OAUTHCC_TOKEN_ERROR_BODY);
    if (error->body.data == NULL) {
        return NGX_ERROR;
    }

    if (root) {

        /* nothing is escaped there that need not be */

        (void) json_dump_callback(root, oauthcc_token_error_dump, &error->body,
                                  JSON_COMPACT|JSON_REAL_PRECISION(15));

        hide = oauthcc_token_error_repeats(root, 0, &error->body);

    } else {
        error->body.len = ngx_min(len, OAUTHCC_TOKEN_ERROR_BODY);
        ngx_memcpy(error->body.data, body, error->body.len);

        hide = oauthcc_token_error_marked(&error->body,
                                          oauthcc_token_error_marks)
               || !oauthcc_token_error_utf8(&error->body);
    }

    if (hide) {
        ngx_str_set(&error->body, "(it may hold a token)");
    }

    return NGX_OK;
}


static int
oauthcc_token_error_dump(const char *piece, size_t len, void *data)
{
    ngx_str_t *body = data;

    len = ngx_min(len, OAUTHCC_TOKEN_ERROR_BODY - body->len);

    ngx_memcpy(body->data + body->len, piece, len);
    body->len += len;

    return 0;
}


/* What is in another encoding cannot be compared; the last one may be cut. */

static ngx_uint_t
oauthcc_token_error_utf8(ngx_str_t *text)
{
    u_char    *p, *last;
    uint32_t   c;

    p = text->data;
    last = p + text->len;

    while (p < last) {

        if (*p < 0x80) {
            p++;
            continue;
        }

        c = ngx_utf8_decode(&p, last - p);

        if (c > 0x10ffff) {
            return c == 0xfffffffe;
        }
    }

    return 1;
}


/*
 * Whether "error" says that there is none: a code has at least one character,
 * RFC 6749 appendix A.7.
 */

static ngx_uint_t
oauthcc_token_error_none(json_t *value)
{
    switch (value ? json_typeof(value) : JSON_NULL) {

    case JSON_NULL:
    case JSON_FALSE:
        return 1;

    case JSON_STRING:
        return json_string_length(value) == 0;

    case JSON_INTEGER:
    case JSON_REAL:
        return json_number_value(value) == 0;

    case JSON_OBJECT:
        return json_object_size(value) == 0;

    case JSON_ARRAY:
        return json_array_size(value) == 0;

    default: /* JSON_TRUE */
        return 0;
    }
}


static ngx_int_t
oauthcc_token_error_text(ngx_pool_t *pool, json_t *value, size_t max,
    ngx_str_t *text)
{
    ngx_str_t  from;

    if (!json_is_string(value)) {
        return NGX_OK;
    }

    from.data = (u_char *) json_string_value(value);
    from.len = json_string_length(value);

    return oauthcc_text_escape(pool, &from, max, text);
}


static ngx_int_t
oauthcc_token_error_claims(ngx_pool_t *pool, json_t *value, ngx_str_t *claims)
{
    size_t  len;

    len = json_string_length(value);

    if (len == 0 || len > OAUTHCC_TOKEN_ERROR_CLAIMS) {
        return NGX_OK;
    }

    claims->data = ngx_pnalloc(pool, len);
    if (claims->data == NULL) {
        return NGX_ERROR;
    }

    claims->len = len;
    ngx_memcpy(claims->data, json_string_value(value), len);

    return NGX_OK;
}


/* An error beside a token makes it none that may be shown. */

static void
oauthcc_token_error_redact(json_t *root, ngx_str_t *text)
{
    json_t     *value;
    ngx_str_t   token;
    ngx_uint_t  i;

    static const char  *names[] = {
        "access_token", "refresh_token", "id_token"
    };

    for (i = 0; text->len && i < sizeof(names) / sizeof(names[0]); i++) {

        value = json_object_get(root, names[i]);

        if (!json_is_string(value)) {
            continue;
        }

        token.data = (u_char *) json_string_value(value);
        token.len = json_string_length(value);

        if (oauthcc_redact_repeats(text, &token)) {
            oauthcc_redact_replace(text);
            return;
        }
    }
}


/*
 * Whether a text repeats a string of the response, at any depth, whose name
 * says that it is a token, or that is within something of such a name.
 */

static ngx_uint_t
oauthcc_token_error_repeats(json_t *value, ngx_uint_t token, ngx_str_t *text)
{
    size_t       i;
    json_t      *member;
    ngx_str_t    name;
    ngx_uint_t   within;
    const char  *key;

    if (json_is_object(value)) {

        json_object_foreach(value, key, member) {

            name.data = (u_char *) key;
            name.len = ngx_strlen(key);

            within = token
                     || (oauthcc_token_error_marked(&name,
                                                    oauthcc_token_error_names)
                         && !oauthcc_token_error_marked(&name,
                                                   oauthcc_token_error_types));

            if (oauthcc_token_error_repeats(member, within, text)) {
                return 1;
            }
        }
    }

    if (json_is_array(value)) {

        json_array_foreach(value, i, member) {

            if (oauthcc_token_error_repeats(member, token, text)) {
                return 1;
            }
        }
    }

    if (!token || !json_is_string(value)) {
        return 0;
    }

    name.data = (u_char *) json_string_value(value);
    name.len = json_string_length(value);

    return oauthcc_redact_repeats(text, &name);
}


static ngx_int_t
oauthcc_token_error_members(ngx_pool_t *pool, json_t *root, ngx_str_t *members)
{
    u_char      *p, *last;
    json_t      *value;
    ngx_str_t    name, shown;
    const char  *key;

    if (root == NULL || json_object_size(root) == 0) {
        return NGX_OK;
    }

    p = ngx_pnalloc(pool, OAUTHCC_TOKEN_ERROR_MEMBERS);
    if (p == NULL) {
        return NGX_ERROR;
    }

    members->data = p;
    last = p + OAUTHCC_TOKEN_ERROR_MEMBERS;

    json_object_foreach(root, key, value) {

        name.data = (u_char *) key;
        name.len = ngx_strlen(key);

        if (oauthcc_text_escape(pool, &name, OAUTHCC_TOKEN_ERROR_MEMBER,
                                &shown)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        if (last - p < (ssize_t) (shown.len + sizeof(", ...") - 1
                                  + sizeof("...") - 1))
        {
            p = ngx_cpymem(p, ", ...", sizeof(", ...") - 1);
            break;
        }

        p = ngx_sprintf(p, "%s%V%s", p == members->data ? "" : ", ", &shown,
                        shown.len < name.len ? "..." : "");
    }

    members->len = p - members->data;

    return NGX_OK;
}


static ngx_uint_t
oauthcc_token_error_marked(ngx_str_t *text, char **marks)
{
    size_t      i;
    ngx_str_t   rest;
    ngx_uint_t  k;

    for (i = 0; i < text->len; i++) {

        rest.data = text->data + i;
        rest.len = text->len - i;

        for (k = 0; marks[k]; k++) {

            if (oauthcc_text_ibegins(&rest, marks[k])) {
                return 1;
            }
        }
    }

    return 0;
}
