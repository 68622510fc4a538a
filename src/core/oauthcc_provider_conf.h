
/*
 * Copyright (C) the ngx_http_oauthcc_module authors
 */


#ifndef _OAUTHCC_PROVIDER_CONF_H_INCLUDED_
#define _OAUTHCC_PROVIDER_CONF_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include "core/oauthcc_clock.h"
#include "core/oauthcc_fields.h"
#include "core/oauthcc_value.h"


/* each is defined by the room that owns it */

typedef struct oauthcc_signing_key_s       oauthcc_signing_key_t;
typedef struct oauthcc_proofs_s            oauthcc_proofs_t;
typedef struct oauthcc_url_s               oauthcc_url_t;
typedef struct oauthcc_document_request_s  oauthcc_document_request_t;
typedef struct oauthcc_cache_s             oauthcc_cache_t;
typedef struct oauthcc_local_s             oauthcc_local_t;
typedef struct oauthcc_metadata_s          oauthcc_metadata_t;
typedef struct oauthcc_store_s             oauthcc_store_t;
typedef struct oauthcc_provider_s          oauthcc_provider_t;


/* the client: client_id and its authentication */

typedef struct {
    oauthcc_value_t         id;
    oauthcc_value_t         secret;
    ngx_uint_t              method;     /* client_auth_e */
    ngx_str_t               method_name;  /* for operators */
    ngx_uint_t              basic_encoding; /* client_auth_encoding_e */

    oauthcc_signing_key_t  *key;        /* NULL: no client assertion */
    oauthcc_value_t         key_file;
    oauthcc_value_t         key_password;
    oauthcc_value_t         certificate;
    ngx_str_t               alg;
    ngx_str_t               kid;
    ngx_str_t               assertion_audience;
    ngx_msec_t              assertion_lifetime;

    /* of a JWT that is a grant, or the token itself */
    ngx_uint_t              assertion_use;     /* client_auth_use_e */
    oauthcc_value_t         assertion_issuer;
    oauthcc_value_t         assertion_subject;
    ngx_array_t             assertion_claims;  /* claim_t */

    oauthcc_value_t         assertion;  /* client_assertion */
    ngx_str_t               assertion_type;
} oauthcc_client_auth_t;


/* the grant: grant_type, scope and other parameters */

typedef struct {
    ngx_str_t        type;
    oauthcc_value_t  username;
    oauthcc_value_t  password;
    oauthcc_value_t  scope;
    oauthcc_value_t  audience;
    ngx_array_t      resources;  /* ngx_str_t */
    ngx_array_t      params;     /* named_t */
    ngx_array_t      headers;    /* named_t */
    ngx_str_t        token_type;

    /* a token of the caller, see token/caller.h */
    ngx_str_t        subject_token_type;
    ngx_msec_t       subject_token_lifetime;
    ngx_str_t        subject_parameter; /* its name; empty: not allowed */
    ngx_uint_t       subject;           /* each login needs one */
} oauthcc_grant_t;


/* dpop: tokens that are bound to a key (RFC 9449) */

/* the algorithm of a key that is derived from the zone's secret */
#define OAUTHCC_DPOP_ALG  "ES256"

typedef struct {
    ngx_flag_t              on;
    oauthcc_value_t         key_file;
    oauthcc_value_t         key_password;
    ngx_str_t               alg;
    ngx_str_t               uri;         /* of the token endpoint */
    oauthcc_signing_key_t  *key;         /* of the file; NULL: derived */
    ngx_str_t               thumbprint;  /* of the key of the file */
    u_char                 *account;     /* digest of the provider's key */
} oauthcc_dpop_conf_t;


/* forward_proxy: through it logins reach the token endpoint; no host: off */

typedef struct {
    ngx_str_t        host;
    in_port_t        port;
    ngx_str_t        authority;  /* host:port */
    ngx_uint_t       known;      /* the host needs no DNS */
    ngx_str_t        user;
    oauthcc_value_t  password;
    ngx_str_t        file;       /* where it is configured */
    ngx_uint_t       line;

    ngx_addr_t      *addrs;      /* as resolved at the start of nginx */
    ngx_uint_t       naddrs;     /* 0: each login resolves them */
    ngx_addr_t      *local;      /* proxy_bind */
    ngx_uint_t       transparent;
    ngx_uint_t       keepalive;  /* proxy_socket_keepalive */
    ngx_msec_t       connect_timeout;
} oauthcc_forward_proxy_t;


/* the token endpoint, and the hidden server that sends requests to it */

typedef struct {
    oauthcc_url_t             *url;
    ngx_http_complex_value_t  *value;          /* of a URL with variables */
    ngx_uint_t                 issuer;         /* the URL is an issuer's */
    ngx_str_t                  pass;           /* proxy_pass */
    ngx_http_conf_ctx_t       *ctx;            /* of the hidden server */
    ngx_uint_t                 next_upstream;  /* proxy_next_upstream */
    ngx_array_t                transport;      /* ngx_str_t: proxy_* */
    ngx_uint_t                 certificate;    /* proxy_ssl_certificate */
    ngx_str_t                  thumbprint;     /* of the certificate, or "" */
    ngx_uint_t                 system_ca;      /* verified with its bundle */
    ngx_flag_t                 ssl_verify;
    ngx_flag_t                 allow_http;
    oauthcc_forward_proxy_t    forward_proxy;
} oauthcc_endpoint_t;


/* an attr directive: a value of a document's config; life of the provider */

typedef struct {
    ngx_str_t        name;
    oauthcc_value_t  value;
    ngx_uint_t       used;
} oauthcc_attr_t;


/* login_json: a document that replaces client, grant and endpoint */

typedef struct {
    oauthcc_document_request_t  *login_json;
    ngx_str_t                    path;
    ngx_array_t                  attrs;        /* attr_t */
    ngx_uint_t                   per_request;  /* a login per request */
} oauthcc_document_conf_t;


/* milliseconds */

typedef struct {
    ngx_msec_t  default_expires;
    ngx_msec_t  refresh_before;
    ngx_msec_t  expiry_margin;
    ngx_flag_t  keep_warm;
} oauthcc_lifetime_conf_t;


typedef struct {
    ngx_msec_t  timeout;
    ngx_msec_t  wait_timeout;
    ngx_msec_t  backoff_min;
    ngx_msec_t  backoff_max;
    ngx_msec_t  retry_after_max;
    ngx_msec_t  replay_interval;
    size_t      max_response;
    ngx_int_t   max_logins;
    ngx_int_t   max_waiters;  /* 0: the default */
} oauthcc_limits_t;


/* which logins begin first, see cache/turn.h */

typedef enum {
    OAUTHCC_TURN_RENEW = 0,  /* the last login of the entry succeeded */
    OAUTHCC_TURN_NEW,        /* there was none */
    OAUTHCC_TURN_RETRY,      /* it failed */
    OAUTHCC_TURNS
} oauthcc_turn_e;


/* what a provider's secret files contain */

typedef struct {
    uint64_t        digest;   /* of all of them, 0: there are none */
    oauthcc_time_t  read_at;  /* when all were read last */
} oauthcc_content_t;


/* a message that is not logged each time */

typedef struct {
    oauthcc_time_t  at;      /* it was logged at this point, if "any" */
    ngx_uint_t      untold;  /* how often it was not logged since */
    ngx_uint_t      any;
} oauthcc_told_t;


/*
 * the run-time part of a provider: the only one that is written after
 * configuration, by each worker for itself
 */

typedef struct {
    oauthcc_cache_t     *cache;
    void                *stats;     /* in the zone */
    oauthcc_local_t     *local;     /* the entry without parameters */
    oauthcc_metadata_t  *metadata;  /* of an issuer */
    oauthcc_proofs_t    *proofs;    /* of dpop; NULL: none yet */
    oauthcc_content_t    content;   /* as last read */

    /* local entries, by parameters of requests, with their waiters */
    ngx_rbtree_t         locals;
    ngx_rbtree_node_t    sentinel;
    ngx_queue_t          recent;
    ngx_uint_t           nlocals;
    ngx_uint_t           waiting;

    /* local entries that wait for one of max_logins, see login_queue */
    ngx_queue_t          queue;     /* of providers that have any */
    ngx_queue_t          turns[OAUTHCC_TURNS];
    ngx_rbtree_t         callers;   /* by address, see caller_queue */
    ngx_rbtree_node_t    callers_sentinel;
    ngx_uint_t           fresh;     /* waiters of the class NEW */
    ngx_uint_t           noted;     /* classes that the zone knows of, bits */
    ngx_uint_t           next;      /* the class to ask for next */
    void                *asking;    /* the waiter that asks */
    uint64_t             places;    /* lease_places() when it asked */
    ngx_event_t          turn;      /* posted to ask */

    /* during a backoff: checks the secret files, see rotation */
    ngx_event_t          watch;
    oauthcc_time_t       watch_until;

    /* not 0: no login waits for other gateways until then, see login_store */
    oauthcc_time_t       store_doubt;

    /* messages about callers, see login_message and caller_limit */
    oauthcc_told_t       failures;
    oauthcc_told_t       crowded;

    /* the last warning that an upstream refuses new tokens too */
    oauthcc_time_t       warned_at;
    ngx_uint_t           warned;

    /* the last warning that it refuses proofs of DPoP */
    ngx_msec_t           proof_warned_at;
    ngx_uint_t           proof_warned;
} oauthcc_runtime_t;


/* an oauthcc_provider block: lives as long as its cycle */

struct oauthcc_provider_s {
    ngx_str_node_t           sn;          /* in the tree of names */
    ngx_str_t                name;
    ngx_str_t                file;        /* where the block begins */
    ngx_uint_t               line;
    ngx_log_t               *log;         /* for messages of nginx -t */
    oauthcc_fields_t         stripped;    /* names that are removed from a
                                             request without a credential */
    ngx_array_t              directives;  /* directive_t, by rank */
    ngx_array_t              values;      /* provider_value_t, all of them */

    oauthcc_client_auth_t    client;
    oauthcc_grant_t          grant;
    oauthcc_dpop_conf_t      dpop;
    oauthcc_endpoint_t       endpoint;
    oauthcc_document_conf_t  document;
    oauthcc_lifetime_conf_t  lifetime;
    oauthcc_limits_t         limits;
    ngx_array_t             *members;     /* of responses, to be kept */
    ngx_flag_t               use_store;
    oauthcc_store_t         *store;       /* NULL: none, or off */
    oauthcc_runtime_t        runtime;
};


#endif /* _OAUTHCC_PROVIDER_CONF_H_INCLUDED_ */
