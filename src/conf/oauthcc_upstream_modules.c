
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "conf/oauthcc_upstream_modules.h"
#include "conf/oauthcc_nginx_directive.h"


#if (NGX_HTTP_CACHE)

/* directives of what nginx's own part of a configuration has, by gate */

static char  *oauthcc_upstream_modules_valid[OAUTHCC_GATES] = {
    "proxy_cache_valid",
    NULL,
    "fastcgi_cache_valid",
    "uwsgi_cache_valid",
    "scgi_cache_valid"
};

#endif


void
oauthcc_upstream_modules_learn(ngx_conf_t *cf,
    ngx_http_oauthcc_main_conf_t *omcf, ngx_uint_t gate,
    ngx_http_handler_pt handler)
{
#if (NGX_HTTP_CACHE)
    ngx_module_t   *module;
    ngx_command_t  *cmd;
#endif
    oauthcc_upstream_modules_t  *passing;

    passing = &omcf->passing[gate];
    passing->handler = handler;

#if (NGX_HTTP_CACHE)

    if (handler == NULL || oauthcc_upstream_modules_valid[gate] == NULL) {
        return;
    }

    cmd = oauthcc_nginx_directive_find(cf,
                                       oauthcc_upstream_modules_valid[gate],
                                       &module);
    if (cmd == NULL) {
        return;
    }

    passing->index = module->ctx_index;
    passing->conf = cmd->offset - offsetof(ngx_http_upstream_conf_t,
                                           cache_valid);
    passing->caches = 1;

#endif
}


void
oauthcc_upstream_modules_join(ngx_http_core_loc_conf_t *clcf,
    ngx_http_handler_pt gate, ngx_http_oauthcc_loc_conf_t *prev,
    ngx_http_oauthcc_loc_conf_t *conf)
{
    ngx_http_oauthcc_loc_conf_t  *family, *member;

    conf->gate = gate;
    conf->handler = gate ? &clcf->handler : NULL;
    conf->family = conf;

    if (clcf->noname) {
        conf->family = prev->family;
        conf->next = prev->family->next;
        prev->family->next = conf;

        if (clcf->handler == NULL) {

            /* an "if" or "limit_except" runs the handler of its location */

            conf->gate = prev->gate;
        }
    }

    family = conf->family;

    if (conf->use) {
        family->used = 1;
    }

    if (!family->used) {
        return;
    }

    for (member = family; member; member = member->next) {
        if (member->handler) {
            *member->handler = member->gate;
        }
    }
}
