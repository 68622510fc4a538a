
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "cache/oauthcc_entry_label.h"
#include "core/oauthcc_text.h"


/* of a text; a page shows fewer characters, which may be of four bytes */
#define OAUTHCC_ENTRY_LABEL_MAX  (4 * (OAUTHCC_TEXT + 1))


static ngx_int_t oauthcc_entry_label_text(oauthcc_origin_t *origin, char *name,
    u_char *text);
static u_char *oauthcc_entry_label_put(oauthcc_origin_t *origin, char *name,
    u_char *p, int16_t *len);
static u_char *oauthcc_entry_label_get(u_char *p, int16_t len,
    ngx_str_t *text);


size_t
oauthcc_entry_label_size(oauthcc_origin_t *origin)
{
    ngx_int_t  scope, audience, resource;

    scope = oauthcc_entry_label_text(origin, "scope", NULL);
    audience = oauthcc_entry_label_text(origin, "audience", NULL);
    resource = oauthcc_entry_label_text(origin, "resource", NULL);

    if (scope == -1 && audience == -1 && resource == -1) {
        return 0;
    }

    return sizeof(oauthcc_entry_label_t) + ngx_max(scope, 0)
           + ngx_max(audience, 0) + ngx_max(resource, 0);
}


void
oauthcc_entry_label_write(oauthcc_entry_label_t *label,
    oauthcc_origin_t *origin)
{
    u_char  *p;

    p = (u_char *) &label[1];

    p = oauthcc_entry_label_put(origin, "scope", p, &label->scope);
    p = oauthcc_entry_label_put(origin, "audience", p, &label->audience);
    (void) oauthcc_entry_label_put(origin, "resource", p,
                                   &label->resource);
}


void
oauthcc_entry_label_read(oauthcc_entry_label_t *label, ngx_str_t *scope,
    ngx_str_t *audience, ngx_str_t *resource)
{
    u_char  *p;

    p = (u_char *) &label[1];

    p = oauthcc_entry_label_get(p, label->scope, scope);
    p = oauthcc_entry_label_get(p, label->audience, audience);
    (void) oauthcc_entry_label_get(p, label->resource, resource);
}


static u_char *
oauthcc_entry_label_put(oauthcc_origin_t *origin, char *name, u_char *p,
    int16_t *len)
{
    *len = (int16_t) oauthcc_entry_label_text(origin, name, p);

    return (*len > 0) ? p + *len : p;
}


static u_char *
oauthcc_entry_label_get(u_char *p, int16_t len, ngx_str_t *text)
{
    ngx_str_null(text);

    if (len == -1) {
        return p;
    }

    text->data = p;
    text->len = len;

    return p + len;
}


/*
 * The values of all parameters of this name, with spaces between them, as far
 * as there is room; -1 if there are none.  text may be NULL, for the length
 * alone.
 */

static ngx_int_t
oauthcc_entry_label_text(oauthcc_origin_t *origin, char *name, u_char *text)
{
    size_t           len, n;
    ngx_uint_t       i, found;
    oauthcc_pair_t  *pair;

    len = 0;
    found = 0;
    pair = origin->parameters;

    for (i = 0; i < origin->nparameters; i++) {

        if (!oauthcc_text_is(&pair[i].name, name)) {
            continue;
        }

        found = 1;

        if (len && len < OAUTHCC_ENTRY_LABEL_MAX) {

            if (text) {
                text[len] = ' ';
            }

            len++;
        }

        n = ngx_min(pair[i].value.len, OAUTHCC_ENTRY_LABEL_MAX - len);

        if (text) {
            ngx_memcpy(text + len, pair[i].value.data, n);
        }

        len += n;
    }

    return found ? (ngx_int_t) len : -1;
}
