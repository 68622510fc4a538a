
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "status/oauthcc_status_query.h"
#include "core/oauthcc_text.h"
#include "status/oauthcc_escape.h"
#include "status/oauthcc_status_form.h"


/* the number of listed entries, without and with "limit=" */
#define OAUTHCC_STATUS_QUERY_LIMIT  100
#define OAUTHCC_STATUS_QUERY_MAX    10000


static ngx_int_t oauthcc_status_query_state(ngx_str_t *name,
    oauthcc_status_query_t *query);
static void oauthcc_status_query_argument(oauthcc_writer_t *w, char *name,
    ngx_str_t *value, char **before);


ngx_int_t
oauthcc_status_query_read(ngx_http_request_t *r,
    oauthcc_status_query_t *query)
{
    ngx_int_t                    n;
    ngx_str_t                    args, limit, state, pause, format;
    oauthcc_snapshot_filter_t   *filter;
    oauthcc_status_form_field_t  fields[] = {
        { ngx_string("limit"), &limit },
        { ngx_string("provider"), &query->filter.provider },
        { ngx_string("scope"), &query->filter.scope },
        { ngx_string("state"), &state },
        { ngx_string("pause"), &pause },
        { ngx_string("format"), &format },
        { ngx_null_string, NULL }
    };

    ngx_memzero(query, sizeof(oauthcc_status_query_t));

    /* values are decoded in place */

    args.len = r->args.len;
    args.data = ngx_pnalloc(r->pool, r->args.len + 1);

    if (args.data == NULL) {
        return NGX_ERROR;
    }

    if (args.len) {
        ngx_memcpy(args.data, r->args.data, args.len);
    }

    oauthcc_status_form_decode(r, &args, fields);

    filter = &query->filter;
    filter->limit = OAUTHCC_STATUS_QUERY_LIMIT;

    if (limit.data) {
        n = ngx_atoi(limit.data, limit.len);

        if (n == NGX_ERROR) {
            return NGX_DECLINED;
        }

        filter->limit = ngx_min(n, OAUTHCC_STATUS_QUERY_MAX);
        query->limited = 1;
    }

    /* a form sends what nobody has filled in, too */

    if (filter->provider.len == 0) {
        filter->provider.data = NULL;
    }

    query->paused = oauthcc_text_is(&pause, "1");
    query->format = (format.len != 0);

    return oauthcc_status_query_state(&state, query);
}


static ngx_int_t
oauthcc_status_query_state(ngx_str_t *name, oauthcc_status_query_t *query)
{
    ngx_uint_t  i;

    if (name->len == 0) {
        query->filter.states = OAUTHCC_SNAPSHOT_ALL;
        return NGX_OK;
    }

    if (oauthcc_text_is(name, OAUTHCC_STATUS_QUERY_ERROR)) {
        query->state = OAUTHCC_STATUS_QUERY_ERROR;
        query->filter.states = OAUTHCC_SNAPSHOT_ERROR;
        return NGX_OK;
    }

    for (i = 0; i < OAUTHCC_SNAPSHOT_STATES; i++) {

        if (oauthcc_text_is(name, oauthcc_snapshot_states[i])) {
            query->state = oauthcc_snapshot_states[i];
            query->filter.states = oauthcc_snapshot_bit(i);
            return NGX_OK;
        }
    }

    return NGX_DECLINED;
}


ngx_uint_t
oauthcc_status_query_filters(oauthcc_status_query_t *query)
{
    return query->filter.provider.data || query->filter.scope.len
           || query->state;
}


void
oauthcc_status_query_link(oauthcc_writer_t *w, oauthcc_status_query_t *query)
{
    char       *before;
    u_char      buf[NGX_INT_T_LEN];
    ngx_str_t   value;

    before = "?";

    if (query->format) {
        ngx_str_set(&value, "html");
        oauthcc_status_query_argument(w, "format", &value, &before);
    }

    if (query->limited) {
        value.data = buf;
        value.len = ngx_sprintf(buf, "%ui", query->filter.limit) - buf;
        oauthcc_status_query_argument(w, "limit", &value, &before);
    }

    oauthcc_status_query_argument(w, "provider", &query->filter.provider,
                                  &before);
    oauthcc_status_query_argument(w, "scope", &query->filter.scope, &before);

    if (query->state) {
        value.data = (u_char *) query->state;
        value.len = ngx_strlen(query->state);
        oauthcc_status_query_argument(w, "state", &value, &before);
    }

    if (query->paused) {
        ngx_str_set(&value, "1");
        oauthcc_status_query_argument(w, "pause", &value, &before);
    }

    if (*before == '?') {
        oauthcc_writer_put(w, before);
    }
}


static void
oauthcc_status_query_argument(oauthcc_writer_t *w, char *name,
    ngx_str_t *value, char **before)
{
    if (value->len == 0) {
        return;
    }

    oauthcc_writer_put(w, *before);
    oauthcc_writer_put(w, name);
    oauthcc_writer_put(w, "=");
    oauthcc_escape_uri(w, value);

    *before = "&amp;";
}
