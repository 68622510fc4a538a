
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_json_tree.h"


static void oauthcc_json_tree_wipe(json_t *value);


ngx_uint_t
oauthcc_json_tree_digits(json_t *value, ngx_uint_t digits)
{
    char         text[64];
    size_t       i, len;
    json_t      *member, *list, *back;
    ngx_uint_t   same;
    const char  *key;

    if (json_is_array(value)) {
        json_array_foreach(value, i, member) {
            digits = oauthcc_json_tree_digits(member, digits);
        }
    }

    if (json_is_object(value)) {
        json_object_foreach(value, key, member) {
            digits = oauthcc_json_tree_digits(member, digits);
        }
    }

    for ( /* void */ ; json_is_real(value) && digits < 17; digits++) {

        list = json_array();
        (void) json_array_append(list, value);

        len = json_dumpb(list, text, sizeof(text),
                         JSON_COMPACT|JSON_REAL_PRECISION(digits));
        back = json_loadb(text, ngx_min(len, sizeof(text)), 0, NULL);
        same = json_equal(list, back);

        json_decref(back);
        json_decref(list);

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

    case json_error_out_of_memory:
        return NULL;

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
