
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "conf/oauthcc_upstream_tls.h"
#include "conf/oauthcc_nginx_directive.h"
#include "core/oauthcc_redact_url.h"
#include "core/oauthcc_text.h"


/* a directive while it is recorded: its command is nginx's own */

typedef struct {
    char           *name;
    char           *scheme;   /* of TLS; NULL: it has none */
    char           *verify;   /* what verifies the server */
    char           *timeout;  /* nginx's own part of its configuration */
    ngx_command_t  *cmd;
    char                             *(*set)(ngx_conf_t *cf,
                                             ngx_command_t *cmd, void *conf);
} oauthcc_upstream_tls_pass_t;


extern ngx_module_t  ngx_http_oauthcc_module;


static char *oauthcc_upstream_tls_set(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *oauthcc_upstream_tls_fault(ngx_conf_t *cf,
    oauthcc_upstream_tls_pass_t *pass, ngx_str_t *url);
static ngx_uint_t oauthcc_upstream_tls_local(
    ngx_http_upstream_srv_conf_t *uscf);
static ngx_uint_t oauthcc_upstream_tls_loopback(struct sockaddr *sockaddr);


/* in the order of gates */

static oauthcc_upstream_tls_pass_t  oauthcc_upstream_tls_passes[] = {
    { "proxy_pass", "https://", "proxy_ssl_verify",
      "proxy_connect_timeout", NULL, NULL },
    { "grpc_pass", "grpcs://", "grpc_ssl_verify",
      "grpc_connect_timeout", NULL, NULL },
    { "fastcgi_pass", NULL, NULL, "fastcgi_connect_timeout", NULL, NULL },
    { "uwsgi_pass", "suwsgi://", "uwsgi_ssl_verify",
      "uwsgi_connect_timeout", NULL, NULL },
    { "scgi_pass", NULL, NULL, "scgi_connect_timeout", NULL, NULL },
    { NULL, NULL, NULL, NULL, NULL, NULL }
};


/* in the order of upstream_tls_e */

static char  *oauthcc_upstream_tls_policies[] = {
    "warn", "allow", "deny", NULL
};


char *
oauthcc_upstream_tls_directive(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_oauthcc_loc_conf_t *olcf = conf;

    ngx_str_t   *value;
    ngx_uint_t   i;

    if (olcf->insecure != NGX_CONF_UNSET_UINT) {
        return "is duplicate";
    }

    value = cf->args->elts;

    for (i = 0; oauthcc_upstream_tls_policies[i]; i++) {

        if (oauthcc_text_is(&value[1], oauthcc_upstream_tls_policies[i])) {
            olcf->insecure = i;
            return NGX_CONF_OK;
        }
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid value \"%V\" in "
                       "\"oauthcc_insecure_upstream\", it must be "
                       "\"warn\", \"allow\" or \"deny\"",
                       oauthcc_redact_url_text(cf->pool, &value[1]));

    return NGX_CONF_ERROR;
}


/*
 * nginx does not keep whether a URL was of http or https where others can see
 * it.  The function of a command is put back as that of a cache key is.
 */

ngx_int_t
oauthcc_upstream_tls_record(ngx_conf_t *cf)
{
    ngx_module_t                 *module;
    ngx_command_t                *cmd;
    ngx_pool_cleanup_t           *cln;
    oauthcc_upstream_tls_pass_t  *pass;

    oauthcc_upstream_tls_end(NULL);

    cln = ngx_pool_cleanup_add(cf->temp_pool, 0);
    if (cln == NULL) {
        return NGX_ERROR;
    }

    cln->handler = oauthcc_upstream_tls_end;

    for (pass = oauthcc_upstream_tls_passes; pass->name; pass++) {

        cmd = oauthcc_nginx_directive_find(cf, pass->name, &module);
        if (cmd == NULL) {
            continue;
        }

        pass->cmd = cmd;
        pass->set = cmd->set;
        cmd->set = oauthcc_upstream_tls_set;
    }

    return NGX_OK;
}


void
oauthcc_upstream_tls_end(void *data)
{
    oauthcc_upstream_tls_pass_t  *pass;

    for (pass = oauthcc_upstream_tls_passes; pass->name; pass++) {

        if (pass->cmd) {
            pass->cmd->set = pass->set;
            pass->cmd = NULL;
        }
    }
}


static char *
oauthcc_upstream_tls_set(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t                    *value;
    oauthcc_upstream_tls_pass_t  *pass;
    ngx_http_oauthcc_loc_conf_t  *olcf;

    pass = oauthcc_upstream_tls_passes;

    while (pass->cmd != cmd) {
        pass++;
    }

    value = cf->args->elts;
    olcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_oauthcc_module);

    olcf->pass = value[1];
    olcf->pass_file = cf->conf_file->file.name;
    olcf->pass_line = cf->conf_file->line;

    return pass->set(cf, cmd, conf);
}


ngx_int_t
oauthcc_upstream_tls_check(ngx_conf_t *cf, ngx_http_oauthcc_loc_conf_t *olcf,
    ngx_uint_t gate)
{
    char                         *fault;
    ngx_uint_t                    deny, level;
    oauthcc_upstream_tls_pass_t  *pass;

    if (olcf->insecure == OAUTHCC_UPSTREAM_TLS_ALLOW || olcf->pass.len == 0) {
        return NGX_OK;
    }

    pass = &oauthcc_upstream_tls_passes[gate];

    fault = oauthcc_upstream_tls_fault(cf, pass, &olcf->pass);

    if (fault == NULL) {
        return NGX_OK;
    }

    deny = (olcf->insecure == OAUTHCC_UPSTREAM_TLS_DENY);
    level = deny ? NGX_LOG_EMERG : NGX_LOG_WARN;

    ngx_log_error(level, cf->log, 0,
                  "\"%s %V\" in %V:%ui would send a token to another machine "
                  "%s, see \"oauthcc_insecure_upstream\"",
                  pass->name, oauthcc_redact_url_text(cf->pool, &olcf->pass),
                  &olcf->pass_file, olcf->pass_line, fault);

    return deny ? NGX_ERROR : NGX_OK;
}


/* NULL if the token is as safe as can be seen. */

static char *
oauthcc_upstream_tls_fault(ngx_conf_t *cf, oauthcc_upstream_tls_pass_t *pass,
    ngx_str_t *url)
{
    u_char                    *timeout;
    ngx_flag_t                *verify;
    ngx_http_conf_ctx_t       *ctx;
    ngx_http_upstream_conf_t  *conf;

    ctx = cf->ctx;

    timeout = oauthcc_nginx_directive_value(cf, pass->timeout, ctx->loc_conf);
    if (timeout == NULL) {
        return NULL;
    }

    conf = (ngx_http_upstream_conf_t *)
               (timeout - offsetof(ngx_http_upstream_conf_t, connect_timeout));

    /* NULL if the URL has variables, which may be any other machine */

    if (conf->upstream && oauthcc_upstream_tls_local(conf->upstream)) {
        return NULL;
    }

    if (pass->scheme && ngx_strncasecmp(url->data, (u_char *) pass->scheme,
                                        ngx_strlen(pass->scheme))
                        == 0)
    {
        verify = oauthcc_nginx_directive_value(cf, pass->verify,
                                               ctx->loc_conf);

        return (verify && *verify != 1)
               ? "whose certificate is not verified" : NULL;
    }

    /* what it will be is known at run time only */

    if (url->data[0] == '$' || oauthcc_text_ibegins(url, "unix:")) {
        return NULL;
    }

    return "in clear text";
}


/* Whether all servers are on this machine. */

static ngx_uint_t
oauthcc_upstream_tls_local(ngx_http_upstream_srv_conf_t *uscf)
{
    ngx_uint_t                   i, j;
    ngx_http_upstream_server_t  *server;

    if (uscf->servers == NULL) {

        /* a name with several addresses */

        return oauthcc_text_iis(&uscf->host, "localhost");
    }

    server = uscf->servers->elts;

    for (i = 0; i < uscf->servers->nelts; i++) {

        if (server[i].naddrs == 0) {
            return 0;
        }

        for (j = 0; j < server[i].naddrs; j++) {

            if (!oauthcc_upstream_tls_loopback(server[i].addrs[j].sockaddr)) {
                return 0;
            }
        }
    }

    return 1;
}


static ngx_uint_t
oauthcc_upstream_tls_loopback(struct sockaddr *sockaddr)
{
    struct sockaddr_in   *sin;
#if (NGX_HAVE_INET6)
    struct sockaddr_in6  *sin6;
#endif

    switch (sockaddr->sa_family) {

#if (NGX_HAVE_UNIX_DOMAIN)
    case AF_UNIX:
        return 1;
#endif

#if (NGX_HAVE_INET6)
    case AF_INET6:
        sin6 = (struct sockaddr_in6 *) sockaddr;

        return IN6_IS_ADDR_LOOPBACK(&sin6->sin6_addr);
#endif

    default: /* AF_INET */
        sin = (struct sockaddr_in *) sockaddr;

        return ntohl(sin->sin_addr.s_addr) >> 24 == 127;
    }
}
