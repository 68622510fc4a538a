
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>
#include <sys/timerfd.h>
#include "core/oauthcc_alarm.h"


static void oauthcc_alarm_handler(ngx_event_t *ev);


/* of the worker; -1: there is none */
static int               oauthcc_alarm_fd = -1;
static oauthcc_alarm_pt  oauthcc_alarm_listener;


void
oauthcc_alarm_start(ngx_cycle_t *cycle, oauthcc_alarm_pt handler)
{
    ngx_connection_t  *c;

    oauthcc_alarm_listener = handler;

    if (oauthcc_alarm_fd != -1 || !(ngx_event_flags & NGX_USE_CLEAR_EVENT)) {

        /* a level-triggered event would fire until it is read */

        return;
    }

    oauthcc_alarm_fd = timerfd_create(CLOCK_MONOTONIC,
                                      TFD_NONBLOCK|TFD_CLOEXEC);
    if (oauthcc_alarm_fd == -1) {
        return;
    }

    c = ngx_get_connection(oauthcc_alarm_fd, cycle->log);
    if (c == NULL) {
        goto failed;
    }

    c->pool = cycle->pool;

    c->read->handler = oauthcc_alarm_handler;
    c->read->log = cycle->log;
    c->write->log = cycle->log;

    /* neither a client's nor to be closed when a worker exits */

    c->read->channel = 1;
    c->write->channel = 1;

    /* it is never read: each time that is reached is a new event */

    if (ngx_add_event(c->read, NGX_READ_EVENT, NGX_CLEAR_EVENT) == NGX_OK) {
        return;
    }

    ngx_free_connection(c);

failed:

    (void) close(oauthcc_alarm_fd);

    oauthcc_alarm_fd = -1;
}


ngx_int_t
oauthcc_alarm_set(ngx_msec_t msec)
{
    struct itimerspec  time;

    if (oauthcc_alarm_fd == -1) {
        return NGX_DECLINED;
    }

    ngx_memzero(&time, sizeof(struct itimerspec));

    time.it_value.tv_sec = msec / 1000;
    time.it_value.tv_nsec = (msec % 1000) * 1000000;

    return (timerfd_settime(oauthcc_alarm_fd, 0, &time, NULL) == 0)
           ? NGX_OK : NGX_DECLINED;
}


static void
oauthcc_alarm_handler(ngx_event_t *ev)
{
    ngx_log_debug0(NGX_LOG_DEBUG_EVENT, ev->log, 0, "oauthcc alarm");

    oauthcc_alarm_listener();
}
