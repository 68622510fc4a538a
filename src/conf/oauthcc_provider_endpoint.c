
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "conf/oauthcc_provider_endpoint.h"
#include "core/oauthcc_redact_url.h"
#include "http/oauthcc_url.h"


static char *oauthcc_provider_endpoint_end(ngx_conf_t *cf, ngx_command_t *cmd,
    oauthcc_url_t *endpoint, char *err);
static char *oauthcc_provider_endpoint_variables(ngx_conf_t *cf,
    ngx_str_t *url, oauthcc_provider_t *provider);


char *
oauthcc_provider_endpoint(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    oauthcc_provider_t *provider = conf;

    char           *err;
    ngx_str_t      *value;
    oauthcc_url_t  *endpoint;

    endpoint = provider->endpoint.url;

    if (endpoint->url.data) {
        return provider->endpoint.issuer ? "conflicts with \"issuer\""
                                         : "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_http_script_variables_count(&value[1])) {
        err = oauthcc_provider_endpoint_variables(cf, &value[1], provider);

    } else {
        err = oauthcc_url_parse(cf->pool, &value[1], endpoint);
    }

    return oauthcc_provider_endpoint_end(cf, cmd, endpoint, err);
}


char *
oauthcc_provider_endpoint_issuer(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    oauthcc_provider_t *provider = conf;

    char           *err;
    ngx_str_t      *value;
    oauthcc_url_t  *endpoint;

    endpoint = provider->endpoint.url;

    if (endpoint->url.data) {
        return provider->endpoint.issuer
               ? "is duplicate" : "conflicts with \"token_endpoint\"";
    }

    value = cf->args->elts;

    err = oauthcc_url_parse(cf->pool, &value[1], endpoint);

    /* RFC 8414 section 2 */

    if (err == NULL
        && ngx_strlchr(value[1].data, value[1].data + value[1].len, '?'))
    {
        err = "has arguments, which an issuer cannot have";
    }

    provider->endpoint.issuer = 1;

    return oauthcc_provider_endpoint_end(cf, cmd, endpoint, err);
}


/* Logs what is wrong with the URL, or notes where it is. */

static char *
oauthcc_provider_endpoint_end(ngx_conf_t *cf, ngx_command_t *cmd,
    oauthcc_url_t *endpoint, char *err)
{
    ngx_str_t  *value;

    if (err == NGX_CONF_ERROR) {
        return NGX_CONF_ERROR;
    }

    value = cf->args->elts;

    if (err) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "\"%V %V\" %s", &cmd->name,
                           oauthcc_redact_url(cf->pool, &value[1]), err);
        return NGX_CONF_ERROR;
    }

    endpoint->file = cf->conf_file->file.name;
    endpoint->line = cf->conf_file->line;

    return NGX_CONF_OK;
}


/* Checks the URL with an "x" in place of each variable. */

static char *
oauthcc_provider_endpoint_variables(ngx_conf_t *cf, ngx_str_t *url,
    oauthcc_provider_t *provider)
{
    char                             *err;
    u_char                           *p, *s, *last;
    ngx_str_t                         known;
    ngx_uint_t                        slashes, varied;
    oauthcc_url_t                    *endpoint;
    ngx_http_compile_complex_value_t  ccv;

    endpoint = provider->endpoint.url;

    provider->endpoint.value = ngx_palloc(cf->pool,
                                          sizeof(ngx_http_complex_value_t));
    known.data = ngx_pnalloc(cf->pool, url->len);

    if (provider->endpoint.value == NULL || known.data == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

    ccv.cf = cf;
    ccv.value = url;
    ccv.complex_value = provider->endpoint.value;

    if (ngx_http_compile_complex_value(&ccv) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    p = known.data;
    last = url->data + url->len;
    slashes = 0;
    varied = 0;

    for (s = url->data; s < last; s++) {

        if (*s != '$') {
            slashes += (*s == '/');
            *p++ = *s;
            continue;
        }

        if (slashes < 3) {
            varied = 1;
        }

        *p++ = 'x';

        if (s + 1 < last && s[1] == '{') {
            s = ngx_strlchr(s, last, '}');
            continue;
        }

        while (s + 1 < last
               && (s[1] == '_' || (s[1] >= '0' && s[1] <= '9')
                   || ((s[1] | 0x20) >= 'a' && (s[1] | 0x20) <= 'z')))
        {
            s++;
        }
    }

    known.len = p - known.data;

    err = oauthcc_url_parse(cf->pool, &known, endpoint);

    endpoint->url = *url;
    endpoint->varied = varied;

    if (varied) {
        endpoint->address = 0;
        endpoint->loopback = 0;
        endpoint->localhost = 0;
    }

    return err;
}
