
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "store/oauthcc_store_shared.h"
#include "store/oauthcc_store_worker.h"


ngx_uint_t
oauthcc_store_worker_up(oauthcc_store_t *store)
{
    return store->worker
           && (oauthcc_store_connection_up(&store->worker->commands)
               || store->worker->commands.moving);
}


oauthcc_store_command_t *
oauthcc_store_worker_run(oauthcc_store_t *store,
    oauthcc_store_script_e script, oauthcc_store_key_t *key, ngx_str_t *args,
    ngx_uint_t nargs, oauthcc_store_command_pt handler, void *data)
{
    ngx_str_t                     words[OAUTHCC_STORE_SCRIPT_WORDS];
    ngx_uint_t                    n;
    oauthcc_store_command_t      *command;
    oauthcc_store_script_keys_t   keys;

    if (!oauthcc_store_worker_up(store)
        || oauthcc_store_script_keys(store, key->account, key->entry, &keys)
           != NGX_OK)
    {
        return NULL;
    }

    n = oauthcc_store_script_words(script, &keys, args, nargs, words);

    command = oauthcc_store_command_create(words, n, handler, data);

    ngx_free(keys.memory);

    if (command
        && oauthcc_store_connection_send(&store->worker->commands, command)
           != NGX_OK)
    {
        oauthcc_store_command_free(command);
        return NULL;
    }

    return command;
}


void
oauthcc_store_worker_ignore(void *data, oauthcc_store_reply_t *reply)
{
    /* void */
}


u_char *
oauthcc_store_worker_gateway(u_char *p, oauthcc_store_t *store)
{
    return ngx_sprintf(p, "%016xL", store->shared->gateway);
}


uint64_t
oauthcc_store_worker_usec(void)
{
#if (NGX_HAVE_CLOCK_MONOTONIC)

    struct timespec  ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);

    return (uint64_t) ts.tv_sec * 1000000 + ts.tv_nsec / 1000;

#else

    struct timeval  tv;

    ngx_gettimeofday(&tv);

    return (uint64_t) tv.tv_sec * 1000000 + tv.tv_usec;

#endif
}
