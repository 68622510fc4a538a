
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_ALARM_H_INCLUDED_
#define _OAUTHCC_ALARM_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/*
 * A timer that the kernel keeps, one a worker: a timer that is nearly always
 * set makes each of nginx's own dearer, as their tree is never empty then.
 */

typedef void (*oauthcc_alarm_pt)(void);

/*
 * Call it once in a worker.  The handler is called after the time that
 * alarm_set() is given.
 */
void oauthcc_alarm_start(ngx_cycle_t *cycle, oauthcc_alarm_pt handler);

/*
 * In so many milliseconds, instead of an earlier call.  NGX_DECLINED: the
 * system has none, or the method of nginx's events has no use for it.
 */
ngx_int_t oauthcc_alarm_set(ngx_msec_t msec);


#endif /* _OAUTHCC_ALARM_H_INCLUDED_ */
