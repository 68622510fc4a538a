
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_json_tree.h"


typedef struct {
    u_char  *pos;
    u_char  *last;
} oauthcc_json_tree_text_t;


/* a parse that is under way; nothing of it comes back to nginx's events */

typedef struct {
    json_malloc_t  alloc;
    void          *reserve;
    size_t         size;
    u_char        *read;      /* the part of the text that jansson has */
    size_t         nread;
    ngx_uint_t     failed;
} oauthcc_json_tree_memory_t;


static void *oauthcc_json_tree_alloc(size_t size);
static size_t oauthcc_json_tree_next(void *buf, size_t size, void *data);
static void oauthcc_json_tree_wipe(json_t *value);


static oauthcc_json_tree_memory_t  oauthcc_json_tree_memory;


ngx_int_t
oauthcc_json_tree_load(json_t **root, u_char *text, size_t len, size_t flags,
    json_error_t *error)
{
    json_free_t                  release;
    oauthcc_json_tree_text_t     input;
    oauthcc_json_tree_memory_t  *memory;

    *root = NULL;

    memory = &oauthcc_json_tree_memory;

    /* they may be those of another module: all memory is from there */

    json_get_alloc_funcs(&memory->alloc, &release);

    /* the buffer of a token has at most twice the size of the text */

    memory->size = 2 * len + 64;
    memory->nread = 0;
    memory->failed = 0;

    memory->reserve = memory->alloc(memory->size);
    if (memory->reserve == NULL) {
        return NGX_ERROR;
    }

    input.pos = text;
    input.last = text + len;

    json_set_alloc_funcs(oauthcc_json_tree_alloc, release);

    *root = json_load_callback(oauthcc_json_tree_next, &input, flags, error);

    json_set_alloc_funcs(memory->alloc, release);

    if (memory->reserve) {
        release(memory->reserve);
        memory->reserve = NULL;
    }

    if (memory->failed) {

        if (*root) {
            oauthcc_json_tree_free(*root);
            *root = NULL;
        }

        return NGX_ERROR;
    }

    return *root ? NGX_OK : NGX_DECLINED;
}


ngx_int_t
oauthcc_json_tree_load_wide(json_t **root, u_char *text, size_t len,
    size_t flags, json_error_t *error)
{
    ngx_int_t  rc;

    rc = oauthcc_json_tree_load(root, text, len, flags, error);

    if (rc == NGX_DECLINED
        && json_error_code(error) == json_error_numeric_overflow)
    {
        rc = oauthcc_json_tree_load(root, text, len,
                                    flags|JSON_DECODE_INT_AS_REAL, error);
    }

    return rc;
}


/*
 * jansson does not look whether a byte was added to a token, and asserts that
 * it was.  So the first allocation that fails has the reserve, and then there
 * is no second one of that kind: what jansson has of the text, but has not
 * looked at yet, becomes what UTF-8 never has, at which it ends before it adds
 * a byte.
 */

static void *
oauthcc_json_tree_alloc(size_t size)
{
    void                        *p;
    oauthcc_json_tree_memory_t  *memory;

    memory = &oauthcc_json_tree_memory;

    p = memory->alloc(size);

    if (p == NULL) {
        memory->failed = 1;

        if (memory->nread) {
            ngx_memset(memory->read, 0xff, memory->nread);
        }

        if (size <= memory->size) {
            p = memory->reserve;
            memory->reserve = NULL;
        }
    }

    return p;
}


static size_t
oauthcc_json_tree_next(void *buf, size_t size, void *data)
{
    oauthcc_json_tree_text_t    *text = data;
    oauthcc_json_tree_memory_t  *memory;

    memory = &oauthcc_json_tree_memory;

    if (memory->failed || text->pos == text->last) {
        return 0;
    }

    memory->read = buf;
    memory->nread = ngx_min(size, (size_t) (text->last - text->pos));

    ngx_memcpy(buf, text->pos, memory->nread);
    text->pos += memory->nread;

    return memory->nread;
}


ngx_uint_t
oauthcc_json_tree_digits(json_t *value, ngx_uint_t digits)
{
    char         text[64];
    size_t       i, len;
    json_t      *member, *back;
    ngx_int_t    rc;
    ngx_uint_t   same;
    const char  *key;

    if (json_is_array(value)) {
        json_array_foreach(value, i, member) {
            digits = digits ? oauthcc_json_tree_digits(member, digits) : 0;
        }
    }

    if (json_is_object(value)) {
        json_object_foreach(value, key, member) {
            digits = digits ? oauthcc_json_tree_digits(member, digits) : 0;
        }
    }

    for ( /* void */ ; json_is_real(value) && digits < 17; digits++) {

        len = json_dumpb(value, text, sizeof(text),
                         JSON_ENCODE_ANY|JSON_REAL_PRECISION(digits));

        rc = oauthcc_json_tree_load(&back, (u_char *) text,
                                    ngx_min(len, sizeof(text)),
                                    JSON_DECODE_ANY, NULL);
        if (rc == NGX_ERROR) {
            return 0;
        }

        /* NGX_DECLINED: the largest doubles are rounded to what is too big */

        same = (rc == NGX_OK && json_equal(value, back));
        json_decref(back);

        if (same) {
            break;
        }
    }

    return digits;
}


char *
oauthcc_json_tree_reason(json_error_t *error)
{
    switch (json_error_code(error)) {

    case json_error_duplicate_key:
        return "a key is duplicate";

    case json_error_numeric_overflow:
        return "a number is too big";

    case json_error_null_character:
    case json_error_null_byte_in_key:
        return "a string holds a zero byte";

    case json_error_invalid_utf8:
        return "body is not UTF-8";

    default:
        return "body is not JSON";
    }
}


void
oauthcc_json_tree_free(json_t *root)
{
    oauthcc_json_tree_wipe(root);
    json_decref(root);
}


static void
oauthcc_json_tree_wipe(json_t *value)
{
    size_t       i;
    json_t      *member;
    const char  *key;

    if (json_is_string(value)) {
        ngx_explicit_memzero((void *) json_string_value(value),
                             json_string_length(value));
    }

    if (json_is_array(value)) {
        json_array_foreach(value, i, member) {
            oauthcc_json_tree_wipe(member);
        }
    }

    if (json_is_object(value)) {
        json_object_foreach(value, key, member) {
            oauthcc_json_tree_wipe(member);
        }
    }
}
