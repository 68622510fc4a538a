
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_NOTIFY_H_INCLUDED_
#define _OAUTHCC_NOTIFY_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


typedef void (*oauthcc_notify_pt)(void);


/*
 * Creates the one event that all workers share, those of later cycles too.
 * Call it in the master, before workers are started.
 */
ngx_int_t oauthcc_notify_init(ngx_log_t *log);

/*
 * Calls handler in this worker after each oauthcc_notify() of any worker, this
 * one included.  Several calls may be merged into one.
 */
ngx_int_t oauthcc_notify_listen(ngx_cycle_t *cycle, oauthcc_notify_pt handler);

/* Tells all workers that something in the zone has changed. */
void oauthcc_notify(ngx_log_t *log);


#endif /* _OAUTHCC_NOTIFY_H_INCLUDED_ */
