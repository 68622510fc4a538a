
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "upstream/oauthcc_variable_values.h"
#include "core/oauthcc_text.h"
#include "upstream/oauthcc_placed_value.h"


extern ngx_module_t  ngx_http_oauthcc_module;


static ngx_int_t oauthcc_variable_values_get(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static void oauthcc_variable_values_hide(ngx_http_request_t *r,
    ngx_array_t *derived);
static void oauthcc_variable_values_show(ngx_http_request_t *r,
    ngx_array_t *derived);
static ngx_array_t *oauthcc_variable_values_kind(
    ngx_http_oauthcc_main_conf_t *mcf, ngx_http_variable_t *v);
static ngx_uint_t oauthcc_variable_values_placed(
    ngx_http_oauthcc_main_conf_t *mcf, ngx_str_t *variable);
static void oauthcc_variable_values_changed(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, ngx_http_variable_value_t *before,
    oauthcc_fields_t *fields, oauthcc_credential_t *credential);
static void oauthcc_variable_values_captures(ngx_http_request_t *r,
    oauthcc_fields_t *fields, oauthcc_credential_t *credential);


/* variables that are made of the arguments of the request */

static ngx_str_t  oauthcc_variable_values_arguments[] = {
    ngx_string("args"),
    ngx_string("query_string"),
    ngx_string("is_args"),
    ngx_string("request_uri"),
    ngx_null_string
};


/* exists in every configuration, and nginx reads it after the upstream */

static ngx_str_t  oauthcc_variable_values_reset = ngx_string("uid_reset");


/*
 * State of the request that is built by this worker: building is set while one
 * is; nours counts the variables whose values come from ours; read is set once
 * the running handler has read one of ours; depth counts nested handlers.
 */

static struct {
    ngx_uint_t  building;
    ngx_uint_t  fresh;
    ngx_uint_t  nours;
    ngx_uint_t  read;
    ngx_uint_t  depth;
} oauthcc_variable_values;


#define oauthcc_variable_values_within(p, credential)                         \
    ((p) >= (u_char *) (credential)                                           \
     && (p) < (u_char *) (credential) + (credential)->size)


ngx_int_t
oauthcc_variable_values_init(ngx_cycle_t *cycle,
    ngx_http_oauthcc_main_conf_t *mcf, ngx_array_t *variables)
{
    size_t                size;
    ngx_uint_t            i;
    ngx_array_t          *kind;
    ngx_http_variable_t  *v;
    oauthcc_remember_t   *remember;

    size = sizeof(oauthcc_remember_t);

    if (ngx_array_init(&mcf->shown, cycle->pool, 4, size) != NGX_OK
        || ngx_array_init(&mcf->arguments, cycle->pool, 4, size) != NGX_OK
        || ngx_array_init(&mcf->derived, cycle->pool, 8, size) != NGX_OK)
    {
        return NGX_ERROR;
    }

    v = variables->elts;

    for (i = 0; i < variables->nelts; i++) {

        kind = oauthcc_variable_values_kind(mcf, &v[i]);

        if (kind == NULL) {
            continue;
        }

        remember = ngx_array_push(kind);
        if (remember == NULL) {
            return NGX_ERROR;
        }

        ngx_memzero(remember, size);

        remember->index = i;
    }

    remember = mcf->derived.elts;

    for (i = 0; i < mcf->derived.nelts; i++) {
        remember[i].get_handler = v[remember[i].index].get_handler;
        remember[i].data = v[remember[i].index].data;

        /* "set" and its like store the value themselves; this marks them */

        remember[i].assigned = (remember[i].data == remember[i].index);

        v[remember[i].index].get_handler = oauthcc_variable_values_get;
        v[remember[i].index].data = (uintptr_t) &remember[i];
    }

    mcf->recall = (mcf->shown.nelts || mcf->derived.nelts);

    return NGX_OK;
}


void
oauthcc_variable_values_own(void)
{
    oauthcc_variable_values.read = 1;
}


u_char *
oauthcc_variable_values_begin(ngx_http_request_t *r,
    ngx_http_oauthcc_main_conf_t *mcf)
{
    ngx_uint_t           i;
    oauthcc_remember_t  *remember;

    if (mcf->shown.nelts) {
        oauthcc_variable_values_put(r, &mcf->shown);
    }

    remember = mcf->derived.elts;

    for (i = 0; i < mcf->derived.nelts; i++) {
        remember[i].value = r->variables[remember[i].index];
        remember[i].ours = 0;
    }

    oauthcc_variable_values.building = 1;
    oauthcc_variable_values.nours = 0;

#if (NGX_PCRE)
    return r->captures_data;
#else
    return NULL;
#endif
}


void
oauthcc_variable_values_end(ngx_http_request_t *r,
    ngx_http_oauthcc_main_conf_t *mcf, u_char *captures,
    oauthcc_fields_t *fields, oauthcc_credential_t *credential)
{
    ngx_uint_t                  i;
    ngx_http_variable_value_t  *v;
    oauthcc_remember_t         *remember;

    oauthcc_variable_values.building = 0;

    remember = mcf->derived.elts;

    for (i = 0; i < mcf->derived.nelts; i++) {
        v = &r->variables[remember[i].index];

        if (remember[i].ours) {
            *v = remember[i].value;

            if (v->no_cacheable) {

                /* the value belongs to an earlier credential, or to none */

                v->valid = 0;
                v->not_found = 0;
            }

        /*
         * most variables were not read, or not for the first time: unchanged
         */

        } else if (v->data != remember[i].value.data
                   || v->len != remember[i].value.len
                   || v->valid != remember[i].value.valid)
        {
            oauthcc_variable_values_changed(r, v, &remember[i].value, fields,
                                            credential);
        }
    }

    if (mcf->shown.nelts) {
        oauthcc_variable_values_restore(r, &mcf->shown);
    }

#if (NGX_PCRE)
    if (captures != r->captures_data) {
        oauthcc_variable_values_captures(r, fields, credential);
    }
#endif
}


void
oauthcc_variable_values_put(ngx_http_request_t *r, ngx_array_t *remembered)
{
    ngx_uint_t                  i;
    ngx_http_variable_value_t  *v;
    oauthcc_remember_t         *remember;

    remember = remembered->elts;

    for (i = 0; i < remembered->nelts; i++) {
        v = &r->variables[remember[i].index];

        remember[i].value = *v;
        v->valid = 0;
        v->not_found = 0;
    }
}


void
oauthcc_variable_values_restore(ngx_http_request_t *r, ngx_array_t *remembered)
{
    ngx_uint_t           i;
    oauthcc_remember_t  *remember;

    remember = remembered->elts;

    for (i = 0; i < remembered->nelts; i++) {
        r->variables[remember[i].index] = remember[i].value;
    }
}


void
oauthcc_variable_values_fresh(ngx_http_request_t *r,
    ngx_http_oauthcc_main_conf_t *mcf, oauthcc_variable_values_fresh_t *saved)
{
    ngx_uint_t                  i;
    ngx_http_variable_value_t  *v;
    oauthcc_remember_t         *remember;

    remember = mcf->derived.elts;

    for (i = 0; i < mcf->derived.nelts; i++) {
        v = &r->variables[remember[i].index];

        remember[i].value = *v;

        if (!remember[i].assigned) {
            v->valid = 0;
            v->not_found = 0;
        }
    }

    oauthcc_variable_values.fresh = 1;

#if (NGX_PCRE)
    saved->data = r->captures_data;
    saved->captures = r->captures;
    saved->ncaptures = r->ncaptures;

    /* a map with a regular expression overwrites the captures */

    r->realloc_captures = 1;
#endif
}


void
oauthcc_variable_values_stale(ngx_http_request_t *r,
    ngx_http_oauthcc_main_conf_t *mcf, oauthcc_variable_values_fresh_t *saved)
{
    oauthcc_variable_values.fresh = 0;

    oauthcc_variable_values_restore(r, &mcf->derived);

#if (NGX_PCRE)
    r->captures_data = saved->data;
    r->captures = saved->captures;
    r->ncaptures = saved->ncaptures;
#endif
}


/*
 * Wraps the handler of each variable that users define.  A value made of ours
 * is computed anew for other variables that use it, since they would find the
 * cached one otherwise.  The present value is kept, since it is being sent. If
 * no request is being built, the key of a cache may be: there may be no token
 * yet.
 */

static ngx_int_t
oauthcc_variable_values_get(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_int_t                      rc;
    ngx_uint_t                     before, hide;
    oauthcc_remember_t            *remember;
    ngx_http_oauthcc_main_conf_t  *mcf;

    remember = (oauthcc_remember_t *) data;

    if (!oauthcc_variable_values.building) {
        before = oauthcc_variable_values.read;
        oauthcc_variable_values.read = 0;

        rc = remember->get_handler(r, v, remember->data);

        if (oauthcc_variable_values.read) {
            v->no_cacheable = 1;
        }

        oauthcc_variable_values.read |= before;

        if (oauthcc_variable_values.fresh && v->not_found) {

            /*
             * a variable without a handler of its own, set by auth_request_set
             */

            *v = remember->value;
        }

        return rc;
    }

    mcf = ngx_http_get_module_main_conf(r, ngx_http_oauthcc_module);

    hide = oauthcc_variable_values.nours && !oauthcc_variable_values.depth;

    if (hide) {
        oauthcc_variable_values_hide(r, &mcf->derived);
    }

    before = oauthcc_variable_values.read;
    oauthcc_variable_values.read = 0;
    oauthcc_variable_values.depth++;

    rc = remember->get_handler(r, v, remember->data);

    oauthcc_variable_values.depth--;

    if (oauthcc_variable_values.read) {
        oauthcc_variable_values.nours++;
        remember->ours = 1;
    }

    oauthcc_variable_values.read |= before;

    if (hide) {
        oauthcc_variable_values_show(r, &mcf->derived);
    }

    return rc;
}


static void
oauthcc_variable_values_hide(ngx_http_request_t *r, ngx_array_t *derived)
{
    ngx_uint_t                  i;
    ngx_http_variable_value_t  *v;
    oauthcc_remember_t         *remember;

    remember = derived->elts;

    for (i = 0; i < derived->nelts; i++) {
        v = &r->variables[remember[i].index];

        remember[i].hidden = *v;

        if (remember[i].ours) {
            v->valid = 0;
            v->not_found = 0;
        }
    }
}


static void
oauthcc_variable_values_show(ngx_http_request_t *r, ngx_array_t *derived)
{
    ngx_uint_t                  i;
    ngx_http_variable_value_t  *hidden;
    oauthcc_remember_t         *remember;

    remember = derived->elts;

    for (i = 0; i < derived->nelts; i++) {
        hidden = &remember[i].hidden;

        if (remember[i].ours && (hidden->valid || hidden->not_found)) {
            r->variables[remember[i].index] = *hidden;
        }
    }
}


/*
 * The array that a variable belongs to.  NULL for variables that never change
 * here: our own are not cached, and those of nginx itself are made of parsed
 * fields, not of the list of headers.
 */

static ngx_array_t *
oauthcc_variable_values_kind(ngx_http_oauthcc_main_conf_t *mcf,
    ngx_http_variable_t *v)
{
    if (oauthcc_text_begins(&v->name, "http_")) {
        return oauthcc_variable_values_placed(mcf, &v->name) ? &mcf->shown
                                                             : NULL;
    }

    if (oauthcc_text_begins(&v->name, "arg_")) {
        return &mcf->arguments;
    }

    if (oauthcc_text_in(oauthcc_variable_values_arguments, &v->name)) {
        return &mcf->arguments;
    }

    if (oauthcc_text_begins(&v->name, "oauthcc_")
        || oauthcc_text_eq(&oauthcc_variable_values_reset, &v->name))
    {
        return NULL;
    }

    return ((v->flags & (NGX_HTTP_VAR_CHANGEABLE|NGX_HTTP_VAR_NOHASH))
            == NGX_HTTP_VAR_CHANGEABLE) ? &mcf->derived : NULL;
}


/*
 * Whether a variable $http_NAME stands for a header that we put on requests.
 */

static ngx_uint_t
oauthcc_variable_values_placed(ngx_http_oauthcc_main_conf_t *mcf,
    ngx_str_t *variable)
{
    u_char      c;
    size_t      k;
    ngx_str_t  *name;
    ngx_uint_t  i;

    name = mcf->placed.elts;

    for (i = 0; i < mcf->placed.nelts; i++) {

        if (name[i].len != variable->len - (sizeof("http_") - 1)) {
            continue;
        }

        for (k = 0; k < name[i].len; k++) {
            c = ngx_tolower(name[i].data[k]);

            if (variable->data[sizeof("http_") - 1 + k]
                != (c == '-' ? '_' : c))
            {
                break;
            }
        }

        if (k == name[i].len) {
            return 1;
        }
    }

    return 0;
}


static void
oauthcc_variable_values_changed(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, ngx_http_variable_value_t *before,
    oauthcc_fields_t *fields, oauthcc_credential_t *credential)
{
    u_char    *p;
    ngx_str_t  text;

    if (!v->valid || v->len == 0 || credential == NULL) {
        return;
    }

    text.len = v->len;
    text.data = v->data;

    if (oauthcc_placed_value_holds(fields, &credential->access_token, &text))
    {
        *v = *before;
        return;
    }

    if (!oauthcc_variable_values_within(v->data, credential)) {
        return;
    }

    /*
     * no secret, but in memory of the credential, which may be freed earlier
     */

    p = ngx_pnalloc(r->pool, v->len);
    if (p == NULL) {
        *v = *before;
        return;
    }

    ngx_memcpy(p, v->data, v->len);
    v->data = p;
}


/* Treats the captures $1, $2 and so on in the same way. */

static void
oauthcc_variable_values_captures(ngx_http_request_t *r,
    oauthcc_fields_t *fields, oauthcc_credential_t *credential)
{
#if (NGX_PCRE)
    int        *captures;
    ngx_str_t   text;
    ngx_uint_t  i;

    if (credential == NULL) {
        return;
    }

    captures = r->captures;

    for (i = 0; i + 1 < r->ncaptures; i += 2) {

        if (captures[i] < 0 || captures[i + 1] <= captures[i]) {
            continue;
        }

        text.len = captures[i + 1] - captures[i];
        text.data = r->captures_data + captures[i];

        if (oauthcc_variable_values_within(text.data, credential)
            || oauthcc_placed_value_holds(fields, &credential->access_token,
                                          &text))
        {
            r->ncaptures = 0;
        }
    }
#endif
}
