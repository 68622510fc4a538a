
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "conf/oauthcc_provider_dpop.h"
#include "conf/oauthcc_block.h"
#include "conf/oauthcc_block_refuse.h"
#include "core/oauthcc_redact_url.h"
#include "core/oauthcc_text.h"
#include "dpop/oauthcc_proof_key.h"
#include "dpop/oauthcc_proof_uri.h"
#include "http/oauthcc_url.h"


static char *oauthcc_provider_dpop_off(ngx_conf_t *cf,
    oauthcc_provider_t *provider);
static char *oauthcc_provider_dpop_key(ngx_conf_t *cf,
    oauthcc_provider_t *provider);
static ngx_int_t oauthcc_provider_dpop_read(ngx_conf_t *cf,
    oauthcc_provider_t *provider, ngx_str_t *err);
static ngx_uint_t oauthcc_provider_dpop_placed(
    oauthcc_placements_t *placements);
static void oauthcc_provider_dpop_cleanup(void *data);
static char *oauthcc_provider_dpop_endpoint(ngx_conf_t *cf,
    oauthcc_provider_t *provider);


/* "dpop_key" alone says which key there would be */

static char  *oauthcc_provider_dpop_directives[] = {
    "dpop_key", "dpop_key_password", "dpop_alg", "dpop_uri", NULL
};


char *
oauthcc_provider_dpop_check(ngx_conf_t *cf, oauthcc_provider_t *provider)
{
    ngx_uint_t            i;
    oauthcc_named_t      *header;
    oauthcc_dpop_conf_t  *dpop;

    dpop = &provider->dpop;

    if (!dpop->on) {
        return oauthcc_provider_dpop_off(cf, provider);
    }

    if (provider->grant.token_type.len) {
        return oauthcc_block_refuse(cf, provider, "\"token_type\" conflicts "
                                    "with \"dpop on\", which accepts tokens "
                                    "of the type DPoP only");
    }

    header = provider->grant.headers.elts;

    for (i = 0; i < provider->grant.headers.nelts; i++) {
        if (oauthcc_text_iis(&header[i].name, "DPoP")) {
            return oauthcc_block_refuse(cf, provider, "\"header DPoP\" "
                                        "conflicts with \"dpop on\", which "
                                        "sends that header");
        }
    }

    if (dpop->key_file.text.data == NULL) {

        if (dpop->key_password.text.data || dpop->alg.len) {
            return oauthcc_block_refuse(cf, provider, "\"dpop_key_password\" "
                                        "and \"dpop_alg\" have no effect "
                                        "without \"dpop_key\"");
        }

    } else if (oauthcc_provider_dpop_key(cf, provider) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    return oauthcc_provider_dpop_endpoint(cf, provider);
}


char *
oauthcc_provider_dpop_uri(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_oauthcc_loc_conf_t *olcf = conf;

    char                 *rv;
    ngx_str_t             root, *url;
    oauthcc_proof_uri_t   uri;

    rv = ngx_http_set_complex_value_slot(cf, cmd, conf);

    if (rv != NGX_CONF_OK || olcf->dpop_uri->lengths) {
        return rv;
    }

    /* without variables the value is known now */

    url = &olcf->dpop_uri->value;
    ngx_str_set(&root, "/");

    switch (oauthcc_proof_uri_read(cf->pool, url, &root, &uri)) {

    case NGX_OK:
        return NGX_CONF_OK;

    case NGX_DECLINED:
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"oauthcc_dpop_uri %V\" does not begin with "
                           "http:// or https:// and a host",
                           oauthcc_redact_url(cf->pool, url));

        /* fall through */

    default: /* NGX_ERROR */
        return NGX_CONF_ERROR;
    }
}


/* Whether "oauthcc_header" puts the token into the header of the proof. */

static ngx_uint_t
oauthcc_provider_dpop_placed(oauthcc_placements_t *placements)
{
    ngx_uint_t            i;
    oauthcc_placement_t  *header;

    header = placements->headers.elts;

    for (i = 0; i < placements->headers.nelts; i++) {
        if (oauthcc_text_iis(&header[i].name, "DPoP")) {
            return 1;
        }
    }

    return 0;
}


ngx_int_t
oauthcc_provider_dpop_location(ngx_conf_t *cf,
    ngx_http_oauthcc_loc_conf_t *olcf, ngx_uint_t gate)
{
    oauthcc_binding_t  *binding;

    binding = olcf->binding;

    if (binding->provider == NULL || !binding->provider->dpop.on) {
        return NGX_OK;
    }

    if (olcf->placements && oauthcc_provider_dpop_placed(olcf->placements)) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"oauthcc_header DPoP\" conflicts with \"dpop on\" of "
                      "oauthcc provider \"%V\", which sends that header, for "
                      "the \"oauthcc\" directive in %V:%ui",
                      &binding->provider->name, &binding->file, binding->line);
        return NGX_ERROR;
    }

    if (gate == OAUTHCC_INJECT_PROXY || olcf->dpop_uri) {
        return NGX_OK;
    }

    ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                  "no \"oauthcc_dpop_uri\", which \"dpop on\" of oauthcc "
                  "provider \"%V\" needs in a location without "
                  "\"proxy_pass\", for the \"oauthcc\" directive in %V:%ui",
                  &binding->provider->name, &binding->file, binding->line);

    return NGX_ERROR;
}


static char *
oauthcc_provider_dpop_off(ngx_conf_t *cf, oauthcc_provider_t *provider)
{
    char  **name;

    for (name = oauthcc_provider_dpop_directives; *name; name++) {

        if (oauthcc_block_has(provider, *name)) {
            ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                          "\"%s\" has no effect without \"dpop on\", in the "
                          "block that begins in %V:%ui", *name,
                          &provider->file, provider->line);
        }
    }

    return NGX_CONF_OK;
}


static char *
oauthcc_provider_dpop_key(ngx_conf_t *cf, oauthcc_provider_t *provider)
{
    ngx_int_t             rc;
    ngx_str_t             err, text;
    oauthcc_dpop_conf_t  *dpop;

    dpop = &provider->dpop;

    rc = oauthcc_provider_dpop_read(cf, provider, &err);

    if (rc == NGX_DECLINED) {
        return oauthcc_block_refuse(cf, provider, "\"dpop_key\": file \"%V\" "
                                    "%V", &dpop->key_file.source, &err);
    }

    if (rc != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    if (dpop->key->alg->family != OAUTHCC_SIGNING_KEY_ED
        && !oauthcc_text_is(&dpop->key->alg->name, "ES256"))
    {
        ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                      "\"dpop_key\": %V takes ten times the CPU time of "
                      "ES256 or more, for each request; a P-256 key is "
                      "better, in the block that begins in %V:%ui",
                      &dpop->key->alg->name, &provider->file, provider->line);
    }

    /* it is not read again: a token is bound to the key that it was got by */

    text = dpop->key_file.text;
    ngx_explicit_memzero(text.data, text.len);

    dpop->key_file.text.len = 0;
    dpop->key_file.type = OAUTHCC_VALUE_LITERAL;
    dpop->key_password.type = OAUTHCC_VALUE_LITERAL;

    return NGX_CONF_OK;
}


static ngx_int_t
oauthcc_provider_dpop_read(ngx_conf_t *cf, oauthcc_provider_t *provider,
    ngx_str_t *err)
{
    ngx_int_t             rc;
    ngx_pool_cleanup_t   *cln;
    oauthcc_dpop_conf_t  *dpop;

    dpop = &provider->dpop;

    cln = ngx_pool_cleanup_add(cf->pool, sizeof(oauthcc_signing_key_t));
    if (cln == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(cln->data, sizeof(oauthcc_signing_key_t));
    cln->handler = oauthcc_provider_dpop_cleanup;

    rc = oauthcc_signing_key_read(cf->pool, &dpop->key_file.text,
                                  &dpop->key_password.text, &dpop->alg, "dpop",
                                  cln->data, err);
    if (rc != NGX_OK) {
        return rc;
    }

    dpop->key = cln->data;

    dpop->thumbprint.len = OAUTHCC_JWK_THUMBPRINT_LEN;
    dpop->thumbprint.data = ngx_pnalloc(cf->pool, OAUTHCC_JWK_THUMBPRINT_LEN);

    if (dpop->thumbprint.data == NULL) {
        return NGX_ERROR;
    }

    return oauthcc_proof_key_thumbprint(dpop->key, dpop->thumbprint.data);
}


static void
oauthcc_provider_dpop_cleanup(void *data)
{
    oauthcc_signing_key_free(data);
}


/* What a proof for a token request will say has to be a URL. */

static char *
oauthcc_provider_dpop_endpoint(ngx_conf_t *cf, oauthcc_provider_t *provider)
{
    ngx_str_t             none;
    oauthcc_proof_uri_t   uri;
    oauthcc_dpop_conf_t  *dpop;

    dpop = &provider->dpop;

    if (dpop->uri.len == 0) {

        if (provider->endpoint.url->local) {
            return oauthcc_block_refuse(cf, provider, "no \"dpop_uri\", which "
                                        "\"dpop on\" needs with a unix socket "
                                        "as the token endpoint");
        }

        return NGX_CONF_OK;
    }

    ngx_str_null(&none);

    switch (oauthcc_proof_uri_read(cf->pool, &dpop->uri, &none, &uri)) {

    case NGX_OK:
        return NGX_CONF_OK;

    case NGX_DECLINED:
        return oauthcc_block_refuse(cf, provider, "\"dpop_uri %V\" does not "
                                    "begin with http:// or https:// and a "
                                    "host",
                                    oauthcc_redact_url(cf->pool, &dpop->uri));

    default: /* NGX_ERROR */
        return NGX_CONF_ERROR;
    }
}
