
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "conf/oauthcc_location.h"
#include "upstream/oauthcc_context.h"
#include "core/oauthcc_text.h"
#include "core/oauthcc_redact_url.h"
#include "conf/oauthcc_provider_setters.h"
#include "conf/oauthcc_subject_use.h"
#include "http/oauthcc_header_syntax.h"
#include "status/oauthcc_status.h"


/* the longest name of a parameter, bytes */
#define OAUTHCC_LOCATION_NAME  255


extern ngx_module_t  ngx_http_oauthcc_module;


static ngx_int_t oauthcc_location_parameter(ngx_conf_t *cf,
    oauthcc_binding_t *binding, ngx_str_t *arg);
static ngx_int_t oauthcc_location_unquote(ngx_str_t *value);
static oauthcc_parameter_t *oauthcc_location_push(ngx_conf_t *cf,
    oauthcc_binding_t *binding, ngx_str_t *name, ngx_str_t *arg);
static oauthcc_placements_t *oauthcc_location_places(ngx_conf_t *cf,
    ngx_http_oauthcc_loc_conf_t *olcf);
static ngx_int_t oauthcc_location_place(ngx_conf_t *cf,
    ngx_array_t *placements, ngx_str_t *name, ngx_str_t *value);
static ngx_int_t oauthcc_location_compile(ngx_conf_t *cf, ngx_str_t *value,
    ngx_http_complex_value_t *complex);


/* parameters of a login that the directive sets by their own names */

static ngx_str_t  oauthcc_location_parameters[] = {
    ngx_string("scope"),
    ngx_string("audience"),
    ngx_string("resource"),
    ngx_null_string
};


char *
oauthcc_location_directive(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_oauthcc_loc_conf_t *olcf = conf;

    ngx_str_t                     *value;
    ngx_uint_t                     i;
    oauthcc_binding_t             *binding, **up;
    ngx_http_oauthcc_main_conf_t  *omcf;

    if (olcf->binding != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "off") == 0) {

        if (cf->args->nelts != 2) {
            return "has parameters after \"off\"";
        }

        olcf->binding = NULL;
        return NGX_CONF_OK;
    }

    binding = ngx_pcalloc(cf->pool, sizeof(oauthcc_binding_t));
    if (binding == NULL) {
        return NGX_CONF_ERROR;
    }

    binding->name = value[1];
    binding->file = cf->conf_file->file.name;
    binding->line = cf->conf_file->line;

    if (ngx_http_script_variables_count(&value[1])) {

        binding->variable = ngx_palloc(cf->pool,
                                       sizeof(ngx_http_complex_value_t));
        if (binding->variable == NULL) {
            return NGX_CONF_ERROR;
        }

        if (oauthcc_location_compile(cf, &value[1], binding->variable)
            != NGX_OK)
        {
            return NGX_CONF_ERROR;
        }

        binding->varies = 1;
    }

    for (i = 2; i < cf->args->nelts; i++) {

        if (ngx_strcmp(value[i].data, "optional") == 0) {
            binding->optional = 1;
            continue;
        }

        if (oauthcc_location_parameter(cf, binding, &value[i]) != NGX_OK) {
            return NGX_CONF_ERROR;
        }
    }

    omcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_oauthcc_module);

    up = ngx_array_push(&omcf->bindings);
    if (up == NULL) {
        return NGX_CONF_ERROR;
    }

    *up = binding;
    olcf->binding = binding;

    return NGX_CONF_OK;
}


char *
oauthcc_location_status(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t                 *value;
    ngx_http_core_loc_conf_t  *clcf;

    value = cf->args->elts;
    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    clcf->handler = oauthcc_status_handler;

    if (cf->args->nelts == 2) {

        if (ngx_strcmp(value[1].data, "control") != 0) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid parameter \"%V\" in "
                               "\"oauthcc_status\", it may be \"control\"",
                               oauthcc_redact_url_text(cf->pool, &value[1]));
            return NGX_CONF_ERROR;
        }

        clcf->handler = oauthcc_status_control_handler;
    }

    return NGX_CONF_OK;
}


char *
oauthcc_location_header(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_oauthcc_loc_conf_t *olcf = conf;

    ngx_str_t                     *value, *placed, usual;
    oauthcc_placements_t          *placements;
    ngx_http_oauthcc_main_conf_t  *omcf;

    value = cf->args->elts;

    if (!oauthcc_header_syntax_name(&value[1])) {
        return "has an invalid name";
    }

    if (oauthcc_header_syntax_reserved(&value[1])) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V %V\" is not allowed, nginx sets it itself",
                           &cmd->name, &value[1]);
        return NGX_CONF_ERROR;
    }

    placements = oauthcc_location_places(cf, olcf);
    if (placements == NULL) {
        return NGX_CONF_ERROR;
    }

    omcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_oauthcc_module);

    placed = ngx_array_push(&omcf->placed);
    if (placed == NULL) {
        return NGX_CONF_ERROR;
    }

    *placed = value[1];

    ngx_str_set(&usual, "$oauthcc_token_type $oauthcc_access_token");

    if (oauthcc_location_place(cf, &placements->headers, &value[1],
                               cf->args->nelts == 3 ? &value[2] : &usual)
        != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


char *
oauthcc_location_query(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_oauthcc_loc_conf_t *olcf = conf;

    ngx_str_t             *value;
    oauthcc_placements_t  *placements;

    value = cf->args->elts;

    if (value[1].len == 0) {
        return "has an empty name";
    }

    placements = oauthcc_location_places(cf, olcf);
    if (placements == NULL) {
        return NGX_CONF_ERROR;
    }

    if (oauthcc_location_place(cf, &placements->arguments, &value[1],
                               &value[2])
        != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


/* "scope=VALUE", "param:NAME=VALUE" and so on */

static ngx_int_t
oauthcc_location_parameter(ngx_conf_t *cf, oauthcc_binding_t *binding,
    ngx_str_t *arg)
{
    u_char               *p;
    ngx_str_t             name, value;
    oauthcc_parameter_t  *parameter;

    name = *arg;

    p = ngx_strlchr(arg->data, arg->data + arg->len, '=');

    if (p == NULL) {
        goto invalid;
    }

    name.len = p - arg->data;
    value.data = p + 1;
    value.len = arg->data + arg->len - value.data;

    if (oauthcc_location_unquote(&value) != NGX_OK) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" ends within quotation marks, put them "
                           "around the whole parameter",
                           oauthcc_redact_url_value(cf->pool, arg));
        return NGX_ERROR;
    }

    if (oauthcc_text_is(&name, "subject_token")) {
        return oauthcc_subject_use_parameter(cf, binding, arg, &value);
    }

    if (name.len > sizeof("param:") - 1
        && oauthcc_text_begins(&name, "param:"))
    {
        name.data += sizeof("param:") - 1;
        name.len -= sizeof("param:") - 1;

        if (name.len > OAUTHCC_LOCATION_NAME
            || oauthcc_provider_setters_reserved(&name))
        {
            goto invalid;
        }

    } else if (!oauthcc_text_in(oauthcc_location_parameters, &name)) {
        goto invalid;
    }

    parameter = oauthcc_location_push(cf, binding, &name, arg);
    if (parameter == NULL) {
        return NGX_ERROR;
    }

    if (oauthcc_text_is(&name, "scope")) {
        oauthcc_provider_setters_comma(cf, &value);
    }

    if (ngx_http_script_variables_count(&value)) {
        binding->varies = 1;
    }

    return oauthcc_location_compile(cf, &value, &parameter->value);

invalid:

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid parameter \"%V\" of the \"oauthcc\" "
                       "directive, it may be \"optional\", \"scope=\", "
                       "\"audience=\", \"resource=\", \"subject_token=\" or "
                       "\"param:NAME=\", in quotation marks if it has spaces; "
                       "or a \";\" is missing before it",
                       oauthcc_redact_url_value(cf->pool, arg));

    return NGX_ERROR;
}


/* nginx keeps quotation marks inside a word. */

static ngx_int_t
oauthcc_location_unquote(ngx_str_t *value)
{
    if (value->len == 0 || value->data[0] != '"') {
        return NGX_OK;
    }

    if (value->len == 1 || value->data[value->len - 1] != '"') {
        return NGX_ERROR;
    }

    value->data++;
    value->len -= 2;
    value->data[value->len] = '\0';

    return NGX_OK;
}


/* Adds a parameter of this name; NULL: a message was logged, or no memory. */

static oauthcc_parameter_t *
oauthcc_location_push(ngx_conf_t *cf, oauthcc_binding_t *binding,
    ngx_str_t *name, ngx_str_t *arg)
{
    ngx_uint_t            i;
    oauthcc_parameter_t  *parameter;

    if (binding->parameters == NULL) {
        binding->parameters = ngx_array_create(cf->pool, 2,
                                               sizeof(oauthcc_parameter_t));
        if (binding->parameters == NULL) {
            return NULL;
        }
    }

    parameter = binding->parameters->elts;

    for (i = 0; i < binding->parameters->nelts; i++) {

        if (oauthcc_text_eq(&parameter[i].name, name)) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "duplicate parameter \"%V\" of the \"oauthcc\" "
                               "directive",
                               oauthcc_redact_url_value(cf->pool, arg));
            return NULL;
        }
    }

    parameter = ngx_array_push(binding->parameters);

    if (parameter) {
        parameter->name = *name;
    }

    return parameter;
}


static oauthcc_placements_t *
oauthcc_location_places(ngx_conf_t *cf, ngx_http_oauthcc_loc_conf_t *olcf)
{
    oauthcc_placements_t  *placements;

    if (olcf->placements != NGX_CONF_UNSET_PTR) {
        return olcf->placements;
    }

    placements = ngx_pcalloc(cf->pool, sizeof(oauthcc_placements_t));
    if (placements == NULL) {
        return NULL;
    }

    if (ngx_array_init(&placements->headers, cf->pool, 2,
                       sizeof(oauthcc_placement_t))
           != NGX_OK
        || ngx_array_init(&placements->arguments, cf->pool, 2,
                          sizeof(oauthcc_placement_t))
           != NGX_OK)
    {
        return NULL;
    }

    olcf->placements = placements;

    return placements;
}


static ngx_int_t
oauthcc_location_place(ngx_conf_t *cf, ngx_array_t *placements,
    ngx_str_t *name, ngx_str_t *value)
{
    oauthcc_placement_t  *place;

    place = ngx_array_push(placements);
    if (place == NULL) {
        return NGX_ERROR;
    }

    place->name = *name;

    place->lowcase = ngx_pnalloc(cf->pool, name->len);
    if (place->lowcase == NULL) {
        return NGX_ERROR;
    }

    ngx_strlow(place->lowcase, name->data, name->len);

    return oauthcc_location_compile(cf, value, &place->value);
}


static ngx_int_t
oauthcc_location_compile(ngx_conf_t *cf, ngx_str_t *value,
    ngx_http_complex_value_t *complex)
{
    ngx_http_compile_complex_value_t  ccv;

    ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

    ccv.cf = cf;
    ccv.value = value;
    ccv.complex_value = complex;

    return ngx_http_compile_complex_value(&ccv);
}
