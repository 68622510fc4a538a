
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "conf/oauthcc_client_certificates.h"
#include "core/oauthcc_text.h"
#include "upstream/oauthcc_context.h"


extern ngx_module_t  ngx_http_oauthcc_module;


/* a module that connects to upstreams with TLS: proxy, gRPC, uwsgi */

typedef struct {
    ngx_module_t   *module;
    ngx_command_t  *reuse;  /* *_ssl_session_reuse */
    ngx_command_t  *protocols; /* *_ssl_protocols */
} oauthcc_client_certificates_module_t;


/* a location that connects to an upstream with TLS */

typedef struct {
    ngx_http_upstream_srv_conf_t  *upstream;
    ngx_http_upstream_conf_t      *conf;
    ngx_http_core_loc_conf_t      *location;
    oauthcc_binding_t             *binding;  /* NULL: without oauthcc */
    ngx_command_t                 *reuse;
} oauthcc_client_certificates_pass_t;


static ngx_uint_t oauthcc_client_certificates_module(ngx_module_t *module,
    oauthcc_client_certificates_module_t *found);
static ngx_command_t *oauthcc_client_certificates_command(ngx_module_t *module,
    char *suffix);
static ngx_int_t oauthcc_client_certificates_add(ngx_array_t *passes,
    void **loc_conf, oauthcc_client_certificates_module_t *module);
static ngx_uint_t oauthcc_client_certificates_tls(u_char *conf,
    ngx_http_upstream_conf_t *ucf,
    oauthcc_client_certificates_module_t *module);
static int ngx_libc_cdecl oauthcc_client_certificates_cmp(const void *one,
    const void *two);
static void oauthcc_client_certificates_upstream(ngx_conf_t *cf,
    oauthcc_client_certificates_pass_t *pass, ngx_uint_t n);
static void oauthcc_client_certificates_warn(ngx_conf_t *cf,
    oauthcc_client_certificates_pass_t *pass, ngx_uint_t n,
    ngx_uint_t sessions);
static ngx_uint_t oauthcc_client_certificates_kept(ngx_conf_t *cf,
    ngx_http_upstream_srv_conf_t *upstream);
static ngx_uint_t oauthcc_client_certificates_alike(
    oauthcc_client_certificates_pass_t *one,
    oauthcc_client_certificates_pass_t *two);
static ngx_str_t *oauthcc_client_certificates_text(
    oauthcc_client_certificates_pass_t *pass);


static ngx_str_t  oauthcc_client_certificates_none = ngx_string("");


ngx_int_t
oauthcc_client_certificates_note(ngx_conf_t *cf)
{
    void                        ***noted;
    ngx_http_conf_ctx_t           *ctx;
    ngx_http_oauthcc_main_conf_t  *omcf;

    omcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_oauthcc_module);

    if (omcf->bindings.nelts == 0) {
        return NGX_OK;
    }

    /* Lua merges locations of its own in each worker */

    if (omcf->merged) {
        return NGX_OK;
    }

    if (omcf->locations.elts == NULL
        && ngx_array_init(&omcf->locations, cf->temp_pool, 16, sizeof(void **))
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    noted = ngx_array_push(&omcf->locations);
    if (noted == NULL) {
        return NGX_ERROR;
    }

    ctx = cf->ctx;
    *noted = ctx->loc_conf;

    return NGX_OK;
}


ngx_int_t
oauthcc_client_certificates_check(ngx_conf_t *cf,
    ngx_http_oauthcc_main_conf_t *omcf)
{
    void                               ***noted;
    ngx_uint_t                            i, n, first;
    ngx_array_t                           passes;
    oauthcc_client_certificates_pass_t   *pass;
    oauthcc_client_certificates_module_t  module;

    if (ngx_array_init(&passes, cf->temp_pool, 16,
                       sizeof(oauthcc_client_certificates_pass_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    noted = omcf->locations.elts;

    for (i = 0; cf->cycle->modules[i]; i++) {

        if (!oauthcc_client_certificates_module(cf->cycle->modules[i],
                                                &module))
        {
            continue;
        }

        for (n = 0; n < omcf->locations.nelts; n++) {
            if (oauthcc_client_certificates_add(&passes, noted[n], &module)
                != NGX_OK)
            {
                return NGX_ERROR;
            }
        }
    }

    /* sort locations of the same upstream side by side */

    pass = passes.elts;

    ngx_qsort(pass, passes.nelts, sizeof(oauthcc_client_certificates_pass_t),
              oauthcc_client_certificates_cmp);

    for (first = 0; first < passes.nelts; first += n) {

        for (n = 1; first + n < passes.nelts; n++) {
            if (pass[first + n].upstream != pass[first].upstream) {
                break;
            }
        }

        oauthcc_client_certificates_upstream(cf, &pass[first], n);
    }

    omcf->merged = 1;

    return NGX_OK;
}


/*
 * The configurations of these modules are private except for their upstream
 * part, whose offset is known by the directive that sets a field of it.
 */

static ngx_uint_t
oauthcc_client_certificates_module(ngx_module_t *module,
    oauthcc_client_certificates_module_t *found)
{
    if (module->type != NGX_HTTP_MODULE || module->commands == NULL) {
        return 0;
    }

    found->module = module;
    found->reuse = oauthcc_client_certificates_command(module,
                                                       "_ssl_session_reuse");
    found->protocols = oauthcc_client_certificates_command(module,
                                                           "_ssl_protocols");

    return found->reuse && found->protocols;
}


static ngx_command_t *
oauthcc_client_certificates_command(ngx_module_t *module, char *suffix)
{
    size_t          len;
    ngx_command_t  *cmd;

    len = ngx_strlen(suffix);

    for (cmd = module->commands; cmd->name.len; cmd++) {

        if ((cmd->type & NGX_HTTP_LOC_CONF)
            && cmd->conf == NGX_HTTP_LOC_CONF_OFFSET
            && cmd->name.len > len
            && ngx_strcmp(cmd->name.data + cmd->name.len - len, suffix) == 0)
        {
            return cmd;
        }
    }

    return NULL;
}


static ngx_int_t
oauthcc_client_certificates_add(ngx_array_t *passes, void **loc_conf,
    oauthcc_client_certificates_module_t *module)
{
    u_char                              *conf;
    ngx_http_upstream_conf_t            *ucf;
    ngx_http_oauthcc_loc_conf_t         *olcf;
    oauthcc_client_certificates_pass_t  *pass;

    conf = loc_conf[module->module->ctx_index];

    ucf = (ngx_http_upstream_conf_t *)
              (conf + module->reuse->offset
               - offsetof(ngx_http_upstream_conf_t, ssl_session_reuse));

    /* an upstream named by variables is not known */

    if (ucf->upstream == NULL
        || !oauthcc_client_certificates_tls(conf, ucf, module))
    {
        return NGX_OK;
    }

    pass = ngx_array_push(passes);
    if (pass == NULL) {
        return NGX_ERROR;
    }

    olcf = loc_conf[ngx_http_oauthcc_module.ctx_index];

    pass->upstream = ucf->upstream;
    pass->conf = ucf;
    pass->location = loc_conf[ngx_http_core_module.ctx_index];
    pass->binding = olcf->binding;
    pass->reuse = module->reuse;

    return NGX_OK;
}


/*
 * Up to nginx 1.23.0 only locations with TLS have a context.  Since then
 * others may share one, and the flag for TLS precedes the field of the
 * protocols.
 */

static ngx_uint_t
oauthcc_client_certificates_tls(u_char *conf, ngx_http_upstream_conf_t *ucf,
    oauthcc_client_certificates_module_t *module)
{
#if (nginx_version >= 1023001)
    ngx_uint_t  ssl;

    ssl = *(ngx_uint_t *) (conf + module->protocols->offset
                           - sizeof(ngx_uint_t));

    /* any other number is another field */

    return ssl == 0 ? 0 : ssl == 1 || ucf->ssl->ctx != NULL;
#else
    return ucf->ssl != NULL;
#endif
}


static int ngx_libc_cdecl
oauthcc_client_certificates_cmp(const void *one, const void *two)
{
    const oauthcc_client_certificates_pass_t  *a, *b;

    a = one;
    b = two;

    if (a->upstream == b->upstream) {
        return 0;
    }

    return a->upstream < b->upstream ? -1 : 1;
}


static void
oauthcc_client_certificates_upstream(ngx_conf_t *cf,
    oauthcc_client_certificates_pass_t *pass, ngx_uint_t n)
{
    oauthcc_client_certificates_warn(cf, pass, n, 1);

    if (oauthcc_client_certificates_kept(cf, pass->upstream)) {
        oauthcc_client_certificates_warn(cf, pass, n, 0);
    }
}


/* Warns once per upstream, however many locations use it. */

static void
oauthcc_client_certificates_warn(ngx_conf_t *cf,
    oauthcc_client_certificates_pass_t *pass, ngx_uint_t n,
    ngx_uint_t sessions)
{
    ngx_uint_t                           i;
    oauthcc_client_certificates_pass_t  *one, *two;

    one = NULL;

    for (i = 0; i < n; i++) {
        if (pass[i].binding
            && (!sessions || pass[i].conf->ssl_session_reuse))
        {
            one = &pass[i];
            break;
        }
    }

    if (one == NULL) {
        return;
    }

    two = NULL;

    for (i = 0; i < n; i++) {
        if ((!sessions || pass[i].conf->ssl_session_reuse)
            && !oauthcc_client_certificates_alike(one, &pass[i]))
        {
            two = &pass[i];
            break;
        }
    }

    if (two == NULL) {
        return;
    }

    if (sessions) {
        ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                      "location \"%V\" has another client certificate for "
                      "upstream \"%V\" than location \"%V\", or one of both "
                      "has none, and may resume its TLS sessions: set \"%V "
                      "off\", for the \"oauthcc\" directive in %V:%ui",
                      &one->location->name, &one->upstream->host,
                      &two->location->name, &one->reuse->name,
                      &one->binding->file, one->binding->line);
        return;
    }

    ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                  "location \"%V\" has another client certificate for "
                  "upstream \"%V\" than location \"%V\", or one of both has "
                  "none, and may share its keepalive connections: give "
                  "each an upstream of its own, for the \"oauthcc\" directive "
                  "in %V:%ui",
                  &one->location->name, &one->upstream->host,
                  &two->location->name, &one->binding->file,
                  one->binding->line);
}


/*
 * Whether an upstream{} keeps connections for all locations.  The structure is
 * that of ngx_http_upstream_keepalive_module.
 */

static ngx_uint_t
oauthcc_client_certificates_kept(ngx_conf_t *cf,
    ngx_http_upstream_srv_conf_t *upstream)
{
    ngx_uint_t      i;
    ngx_command_t  *cmd;

    struct {
        ngx_uint_t                      max_cached;
        ngx_uint_t                      requests;
        ngx_msec_t                      time;
        ngx_msec_t                      timeout;
        ngx_queue_t                     cache;
        ngx_queue_t                     free;
        ngx_http_upstream_init_peer_pt  original_init_peer;
        ngx_uint_t                      local;
    } *kept;

    if (upstream->srv_conf == NULL) {
        return 0;
    }

    for (i = 0; cf->cycle->modules[i]; i++) {

        if (cf->cycle->modules[i]->type != NGX_HTTP_MODULE
            || cf->cycle->modules[i]->commands == NULL)
        {
            continue;
        }

        cmd = cf->cycle->modules[i]->commands;

        if (!(cmd->type & NGX_HTTP_UPS_CONF)
            || ngx_strcmp(cmd->name.data, "keepalive") != 0)
        {
            continue;
        }

        kept = upstream->srv_conf[cf->cycle->modules[i]->ctx_index];

#if (nginx_version >= 1029007)

        /* kept for the location that made them only */

        if (kept->local) {
            return 0;
        }
#endif

        return kept->max_cached != 0;
    }

    return 0;
}


static ngx_uint_t
oauthcc_client_certificates_alike(oauthcc_client_certificates_pass_t *one,
    oauthcc_client_certificates_pass_t *two)
{
    return oauthcc_text_eq(oauthcc_client_certificates_text(one),
                           oauthcc_client_certificates_text(two));
}


/*
 * Compares the text of values with variables; an empty one is no certificate.
 */

static ngx_str_t *
oauthcc_client_certificates_text(oauthcc_client_certificates_pass_t *pass)
{
    ngx_http_complex_value_t  *value;

    value = pass->conf->ssl_certificate;

    return value ? &value->value : &oauthcc_client_certificates_none;
}
