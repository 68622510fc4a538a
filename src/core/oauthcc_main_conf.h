
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_MAIN_CONF_H_INCLUDED_
#define _OAUTHCC_MAIN_CONF_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_provider_conf.h"


/* content handlers that pass requests to an upstream: proxy, gRPC, FastCGI */
#define OAUTHCC_GATES         5


/* a module that passes requests to an upstream; each has its own gate */

typedef struct {
    ngx_http_handler_pt  handler;  /* its content handler */
    ngx_uint_t           index;    /* in its loc_conf */
    ngx_uint_t           caches;   /* it supports a cache */
    size_t               conf;     /* in ngx_http_upstream's */
} oauthcc_upstream_modules_t;


/*
 * a variable whose value is kept while a request is built, see variable_values
 */

typedef struct {
    ngx_uint_t                 index;
    ngx_http_variable_value_t  value;

    /*
     * of a variable that users define: its handler, and whether it read ours
     */
    ngx_http_get_variable_pt   get_handler;
    uintptr_t                  data;
    ngx_uint_t                 ours;
    ngx_uint_t                 assigned; /* by "set": it is not made anew */
    ngx_http_variable_value_t  hidden;   /* meanwhile */
} oauthcc_remember_t;


typedef struct {
    ngx_array_t                 providers; /* provider pointers */
    ngx_rbtree_t                names;
    ngx_rbtree_node_t           sentinel;
    ngx_array_t                 bindings; /* binding pointers */
    ngx_array_t                 readies;  /* locations, see ready */
    oauthcc_cache_t            *cache;
    oauthcc_store_t            *store;   /* NULL: there is no block */
    size_t                      zone_size;

    /* called with the cycle of this configuration when the zone is there */
    ngx_int_t                 (*init)(ngx_cycle_t *cycle);
    ngx_cycle_t                *cycle;

    oauthcc_upstream_modules_t  passing[OAUTHCC_GATES];

    /* while the configuration is read: all of them, to compare */
    ngx_array_t                 locations; /* void **: loc_conf */
    ngx_uint_t                  merged;  /* that is over */

    /* names of all headers that any location sets */
    ngx_array_t                 placed;  /* ngx_str_t */

    /*
     * Variables: those that show a header that is set, those made of
     * arguments, and those that users define, which may depend on anything.
     */
    ngx_array_t                 members; /* ngx_str_t: of responses */
    ngx_array_t                 shown;
    ngx_array_t                 arguments;
    ngx_array_t                 derived;
    ngx_uint_t                  recall;  /* one may be read */
} ngx_http_oauthcc_main_conf_t;


/* The provider of this name, or NULL.  It costs a search in a tree. */
oauthcc_provider_t *oauthcc_main_conf_provider(
    ngx_http_oauthcc_main_conf_t *omcf, ngx_str_t *name);


#endif /* _OAUTHCC_MAIN_CONF_H_INCLUDED_ */
