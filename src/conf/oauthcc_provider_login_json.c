
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "conf/oauthcc_provider_login_json.h"
#include "conf/oauthcc_block_refuse.h"
#include "core/oauthcc_text.h"
#include "core/oauthcc_redact_url.h"
#include "login_json/oauthcc_document.h"
#include "http/oauthcc_url.h"
#include "conf/oauthcc_slots.h"
#include "core/oauthcc_value.h"


static char *oauthcc_provider_login_json_attrs(ngx_conf_t *cf,
    oauthcc_provider_t *provider);
static ngx_int_t oauthcc_provider_login_json_load(ngx_conf_t *cf,
    oauthcc_provider_t *provider, ngx_str_t *err);


char *
oauthcc_provider_login_json_file(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    oauthcc_provider_t *provider = conf;

    ngx_str_t  *value;

    if (provider->document.path.data) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (value[1].len == 0) {
        return "has an empty value";
    }

    provider->document.path = value[1];
    provider->endpoint.url->file = cf->conf_file->file.name;
    provider->endpoint.url->line = cf->conf_file->line;

    return NGX_CONF_OK;
}


char *
oauthcc_provider_login_json_attr(ngx_conf_t *cf, ngx_command_t *cmd,
                                 void *conf)
{
    oauthcc_provider_t *provider = conf;

    ngx_str_t       *value;
    ngx_uint_t       i;
    oauthcc_attr_t  *attr;

    value = cf->args->elts;

    if (value[1].len == 0) {
        return "has an empty name";
    }

    attr = provider->document.attrs.elts;

    for (i = 0; i < provider->document.attrs.nelts; i++) {

        if (oauthcc_text_eq(&attr[i].name, &value[1])) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "duplicate \"%V %V\"",
                               &cmd->name, oauthcc_redact_url_text(cf->pool,
                                                       &value[1]));
            return NGX_CONF_ERROR;
        }
    }

    attr = ngx_array_push(&provider->document.attrs);
    if (attr == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(attr, sizeof(oauthcc_attr_t));

    attr->name = value[1];

    return oauthcc_slots_value(cf, &value[2], &cmd->name, &attr->value);
}


char *
oauthcc_provider_login_json_read(ngx_conf_t *cf, oauthcc_provider_t *provider)
{
    ngx_int_t  rc;
    ngx_str_t  err;

    if (provider->document.path.data == NULL) {
        return NGX_CONF_OK;
    }

    rc = oauthcc_provider_login_json_load(cf, provider, &err);

    if (rc == NGX_DECLINED) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"login_json\" %V: %V in %V:%ui",
                      oauthcc_redact_url_text(cf->pool,
                                              &provider->document.path),
                      &err, &provider->endpoint.url->file,
                      provider->endpoint.url->line);
        return NGX_CONF_ERROR;
    }

    if (rc != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    return oauthcc_provider_login_json_attrs(cf, provider);
}


/* An attr that the document does not use is probably misspelt. */

static char *
oauthcc_provider_login_json_attrs(ngx_conf_t *cf, oauthcc_provider_t *provider)
{
    ngx_uint_t       i;
    oauthcc_attr_t  *attr;

    attr = provider->document.attrs.elts;

    for (i = 0; i < provider->document.attrs.nelts; i++) {

        if (attr[i].used) {
            continue;
        }

        return oauthcc_block_refuse(cf, provider, "attr \"%V\" has no effect: "
                                    "nothing in \"login_json\" %V asks for it",
                                    oauthcc_redact_url_text(cf->pool,
                                                            &attr[i].name),
                                    &provider->document.path);
    }

    return NGX_CONF_OK;
}


static ngx_int_t
oauthcc_provider_login_json_load(ngx_conf_t *cf, oauthcc_provider_t *provider,
    ngx_str_t *err)
{
    char                        *reason;
    u_char                      *p;
    ngx_int_t                    rc;
    ngx_str_t                    arg, file;
    ngx_uint_t                   line;
    oauthcc_value_t              text;
    oauthcc_document_request_t  *login_json;

    arg.len = sizeof("file:") - 1 + provider->document.path.len;
    arg.data = ngx_pnalloc(cf->pool, arg.len + 1);

    if (arg.data == NULL) {
        return NGX_ERROR;
    }

    p = ngx_sprintf(arg.data, "file:%V", &provider->document.path);
    *p = '\0';

    ngx_memzero(&text, sizeof(oauthcc_value_t));

    rc = oauthcc_value_read(cf->pool, cf->log,
                            &cf->cycle->conf_prefix, &arg, &text, err);
    if (rc != NGX_OK) {
        return rc;
    }

    rc = oauthcc_document_read(cf->pool, cf->log, &text.text,
                               &provider->document.attrs, &login_json, err);

    ngx_explicit_memzero(text.text.data, text.text.len);

    if (rc != NGX_OK) {
        return rc;
    }

    file = provider->endpoint.url->file;
    line = provider->endpoint.url->line;

    reason = oauthcc_url_parse(cf->pool, &login_json->endpoint,
                               provider->endpoint.url);

    provider->endpoint.url->file = file;
    provider->endpoint.url->line = line;

    if (reason == NULL) {
        reason = oauthcc_url_refused(provider, provider->endpoint.url);
    }

    if (reason) {
        err->data = ngx_pnalloc(cf->pool, NGX_MAX_CONF_ERRSTR);
        if (err->data == NULL) {
            return NGX_ERROR;
        }

        err->len = ngx_snprintf(err->data, NGX_MAX_CONF_ERRSTR,
                                "%V: %s", &login_json->endpoint_where, reason)
                   - err->data;
        return NGX_DECLINED;
    }

    provider->document.login_json = login_json;

    return NGX_OK;
}
