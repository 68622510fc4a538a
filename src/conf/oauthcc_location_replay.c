
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "conf/oauthcc_location_replay.h"
#include "core/oauthcc_redact_url.h"
#include "core/oauthcc_text.h"


static ngx_int_t oauthcc_location_replay_parameter(ngx_conf_t *cf,
    oauthcc_replay_rule_t *line, ngx_str_t *arg);
static ngx_int_t oauthcc_location_replay_condition(ngx_conf_t *cf,
    oauthcc_replay_rule_t *line, ngx_str_t *arg);
static char *oauthcc_location_replay_check(ngx_conf_t *cf,
    oauthcc_replay_rules_t *rules, oauthcc_replay_rule_t *line);


/* "oauthcc_replay 401", and "grpc_16" with grpc_pass */

static ngx_uint_t  oauthcc_location_replay_401 = NGX_HTTP_UNAUTHORIZED;

static oauthcc_replay_rule_t  oauthcc_location_replay_line = {
    { &oauthcc_location_replay_401, 1, sizeof(ngx_uint_t), 1, NULL },
    OAUTHCC_REPLAY_GRPC_PASS, NULL, 0
};

oauthcc_replay_rules_t  oauthcc_location_replay_default = {
    { &oauthcc_location_replay_line, 1, sizeof(oauthcc_replay_rule_t), 1,
      NULL },
    1 << OAUTHCC_INJECT_GRPC
};


char *
oauthcc_location_replay(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_oauthcc_loc_conf_t *olcf = conf;

    ngx_str_t               *value;
    ngx_uint_t               i;
    oauthcc_replay_rule_t   *line;
    oauthcc_replay_rules_t  *rules;

    value = cf->args->elts;
    rules = olcf->replay;

    if (ngx_strcmp(value[1].data, "off") == 0) {

        if (cf->args->nelts != 2) {
            return "has parameters after \"off\"";
        }

        if (rules != NGX_CONF_UNSET_PTR) {
            return "is duplicate";
        }

        olcf->replay = NULL;
        return NGX_CONF_OK;
    }

    if (rules == NULL) {
        return "is duplicate";
    }

    if (rules == NGX_CONF_UNSET_PTR) {
        rules = ngx_pcalloc(cf->pool, sizeof(oauthcc_replay_rules_t));
        if (rules == NULL) {
            return NGX_CONF_ERROR;
        }

        if (ngx_array_init(&rules->lines, cf->pool, 2,
                           sizeof(oauthcc_replay_rule_t))
            != NGX_OK)
        {
            return NGX_CONF_ERROR;
        }

        olcf->replay = rules;
    }

    line = ngx_array_push(&rules->lines);
    if (line == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(line, sizeof(oauthcc_replay_rule_t));

    if (ngx_array_init(&line->statuses, cf->pool, 2, sizeof(ngx_uint_t))
        != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    for (i = 1; i < cf->args->nelts; i++) {

        if (oauthcc_location_replay_parameter(cf, line, &value[i]) != NGX_OK) {
            return NGX_CONF_ERROR;
        }
    }

    return oauthcc_location_replay_check(cf, rules, line);
}


static ngx_int_t
oauthcc_location_replay_parameter(ngx_conf_t *cf, oauthcc_replay_rule_t *line,
    ngx_str_t *arg)
{
    ngx_int_t    n;
    ngx_uint_t  *status;

    if (oauthcc_text_is(arg, "grpc_16")) {
        line->grpc_16 = OAUTHCC_REPLAY_GRPC_ON;
        return NGX_OK;
    }

    if (oauthcc_text_is(arg, "non_idempotent")) {
        line->non_idempotent = 1;
        return NGX_OK;
    }

    if (oauthcc_text_begins(arg, "if=")) {
        return oauthcc_location_replay_condition(cf, line, arg);
    }

    n = ngx_atoi(arg->data, arg->len);

    if (n < 200 || n > 599) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid parameter \"%V\" of \"oauthcc_replay\", "
                           "it may be \"off\", a status from 200 to 599, "
                           "\"grpc_16\", \"if=\" or \"non_idempotent\"",
                           oauthcc_redact_url_text(cf->pool, arg));
        return NGX_ERROR;
    }

    status = ngx_array_push(&line->statuses);
    if (status == NULL) {
        return NGX_ERROR;
    }

    *status = n;

    return NGX_OK;
}


static ngx_int_t
oauthcc_location_replay_condition(ngx_conf_t *cf, oauthcc_replay_rule_t *line,
    ngx_str_t *arg)
{
    ngx_str_t                         value;
    ngx_http_compile_complex_value_t  ccv;

    value.data = arg->data + sizeof("if=") - 1;
    value.len = arg->len - (sizeof("if=") - 1);

    if (line->condition) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "duplicate \"if=\" in \"oauthcc_replay\"");
        return NGX_ERROR;
    }

    if (ngx_http_script_variables_count(&value) == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "no variable in the condition \"%V\" of "
                           "\"oauthcc_replay\"",
                           oauthcc_redact_url_text(cf->pool, arg));
        return NGX_ERROR;
    }

    line->condition = ngx_palloc(cf->pool, sizeof(ngx_http_complex_value_t));
    if (line->condition == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

    ccv.cf = cf;
    ccv.value = &value;
    ccv.complex_value = line->condition;

    return ngx_http_compile_complex_value(&ccv);
}


/* What no parameter can say for itself. */

static char *
oauthcc_location_replay_check(ngx_conf_t *cf, oauthcc_replay_rules_t *rules,
    oauthcc_replay_rule_t *line)
{
    ngx_uint_t  i, *status;

    if (line->statuses.nelts == 0 && line->grpc_16 == OAUTHCC_REPLAY_GRPC_OFF)
    {
        return "has no status";
    }

    status = line->statuses.elts;

    for (i = 0; i < line->statuses.nelts; i++) {

        if (status[i] >= NGX_HTTP_BAD_REQUEST) {
            continue;
        }

        if (line->condition == NULL) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "\"oauthcc_replay %ui\" needs a condition, as "
                               "in \"oauthcc_replay %ui "
                               "if=$upstream_http_x_auth_error\"",
                               status[i], status[i]);
            return NGX_CONF_ERROR;
        }

        rules->below_400 = ~(ngx_uint_t) 0;
    }

    if (line->grpc_16 == OAUTHCC_REPLAY_GRPC_ON) {
        rules->below_400 = ~(ngx_uint_t) 0;

    } else if (line->grpc_16 == OAUTHCC_REPLAY_GRPC_PASS) {
        rules->below_400 |= 1 << OAUTHCC_INJECT_GRPC;
    }

    return NGX_CONF_OK;
}
