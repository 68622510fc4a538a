
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include "core/oauthcc_clock.h"
#include "core/oauthcc_text.h"
#include "store/oauthcc_store_exchange.h"
#include "store/oauthcc_store_hello.h"


/* reads of a connection in a row */
#define OAUTHCC_STORE_EXCHANGE_READS  16


static ngx_int_t oauthcc_store_exchange_hello(
    oauthcc_store_exchange_t *exchange, oauthcc_store_server_t *server);
static void oauthcc_store_exchange_event(ngx_event_t *ev);
static void oauthcc_store_exchange_write(oauthcc_store_exchange_t *exchange);
static void oauthcc_store_exchange_read(oauthcc_store_exchange_t *exchange);
static ngx_int_t oauthcc_store_exchange_replies(
    oauthcc_store_exchange_t *exchange, u_char *data, size_t len);
static void oauthcc_store_exchange_reply(oauthcc_store_exchange_t *exchange,
    oauthcc_store_reply_t *reply);
static void oauthcc_store_exchange_greeting(
    oauthcc_store_exchange_t *exchange, ngx_uint_t step,
    oauthcc_store_reply_t *reply);
static void oauthcc_store_exchange_answer(oauthcc_store_exchange_t *exchange,
    oauthcc_store_command_t *command, oauthcc_store_reply_t *reply);
static void oauthcc_store_exchange_fail(oauthcc_store_exchange_t *exchange,
    ngx_err_t err, char *reason);
static void oauthcc_store_exchange_take(ngx_queue_t *to, ngx_queue_t *from);


void
oauthcc_store_exchange_init(oauthcc_store_exchange_t *exchange,
    oauthcc_store_t *store, ngx_uint_t subscriber)
{
    exchange->store = store;
    exchange->subscriber = subscriber;

    ngx_queue_init(&exchange->waiting);
    ngx_queue_init(&exchange->unsent);
    ngx_queue_init(&exchange->pending);
}


void
oauthcc_store_exchange_start(oauthcc_store_exchange_t *exchange,
    ngx_connection_t *c, oauthcc_store_server_t *server)
{
    exchange->connection = c;
    exchange->ready = 0;
    exchange->replies = 0;

    c->data = exchange;
    c->read->handler = oauthcc_store_exchange_event;
    c->write->handler = oauthcc_store_exchange_event;

    exchange->reader = oauthcc_store_reply_reader();

    if (exchange->reader == NULL
        || oauthcc_store_exchange_hello(exchange, server) != NGX_OK)
    {
        oauthcc_store_exchange_fail(exchange, 0, "no memory");
        return;
    }

    oauthcc_store_exchange_write(exchange);
}


void
oauthcc_store_exchange_stop(oauthcc_store_exchange_t *exchange)
{
    exchange->serial++;
    exchange->ready = 0;
    exchange->connection = NULL;

    if (exchange->reader) {
        oauthcc_store_reply_reader_free(exchange->reader);
        exchange->reader = NULL;
    }
}


void
oauthcc_store_exchange_add(oauthcc_store_exchange_t *exchange,
    oauthcc_store_command_t *command)
{
    exchange->busy++;

    if (!exchange->ready) {
        ngx_queue_insert_tail(&exchange->waiting, &command->queue);
        return;
    }

    ngx_queue_insert_tail(&exchange->unsent, &command->queue);

    ngx_post_event(exchange->connection->write, &ngx_posted_events);
}


void
oauthcc_store_exchange_keep(oauthcc_store_exchange_t *exchange)
{
    ngx_queue_t  kept;

    ngx_queue_init(&kept);

    oauthcc_store_exchange_take(&kept, &exchange->pending);
    oauthcc_store_exchange_take(&kept, &exchange->unsent);
    oauthcc_store_exchange_take(&kept, &exchange->waiting);

    oauthcc_store_exchange_take(&exchange->waiting, &kept);
}


/* Handlers may add commands: not to the queue that is emptied. */

void
oauthcc_store_exchange_drop(oauthcc_store_exchange_t *exchange)
{
    ngx_queue_t               dropped, *q;
    oauthcc_store_command_t  *command;

    oauthcc_store_exchange_keep(exchange);

    ngx_queue_init(&dropped);
    oauthcc_store_exchange_take(&dropped, &exchange->waiting);

    exchange->busy = 0;

    while (!ngx_queue_empty(&dropped)) {

        q = ngx_queue_head(&dropped);
        ngx_queue_remove(q);

        command = ngx_queue_data(q, oauthcc_store_command_t, queue);

        command->handler(command->data, NULL);

        oauthcc_store_command_free(command);
    }
}


ngx_int_t
oauthcc_store_exchange_oldest(oauthcc_store_exchange_t *exchange,
    ngx_msec_t *since)
{
    ngx_queue_t              *q;
    oauthcc_store_command_t  *command;

    if (!ngx_queue_empty(&exchange->pending)) {
        q = ngx_queue_head(&exchange->pending);

    } else if (!ngx_queue_empty(&exchange->unsent)) {
        q = ngx_queue_head(&exchange->unsent);

    } else {
        return NGX_DECLINED;
    }

    command = ngx_queue_data(q, oauthcc_store_command_t, queue);
    *since = command->since;

    return NGX_OK;
}


/* All at once: the replies are judged as they come. */

static ngx_int_t
oauthcc_store_exchange_hello(oauthcc_store_exchange_t *exchange,
    oauthcc_store_server_t *server)
{
    ngx_int_t                     n;
    ngx_str_t                     words[OAUTHCC_STORE_HELLO_WORDS];
    ngx_uint_t                    step;
    oauthcc_store_command_t      *command;
    oauthcc_store_script_keys_t   keys;

    static u_char  nobody[OAUTHCC_STORE_NAME];

    if (oauthcc_store_script_keys(exchange->store, nobody, nobody, &keys)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (step = 0; /* void */ ; step++) {

        n = oauthcc_store_hello_words(exchange->store, server,
                                      exchange->subscriber, step, &keys,
                                      words);
        if (n == NGX_DONE) {
            break;
        }

        if (n == 0) {
            continue;
        }

        command = oauthcc_store_command_create(words, n, NULL, NULL);

        if (command == NULL) {
            ngx_free(keys.memory);
            return NGX_ERROR;
        }

        command->step = step + 1;

        ngx_queue_insert_tail(&exchange->unsent, &command->queue);
    }

    ngx_free(keys.memory);

    return NGX_OK;
}


static void
oauthcc_store_exchange_event(ngx_event_t *ev)
{
    ngx_connection_t          *c;
    oauthcc_store_exchange_t  *exchange;

    c = ev->data;
    exchange = c->data;

    if (c->close) {
        exchange->handlers->closed(exchange);
        return;
    }

    if (ev->write) {
        oauthcc_store_exchange_write(exchange);

    } else {
        oauthcc_store_exchange_read(exchange);
    }
}


static void
oauthcc_store_exchange_write(oauthcc_store_exchange_t *exchange)
{
    ssize_t                   n;
    ngx_queue_t              *q;
    ngx_connection_t         *c;
    oauthcc_store_command_t  *command;

    c = exchange->connection;

    while (!ngx_queue_empty(&exchange->unsent)) {

        q = ngx_queue_head(&exchange->unsent);
        command = ngx_queue_data(q, oauthcc_store_command_t, queue);

        n = c->send(c, command->bytes + command->sent,
                    command->len - command->sent);

        if (n == NGX_AGAIN) {
            break;
        }

        if (n <= 0) {
            oauthcc_store_exchange_fail(exchange, ngx_socket_errno,
                                        "send() failed");
            return;
        }

        command->sent += n;

        if (command->sent == command->len) {
            ngx_queue_remove(q);
            ngx_queue_insert_tail(&exchange->pending, q);
        }
    }

    if (ngx_handle_write_event(c->write, 0) != NGX_OK
        || ngx_handle_read_event(c->read, 0) != NGX_OK)
    {
        oauthcc_store_exchange_fail(exchange, 0, "no event");
    }
}


static void
oauthcc_store_exchange_read(oauthcc_store_exchange_t *exchange)
{
    u_char             buf[4096];
    ssize_t            n;
    ngx_uint_t         i;
    ngx_connection_t  *c;

    c = exchange->connection;

    for (i = 0; /* void */ ; i++) {

        if (i == OAUTHCC_STORE_EXCHANGE_READS) {

            /* others have their turn first */

            ngx_post_event(c->read, &ngx_posted_next_events);
            break;
        }

        n = c->recv(c, buf, sizeof(buf));

        if (n == NGX_AGAIN) {
            break;
        }

        if (n <= 0) {
            oauthcc_store_exchange_fail(exchange, n ? ngx_socket_errno : 0,
                                        "it closed the connection");
            return;
        }

        if (oauthcc_store_exchange_replies(exchange, buf, n) != NGX_OK) {
            return;
        }
    }

    if (ngx_handle_read_event(c->read, 0) != NGX_OK) {
        oauthcc_store_exchange_fail(exchange, 0, "no event");
        return;
    }

    exchange->handlers->settled(exchange);
}


/* NGX_DONE: it was stopped, and maybe started again. */

static ngx_int_t
oauthcc_store_exchange_replies(oauthcc_store_exchange_t *exchange,
    u_char *data, size_t len)
{
    ngx_int_t               rc;
    ngx_uint_t              serial;
    oauthcc_store_reply_t  *reply;

    if (oauthcc_store_reply_feed(exchange->reader, data, len) != NGX_OK) {
        oauthcc_store_exchange_fail(exchange, 0, "it sent too much");
        return NGX_DONE;
    }

    serial = exchange->serial;

    for ( ;; ) {

        rc = oauthcc_store_reply_next(exchange->reader, &reply);

        if (rc == NGX_AGAIN) {
            return NGX_OK;
        }

        if (rc == NGX_ERROR) {
            oauthcc_store_exchange_fail(exchange, 0, "it does not speak the "
                                        "protocol of Redis");
            return NGX_DONE;
        }

        oauthcc_store_exchange_reply(exchange, reply);

        oauthcc_store_reply_free(reply);

        if (exchange->serial != serial) {
            return NGX_DONE;
        }
    }
}


static void
oauthcc_store_exchange_reply(oauthcc_store_exchange_t *exchange,
    oauthcc_store_reply_t *reply)
{
    ngx_str_t                 type;
    ngx_queue_t              *q;
    oauthcc_store_command_t  *command;

    if (exchange->subscriber && exchange->ready
        && oauthcc_store_reply_text(reply, 0, &type)
        && oauthcc_text_is(&type, "message"))
    {
        exchange->handlers->message(exchange, reply);
        return;
    }

    if (ngx_queue_empty(&exchange->pending)) {
        oauthcc_store_exchange_fail(exchange, 0, "it sent a reply to nothing");
        return;
    }

    q = ngx_queue_head(&exchange->pending);
    command = ngx_queue_data(q, oauthcc_store_command_t, queue);

    /* a command that cannot be answered here stays where it is */

    if (oauthcc_store_reply_error(reply, "MOVED")
        || oauthcc_store_reply_error(reply, "NOSCRIPT"))
    {
        exchange->handlers->moved(exchange, reply);
        return;
    }

    if (command->step == 0) {
        oauthcc_store_exchange_answer(exchange, command, reply);
        return;
    }

    ngx_queue_remove(q);

    oauthcc_store_exchange_greeting(exchange, command->step - 1, reply);

    oauthcc_store_command_free(command);
}


static void
oauthcc_store_exchange_greeting(oauthcc_store_exchange_t *exchange,
    ngx_uint_t step, oauthcc_store_reply_t *reply)
{
    char     *reason;
    int64_t   time;

    time = 0;
    reason = oauthcc_store_hello_check(step, reply, &time);

    if (reason) {
        oauthcc_store_exchange_fail(exchange, 0, reason);
        return;
    }

    if (time) {
        ngx_time_update();
        exchange->offset = time - (int64_t) oauthcc_clock_msec();
    }

    if (!ngx_queue_empty(&exchange->pending)
        || !ngx_queue_empty(&exchange->unsent))
    {
        return;
    }

    exchange->ready = 1;

    if (!ngx_queue_empty(&exchange->waiting)) {
        oauthcc_store_exchange_take(&exchange->unsent, &exchange->waiting);
        ngx_post_event(exchange->connection->write, &ngx_posted_events);
    }

    exchange->handlers->greeted(exchange);
}


static void
oauthcc_store_exchange_answer(oauthcc_store_exchange_t *exchange,
    oauthcc_store_command_t *command, oauthcc_store_reply_t *reply)
{
    char  *reason;

    if (reply->type == OAUTHCC_STORE_REPLY_ERROR) {
        reason = oauthcc_store_hello_reason(reply);

        if (reason) {
            oauthcc_store_exchange_fail(exchange, 0, reason);
            return;
        }

    } else {
        exchange->replies++;
    }

    ngx_queue_remove(&command->queue);
    exchange->busy--;

    command->handler(command->data, reply);

    oauthcc_store_command_free(command);
}


static void
oauthcc_store_exchange_fail(oauthcc_store_exchange_t *exchange, ngx_err_t err,
    char *reason)
{
    exchange->handlers->failed(exchange, err, reason);
}


/* Moves commands, but those of the first flight, which are freed. */

static void
oauthcc_store_exchange_take(ngx_queue_t *to, ngx_queue_t *from)
{
    ngx_queue_t              *q;
    oauthcc_store_command_t  *command;

    while (!ngx_queue_empty(from)) {

        q = ngx_queue_head(from);
        ngx_queue_remove(q);

        command = ngx_queue_data(q, oauthcc_store_command_t, queue);

        if (command->step) {
            oauthcc_store_command_free(command);
            continue;
        }

        command->sent = 0;

        ngx_queue_insert_tail(to, q);
    }
}
