
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "conf/oauthcc_block.h"
#include "conf/oauthcc_block_refuse.h"
#include "conf/oauthcc_nginx_directive.h"
#include "conf/oauthcc_slots.h"
#include "core/oauthcc_provider_values.h"
#include "core/oauthcc_text.h"


static oauthcc_directive_t *oauthcc_block_flagged(
    oauthcc_provider_t *provider, ngx_uint_t flags);
static ngx_uint_t oauthcc_block_text(oauthcc_provider_directives_row_t *row);
static ngx_int_t oauthcc_block_value(oauthcc_provider_t *provider,
    oauthcc_value_t *value, oauthcc_provider_directives_row_t *row);


ngx_int_t
oauthcc_block_init(ngx_conf_t *cf, oauthcc_provider_t *provider)
{
    void                               *field;
    size_t                              size;
    oauthcc_provider_directives_row_t  *row;

    for (row = oauthcc_provider_directives; row->command.name.len; row++) {

        field = (u_char *) provider + row->command.offset;

        switch (row->field) {

        case OAUTHCC_FIELD_NUMBER:
            *(ngx_uint_t *) field = NGX_CONF_UNSET_UINT;
            continue;

        case OAUTHCC_FIELD_STRINGS:
            size = sizeof(ngx_str_t);
            break;

        case OAUTHCC_FIELD_NAMED:
            size = sizeof(oauthcc_named_t);
            break;

        case OAUTHCC_FIELD_ATTRS:
            size = sizeof(oauthcc_attr_t);
            break;

        case OAUTHCC_FIELD_CLAIMS:
            size = sizeof(oauthcc_claim_t);
            break;

        default:
            continue;
        }

        if (ngx_array_init(field, cf->pool, 2, size) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


oauthcc_provider_directives_row_t *
oauthcc_block_find(ngx_str_t *name)
{
    oauthcc_provider_directives_row_t  *row;

    for (row = oauthcc_provider_directives; row->command.name.len; row++) {
        if (ngx_strcmp(row->command.name.data, name->data) == 0) {
            return row;
        }
    }

    return NULL;
}


char *
oauthcc_block_set(ngx_conf_t *cf,
    oauthcc_provider_directives_row_t *row, oauthcc_provider_t *provider)
{
    /* what the key of the cache is made of, too, is what was read */

    if (oauthcc_block_text(row)
        && cf->args->nelts == 2
        && oauthcc_slots_text(cf, row->field == OAUTHCC_FIELD_OTHER)
           != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (oauthcc_block_record(cf, provider, row - oauthcc_provider_directives,
                             row->flags)
        != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    return oauthcc_nginx_directive_call(cf, &row->command, provider);
}


/* Whether its argument is a text that is read with the configuration alone. */

static ngx_uint_t
oauthcc_block_text(oauthcc_provider_directives_row_t *row)
{
    return row->field == OAUTHCC_FIELD_STRING
           || row->field == OAUTHCC_FIELD_STRINGS
           || (row->field == OAUTHCC_FIELD_OTHER
               && !(row->flags & OAUTHCC_DIRECTIVE_LOCAL));
}


ngx_int_t
oauthcc_block_record(ngx_conf_t *cf, oauthcc_provider_t *provider,
    ngx_uint_t rank, ngx_uint_t flags)
{
    ngx_str_t            *words;
    oauthcc_directive_t  *first, *directive;

    words = ngx_palloc(cf->pool, cf->args->nelts * sizeof(ngx_str_t));
    directive = ngx_array_push(&provider->directives);

    if (words == NULL || directive == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(words, cf->args->elts, cf->args->nelts * sizeof(ngx_str_t));

    first = provider->directives.elts;

    while (directive > first && directive[-1].rank > rank) {
        directive[0] = directive[-1];
        directive--;
    }

    directive->words = words;
    directive->nwords = cf->args->nelts;
    directive->rank = rank;
    directive->flags = flags;

    return NGX_OK;
}


ngx_uint_t
oauthcc_block_has(oauthcc_provider_t *provider, char *name)
{
    ngx_uint_t            i;
    oauthcc_directive_t  *directive;

    directive = provider->directives.elts;

    for (i = 0; i < provider->directives.nelts; i++) {
        if (ngx_strcmp(directive[i].words[0].data, name) == 0) {
            return 1;
        }
    }

    return 0;
}


oauthcc_named_t *
oauthcc_block_param(oauthcc_provider_t *provider, ngx_str_t *name)
{
    ngx_uint_t        i;
    oauthcc_named_t  *param;

    param = provider->grant.params.elts;

    for (i = 0; i < provider->grant.params.nelts; i++) {
        if (oauthcc_text_eq(&param[i].name, name)) {
            return &param[i];
        }
    }

    return NULL;
}


char *
oauthcc_block_document(ngx_conf_t *cf, oauthcc_provider_t *provider)
{
    oauthcc_directive_t  *directive;

    if (provider->document.path.data == NULL) {

        directive = oauthcc_block_flagged(provider,
                                          OAUTHCC_DIRECTIVE_DOCUMENT);
        if (directive == NULL) {
            return NGX_CONF_OK;
        }

        return oauthcc_block_refuse(cf, provider, "\"%V\" has no effect "
                                    "without \"login_json\"",
                                    &directive->words[0]);
    }

    directive = oauthcc_block_flagged(provider, OAUTHCC_DIRECTIVE_OAUTH);

    if (directive) {
        return oauthcc_block_refuse(cf, provider, "\"%V\" conflicts with "
                                    "\"login_json\", whose document defines "
                                    "the login", &directive->words[0]);
    }

    return NGX_CONF_OK;
}


/* The first directive with one of these flags, by rank, or NULL. */

static oauthcc_directive_t *
oauthcc_block_flagged(oauthcc_provider_t *provider, ngx_uint_t flags)
{
    ngx_uint_t            i;
    oauthcc_directive_t  *directive;

    directive = provider->directives.elts;

    for (i = 0; i < provider->directives.nelts; i++) {
        if (directive[i].flags & flags) {
            return &directive[i];
        }
    }

    return NULL;
}


char *
oauthcc_block_presets(ngx_conf_t *cf,
    oauthcc_provider_t *provider)
{
    char                               *text[4];
    oauthcc_provider_directives_row_t  *row;

    text[3] = NULL;

    for (row = oauthcc_provider_directives; row->command.name.len; row++) {

        if (row->preset[0] == NULL
            || oauthcc_block_has(provider, (char *) row->command.name.data))
        {
            continue;
        }

        text[0] = (char *) row->command.name.data;
        text[1] = row->preset[0];
        text[2] = row->preset[1];

        if (oauthcc_nginx_directive_with(cf, text, &row->command, provider)
            != NGX_CONF_OK)
        {
            return NGX_CONF_ERROR;
        }
    }

    /* defaults that depend on other fields */

    ngx_conf_init_msec_value(provider->limits.wait_timeout,
                             provider->limits.timeout);
    ngx_conf_init_value(provider->limits.max_waiters, 0);

    return NGX_CONF_OK;
}


/* The value in an element of a list is where a named_t has it. */

ngx_int_t
oauthcc_block_values(oauthcc_provider_t *provider)
{
    u_char                             *field, *element;
    ngx_uint_t                          i;
    ngx_array_t                        *list;
    oauthcc_value_t                    *value;
    oauthcc_provider_directives_row_t  *row;

    for (row = oauthcc_provider_directives; row->command.name.len; row++) {

        field = (u_char *) provider + row->command.offset;

        switch (row->field) {

        case OAUTHCC_FIELD_VALUE:

            if (oauthcc_block_value(provider, (oauthcc_value_t *) field, row)
                != NGX_OK)
            {
                return NGX_ERROR;
            }

            break;

        case OAUTHCC_FIELD_NAMED:
        case OAUTHCC_FIELD_ATTRS:
        case OAUTHCC_FIELD_CLAIMS:

            list = (ngx_array_t *) field;
            element = list->elts;

            for (i = 0; i < list->nelts; i++) {

                value = (oauthcc_value_t *)
                            (element + offsetof(oauthcc_named_t, value));

                if (oauthcc_block_value(provider, value, row) != NGX_OK) {
                    return NGX_ERROR;
                }

                element += list->size;
            }

            break;

        default:
            break;
        }
    }

    return NGX_OK;
}


static ngx_int_t
oauthcc_block_value(oauthcc_provider_t *provider,
    oauthcc_value_t *value, oauthcc_provider_directives_row_t *row)
{
    oauthcc_provider_value_t  *element;

    element = ngx_array_push(&provider->values);
    if (element == NULL) {
        return NGX_ERROR;
    }

    element->value = value;
    element->name = &row->command.name;
    element->flags = row->flags;

    return NGX_OK;
}
