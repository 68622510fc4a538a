
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "store/oauthcc_store_command.h"


oauthcc_store_command_t *
oauthcc_store_command_create(ngx_str_t *words, ngx_uint_t n,
    oauthcc_store_command_pt handler, void *data)
{
    ssize_t                   len;
    oauthcc_store_command_t  *command;

    command = ngx_calloc(sizeof(oauthcc_store_command_t), ngx_cycle->log);
    if (command == NULL) {
        return NULL;
    }

    len = oauthcc_store_reply_format(words, n, &command->bytes);

    if (len < 0) {
        ngx_free(command);
        return NULL;
    }

    command->len = len;
    command->handler = handler;
    command->data = data;
    command->since = ngx_current_msec;

    return command;
}


void
oauthcc_store_command_free(oauthcc_store_command_t *command)
{
    ngx_explicit_memzero(command->bytes, command->len);
    ngx_free(command->bytes);
    ngx_free(command);
}
