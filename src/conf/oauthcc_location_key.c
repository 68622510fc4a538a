
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "conf/oauthcc_location_key.h"
#include "core/oauthcc_main_conf.h"


extern ngx_module_t  ngx_http_oauthcc_module;


static uint32_t oauthcc_location_key_listens(ngx_http_core_main_conf_t *cmcf,
    ngx_http_core_srv_conf_t *cscf);


uint32_t
oauthcc_location_key(ngx_conf_t *cf, uint32_t parent)
{
    u_char                         kind;
    uint32_t                       hash;
    ngx_http_conf_ctx_t           *ctx;
    ngx_http_core_loc_conf_t      *clcf;
    ngx_http_core_srv_conf_t      *cscf;
    ngx_http_core_main_conf_t     *cmcf;
    ngx_http_oauthcc_main_conf_t  *omcf;

    ctx = cf->ctx;
    omcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_oauthcc_module);
    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    cscf = ngx_http_conf_get_module_srv_conf(cf, ngx_http_core_module);

    /* an "if" or "limit_except" has the key of its location */

    if (clcf->noname) {
        return parent;
    }

    if (omcf->bindings.nelts == 0) {
        return 1;
    }

    ngx_crc32_init(hash);

    if (cscf->ctx && cscf->ctx->loc_conf == ctx->loc_conf) {
        cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

        parent = oauthcc_location_key_listens(cmcf, cscf);

        ngx_crc32_update(&hash, cscf->server_name.data,
                         cscf->server_name.len);
    }

    kind = clcf->exact_match | clcf->noregex << 1 | clcf->named << 2;

#if (NGX_PCRE)
    kind |= (clcf->regex != NULL) << 3;
#endif

    ngx_crc32_update(&hash, (u_char *) &parent, sizeof(uint32_t));
    ngx_crc32_update(&hash, &kind, 1);
    ngx_crc32_update(&hash, clcf->name.data, clcf->name.len);

    ngx_crc32_final(hash);

    return hash ? hash : 1;
}


/* The addresses of a server, in any order. */

static uint32_t
oauthcc_location_key_listens(ngx_http_core_main_conf_t *cmcf,
    ngx_http_core_srv_conf_t *cscf)
{
    uint32_t                    sum;
    ngx_uint_t                  p, a, s;
    ngx_http_conf_port_t       *port;
    ngx_http_conf_addr_t       *addr;
    ngx_http_core_srv_conf_t  **server;

    sum = 0;

    if (cmcf->ports == NULL) {
        return 0;
    }

    port = cmcf->ports->elts;

    for (p = 0; p < cmcf->ports->nelts; p++) {
        addr = port[p].addrs.elts;

        for (a = 0; a < port[p].addrs.nelts; a++) {
            server = addr[a].servers.elts;

            for (s = 0; s < addr[a].servers.nelts; s++) {

                if (server[s] == cscf) {
                    sum += ngx_crc32_short(addr[a].opt.addr_text.data,
                                           addr[a].opt.addr_text.len);
                    break;
                }
            }
        }
    }

    return sum;
}
