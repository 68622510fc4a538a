
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_CONTEXT_H_INCLUDED_
#define _OAUTHCC_CONTEXT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_main_conf.h"
#include "token/oauthcc_token_types.h"


/* an oauthcc directive: lives as long as its cycle */

typedef struct {
    ngx_str_t                  name;
    oauthcc_provider_t        *provider;
    ngx_http_complex_value_t  *variable;  /* instead of provider */
    ngx_array_t               *parameters; /* NULL: none */
    ngx_http_complex_value_t  *subject;   /* subject_token=; NULL: none */
    ngx_int_t                  subject_variable; /* index, if the subject is
                                                    one variable, or -1 */
    ngx_uint_t                 optional;
    ngx_uint_t                 varies;    /* with the request */
    ngx_uint_t                 fixed;     /* the provider's own entry */
    ngx_uint_t                 passes;    /* a location of it has proxy_pass
                                             or its like */

    ngx_str_t                  file;
    ngx_uint_t                 line;
} oauthcc_binding_t;


/* placements of the credential in a location: oauthcc_header, oauthcc_query */

typedef struct {
    ngx_str_t                 name;
    u_char                   *lowcase;
    ngx_http_complex_value_t  value;
} oauthcc_placement_t;

typedef struct {
    ngx_array_t       headers;   /* placement_t */
    ngx_array_t       arguments; /* placement_t */
    oauthcc_fields_t  stripped;  /* the names alone */
} oauthcc_placements_t;


/* a line of oauthcc_replay: which responses are refusals, see replay_rule */

typedef enum {
    OAUTHCC_REPLAY_GRPC_OFF = 0,
    OAUTHCC_REPLAY_GRPC_PASS,  /* with grpc_pass only */
    OAUTHCC_REPLAY_GRPC_ON
} oauthcc_replay_grpc_e;

typedef struct {
    ngx_array_t                statuses;   /* ngx_uint_t */
    oauthcc_replay_grpc_e      grpc_16;    /* grpc-status 16 */
    ngx_http_complex_value_t  *condition;  /* NULL: none */
    ngx_uint_t                 non_idempotent;
} oauthcc_replay_rule_t;

typedef struct {
    ngx_array_t                lines;      /* replay_rule_t */
    ngx_uint_t                 below_400;  /* so may be one: bits, by kind */
} oauthcc_replay_rules_t;


/* a location, or an "if" or "limit_except" block in one */

typedef struct oauthcc_loc_conf_s  ngx_http_oauthcc_loc_conf_t;

struct oauthcc_loc_conf_s {
    oauthcc_binding_t            *binding;     /* NULL: off */
    oauthcc_replay_rules_t       *replay;      /* NULL: off */
    oauthcc_placements_t         *placements;  /* NULL: Authorization */
    ngx_http_complex_value_t     *dpop_uri;    /* NULL: as it is sent */
    uint32_t                      location;    /* its number, never 0 */

    /* oauthcc_ready: pointers to providers; NULL: it is not set */
    ngx_array_t                  *ready;

    /* the argument of proxy_pass and its like, and its place */
    ngx_str_t                     pass;
    ngx_str_t                     pass_file;
    ngx_uint_t                    pass_line;
    ngx_uint_t                    insecure;    /* upstream_tls_e */

    /* the gate before the block's handler, see conf/upstream_modules */
    ngx_http_handler_pt           gate;
    ngx_http_handler_pt          *handler;
    ngx_http_oauthcc_loc_conf_t  *family;      /* the location of the block */
    ngx_http_oauthcc_loc_conf_t  *next;        /* the next block of it */
    ngx_uint_t                    used;        /* a block has "oauthcc" */

    /* cache keys, by gate, and a bit for each that contains a token */
    ngx_str_t                     keys[OAUTHCC_GATES];
    ngx_uint_t                    token_keys;
};


/* how an upstream module sends the headers and arguments of a request */

typedef enum {
    OAUTHCC_INJECT_PROXY = 0,  /* a buffer of HTTP, line and headers */
    OAUTHCC_INJECT_GRPC,
    OAUTHCC_INJECT_CGI         /* parameters named HTTP_... */
} oauthcc_inject_kind_e;


/* the state of a request whose response may be in a cache, see page_cache */

typedef enum {
    OAUTHCC_PAGE_CACHE_NOT = 0,
    OAUTHCC_PAGE_CACHE_DEFERRED,     /* a token is asked for only if the
                                        request has to be sent */
    OAUTHCC_PAGE_CACHE_ASK,          /* it is asked for now */
    OAUTHCC_PAGE_CACHE_FAILED,       /* there is none: send a stale page */
    OAUTHCC_PAGE_CACHE_REFUSE        /* which is not there, or not allowed */
} oauthcc_page_cache_e;


typedef struct oauthcc_body_copy_s  oauthcc_body_copy_t;
typedef struct oauthcc_body_wait_s  oauthcc_body_wait_t;
typedef struct oauthcc_dpop_s       oauthcc_dpop_t;


/*
 * The context of a request or subrequest.  Lives in the request's pool; a
 * redirect creates a new one.
 */

typedef struct {
    oauthcc_acquire_t             acquire;
    oauthcc_provider_t           *provider;   /* NULL: bypassed */
    oauthcc_local_t              *local;      /* a reference */
    oauthcc_fields_t             *fields;     /* of the placements */
    oauthcc_dpop_t               *dpop;       /* the last proof */
    oauthcc_body_copy_t          *body;       /* that nginx does not buffer */
    size_t                        limit_rate; /* before the first response */

    unsigned                      limit_rate_set:1;
    unsigned                      asked:1;    /* acquire has a result */
    unsigned                      refused:1;  /* by one of the servers */
    unsigned                      bound:1;    /* it is sent with a proof */
    unsigned                      below_400:1; /* so may be a refusal */
    unsigned                      challenged:1; /* sent again for a nonce */
    unsigned                      replayed:1;
    unsigned                      judged:1;   /* there is no replay any more */
    unsigned                      body_read:1;
    unsigned                      cleanup:1;  /* a handler is registered */
    unsigned                      invalid:1;  /* a value of the fields is */
    unsigned                      late:3;     /* oauthcc_page_cache_e */
    unsigned                      has_subject:1; /* a token of the caller */

    /* from here on, what is written before it is read: not zeroed */

    ngx_http_request_t           *request;
    ngx_http_oauthcc_loc_conf_t  *conf;
    ngx_pool_cleanup_t            pool_cleanup;
    uint64_t                      serial;     /* the credential in fields */
    ngx_msec_t                    now;        /* of the attempt */

    /* of the upstream module, and values before the first response */
    oauthcc_inject_kind_e         kind;

    ngx_int_t                   (*create_request)(ngx_http_request_t *r);
    ngx_int_t                   (*reinit_request)(ngx_http_request_t *r);
    ngx_int_t                   (*process_header)(ngx_http_request_t *r);
    ngx_str_t                    *charset;

    oauthcc_body_wait_t          *body_wait;
} ngx_http_oauthcc_ctx_t;


#endif /* _OAUTHCC_CONTEXT_H_INCLUDED_ */
