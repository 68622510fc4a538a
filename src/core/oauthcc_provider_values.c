
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_provider_values.h"
#include "core/oauthcc_value.h"


typedef struct {
    size_t      offset;
    ngx_uint_t  use;
} oauthcc_provider_values_field_t;


static oauthcc_value_t *oauthcc_provider_values_named(ngx_array_t *list,
    ngx_uint_t *n);


/* those that have a place of their own; the others are in lists */

static oauthcc_provider_values_field_t  oauthcc_provider_values_fields[] = {

    { offsetof(oauthcc_provider_t, client_id),
      OAUTHCC_PROVIDER_VALUES_SENT },

    { offsetof(oauthcc_provider_t, client_secret),
      OAUTHCC_PROVIDER_VALUES_SENT },

    { offsetof(oauthcc_provider_t, audience),
      OAUTHCC_PROVIDER_VALUES_SENT },

    { offsetof(oauthcc_provider_t, auth.username),
      OAUTHCC_PROVIDER_VALUES_SENT },

    { offsetof(oauthcc_provider_t, auth.password),
      OAUTHCC_PROVIDER_VALUES_SENT },

    { offsetof(oauthcc_provider_t, auth.assertion),
      OAUTHCC_PROVIDER_VALUES_FRESH },

    { offsetof(oauthcc_provider_t, auth.key_file),
      OAUTHCC_PROVIDER_VALUES_KEY },

    { offsetof(oauthcc_provider_t, auth.key_password),
      OAUTHCC_PROVIDER_VALUES_KEY },

    { offsetof(oauthcc_provider_t, auth.certificate),
      OAUTHCC_PROVIDER_VALUES_KEY }
};


oauthcc_value_t *
oauthcc_provider_values_get(oauthcc_provider_t *provider, ngx_uint_t n,
    ngx_uint_t *use)
{
    oauthcc_attr_t                   *attr;
    oauthcc_value_t                  *value;
    oauthcc_provider_values_field_t  *field;

    field = oauthcc_provider_values_fields;

    if (n < sizeof(oauthcc_provider_values_fields) / sizeof(field[0])) {
        *use = field[n].use;

        return (oauthcc_value_t *)
                   ((u_char *) provider + field[n].offset);
    }

    n -= sizeof(oauthcc_provider_values_fields) / sizeof(field[0]);

    *use = OAUTHCC_PROVIDER_VALUES_SENT;

    value = oauthcc_provider_values_named(&provider->params, &n);

    if (value == NULL) {
        value = oauthcc_provider_values_named(&provider->headers, &n);
    }

    if (value || n >= provider->attrs.nelts) {
        return value;
    }

    attr = provider->attrs.elts;

    return &attr[n].value;
}


/* Counts n down by the length of the list, if it is not in there. */

static oauthcc_value_t *
oauthcc_provider_values_named(ngx_array_t *list, ngx_uint_t *n)
{
    oauthcc_named_t  *named;

    named = list->elts;

    if (*n < list->nelts) {
        return &named[*n].value;
    }

    *n -= list->nelts;

    return NULL;
}


ngx_uint_t
oauthcc_provider_values_files(oauthcc_provider_t *provider)
{
    ngx_uint_t        n, use;
    oauthcc_value_t  *value;

    for (n = 0; /* void */ ; n++) {

        value = oauthcc_provider_values_get(provider, n, &use);

        if (value == NULL) {
            return 0;
        }

        if (value->type == OAUTHCC_VALUE_FILE) {
            return 1;
        }
    }
}


ngx_uint_t
oauthcc_provider_values_reread(oauthcc_provider_t *provider, ngx_log_t *log)
{
    ngx_uint_t        n, use, changed;
    oauthcc_value_t  *value;

    changed = 0;

    for (n = 0; /* void */ ; n++) {

        value = oauthcc_provider_values_get(provider, n, &use);

        if (value == NULL) {
            return changed;
        }

        if (oauthcc_value_reread(value, log)) {
            changed |= use;
        }
    }
}


void
oauthcc_provider_values_free(oauthcc_provider_t *provider)
{
    ngx_uint_t        n, use;
    oauthcc_value_t  *value;

    for (n = 0; /* void */ ; n++) {

        value = oauthcc_provider_values_get(provider, n, &use);

        if (value == NULL) {
            return;
        }

        oauthcc_value_free(value);
    }
}
