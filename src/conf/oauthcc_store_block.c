
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "conf/oauthcc_nginx_directive.h"
#include "conf/oauthcc_slots.h"
#include "conf/oauthcc_store_block.h"
#include "conf/oauthcc_store_server.h"
#include "conf/oauthcc_store_tls.h"
#include "core/oauthcc_redact_url.h"
#include "core/oauthcc_text.h"
#include "store/oauthcc_store_reply.h"
#include "store/oauthcc_store_script.h"
#include "store/oauthcc_store_seal.h"
#include "store/oauthcc_store_shared.h"


#define OAUTHCC_STORE_BLOCK_PREFIX   "oauthcc"
#define OAUTHCC_STORE_BLOCK_LONGEST  64

/* milliseconds */
#define OAUTHCC_STORE_BLOCK_TIMEOUT  250
#define OAUTHCC_STORE_BLOCK_MIN      10
#define OAUTHCC_STORE_BLOCK_MAX      5000

#define OAUTHCC_STORE_BLOCK_SERVERS  16


extern ngx_module_t  ngx_http_oauthcc_module;


static oauthcc_store_t *oauthcc_store_block_create(ngx_conf_t *cf);
static char *oauthcc_store_block_directive(ngx_conf_t *cf,
    ngx_command_t *dummy, void *conf);
static char *oauthcc_store_block_server(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *oauthcc_store_block_value(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *oauthcc_store_block_key(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *oauthcc_store_block_timeout(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *oauthcc_store_block_resolver(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *oauthcc_store_block_check(ngx_conf_t *cf,
    oauthcc_store_t *store);
static ngx_uint_t oauthcc_store_block_prefix(ngx_str_t *prefix);
static void oauthcc_store_block_warn(ngx_conf_t *cf, oauthcc_store_t *store);
static oauthcc_store_t *oauthcc_store_block_of(ngx_conf_t *cf,
    oauthcc_provider_t *provider, oauthcc_store_t *store);
static ngx_int_t oauthcc_store_block_resolve(ngx_conf_t *cf,
    oauthcc_store_t *store);
static void oauthcc_store_block_wipe(void *data);


/* docs/directives.md has them under oauthcc_store */

static ngx_command_t  oauthcc_store_block_commands[] = {

    { ngx_string("server"), NGX_CONF_TAKE1,
      oauthcc_store_block_server, 0, 0, NULL },

    { ngx_string("user"), NGX_CONF_TAKE1,
      ngx_conf_set_str_slot, 0, offsetof(oauthcc_store_t, user), NULL },

    { ngx_string("password"), NGX_CONF_TAKE1,
      oauthcc_store_block_value, 0, offsetof(oauthcc_store_t, password),
      NULL },

    { ngx_string("key"), NGX_CONF_TAKE1,
      oauthcc_store_block_key, 0, 0, NULL },

    { ngx_string("prefix"), NGX_CONF_TAKE1,
      ngx_conf_set_str_slot, 0, offsetof(oauthcc_store_t, prefix), NULL },

    { ngx_string("timeout"), NGX_CONF_TAKE1,
      oauthcc_store_block_timeout, 0, 0, NULL },

    { ngx_string("resolver"), NGX_CONF_1MORE,
      oauthcc_store_block_resolver, 0, 0, NULL },

    { ngx_string("ssl_verify"), NGX_CONF_FLAG,
      ngx_conf_set_flag_slot, 0, offsetof(oauthcc_store_t, ssl_verify), NULL },

    { ngx_string("ssl_name"), NGX_CONF_TAKE1,
      ngx_conf_set_str_slot, 0, offsetof(oauthcc_store_t, ssl_name), NULL },

    { ngx_string("ssl_trusted_certificate"), NGX_CONF_TAKE1,
      ngx_conf_set_str_slot, 0, offsetof(oauthcc_store_t, ssl_trusted), NULL },

    { ngx_string("ssl_certificate"), NGX_CONF_TAKE1,
      ngx_conf_set_str_slot, 0, offsetof(oauthcc_store_t, ssl_certificate),
      NULL },

    { ngx_string("ssl_certificate_key"), NGX_CONF_TAKE1,
      ngx_conf_set_str_slot, 0, offsetof(oauthcc_store_t, ssl_key), NULL },

      ngx_null_command
};


char *
oauthcc_store_block(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_oauthcc_main_conf_t *omcf = conf;

    char        *rv;
    ngx_conf_t   save;

    if (omcf->store) {
        return "is duplicate";
    }

    if (!oauthcc_store_reply_built) {
        return "needs the module to be built with hiredis: install "
               "libhiredis-dev (Debian) or hiredis-devel (RHEL), and build it "
               "again";
    }

    omcf->store = oauthcc_store_block_create(cf);
    if (omcf->store == NULL) {
        return NGX_CONF_ERROR;
    }

    save = *cf;

    cf->handler = oauthcc_store_block_directive;
    cf->handler_conf = (char *) omcf->store;

    rv = ngx_conf_parse(cf, NULL);

    *cf = save;

    if (rv != NGX_CONF_OK) {
        return rv;
    }

    return oauthcc_store_block_check(cf, omcf->store);
}


static oauthcc_store_t *
oauthcc_store_block_create(ngx_conf_t *cf)
{
    oauthcc_store_t     *store;
    ngx_pool_cleanup_t  *cln;

    store = ngx_pcalloc(cf->pool, sizeof(oauthcc_store_t));
    cln = ngx_pool_cleanup_add(cf->pool, 0);

    if (store == NULL || cln == NULL
        || ngx_array_init(&store->servers, cf->pool, 2,
                          sizeof(oauthcc_store_server_t))
           != NGX_OK
        || ngx_array_init(&store->keys, cf->pool, 2,
                          sizeof(oauthcc_store_key_bytes_t))
           != NGX_OK)
    {
        return NULL;
    }

    cln->handler = oauthcc_store_block_wipe;
    cln->data = store;

    store->timeout = NGX_CONF_UNSET_MSEC;
    store->ssl_verify = NGX_CONF_UNSET;
    store->file = cf->conf_file->file.name;
    store->line = cf->conf_file->line;

    return store;
}


static void
oauthcc_store_block_wipe(void *data)
{
    oauthcc_store_t *store = data;

    ngx_explicit_memzero(store->keys.elts,
                         store->keys.nelts * store->keys.size);

    if (store->password.text.len) {
        ngx_explicit_memzero(store->password.text.data,
                             store->password.text.len);
    }
}


static char *
oauthcc_store_block_directive(ngx_conf_t *cf, ngx_command_t *dummy, void *conf)
{
    ngx_str_t      *name;
    ngx_command_t  *cmd;

    name = cf->args->elts;

    for (cmd = oauthcc_store_block_commands; cmd->name.len; cmd++) {
        if (oauthcc_text_eq(&cmd->name, name)) {
            return oauthcc_nginx_directive_call(cf, cmd, conf);
        }
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "unknown directive \"%V\" in \"oauthcc_store\"",
                       oauthcc_redact_url_text(cf->pool, name));

    return NGX_CONF_ERROR;
}


static char *
oauthcc_store_block_server(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    oauthcc_store_t *store = conf;

    char                    *err;
    ngx_str_t               *value;
    oauthcc_store_server_t  *server;

    if (store->servers.nelts == OAUTHCC_STORE_BLOCK_SERVERS) {
        return "is there more than 16 times";
    }

    server = ngx_array_push(&store->servers);
    if (server == NULL) {
        return NGX_CONF_ERROR;
    }

    value = cf->args->elts;

    err = oauthcc_store_server_read(cf, &value[1], server);

    if (err == NULL) {
        return NGX_CONF_OK;
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "\"server %V\" %s",
                       oauthcc_redact_url(cf->pool, &value[1]), err);

    return NGX_CONF_ERROR;
}


static char *
oauthcc_store_block_value(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char *p = conf;

    ngx_str_t        *value;
    oauthcc_value_t  *field;

    field = (oauthcc_value_t *) (p + cmd->offset);

    if (field->text.data) {
        return "is duplicate";
    }

    value = cf->args->elts;

    return oauthcc_slots_value(cf, &value[1], &cmd->name, field);
}


/* A text file, as "openssl rand -base64 48" makes it. */

static char *
oauthcc_store_block_key(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    oauthcc_store_t *store = conf;

    char                       *err;
    ngx_str_t                  *value, path;
    ngx_uint_t                  i;
    oauthcc_value_t             file;
    oauthcc_store_key_bytes_t  *key, *other;

    value = cf->args->elts;
    path = value[1];

    if (!oauthcc_text_begins(&path, "file:")) {
        path.len += sizeof("file:") - 1;
        path.data = ngx_pnalloc(cf->pool, path.len + 1);

        if (path.data == NULL) {
            return NGX_CONF_ERROR;
        }

        ngx_sprintf(path.data, "file:%V%Z", &value[1]);
    }

    if (oauthcc_slots_value(cf, &path, &cmd->name, &file) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    key = ngx_array_push(&store->keys);
    if (key == NULL) {
        return NGX_CONF_ERROR;
    }

    err = NULL;

    if (file.text.len < OAUTHCC_STORE_KEY_MIN) {
        err = "has less than 32 characters";

    } else if (oauthcc_store_seal_key(&file.text, key) != NGX_OK) {
        err = "could not be made a key by OpenSSL";
    }

    ngx_explicit_memzero(file.text.data, file.text.len);

    other = store->keys.elts;

    for (i = 0; err == NULL && &other[i] != key; i++) {
        if (ngx_memcmp(other[i].bytes, key->bytes, OAUTHCC_STORE_KEY) == 0) {
            err = "is the same as that of another \"key\"";
        }
    }

    if (err == NULL) {
        return NGX_CONF_OK;
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "\"key\" directive: the content "
                       "of \"%V\" %s", &file.source, err);

    return NGX_CONF_ERROR;
}


static char *
oauthcc_store_block_timeout(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    oauthcc_store_t *store = conf;

    ngx_int_t   n;
    ngx_str_t  *value;

    if (store->timeout != NGX_CONF_UNSET_MSEC) {
        return "is duplicate";
    }

    value = cf->args->elts;

    n = ngx_parse_time(&value[1], 0);

    if (n == NGX_ERROR || n < OAUTHCC_STORE_BLOCK_MIN
        || n > OAUTHCC_STORE_BLOCK_MAX)
    {
        return "has to be between 10ms and 5s";
    }

    store->timeout = n;

    return NGX_CONF_OK;
}


static char *
oauthcc_store_block_resolver(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    oauthcc_store_t *store = conf;

    ngx_str_t  *value;

    if (store->resolver) {
        return "is duplicate";
    }

    value = cf->args->elts;

    store->resolver = ngx_resolver_create(cf, &value[1], cf->args->nelts - 1);

    return store->resolver ? NGX_CONF_OK : NGX_CONF_ERROR;
}


/* At the end of the block. */

static char *
oauthcc_store_block_check(ngx_conf_t *cf, oauthcc_store_t *store)
{
    char  *err;

    if (store->prefix.data == NULL) {
        ngx_str_set(&store->prefix, OAUTHCC_STORE_BLOCK_PREFIX);
    }

    ngx_conf_init_msec_value(store->timeout, OAUTHCC_STORE_BLOCK_TIMEOUT);
    ngx_conf_init_value(store->ssl_verify, 1);

    err = NULL;

    if (store->servers.nelts == 0) {
        err = "has no \"server\"";

    } else if (store->keys.nelts == 0) {
        err = "has no \"key\", make one with \"openssl rand -base64 48\"";

    } else if (!oauthcc_store_block_prefix(&store->prefix)) {
        err = "has a \"prefix\" that is not 1 to 64 letters, digits, \"-\", "
              "\"_\", \".\" or \":\"";

    } else if ((store->ssl_certificate.data == NULL)
               != (store->ssl_key.data == NULL))
    {
        err = "has only one of \"ssl_certificate\" and "
              "\"ssl_certificate_key\"";

    } else if (oauthcc_store_script_channel(cf->pool, &store->prefix,
                                            &store->channel)
               != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (err) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "the \"oauthcc_store\" block that begins in %V:%ui %s",
                      &store->file, store->line, err);
        return NGX_CONF_ERROR;
    }

    return oauthcc_store_tls(cf, store);
}


static ngx_uint_t
oauthcc_store_block_prefix(ngx_str_t *prefix)
{
    u_char  ch;
    size_t  i;

    for (i = 0; i < prefix->len; i++) {
        ch = ngx_tolower(prefix->data[i]);

        if (!(ch >= 'a' && ch <= 'z') && !(ch >= '0' && ch <= '9')
            && ch != '-' && ch != '_' && ch != '.' && ch != ':')
        {
            return 0;
        }
    }

    return prefix->len > 0 && prefix->len <= OAUTHCC_STORE_BLOCK_LONGEST;
}


ngx_int_t
oauthcc_store_block_finish(ngx_conf_t *cf, ngx_http_oauthcc_main_conf_t *omcf)
{
    ngx_str_t             name;
    ngx_uint_t            i;
    ngx_shm_zone_t       *zone;
    oauthcc_provider_t  **provider;

    if (omcf->store == NULL) {
        return NGX_OK;
    }

    if (oauthcc_store_block_resolve(cf, omcf->store) != NGX_OK) {
        return NGX_ERROR;
    }

    oauthcc_store_block_warn(cf, omcf->store);

    ngx_str_set(&name, "oauthcc_store");

    zone = ngx_shared_memory_add(cf, &name, OAUTHCC_STORE_SHARED_ZONE,
                                 &ngx_http_oauthcc_module);
    if (zone == NULL) {
        return NGX_ERROR;
    }

    zone->init = oauthcc_store_shared_init;
    zone->data = omcf->store;

    provider = omcf->providers.elts;

    for (i = 0; i < omcf->providers.nelts; i++) {
        provider[i]->store = oauthcc_store_block_of(cf, provider[i],
                                                    omcf->store);
    }

    return NGX_OK;
}


/* The store of a provider, if it has any. */

static oauthcc_store_t *
oauthcc_store_block_of(ngx_conf_t *cf, oauthcc_provider_t *provider,
    oauthcc_store_t *store)
{
    if (!provider->use_store) {
        return NULL;
    }

    /* a token that is bound to a key of this gateway is no other's */

    if (provider->dpop.on && provider->dpop.key == NULL) {
        ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                      "oauthcc provider \"%V\" has \"dpop on\" and no "
                      "\"dpop_key\", so its tokens are not shared through "
                      "\"oauthcc_store\": set \"dpop_key\" to the same key on "
                      "all gateways, or \"store off\", in the block that "
                      "begins in %V:%ui",
                      &provider->name, &provider->file, provider->line);
        return NULL;
    }

    return store;
}


/* Without a "resolver" of its own it has that of http{}. */

static ngx_int_t
oauthcc_store_block_resolve(ngx_conf_t *cf, oauthcc_store_t *store)
{
    ngx_uint_t                 i;
    oauthcc_store_server_t    *server;
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (store->resolver == NULL
        && clcf->resolver && clcf->resolver->connections.nelts)
    {
        store->resolver = clcf->resolver;
        store->resolver_timeout = clcf->resolver_timeout;
    }

    server = store->servers.elts;

    for (i = 0; i < store->servers.nelts; i++) {
        if (oauthcc_store_server_resolve(cf, store, &server[i]) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static void
oauthcc_store_block_warn(ngx_conf_t *cf, oauthcc_store_t *store)
{
    ngx_uint_t               i;
    oauthcc_store_server_t  *server;

    if (store->password.text.len == 0) {
        return;
    }

    server = store->servers.elts;

    for (i = 0; i < store->servers.nelts; i++) {

        if (!server[i].tls && !server[i].local) {
            ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                          "the password of \"oauthcc_store\" is sent to "
                          "\"%V\" in clear text: use \"rediss://\", in the "
                          "block that begins in %V:%ui", &server[i].url,
                          &store->file, store->line);
            return;
        }
    }
}
