
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_main_conf.h"


oauthcc_provider_t *
oauthcc_main_conf_provider(ngx_http_oauthcc_main_conf_t *omcf, ngx_str_t *name)
{
    uint32_t         hash;
    ngx_str_node_t  *sn;

    hash = ngx_crc32_short(name->data, name->len);

    sn = ngx_str_rbtree_lookup(&omcf->names, name, hash);

    if (sn == NULL) {
        return NULL;
    }

    return (oauthcc_provider_t *)
               ((u_char *) sn - offsetof(oauthcc_provider_t, sn));
}
