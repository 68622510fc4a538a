
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _NGX_HTTP_OAUTHCC_WAKE_H_INCLUDED_
#define _NGX_HTTP_OAUTHCC_WAKE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


typedef void (*ngx_http_oauthcc_wake_pt)(void);


/*
 * Makes the one event that all workers share, those of later cycles and of
 * this one: to be called in the master, before workers are started.
 */
ngx_int_t ngx_http_oauthcc_wake_init(ngx_log_t *log);

/*
 * Has handler called in this worker after each ngx_http_oauthcc_wake() of
 * any worker, this one included.  Several calls may come as one.
 */
ngx_int_t ngx_http_oauthcc_wake_listen(ngx_cycle_t *cycle,
    ngx_http_oauthcc_wake_pt handler);

/* Tells all workers that something in the zone has changed. */
void ngx_http_oauthcc_wake(ngx_log_t *log);


#endif /* _NGX_HTTP_OAUTHCC_WAKE_H_INCLUDED_ */
