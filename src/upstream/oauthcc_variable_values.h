
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_VARIABLE_VALUES_H_INCLUDED_
#define _OAUTHCC_VARIABLE_VALUES_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_main_conf.h"
#include "token/oauthcc_token_types.h"


/*
 * What nginx remembers of a request's variables while our headers and
 * arguments stand in the place of its own.  A variable that is first read
 * then keeps its value, as without us, unless that value would show what is
 * ours: $http_NAME, $arg_NAME and the like, and all that holds a trace of it.
 * What is made of $oauthcc_NAME is forgotten too, and whenever it was read it
 * is made anew by the next reader: there may have been no token yet, a replay
 * has another one, and a subrequest, which shares the values, may have another
 * provider.
 */


/*
 * Sorts out the variables of a configuration, and takes the place of handlers
 * to see which of them read ours.  NGX_ERROR: no memory.
 */
ngx_int_t oauthcc_variable_values_init(ngx_cycle_t *cycle,
    ngx_http_oauthcc_main_conf_t *mcf, ngx_array_t *variables);

/* To be called where one of ours is read. */
void oauthcc_variable_values_own(void);

/*
 * Before what is ours stands there, and after, where mcf->recall says that it
 * is of use: in other configurations no variable is looked at.  end() is told
 * what begin() has returned.  The credential may be NULL: nothing is ours
 * then.  No other request of the worker may be built in between.
 */
u_char *oauthcc_variable_values_begin(ngx_http_request_t *r,
    ngx_http_oauthcc_main_conf_t *mcf);
void oauthcc_variable_values_end(ngx_http_request_t *r,
    ngx_http_oauthcc_main_conf_t *mcf, u_char *captures,
    oauthcc_fields_t *fields, oauthcc_credential_t *credential);

/* The same for $args and its kind, where the request's own URI is replaced. */
void oauthcc_variable_values_put(ngx_http_request_t *r,
    ngx_array_t *remembered);
void oauthcc_variable_values_restore(ngx_http_request_t *r,
    ngx_array_t *remembered);


/* $1, $2 and so on, while values are made anew */

typedef struct {
#if (NGX_PCRE)
    u_char      *data;
    int         *captures;
    ngx_uint_t   ncaptures;
#endif
} oauthcc_variable_values_fresh_t;

/*
 * Between fresh() and stale() variables that users define are made anew, as of
 * the present attempt at an upstream, and after it all of them are as before:
 * the next attempt, and who reads them after the last, see nothing of it.
 */
void oauthcc_variable_values_fresh(ngx_http_request_t *r,
    ngx_http_oauthcc_main_conf_t *mcf, oauthcc_variable_values_fresh_t *saved);
void oauthcc_variable_values_stale(ngx_http_request_t *r,
    ngx_http_oauthcc_main_conf_t *mcf, oauthcc_variable_values_fresh_t *saved);


#endif /* _OAUTHCC_VARIABLE_VALUES_H_INCLUDED_ */
