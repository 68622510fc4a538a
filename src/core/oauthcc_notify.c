
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>
#include <sys/eventfd.h>
#include "core/oauthcc_notify.h"


static void oauthcc_notify_handler(ngx_event_t *ev);


/*
 * Never closed: workers inherit it, so that those of an old cycle and those of
 * the new one wake each other.
 */

static int                       oauthcc_notify_fd = -1;
static oauthcc_notify_pt  oauthcc_notify_listener;


ngx_int_t
oauthcc_notify_init(ngx_log_t *log)
{
    if (oauthcc_notify_fd != -1) {
        return NGX_OK;
    }

    oauthcc_notify_fd = eventfd(0, EFD_NONBLOCK|EFD_CLOEXEC);

    if (oauthcc_notify_fd == -1) {
        ngx_log_error(NGX_LOG_EMERG, log, ngx_errno,
                      "oauthcc: eventfd() failed");
        return NGX_ERROR;
    }

    return NGX_OK;
}


ngx_int_t
oauthcc_notify_listen(ngx_cycle_t *cycle, oauthcc_notify_pt handler)
{
    ngx_connection_t  *c;

    if (!(ngx_event_flags & NGX_USE_CLEAR_EVENT)) {

        /* a level-triggered event would fire for ever: waiters poll instead */

        return NGX_OK;
    }

    c = ngx_get_connection(oauthcc_notify_fd, cycle->log);
    if (c == NULL) {
        return NGX_ERROR;
    }

    c->pool = cycle->pool;

    c->read->handler = oauthcc_notify_handler;
    c->read->log = cycle->log;
    c->write->log = cycle->log;

    /* neither a client's nor to be closed when a worker exits */

    c->read->channel = 1;
    c->write->channel = 1;

    /*
     * It is never read: with edge-triggered events each write() is a new event
     * in every process that has it in its set.
     */

    if (ngx_add_event(c->read, NGX_READ_EVENT, NGX_CLEAR_EVENT) != NGX_OK) {
        ngx_free_connection(c);
        return NGX_ERROR;
    }

    oauthcc_notify_listener = handler;

    return NGX_OK;
}


void
oauthcc_notify(ngx_log_t *log)
{
    ssize_t   n;
    uint64_t  one;

    if (oauthcc_notify_fd == -1) {

        /* no request uses a provider: there are no waiters */

        return;
    }

    one = 1;

    n = write(oauthcc_notify_fd, &one, sizeof(uint64_t));

    if (n == -1 && ngx_errno != NGX_EAGAIN) {
        ngx_log_error(NGX_LOG_ALERT, log, ngx_errno,
                      "oauthcc: write() to eventfd failed");
    }
}


static void
oauthcc_notify_handler(ngx_event_t *ev)
{
    ngx_log_debug0(NGX_LOG_DEBUG_EVENT, ev->log, 0, "oauthcc wake");

    oauthcc_notify_listener();
}
