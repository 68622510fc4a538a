
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "store/oauthcc_store_connection.h"
#include "store/oauthcc_store_shared.h"


/* milliseconds of the pause after all servers have failed: first, at most */
#define OAUTHCC_STORE_CONNECTION_PAUSE      100
#define OAUTHCC_STORE_CONNECTION_PAUSE_MAX  5000

/* a subscriber asks so often whether the server is alive */
#define OAUTHCC_STORE_CONNECTION_PING       5000

/* a server names another one so often in a row */
#define OAUTHCC_STORE_CONNECTION_MOVES      3


static void oauthcc_store_connection_round(oauthcc_store_connection_t *conn);
static void oauthcc_store_connection_attempt(oauthcc_store_connection_t *conn,
    oauthcc_store_server_t *server);
static void oauthcc_store_connection_linked(oauthcc_store_link_t *link);
static void oauthcc_store_connection_greeted(
    oauthcc_store_exchange_t *exchange);
static void oauthcc_store_connection_failed(
    oauthcc_store_exchange_t *exchange, ngx_err_t err, char *reason);
static void oauthcc_store_connection_moved(oauthcc_store_exchange_t *exchange,
    oauthcc_store_reply_t *reply);
static void oauthcc_store_connection_settled(
    oauthcc_store_exchange_t *exchange);
static void oauthcc_store_connection_message(
    oauthcc_store_exchange_t *exchange, oauthcc_store_reply_t *reply);
static void oauthcc_store_connection_closed(
    oauthcc_store_exchange_t *exchange);
static void oauthcc_store_connection_fail(oauthcc_store_connection_t *conn,
    ngx_err_t err, char *reason);
static void oauthcc_store_connection_pause(oauthcc_store_connection_t *conn);
static void oauthcc_store_connection_tell(oauthcc_store_connection_t *conn,
    ngx_err_t err, char *reason);
static void oauthcc_store_connection_disconnect(
    oauthcc_store_connection_t *conn);
static void oauthcc_store_connection_timeout(ngx_event_t *ev);
static void oauthcc_store_connection_retry(ngx_event_t *ev);
static void oauthcc_store_connection_update(oauthcc_store_connection_t *conn);
static void oauthcc_store_connection_ping(ngx_event_t *ev);
static void oauthcc_store_connection_pong(void *data,
    oauthcc_store_reply_t *reply);


static oauthcc_store_exchange_handlers_t  oauthcc_store_connection_handlers = {
    oauthcc_store_connection_failed,
    oauthcc_store_connection_moved,
    oauthcc_store_connection_greeted,
    oauthcc_store_connection_settled,
    oauthcc_store_connection_message,
    oauthcc_store_connection_closed
};


void
oauthcc_store_connection_open(oauthcc_store_connection_t *conn,
    oauthcc_store_t *store)
{
    conn->store = store;

    conn->exchange.data = conn;
    conn->exchange.handlers = &oauthcc_store_connection_handlers;

    oauthcc_store_exchange_init(&conn->exchange, store, conn->message != NULL);

    conn->timer.handler = oauthcc_store_connection_timeout;
    conn->timer.data = conn;
    conn->timer.log = ngx_cycle->log;

    conn->retry.handler = oauthcc_store_connection_retry;
    conn->retry.data = conn;
    conn->retry.log = ngx_cycle->log;
    conn->retry.cancelable = 1;

    conn->ping.handler = oauthcc_store_connection_ping;
    conn->ping.data = conn;
    conn->ping.log = ngx_cycle->log;
    conn->ping.cancelable = 1;

    oauthcc_store_connection_round(conn);
}


void
oauthcc_store_connection_close(oauthcc_store_connection_t *conn)
{
    conn->closed = 1;
    conn->down = 1;

    oauthcc_store_connection_disconnect(conn);

    if (conn->retry.timer_set) {
        ngx_del_timer(&conn->retry);
    }

    oauthcc_store_exchange_drop(&conn->exchange);
}


ngx_int_t
oauthcc_store_connection_send(oauthcc_store_connection_t *conn,
    oauthcc_store_command_t *command)
{
    if (!oauthcc_store_connection_up(conn) && !conn->moving) {
        return NGX_DECLINED;
    }

    oauthcc_store_exchange_add(&conn->exchange, command);

    oauthcc_store_connection_update(conn);

    return NGX_OK;
}


void
oauthcc_store_connection_hold(oauthcc_store_connection_t *conn, ngx_int_t n)
{
    conn->held += n;

    oauthcc_store_connection_update(conn);

    if (ngx_exiting && n < 0 && !conn->closed) {
        oauthcc_store_connection_settled(&conn->exchange);
    }
}


static void
oauthcc_store_connection_round(oauthcc_store_connection_t *conn)
{
    conn->server = 0;

    oauthcc_store_connection_attempt(conn, conn->store->servers.elts);
}


static void
oauthcc_store_connection_attempt(oauthcc_store_connection_t *conn,
    oauthcc_store_server_t *server)
{
    conn->present = *server;

    ngx_add_timer(&conn->timer, conn->store->timeout);

    oauthcc_store_connection_update(conn);

    conn->link.data = conn;

    oauthcc_store_link_open(&conn->link, conn->store, &conn->present,
                            oauthcc_store_connection_linked);
}


static void
oauthcc_store_connection_linked(oauthcc_store_link_t *link)
{
    oauthcc_store_connection_t  *conn;

    conn = link->data;

    if (link->connection == NULL) {
        oauthcc_store_connection_fail(conn, link->err, link->failure);
        return;
    }

    oauthcc_store_exchange_start(&conn->exchange, link->connection,
                                 &conn->present);
}


static void
oauthcc_store_connection_greeted(oauthcc_store_exchange_t *exchange)
{
    oauthcc_store_connection_t  *conn;

    conn = exchange->data;

    conn->down = 0;
    conn->moving = 0;

    if (exchange->subscriber) {
        ngx_add_timer(&conn->ping, OAUTHCC_STORE_CONNECTION_PING);

    } else {
        oauthcc_store_shared_note(conn->store->shared,
                                  OAUTHCC_STORE_SHARED_UP);

        if (oauthcc_store_shared_tell_up(conn->store->shared)) {
            ngx_log_error(NGX_LOG_NOTICE, ngx_cycle->log, 0,
                          "oauthcc_store %V is back", &conn->present.url);
        }
    }

    oauthcc_store_connection_update(conn);

    conn->ready(conn);
}


static void
oauthcc_store_connection_failed(oauthcc_store_exchange_t *exchange,
    ngx_err_t err, char *reason)
{
    oauthcc_store_connection_fail(exchange->data, err, reason);
}


/* To another node, or to the same server once more, with all commands. */

static void
oauthcc_store_connection_moved(oauthcc_store_exchange_t *exchange,
    oauthcc_store_reply_t *reply)
{
    oauthcc_store_server_t       server;
    oauthcc_store_connection_t  *conn;

    conn = exchange->data;
    server = conn->present;

    if (exchange->replies) {
        conn->moves = 0;
    }

    if (conn->moves++ == OAUTHCC_STORE_CONNECTION_MOVES) {
        oauthcc_store_connection_fail(conn, 0, "it names another node too "
                                      "often");
        return;
    }

    if (oauthcc_store_reply_error(reply, "MOVED")
        && oauthcc_store_moved_read(&reply->text, &server, conn->node)
           != NGX_OK)
    {
        oauthcc_store_connection_fail(conn, 0, "it names a node without an "
                                      "address");
        return;
    }

    oauthcc_store_connection_disconnect(conn);

    conn->moving = 1;

    oauthcc_store_exchange_keep(exchange);

    oauthcc_store_connection_attempt(conn, &server);
}


/* Nobody needs it in a worker that quits. */

static void
oauthcc_store_connection_settled(oauthcc_store_exchange_t *exchange)
{
    oauthcc_store_connection_t  *conn;

    conn = exchange->data;

    if (exchange->replies) {
        conn->failures = 0;
    }

    if (ngx_exiting && conn->held == 0 && exchange->busy == 0) {
        oauthcc_store_connection_close(conn);
        return;
    }

    oauthcc_store_connection_update(conn);
}


static void
oauthcc_store_connection_message(oauthcc_store_exchange_t *exchange,
    oauthcc_store_reply_t *reply)
{
    oauthcc_store_connection_t  *conn;

    conn = exchange->data;

    conn->message(conn, reply);
}


static void
oauthcc_store_connection_closed(oauthcc_store_exchange_t *exchange)
{
    oauthcc_store_connection_close(exchange->data);
}


/*
 * Ends the connection, and tries the next server.  Handlers are called, which
 * may send; the caller may not use the connection any more.
 */

static void
oauthcc_store_connection_fail(oauthcc_store_connection_t *conn, ngx_err_t err,
    char *reason)
{
    ngx_uint_t               ready;
    oauthcc_store_server_t  *server;

    ready = oauthcc_store_connection_up(conn);

    if (conn->exchange.replies) {
        conn->failures = 0;
    }

    oauthcc_store_connection_disconnect(conn);

    conn->moving = 0;
    conn->moves = 0;

    if (!ready && ++conn->server < conn->store->servers.nelts) {

        ngx_log_error(NGX_LOG_INFO, ngx_cycle->log, err,
                      "oauthcc_store %V is left out: %s", &conn->present.url,
                      reason);

        oauthcc_store_exchange_drop(&conn->exchange);

        server = conn->store->servers.elts;
        oauthcc_store_connection_attempt(conn, &server[conn->server]);
        return;
    }

    conn->down = 1;

    oauthcc_store_connection_tell(conn, err, reason);
    oauthcc_store_connection_pause(conn);

    oauthcc_store_exchange_drop(&conn->exchange);

    conn->lost(conn);
}


static void
oauthcc_store_connection_pause(oauthcc_store_connection_t *conn)
{
    ngx_msec_t  pause;

    if (ngx_exiting || ngx_terminate || conn->closed) {
        return;
    }

    pause = ngx_min(OAUTHCC_STORE_CONNECTION_PAUSE
                    << ngx_min(conn->failures, 6),
                    OAUTHCC_STORE_CONNECTION_PAUSE_MAX);

    conn->failures++;

    ngx_add_timer(&conn->retry, pause / 2 + ngx_random() % (pause / 2));
}


static void
oauthcc_store_connection_tell(oauthcc_store_connection_t *conn, ngx_err_t err,
    char *reason)
{
    ngx_uint_t               level;
    oauthcc_store_shared_t  *shared;

    level = NGX_LOG_INFO;

    if (!conn->exchange.subscriber) {
        shared = conn->store->shared;

        oauthcc_store_shared_note(shared, OAUTHCC_STORE_SHARED_DOWN);
        oauthcc_store_shared_count(shared->lost);

        if (oauthcc_store_shared_tell_down(shared)) {
            level = NGX_LOG_ERR;
        }
    }

    ngx_log_error(level, ngx_cycle->log, err,
                  "oauthcc_store %V cannot be used: %s; until it is back this "
                  "gateway logs in for itself", &conn->present.url, reason);
}


static void
oauthcc_store_connection_disconnect(oauthcc_store_connection_t *conn)
{
    oauthcc_store_exchange_stop(&conn->exchange);

    oauthcc_store_link_close(&conn->link);

    if (conn->timer.timer_set) {
        ngx_del_timer(&conn->timer);
    }

    if (conn->ping.timer_set) {
        ngx_del_timer(&conn->ping);
    }
}


static void
oauthcc_store_connection_timeout(ngx_event_t *ev)
{
    oauthcc_store_connection_t *conn = ev->data;

    oauthcc_store_connection_fail(conn, 0, oauthcc_store_connection_up(conn)
                                  ? "it did not answer in time"
                                  : "it could not be connected to in time");
}


static void
oauthcc_store_connection_retry(ngx_event_t *ev)
{
    oauthcc_store_connection_round(ev->data);
}


/*
 * A worker that quits waits for timers that are not cancelable, and closes
 * connections that are idle: not before what is needed has come.
 */

static void
oauthcc_store_connection_update(oauthcc_store_connection_t *conn)
{
    ngx_uint_t      used;
    ngx_msec_t      since;
    ngx_msec_int_t  left;

    used = !conn->exchange.subscriber && (conn->held || conn->exchange.busy);

    conn->timer.cancelable = !used;

    if (conn->exchange.connection) {
        conn->exchange.connection->idle = !used;
    }

    if (!oauthcc_store_connection_up(conn)) {
        return;
    }

    /* it would stay where it is for a small difference */

    if (conn->timer.timer_set) {
        ngx_del_timer(&conn->timer);
    }

    if (oauthcc_store_exchange_oldest(&conn->exchange, &since) == NGX_OK) {

        left = (ngx_msec_int_t) (since + conn->store->timeout
                                 - ngx_current_msec);

        ngx_add_timer(&conn->timer, left > 0 ? (ngx_msec_t) left : 1);
    }
}


static void
oauthcc_store_connection_ping(ngx_event_t *ev)
{
    oauthcc_store_connection_t *conn = ev->data;

    ngx_str_t                 word;
    oauthcc_store_command_t  *command;

    ngx_str_set(&word, "PING");

    command = oauthcc_store_command_create(&word, 1,
                                           oauthcc_store_connection_pong,
                                           NULL);

    if (command && oauthcc_store_connection_send(conn, command) != NGX_OK) {
        oauthcc_store_command_free(command);
    }

    ngx_add_timer(ev, OAUTHCC_STORE_CONNECTION_PING);
}


/* That there is one is enough. */

static void
oauthcc_store_connection_pong(void *data, oauthcc_store_reply_t *reply)
{
}
