
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "conf/oauthcc_block_refuse.h"


char *
oauthcc_block_refuse(ngx_conf_t *cf, oauthcc_provider_t *provider,
    const char *fmt, ...)
{
    u_char  *p, text[NGX_MAX_CONF_ERRSTR];
    va_list  args;

    va_start(args, fmt);
    p = ngx_vslprintf(text, text + sizeof(text), fmt, args);
    va_end(args);

    ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                  "%*s, in the block that begins in %V:%ui",
                  (size_t) (p - text), text, &provider->file, provider->line);

    return NGX_CONF_ERROR;
}
