
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _NGX_HTTP_OAUTHCC_SURVEY_H_INCLUDED_
#define _NGX_HTTP_OAUTHCC_SURVEY_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "status/oauthcc_snapshot.h"
#include "core/oauthcc_types.h"


/*
 * Takes down how things are in the zone: the providers of this configuration,
 * with at most "limit" entries, the most recently used ones of each.  All of
 * it lies in the pool.  NGX_ERROR if memory runs out.
 */
ngx_int_t ngx_http_oauthcc_survey_take(ngx_pool_t *pool,
    ngx_http_oauthcc_main_conf_t *omcf, ngx_uint_t limit,
    ngx_http_oauthcc_report_t *report);


#endif /* _NGX_HTTP_OAUTHCC_SURVEY_H_INCLUDED_ */
