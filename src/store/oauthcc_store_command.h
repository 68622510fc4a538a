
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_STORE_COMMAND_H_INCLUDED_
#define _OAUTHCC_STORE_COMMAND_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include "store/oauthcc_store_reply.h"
#include "store/oauthcc_store_types.h"


/* reply is NULL if there was none; it is freed after the call */
typedef void (*oauthcc_store_command_pt)(void *data,
    oauthcc_store_reply_t *reply);


/* a command on its way, with its bytes: it may have to be sent again */

struct oauthcc_store_command_s {
    ngx_queue_t                queue;
    oauthcc_store_command_pt   handler;
    void                      *data;

    u_char                    *bytes;
    size_t                     len;
    size_t                     sent;      /* so many of them */
    ngx_msec_t                 since;     /* when it was given: a timer's */

    ngx_uint_t                 step;      /* of the first flight, from 1 */
};


/* NULL: no memory. */
oauthcc_store_command_t *oauthcc_store_command_create(ngx_str_t *words,
    ngx_uint_t n, oauthcc_store_command_pt handler, void *data);

/* Frees it, and wipes its bytes. */
void oauthcc_store_command_free(oauthcc_store_command_t *command);


#endif /* _OAUTHCC_STORE_COMMAND_H_INCLUDED_ */
