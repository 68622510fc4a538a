
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_STORE_EXCHANGE_H_INCLUDED_
#define _OAUTHCC_STORE_EXCHANGE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>
#include "store/oauthcc_store_command.h"
#include "store/oauthcc_store_reply.h"
#include "store/oauthcc_store_types.h"


/*
 * Commands and replies of a connection: the first flight, then one reply for
 * each command, in order, and messages of a subscriber.
 */

typedef struct oauthcc_store_exchange_s  oauthcc_store_exchange_t;


/* what its owner is told; each may stop it, except replied */

typedef struct {
    void  (*failed)(oauthcc_store_exchange_t *exchange, ngx_err_t err,
              char *reason);
    /* the server names another one, or has lost the scripts */
    void  (*moved)(oauthcc_store_exchange_t *exchange,
              oauthcc_store_reply_t *reply);
    void  (*greeted)(oauthcc_store_exchange_t *exchange);
    /* all that has come was read */
    void  (*settled)(oauthcc_store_exchange_t *exchange);
    /* a message, of a subscriber */
    void  (*message)(oauthcc_store_exchange_t *exchange,
              oauthcc_store_reply_t *reply);
    /* the worker quits */
    void  (*closed)(oauthcc_store_exchange_t *exchange);
} oauthcc_store_exchange_handlers_t;


struct oauthcc_store_exchange_s {
    void                               *data;      /* the owner's */
    oauthcc_store_exchange_handlers_t  *handlers;
    oauthcc_store_t                    *store;
    ngx_uint_t                          subscriber;

    ngx_connection_t                   *connection; /* NULL: stopped */
    ngx_uint_t                          ready;      /* it was greeted */
    int64_t                             offset;     /* the store's time less
                                                       ours */
    ngx_uint_t                          replies;    /* to commands, since the
                                                       start */

    ngx_uint_t                          serial;     /* of the connection */
    void                               *reader;
    ngx_queue_t                         waiting;    /* for another one */
    ngx_queue_t                         unsent;
    ngx_queue_t                         pending;    /* for a reply */
    ngx_uint_t                          busy;       /* commands in all three */
};


void oauthcc_store_exchange_init(oauthcc_store_exchange_t *exchange,
    oauthcc_store_t *store, ngx_uint_t subscriber);

/*
 * Begins on a connection to a server, with the first flight; what waits is
 * sent after it.  Handlers may be called before it returns.
 */
void oauthcc_store_exchange_start(oauthcc_store_exchange_t *exchange,
    ngx_connection_t *c, oauthcc_store_server_t *server);

/* Ends; commands stay where they are. */
void oauthcc_store_exchange_stop(oauthcc_store_exchange_t *exchange);

/* Adds a command, to be sent as soon as possible; no handler is called. */
void oauthcc_store_exchange_add(oauthcc_store_exchange_t *exchange,
    oauthcc_store_command_t *command);

/* After it was stopped: all commands are to be sent again. */
void oauthcc_store_exchange_keep(oauthcc_store_exchange_t *exchange);

/* After it was stopped: ends all commands, without replies. */
void oauthcc_store_exchange_drop(oauthcc_store_exchange_t *exchange);

/* When the oldest command was given; NGX_DECLINED: all are answered. */
ngx_int_t oauthcc_store_exchange_oldest(oauthcc_store_exchange_t *exchange,
    ngx_msec_t *since);


#endif /* _OAUTHCC_STORE_EXCHANGE_H_INCLUDED_ */
