
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "login_json/oauthcc_params.h"
#include "core/oauthcc_text.h"


static ngx_int_t oauthcc_params_read(oauthcc_expression_parse_t *reader,
    json_t *value, ngx_str_t *where, oauthcc_params_t *params);


static ngx_int_t
oauthcc_params_read(oauthcc_expression_parse_t *reader, json_t *value,
    ngx_str_t *where, oauthcc_params_t *params)
{
    ngx_int_t  rc;

    if (json_is_array(value)
        || (json_is_object(value) && !oauthcc_expression_parse_is(value)))
    {
        if (++reader->depth > OAUTHCC_PARSE_ERROR_DEPTH) {
            return oauthcc_parse_error_refuse(reader, where,
                                              "is nested too deeply");
        }

        rc = oauthcc_params_members(reader, value, where, params);

        reader->depth--;

        return rc;
    }

    return oauthcc_expression_parse_value(reader, value, where,
                                          &params->value);
}


ngx_int_t
oauthcc_params_members(oauthcc_expression_parse_t *reader, json_t *value,
    ngx_str_t *where, oauthcc_params_t *params)
{
    size_t             i;
    json_t            *child;
    ngx_int_t          rc;
    ngx_str_t          path, name;
    const char        *key;
    oauthcc_params_t  *member;

    if (ngx_array_init(&params->members, reader->pool, 4,
                       sizeof(oauthcc_params_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    params->list = json_is_array(value);

    for (i = 0; i < json_array_size(value); i++) {

        member = ngx_array_push(&params->members);

        if (member == NULL
            || oauthcc_parse_error_index(reader->pool, where, i, &path)
               != NGX_OK)
        {
            return NGX_ERROR;
        }

        ngx_memzero(member, sizeof(oauthcc_params_t));

        rc = oauthcc_params_read(reader, json_array_get(value, i),
                                 &path, member);
        if (rc != NGX_OK) {
            return rc;
        }
    }

    json_object_foreach(value, key, child) {

        member = ngx_array_push(&params->members);

        if (member == NULL
            || oauthcc_parse_error_member(reader->pool, where, key, &path)
               != NGX_OK)
        {
            return NGX_ERROR;
        }

        ngx_memzero(member, sizeof(oauthcc_params_t));

        /* with a terminating zero, for jansson */

        name.data = (u_char *) key;
        name.len = ngx_strlen(key) + 1;

        member->name.len = name.len - 1;
        member->name.data = ngx_pstrdup(reader->pool, &name);

        if (member->name.data == NULL) {
            return NGX_ERROR;
        }

        rc = oauthcc_params_read(reader, child, &path, member);
        if (rc != NGX_OK) {
            return rc;
        }
    }

    return NGX_OK;
}


ngx_uint_t
oauthcc_params_has(oauthcc_pair_t *pairs, ngx_uint_t n, ngx_str_t *name)
{
    ngx_uint_t  i;

    for (i = 0; i < n; i++) {
        if (oauthcc_text_eq(&pairs[i].name, name)) {
            return 1;
        }
    }

    return 0;
}
