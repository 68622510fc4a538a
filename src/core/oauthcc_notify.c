
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>
#include <sys/eventfd.h>
#include "core/oauthcc_notify.h"


static void ngx_http_oauthcc_wake_handler(ngx_event_t *ev);


/*
 * Never closed: workers inherit it, so that those of an old cycle that still
 * finish their requests and those of the new one wake each other.
 */

static int                       ngx_http_oauthcc_wake_fd = -1;
static ngx_http_oauthcc_wake_pt  ngx_http_oauthcc_wake_listener;


ngx_int_t
ngx_http_oauthcc_wake_init(ngx_log_t *log)
{
    if (ngx_http_oauthcc_wake_fd != -1) {
        return NGX_OK;
    }

    ngx_http_oauthcc_wake_fd = eventfd(0, EFD_NONBLOCK|EFD_CLOEXEC);

    if (ngx_http_oauthcc_wake_fd == -1) {
        ngx_log_error(NGX_LOG_EMERG, log, ngx_errno,
                      "oauthcc: eventfd() failed");
        return NGX_ERROR;
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_oauthcc_wake_listen(ngx_cycle_t *cycle,
    ngx_http_oauthcc_wake_pt handler)
{
    ngx_connection_t  *c;

    if (!(ngx_event_flags & NGX_USE_CLEAR_EVENT)) {

        /* level-triggered, it would never fall silent: waiters poll */

        return NGX_OK;
    }

    c = ngx_get_connection(ngx_http_oauthcc_wake_fd, cycle->log);
    if (c == NULL) {
        return NGX_ERROR;
    }

    c->pool = cycle->pool;

    c->read->handler = ngx_http_oauthcc_wake_handler;
    c->read->log = cycle->log;
    c->write->log = cycle->log;

    /* neither a client's nor to be closed: a worker that exits skips it */

    c->read->channel = 1;
    c->write->channel = 1;

    /*
     * It is never read: with an edge-triggered method each write() to it is
     * a new event in every process that has it in its set.
     */

    if (ngx_add_event(c->read, NGX_READ_EVENT, NGX_CLEAR_EVENT) != NGX_OK) {
        ngx_free_connection(c);
        return NGX_ERROR;
    }

    ngx_http_oauthcc_wake_listener = handler;

    return NGX_OK;
}


void
ngx_http_oauthcc_wake(ngx_log_t *log)
{
    ssize_t   n;
    uint64_t  one;

    if (ngx_http_oauthcc_wake_fd == -1) {

        /* no request uses a provider: nobody sleeps */

        return;
    }

    one = 1;

    n = write(ngx_http_oauthcc_wake_fd, &one, sizeof(uint64_t));

    if (n == -1 && ngx_errno != NGX_EAGAIN) {
        ngx_log_error(NGX_LOG_ALERT, log, ngx_errno,
                      "oauthcc: write() to eventfd failed");
    }
}


static void
ngx_http_oauthcc_wake_handler(ngx_event_t *ev)
{
    ngx_log_debug0(NGX_LOG_DEBUG_EVENT, ev->log, 0, "oauthcc wake");

    ngx_http_oauthcc_wake_listener();
}
