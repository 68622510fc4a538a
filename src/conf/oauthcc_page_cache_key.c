
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "conf/oauthcc_page_cache_key.h"
#include "conf/oauthcc_nginx_directive.h"
#include "core/oauthcc_text.h"
#include "upstream/oauthcc_page_cache.h"


/* a directive that is recorded: its command is nginx's own */

typedef struct {
    char           *name;
    ngx_uint_t      gate;
    char           *key;  /* the default */
    ngx_command_t  *cmd;
    char                             *(*set)(ngx_conf_t *cf,
                                             ngx_command_t *cmd, void *conf);
} oauthcc_page_cache_key_t;


/* a variable that contains all of another, or a prefix of names */

typedef struct {
    char  *name;
    char  *by;
} oauthcc_page_cache_key_cover_t;


extern ngx_module_t  ngx_http_oauthcc_module;


static char *oauthcc_page_cache_key_set(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static oauthcc_page_cache_key_t *oauthcc_page_cache_key_of(
    ngx_http_oauthcc_loc_conf_t *conf, ngx_uint_t gate, ngx_str_t *key);
static ngx_uint_t oauthcc_page_cache_key_subject(ngx_str_t *key);
static ngx_uint_t oauthcc_page_cache_key_wrong(oauthcc_binding_t *binding,
    ngx_str_t *key);
static ngx_uint_t oauthcc_page_cache_key_covers(ngx_str_t *key,
    ngx_str_t *value);
static ngx_uint_t oauthcc_page_cache_key_has(ngx_str_t *key, ngx_str_t *name);
static ngx_uint_t oauthcc_page_cache_key_seen(char **names, ngx_str_t *name);
static ngx_uint_t oauthcc_page_cache_key_is(char *pattern, ngx_str_t *name);
static ngx_int_t oauthcc_page_cache_key_variable(ngx_str_t *text,
    ngx_str_t *name);


static oauthcc_page_cache_key_t  oauthcc_cachekeys[] = {
    { "proxy_cache_key", 0, "$scheme$proxy_host$request_uri", NULL, NULL },
    { "fastcgi_cache_key", 2, NULL, NULL, NULL },
    { "uwsgi_cache_key", 3, NULL, NULL, NULL },
    { "scgi_cache_key", 4, NULL, NULL, NULL },
    { NULL, 0, NULL, NULL, NULL }
};


/*
 * Variables of known content.  The content of all others (maps, captures,
 * scripts) is not visible.
 */

static char  *oauthcc_page_cache_key_parts[] = {
    "arg_", "cookie_", "http_", "args", "document_uri", "host", "https",
    "is_args", "query_string", "remote_addr", "remote_user", "request",
    "request_method", "request_uri", "scheme", "uri", NULL
};

/* the same, but constant for all requests of a location or a connection */

static char  *oauthcc_page_cache_key_fixed[] = {
    "proxy_host", "proxy_port", "server_addr", "server_port",
    "server_protocol", "slice_range", NULL
};

static oauthcc_page_cache_key_cover_t
    oauthcc_page_cache_key_cover[] =
{
    { "arg_", "args" },
    { "arg_", "query_string" },
    { "arg_", "request_uri" },
    { "arg_", "request" },
    { "args", "query_string" },
    { "args", "request_uri" },
    { "args", "request" },
    { "query_string", "args" },
    { "query_string", "request_uri" },
    { "query_string", "request" },
    { "request_uri", "request" },
    { "uri", "document_uri" },
    { "uri", "request_uri" },
    { "uri", "request" },
    { "document_uri", "uri" },
    { "document_uri", "request_uri" },
    { "document_uri", "request" },
    { "request_method", "request" },
    { "cookie_", "http_cookie" },
    { "remote_user", "http_authorization" },
    { "host", "http_host" },
    { "http_host", "host" },
    { NULL, NULL }
};


/*
 * The setter of a command of nginx is replaced, and restored at the end of the
 * block, or, after an error in it, with the pool of the configuration.
 */

ngx_int_t
oauthcc_page_cache_key_record(ngx_conf_t *cf)
{
    ngx_module_t              *module;
    ngx_command_t             *cmd;
    ngx_pool_cleanup_t        *cln;
    oauthcc_page_cache_key_t  *key;

    oauthcc_page_cache_key_end(NULL);

    cln = ngx_pool_cleanup_add(cf->temp_pool, 0);
    if (cln == NULL) {
        return NGX_ERROR;
    }

    cln->handler = oauthcc_page_cache_key_end;

    for (key = oauthcc_cachekeys; key->name; key++) {

        cmd = oauthcc_nginx_directive_find(cf, key->name, &module);
        if (cmd == NULL) {
            continue;
        }

        key->cmd = cmd;
        key->set = cmd->set;
        cmd->set = oauthcc_page_cache_key_set;
    }

    return NGX_OK;
}


void
oauthcc_page_cache_key_end(void *data)
{
    oauthcc_page_cache_key_t  *key;

    for (key = oauthcc_cachekeys; key->name; key++) {

        if (key->cmd) {
            key->cmd->set = key->set;
            key->cmd = NULL;
        }
    }
}


static char *
oauthcc_page_cache_key_set(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char                         *rv;
    ngx_str_t                    *value;
    oauthcc_page_cache_key_t     *key;
    ngx_http_oauthcc_loc_conf_t  *olcf;

    for (key = oauthcc_cachekeys; key->cmd != cmd; key++) {
        /* void */
    }

    value = cf->args->elts;
    olcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_oauthcc_module);

    rv = key->set(cf, cmd, conf);

    if (rv == NGX_CONF_OK) {
        olcf->keys[key->gate] = value[1];
    }

    return rv;
}


void
oauthcc_page_cache_key_merge(ngx_http_oauthcc_loc_conf_t *prev,
    ngx_http_oauthcc_loc_conf_t *conf)
{
    ngx_str_t   text, name;
    ngx_uint_t  i;

    for (i = 0; i < OAUTHCC_GATES; i++) {

        if (conf->keys[i].data == NULL) {
            conf->keys[i] = prev->keys[i];
        }

        text = conf->keys[i];

        while (oauthcc_page_cache_key_variable(&text, &name) == NGX_OK) {

            if (oauthcc_page_cache_key_is("oauthcc_", &name)
                && !oauthcc_page_cache_key_is("oauthcc_provider", &name))
            {
                conf->token_keys |= 1 << i;
            }
        }
    }
}


ngx_int_t
oauthcc_page_cache_key_check(ngx_conf_t *cf,
    ngx_http_oauthcc_loc_conf_t *prev, ngx_http_oauthcc_loc_conf_t *conf,
    ngx_uint_t gate)
{
    ngx_str_t                      key;
    ngx_http_conf_ctx_t           *ctx;
    oauthcc_page_cache_key_t      *row;
    ngx_http_core_loc_conf_t      *clcf;
    ngx_http_oauthcc_main_conf_t  *omcf;

    ctx = cf->ctx;
    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    omcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_oauthcc_module);

    if (clcf->noname && conf->binding == prev->binding) {

        /* the location has been warned of */

        return NGX_OK;
    }

    if (oauthcc_page_cache_conf(omcf, ctx->loc_conf, gate) == NULL) {
        return NGX_OK;
    }

    row = oauthcc_page_cache_key_of(conf, gate, &key);

    if (row == NULL) {
        return NGX_OK;
    }

    if (conf->binding->subject && !oauthcc_page_cache_key_subject(&key)) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"%s\" of location \"%V\" has no "
                      "\"$oauthcc_subject_id\", an answer in the cache is for "
                      "all callers of \"subject_token=\" in %V:%ui",
                      row->name, &clcf->name, &conf->binding->file,
                      conf->binding->line);
        return NGX_ERROR;
    }

    if (oauthcc_page_cache_key_wrong(conf->binding, &key)) {
        ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                      "\"%s\" of location \"%V\" has none of the variables "
                      "of the \"oauthcc\" directive in %V:%ui, an answer in "
                      "the cache is for all their values",
                      row->name, &clcf->name, &conf->binding->file,
                      conf->binding->line);
    }

    return NGX_OK;
}


/* The key of a block, and its row; NULL: it has none. */

static oauthcc_page_cache_key_t *
oauthcc_page_cache_key_of(ngx_http_oauthcc_loc_conf_t *conf, ngx_uint_t gate,
    ngx_str_t *key)
{
    oauthcc_page_cache_key_t  *row;

    for (row = oauthcc_cachekeys; row->gate != gate; row++) {
        if (row->name == NULL) {
            return NULL;
        }
    }

    *key = conf->keys[gate];

    if (key->data == NULL) {

        if (row->key == NULL) {
            return NULL;
        }

        key->data = (u_char *) row->key;
        key->len = ngx_strlen(row->key);
    }

    return row;
}


/* What is in a variable that users define cannot be seen here. */

static ngx_uint_t
oauthcc_page_cache_key_subject(ngx_str_t *key)
{
    ngx_str_t  text, name;

    text = *key;

    while (oauthcc_page_cache_key_variable(&text, &name) == NGX_OK) {
        if (oauthcc_page_cache_key_is("oauthcc_subject_id", &name)) {
            return 1;
        }
    }

    return 0;
}


/* Whether the directive has variables, and none of them is in the key. */

static ngx_uint_t
oauthcc_page_cache_key_wrong(oauthcc_binding_t *binding, ngx_str_t *key)
{
    ngx_uint_t            i;
    oauthcc_parameter_t  *parameter;

    if (!binding->varies
        && (binding->provider == NULL
            || binding->provider->endpoint.value == NULL))
    {
        return 0;
    }

    if (binding->subject
        || (binding->variable
            && oauthcc_page_cache_key_covers(key, &binding->variable->value)))
    {
        return 0;
    }

    if (binding->provider && binding->provider->endpoint.value
        && oauthcc_page_cache_key_covers(key,
                               &binding->provider->endpoint.value->value))
    {
        return 0;
    }

    if (binding->parameters) {
        parameter = binding->parameters->elts;

        for (i = 0; i < binding->parameters->nelts; i++) {
            if (oauthcc_page_cache_key_covers(key,
                                              &parameter[i].value.value))
            {
                return 0;
            }
        }
    }

    return 1;
}


/* Whether the key contains a variable of the value, as far as is visible. */

static ngx_uint_t
oauthcc_page_cache_key_covers(ngx_str_t *key, ngx_str_t *value)
{
    ngx_str_t  text, name;

    text = *value;

    while (oauthcc_page_cache_key_variable(&text, &name) == NGX_OK) {
        if (oauthcc_page_cache_key_has(key, &name)) {
            return 1;
        }
    }

    return 0;
}


static ngx_uint_t
oauthcc_page_cache_key_has(ngx_str_t *key, ngx_str_t *name)
{
    ngx_str_t                        text, part;
    ngx_uint_t                       opaque;
    oauthcc_page_cache_key_cover_t  *cover;

    opaque = !oauthcc_page_cache_key_seen(oauthcc_page_cache_key_parts, name);
    text = *key;

    while (oauthcc_page_cache_key_variable(&text, &part) == NGX_OK) {

        if (oauthcc_text_ieq(&part, name)) {
            return 1;
        }

        if (oauthcc_page_cache_key_seen(oauthcc_page_cache_key_fixed, &part))
        {
            continue;
        }

        if (opaque
            || !oauthcc_page_cache_key_seen(
                                    oauthcc_page_cache_key_parts, &part))
        {
            /* either may contain the other */

            return 1;
        }

        for (cover = oauthcc_page_cache_key_cover; cover->name; cover++) {

            if (oauthcc_page_cache_key_is(cover->name, name)
                && oauthcc_page_cache_key_is(cover->by, &part))
            {
                return 1;
            }
        }
    }

    return 0;
}


static ngx_uint_t
oauthcc_page_cache_key_seen(char **names, ngx_str_t *name)
{
    for ( /* void */ ; *names; names++) {
        if (oauthcc_page_cache_key_is(*names, name)) {
            return 1;
        }
    }

    return 0;
}


/* A pattern that ends in "_" is a prefix. */

static ngx_uint_t
oauthcc_page_cache_key_is(char *pattern, ngx_str_t *name)
{
    size_t  len;

    len = ngx_strlen(pattern);

    if (pattern[len - 1] == '_' ? name->len <= len : name->len != len) {
        return 0;
    }

    return ngx_strncasecmp(name->data, (u_char *) pattern, len) == 0;
}


/* Takes the next "$name" or "${name}" from a text. */

static ngx_int_t
oauthcc_page_cache_key_variable(ngx_str_t *text, ngx_str_t *name)
{
    u_char  *p, *last;

    /* an empty text has no address */

    if (text->len == 0) {
        return NGX_DECLINED;
    }

    last = text->data + text->len;

    p = ngx_strlchr(text->data, last, '$');

    if (p == NULL) {
        return NGX_DECLINED;
    }

    p++;

    if (p < last && *p == '{') {
        p++;
    }

    name->data = p;

    while (p < last
           && ((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z')
               || (*p >= '0' && *p <= '9') || *p == '_'))
    {
        p++;
    }

    name->len = p - name->data;

    text->data = p;
    text->len = last - p;

    return NGX_OK;
}
