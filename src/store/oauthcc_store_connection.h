
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_STORE_CONNECTION_H_INCLUDED_
#define _OAUTHCC_STORE_CONNECTION_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>
#include "store/oauthcc_store_command.h"
#include "store/oauthcc_store_exchange.h"
#include "store/oauthcc_store_link.h"
#include "store/oauthcc_store_moved.h"
#include "store/oauthcc_store_reply.h"
#include "store/oauthcc_store_types.h"


/*
 *      +---------------------------------------------------+
 *      v                                                   |
 *     DOWN ---> LINKING ---> HELLO ---> READY              |
 *                  |           |          |   a pause, or  |
 *                  +-----------+----------+   the next ----+
 *                                             server
 *
 * Servers are tried in their order; after the last one there is a pause, which
 * doubles.  A node of a cluster that names another one (MOVED) is followed,
 * and a server that has lost the scripts (NOSCRIPT) is connected to anew;
 * commands that were not answered are sent again then.
 */

typedef struct oauthcc_store_connection_s  oauthcc_store_connection_t;

typedef void (*oauthcc_store_connection_pt)(oauthcc_store_connection_t *conn);
typedef void (*oauthcc_store_connection_message_pt)(
    oauthcc_store_connection_t *conn, oauthcc_store_reply_t *reply);


/* a connection to the store, the worker's; zeroed before open() */

struct oauthcc_store_connection_s {
    oauthcc_store_t                      *store;

    /* called when it becomes ready, and when it is known to be down */
    oauthcc_store_connection_pt           ready;
    oauthcc_store_connection_pt           lost;

    /* of a subscriber; NULL: it is none */
    oauthcc_store_connection_message_pt   message;

    ngx_uint_t                            down;     /* nobody waits for it */
    ngx_uint_t                            held;     /* see hold() */

    oauthcc_store_exchange_t              exchange;

    /* internal */

    ngx_uint_t                            closed;
    ngx_uint_t                            moving;
    oauthcc_store_link_t                  link;

    ngx_uint_t                            server;   /* in the list */
    oauthcc_store_server_t                present;  /* or the node it named */
    u_char                                node[OAUTHCC_STORE_MOVED_NODE];
    ngx_uint_t                            moves;    /* in a row */

    ngx_event_t                           timer;    /* of the connect, or of
                                                       the oldest command */
    ngx_event_t                           retry;
    ngx_event_t                           ping;     /* of a subscriber */
    ngx_uint_t                            failures;
};


/* It is greeted, and commands are sent at once. */
#define oauthcc_store_connection_up(conn)  ((conn)->exchange.ready)

/* Opens it. */
void oauthcc_store_connection_open(oauthcc_store_connection_t *conn,
    oauthcc_store_t *store);

/* Closes it for good; handlers of commands are called, without a reply. */
void oauthcc_store_connection_close(oauthcc_store_connection_t *conn);

/*
 * Sends a command; its handler is called later, with NULL if the connection is
 * lost or no reply comes within the timeout.  NGX_DECLINED: it is not ready,
 * and the command is still the caller's.
 */
ngx_int_t oauthcc_store_connection_send(oauthcc_store_connection_t *conn,
    oauthcc_store_command_t *command);

/*
 * Counts who needs the connection, by 1 or -1: a worker that quits keeps it
 * while there is anybody.
 */
void oauthcc_store_connection_hold(oauthcc_store_connection_t *conn,
    ngx_int_t n);


#endif /* _OAUTHCC_STORE_CONNECTION_H_INCLUDED_ */
